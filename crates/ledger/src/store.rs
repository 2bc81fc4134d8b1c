//! What the book asks of a store. SQLite and PostgreSQL keep it; one conformance suite (`conform`) holds for both.
//!
//! Rows and what waits for its place in the log are kept in one transaction, so no record is acknowledged without a
//! place to come, and none has two. The tree grows in one transaction as well, with the head locked: two sequencers
//! never build on the same head, and a tree that was not committed was never shown to anybody.

use crate::code::Handle;
use crate::document::ReceiptDocument;
use crate::log::grow::Tile;
use crate::log::tiles::Tiles;
use crate::log::{Entry, commitment};
use crate::row::Row;
use crate::signer::Signer;
use bandeau_consent::{Digest, Pseudonym, RecordId, Salt};
use std::time::Duration;

/// Keeps rows in commit order, never changes one, and holds the log over them. Every call blocks.
pub(crate) trait Store: Send {
    /// Makes the store ready, or says why it is not; true when it was opened anew, so that whatever was known of it
    /// must be looked at again. Called before every batch and about once a second, so it must be cheap while nothing
    /// has changed.
    fn ready(&mut self) -> Result<bool, Fault>;

    /// Another handle on the same store, with a connection of its own.
    fn sibling(&self) -> Box<dyn Store>;

    /// Keeps all rows in one transaction, in this order, and returns only when they are durable; one outcome a row.
    /// After a fault none may be relied on, and only a fault of the commit itself may leave them in the store all
    /// the same.
    fn write(&mut self, rows: &[Row], signer: &Signer) -> Result<Vec<Outcome>, Fault>;

    /// Whether this node may sequence for so long from now on: the one that holds the term, or anybody once it is
    /// over. It keeps nodes out of each other's way; that the tree never forks does not depend on it.
    fn lead(&mut self, node: &str, term: Duration) -> Result<bool, Fault>;

    /// Where the log stands. What is returned outlives the loss of a node of the store.
    fn head(&mut self) -> Result<Head, Fault>;

    /// One turn of the sequencer, in one transaction: the head is locked, up to so many entries that wait are handed
    /// over, oldest first, and what the sequencer makes of them is kept. Returns how many were placed.
    fn sequence(&mut self, most: u32, sequencer: &mut dyn Sequencer) -> Result<usize, Fault>;

    /// A tile of the tree as it stands, as wide as it is; empty if there is none.
    fn tile(&mut self, level: u8, index: u64) -> Result<Vec<u8>, Fault>;

    /// Entries that have a place, in order.
    fn entries(&mut self, from: u64, most: u32) -> Result<Vec<Entry>, Fault>;

    /// The place of an entry, once it has one.
    fn index(&mut self, entry: &Entry) -> Result<Option<u64>, Fault>;

    /// Keeps what witnesses signed over a tree of this size, unless they signed a longer one already.
    fn witness(&mut self, size: u64, note: &str) -> Result<(), Fault>;

    /// Begins the log anew under another origin: every entry there ever was waits for a place again, in its old
    /// order. Records stay as they are.
    fn restart(&mut self, origin: &str) -> Result<(), Fault>;

    /// The records sought, oldest first; of more than a thousand the newest.
    fn find(&mut self, sought: &Sought) -> Result<Vec<Stored>, Fault>;

    /// Records after a number, in the order of their numbers.
    fn read(&mut self, after: i64, most: u32) -> Result<Vec<Stored>, Fault>;

    /// How many records there are, and the highest number.
    fn extent(&mut self) -> Result<(u64, i64), Fault>;

    /// Erases records with their salts, and remembers their names, so that none comes back from a spool. Returns how
    /// many were there.
    fn erase(&mut self, ids: &[RecordId]) -> Result<u64, Fault>;

    /// Draws anew what records and grants are found by: what moved there once may have left a copy behind, which goes
    /// with no record. The whole store is gone through, and nobody writes meanwhile. A store that leaves this to its own
    /// upkeep has nothing to do.
    fn redraw(&mut self) -> Result<(), Fault> {
        Ok(())
    }

    /// Takes what was erased out of wherever the store still holds it; false while somebody is in the way. A store that
    /// leaves this to its own upkeep has nothing to do.
    fn scrub(&mut self) -> Result<bool, Fault> {
        Ok(true)
    }

    /// Forgets who took grants back with a receipt before a time (milliseconds since 1970): no cookie is that old.
    /// Returns whether there was anybody.
    fn forget(&mut self, _before: u64) -> Result<bool, Fault> {
        Ok(false)
    }

    /// Records decided before a time (milliseconds since 1970) whose choice has run out by `now` as well.
    fn aged(&mut self, before: u64, now: u64, most: u32) -> Result<Vec<RecordId>, Fault>;

    /// The newest grants of visitors that have run out by a time (milliseconds since 1970), and nothing came after.
    fn lapsed(&mut self, now: u64, most: u32) -> Result<Vec<Stored>, Fault>;

    /// Whose grants were taken back with a receipt since a time (milliseconds since 1970).
    fn revoked(&mut self, since: u64) -> Result<Vec<Pseudonym>, Fault>;

    /// Keeps what is named by its own SHA-256. What is there already stays.
    fn archive(&mut self, contents: &[(Digest, &[u8])]) -> Result<(), Fault>;

    /// What the archive holds by this name.
    fn archived(&mut self, name: Digest) -> Result<Option<Vec<u8>>, Fault>;

    /// Says that a version of the mechanism is live from a time on, and lets its manifest wait for a place in the log;
    /// false, and nothing done, where the newest version is another one than it is to follow.
    fn live(&mut self, at: u64, manifest: Digest, after: Option<Digest>) -> Result<bool, Fault>;

    /// The version that was live at a time (milliseconds since 1970): since when, and its manifest.
    fn version(&mut self, at: u64) -> Result<Option<(u64, Digest)>, Fault>;
}

/// What makes a longer tree of entries that wait.
pub(crate) trait Sequencer {
    /// The step from a head; nothing where nothing may or need be done.
    fn step(&mut self, tiles: &mut dyn Tiles, head: &Head, entries: &[Entry]) -> Result<Option<Step>, Fault>;
}

/// A longer tree.
pub(crate) struct Step {
    pub(crate) size: u64,
    /// The signed checkpoint.
    pub(crate) note: String,
    pub(crate) tiles: Vec<Tile>,
}

/// Where a log stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Head {
    /// What it is called.
    pub(crate) origin: String,
    pub(crate) size: u64,
    /// The signed checkpoint; empty before the first.
    pub(crate) note: String,
    /// The newest checkpoint that witnesses signed as well; an older one while the log grows.
    pub(crate) witnessed: Option<String>,
}

/// The size in the second line of a checkpoint (C2SP tlog-checkpoint), 0 where there is none.
pub(crate) fn size(note: &str) -> u64 {
    note.lines().nth(1).and_then(|line| line.parse().ok()).unwrap_or(0)
}

/// How a record is sought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sought {
    Id(RecordId),
    Handle(Handle),
    Pseudonym(Pseudonym),
}

/// A record as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stored {
    /// Its number in the store: later ones are higher, some are missing.
    pub(crate) seq: i64,
    pub(crate) row: Row,
    pub(crate) previous: Option<RecordId>,
    pub(crate) salt: Salt,
    pub(crate) key: [u8; 32],
    pub(crate) signature: [u8; 64],
}

impl Stored {
    /// What the log holds of it.
    pub(crate) fn entry(&self) -> Entry {
        Entry::Record(commitment(&self.salt.0, self.row.leaf(self.previous)))
    }

    /// As a document, without a proof.
    pub(crate) fn document(self, origin: &str) -> ReceiptDocument {
        ReceiptDocument::new(self.row, self.previous, self.salt, (self.key, self.signature), origin)
    }
}

/// What became of one row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It is durable, newly.
    Write(Place),
    /// It was in the store already.
    Know(Place),
    /// Another row has its name.
    Clash,
    /// It was in the store and has been erased since.
    Erase,
}

/// Where a row is: what it follows, what it is salted with, and the signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) previous: Option<RecordId>,
    pub(crate) salt: Salt,
    pub(crate) signature: [u8; 64],
}

/// Why a store could not do it, for the operator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault(pub(crate) String);

impl Fault {
    pub(crate) fn new(why: impl Into<String>) -> Self {
        Self(why.into())
    }
}

/// 32 random bytes.
pub(crate) fn salt() -> Result<Salt, Fault> {
    let mut salt = [0; 32];
    getrandom::fill(&mut salt).map_err(|error| Fault(format!("the system gives no random numbers: {error}")))?;
    Ok(Salt(salt))
}
