//! Whom an audit knows: the catalogue that is built in, the operator's configuration, filter lists and a cookie database. The
//! facts are put side by side; what weighs more the audit says.

use crate::cause;
use crate::cli::Failure;
use crate::config::{Config, catalog, raw};
use bandeau_audit::who::{Directory, Known, Service};
use bandeau_consent::{Basis, HostPattern, NamePattern, Policy, RoutePattern};
use std::path::{Path, PathBuf};

/// Categories of what a page needs for itself. Every other follows people.
const NEEDED: [&str; 3] = ["payment", "platform", "resources"];

/// Everybody who is known.
///
/// # Errors
/// When a file cannot be read, or is not what it was named as.
pub(super) fn directory(
    lists: &[PathBuf],
    cookies: Option<&Path>,
    config: Option<&Config>,
) -> Result<Directory, Failure> {
    let mut all: Vec<Known> = catalog::names().filter_map(|name| entry(name, &catalog::find(name)?)).collect();
    all.extend(config.into_iter().flat_map(|config| declared(&config.policy)));
    let mut directory = Directory::new(all);
    if config.is_some() {
        directory.configure();
    }
    for path in lists {
        let name =
            path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned());
        let report = directory.list(&name, &text(path)?);
        if report.rules == 0 {
            return Err(Failure(format!("{} holds no rule of a filter list", path.display())));
        }
        if report.bad > 0 {
            tracing::info!(list = name, rules = report.rules, unread = report.bad, first = ?report.samples, "lines of a list cannot be read and are left out");
        }
    }
    if let Some(path) = cookies {
        let fail = |error| Failure(format!("{} {}", path.display(), cause::chain(&error)));
        let report = directory.cookies(&text(path)?).map_err(fail)?;
        if report.cookies == 0 {
            return Err(Failure(format!("{} holds no cookie", path.display())));
        }
        if report.bad > 0 {
            tracing::info!(cookies = report.cookies, unread = report.bad, first = ?report.samples, "entries of the cookie database make no sense and are left out");
        }
    }
    Ok(directory)
}

fn text(path: &Path) -> Result<String, Failure> {
    let fail = |error| Failure(format!("cannot read {}: {error}", path.display()));
    // Lists are written by many hands: a byte that is no UTF-8 costs its line, not the list.
    std::fs::read(path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).map_err(fail)
}

/// An entry of the catalogue. Its own tests read every one, so that nothing is left out here.
fn entry(name: &str, entry: &raw::Service) -> Option<Known> {
    let built = bandeau_banner::purposes();
    let serves = entry.serves()?;
    let of = |id: &raw::Text| built.iter().find(|purpose| purpose.id.as_str() == id.get_ref());
    let list = |texts: &Option<Vec<raw::Text>>| texts.iter().flatten().map(|text| text.get_ref().clone()).collect();
    let names = |names: &Option<raw::Names>| {
        let all = names.iter().flat_map(|names| &names.0);
        all.filter_map(|(name, _)| NamePattern::new(name.get_ref()).ok()).collect()
    };
    let (hosts, routes): (Vec<String>, Vec<String>) = (list(&entry.hosts), list(&entry.routes));
    let category = category(entry);
    Some(Known {
        service: Service {
            id: name.to_owned(),
            name: entry.name.clone().unwrap_or_else(|| name.to_owned()),
            controller: entry.controller.clone().unwrap_or_default(),
            tracker: !NEEDED.contains(&category.as_str()),
            category,
        },
        declared: false,
        exempt: serves.iter().all(|id| of(id).is_some_and(|purpose| purpose.basis == Basis::Exempt)),
        sale: serves.iter().any(|id| of(id).is_some_and(|purpose| purpose.sale)),
        hosts: hosts.iter().filter_map(|host| HostPattern::new(host).ok()).collect(),
        cookies: names(&entry.cookies),
        storage: names(&entry.storage),
        routes: routes.iter().filter_map(|route| RoutePattern::new(route).ok()).collect(),
    })
}

fn category(entry: &raw::Service) -> String {
    entry.category.as_ref().map(|text| text.get_ref().clone()).unwrap_or_default()
}

/// What the operator declares.
fn declared(policy: &Policy) -> Vec<Known> {
    let purposes = &policy.draft().purposes;
    let known = |service: &bandeau_consent::Service| {
        let serves = || purposes.iter().filter(|purpose| service.purposes.contains(&purpose.id));
        let exempt = serves().all(|purpose| purpose.basis == Basis::Exempt);
        let category = catalog::find(service.id.as_str()).map(|entry| category(&entry)).unwrap_or_default();
        Known {
            service: Service {
                id: service.id.to_string(),
                name: service.name.clone(),
                controller: service.controller.clone(),
                tracker: if category.is_empty() { !exempt } else { !NEEDED.contains(&category.as_str()) },
                category,
            },
            declared: true,
            exempt,
            sale: serves().any(|purpose| purpose.sale),
            hosts: service.hosts.clone(),
            cookies: service.cookies.clone(),
            storage: service.storage.clone(),
            routes: service.routes.clone(),
        }
    };
    policy.draft().services.iter().map(known).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::parse;

    #[test]
    fn the_whole_catalogue_is_known() {
        let all: Vec<Known> = catalog::names().filter_map(|name| entry(name, &catalog::find(name)?)).collect();
        assert_eq!(all.len(), catalog::names().count());
        let find = |id: &str| all.iter().find(|one| one.service.id == id).unwrap();
        let (ads, fonts, stripe) = (find("google-ads"), find("google-fonts"), find("stripe"));
        assert!(ads.service.tracker && ads.sale && !ads.exempt && !ads.hosts.is_empty());
        assert!(!fonts.service.tracker && !fonts.sale && !fonts.exempt);
        assert!(!stripe.service.tracker && stripe.exempt);
        for name in catalog::names() {
            let (raw, known) = (catalog::find(name).unwrap(), find(name));
            let count = |names: &Option<raw::Names>| names.as_ref().map_or(0, |names| names.0.len());
            assert_eq!(known.hosts.len(), raw.hosts.as_ref().map_or(0, Vec::len), "{name}");
            assert_eq!(known.cookies.len(), count(&raw.cookies), "{name}");
            assert_eq!(known.storage.len(), count(&raw.storage), "{name}");
            assert_eq!(known.routes.len(), raw.routes.as_ref().map_or(0, Vec::len), "{name}");
        }
    }

    #[test]
    fn what_the_operator_declares_is_known_as_that() {
        let text = "upstream = \"http://127.0.0.1:1\"\n[site]\nname = \"S\"\nhosts = [\"site.test\"]\n\
            controller = \"C\"\nprivacy = \"/p\"\n\
            [[service]]\nuse = \"google-analytics\"\n\
            [[service]]\nid = \"cdn\"\nname = \"CDN\"\npurpose = \"technical\"\ncontroller = \"C\"\nprivacy = \"/p\"\nhosts = [\"cdn.test\"]\n";
        let config = parse(text).unwrap_or_else(|faults| panic!("{}", faults[0].line("test", text)));
        let all = declared(&config.policy);
        let find = |id: &str| all.iter().find(|one| one.service.id == id).unwrap();
        let (counter, cdn) = (find("google-analytics"), find("cdn"));
        assert!(counter.declared && counter.service.tracker && !counter.exempt);
        assert_eq!(counter.service.category, "audience");
        assert!(cdn.declared && cdn.exempt && !cdn.service.tracker);
    }

    #[test]
    fn files_that_are_something_else_are_named() {
        let dir = tempfile::tempdir().unwrap();
        let file = |name: &str, text: &[u8]| {
            let path = dir.path().join(name);
            std::fs::write(&path, text).unwrap();
            path
        };
        let why = |lists: &[PathBuf], cookies: Option<&Path>| match directory(lists, cookies, None) {
            Ok(_) => String::new(),
            Err(Failure(why)) => why,
        };
        let list = file("list.txt", b"||ads.test^\n\xff\xfe\n");
        assert_eq!(why(&[list], None), "");
        assert!(why(&[file("none.txt", b"! nothing\n")], None).contains("no rule"));
        assert!(why(&[dir.path().join("gone.txt")], None).contains("cannot read"));
        assert!(why(&[], Some(&file("cookies.json", b"[1]"))).contains("not a cookie database"));
        assert!(why(&[], Some(&file("empty.json", b"{}"))).contains("no cookie"));
    }
}
