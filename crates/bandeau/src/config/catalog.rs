//! The catalogue of well-known services, built in: one TOML file each, facts only. The build gathers the files; this
//! room reads them and finds them again. It does not print, and what a purpose means it does not know.

use super::raw;

/// Every entry with its name, sorted by it.
const ENTRIES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/catalog.rs"));

/// The names that `use` takes.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    ENTRIES.iter().map(|(name, _)| *name)
}

/// One entry.
pub(crate) fn find(name: &str) -> Option<raw::Service> {
    let at = ENTRIES.binary_search_by(|(entry, _)| (*entry).cmp(name)).ok()?;
    toml::from_str(ENTRIES[at].1).ok()
}

/// The entries in which a word occurs, whatever its case: in their name, category or controller, or in the name of a
/// host, cookie or storage key.
pub(crate) fn search(word: &str) -> Vec<(&'static str, raw::Service)> {
    let word = word.to_lowercase();
    let fits = |name: &str, entry: &raw::Service| {
        let hosts = entry.hosts.iter().flatten().map(|host| host.get_ref().as_str());
        let kept = [&entry.cookies, &entry.storage].into_iter().flatten().flat_map(|names| &names.0);
        let mut texts = hosts
            .chain(kept.map(|(name, _)| name.get_ref().as_str()))
            .chain(entry.category.iter().map(|category| category.get_ref().as_str()))
            .chain(entry.name.as_deref())
            .chain(entry.controller.as_deref())
            .chain([name]);
        texts.any(|text| text.to_lowercase().contains(&word))
    };
    let all = names().filter_map(|name| Some((name, find(name)?)));
    all.filter(|(name, entry)| fits(name, entry)).collect()
}

/// Names that somebody may have meant, the nearest first: at most three.
pub(crate) fn near(word: &str) -> Vec<&'static str> {
    let word = word.to_lowercase().replace([' ', '_', '.'], "-");
    let far = |name: &str| {
        let parts = name.split('-').filter(|part| part.len() > 3).map(|part| steps(part, &word));
        parts.chain([steps(name, &word)]).min().unwrap_or(usize::MAX)
    };
    let mut found: Vec<_> =
        names().map(|name| (far(name), name)).filter(|(far, _)| *far <= (word.len() / 3).min(3)).collect();
    found.sort_unstable();
    found.into_iter().take(3).map(|(_, name)| name).collect()
}

/// How many letters must be put in, taken out or changed to make one word of another (Levenshtein).
fn steps(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (at, letter) in one.chars().enumerate() {
        let mut corner = std::mem::replace(&mut row[0], at + 1);
        for (column, &against) in other.iter().enumerate() {
            let changed = corner + usize::from(letter != against);
            corner = row[column + 1];
            row[column + 1] = changed.min(row[column] + 1).min(corner + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{keep, parse};
    use bandeau_consent::{Policy, Service, Standing, Verdict};
    use std::collections::{BTreeMap, BTreeSet};
    use std::path::Path;
    use std::sync::Arc;
    use url::Url;

    const CATEGORIES: [&str; 13] = [
        "advertising",
        "audience",
        "audio",
        "chat",
        "comments",
        "maps",
        "payment",
        "platform",
        "resources",
        "social",
        "tags",
        "testing",
        "video",
    ];

    /// Third parties whose own pages name no legal entity.
    const NAMELESS: [&str; 4] = ["canal-u", "giscus", "unpkg", "utterances"];

    /// Names that several entries claim, and why: where more than one is used, the name is kept out until all may.
    const SHARED: &[(&str, &[&str], &str)] = &[
        ("__eoi", &["google-ad-manager", "google-adsense"], "one cookie of Google's for both products"),
        ("__gads", &["google-ad-manager", "google-adsense"], "one cookie of Google's for both products"),
        ("__gpi", &["google-ad-manager", "google-adsense"], "one cookie of Google's for both products"),
        ("__gpi_optout", &["google-ad-manager", "google-adsense"], "one cookie of Google's for both products"),
        ("_gac_*", &["google-ads", "google-analytics"], "Analytics keeps a click on an advertisement for Ads"),
        ("_pk_cvar.*", &["matomo", "matomo-cloud"], "the same software, with and without a third party"),
        ("_pk_hsr.*", &["matomo", "matomo-cloud"], "the same software, with and without a third party"),
        ("_pk_id.*", &["matomo", "matomo-cloud", "piwik-pro"], "the same software, and one that grew out of it"),
        ("_pk_ref.*", &["matomo", "matomo-cloud"], "the same software, with and without a third party"),
        ("_pk_ses.*", &["matomo", "matomo-cloud", "piwik-pro"], "the same software, and one that grew out of it"),
        ("_pk_testcookie*", &["matomo", "matomo-cloud"], "the same software, with and without a third party"),
        ("PHPSESSID", &["magento", "php", "prestashop"], "the session of the language both shops are written in"),
    ];

    fn all() -> Vec<(&'static str, raw::Service)> {
        let read = |(name, text): &(&'static str, &str)| {
            (*name, toml::from_str(text).unwrap_or_else(|error| panic!("catalog/{name}.toml: {error}")))
        };
        ENTRIES.iter().map(read).collect()
    }

    /// A policy in which these entries are all there is.
    fn policy(names: &[&str]) -> Arc<Policy> {
        let site = "upstream = \"http://127.0.0.1:1\"\n[site]\nname = \"S\"\nhosts = [\"site.test\"]\n\
                    controller = \"C\"\nprivacy = \"/p\"\n";
        let uses = names.iter().map(|name| format!("[[service]]\nuse = \"{name}\"\n"));
        let text = site.to_owned() + &uses.collect::<String>();
        let faults = |faults: Vec<crate::config::Fault>| {
            faults.iter().map(|fault| fault.line(&names.join(" "), &text)).collect::<Vec<_>>().join("\n")
        };
        parse(&text).map_err(faults).unwrap_or_else(|faults| panic!("{faults}")).policy
    }

    /// Whether the only service of a policy is what a sample belongs to.
    fn recognises(policy: &Policy, sample: &str) -> bool {
        let service = &policy.draft().services[0];
        let verdict = match sample.split_once(':') {
            Some(("cookie", name)) => policy.cookie(Standing::Undecided, name),
            Some(("storage", key)) => policy.storage(Standing::Undecided, key),
            // An exempt service's routes pass as every other does.
            Some(("route", path)) => return service.routes.iter().any(|route| route.matches("GET", path, "")),
            _ => {
                let url = Url::parse(sample).unwrap_or_else(|error| panic!("{}: {sample}: {error}", service.id));
                assert!(url.scheme() == "https" && url.has_host(), "{}: {sample}", service.id);
                assert_eq!(
                    policy.service_at(&url).is_some(),
                    !matches!(policy.url(Standing::Undecided, &url, "site.test"), Verdict::Unknown),
                    "{}: {sample}",
                    service.id
                );
                policy.url(Standing::Undecided, &url, "site.test")
            }
        };
        match verdict {
            Verdict::Unknown => false,
            Verdict::Hold(purpose) => service.purposes.contains(&purpose.id),
            Verdict::Pass(_) => service.purposes.iter().all(|id| policy.exempt().any(|purpose| purpose.id == *id)),
        }
    }

    #[test]
    fn there_are_enough_and_each_is_a_file() {
        let names: Vec<_> = names().collect();
        assert!(names.len() >= 150, "only {}", names.len());
        assert!(names.is_sorted(), "found by halving");
        assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len());
        let room = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../catalog");
        let files = std::fs::read_dir(room).unwrap().map(|file| file.unwrap().path());
        let files: BTreeSet<_> =
            files.filter_map(|file| Some(file.file_name()?.to_str()?.strip_suffix(".toml")?.to_owned())).collect();
        assert!(files.iter().map(String::as_str).eq(names.iter().copied()), "the build missed a file");
    }

    #[test]
    fn every_entry_says_what_it_must() {
        let mut called = BTreeSet::new();
        for (name, entry) in all() {
            let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
            assert!(name.chars().all(plain), "{name}");
            assert!(called.insert(entry.name.clone().unwrap_or_default().to_lowercase()), "{name}: named as another");
            let text = |text: &Option<raw::Text>| text.as_ref().map(|text| text.get_ref().clone()).unwrap_or_default();
            assert!(CATEGORIES.contains(&text(&entry.category).as_str()), "{name}: {}", text(&entry.category));
            for page in [Some(text(&entry.source)), entry.privacy.clone()].into_iter().flatten() {
                let url = Url::parse(&page).unwrap_or_else(|error| panic!("{name}: {page}: {error}"));
                assert!(
                    url.scheme() == "https" && url.domain().is_some_and(|host| host.contains('.')),
                    "{name}: {page}"
                );
            }
            let checked = text(&entry.checked);
            let parts: Vec<u32> = checked.split('-').map(|part| part.parse().unwrap_or(0)).collect();
            assert!(checked.len() == 10, "{name}: {checked}");
            assert!(matches!(parts[..], [2024..=2099, 1..=12, 1..=31]), "{name}: {checked}");
            assert!(!text(&entry.source).contains("ghostery"), "{name}: its licence forbids commercial use");
            assert!(entry.hosts.is_none() || entry.privacy.is_some(), "{name}: where is its privacy page?");
            assert_eq!(entry.hosts.is_some() && entry.controller.is_none(), NAMELESS.contains(&name), "{name}: whose?");
            assert!(entry.retention.is_none() && entry.id.is_none() && entry.from.is_none(), "{name}");
            for (kept, time) in [&entry.cookies, &entry.storage].into_iter().flatten().flat_map(|names| &names.0) {
                let time = time.as_ref().map(|time| time.get_ref().as_str()).unwrap_or_default();
                assert!(keep::minutes(time).is_some(), "{name}: {} is kept {time:?}", kept.get_ref());
            }
        }
    }

    #[test]
    fn samples_are_recognised_and_near_misses_are_not() {
        for (name, entry) in all() {
            let policy = policy(&[name]);
            let service = &policy.draft().services[0];
            let samples = entry.samples.unwrap_or_else(|| panic!("{name} has no samples")).into_inner();
            assert!(!samples.hits.is_empty() && samples.misses.len() >= 2, "{name}");
            for hit in &samples.hits {
                assert!(recognises(&policy, hit), "{name} must recognise {hit}");
            }
            for miss in &samples.misses {
                assert!(!recognises(&policy, miss), "{name} must not recognise {miss}");
            }
            let idle = unsampled(service, &samples.hits);
            assert!(idle.is_empty(), "{name}: no sample shows {idle:?}");
        }
    }

    /// The patterns of a service that none of these samples fits.
    fn unsampled(service: &Service, hits: &[String]) -> Vec<String> {
        let of = |kind: &str| hits.iter().filter_map(|hit| hit.strip_prefix(kind)).collect::<Vec<_>>();
        let (cookies, keys, routes) = (of("cookie:"), of("storage:"), of("route:"));
        let urls: Vec<Url> = hits.iter().filter_map(|hit| Url::parse(hit).ok()).filter(Url::has_host).collect();
        let hosts = service.hosts.iter().filter(|host| {
            let fits = |url: &Url| host.matches(url.host_str().unwrap()) && url.path().starts_with(host.path());
            !urls.iter().any(fits)
        });
        let hosts = hosts.map(ToString::to_string);
        let names = |patterns: &[bandeau_consent::NamePattern], seen: &[&str]| {
            let idle = patterns.iter().filter(|pattern| !seen.iter().any(|name| pattern.matches(name)));
            idle.map(|pattern| pattern.as_str().to_owned()).collect::<Vec<_>>()
        };
        let idle = service.routes.iter().filter(|route| !routes.iter().any(|path| route.matches("GET", path, "")));
        hosts
            .chain(names(&service.cookies, &cookies))
            .chain(names(&service.storage, &keys))
            .chain(idle.map(ToString::to_string))
            .collect()
    }

    #[test]
    fn all_together_are_one_policy_and_keep_apart() {
        let policy = policy(&names().collect::<Vec<_>>());
        let mut claims: BTreeMap<String, Vec<&str>> = BTreeMap::new();
        for service in &policy.draft().services {
            let hosts = service.hosts.iter().map(ToString::to_string);
            let names = service.cookies.iter().map(|name| name.as_str().to_owned());
            for pattern in hosts.chain(names) {
                claims.entry(pattern).or_default().push(service.id.as_str());
            }
        }
        claims.retain(|_, names| names.len() > 1);
        let shared: BTreeMap<_, _> =
            SHARED.iter().map(|(what, names, _)| ((*what).to_owned(), names.to_vec())).collect();
        assert_eq!(claims, shared, "what several claim must be explained, and what is explained be claimed");
        for (name, entry) in all() {
            for hit in entry.samples.map(|samples| samples.into_inner().hits).unwrap_or_default() {
                let Some(url) = Url::parse(&hit).ok().filter(Url::has_host) else { continue };
                let nearest = policy.service_at(&url).map(|service| service.id.as_str());
                assert_eq!(nearest, Some(name), "{hit}");
            }
        }
    }

    #[test]
    fn words_are_found_where_people_look() {
        let names = |word: &str| search(word).into_iter().map(|(name, _)| name).collect::<Vec<_>>();
        assert_eq!(names("").len(), ENTRIES.len());
        assert!(names("YouTube-NoCookie").contains(&"youtube"), "a host, whatever its case");
        assert!(names("_pk_id").contains(&"matomo"), "a cookie");
        assert!(names("isso:").contains(&"isso") || names("isso-").contains(&"isso"), "a storage key");
        assert!(names("google ireland").contains(&"youtube"), "a controller");
        assert!(names("payment").contains(&"stripe"), "a category");
        assert!(names("zzzz").is_empty());
        assert_eq!(near("matommo").first(), Some(&"matomo"));
        assert_eq!(near("google analytics").first(), Some(&"google-analytics"));
        assert_eq!(near("zzzzzzzzzzzzzzzz"), Vec::<&str>::new());
    }

    #[test]
    fn the_summary_counts_what_there_is() {
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for (_, entry) in all() {
            *counts.entry(entry.category.unwrap().into_inner()).or_default() += 1;
        }
        let page = include_str!("../../../../docs/operate/catalog.md");
        for (category, count) in &counts {
            let row = format!("| `{category}` | {count} |");
            assert!(page.contains(&row), "docs/operate/catalog.md: expected the row {row}");
        }
        let total = format!("{} services", ENTRIES.len());
        assert!(page.contains(&total), "docs/operate/catalog.md: expected {total}");
    }
}
