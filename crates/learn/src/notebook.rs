//! The notebook: what was seen, added up, and the format of its file. Bounded in every direction, and without anything
//! that tells one visitor from another: no value, no query, no address, no time.
//!
//! It does not know where sightings come from or what is made of them. Notebooks add up: several nodes may each have one.

use crate::name;
use bandeau_consent::HostPattern;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The version of the format; raised when a reader of the old one would misunderstand the new.
pub const FORMAT: u32 = 1;
/// So many hosts are noted; more are only counted.
const HOSTS: usize = 2000;
/// So many names are noted of cookies, and of storage.
const NAMES: usize = 1000;
/// So many different words stand beside one host or name.
const WORDS: usize = 12;
/// So many different hosts stand behind one host or name.
const WRITERS: usize = 4;
/// So many bytes the file has at most, a little more or less; what is past it is only counted.
const BYTES: usize = 3 << 20;
/// What a note takes in the file beside its key and its words, and a word beside itself.
const NOTE: usize = 192;
const WORD: usize = 40;

/// What was seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Notebook {
    /// [`FORMAT`] of whoever wrote it.
    pub format: u32,
    /// Third parties that nobody had declared, by host.
    pub hosts: BTreeMap<String, Note>,
    /// Cookies of the site, by name, numbers taken out.
    pub cookies: BTreeMap<String, Note>,
    /// Storage of the site, by key or name, numbers taken out.
    pub storage: BTreeMap<String, Note>,
    /// Sightings that found no room, or whose names were nothing but numbers.
    pub left: u64,
    /// How many bytes of the file are taken.
    #[serde(skip)]
    taken: usize,
}

/// What is known of one host or name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Note {
    /// How often it was seen.
    pub count: u64,
    /// By what it was seen, and how often: kinds of loads for a host (`script`, `image`…), places for a name (`cookie`,
    /// `local`, `database`…), `markup` for what stands in a page, `policy` for what the site's own policy allows.
    pub kinds: BTreeMap<String, u64>,
    /// Whose scripts loaded or wrote it, by host; `` for the site's own.
    pub by: BTreeMap<String, u64>,
    /// On which pages, by the first part of their path.
    pub pages: BTreeMap<String, u64>,
    /// One path on the host.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub sample: String,
}

/// Something that was seen once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sight {
    /// What.
    pub what: What,
    /// By what, one of the words [`Note::kinds`] lists.
    pub kind: String,
    /// The host of the script behind it, where it is known; empty for the site's own.
    pub by: Option<String>,
    /// The path of the page, where it is known.
    pub page: Option<String>,
}

/// What was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// A host, and a path on it.
    Host(String, String),
    /// A cookie, by name.
    Cookie(String),
    /// Something in a storage, by key or name.
    Stored(String),
}

impl Default for Notebook {
    fn default() -> Self {
        Self {
            format: FORMAT,
            hosts: BTreeMap::new(),
            cookies: BTreeMap::new(),
            storage: BTreeMap::new(),
            left: 0,
            taken: 0,
        }
    }
}

/// Why a file is no notebook.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BadNotebook {
    /// It is not its JSON.
    #[error("is no notebook")]
    Json(#[from] serde_json::Error),
    /// It is of a version that is not read here.
    #[error("is a notebook of format {0}: expected {FORMAT}")]
    Format(u32),
}

impl Notebook {
    /// Reads the text of a file.
    ///
    /// # Errors
    /// When it is none, or of another version.
    pub fn read(text: &str) -> Result<Self, BadNotebook> {
        let read: Self = serde_json::from_str(text)?;
        if read.format != FORMAT {
            return Err(BadNotebook::Format(read.format));
        }
        // A file may have been written by anybody: what is in it is bounded and generalised as what is seen.
        let mut clean = Self::default();
        clean.merge(&read);
        Ok(clean)
    }

    /// The text of a file.
    ///
    /// # Errors
    /// Never, as far as is known: everything in it has a spelling in JSON.
    pub fn text(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string_pretty(self).map(|text| text + "\n")
    }

    /// Whether nothing was seen.
    pub fn is_empty(&self) -> bool {
        self.hosts.is_empty() && self.cookies.is_empty() && self.storage.is_empty() && self.left == 0
    }

    /// Notes something, generalised.
    pub fn note(&mut self, sight: &Sight) {
        let note = Note { count: 1, ..Note::default() };
        let note = note.with(Some(&sight.kind), sight.by.as_deref(), sight.page.as_deref().map(name::page));
        match &sight.what {
            What::Host(host, path) => self.host(host, &Note { sample: name::sample(path), ..note }),
            What::Cookie(name) => self.cookie(name, &note),
            What::Stored(name) => self.stored(name, &note),
        }
    }

    /// Adds another to it.
    pub fn merge(&mut self, other: &Self) {
        self.left = self.left.saturating_add(other.left);
        other.hosts.iter().for_each(|(host, note)| self.host(host, note));
        other.cookies.iter().for_each(|(name, note)| self.cookie(name, note));
        other.storage.iter().for_each(|(name, note)| self.stored(name, note));
    }

    fn host(&mut self, host: &str, note: &Note) {
        let key = plain(&host.to_ascii_lowercase());
        let left = add(&mut self.hosts, &mut self.taken, (key, HOSTS), note);
        self.left = self.left.saturating_add(left);
    }

    fn cookie(&mut self, cookie: &str, note: &Note) {
        let left = add(&mut self.cookies, &mut self.taken, (name::general(cookie), NAMES), note);
        self.left = self.left.saturating_add(left);
    }

    fn stored(&mut self, key: &str, note: &Note) {
        let left = add(&mut self.storage, &mut self.taken, (stored(key), NAMES), note);
        self.left = self.left.saturating_add(left);
    }
}

/// A service worker is named by the path of its script, which is the same for all.
fn stored(key: &str) -> Option<String> {
    match key.strip_prefix("sw:") {
        Some(path) => Some(format!("sw:{}", name::sample(path))),
        None => name::general(key),
    }
}

/// A host as it is loaded from, and nothing that only a pattern has: a wildcard would be everybody, a path may be anybody.
fn plain(host: &str) -> Option<String> {
    // RFC 1035 §2.3.4: a name is 255 bytes on the wire, 253 in text.
    let bare = host.len() <= 253 && !host.contains(['/', '*']);
    let good = bare && HostPattern::new(host).is_ok_and(|found| found.host() == host);
    good.then(|| host.to_owned())
}

/// Adds a note under a key, of which there may be so many; what found no room is returned as a count.
fn add(
    notes: &mut BTreeMap<String, Note>,
    taken: &mut usize,
    (key, most): (Option<String>, usize),
    note: &Note,
) -> u64 {
    let Some(key) = key else { return note.count };
    if !notes.contains_key(&key) {
        if notes.len() >= most || *taken + key.len() + NOTE > BYTES {
            return note.count;
        }
        *taken += key.len() + NOTE;
    }
    notes.entry(key).or_default().add(note, taken);
    0
}

impl Note {
    fn with(mut self, kind: Option<&str>, by: Option<&str>, page: Option<String>) -> Self {
        self.kinds.extend(kind.map(|kind| (kind.to_owned(), 1)));
        self.by.extend(by.map(|by| (by.to_ascii_lowercase(), 1)));
        self.pages.extend(page.map(|page| (page, 1)));
        self
    }

    fn add(&mut self, other: &Self, taken: &mut usize) {
        self.count = self.count.saturating_add(other.count);
        let word = |word: &str| {
            let plain = |byte: u8| byte.is_ascii_lowercase() || byte == b'-';
            (word.len() <= 24 && word.bytes().all(plain)).then(|| word.to_owned())
        };
        let host = |host: &str| if host.is_empty() { Some(String::new()) } else { plain(host) };
        sum((&mut self.kinds, WORDS), &other.kinds, taken, word);
        sum((&mut self.by, WRITERS), &other.by, taken, host);
        // Generalising is idempotent but for the leading slash and a star.
        sum((&mut self.pages, WORDS), &other.pages, taken, |page| {
            (page.len() <= 129 && page.starts_with('/')).then(|| page.to_owned())
        });
        if self.sample.is_empty() {
            let sample = name::sample(&other.sample);
            if *taken + sample.len() <= BYTES {
                *taken += sample.len();
                self.sample = sample;
            }
        }
    }
}

fn sum(
    (ours, most): (&mut BTreeMap<String, u64>, usize),
    theirs: &BTreeMap<String, u64>,
    taken: &mut usize,
    clean: impl Fn(&str) -> Option<String>,
) {
    for (word, count) in theirs {
        let Some(word) = clean(word) else { continue };
        let known = ours.contains_key(&word);
        if known || (ours.len() < most && *taken + word.len() + WORD <= BYTES) {
            *taken += if known { 0 } else { word.len() + WORD };
            let sum = ours.entry(word).or_default();
            *sum = sum.saturating_add(*count);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sight(what: What) -> Sight {
        Sight { what, kind: "script".into(), by: Some("tags.test".into()), page: Some("/a/b?c=d".into()) }
    }

    #[test]
    fn sightings_add_up_and_carry_nobody() {
        let mut book = Notebook::default();
        for user in ["a3f9", "b27c"] {
            book.note(&sight(What::Cookie(format!("_pk_id.1.{user}"))));
            book.note(&sight(What::Host("Ads.test".into(), format!("/u/{user}9999/a.js?q=1"))));
        }
        book.note(&sight(What::Stored("8f14e45fceea167a".into())));
        book.note(&sight(What::Stored("sw:/push.js".into())));
        let text = book.text().unwrap();
        for secret in ["a3f9", "b27c", "8f14", "c=d", "q=1"] {
            assert!(!text.contains(secret), "{secret} in {text}");
        }
        assert_eq!(book.cookies["_pk_id.*"].count, 2);
        assert_eq!(book.hosts["ads.test"].sample, "/u/*/a.js");
        assert_eq!(book.hosts["ads.test"].pages["/a"], 2);
        assert_eq!(book.left, 1);
        assert!(book.storage.contains_key("sw:/push.js"));
        assert_eq!(Notebook::read(&text).unwrap(), book, "what is written is read");
    }

    #[test]
    fn two_books_are_the_sum_of_both() {
        let (mut one, mut two) = (Notebook::default(), Notebook::default());
        one.note(&sight(What::Host("ads.test".into(), "/a.js".into())));
        two.note(&sight(What::Host("ads.test".into(), "/b.js".into())));
        two.note(&sight(What::Host("cdn.test".into(), "/b.js".into())));
        one.merge(&two);
        assert_eq!((one.hosts["ads.test"].count, one.hosts["cdn.test"].count), (2, 1));
        assert_eq!(one.hosts["ads.test"].kinds["script"], 2);
    }

    #[test]
    fn nobody_can_fill_it() {
        let mut book = Notebook::default();
        for at in 0..5000 {
            let word: String = format!("{at:05}").bytes().map(|digit| char::from(digit - b'0' + b'g')).collect();
            book.note(&sight(What::Host(format!("{word}.test"), "/".into())));
            book.note(&sight(What::Cookie(word.clone())));
            let kind = Sight { kind: word.clone(), ..sight(What::Host("one.test".into(), "/".into())) };
            book.note(&Sight { by: Some(format!("{word}.test")), page: Some(format!("/{word}")), ..kind });
        }
        assert!(book.hosts.len() <= HOSTS && book.cookies.len() <= NAMES);
        assert!(book.left > 6000, "{}", book.left);
        assert!(book.text().unwrap().len() < 2 << 20);
        let full = book.hosts.values().map(|note| note.kinds.len().max(note.by.len()).max(note.pages.len())).max();
        assert_eq!(full, Some(WORDS).filter(|_| book.hosts.contains_key("one.test")).or(Some(1)));
    }

    #[test]
    fn long_names_cannot_fill_it_either() {
        let mut book = Notebook::default();
        let long = |mark: &str| {
            let part = "m".repeat(60);
            format!("{mark}.{part}.{part}.{part}.test")
        };
        let word =
            |at: usize| format!("{at:05}").bytes().map(|digit| char::from(digit - b'0' + b'g')).collect::<String>();
        for at in 0..4000 {
            for kind in ["script", "image", "style", "font"] {
                let by = Some(long(&format!("{}-{kind}", word(at))));
                let page = Some(format!("/{}-{kind}", "p".repeat(32)));
                let host = What::Host(long(&word(at)), "/a.js".into());
                for what in [host, What::Cookie(word(at)), What::Stored(word(at))] {
                    book.note(&Sight { what, kind: kind.into(), by: by.clone(), page: page.clone() });
                }
            }
        }
        let text = book.text().unwrap();
        assert!(text.len() < BYTES + BYTES / 8 && text.len() > BYTES / 4, "{}", text.len());
        assert!(book.hosts.values().all(|note| note.by.len() <= WRITERS) && book.left > 0);
        assert_eq!(Notebook::read(&text).unwrap(), book, "what is written is read");
    }

    #[test]
    fn a_writer_is_a_plain_host_and_nothing_else() {
        let mut book = Notebook::default();
        let long = format!("a.test/{}", "x".repeat(5000));
        for by in ["*.tags.test", "tags.test/u/janedoe", "tags.test/?mail=jane", &long, &"a.".repeat(200)] {
            book.note(&Sight { by: Some(by.into()), ..sight(What::Cookie("seen_by".into())) });
            book.note(&sight(What::Host(by.into(), "/".into())));
        }
        assert!(book.cookies["seen_by"].by.is_empty() && book.hosts.is_empty(), "{book:?}");
        assert_eq!(book.left, 5);
    }

    #[test]
    fn a_file_of_anybodys_is_bounded_and_cleaned() {
        let text = r#"{"format":1,"hosts":{"ads.test":{"count":1,"kinds":{"BAD WORD":1},"by":{"x y":1},"pages":{"nowhere":2},
            "sample":"/a/123456?x"},"not a host":{"count":3,"kinds":{},"by":{},"pages":{}}},
            "cookies":{"uid_4f4f4f4f":{"count":1,"kinds":{},"by":{},"pages":{}}},"storage":{},"left":0}"#;
        let book = Notebook::read(text).unwrap();
        assert_eq!(book.hosts["ads.test"], Note { count: 1, sample: "/a/*".into(), ..Note::default() });
        assert_eq!((book.hosts.len(), book.left), (1, 3));
        assert!(book.cookies.contains_key("uid_*"));
        assert!(matches!(Notebook::read(&text.replace("\"format\":1", "\"format\":9")), Err(BadNotebook::Format(9))));
        assert!(Notebook::read("[]").is_err());
    }
}
