//! What every store promises, as functions over a store: each is run on SQLite and on PostgreSQL, and once more where
//! commits fail and answers get lost at random. The contract is the comments of [`Store`].

use crate::code::Code;
use crate::fixture::record;
use crate::flawed::{Flaw, Flawed};
use crate::log::grow::grow;
use crate::log::tiles::Tiles;
use crate::log::{Entry, commitment, leaf_hash, tree};
use crate::row::{EXPIRY, RECEIPT, Row};
use crate::sqlite::Sqlite;
use crate::store::{Fault, Head, Outcome, Place, Sequencer, Sought, Step, Store, Stored};
use crate::trial::{ORIGIN, id, signer};
use bandeau_consent::{Digest, Pseudonym, RecordId};
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

/// A promise: its name, and what is tried on a store nobody has used.
pub(crate) type Promise = (&'static str, fn(Box<dyn Store>));

pub(crate) const PROMISES: &[Promise] = &[
    ("a new store is empty", empty),
    ("rows come back as they went in", rows),
    ("each follows the newest of its visitor", previous),
    ("the same again changes nothing", again),
    ("erased stays erased", erased),
    ("grants stand until they fall", grants),
    ("old records are found by age", ages),
    ("what waits gets its place once and in order", places),
    ("the log begins anew in its old order", anew),
    ("what witnesses signed stays", witnessed),
    ("the archive keeps what was first", archive),
    ("a version is live once", versions),
    ("many handles make one tree", crowd),
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

fn rows(mut store: Box<dyn Store>) {
    store.ready().unwrap();
    let mut odd = row(3, 9);
    (odd.at, odd.keep) = (u64::MAX, u64::MAX - 7);
    (odd.language, odd.source) = ("ßø\u{10ffff}".to_owned(), "once:'\"\\;$1".to_owned());
    odd.choices = Vec::new();
    let given = [row(2, 7), row(1, 8), odd];
    let places = write(&mut *store, &given);
    let mut other = store.sibling();
    other.ready().unwrap();
    let stored = all(&mut *other);
    assert_eq!(stored.iter().map(|stored| &stored.row).collect::<Vec<_>>(), given.iter().collect::<Vec<_>>());
    for (stored, place) in stored.iter().zip(&places) {
        assert_eq!((&stored.salt, stored.signature), (&place.salt, place.signature));
        assert_eq!((stored.key, stored.previous), (signer().verifying_key(), place.previous));
        assert_eq!(signer().sign(stored.row.leaf(stored.previous)), stored.signature);
        for sought in [
            Sought::Id(stored.row.id),
            Sought::Handle(Code::of(stored.salt).handle()),
            Sought::Pseudonym(stored.row.pseudonym),
        ] {
            assert_eq!(other.find(&sought).unwrap(), std::slice::from_ref(stored), "{sought:?}");
        }
    }
    let salts: BTreeSet<_> = stored.iter().map(|stored| stored.salt.0).collect();
    assert_eq!(salts.len(), 3);
    assert_eq!(other.extent().unwrap(), (3, stored[2].seq));
    assert_eq!(other.read(stored[0].seq, 1).unwrap(), [stored[1].clone()]);
    assert!(other.read(stored[2].seq, 9).unwrap().is_empty());
    let many: Vec<Row> = (100..1600).map(|number| row(number, 5)).collect();
    many.chunks(256).for_each(|some| drop(write(&mut *store, some)));
    let found = store.find(&Sought::Pseudonym(visitor(5))).unwrap();
    assert_eq!((found.len(), found[0].row.id, found[999].row.id), (1000, id(100), id(1099)), "oldest first");
}

fn previous(mut store: Box<dyn Store>) {
    store.ready().unwrap();
    let one = write(&mut *store, &[row(1, 1), row(2, 2), row(3, 1), row(4, 1)]);
    assert_eq!(one.iter().map(|place| place.previous).collect::<Vec<_>>(), [None, None, Some(id(1)), Some(id(3))]);
    let mut other = store.sibling();
    other.ready().unwrap();
    // By arrival, and not by what the records say of themselves.
    let mut early = row(0, 1);
    early.at = 1;
    assert_eq!(write(&mut *other, &[early, row(5, 2)])[0].previous, Some(id(4)));
    assert_eq!(write(&mut *store, &[row(6, 1)])[0].previous, Some(id(0)));
    assert_eq!(store.find(&Sought::Pseudonym(visitor(2))).unwrap()[1].previous, Some(id(2)));
}

fn again(mut store: Box<dyn Store>) {
    store.ready().unwrap();
    let first = write(&mut *store, &[row(1, 1), row(2, 1)]);
    let mut clash = row(1, 1);
    clash.keep += 1;
    let outcomes = store.write(&[row(1, 1), row(3, 1), clash.clone(), row(3, 1)], &signer()).unwrap();
    assert_eq!((kept(&outcomes[0]), &outcomes[2]), (first[0].clone(), &Outcome::Clash));
    assert_eq!(kept(&outcomes[1]), kept(&outcomes[3]), "twice in one batch is once");
    assert_eq!(store.write(&[row(1, 1), clash], &signer()).unwrap(), [Outcome::Know(first[0].clone()), Outcome::Clash]);
    assert_eq!(store.extent().unwrap().0, 3);
    sequence(&mut *store);
    assert_eq!(store.head().unwrap().size, 3);
    // With another key the place is the same, and signed anew.
    let next = crate::Signer::from_seed([43; 32]);
    let known = kept(&store.write(&[row(1, 1)], &next).unwrap()[0]);
    assert_eq!((known.salt, known.previous), (first[0].salt, first[0].previous));
    assert_eq!(known.signature, next.sign(row(1, 1).leaf(None)));
    write(&mut *store, &[row(9, 1)]);
    assert_eq!(all(&mut *store).last().unwrap().key, signer().verifying_key());
    store.write(&[row(10, 1)], &next).unwrap();
    assert_eq!(all(&mut *store).last().unwrap().key, next.verifying_key());
}

fn erased(mut store: Box<dyn Store>) {
    store.ready().unwrap();
    write(&mut *store, &[row(1, 1), row(2, 1), row(3, 2)]);
    let before = bodies(&all(&mut *store));
    sequence(&mut *store);
    write(&mut *store, &[row(4, 1)]);
    let waiting = bodies(&all(&mut *store)).difference(&before).copied().collect::<Vec<_>>();
    assert_eq!(store.erase(&[id(2), id(4), id(77)]).unwrap(), 2);
    assert_eq!(store.erase(&[id(2)]).unwrap(), 0);
    let mut other = store.sibling();
    other.ready().unwrap();
    assert_eq!(other.extent().unwrap().0, 2);
    assert!(other.find(&Sought::Id(id(2))).unwrap().is_empty());
    assert_eq!(other.write(&[row(2, 1), row(4, 1)], &signer()).unwrap(), [Outcome::Erase, Outcome::Erase]);
    assert_eq!(write(&mut *other, &[row(5, 1)])[0].previous, Some(id(1)), "the newest that is left");
    sequence(&mut *store);
    let mut wanted = before;
    wanted.extend(waiting);
    wanted.extend(bodies(&other.find(&Sought::Id(id(5))).unwrap()));
    whole(&mut *store, &wanted);
    assert!(store.lapsed(u64::MAX >> 1, 10).unwrap().iter().all(|stored| stored.row.id != id(4)));
}

fn lapsed(store: &mut dyn Store, now: u64) -> Vec<RecordId> {
    let mut ids: Vec<_> = store.lapsed(now, 100).unwrap().iter().map(|stored| stored.row.id).collect();
    ids.sort_unstable();
    ids
}

fn grants(mut store: Box<dyn Store>) {
    store.ready().unwrap();
    let (start, end) = (1000_u64, 1_001_000_u64);
    let at = |number, visitor, at, grants: bool, source: &str| {
        let mut row = row(number, visitor);
        (row.at, row.keep, row.source) = (at, 1000, source.to_owned());
        let answer = if grants { "grant" } else { "refuse" };
        row.choices = vec![("social".to_owned(), answer.to_owned()), ("audience".to_owned(), "refuse".to_owned())];
        row
    };
    // All in one batch, and the same in one each: there is no difference.
    for (base, size) in [(0, 100), (100, 1)] {
        let id = |number| id(base + number);
        let at = |number, visitor, when, grants, source: &str| at(base + number, base + visitor, when, grants, source);
        let rows = [
            at(1, 1, start, true, "banner"),
            at(2, 2, start, true, "banner"),
            at(3, 2, start + 10, false, "settings"),
            at(4, 3, start, true, "banner"),
            at(5, 3, start + 20, true, "settings"),
            at(6, 4, start, true, "banner"),
            at(7, 4, start - 5, false, "settings"),
            at(8, 5, start, true, "banner"),
            at(9, 5, start + 5, false, EXPIRY),
            at(10, 6, start, true, "once:tideway"),
            at(11, 7, start, true, "banner"),
            at(12, 7, start + 7, false, RECEIPT),
            at(13, 7, start + 3, false, RECEIPT),
            at(14, 8, start + 9, true, "banner"),
            at(15, 8, start, true, "banner"),
        ];
        rows.chunks(size).for_each(|some| drop(write(&mut *store, some)));
        assert_eq!(lapsed(&mut *store, end - 1), [], "nothing has run out");
        assert_eq!(lapsed(&mut *store, end), [id(1), id(6), id(8)]);
        assert_eq!(lapsed(&mut *store, end + 20), [id(1), id(5), id(6), id(8), id(14)]);
        assert_eq!(store.lapsed(end + 20, 2).unwrap().len(), 2);
        let pseudonym = visitor(base + 7);
        assert!(store.revoked(start + 7).unwrap().contains(&pseudonym) && store.revoked(start + 8).unwrap().is_empty());
        let ended: Vec<Row> = store
            .lapsed(end + 20, 100)
            .unwrap()
            .iter()
            .zip(50..)
            .map(|(stored, number)| at(number, 0, end + 20, false, EXPIRY).with(stored.row.pseudonym))
            .collect();
        write(&mut *store, &ended);
        assert_eq!(lapsed(&mut *store, u64::MAX >> 1), []);
        // So that the second round finds only its own.
        write(&mut *store, &[at(30, 7, start + 6, false, RECEIPT)]);
        assert_eq!(store.revoked(start + 7).unwrap().len(), 1 + base as usize / 100, "the latest time counts");
    }
}

trait With {
    fn with(self, pseudonym: Pseudonym) -> Self;
}

impl With for Row {
    fn with(self, pseudonym: Pseudonym) -> Self {
        Self { pseudonym, ..self }
    }
}

fn ages(mut store: Box<dyn Store>) {
    store.ready().unwrap();
    let rows: Vec<Row> = (1..=5)
        .map(|number| {
            let mut row = row(number, number);
            (row.at, row.keep) = (u64::from(number) * 1000, 10);
            row
        })
        .collect();
    write(&mut *store, &rows);
    assert_eq!(store.aged(3000, u64::MAX >> 1, 9).unwrap(), [id(1), id(2)]);
    assert_eq!(store.aged(9000, u64::MAX >> 1, 2).unwrap(), [id(1), id(2)], "oldest first");
    assert_eq!(store.aged(9000, 12_000, 9).unwrap(), [id(1), id(2)], "those of others still stand");
    assert_eq!(store.aged(1000, u64::MAX >> 1, 9).unwrap(), []);
}

fn places(mut store: Box<dyn Store>) {
    store.ready().unwrap();
    let rows: Vec<Row> = (0..700).map(|number| row(number, number % 13)).collect();
    rows.chunks(256).for_each(|some| drop(write(&mut *store, some)));
    let stored = all(&mut *store);
    let entries: Vec<Entry> = stored.iter().map(Stored::entry).collect();
    assert_eq!(store.index(&entries[0]).unwrap(), None);
    assert_eq!(store.sequence(10, &mut Idle(false)).unwrap(), 0);
    assert_eq!(store.sequence(10, &mut Idle(true)).unwrap_err(), Fault::new("refused"));
    assert_eq!(store.head().unwrap().size, 0, "nothing was kept of either");
    let mut other = store.sibling();
    other.ready().unwrap();
    assert_eq!(store.sequence(300, &mut Grower).unwrap(), 300);
    whole(&mut *other, &entries[..300].iter().map(Entry::bytes).collect());
    assert_eq!(other.sequence(300, &mut Grower).unwrap(), 300);
    assert_eq!(store.sequence(300, &mut Grower).unwrap(), 100);
    assert_eq!(store.sequence(300, &mut Grower).unwrap(), 0);
    whole(&mut *store, &bodies(&stored));
    assert_eq!(store.entries(0, u32::MAX).unwrap(), entries, "in the order they came");
    assert_eq!(store.entries(255, 3).unwrap(), entries[255..258]);
    assert_eq!(store.entries(700, 3).unwrap(), []);
    assert_eq!((store.tile(0, 1).unwrap().len(), store.tile(0, 2).unwrap().len()), (256 * 32, 188 * 32));
    assert_eq!(store.tile(1, 0).unwrap().len(), 2 * 32);
    assert_eq!(store.index(&Entry::Mechanism(Digest([1; 32]))).unwrap(), None);
}

fn anew(mut store: Box<dyn Store>) {
    store.ready().unwrap();
    let mut entries = Vec::new();
    for round in 0..3_u32 {
        write(&mut *store, &(0..300).map(|number| row(round * 1000 + number, number % 7)).collect::<Vec<_>>());
        sequence(&mut *store);
        write(&mut *store, &(300..310).map(|number| row(round * 1000 + number, 8)).collect::<Vec<_>>());
        let before: Vec<Entry> = all(&mut *store).iter().map(Stored::entry).collect();
        store.restart(&format!("other.test/{round}")).unwrap();
        let head = Head { origin: format!("other.test/{round}"), size: 0, note: String::new(), witnessed: None };
        assert_eq!(store.head().unwrap(), head);
        assert!(store.entries(0, 9).unwrap().is_empty() && store.tile(0, 0).unwrap().is_empty());
        if round == 1 {
            // Part of it is placed, and it begins anew once more.
            assert_eq!(store.sequence(100, &mut Grower).unwrap(), 100);
            store.restart(&head.origin).unwrap();
        }
        sequence(&mut *store);
        entries = store.entries(0, u32::MAX).unwrap();
        assert_eq!(entries, before, "in its old order");
    }
    whole(&mut *store, &entries.iter().map(Entry::bytes).collect());
}

fn witnessed(mut store: Box<dyn Store>) {
    store.ready().unwrap();
    write(&mut *store, &[row(1, 1), row(2, 1), row(3, 1)]);
    sequence(&mut *store);
    let signed = |size: u64| format!("{ORIGIN}\n{size}\nroot\n\n— witness\n");
    store.witness(3, &signed(3)).unwrap();
    assert_eq!(store.head().unwrap().witnessed, Some(signed(3)));
    store.witness(2, &signed(2)).unwrap();
    assert_eq!(store.head().unwrap().witnessed, Some(signed(3)), "a longer one was signed before");
    write(&mut *store, &[row(4, 1)]);
    sequence(&mut *store);
    let mut other = store.sibling();
    other.ready().unwrap();
    assert_eq!(other.head().unwrap().witnessed, Some(signed(3)), "it stays while the log grows");
    other.witness(4, &signed(4)).unwrap();
    assert_eq!(store.head().unwrap().witnessed, Some(signed(4)));
}

fn archive(mut store: Box<dyn Store>) {
    store.ready().unwrap();
    let large = vec![7_u8; 3 << 20];
    let name = |content: &[u8]| Digest(Sha256::digest(content).into());
    store.archive(&[(name(b"one"), b"one"), (name(b""), b""), (name(&large), &large)]).unwrap();
    store.archive(&[(name(b"one"), b"other"), (name(b"two"), b"two")]).unwrap();
    store.archive(&[]).unwrap();
    let mut other = store.sibling();
    other.ready().unwrap();
    assert_eq!(other.archived(name(b"one")).unwrap().unwrap(), b"one", "what is there already stays");
    assert_eq!(other.archived(name(b"two")).unwrap().unwrap(), b"two");
    assert_eq!(other.archived(name(b"")).unwrap().unwrap(), b"");
    assert_eq!(other.archived(name(&large)).unwrap().unwrap(), large);
    assert_eq!(other.archived(name(b"three")).unwrap(), None);
}

fn versions(mut store: Box<dyn Store>) {
    store.ready().unwrap();
    let version = |number| Digest([number; 32]);
    for (at, number) in [(1000, 1), (2000, 2), (2000, 3), (1000, 1), (5000, 2)] {
        store.live(at, version(number)).unwrap();
    }
    assert_eq!(store.version(999).unwrap(), None);
    assert_eq!(store.version(1999).unwrap(), Some((1000, version(1))));
    assert_eq!(store.version(u64::MAX >> 1).unwrap(), Some((2000, version(3))), "none is live twice");
    sequence(&mut *store);
    let wanted: Vec<Entry> = [1, 2, 3].map(|number| Entry::Mechanism(version(number))).to_vec();
    assert_eq!(store.entries(0, 9).unwrap(), wanted);
    store.live(1000, version(1)).unwrap();
    sequence(&mut *store);
    assert_eq!(store.head().unwrap().size, 3);
}

/// Writers and sequencers on handles of their own, for the same few visitors and partly the same records.
fn crowd(mut store: Box<dyn Store>) {
    store.ready().unwrap();
    let patience = Duration::from_secs(60);
    std::thread::scope(|scope| {
        for node in 0..3_u32 {
            let mut store = store.sibling();
            scope.spawn(move || {
                let start = Instant::now();
                for batch in 0..12_u32 {
                    let own = (0..10).map(|number| row(node * 10_000 + batch * 10 + number, number % 4));
                    let shared = (0..3).map(|number| row(90_000 + batch * 3 + number, number));
                    let rows: Vec<Row> = own.chain(shared).collect();
                    loop {
                        assert!(start.elapsed() < patience, "it never gets through");
                        let _ = store.ready();
                        if let Ok(outcomes) = store.write(&rows, &signer()) {
                            outcomes.iter().for_each(|outcome| drop(kept(outcome)));
                            break;
                        }
                    }
                    // Whether somebody else was faster is no matter.
                    let _ = store.sequence(25, &mut Grower);
                }
            });
        }
    });
    while store.sequence(4096, &mut Grower).unwrap() > 0 {}
    let stored = all(&mut *store);
    assert_eq!(stored.len(), 3 * 12 * 10 + 12 * 3);
    whole(&mut *store, &bodies(&stored));
    let mut last = BTreeMap::new();
    for stored in &stored {
        let before = last.insert(stored.row.pseudonym.0, stored.row.id);
        assert_eq!(stored.previous, before, "the records of a visitor are a chain");
        assert_eq!(stored.entry(), Entry::Record(commitment(&stored.salt.0, stored.row.leaf(stored.previous))));
    }
}

/// Asks until there is an answer: what a caller does after a fault.
pub(crate) struct Stubborn(pub(crate) Box<dyn Store>);

impl Stubborn {
    fn until<T>(&mut self, mut act: impl FnMut(&mut dyn Store) -> Result<T, Fault>) -> Result<T, Fault> {
        for _ in 0..200 {
            match act(&mut *self.0) {
                Err(Fault(why)) if why.ends_with("on purpose") => (),
                done => return done,
            }
        }
        panic!("it never gets through")
    }
}

macro_rules! ask {
    ($($name:ident($($arg:ident: $kind:ty),*) -> $answer:ty;)*) => {
        $(fn $name(&mut self, $($arg: $kind),*) -> Result<$answer, Fault> {
            self.until(|store| store.$name($($arg),*))
        })*
    };
}

impl Store for Stubborn {
    fn sibling(&self) -> Box<dyn Store> {
        Box::new(Self(self.0.sibling()))
    }

    fn sequence(&mut self, most: u32, sequencer: &mut dyn Sequencer) -> Result<usize, Fault> {
        // An answer that was lost is made up for: what was placed is placed.
        let before = self.0.head()?.size;
        loop {
            match self.0.sequence(most, sequencer) {
                Err(Fault(why)) if why.ends_with("on purpose") => {
                    let placed = self.0.head()?.size - before;
                    if placed > 0 {
                        return Ok(placed as usize);
                    }
                }
                done => return done,
            }
        }
    }

    ask! {
        ready() -> bool;
        write(rows: &[Row], signer: &crate::Signer) -> Vec<Outcome>;
        lead(node: &str, term: Duration) -> bool;
        head() -> Head;
        tile(level: u8, index: u64) -> Vec<u8>;
        entries(from: u64, most: u32) -> Vec<Entry>;
        index(entry: &Entry) -> Option<u64>;
        witness(size: u64, note: &str) -> ();
        restart(origin: &str) -> ();
        find(sought: &Sought) -> Vec<Stored>;
        read(after: i64, most: u32) -> Vec<Stored>;
        extent() -> (u64, i64);
        erase(ids: &[RecordId]) -> u64;
        aged(before: u64, now: u64, most: u32) -> Vec<RecordId>;
        lapsed(now: u64, most: u32) -> Vec<Stored>;
        revoked(since: u64) -> Vec<Pseudonym>;
        archive(contents: &[(Digest, &[u8])]) -> ();
        archived(name: Digest) -> Option<Vec<u8>>;
        live(at: u64, manifest: Digest) -> ();
        version(at: u64) -> Option<(u64, Digest)>;
    }
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
