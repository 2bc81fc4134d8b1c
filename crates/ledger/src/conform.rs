//! What every store promises, as functions over a store: each is run on SQLite and on PostgreSQL, and once more where
//! commits fail and answers get lost at random. The contract is the comments of [`Store`].

mod rows;
mod stubborn;
mod trees;

use crate::fixture::record;
use crate::flawed::{Flaw, Flawed};
use crate::log::grow::grow;
use crate::log::tiles::Tiles;
use crate::log::{Entry, leaf_hash, tree};
use crate::row::Row;
use crate::sqlite::Sqlite;
use crate::store::{Fault, Head, Outcome, Place, Sequencer, Sought, Step, Store, Stored};
use crate::trial::{ORIGIN, id, signer};
use bandeau_consent::{Digest, Pseudonym};
use std::collections::BTreeSet;
use stubborn::Stubborn;

/// A promise: its name, and what is tried on a store nobody has used.
pub(crate) type Promise = (&'static str, fn(Box<dyn Store>));

pub(crate) const PROMISES: &[Promise] = &[
    ("a new store is empty", empty),
    ("rows come back as they went in", rows::rows),
    ("each follows the newest of its visitor", rows::previous),
    ("the same again changes nothing", rows::again),
    ("erased stays erased", rows::erased),
    ("grants stand until they fall", rows::grants),
    ("old records are found by age", rows::ages),
    ("what waits gets its place once and in order", trees::places),
    ("the log begins anew in its old order", trees::anew),
    ("what witnesses signed stays", trees::witnessed),
    ("the archive keeps what was first", trees::archive),
    ("a version is live once", trees::versions),
    ("of versions that would be the first one is", trees::rivals),
    ("many handles make one tree", trees::crowd),
];

/// Makes the tree longer as the keeper does. A fork would be a head whose root its own tiles do not make.
pub(crate) struct Grower;

impl Sequencer for Grower {
    fn step(&mut self, tiles: &mut dyn Tiles, head: &Head, entries: &[Entry]) -> Result<Option<Step>, Fault> {
        if head.size > 0 {
            assert_eq!(note(&head.origin, head.size, tree::root(tiles, head.size)?), head.note, "the tree was forked");
        }
        let leaves: Vec<Digest> = entries.iter().map(|entry| leaf_hash(&entry.bytes())).collect();
        let growth = grow(tiles, head.size, &leaves)?;
        let note = note(&head.origin, growth.size, growth.root);
        Ok(Some(Step { size: growth.size, note, tiles: growth.tiles }))
    }
}

fn note(origin: &str, size: u64, root: Digest) -> String {
    format!("{origin}\n{size}\n{root}\n")
}

/// One that has nothing to do, and one that refuses.
struct Idle(bool);

impl Sequencer for Idle {
    fn step(&mut self, _: &mut dyn Tiles, _: &Head, _: &[Entry]) -> Result<Option<Step>, Fault> {
        if self.0 { Err(Fault::new("refused")) } else { Ok(None) }
    }
}

struct Shelf<'s>(&'s mut dyn Store);

impl Tiles for Shelf<'_> {
    fn hashes(&mut self, level: u8, index: u64) -> Result<Vec<u8>, Fault> {
        self.0.tile(level, index)
    }
}

pub(crate) fn row(number: u32, visitor: u32) -> Row {
    Row::from(&record(number, visitor))
}

fn visitor(number: u32) -> Pseudonym {
    record(0, number).pseudonym
}

pub(crate) fn kept(outcome: &Outcome) -> Place {
    match outcome {
        Outcome::Write(place) | Outcome::Know(place) => place.clone(),
        other => panic!("{other:?}"),
    }
}

fn write(store: &mut dyn Store, rows: &[Row]) -> Vec<Place> {
    store.write(rows, &signer()).unwrap().iter().map(kept).collect()
}

fn all(store: &mut dyn Store) -> Vec<Stored> {
    store.read(0, u32::MAX).unwrap()
}

/// Everything that waits gets its place.
fn sequence(store: &mut dyn Store) {
    while store.sequence(4096, &mut Grower).unwrap() > 0 {}
}

/// The tree has these entries and no others, each once, and its tiles make the root that was signed.
pub(crate) fn whole(store: &mut dyn Store, wanted: &BTreeSet<[u8; 33]>) {
    let head = store.head().unwrap();
    let entries = store.entries(0, u32::MAX).unwrap();
    let found: BTreeSet<[u8; 33]> = entries.iter().map(Entry::bytes).collect();
    assert_eq!((entries.len() as u64, &found), (head.size, wanted));
    for (index, entry) in (0..).zip(&entries) {
        assert_eq!(store.index(entry).unwrap(), Some(index));
    }
    let leaves: Vec<Digest> = entries.iter().map(|entry| leaf_hash(&entry.bytes())).collect();
    let root = grow(&mut crate::log::Memory::default(), 0, &leaves).unwrap().root;
    assert_eq!(tree::root(&mut Shelf(store), head.size).unwrap(), root);
    assert_eq!(head.note, if head.size == 0 { String::new() } else { note(&head.origin, head.size, root) });
}

fn bodies(stored: &[Stored]) -> BTreeSet<[u8; 33]> {
    stored.iter().map(|stored| stored.entry().bytes()).collect()
}

fn empty(mut store: Box<dyn Store>) {
    assert!(store.ready().unwrap(), "it was opened anew");
    assert!(!store.ready().unwrap(), "nothing has changed");
    let head = Head { origin: ORIGIN.to_owned(), size: 0, note: String::new(), witnessed: None };
    assert_eq!(store.head().unwrap(), head);
    assert_eq!(store.extent().unwrap(), (0, 0));
    assert!(store.tile(0, 0).unwrap().is_empty() && store.entries(0, 10).unwrap().is_empty());
    assert!(store.find(&Sought::Id(id(1))).unwrap().is_empty());
    assert_eq!(store.sequence(10, &mut Grower).unwrap(), 0);
    assert_eq!(store.version(u64::MAX >> 1).unwrap(), None);
    assert_eq!(store.write(&[], &signer()).unwrap(), []);
    assert_eq!(store.erase(&[]).unwrap(), 0);
    let mut other = store.sibling();
    assert!(other.ready().unwrap());
    assert_eq!(other.head().unwrap(), head);
}

/// A store whose commits fail and whose answers get lost, and somebody who asks again.
pub(crate) fn flawed(store: Box<dyn Store>, seed: u64) -> Box<dyn Store> {
    let (store, control) = Flawed::new(store);
    control.set(Flaw::Mixed(seed));
    Box::new(Stubborn(Box::new(store)))
}

/// Commits fail in both ways within any few of these.
pub(crate) const SEEDS: [u64; 2] = [0x9e37_79b9_7f4a_7c15, 0x2545_f491_4f6c_dd1d];

#[test]
fn sqlite_keeps_every_promise() {
    for (name, promise) in PROMISES {
        println!("SQLite: {name}");
        let dir = tempfile::TempDir::new().unwrap();
        promise(Box::new(Sqlite::new(dir.path().join("book.db"), ORIGIN)));
    }
}

#[test]
fn sqlite_keeps_every_promise_whatever_fails() {
    for (name, promise) in PROMISES {
        for seed in SEEDS {
            println!("SQLite with flaws: {name}");
            let dir = tempfile::TempDir::new().unwrap();
            promise(flawed(Box::new(Sqlite::new(dir.path().join("book.db"), ORIGIN)), seed));
        }
    }
}
