//! The store in one SQLite file (write-ahead log, synced at every commit). Knows no threads and no
//! retrying: it says what is wrong, and is asked again.
//!
//! Past failures this prevents: writing on into a file that was deleted or replaced (the inode is
//! compared before each batch); a store frozen by its permission bits that root would still write to;
//! pages lost after a failed sync (the log is copied back into the file before the store is used again).

mod read;
mod schema;
mod tree;
mod write;

use crate::log::Entry;
use crate::row::Row;
use crate::signer::Signer;
use crate::store::{Fault, Head, Outcome, Sequencer, Sought, Store, Stored};
use bandeau_consent::{Digest, Pseudonym, RecordId};
use rusqlite::{Connection, ErrorCode, OptionalExtension as _, Transaction, TransactionBehavior, params};
use std::fs::{self, OpenOptions};
use std::io::ErrorKind;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// A book in one SQLite file.
pub(crate) struct Sqlite {
    path: PathBuf,
    /// What the log is called if it begins here.
    origin: String,
    /// Opened for reading only: the file is never made, migrated or written.
    reads: bool,
    open: Option<Open>,
    /// It was opened in passing, and nobody who asks [`Store::ready`] was told yet.
    unseen: bool,
    /// A write failed in a way that may have left the log unsynced.
    suspect: bool,
    /// Writers of one process wait for each other here, and not by trying again and again.
    turn: Arc<Mutex<()>>,
    /// The most pages the file may have, to let a test fill the disk.
    #[cfg(test)]
    pub(crate) pages: Arc<std::sync::atomic::AtomicU32>,
}

struct Open {
    connection: Connection,
    /// Device and inode of the file that was opened.
    file: (u64, u64),
}

impl Sqlite {
    pub(crate) fn new(path: PathBuf, origin: &str) -> Self {
        Self {
            path,
            origin: origin.to_owned(),
            reads: false,
            open: None,
            unseen: false,
            suspect: false,
            turn: Arc::default(),
            #[cfg(test)]
            pages: Arc::default(),
        }
    }

    /// For reading only.
    pub(crate) fn reader(path: PathBuf) -> Self {
        Self { reads: true, ..Self::new(path, "") }
    }

    /// Device and inode of the file at the path, if there is one; a fault if nobody may write to it.
    fn look(&self) -> Result<Option<(u64, u64)>, Fault> {
        match fs::metadata(&self.path) {
            Ok(found) if !found.is_file() => Err(Fault::new(format!("{} is not a file", self.path.display()))),
            // Also for root, whom the kernel would let through: this is how an operator freezes a store.
            Ok(found) if found.mode() & 0o222 == 0 && !self.reads => {
                Err(Fault::new(format!("{} is frozen: its permissions let nobody write", self.path.display())))
            }
            Ok(found) => Ok(Some((found.dev(), found.ino()))),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Fault::new(format!("{}: {error}", self.path.display()))),
        }
    }

    fn connect(&mut self) -> Result<Open, Fault> {
        let place = |error: std::io::Error| Fault::new(format!("{}: {error}", self.path.display()));
        if self.reads {
            let file = self.look()?.ok_or_else(|| place(ErrorKind::NotFound.into()))?;
            return Ok(Open { connection: schema::read(&self.path)?, file });
        }
        let file = match self.look()? {
            Some(file) => file,
            None => create(&self.path).map_err(place)?,
        };
        let connection = schema::open(&self.path, &self.origin)?;
        // After a failed sync the kernel may hold frames of the log that never reached the disk and never
        // will. Copying them into the file and syncing that makes them true again; until it is done,
        // nothing may be built on them.
        let busy: i64 = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
        if self.suspect && busy != 0 {
            return Err(Fault::new("the log could not be copied back after a failed write: another process reads it"));
        }
        self.suspect = false;
        Ok(Open { connection, file })
    }

    /// The file that is open. One that was put in its place is opened by [`Store::ready`] alone, whose caller looks at it.
    fn connection(&mut self) -> Result<&mut Connection, Fault> {
        match &self.open {
            Some(open) if Some(open.file) != self.look()? => {
                return Err(Fault::new("the file of the book was removed or replaced"));
            }
            Some(_) => {}
            None => {
                self.ready()?;
                self.unseen = true;
            }
        }
        match &mut self.open {
            Some(open) => Ok(&mut open.connection),
            None => Err(Fault::new("the file is not open")),
        }
    }

    /// One transaction that writes. Dropping it rolls it back.
    fn transact<T>(&mut self, act: impl FnOnce(&Transaction<'_>) -> Result<T, Fault>) -> Result<T, Fault> {
        let turn = Arc::clone(&self.turn);
        let _turn = turn.lock().unwrap_or_else(PoisonError::into_inner);
        #[cfg(test)]
        let pages = self.pages.load(std::sync::atomic::Ordering::SeqCst);
        let connection = self.connection()?;
        #[cfg(test)]
        limit(connection, pages)?;
        // Immediate: two processes must not both look up what a record follows.
        let begun = connection.transaction_with_behavior(TransactionBehavior::Immediate);
        let result = begun.map_err(Failure::from).and_then(|transaction| {
            let done = act(&transaction).map_err(Failure::Act)?;
            transaction.commit()?;
            Ok(done)
        });
        result.map_err(|failure| {
            // A full disk or another writer leaves the connection sound; after anything else it is not trusted
            // again. A fault of the act itself was rolled back, and says in words what happened.
            let sound = matches!(&failure, Failure::Sql(error)
                if matches!(error.sqlite_error_code(), Some(ErrorCode::DiskFull | ErrorCode::DatabaseBusy)));
            let full = matches!(&failure, Failure::Act(Fault(why)) if why == FULL);
            if !sound && !full {
                self.open = None;
                self.suspect = true;
            }
            failure.into()
        })
    }
}

/// What SQLite says when the disk is full.
const FULL: &str = "database or disk is full";

/// Why a transaction was not committed.
enum Failure {
    Sql(rusqlite::Error),
    Act(Fault),
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sql(error)
    }
}

impl From<Failure> for Fault {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Sql(error) => error.into(),
            Failure::Act(fault) => fault,
        }
    }
}

impl Store for Sqlite {
    fn ready(&mut self) -> Result<bool, Fault> {
        let found = self.look()?;
        if self.open.as_ref().is_some_and(|open| Some(open.file) == found) {
            return Ok(std::mem::take(&mut self.unseen));
        }
        if self.open.take().is_some() {
            tracing::warn!("the file of the book was removed or replaced; opening what is at its path now");
        }
        self.open = Some(self.connect()?);
        Ok(true)
    }

    fn sibling(&self) -> Box<dyn Store> {
        Box::new(Self {
            path: self.path.clone(),
            origin: self.origin.clone(),
            reads: self.reads,
            open: None,
            unseen: false,
            suspect: false,
            turn: Arc::clone(&self.turn),
            #[cfg(test)]
            pages: Arc::clone(&self.pages),
        })
    }

    fn write(&mut self, rows: &[Row], signer: &Signer) -> Result<Vec<Outcome>, Fault> {
        self.transact(|transaction| write::rows(transaction, rows, signer))
    }

    /// Processes that share a file take turns by its lock, so each may.
    fn lead(&mut self, _node: &str, _term: Duration) -> Result<bool, Fault> {
        Ok(true)
    }

    fn head(&mut self) -> Result<Head, Fault> {
        tree::head(self.connection()?)
    }

    fn sequence(&mut self, most: u32, sequencer: &mut dyn Sequencer) -> Result<usize, Fault> {
        if !self.connection()?.prepare_cached("SELECT 1 FROM pending")?.exists([])? {
            return Ok(0);
        }
        self.transact(|transaction| tree::sequence(transaction, most, sequencer))
    }

    fn tile(&mut self, level: u8, index: u64) -> Result<Vec<u8>, Fault> {
        tree::tile(self.connection()?, level, index)
    }

    fn entries(&mut self, from: u64, most: u32) -> Result<Vec<Entry>, Fault> {
        tree::entries(self.connection()?, from, most)
    }

    fn index(&mut self, entry: &Entry) -> Result<Option<u64>, Fault> {
        tree::index(self.connection()?, entry)
    }

    fn witness(&mut self, size: u64, note: &str) -> Result<(), Fault> {
        self.transact(|transaction| {
            let before = tree::head(transaction)?.witnessed;
            if before.is_none_or(|before| crate::store::size(&before) < size) {
                transaction.execute("UPDATE head SET witnessed = ?1", [note])?;
            }
            Ok(())
        })
    }

    fn restart(&mut self, origin: &str) -> Result<(), Fault> {
        self.transact(|transaction| tree::restart(transaction, origin))
    }

    fn find(&mut self, sought: &Sought) -> Result<Vec<Stored>, Fault> {
        read::find(self.connection()?, sought)
    }

    fn read(&mut self, after: i64, most: u32) -> Result<Vec<Stored>, Fault> {
        read::after(self.connection()?, after, most)
    }

    fn extent(&mut self) -> Result<(u64, i64), Fault> {
        read::extent(self.connection()?)
    }

    fn erase(&mut self, ids: &[RecordId]) -> Result<u64, Fault> {
        self.transact(|transaction| write::erase(transaction, ids))
    }

    /// What was erased is overwritten in the file, but is still in the write-ahead log until that is copied back and
    /// emptied.
    fn redraw(&mut self) -> Result<(), Fault> {
        // Secure deletion overwrites an entry where it is; pages that were balanced keep copies of what moved in their
        // unused middle. Emptied as a whole, pages are overwritten as a whole.
        self.transact(|transaction| Ok(transaction.execute_batch(schema::REDRAW)?))
    }

    fn scrub(&mut self) -> Result<bool, Fault> {
        let turn = Arc::clone(&self.turn);
        let connection = self.connection()?;
        // The long part waits for nobody and keeps nobody waiting.
        connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))?;
        let _turn = turn.lock().unwrap_or_else(PoisonError::into_inner);
        let busy: i64 = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
        Ok(busy == 0)
    }

    fn forget(&mut self, before: u64) -> Result<bool, Fault> {
        let old = [before.cast_signed()];
        if !self.connection()?.prepare_cached("SELECT 1 FROM revoked WHERE at < ?1")?.exists(old)? {
            return Ok(false);
        }
        self.transact(|transaction| Ok(transaction.execute("DELETE FROM revoked WHERE at < ?1", old)? > 0))
    }

    fn aged(&mut self, before: u64, now: u64, most: u32) -> Result<Vec<RecordId>, Fault> {
        read::aged(self.connection()?, before, now, most)
    }

    fn lapsed(&mut self, now: u64, most: u32) -> Result<Vec<Stored>, Fault> {
        read::lapsed(self.connection()?, now, most)
    }

    fn revoked(&mut self, since: u64) -> Result<Vec<Pseudonym>, Fault> {
        read::revoked(self.connection()?, since)
    }

    fn archive(&mut self, contents: &[(Digest, &[u8])]) -> Result<(), Fault> {
        self.transact(|transaction| {
            let mut insert =
                transaction.prepare_cached("INSERT OR IGNORE INTO archive (name, content) VALUES (?1, ?2)")?;
            for (name, content) in contents {
                insert.execute(params![name.0, content])?;
            }
            Ok(())
        })
    }

    fn archived(&mut self, name: Digest) -> Result<Option<Vec<u8>>, Fault> {
        let found = "SELECT content FROM archive WHERE name = ?1";
        Ok(self.connection()?.query_row(found, [name.0], |row| row.get(0)).optional()?)
    }

    fn live(&mut self, at: u64, manifest: Digest, after: Option<Digest>) -> Result<bool, Fault> {
        self.transact(|transaction| tree::live(transaction, at, manifest, after))
    }

    fn version(&mut self, at: u64) -> Result<Option<(u64, Digest)>, Fault> {
        tree::version(self.connection()?, at)
    }
}

/// Creates the file, readable by its owner only, and syncs the directory so that the name lasts too.
fn create(path: &Path) -> std::io::Result<(u64, u64)> {
    let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?.metadata()?;
    crate::disk::settle(path)?;
    Ok((made.dev(), made.ino()))
}

#[cfg(test)]
fn limit(connection: &Connection, pages: u32) -> Result<(), rusqlite::Error> {
    let pages = if pages == 0 { u32::MAX - 1 } else { pages };
    connection.query_row(&format!("PRAGMA max_page_count = {pages}"), [], |_| Ok(()))
}
