//! From tables to a policy: purposes and their words, services of the site's own and from the catalogue,
//! features.

use super::catalog;
use super::fault::Fault;
use super::keep;
use super::raw::{self, Text};
use super::span::Faults;
use bandeau_consent::{
    Basis, DataCategory, Draft, Feature, FeatureId, HostPattern, Language, NamePattern, Policy, Purpose, PurposeId,
    RoutePattern, Service, ServiceId, Unknown, Wording,
};
use std::collections::BTreeMap;
use std::ops::Range;

/// Countries whose authority says when audience measurement needs no consent (CNIL 2020-091). Elsewhere it is
/// asked for, unless the configuration says `basis = "exempt"`: the operator then answers for it.
const EXEMPTING: [&str; 1] = ["FR"];

/// The tables that declare what is asked, each with its place.
pub(crate) struct Declared {
    pub(crate) purposes: Vec<(raw::Purpose, Range<usize>)>,
    pub(crate) services: Vec<(raw::Service, Range<usize>)>,
    pub(crate) features: Vec<(raw::Feature, Range<usize>)>,
}

impl Declared {
    /// What the catalogue calls the services, in their order; their own names where they are not from it.
    pub(crate) fn names(&self) -> Vec<String> {
        let name = |raw: &raw::Service| raw.from.as_ref().or(raw.id.as_ref()).map(|name| name.get_ref().clone());
        self.services.iter().map(|(raw, _)| name(raw).unwrap_or_default()).collect()
    }
}

pub(crate) fn compile(
    hosts: Vec<HostPattern>,
    country: Option<&str>,
    unknown: Option<&Text>,
    declared: Declared,
    faults: &mut Faults,
) -> Option<Policy> {
    let before = faults.0.len();
    let unknown = faults.or(unknown, "policy.unknown", Unknown::Hold, |read| match read {
        "hold" => Ok(Unknown::Hold),
        "pass" => Ok(Unknown::Pass),
        "learn" => Ok(Unknown::Learn),
        _ => Err(format!("{read:?} is not a way to treat the undeclared: expected \"hold\", \"pass\" or \"learn\"")),
    });
    let services: Vec<Service> = declared.services.iter().filter_map(|(raw, at)| service(raw, at, faults)).collect();
    let features: Vec<Feature> = declared.features.iter().filter_map(|(raw, _)| feature(raw, faults)).collect();
    let purposes = purposes(&declared.purposes, country, &services, &features, faults);
    // What hangs together is checked also where single values are wrong: one run names everything.
    let policy = Policy::new(Draft { hosts, unknown, purposes, services, features })
        .map_err(|found| faults.0.extend(found.iter().map(|fault| place(fault, &declared))))
        .ok();
    policy.filter(|_| faults.0.len() == before)
}

/// The built-in purposes that something serves, changed and added to by the file's.
fn purposes(
    declared: &[(raw::Purpose, Range<usize>)],
    country: Option<&str>,
    services: &[Service],
    features: &[Feature],
    faults: &mut Faults,
) -> Vec<Purpose> {
    let named = |id: &PurposeId| declared.iter().any(|(raw, _)| raw.id.get_ref() == id.as_str());
    let served = |id: &PurposeId| {
        services.iter().any(|s| s.purposes.contains(id)) || features.iter().any(|f| f.needs.contains(id))
    };
    let exempts = country.is_some_and(|country| EXEMPTING.contains(&country));
    let mut purposes: Vec<Purpose> = bandeau_banner::purposes()
        .into_iter()
        .filter(|purpose| named(&purpose.id) || served(&purpose.id) || purpose.id.as_str() == "technical")
        .map(|purpose| match purpose.id.as_str() {
            "audience" if !exempts => Purpose { basis: Basis::Consent, ..purpose },
            _ => purpose,
        })
        .collect();
    for (raw, _) in declared {
        let Some(id) = faults.take(&raw.id, "purpose.id", PurposeId::new) else {
            continue;
        };
        let basis = raw.basis.as_ref().and_then(|text| faults.take(text, "purpose.basis", basis));
        let known = purposes.iter().position(|purpose| purpose.id == id);
        let at = known.unwrap_or_else(|| {
            purposes.push(Purpose { id, basis: Basis::Consent, sale: false, wording: BTreeMap::new() });
            purposes.len() - 1
        });
        purposes[at].basis = basis.unwrap_or(purposes[at].basis);
        purposes[at].sale = raw.sale.unwrap_or(purposes[at].sale);
        for (language, words) in &raw.words {
            match Language::new(language) {
                Ok(language) => reword(purposes[at].wording.entry(language).or_default(), words),
                Err(error) => faults.add(raw.id.span(), "purpose", error),
            }
        }
    }
    purposes
}

fn reword(wording: &mut Wording, words: &raw::Wording) {
    for (to, from) in
        [(&mut wording.title, &words.title), (&mut wording.text, &words.text), (&mut wording.cost, &words.cost)]
    {
        if let Some(from) = from {
            to.clone_from(from);
        }
    }
}

fn basis(read: &str) -> Result<Basis, String> {
    match read {
        "exempt" => Ok(Basis::Exempt),
        "consent" => Ok(Basis::Consent),
        _ => Err(format!("{read:?} is not a basis: expected \"exempt\" or \"consent\"")),
    }
}

fn service(raw: &raw::Service, at: &Range<usize>, faults: &mut Faults) -> Option<Service> {
    let base = match &raw.from {
        None => raw::Service::default(),
        Some(name) => faults.take(name, "service.use", |read| {
            catalog::find(read).ok_or_else(|| {
                let near = match catalog::near(read).as_slice() {
                    [] => String::new(),
                    near => format!(", such as {}", near.join(", ")),
                };
                format!("{read:?} is not in the catalogue: expected one that `bandeau services` lists{near}")
            })
        })?,
    };
    strays(raw, faults);
    let Some(id) = raw.id.as_ref().or(raw.from.as_ref()) else {
        faults.add(at.clone(), "service.id", "is missing: expected a name, or use = \"…\" from the catalogue");
        return None;
    };
    let id = faults.take(id, "service.id", ServiceId::new);
    let list =
        |of: fn(&raw::Service) -> &Option<Vec<Text>>| of(raw).clone().or_else(|| of(&base).clone()).unwrap_or_default();
    let text = |of: fn(&raw::Service) -> &Option<String>| of(raw).clone().or_else(|| of(&base).clone());
    let names = |of: fn(&raw::Service) -> &Option<raw::Names>| {
        of(raw).clone().or_else(|| of(&base).clone()).unwrap_or_default()
    };
    let (hosts, routes, data) = (list(|s| &s.hosts), list(|s| &s.routes), list(|s| &s.data));
    let purposes = raw.serves().or_else(|| base.serves()).unwrap_or_default();
    let purposes = faults.all(&purposes, "service.purpose", PurposeId::new);
    let data = faults.all(&data, "service.data", category);
    let hosts = faults.all(&hosts, "service.hosts", HostPattern::new);
    let (cookies, storage) = (names(|s| &s.cookies), names(|s| &s.storage));
    let mut kept = keep::names(&cookies, "service.cookies", faults);
    let cookies: Vec<NamePattern> = kept.iter().map(|kept| kept.name.clone()).collect();
    kept.extend(keep::names(&storage, "service.storage", faults));
    let storage = kept[cookies.len()..].iter().map(|kept| kept.name.clone()).collect();
    let routes = faults.all(&routes, "service.routes", RoutePattern::new);
    // Last, so that what else is wrong is named although the service has no name.
    let id = id?;
    Some(Service {
        name: text(|s| &s.name).unwrap_or_else(|| id.to_string()),
        controller: text(|s| &s.controller).unwrap_or_default(),
        privacy: text(|s| &s.privacy).unwrap_or_default(),
        retention: text(|s| &s.retention).unwrap_or_else(|| keep::longest(&kept)),
        purposes,
        data,
        hosts,
        cookies,
        storage,
        routes,
        webrtc: raw.webrtc.or(base.webrtc).unwrap_or_default(),
        kept: keep::once(kept),
        id,
    })
}

/// Keys that say how an entry of the catalogue came about mean nothing in a site's own file.
fn strays(raw: &raw::Service, faults: &mut Faults) {
    let texts = [("category", &raw.category), ("source", &raw.source), ("checked", &raw.checked)];
    let texts = texts.into_iter().filter_map(|(key, text)| Some((key, text.as_ref()?.span())));
    for (key, at) in texts.chain(raw.samples.as_ref().map(|samples| ("samples", samples.span()))) {
        faults.add(at, &format!("service.{key}"), "belongs to the catalogue: a [[service]] has no such key");
    }
}

fn category(read: &str) -> Result<DataCategory, String> {
    let all = || DataCategory::ALL.iter().map(|category| category.as_str()).collect::<Vec<_>>().join(", ");
    DataCategory::parse(read).ok_or_else(|| format!("{read:?} is not a category of data: expected {}", all()))
}

fn feature(raw: &raw::Feature, faults: &mut Faults) -> Option<Feature> {
    let selector = |read: &str| {
        let good = bandeau_gate::page::selects(read);
        good.then(|| read.to_owned()).ok_or_else(|| {
            format!("{read:?} is not a selector that can be matched in a stream: expected one such as #comments")
        })
    };
    Some(Feature {
        needs: faults.all(&raw.needs, "feature.needs", PurposeId::new),
        routes: faults.all(&raw.routes, "feature.routes", RoutePattern::new),
        embeds: faults.all(&raw.embeds, "feature.embeds", selector),
        id: faults.take(&raw.id, "feature.id", FeatureId::new)?,
    })
}

/// Where in the file a fault of the policy is.
fn place(fault: &bandeau_consent::Fault, declared: &Declared) -> Fault {
    use bandeau_consent::Fault as F;
    let purpose = |id: &PurposeId| {
        declared.purposes.iter().rev().find(|(raw, _)| raw.id.get_ref() == id.as_str()).map(|(_, at)| at.clone())
    };
    let service = |id: &ServiceId| {
        let named = |raw: &raw::Service| {
            raw.id.as_ref().or(raw.from.as_ref()).is_some_and(|name| name.get_ref() == id.as_str())
        };
        declared.services.iter().rev().find(|(raw, _)| named(raw)).map(|(_, at)| at.clone())
    };
    let feature = |id: &FeatureId| {
        declared.features.iter().rev().find(|(raw, _)| raw.id.get_ref() == id.as_str()).map(|(_, at)| at.clone())
    };
    let (at, key) = match fault {
        F::PurposeTwice(id) | F::Wordless(id) => (purpose(id), "purpose"),
        F::ServiceTwice(id)
        | F::Purposeless(id)
        | F::ServicePurpose { service: id, .. }
        | F::SiteHost { service: id, .. } => (service(id), "service"),
        F::FeatureTwice(id) | F::Needless(id) | F::FeaturePurpose { feature: id, .. } => (feature(id), "feature"),
        _ => (None, "purpose"),
    };
    Fault::new(at.unwrap_or(0..0), key, fault)
}
