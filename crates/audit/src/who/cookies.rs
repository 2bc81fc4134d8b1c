//! An open cookie database: names of cookies, each with the service behind it and what it is for. The form is that of the
//! Open Cookie Database: an object of services, each with a list of cookies. It is read tolerantly, for it is written by many
//! hands: an entry that makes no sense is counted and left out.

use super::name;
use serde_json::Value;
use std::collections::HashMap;

/// What the database says of one cookie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    /// The service or platform.
    pub(crate) service: String,
    /// Who answers for it.
    pub(crate) controller: String,
    /// The category, as written: `Functional`, `Analytics`, `Marketing`, `Security`, `Personalization`…
    pub(crate) category: String,
    /// How long it is kept, as written.
    pub(crate) kept: String,
    // Invariant: registrable domains; empty where the cookie is the site's own.
    domains: Vec<String>,
}

impl Entry {
    /// Whether the category means following people.
    pub(crate) fn tracker(&self) -> bool {
        matches!(self.category.to_ascii_lowercase().as_str(), "analytics" | "marketing" | "personalization")
    }
}

/// What became of a database while it was read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CookieReport {
    /// Cookies that are in use.
    pub cookies: u64,
    /// Entries that make no sense.
    pub bad: u64,
    /// What is wrong with the first of these, at most five.
    pub samples: Vec<String>,
}

/// It is no cookie database at all.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BadCookies {
    /// It is not JSON.
    #[error("is not JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// It is JSON of another shape.
    #[error("is not a cookie database: expected an object of services, each with a list of cookies")]
    Shape,
}

/// All of it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Database {
    whole: HashMap<String, Vec<Entry>>,
    // Invariant: the longest beginning first.
    begins: Vec<(String, Entry)>,
}

impl Database {
    /// Reads a database.
    pub(crate) fn read(text: &str) -> Result<(Self, CookieReport), BadCookies> {
        let value: Value = serde_json::from_str(text.trim_start_matches('\u{feff}'))?;
        let services = value.as_object().ok_or(BadCookies::Shape)?;
        let (mut all, mut report) = (Self::default(), CookieReport::default());
        for (service, list) in services {
            let Some(list) = list.as_array() else {
                report.bad(format!("{service}: is not a list"));
                continue;
            };
            for value in list {
                match all.add(service, value) {
                    Ok(()) => report.cookies += 1,
                    Err(why) => report.bad(format!("{service}: {why}")),
                }
            }
        }
        all.begins.sort_by_key(|(begin, _)| std::cmp::Reverse(begin.len()));
        Ok((all, report))
    }

    fn add(&mut self, service: &str, value: &Value) -> Result<(), &'static str> {
        let text = |key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default().trim();
        let cookie = text("cookie");
        if cookie.is_empty() {
            return Err("a cookie has no name");
        }
        if text("category").is_empty() {
            return Err("a cookie has no category");
        }
        let entry = Entry {
            service: cut(service),
            controller: cut(text("dataController")),
            category: cut(text("category")),
            kept: cut(text("retentionPeriod")),
            domains: domains(text("domain")),
        };
        // A name of one or two letters is everybody's, where no domain says whose.
        if entry.domains.is_empty() && cookie.len() < 3 {
            return Err("a name is too short to say anything");
        }
        let wild = value.get("wildcardMatch").is_some_and(|value| *value == "1" || *value == 1 || *value == true);
        if wild || cookie.ends_with('*') {
            self.begins.push((cookie.trim_end_matches('*').to_owned(), entry));
        } else {
            self.whole.entry(cookie.to_owned()).or_default().push(entry);
        }
        Ok(())
    }

    /// What it says of a cookie: of the site's own, or of one that somebody else's domain keeps.
    pub(crate) fn find(&self, name: &str, domain: Option<&str>) -> Option<&Entry> {
        let fits = |entry: &&Entry| match domain {
            None => entry.domains.is_empty(),
            Some(domain) => entry.domains.iter().any(|one| one == domain),
        };
        let whole = self.whole.get(name).and_then(|entries| entries.iter().find(fits));
        whole.or_else(|| {
            let begin = |(begin, _): &&(String, Entry)| name.starts_with(begin.as_str());
            self.begins.iter().filter(begin).map(|(_, entry)| entry).find(fits)
        })
    }
}

impl CookieReport {
    fn bad(&mut self, why: String) {
        self.bad += 1;
        if self.samples.len() < 5 {
            self.samples.push(cut(&why));
        }
    }
}

fn cut(text: &str) -> String {
    text.chars().take(200).collect()
}

/// The registrable domains in words such as `.bing.com (3rd party) or .microsoft.com (3rd party)`.
fn domains(text: &str) -> Vec<String> {
    let words = text.split(|c: char| c.is_whitespace() || matches!(c, ',' | '(' | ')' | ';'));
    let hosts = words.map(name::plain).filter(|word| {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
        word.contains('.') && word.chars().all(plain)
    });
    hosts.map(|host| name::domain(&host).to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::{Path, PathBuf};

    const TEXT: &str = r#"{
        "Counter": [
            { "cookie": "_count", "category": "Analytics", "domain": "", "wildcardMatch": "0", "dataController": "C" },
            { "cookie": "_count_", "category": "Analytics", "domain": "", "wildcardMatch": "1" },
            { "cookie": "_count_x_", "category": "Functional", "domain": "", "wildcardMatch": "1" },
            { "category": "Analytics" }, { "cookie": "unsaid" }, { "cookie": "a", "category": "Marketing" }, 7
        ],
        "Ads": [{ "cookie": "uid", "category": "Marketing", "domain": ".ads.com (3rd party) or x.more.com" }],
        "Odd": "text"
    }"#;

    #[test]
    fn names_are_found_by_whole_or_beginning() {
        let (all, report) = Database::read(TEXT).unwrap();
        assert_eq!((report.cookies, report.bad), (4, 5), "{report:?}");
        assert_eq!(report.samples.len(), 5);
        let service = |name: &str, domain: Option<&str>| all.find(name, domain).map(|one| one.category.as_str());
        assert_eq!(service("_count", None), Some("Analytics"));
        assert_eq!(service("_count_1", None), Some("Analytics"));
        assert_eq!(service("_count_x_1", None), Some("Functional"), "the longer beginning is closer");
        assert_eq!(service("_coun", None), None);
        assert_eq!(service("_count1", None), None);
        assert_eq!(service("uid", None), None, "a common name on the site is not theirs");
        assert_eq!(service("uid", Some("ads.com")), Some("Marketing"));
        assert_eq!(service("uid", Some("more.com")), Some("Marketing"));
        assert_eq!(service("uid", Some("other.com")), None);
        assert_eq!(service("a", None), None);
        assert!(all.find("_count", None).unwrap().tracker() && !all.find("_count_x_1", None).unwrap().tracker());
    }

    #[test]
    fn something_else_is_no_database() {
        assert!(matches!(Database::read("[]"), Err(BadCookies::Shape)));
        assert!(matches!(Database::read("<html>"), Err(BadCookies::Json(_))));
        assert_eq!(Database::read("{}").unwrap().1, CookieReport::default());
    }

    /// Where the data lies: where `BANDEAU_DATA` says, or in `shared/data` beside a folder above this one.
    #[expect(clippy::disallowed_methods, reason = "tests ask where they run")]
    fn data() -> Option<PathBuf> {
        let given = std::env::var("BANDEAU_DATA").ok().map(PathBuf::from);
        let above = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().map(|dir| dir.join("shared/data"));
        let found = given.into_iter().chain(above).map(|dir| dir.join("cookies/open-cookie-database.json"));
        let found = found.into_iter().find(|file| file.is_file());
        assert!(found.is_some() || std::env::var("CI").is_err(), "the cookie database is not there, and CI is set");
        if found.is_none() {
            println!("SKIPPED: the cookie database is not there; BANDEAU_DATA says where it is");
        }
        found
    }

    #[test]
    fn the_open_cookie_database_is_read() {
        let Some(file) = data() else { return };
        let (all, report) = Database::read(&std::fs::read_to_string(file).unwrap()).unwrap();
        assert!(report.cookies > 2_000, "{report:?}");
        assert!(report.bad * 20 < report.cookies, "{report:?}");
        for (name, domain, service, tracker) in [
            ("_ga", None, "Google Analytics", true),
            ("_ga_ABC123", None, "Google Analytics", true),
            ("_pk_id.1.1fff", None, "Piwik", true),
            ("CookieConsent", None, "Cookiebot", false),
            ("IDE", Some("doubleclick.net"), "DoubleClick/Google Marketing", true),
        ] {
            let found = all.find(name, domain).unwrap_or_else(|| panic!("{name}"));
            assert_eq!((found.service.as_str(), found.tracker()), (service, tracker), "{name}");
        }
        assert_eq!(all.find("IDE", None), None, "another site's cookie of that name");
    }
}
