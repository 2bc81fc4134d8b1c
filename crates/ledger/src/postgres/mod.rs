//! The store in PostgreSQL, for books of several nodes. Every node writes, reads and may sequence; none is special. Knows
//! no threads of the book and no configuration: it says what is wrong, and is asked again.
//!
//! What is acknowledged is on two machines, because a commit waits for a standby. After a crash PostgreSQL shows what no
//! standby ever had, and reading waits for nobody: so whatever is acknowledged, also what is only found again, is
//! followed by a commit that wrote something. Correctness rests on constraints and on the lock of one row, and on nothing
//! that CockroachDB or YugabyteDB lack.

mod engine;
mod link;
mod read;
mod schema;
mod site;
mod sql;
mod tree;
mod write;

use crate::log::Entry;
use crate::row::Row;
use crate::signer::Signer;
use crate::store::{Fault, Head, Outcome, Sequencer, Sought, Store, Stored};
use bandeau_consent::{Digest, Pseudonym, RecordId};
use engine::Room;
use link::{Failure, Link};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

pub(crate) use site::Site;

/// How often others may be in the way before it is a fault.
const TRIES: u32 = 20;

/// How many rows there are to write into where there is nothing else to write.
const SEATS: u32 = 1 << 16;

/// A book in a PostgreSQL database.
pub(crate) struct Postgres {
    site: Site,
    /// What the log is called if it begins here.
    origin: String,
    /// Opened for reading only: nothing is made or written. A standby will do where the URL says so.
    reads: bool,
    room: Room,
    /// Whether the operator was told that there are no standbys.
    told: Arc<AtomicBool>,
    /// Which row this handle writes where there is nothing else to write. Two that have the same wait for each other.
    seat: i64,
    open: Option<Link>,
    /// Opened anew, and not said yet.
    anew: bool,
    /// Opened once and lost since: only [`Store::ready`] opens it again, so that whoever relies on it looks again.
    lost: bool,
    /// The host that failed last.
    shy: Option<usize>,
}

impl Postgres {
    pub(crate) fn new(site: Site, origin: &str) -> Self {
        let (room, told) = (Room::default(), Arc::default());
        Self::over(site, origin, false, (room, told))
    }

    /// For reading only.
    pub(crate) fn reader(site: &Site) -> Self {
        let (room, told) = (Room::default(), Arc::default());
        Self::over(site.clone(), "", true, (room, told))
    }

    fn over(site: Site, origin: &str, reads: bool, (room, told): (Room, Arc<AtomicBool>)) -> Self {
        let origin = origin.to_owned();
        let (open, seat) = (None, i64::from(random() % SEATS));
        Self { site, origin, reads, room, told, seat, open, anew: false, lost: false, shy: None }
    }

    fn connect(&mut self) -> Result<(), Fault> {
        let mut link = Link::open(&self.site, self.room.engine()?, self.shy)?;
        let mut prepare = || {
            link::session(&mut link, self.reads, &self.told)?;
            schema::ready(&mut link, &self.origin, self.reads)
        };
        let mut made = prepare();
        for _ in 0..TRIES {
            // Another node makes the same tables.
            let Err(Failure::Again(_)) = made else { break };
            pause(5);
            made = prepare();
        }
        made.map_err(|failure| {
            self.shy = Some(link.host);
            self.fault(failure)
        })?;
        self.open = Some(link);
        self.anew = true;
        self.lost = false;
        Ok(())
    }

    fn fault(&self, failure: Failure) -> Fault {
        match failure {
            Failure::Again(why) | Failure::Lost(why) => Fault(format!("{}: {why}", self.site.name)),
            Failure::Act(fault) => fault,
        }
    }

    /// Does something, once more where others were in the way, and gives the connection up on any doubt.
    fn act<T>(&mut self, mut act: impl FnMut(&mut Link) -> Result<T, Failure>) -> Result<T, Fault> {
        if self.open.as_ref().is_some_and(Link::closed) {
            self.drop_link();
        }
        if self.open.is_none() {
            if self.lost {
                return Err(Fault(format!("{}: the connection was lost", self.site.name)));
            }
            self.connect()?;
        }
        let Some(link) = &mut self.open else { return Err(Fault::new("the store is not open")) };
        link.begin(None);
        let mut tries = 0;
        let failure = loop {
            match act(link) {
                Ok(done) => return Ok(done),
                Err(Failure::Again(why)) => {
                    tries += 1;
                    let late = tries >= TRIES || !link.early();
                    if let Err(failure) = link.again() {
                        break failure;
                    }
                    if late {
                        return Err(Fault(format!("{}: others were in the way {tries} times: {why}", self.site.name)));
                    }
                    pause(tries);
                }
                Err(Failure::Act(fault)) => match link.undo() {
                    Ok(()) => return Err(fault),
                    Err(_) => break Failure::Act(fault),
                },
                Err(failure) => break failure,
            }
        };
        self.shy = Some(link.host);
        self.drop_link();
        Err(self.fault(failure))
    }

    fn drop_link(&mut self) {
        self.open = None;
        self.lost = true;
    }
}

/// A random number; without one, the same for all, which is only slower.
fn random() -> u32 {
    getrandom::u32().unwrap_or(0)
}

/// Uneven, so that the same two do not meet again.
fn pause(tries: u32) {
    std::thread::sleep(Duration::from_millis(u64::from(random() % (4 << tries.min(5)))));
}

impl Store for Postgres {
    fn ready(&mut self) -> Result<bool, Fault> {
        if self.open.as_ref().is_some_and(Link::closed) {
            self.drop_link();
        }
        if self.open.is_none() {
            self.connect()?;
        }
        Ok(std::mem::take(&mut self.anew))
    }

    fn sibling(&self) -> Box<dyn Store> {
        let shared = (self.room.clone(), Arc::clone(&self.told));
        Box::new(Self::over(self.site.clone(), &self.origin, self.reads, shared))
    }

    fn write(&mut self, rows: &[Row], signer: &Signer) -> Result<Vec<Outcome>, Fault> {
        let seat = self.seat;
        self.act(|link| write::rows(link, rows, signer, seat))
    }

    fn lead(&mut self, node: &str, term: Duration) -> Result<bool, Fault> {
        self.act(|link| tree::lead(link, node, term))
    }

    fn head(&mut self) -> Result<Head, Fault> {
        let seat = (!self.reads).then_some(self.seat);
        self.act(|link| tree::head(link, seat))
    }

    fn sequence(&mut self, most: u32, sequencer: &mut dyn Sequencer) -> Result<usize, Fault> {
        self.act(|link| tree::sequence(link, most, sequencer))
    }

    fn tile(&mut self, level: u8, index: u64) -> Result<Vec<u8>, Fault> {
        self.act(|link| tree::tile(link, level, index))
    }

    fn entries(&mut self, from: u64, most: u32) -> Result<Vec<Entry>, Fault> {
        self.act(|link| tree::entries(link, from, most))
    }

    fn index(&mut self, entry: &Entry) -> Result<Option<u64>, Fault> {
        self.act(|link| tree::index(link, entry))
    }

    fn witness(&mut self, size: u64, note: &str) -> Result<(), Fault> {
        let seat = self.seat;
        self.act(|link| tree::witness(link, size, note, seat))
    }

    fn restart(&mut self, origin: &str) -> Result<(), Fault> {
        self.act(|link| tree::restart(link, origin))
    }

    /// What is found is handed out as a receipt, so it is made safe first.
    fn find(&mut self, sought: &Sought) -> Result<Vec<Stored>, Fault> {
        let (seat, reads) = (self.seat, self.reads);
        self.act(|link| {
            let found = read::find(link, sought)?;
            if !reads && !found.is_empty() {
                tree::settle(link, seat)?;
            }
            Ok(found)
        })
    }

    fn read(&mut self, after: i64, most: u32) -> Result<Vec<Stored>, Fault> {
        self.act(|link| read::records(link, sql::AFTER, &[&after, &i64::from(most)]))
    }

    fn extent(&mut self) -> Result<(u64, i64), Fault> {
        self.act(read::extent)
    }

    fn erase(&mut self, ids: &[RecordId]) -> Result<u64, Fault> {
        let seat = self.seat;
        self.act(|link| write::erase(link, ids, seat))
    }

    fn forget(&mut self, before: u64) -> Result<bool, Fault> {
        self.act(|link| Ok(!link.one(sql::LAPSE, &[&before.cast_signed()])?.is_empty()))
    }

    fn aged(&mut self, before: u64, now: u64, most: u32) -> Result<Vec<RecordId>, Fault> {
        self.act(|link| read::aged(link, before, now, most))
    }

    fn lapsed(&mut self, now: u64, most: u32) -> Result<Vec<Stored>, Fault> {
        self.act(|link| read::records(link, sql::LAPSED, &[&now.cast_signed(), &i64::from(most)]))
    }

    fn revoked(&mut self, since: u64) -> Result<Vec<Pseudonym>, Fault> {
        self.act(|link| read::revoked(link, since))
    }

    fn archive(&mut self, contents: &[(Digest, &[u8])]) -> Result<(), Fault> {
        let seat = self.seat;
        self.act(|link| write::archive(link, contents, seat))
    }

    fn archived(&mut self, name: Digest) -> Result<Option<Vec<u8>>, Fault> {
        self.act(|link| {
            let found = link.one(sql::ARCHIVED, &[&&name.0[..]])?;
            Ok(found.first().map(|row| row.try_get(0)).transpose()?)
        })
    }

    fn live(&mut self, at: u64, manifest: Digest, after: Option<Digest>) -> Result<bool, Fault> {
        self.act(|link| write::live(link, at, manifest, after))
    }

    fn version(&mut self, at: u64) -> Result<Option<(u64, Digest)>, Fault> {
        self.act(|link| {
            let found = link.one(sql::THEN, &[&at.cast_signed()])?;
            let Some(row) = found.first() else { return Ok(None) };
            Ok(Some((row.try_get::<_, i64>(0)?.cast_unsigned(), Digest(read::bytes(row, 1)?))))
        })
    }
}
