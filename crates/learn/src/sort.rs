//! Whose is what: sightings sorted into services of the catalogue, into domains that nobody knows, and into names that
//! nobody has claimed. It writes nothing and knows no file.

use crate::gather::Hints;
use crate::guess::{self, UNSORTED};
use crate::notebook::{Note, Notebook};
use bandeau_consent::{Hasher, HostPattern, NamePattern};
use std::collections::BTreeMap;

/// A service of the catalogue, as far as it shows on the wire.
#[derive(Debug, Clone)]
pub struct Entry {
    /// What `use` takes.
    pub name: String,
    /// Its hosts.
    pub hosts: Vec<HostPattern>,
    /// Names of its cookies on the site.
    pub cookies: Vec<NamePattern>,
    /// Its keys in storage of the site.
    pub storage: Vec<NamePattern>,
    /// Whether the catalogue takes it for exempt, which only a person can say of a site's own use.
    pub exempt: bool,
}

/// What is known before anything is sorted.
#[derive(Debug, Clone, Copy)]
pub struct Known<'k> {
    /// The services of the catalogue.
    pub entries: &'k [Entry],
    /// The purposes that need no consent in the configuration at hand, whatever they are called: no guess gets one.
    pub exempt: &'k [String],
}

/// What is new of one service.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Proposal {
    /// What it is called in the configuration.
    pub id: String,
    /// The registrable domain, or the site's own names.
    pub name: String,
    /// The service of the catalogue that it is.
    pub from: Option<String>,
    /// Its purposes; empty where the catalogue says them.
    pub purposes: Vec<String>,
    /// Why it is taken for what it is taken for, and what is to be answered, a line each.
    pub why: Vec<String>,
    /// Its hosts, each with what was seen of it.
    pub hosts: Vec<(String, String)>,
    /// Its cookies.
    pub cookies: Vec<(String, String)>,
    /// Its keys of storage.
    pub storage: Vec<(String, String)>,
    /// Whether a person must say what it is.
    pub asks: bool,
}

/// What is called so belongs to nobody yet.
pub(crate) const NAMES: &str = "unsorted-names";

/// A longer name of a domain is cut, so that it fits in a configuration whatever is put before it.
const LONGEST: usize = 45;

/// Sorts what was seen.
pub fn sort(book: &Notebook, known: &Known<'_>, hints: &Hints) -> Vec<Proposal> {
    let mut sorted = Sorted { known: known.entries, exempt: known.exempt, found: BTreeMap::new() };
    let mut strange: BTreeMap<String, Vec<(&str, &Note)>> = BTreeMap::new();
    for (host, note) in &book.hosts {
        // What only the site's own policy names was never seen to be loaded: named, and no proof of anything.
        match recognise(known.entries, host, &note.sample) {
            Some(entry) => sorted.catalogued(entry).hosts.push((host.clone(), guess::seen(note))),
            None => strange.entry(domain(host)).or_default().push((host, note)),
        }
    }
    for (domain, hosts) in strange {
        sorted.stranger(&domain, &hosts, hints.get(&domain).map_or(&[], Vec::as_slice));
    }
    for (name, note) in &book.cookies {
        sorted.name(name, note, true);
    }
    for (name, note) in &book.storage {
        sorted.name(name, note, false);
    }
    sorted.found.into_values().collect()
}

struct Sorted<'k> {
    known: &'k [Entry],
    exempt: &'k [String],
    found: BTreeMap<String, Proposal>,
}

impl Sorted<'_> {
    fn catalogued(&mut self, entry: &Entry) -> &mut Proposal {
        let fresh = || {
            let held = "the catalogue says it needs no consent; only you can say so of your site: delete the line of the purpose then";
            let why = if entry.exempt { vec![held.to_owned()] } else { Vec::new() };
            let purposes = if entry.exempt { vec![UNSORTED.to_owned()] } else { Vec::new() };
            let (id, from) = (entry.name.clone(), Some(entry.name.clone()));
            Proposal { name: id.clone(), id, from, purposes, why, asks: entry.exempt, ..Proposal::default() }
        };
        self.found.entry(entry.name.clone()).or_insert_with(fresh)
    }

    fn stranger(&mut self, domain: &str, hosts: &[(&str, &Note)], hints: &[(String, bool)]) {
        let mut guess = guess::purposes(hosts, hints);
        let mut why: Vec<String> = guess.why.iter().map(|why| format!("guessed: {why}")).collect();
        // A guess lets nobody through before a choice, whatever this site calls exempt.
        if let Some(exempt) = guess.purposes.iter().find(|purpose| self.exempt.contains(purpose)) {
            why.push(format!("\"{exempt}\" needs no consent on this site, which only you can say of it"));
            guess.purposes = vec![UNSORTED.to_owned()];
        }
        if guess.why.is_none() {
            why.push("nothing tells what it is for".to_owned());
        }
        why.extend(hints.iter().map(|(says, _)| says.clone()));
        let loaders = hosts.iter().flat_map(|(_, note)| note.by.keys()).filter(|by| self::domain(by) != domain);
        let mut loaders: Vec<&str> = loaders.filter(|by| !by.is_empty()).map(String::as_str).collect();
        loaders.sort_unstable();
        loaders.dedup();
        if !loaders.is_empty() {
            why.push(format!("brought in by {}", loaders.join(", ")));
        }
        let id = self.identifier(domain);
        let hosts = hosts.iter().map(|(host, note)| ((*host).to_owned(), guess::seen(note)));
        let proposal = Proposal {
            name: domain.to_owned(),
            purposes: guess.purposes,
            why,
            hosts: hosts.collect(),
            asks: true,
            ..Proposal::default()
        };
        self.found.insert(id.clone(), Proposal { id, ..proposal });
    }

    /// What a stranger is called: its domain, and never as a service of the catalogue or as what nobody has claimed.
    fn identifier(&self, domain: &str) -> String {
        let id = identifier(domain);
        let taken = id == NAMES || self.known.iter().any(|entry| entry.name == id);
        if taken { format!("x--{id}") } else { id }
    }

    /// A cookie or a key: its writer's, else the catalogue's by name, else nobody's.
    fn name(&mut self, name: &str, note: &Note, cookie: bool) {
        let of =
            |entry: &&Entry| if cookie { &entry.cookies } else { &entry.storage }.iter().any(|one| one.matches(name));
        let claims: Vec<&Entry> = self.known.iter().filter(of).collect();
        // By name alone only what needs consent: a name is soon said.
        let there = claims.iter().find(|entry| self.found.contains_key(&entry.name)).copied();
        let alone = || claims.first().filter(|entry| claims.len() == 1 && !entry.exempt).copied();
        let seen = guess::seen(note);
        if let Some(entry) = there.or_else(alone) {
            let proposal = self.catalogued(entry);
            // The catalogue declares it by itself.
            if proposal.hosts.is_empty() && proposal.why.is_empty() {
                proposal.why.push(format!("recognised by the name {name}: {seen}"));
            }
            return;
        }
        let writer = note.by.iter().filter(|(by, _)| !by.is_empty()).max_by_key(|(_, count)| **count);
        let owner = writer.map(|(by, _)| (by, self.identifier(&domain(by))));
        let (id, why) = match &owner {
            Some((by, id)) if self.found.get(id).is_some_and(|found| found.from.is_none()) => {
                (id.clone(), format!("written by a script of {by}; {seen}"))
            }
            Some((by, _)) => (NAMES.to_owned(), format!("whose is this? written by a script of {by}; {seen}")),
            None => (NAMES.to_owned(), format!("whose is this? {}; {seen}", origin(note))),
        };
        let claimed: Vec<&str> = claims.iter().map(|entry| entry.name.as_str()).collect();
        let known = if claimed.is_empty() {
            String::new()
        } else {
            format!("; the catalogue knows it of {}", claimed.join(", "))
        };
        let proposal = self.found.entry(id).or_insert_with(unclaimed);
        let list = if cookie { &mut proposal.cookies } else { &mut proposal.storage };
        list.push((name.to_owned(), why + &known));
    }
}

/// Where a name without a known writer comes from.
fn origin(note: &Note) -> &'static str {
    if note.kinds.contains_key("set") {
        "set by the site's own server"
    } else if note.by.contains_key("") {
        "written by a script of the site's own"
    } else {
        "nobody was seen writing it"
    }
}

fn unclaimed() -> Proposal {
    Proposal {
        id: NAMES.to_owned(),
        name: "Names nobody has claimed".to_owned(),
        purposes: vec![UNSORTED.to_owned()],
        why: vec![
            "what your site needs to work belongs to a [[service]] with purpose = \"technical\"; the rest to whoever uses it"
                .to_owned(),
        ],
        asks: true,
        ..Proposal::default()
    }
}

/// The service of the catalogue that is meant most closely by a host: itself before all below one, a longer pattern before
/// a shorter.
fn recognise<'k>(known: &'k [Entry], host: &str, path: &str) -> Option<&'k Entry> {
    let fits = |pattern: &&HostPattern| pattern.matches(host) && path.starts_with(pattern.path());
    let close = |pattern: &HostPattern| (!pattern.below(), pattern.host().len(), pattern.path().len());
    let best = |entry: &Entry| entry.hosts.iter().filter(fits).map(close).max();
    let found = known.iter().filter_map(|entry| Some((best(entry)?, entry)));
    found.max_by_key(|(close, _)| *close).map(|(_, entry)| entry)
}

/// The registrable domain of a host; the host where there is none.
pub(crate) fn domain(host: &str) -> String {
    let numbers = host.parse::<std::net::IpAddr>().is_ok();
    let found = psl::domain(host.as_bytes()).filter(|_| !numbers);
    found.map_or_else(|| host.to_owned(), |domain| String::from_utf8_lossy(domain.as_bytes()).into_owned())
}

/// What a domain is called in a configuration: no two alike, so that `shop-co.uk` is not taken for `shop.co.uk`.
fn identifier(domain: &str) -> String {
    let spell = |c: char| match c {
        '.' => "-".to_owned(),
        '-' => "--".to_owned(),
        c if c.is_ascii_alphanumeric() => c.to_ascii_lowercase().to_string(),
        _ => "---".to_owned(),
    };
    let spelt: String = domain.chars().map(spell).collect();
    // A name in a configuration begins with a letter and has at most 48 characters.
    let spelt = if spelt.starts_with(|c: char| c.is_ascii_lowercase()) { spelt } else { format!("x--{spelt}") };
    if spelt.len() <= LONGEST {
        return spelt;
    }
    let digest = Hasher::new("bandeau learn name v1").list([domain]).finish().to_string();
    format!("{}--{}", &spelt[..LONGEST - 10], &digest[..8])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notebook::{Sight, What};

    fn entry(name: &str, host: &str, cookie: &str, exempt: bool) -> Entry {
        let cookies = vec![NamePattern::new(cookie).unwrap()];
        let hosts = vec![HostPattern::new(host).unwrap()];
        Entry { name: name.into(), hosts, cookies, storage: Vec::new(), exempt }
    }

    fn book(sights: &[(What, Option<&str>)]) -> Notebook {
        let mut book = Notebook::default();
        for (what, by) in sights {
            let by = by.map(str::to_owned);
            book.note(&Sight { what: what.clone(), kind: "script".into(), by, page: Some("/".into()) });
        }
        book
    }

    fn host(name: &str) -> What {
        What::Host(name.into(), "/a.js".into())
    }

    #[test]
    fn everything_is_somebodys_or_asked_about() {
        let known = [
            entry("tally", "*.tally.test", "_tl_*", false),
            entry("pay", "pay.test", "pay_id", true),
            entry("count", "count.test", "_ct", false),
        ];
        let book = book(&[
            (host("a.tally.test"), None),
            (host("pay.test"), None),
            (host("one.strange.test"), Some("a.tally.test")),
            (host("two.strange.test"), None),
            (What::Cookie("_tl_x".into()), None),
            (What::Cookie("_ct".into()), None),
            (What::Cookie("pay_id".into()), None),
            (What::Cookie("st_id".into()), Some("one.strange.test")),
            (What::Cookie("session".into()), None),
            (What::Stored("theme".into()), Some("")),
        ]);
        let sorted = sort(&book, &Known { entries: &known, exempt: &[] }, &Hints::new());
        let of = |id: &str| sorted.iter().find(|one| one.id == id).unwrap_or_else(|| panic!("no {id}: {sorted:#?}"));
        assert!(of("tally").purposes.is_empty() && !of("tally").asks);
        assert!(of("tally").cookies.is_empty(), "the catalogue declares it");
        assert_eq!(of("pay").purposes, [UNSORTED], "what is exempt only a person can say");
        assert_eq!(of("count").from.as_deref(), Some("count"));
        assert_eq!(of("strange-test").hosts.len(), 2);
        assert_eq!(of("strange-test").cookies[0].0, "st_id");
        assert!(of("strange-test").why.iter().any(|why| why.contains("a.tally.test")));
        assert_eq!(of(NAMES).cookies[0].0, "session");
        assert_eq!(of(NAMES).storage[0].0, "theme");
        assert_eq!(sorted.len(), 5);
    }

    #[test]
    fn no_two_are_called_alike() {
        let known = [entry("tally-test", "*.tally.test", "_tl_*", false)];
        let book = book(&[
            (host("www.shop-co.uk"), None),
            (host("www.shop.co.uk"), None),
            (host("a.tally.test"), None),
            (host("tally.test"), None),
            (host("unsorted.names"), None),
            (host("4four.test"), None),
            (host("192.0.2.7"), None),
            (host(&format!("{}.test", "m".repeat(60))), None),
            (host(&format!("{}.test", "m".repeat(61))), None),
            (What::Cookie("lang".into()), None),
        ]);
        let sorted = sort(&book, &Known { entries: &known, exempt: &[] }, &Hints::new());
        let hosts: Vec<usize> = sorted.iter().map(|one| one.hosts.len()).collect();
        assert_eq!((sorted.len(), hosts.iter().sum()), (10, 9), "{sorted:#?}");
        for one in &sorted {
            assert!(bandeau_consent::ServiceId::new(&one.id).is_ok(), "{}", one.id);
        }
        let own = sorted.iter().find(|one| one.from.is_some()).unwrap();
        assert_eq!(own.hosts[0].0, "a.tally.test");
    }

    #[test]
    fn no_guess_is_exempt_whatever_a_site_calls_exempt() {
        let book = book(&[(host("cdn.strange.test"), None), (host("tags.other.test"), None)]);
        for exempt in ["resources", "audience-plus", "advertising"] {
            let exempt = [exempt.to_owned()];
            let sorted = sort(&book, &Known { entries: &[], exempt: &exempt }, &Hints::new());
            assert!(sorted.iter().all(|one| one.asks && !one.purposes.contains(&exempt[0])), "{sorted:#?}");
            assert!(sorted.iter().any(|one| one.purposes == [UNSORTED]), "{sorted:#?}");
        }
    }
}
