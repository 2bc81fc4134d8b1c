//! A store with flaws put in on purpose, for tests: it fails before anything is kept, loses the answer after all was
//! kept, hangs, panics, or is only slow, and counts what was written. The flaws are those of commits: reading works.

use crate::log::Entry;
use crate::row::Row;
use crate::signer::Signer;
use crate::store::{Fault, Head, Outcome, Sequencer, Sought, Store, Stored};
use bandeau_consent::{Digest, Pseudonym, RecordId};
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// How a commit fails.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Flaw {
    None,
    /// Nothing was kept.
    Before,
    /// All was kept, and the answer was lost.
    After,
    /// The disk hangs this long.
    Hang(Duration),
    Panic,
    /// One of the first two, by turns, for as many commits as the number says in its bits.
    Mixed(u64),
}

/// What others do in between.
type Happening = Box<dyn FnOnce() + Send>;

#[derive(Clone)]
pub(crate) struct Control {
    flaw: Arc<Mutex<Flaw>>,
    /// What happens elsewhere right after the head was read, once.
    pub(crate) meanwhile: Arc<Mutex<Option<Happening>>>,
    pub(crate) commits: Arc<AtomicU32>,
}

impl Control {
    pub(crate) fn set(&self, flaw: Flaw) {
        *self.flaw.lock().unwrap() = flaw;
    }

    /// The flaw of one commit: whether to do it, and whether to say so.
    fn next(&self) -> (bool, bool) {
        self.commits.fetch_add(1, SeqCst);
        let flaw = {
            let mut flaw = self.flaw.lock().unwrap();
            let now = *flaw;
            if let Flaw::Mixed(bits) = &mut *flaw {
                *bits = bits.rotate_right(2);
            }
            now
        };
        match flaw {
            Flaw::None => (true, true),
            Flaw::Before => (false, false),
            Flaw::After => (true, false),
            Flaw::Hang(time) => {
                std::thread::sleep(time);
                (true, true)
            }
            Flaw::Panic => panic!("on purpose"),
            Flaw::Mixed(bits) => (bits & 1 == 1, bits & 2 == 2),
        }
    }

    fn commit<T>(&self, act: impl FnOnce() -> Result<T, Fault>) -> Result<T, Fault> {
        let (doing, saying) = self.next();
        if !doing {
            return Err(Fault::new("not kept, on purpose"));
        }
        let done = act()?;
        if saying { Ok(done) } else { Err(Fault::new("kept, and the answer lost, on purpose")) }
    }
}

/// The store and its flaws.
pub(crate) struct Flawed(Box<dyn Store>, Control);

impl Flawed {
    pub(crate) fn new(store: Box<dyn Store>) -> (Self, Control) {
        let control =
            Control { flaw: Arc::new(Mutex::new(Flaw::None)), meanwhile: Arc::default(), commits: Arc::default() };
        (Self(store, control.clone()), control)
    }
}

impl Store for Flawed {
    fn ready(&mut self) -> Result<bool, Fault> {
        self.0.ready()
    }

    fn sibling(&self) -> Box<dyn Store> {
        Box::new(Self(self.0.sibling(), self.1.clone()))
    }

    fn write(&mut self, rows: &[Row], signer: &Signer) -> Result<Vec<Outcome>, Fault> {
        self.1.commit(|| self.0.write(rows, signer))
    }

    fn lead(&mut self, node: &str, term: Duration) -> Result<bool, Fault> {
        self.0.lead(node, term)
    }

    fn head(&mut self) -> Result<Head, Fault> {
        let head = self.0.head();
        let meanwhile = self.1.meanwhile.lock().unwrap().take();
        if let Some(happen) = meanwhile {
            happen();
        }
        head
    }

    fn sequence(&mut self, most: u32, sequencer: &mut dyn Sequencer) -> Result<usize, Fault> {
        self.1.commit(|| self.0.sequence(most, sequencer))
    }

    fn tile(&mut self, level: u8, index: u64) -> Result<Vec<u8>, Fault> {
        self.0.tile(level, index)
    }

    fn entries(&mut self, from: u64, most: u32) -> Result<Vec<Entry>, Fault> {
        self.0.entries(from, most)
    }

    fn index(&mut self, entry: &Entry) -> Result<Option<u64>, Fault> {
        self.0.index(entry)
    }

    fn witness(&mut self, size: u64, note: &str) -> Result<(), Fault> {
        self.0.witness(size, note)
    }

    fn restart(&mut self, origin: &str) -> Result<(), Fault> {
        self.0.restart(origin)
    }

    fn find(&mut self, sought: &Sought) -> Result<Vec<Stored>, Fault> {
        self.0.find(sought)
    }

    fn read(&mut self, after: i64, most: u32) -> Result<Vec<Stored>, Fault> {
        self.0.read(after, most)
    }

    fn extent(&mut self) -> Result<(u64, i64), Fault> {
        self.0.extent()
    }

    fn erase(&mut self, ids: &[RecordId]) -> Result<u64, Fault> {
        self.0.erase(ids)
    }

    fn redraw(&mut self) -> Result<(), Fault> {
        self.0.redraw()
    }

    fn scrub(&mut self) -> Result<bool, Fault> {
        self.0.scrub()
    }

    fn forget(&mut self, before: u64) -> Result<bool, Fault> {
        self.0.forget(before)
    }

    fn aged(&mut self, before: u64, now: u64, most: u32) -> Result<Vec<RecordId>, Fault> {
        self.0.aged(before, now, most)
    }

    fn lapsed(&mut self, now: u64, most: u32) -> Result<Vec<Stored>, Fault> {
        self.0.lapsed(now, most)
    }

    fn revoked(&mut self, since: u64) -> Result<Vec<Pseudonym>, Fault> {
        self.0.revoked(since)
    }

    fn archive(&mut self, contents: &[(Digest, &[u8])]) -> Result<(), Fault> {
        self.0.archive(contents)
    }

    fn archived(&mut self, name: Digest) -> Result<Option<Vec<u8>>, Fault> {
        self.0.archived(name)
    }

    fn live(&mut self, at: u64, manifest: Digest, after: Option<Digest>) -> Result<bool, Fault> {
        self.1.commit(|| self.0.live(at, manifest, after))
    }

    fn version(&mut self, at: u64) -> Result<Option<(u64, Digest)>, Fault> {
        self.0.version(at)
    }
}
