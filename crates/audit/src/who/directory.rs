//! The directory: everything that may say who is who, and the answer to that question for one host, cookie or key. The
//! order of belief: the catalogue, the operator's configuration, filter lists, the cookie database. What an answer means for
//! the site it does not know.

use super::cookies::{BadCookies, CookieReport, Database};
use super::known::{Kept, Shelf};
use super::lists::{Asked, List};
use super::{Known, ListReport, Service, Word, name, table};
use crate::seen::{Request, Target};
use url::Url;

/// Everything that may say who is who.
#[derive(Debug, Default)]
pub struct Directory {
    shelf: Shelf,
    lists: Vec<List>,
    cookies: Database,
    configured: bool,
}

/// How much somebody weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Weight {
    /// The site itself, or what the operator or the catalogue counts as exempt.
    Free,
    /// A service that gives a page a part, and is not known to follow people.
    Part,
    /// Nobody knows.
    Unknown,
    /// It follows people.
    Tracker,
}

/// Who something belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Subject {
    /// The registrable domain.
    pub(crate) domain: String,
    /// Whether that is the site's.
    pub(crate) own: bool,
    /// How much it weighs.
    pub(crate) weight: Weight,
    /// The service, where it is known.
    pub(crate) service: Option<Service>,
    /// Whether the service's purposes are exempt, by the operator's word where there is one, else by the catalogue's.
    pub(crate) exempt: bool,
    /// Whether the operator's configuration declares it.
    pub(crate) declared: bool,
    /// Whether it sells or shares data.
    pub(crate) sale: bool,
    /// Whether it is the record of an answer itself.
    pub(crate) choice: bool,
    /// Every word on it, the best first.
    pub(crate) words: Vec<Word>,
}

impl Subject {
    /// Somebody of whom nothing is known but the domain.
    pub(crate) fn stranger(host: &str, own: bool) -> Self {
        Self {
            domain: name::domain(host).to_owned(),
            own,
            weight: if own { Weight::Free } else { Weight::Unknown },
            service: None,
            exempt: false,
            declared: false,
            sale: false,
            choice: false,
            words: Vec::new(),
        }
    }

    /// Whether it follows people.
    pub(crate) fn tracker(&self) -> bool {
        self.weight == Weight::Tracker
    }

    /// Whether nobody but the cookie database speaks of it.
    pub(crate) fn hearsay(&self) -> bool {
        self.words.iter().all(|word| word.source == "cookie database")
    }

    /// Its name for people: the service's, else the domain.
    pub(crate) fn called(&self) -> String {
        match &self.service {
            Some(service) if service.name.is_empty() => self.domain.clone(),
            Some(service) => service.name.clone(),
            None => self.domain.clone(),
        }
    }

    /// Its category in the catalogue; empty where it is not known.
    pub(crate) fn category(&self) -> &str {
        self.service.as_ref().map_or("", |service| service.category.as_str())
    }

    /// Takes in what services are known.
    fn learn(&mut self, found: &[&Known]) {
        let Some(first) = found.first() else { return };
        let operator: Vec<_> = found.iter().filter(|known| known.declared).collect();
        self.exempt = match operator.as_slice() {
            [] => found.iter().all(|known| known.exempt),
            said => said.iter().all(|known| known.exempt),
        };
        self.declared = !operator.is_empty();
        self.sale |= found.iter().any(|known| known.sale);
        for known in found {
            let source = if known.declared { "configuration" } else { "catalogue" };
            let category = &known.service.category;
            let says = if category.is_empty() { known.service.name.clone() } else { category.clone() };
            self.word(Word { source: source.to_owned(), says, tracker: known.service.tracker });
        }
        let follows = found.iter().any(|known| known.service.tracker);
        self.weight = match (follows, self.exempt) {
            (true, _) => Weight::Tracker,
            (false, true) => Weight::Free,
            (false, false) => Weight::Part,
        };
        self.service.get_or_insert_with(|| first.service.clone());
    }

    pub(crate) fn word(&mut self, word: Word) {
        if !self.words.contains(&word) {
            self.words.push(word);
        }
    }
}

impl Directory {
    /// From known services: the catalogue's, and those of the operator's configuration.
    pub fn new(known: Vec<Known>) -> Self {
        Self { shelf: Shelf::new(known), ..Self::default() }
    }

    /// Says that there is a configuration, so that what it does not declare is worth naming.
    pub fn configure(&mut self) {
        self.configured = true;
    }

    /// Takes a filter list in. Lines that cannot be read are counted and left out.
    pub fn list(&mut self, name: &str, text: &str) -> ListReport {
        let (list, report) = List::read(name, text);
        self.lists.push(list);
        report
    }

    /// Takes a cookie database in, in the form of the Open Cookie Database. The last one holds.
    ///
    /// # Errors
    /// When it is not JSON, or JSON of another shape. An entry that makes no sense is no error: it is counted.
    pub fn cookies(&mut self, text: &str) -> Result<CookieReport, BadCookies> {
        let (database, report) = Database::read(text)?;
        self.cookies = database;
        Ok(report)
    }

    /// Whether there is a configuration.
    pub(crate) fn configured(&self) -> bool {
        self.configured
    }

    /// The services at a host, for a bare connection.
    pub(crate) fn host(&self, host: &str, own: bool) -> Subject {
        let mut subject = Subject::stranger(host, own);
        let found = if own { Vec::new() } else { self.shelf.at(host, None) };
        // A host that several share, each with a path, is none of them's by itself.
        let whole: Vec<_> = found
            .iter()
            .filter(|one| one.hosts.iter().any(|p| p.matches(host) && p.path().is_empty()))
            .copied()
            .collect();
        subject.learn(if whole.is_empty() { &found } else { &whole });
        subject
    }

    /// Whose a request is. `page` is the host of the page, `alias` a name its host stands for.
    pub(crate) fn request(&self, request: &Request, page: &str, own: bool, alias: Option<&str>) -> Subject {
        let Ok(mut url) = Url::parse(&request.url) else { return Subject::stranger(page, own) };
        if let Some(alias) = alias {
            let _ = url.set_host(Some(alias));
        }
        let host = url.host_str().map(name::plain).unwrap_or_default();
        let mut subject = Subject::stranger(&host, own);
        if own {
            subject.learn(&self.shelf.route(&request.method, url.path(), url.query().unwrap_or_default()));
        } else {
            subject.learn(&self.shelf.at(&host, Some(url.path())));
        }
        let framed = request.target != Target::Page;
        for list in &self.lists {
            let asked = Asked {
                url: url.as_str(),
                host: &host,
                source: page,
                kind: &request.kind,
                third: !own,
                method: &request.method,
                framed,
            };
            if let Some(rule) = list.rule(asked) {
                subject.word(Word { source: format!("list {}", list.name()), says: rule, tracker: true });
                subject.weight = if subject.exempt { subject.weight } else { Weight::Tracker };
            }
        }
        subject
    }

    /// Whose a tracker is that hides behind a name: known by one of its hosts, or by the registrable domain of one.
    pub(crate) fn akin(&self, host: &str) -> Option<&Known> {
        self.shelf.at(host, None).first().copied().or_else(|| self.shelf.akin(host))
    }

    /// Whose a cookie of the site's own is, by its name alone; nothing where nobody knows it.
    pub(crate) fn cookie(&self, cookie: &str, site: &str) -> Option<Subject> {
        let mut subject = Subject::stranger(site, true);
        if table::choice(cookie) {
            subject.choice = true;
            return Some(subject);
        }
        let found = self.shelf.keeps(Kept::Cookie, cookie);
        subject.learn(&found);
        self.home(&mut subject, &found);
        let entry = self.cookies.find(cookie, None);
        if let Some(entry) = entry {
            self.noted(&mut subject, entry, found.is_empty());
        }
        (!found.is_empty() || entry.is_some()).then_some(subject)
    }

    /// Adds what the database says of a cookie that is another domain's.
    pub(crate) fn foreign(&self, subject: &mut Subject, cookie: &str) {
        if let Some(entry) = self.cookies.find(cookie, Some(&subject.domain)) {
            let open = subject.service.is_none();
            self.noted(subject, entry, open);
        }
    }

    /// Whose a key of the site's own storage is; nothing where nobody knows it.
    pub(crate) fn key(&self, key: &str, site: &str) -> Option<Subject> {
        let mut subject = Subject::stranger(site, true);
        if table::choice(key) {
            subject.choice = true;
            return Some(subject);
        }
        let found = self.shelf.keeps(Kept::Key, key);
        subject.learn(&found);
        self.home(&mut subject, &found);
        (!found.is_empty()).then_some(subject)
    }

    /// A cookie of the site's that a service elsewhere reads is that service's: its party is where it is at home.
    fn home(&self, subject: &mut Subject, found: &[&Known]) {
        let Some(host) = found.iter().find_map(|known| known.hosts.first()) else { return };
        subject.domain = name::domain(host.host()).to_owned();
        subject.own = false;
    }

    fn noted(&self, subject: &mut Subject, entry: &super::cookies::Entry, open: bool) {
        let kept = if entry.kept.is_empty() { String::new() } else { format!(", kept {}", entry.kept) };
        let says = format!("{}, {}{kept}", entry.service, entry.category);
        subject.word(Word { source: "cookie database".to_owned(), says, tracker: entry.tracker() });
        if open {
            subject.weight = if entry.tracker() { Weight::Tracker } else { Weight::Free };
            subject.service = Some(Service {
                id: slug(&entry.service),
                name: entry.service.clone(),
                controller: entry.controller.clone(),
                category: entry.category.to_lowercase(),
                tracker: entry.tracker(),
            });
        }
    }
}

/// A name as identifiers are written.
fn slug(name: &str) -> String {
    let dashed: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' }).collect();
    dashed.split('-').filter(|part| !part.is_empty()).collect::<Vec<_>>().join("-")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{known, request};

    fn directory() -> Directory {
        let mut directory = Directory::new(vec![
            known("counter", "audience").host("count.test").cookie("_count").known(),
            known("fonts", "resources").host("fonts.test").known(),
            known("pay", "payment").host("pay.test").exempt().known(),
            known("cdn", "").host("cdn.test").declared().exempt().known(),
            known("own-count", "audience").host("count.test").declared().exempt().known(),
            known("proxied", "audience").route("/collect").known(),
        ]);
        directory.list("list.txt", "||listed.test^\n||pay.test^\n/sneaky.js\n");
        directory.cookies(r#"{"S P": [{"cookie": "_sp", "category": "Marketing", "domain": ""}]}"#).unwrap();
        directory
    }

    #[test]
    fn it_can_be_shared() {
        fn shared<T: Send + Sync>() {}
        shared::<Directory>();
    }

    #[test]
    fn each_word_has_its_weight() {
        let directory = directory();
        for (url, own, weight, exempt) in [
            ("https://fonts.test/a.css", false, Weight::Part, false),
            ("https://pay.test/x.js", false, Weight::Free, true),
            ("https://cdn.test/x.js", false, Weight::Free, true),
            ("https://listed.test/x.js", false, Weight::Tracker, false),
            ("https://nobody.test/x.js", false, Weight::Unknown, false),
            ("https://count.test/x.js", false, Weight::Tracker, true),
            ("https://site.test/x.js", true, Weight::Free, false),
            ("https://site.test/collect", true, Weight::Tracker, false),
            ("https://site.test/sneaky.js", true, Weight::Tracker, false),
        ] {
            let subject = directory.request(&request(url), "site.test", own, None);
            assert_eq!((subject.weight, subject.exempt), (weight, exempt), "{url}: {subject:?}");
        }
    }

    #[test]
    fn the_catalogue_speaks_before_the_operator_and_the_list_last() {
        let directory = directory();
        let subject = directory.request(&request("https://count.test/x.js"), "site.test", false, None);
        let sources: Vec<_> = subject.words.iter().map(|word| word.source.as_str()).collect();
        assert_eq!(sources, ["catalogue", "configuration"]);
        assert_eq!(subject.service.unwrap().id, "counter");
        let subject = directory.request(&request("https://pay.test/x.js"), "site.test", false, None);
        let sources: Vec<_> = subject.words.iter().map(|word| (word.source.as_str(), word.says.as_str())).collect();
        assert_eq!(sources, [("catalogue", "payment"), ("list list.txt", "||pay.test^")]);
    }

    #[test]
    fn a_cookie_of_the_site_is_whose_name_it_bears() {
        let directory = directory();
        let count = directory.cookie("_count", "site.test").unwrap();
        assert_eq!((count.domain.as_str(), count.own, count.tracker()), ("count.test", false, true));
        let sp = directory.cookie("_sp", "site.test").unwrap();
        assert_eq!((sp.domain.as_str(), sp.own, sp.tracker()), ("site.test", true, true));
        assert_eq!(sp.service.unwrap().id, "s-p");
        assert!(directory.cookie("klaro", "site.test").unwrap().choice);
        assert_eq!(directory.cookie("other", "site.test"), None);
    }

    #[test]
    fn a_name_in_front_hides_nobody() {
        let directory = directory();
        let hidden = request("https://metrics.site.test/x.js");
        let subject = directory.request(&hidden, "site.test", false, Some("listed.test"));
        assert_eq!((subject.domain.as_str(), subject.weight), ("listed.test", Weight::Tracker));
    }
}
