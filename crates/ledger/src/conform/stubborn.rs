//! Somebody who asks again after a fault, as the book does.

use crate::log::Entry;
use crate::row::Row;
use crate::store::{Fault, Head, Outcome, Sequencer, Sought, Store, Stored};
use bandeau_consent::{Digest, Pseudonym, RecordId};
use std::time::Duration;

/// Asks until there is an answer: what a caller does after a fault.
pub(super) struct Stubborn(pub(super) Box<dyn Store>);

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
        scrub() -> bool;
        forget(before: u64) -> bool;
        aged(before: u64, now: u64, most: u32) -> Vec<RecordId>;
        lapsed(now: u64, most: u32) -> Vec<Stored>;
        revoked(since: u64) -> Vec<Pseudonym>;
        archive(contents: &[(Digest, &[u8])]) -> ();
        archived(name: Digest) -> Option<Vec<u8>>;
        live(at: u64, manifest: Digest, after: Option<Digest>) -> bool;
        version(at: u64) -> Option<(u64, Digest)>;
    }
}
