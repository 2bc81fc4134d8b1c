//! What goes live, as files: everything visitors are shown in every language, and what decides it (docs/spec/mechanism.md).
//! It draws what the house draws, for a visitor who has not answered, and knows neither the archive nor the log.

use crate::config::{Config, redact};
use crate::house::Estate;
use bandeau_banner::{Asset, Embed, Face, First, Inline, Message, View};
use bandeau_consent::{Basis, Grants, Policy, Standing};
use bandeau_ledger::{Part, Version};
use serde::Serialize;
use std::collections::BTreeMap;

const HTML: &str = "text/html; charset=utf-8";
const JSON: &str = "application/json; charset=utf-8";
const FIELDS: &str = "application/octet-stream";

/// The version that an estate is.
///
/// # Errors
/// Never, as far as is known: everything in it has a spelling in JSON.
pub(crate) fn version(estate: &Estate, config: &Config) -> Result<Version, serde_json::Error> {
    let faces = &estate.faces;
    let mut parts = common(estate, config)?;
    for face in faces {
        parts.extend(spoken(face, &estate.policy)?);
    }
    let language = |face: &Face| face.notice().language.as_str().to_owned();
    Ok(Version {
        program: concat!("bandeau ", env!("CARGO_PKG_VERSION")).to_owned(),
        policy: estate.policy.hash(),
        languages: faces[..estate.offered].iter().map(|face| language(face)).collect(),
        notices: faces.iter().map(|face| (language(face), face.digest())).collect(),
        parts,
    })
}

fn part(name: impl Into<String>, kind: &'static str, bytes: impl Into<Vec<u8>>) -> Part {
    Part { name: name.into(), kind, bytes: bytes.into() }
}

/// What is the same in every language.
fn common(estate: &Estate, config: &Config) -> Result<Vec<Part>, serde_json::Error> {
    let policy = &estate.policy;
    let file = |asset: &Asset| part(format!("files/{}", asset.name()), asset.kind(), asset.text());
    let (undecided, plain) = (Standing::Undecided, Inline::Plain);
    let first =
        if estate.means.script { First::new(policy, undecided, None).element(plain, false) } else { String::new() };
    let before = first + &estate.signals.element(policy, undecided, plain, false);
    let mut parts = vec![
        part("policy.fields", FIELDS, policy.canonical()),
        part("policy.json", JSON, serde_json::to_vec_pretty(&Readable::of(policy))?),
        part("configuration.toml", "application/toml; charset=utf-8", redact(&config.text)),
        part("before.html", HTML, before),
    ];
    let scripts = [bandeau_banner::first(), bandeau_banner::script(), bandeau_banner::seed(), estate.signals.file()];
    parts.extend(scripts.map(file));
    parts.extend(estate.faces.first().map(|face| file(face.style())));
    Ok(parts)
}

/// What is said in one language.
fn spoken(face: &Face, policy: &Policy) -> Result<Vec<Part>, serde_json::Error> {
    let language = &face.notice().language;
    let name = |rest: &str| format!("{language}/{rest}");
    let asked = view(Standing::Undecided);
    let mut parts = vec![
        part(name("notice.fields"), FIELDS, face.notice().canonical()),
        part(name("notice.html"), HTML, face.element(&asked)),
        part(name("band.html"), HTML, face.element(&view(Standing::Decided(policy.all_grants())))),
        part(name("settings.html"), HTML, face.settings(&asked)),
        part(name("texts.json"), JSON, serde_json::to_vec(face.phrases())?),
    ];
    for feature in &policy.draft().features {
        let held = policy.draft().purposes.iter().find(|purpose| feature.needs.contains(&purpose.id));
        let Some(purpose) = held else { continue };
        let embed = Embed { purpose, service: None, feature: Some(feature), width: None, height: None, frame: None };
        parts.push(part(name(&format!("placeholder.{}.html", feature.id)), HTML, face.placeholder(&asked, &embed)));
    }
    parts.push(part(name("messages.json"), JSON, serde_json::to_vec(&messages(face, policy))?));
    Ok(parts)
}

fn view(standing: Standing) -> View<'static> {
    View { standing, gpc: false, back: "/", style: Inline::Plain, script: Inline::Plain }
}

/// Every page that says something, by its code. They share one style, so it stays a file here.
fn messages(face: &Face, policy: &Policy) -> BTreeMap<&'static str, String> {
    let closed = policy.asked().next().map(|purpose| Message::Closed { feature: None, purpose });
    let all = [
        Message::StoreDown,
        Message::BadAnswer(""),
        Message::NoticeChanged,
        Message::CrossSite,
        Message::UpstreamDown,
        Message::UpstreamSlow,
        Message::Withheld(""),
        Message::TooLarge,
        Message::NotFound,
        Message::HeldForm,
        Message::Leave("host.example", "https://host.example/"),
    ];
    let view = View { style: Inline::File, ..view(Standing::Decided(Grants::NONE)) };
    all.iter().chain(&closed).map(|message| (message.code(), face.message(&view, message))).collect()
}

/// A policy for people who read JSON. Its identity is not made of this: `policy.fields` is.
#[derive(Serialize)]
struct Readable<'p> {
    digest: String,
    hosts: Vec<String>,
    unknown: &'static str,
    purposes: Vec<Purpose<'p>>,
    services: Vec<Service<'p>>,
    features: Vec<Feature<'p>>,
}

#[derive(Serialize)]
struct Purpose<'p> {
    id: &'p str,
    basis: &'static str,
    sale: bool,
    words: BTreeMap<&'p str, [&'p str; 3]>,
}

#[derive(Serialize)]
struct Service<'p> {
    id: &'p str,
    name: &'p str,
    controller: &'p str,
    privacy: &'p str,
    retention: &'p str,
    purposes: Vec<&'p str>,
    data: Vec<&'p str>,
    hosts: Vec<String>,
    cookies: Vec<&'p str>,
    storage: Vec<&'p str>,
    routes: Vec<String>,
    webrtc: bool,
    kept: Vec<[&'p str; 2]>,
}

#[derive(Serialize)]
struct Feature<'p> {
    id: &'p str,
    needs: Vec<&'p str>,
    routes: Vec<String>,
    embeds: &'p [String],
}

fn texts<T: ToString>(all: &[T]) -> Vec<String> {
    all.iter().map(ToString::to_string).collect()
}

impl<'p> Readable<'p> {
    fn of(policy: &'p Policy) -> Self {
        let draft = policy.draft();
        Self {
            digest: policy.hash().to_string(),
            hosts: texts(&draft.hosts),
            unknown: match draft.unknown {
                bandeau_consent::Unknown::Hold => "hold",
                bandeau_consent::Unknown::Pass => "pass",
                bandeau_consent::Unknown::Learn => "learn",
            },
            purposes: draft.purposes.iter().map(purpose).collect(),
            services: draft.services.iter().map(service).collect(),
            features: draft.features.iter().map(feature).collect(),
        }
    }
}

fn purpose(one: &bandeau_consent::Purpose) -> Purpose<'_> {
    Purpose {
        id: one.id.as_str(),
        basis: match one.basis {
            Basis::Exempt => "exempt",
            Basis::Consent => "consent",
        },
        sale: one.sale,
        words: one.wording.iter().map(|(language, w)| (language.as_str(), [&*w.title, &*w.text, &*w.cost])).collect(),
    }
}

fn service(one: &bandeau_consent::Service) -> Service<'_> {
    Service {
        id: one.id.as_str(),
        name: &one.name,
        controller: &one.controller,
        privacy: &one.privacy,
        retention: &one.retention,
        purposes: one.purposes.iter().map(|id| id.as_str()).collect(),
        data: one.data.iter().map(|category| category.as_str()).collect(),
        hosts: texts(&one.hosts),
        cookies: one.cookies.iter().map(|name| name.as_str()).collect(),
        storage: one.storage.iter().map(|name| name.as_str()).collect(),
        routes: texts(&one.routes),
        webrtc: one.webrtc,
        kept: one.kept.iter().map(|kept| [kept.name.as_str(), &kept.span]).collect(),
    }
}

fn feature(one: &bandeau_consent::Feature) -> Feature<'_> {
    Feature {
        id: one.id.as_str(),
        needs: one.needs.iter().map(|id| id.as_str()).collect(),
        routes: texts(&one.routes),
        embeds: &one.embeds,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bandeau_consent::{Digest, Notice};
    use bandeau_ledger::Manifest;
    use std::collections::BTreeSet;

    fn made(text: &str) -> Version {
        let config = crate::config::parse(text).unwrap();
        version(&Estate::new(&config), &config).unwrap()
    }

    fn content<'v>(version: &'v Version, name: &str) -> &'v [u8] {
        &version.parts.iter().find(|part| part.name == name).unwrap_or_else(|| panic!("no {name}")).bytes
    }

    const TEXT: &str = include_str!("config/template.toml");

    #[test]
    fn a_version_is_the_same_whenever_it_is_made_and_every_name_is_one() {
        let (one, two) = (made(TEXT), made(TEXT));
        let bytes = Manifest::new(&one, 7).bytes().unwrap();
        assert_eq!(bytes, Manifest::new(&two, 7).bytes().unwrap());
        assert!(Manifest::parse(&bytes).is_some(), "every name can be that of a file");
        let names: BTreeSet<&str> = one.parts.iter().map(|part| part.name.as_str()).collect();
        assert_eq!(names.len(), one.parts.len(), "no name is given twice");
        let size: usize = one.parts.iter().map(|part| part.bytes.len()).sum();
        eprintln!("{} files, {size} bytes, a manifest of {}", one.parts.len(), bytes.len());
        assert!(size < 4 << 20, "{size} bytes");
    }

    #[test]
    fn digests_in_records_are_those_of_files() {
        let version = made(TEXT);
        assert_eq!(version.notices.len(), bandeau_banner::Phrases::languages().len());
        for (language, digest) in &version.notices {
            let bytes = content(&version, &format!("{language}/notice.fields"));
            assert_eq!(Digest::of(bytes), *digest, "{language}");
            assert_eq!(Notice::parse(bytes).unwrap().language.as_str(), language);
            let html = String::from_utf8_lossy(content(&version, &format!("{language}/notice.html")));
            assert!(html.contains(&digest.to_string()), "{language}: the first layer answers this notice");
        }
        assert_eq!(Digest::of(content(&version, "policy.fields")), version.policy);
    }

    #[test]
    fn another_word_is_another_version_and_another_node_is_none() {
        let one = Manifest::new(&made(TEXT), 1);
        let listening = TEXT.replace("127.0.0.1:8080", "127.0.0.1:9090");
        assert_ne!(listening, TEXT);
        assert!(one.same(&Manifest::new(&made(&listening), 2)));
        let word = format!("{TEXT}\n[texts.fr.notice]\naccept = \"D'accord\"\n");
        let other = Manifest::new(&made(&word), 1);
        let changed: Vec<&str> = one
            .files
            .iter()
            .filter(|(name, file)| other.files[*name] != **file)
            .map(|(name, _)| name.as_str())
            .collect();
        assert!(changed.iter().all(|name| name.starts_with("fr/") || *name == "configuration.toml"), "{changed:?}");
        assert!(changed.contains(&"fr/notice.fields") && changed.contains(&"fr/texts.json"), "{changed:?}");
    }
}
