//! Makes sense of the file: every table on its own, so that all faults come out at once.

use super::fault::Fault;
use super::policy;
use super::raw::{self, Listen, Text};
use super::signals;
use super::span::{Faults, duration};
use super::theme;
use super::{Book, Config, Limits, Tls, Witness};
use crate::learn::Learning;
use bandeau_consent::{Digest, HostPattern, Language, Unknown};
use bandeau_gate::{Connections, Inline, Means};
use bandeau_ledger::log::WitnessKey;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use toml::Spanned;
use toml::de::{DeTable, DeValue, ValueDeserializer};
use url::Url;

const KEYS: &str = "listen, upstream, [tls], [site], [theme], [texts], [book], [policy], [http], [limits], [signals], [learn], [admin], [[purpose]], [[service]], [[feature]]";

/// The file's tables, each read or found wanting.
struct File<'i> {
    root: DeTable<'i>,
    faults: Faults,
}

impl<'i> File<'i> {
    fn value<T: DeserializeOwned>(&mut self, key: &str) -> Option<T> {
        let value = self.root.remove(key)?;
        self.decode(key, value)
    }

    fn decode<T: DeserializeOwned>(&mut self, key: &str, value: Spanned<DeValue<'i>>) -> Option<T> {
        let at = value.span();
        match T::deserialize(ValueDeserializer::from(value)) {
            Ok(value) => Some(value),
            Err(error) => {
                self.faults.add(error.span().unwrap_or(at), key, error.message());
                None
            }
        }
    }

    /// The entries of `[[key]]`, each on its own.
    fn list<T: DeserializeOwned>(&mut self, key: &str) -> Vec<(T, std::ops::Range<usize>)> {
        let Some(value) = self.root.remove(key) else {
            return Vec::new();
        };
        let at = value.span();
        match value.into_inner() {
            DeValue::Array(entries) => entries
                .into_iter()
                .filter_map(|entry| {
                    let at = entry.span();
                    self.decode(key, entry).map(|entry| (entry, at))
                })
                .collect(),
            other => {
                self.faults.add(at, key, format!("is a {}: expected tables written [[{key}]]", other.type_str()));
                Vec::new()
            }
        }
    }
}

pub(crate) fn read(text: &str) -> Result<Config, Vec<Fault>> {
    let (root, errors) = DeTable::parse_recoverable(text);
    if !errors.is_empty() {
        let fault = |error: toml::de::Error| Fault::new(error.span().unwrap_or(0..0), "", error.message());
        return Err(errors.into_iter().map(fault).collect());
    }
    let mut file = File { root: root.into_inner(), faults: Faults::default() };
    let config = tables(&mut file);
    for (key, value) in &file.root {
        file.faults.add(
            key.span().start..value.span().end,
            "",
            format!("{:?} is not a key: expected {KEYS}", key.get_ref()),
        );
    }
    let mut faults = file.faults.0;
    faults.sort_by_key(|fault| fault.at.start);
    match config {
        Some(config) if faults.is_empty() => Ok(config),
        _ => Err(faults),
    }
}

fn tables(file: &mut File<'_>) -> Option<Config> {
    let listen = listen(file);
    let upstream = upstream(file);
    let site: Option<raw::Site> =
        required(file, "site", "the [site] table is missing: who is responsible, and for which hosts");
    let look: raw::Theme = file.value("theme").unwrap_or_default();
    let texts: raw::Texts = file.value("texts").unwrap_or_default();
    let book: raw::Book = file.value("book").unwrap_or_default();
    let rules: raw::Policy = file.value("policy").unwrap_or_default();
    let http: raw::Http = file.value("http").unwrap_or_default();
    let limits: raw::Limits = file.value("limits").unwrap_or_default();
    let learn: raw::Learn = file.value("learn").unwrap_or_default();
    let admin: raw::Admin = file.value("admin").unwrap_or_default();
    let tls: Option<raw::Tls> = file.value("tls");
    let said: Option<Spanned<raw::Signals>> = file.value("signals");
    let declared = policy::Declared {
        purposes: file.list("purpose"),
        services: file.list("service"),
        features: file.list("feature"),
    };
    let faults = &mut file.faults;
    let theme = theme::read(&look, faults);
    let texts = theme::texts(&texts, faults);
    let own = site.as_ref().map(|site| bandeau_banner::Site { theme, texts, ..read_site(site, faults) });
    let hosts = site.as_ref().map(|site| faults.all(&site.hosts, "site.hosts", HostPattern::new)).unwrap_or_default();
    let host = hosts.first().map_or_else(String::new, ToString::to_string);
    let links = site.as_ref().map(|site| faults.all(&site.links, "site.links", HostPattern::new)).unwrap_or_default();
    let country = site
        .as_ref()
        .and_then(|site| site.country.as_ref())
        .and_then(|text| faults.take(text, "site.country", country));
    let used = declared.names();
    let policy = policy::compile(hosts, country.as_deref(), rules.unknown.as_ref(), declared, faults);
    let reports = learn.reports.unwrap_or(false);
    let signals = signals::read(said, used, policy.as_ref(), faults);
    Some(Config {
        book: read_book(&book, host.trim_start_matches("*."), faults),
        limits: read_limits(&limits, faults),
        admin: admin.listen.as_ref().and_then(|text| faults.take(text, "admin.listen", address)),
        trust: faults.all(&http.trust, "http.trust", |read| {
            read.parse::<IpAddr>().map_err(|_| format!("{read:?} is not an IP address: expected one such as 127.0.0.1"))
        }),
        compress: http.compress.unwrap_or(true),
        learning: Learning {
            file: PathBuf::from(learn.file.as_deref().unwrap_or("learned.json")),
            on: reports || policy.as_ref().is_some_and(|policy| policy.draft().unknown == Unknown::Learn),
        },
        means: Arc::new(Means { reports, ..read_means(&rules, links, faults) }),
        variants: http.variants.unwrap_or(false),
        gpc_file: rules.gpc_file.unwrap_or(true),
        clear: faults.all(&rules.clear, "policy.clear", clear),
        digest: Digest([0; 32]),
        text: Arc::default(),
        changed: None,
        tls: tls.map(|tls| Tls { cert: PathBuf::from(tls.cert), key: PathBuf::from(tls.key) }),
        listen,
        country,
        upstream: upstream?,
        site: own?,
        signals: signals?,
        policy: Arc::new(policy?),
    })
}

fn required<T: DeserializeOwned>(file: &mut File<'_>, key: &str, missing: &str) -> Option<T> {
    if !file.root.contains_key(key) {
        file.faults.add(0..0, key, missing);
    }
    file.value(key)
}

fn address(read: &str) -> Result<SocketAddr, String> {
    read.parse().map_err(|_| format!("{read:?} is not an address: expected IP:PORT, such as 127.0.0.1:8080"))
}

fn listen(file: &mut File<'_>) -> Vec<SocketAddr> {
    let Some(value) = file.root.remove("listen") else {
        return vec![SocketAddr::from(([127, 0, 0, 1], 8080))];
    };
    let at = value.span();
    let several = match Listen::deserialize(ValueDeserializer::from(value)) {
        Ok(Listen::One(one)) => vec![one],
        Ok(Listen::Several(several)) => several,
        Err(_) => {
            file.faults.add(at, "listen", "expected \"IP:PORT\" or a list of them");
            return Vec::new();
        }
    };
    several
        .iter()
        .filter_map(|read| address(read).map_err(|says| file.faults.add(at.clone(), "listen", says)).ok())
        .collect()
}

fn upstream(file: &mut File<'_>) -> Option<Url> {
    let text: Text = required(
        file,
        "upstream",
        "the site to stand before is missing: expected upstream = \"http://127.0.0.1:8081\"",
    )?;
    file.faults.take(&text, "upstream", |read| {
        let url = Url::parse(read)
            .map_err(|error| format!("{read:?} is not an address ({error}): expected http://HOST:PORT"))?;
        let plain = matches!(url.scheme(), "http" | "https")
            && url.path() == "/"
            && url.query().is_none()
            && url.username().is_empty();
        plain
            .then_some(url)
            .ok_or_else(|| format!("{read:?} has more than scheme, host and port: expected http://HOST:PORT"))
    })
}

/// What `Clear-Site-Data` may take (Clear Site Data §3.1). Never cookies: those set in the same answer go too.
fn clear(read: &str) -> Result<String, String> {
    match read {
        "cache" | "storage" => Ok(read.to_owned()),
        "cookies" | "*" => Err(format!(
            "{read:?} would delete the refusal that is set in the same answer, and log the visitor out; cookies of held \
             services are taken away by name anyway: expected \"cache\" or \"storage\""
        )),
        _ => Err(format!("{read:?} is nothing a browser is told to clear: expected \"cache\" or \"storage\"")),
    }
}

fn country(read: &str) -> Result<String, String> {
    let good = read.len() == 2 && read.bytes().all(|byte| byte.is_ascii_uppercase());
    good.then(|| read.to_owned())
        .ok_or_else(|| format!("{read:?} is not a country: expected two capitals of ISO 3166, such as FR"))
}

fn read_site(site: &raw::Site, faults: &mut Faults) -> bandeau_banner::Site {
    let known = bandeau_banner::Phrases::languages();
    let language = |read: &str| match Language::new(read) {
        Ok(language) if known.contains(&read) => Ok(language),
        _ => Err(format!("{read:?} is not a language we speak: expected {}", known.join(", "))),
    };
    let mut languages = faults.all(&site.languages, "site.languages", language);
    if languages.is_empty() {
        languages.extend(known.iter().filter_map(|language| Language::new(language).ok()));
    }
    if site.hosts.is_empty() {
        faults.add(
            0..0,
            "site.hosts",
            "is empty: expected the hosts that are the site's own, such as [\"www.example.org\"]",
        );
    }
    let link = |read: &str| {
        let good = read.starts_with('/') || read.starts_with("https://") || read.starts_with("http://");
        good.then(|| read.to_owned())
            .ok_or_else(|| format!("{read:?} is not a link: expected a path such as /privacy or an https:// address"))
    };
    let privacy = faults.take(&site.privacy, "site.privacy", link).unwrap_or_default();
    let (name, controller) = (site.name.clone(), site.controller.clone());
    let (texts, theme) = (BTreeMap::new(), bandeau_banner::Theme::default());
    bandeau_banner::Site { name, controller, privacy, languages, texts, theme }
}

fn read_means(policy: &raw::Policy, links: Vec<HostPattern>, faults: &mut Faults) -> Means {
    let connections =
        faults.or(policy.connections.as_ref(), "policy.connections", Connections::On, |read| match read {
            "on" => Ok(Connections::On),
            "off" => Ok(Connections::Off),
            "report" => Ok(Connections::Report),
            _ => Err(format!("{read:?} is not a way to list connections: expected \"on\", \"off\" or \"report\"")),
        });
    let script = faults.or(policy.script.as_ref(), "policy.script", true, |read| match read {
        "on" => Ok(true),
        "off" => Ok(false),
        _ => Err(format!("{read:?} does not say whether the first script is used: expected \"on\" or \"off\"")),
    });
    let inline = faults.or(policy.inline.as_ref(), "policy.inline", Inline::Hold, |read| match read {
        "hold" => Ok(Inline::Hold),
        "hold-all" => Ok(Inline::HoldAll),
        "pass" => Ok(Inline::Pass),
        _ => Err(format!("{read:?} is not a way to treat inline scripts: expected \"hold\", \"hold-all\" or \"pass\"")),
    });
    Means { connections, script, inline, links, reports: false }
}

fn read_book(book: &raw::Book, host: &str, faults: &mut Faults) -> Book {
    let store = faults.or(book.store.as_ref(), "book.store", "sqlite:bandeau.db".to_owned(), |read| {
        bandeau_ledger::names_store(read).map(|()| read.to_owned()).map_err(|error| error.to_string())
    });
    let keep = faults.or(book.keep.as_ref(), "book.keep", Duration::from_secs(180 * 86_400), |read| {
        // The cookie must not outlive what browsers allow (RFC 6265bis §5.5: 400 days).
        duration(read).and_then(|keep| {
            let fits = keep <= Duration::from_secs(400 * 86_400);
            fits.then_some(keep)
                .ok_or_else(|| format!("{read:?} is longer than browsers keep a cookie: expected at most 400d"))
        })
    });
    let retain = faults.or(book.retain.as_ref(), "book.retain", None, |read| duration(read).map(Some));
    let key = book.key.clone().unwrap_or_else(|| "bandeau.key".to_owned());
    let origin = format!("{host}/.well-known/bandeau/log");
    let witnesses = book.witness.iter().filter_map(|said| witness(said, faults)).collect();
    Book {
        store,
        local: book.local.as_ref().map(PathBuf::from),
        origin,
        key: PathBuf::from(key),
        keep,
        retain,
        witnesses,
    }
}

fn witness(said: &raw::Witness, faults: &mut Faults) -> Option<Witness> {
    let url = faults.take(&said.url, "book.witness.url", |read| match Url::parse(read) {
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => Ok(read.to_owned()),
        _ => Err(format!("{read:?} is no address to ask a witness at: expected http:// or https:// and a host")),
    });
    let key = faults.take(&said.key, "book.witness.key", |read| {
        WitnessKey::parse(read)
            .map_err(|error| format!("{error}: expected a verifier key with a time, such as name+1a2b3c4d+BF…"))
    });
    Some(Witness { url: url?, key: key? })
}

fn read_limits(limits: &raw::Limits, faults: &mut Faults) -> Limits {
    let mut time =
        |text: &Option<Text>, key, default| faults.or(text.as_ref(), key, Duration::from_secs(default), duration);
    let (connect, answer) = (time(&limits.connect, "limits.connect", 5), time(&limits.answer, "limits.answer", 60));
    let (idle, head) = (time(&limits.idle, "limits.idle", 300), time(&limits.head, "limits.head", 15));
    let mut count = |value: &Option<Spanned<usize>>, key, default, least, most| match value {
        None => default,
        Some(value) if (least..=most).contains(value.get_ref()) => *value.get_ref(),
        Some(value) => {
            faults.add(value.span(), key, format!("{} is out of range: expected {least} to {most}", value.get_ref()));
            default
        }
    };
    Limits {
        connect,
        answer,
        idle,
        head,
        header_bytes: count(&limits.header_bytes, "limits.header_bytes", 64 << 10, 8 << 10, 1 << 20),
        connections: count(&limits.connections, "limits.connections", 10_000, 1, 1_000_000),
    }
}
