//! Every entry of every storage but cookies: who was seen writing it, and what was found there. Knows no browser.

use super::jar::Place;
use super::text::{VALUE, cut};
use crate::seen::{Entry, Kind, Moment, Setter};
use serde_json::Value;
use std::collections::{HashMap, HashSet};

/// Entries kept of one origin and kind, at most; more are counted.
const MOST: usize = 500;
/// Entries kept of all, at most.
const ALL: usize = 50_000;

/// What identifies an entry.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Key {
    pub(super) kind: Kind,
    pub(super) origin: String,
    pub(super) key: String,
}

#[derive(Debug, Default)]
pub(super) struct Store {
    entries: Vec<Entry>,
    known: HashMap<Key, usize>,
    counts: HashMap<(Kind, String), usize>,
    pub(super) more: u64,
}

impl Store {
    /// Somebody was seen writing: a value, and how long it is.
    pub(super) fn write(&mut self, key: Key, value: (&str, u64), setter: Setter, place: Place) {
        let Some(entry) = self.entry(key, place) else { return };
        (entry.value, entry.size, entry.stays) = (cut(value.0, VALUE), value.1, true);
        if entry.setter == Setter::Unseen {
            entry.setter = setter;
        }
    }

    fn entry(&mut self, key: Key, place: Place) -> Option<&mut Entry> {
        if let Some(known) = self.known.get(&key) {
            return self.entries.get_mut(*known);
        }
        let count = self.counts.entry((key.kind, key.origin.clone())).or_default();
        if *count >= MOST || self.entries.len() >= ALL {
            self.more += 1;
            return None;
        }
        *count += 1;
        self.known.insert(key.clone(), self.entries.len());
        self.entries.push(Entry {
            kind: key.kind,
            origin: key.origin,
            key: key.key,
            value: String::new(),
            size: 0,
            visit: place.visit,
            at: place.at,
            moment: place.moment,
            setter: Setter::Unseen,
            stays: true,
        });
        self.entries.last_mut()
    }

    /// What `sweep.js` found in one frame.
    pub(super) fn sweep(&mut self, found: &Value, place: Place) {
        let origin = found["origin"].as_str().unwrap_or_default();
        if !origin.starts_with("http") {
            return;
        }
        let mut there = HashSet::new();
        let more = found["more"].as_u64().unwrap_or_default();
        for entry in found["entries"].as_array().into_iter().flatten() {
            let Some(kind) = kind(&entry[0]) else { continue };
            let key = Key { kind, origin: origin.to_owned(), key: cut(entry[1].as_str().unwrap_or_default(), VALUE) };
            there.insert(key.clone());
            let Some(known) = self.entry(key, place) else { continue };
            known.value = cut(entry[2].as_str().unwrap_or_default(), VALUE);
            known.size = entry[3].as_u64().unwrap_or_default();
            known.stays = true;
        }
        self.more = self.more.max(more);
        // Where not everything was listed, nobody knows what is gone.
        let gone = self.entries.iter_mut().filter(|entry| entry.origin == origin && entry.kind != Kind::Shared);
        let late: Vec<Kind> = found["late"].as_array().into_iter().flatten().filter_map(kind).collect();
        for entry in gone.filter(|entry| more == 0 && !late.contains(&entry.kind)) {
            let key = Key { kind: entry.kind, origin: entry.origin.clone(), key: entry.key.clone() };
            entry.stays = there.contains(&key);
        }
    }

    /// Hands out all, and keeps what is still there as found, not seen written.
    pub(super) fn turn(&mut self) -> Vec<Entry> {
        let gathered = std::mem::take(&mut self.entries);
        *self = Self::default();
        let first = Place { visit: 0, at: 0, moment: Moment::Loading };
        for old in gathered.iter().filter(|entry| entry.stays) {
            let key = Key { kind: old.kind, origin: old.origin.clone(), key: old.key.clone() };
            if let Some(entry) = self.entry(key, first) {
                (entry.value, entry.size) = (old.value.clone(), old.size);
            }
        }
        gathered
    }
}

/// A kind of storage, as `sweep.js` names it.
fn kind(name: &Value) -> Option<Kind> {
    Some(match name.as_str()? {
        "local" => Kind::Local,
        "session" => Kind::Session,
        "indexed" => Kind::Indexed,
        "cache" => Kind::Cache,
        "files" => Kind::Files,
        "worker" => Kind::ServiceWorker,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_found_joins_what_was_seen_written_and_what_is_gone_is_said() {
        let place = Place { visit: 1, at: 5, moment: Moment::Waiting };
        let mut store = Store::default();
        let key = |key: &str| Key { kind: Kind::Local, origin: "https://a.example".to_owned(), key: key.to_owned() };
        let script = Setter::Script { stack: vec!["https://t.example/t.js".to_owned()], frame: String::new() };
        store.write(key("id"), ("1", 1), script.clone(), place);
        store.write(key("gone"), ("1", 1), script.clone(), place);
        let found = json!({ "origin": "https://a.example", "more": 0,
            "entries": [["local", "id", "22", 2], ["local", "other", "3", 1]] });
        store.sweep(&found, place);
        let seen = store.turn();
        let seen: Vec<_> = seen.iter().map(|entry| (entry.key.as_str(), entry.value.as_str(), entry.stays)).collect();
        assert_eq!(seen, [("id", "22", true), ("gone", "1", false), ("other", "3", true)]);
        // What did not answer in time is not gone.
        store.sweep(&json!({ "origin": "https://a.example", "more": 0, "entries": [], "late": ["local"] }), place);
        let later = store.turn();
        assert_eq!(later.len(), 2);
        assert!(later.iter().all(|entry| entry.setter == Setter::Unseen && entry.visit == 0 && entry.at == 0));
    }
}
