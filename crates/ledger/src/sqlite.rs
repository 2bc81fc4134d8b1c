//! The store in one SQLite file (write-ahead log, synced at every commit). Knows no threads and no
//! retrying: it says what is wrong, and is asked again.
//!
//! Past failures this prevents: writing on into a file that was deleted or replaced (the inode is
//! compared before each batch); a store frozen by its permission bits that root would still write to;
//! pages lost after a failed sync (the log is copied back into the file before the store is used again).

use crate::row::Row;
use crate::schema;
use crate::signer::Signer;
use crate::store::{Fault, Outcome, Place, Store};
use bandeau_consent::{Digest, RecordId};
use rusqlite::{Connection, ErrorCode, OptionalExtension as _, Transaction, TransactionBehavior, params};
use std::fs::{self, File, OpenOptions};
use std::io::ErrorKind;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

/// A book in one SQLite file.
pub(crate) struct Sqlite {
    path: PathBuf,
    open: Option<Open>,
    /// A write failed in a way that may have left the log unsynced.
    suspect: bool,
    /// The most pages the file may have, to let a test fill the disk.
    #[cfg(test)]
    pub(crate) pages: std::sync::Arc<std::sync::atomic::AtomicU32>,
}

struct Open {
    connection: Connection,
    /// Device and inode of the file that was opened.
    file: (u64, u64),
}

impl Sqlite {
    pub(crate) fn new(path: PathBuf) -> Self {
        Self {
            path,
            open: None,
            suspect: false,
            #[cfg(test)]
            pages: std::sync::Arc::default(),
        }
    }

    /// Device and inode of the file at the path, if there is one; a fault if nobody may write to it.
    fn look(&self) -> Result<Option<(u64, u64)>, Fault> {
        match fs::metadata(&self.path) {
            Ok(found) if !found.is_file() => Err(Fault::new(format!("{} is not a file", self.path.display()))),
            // Also for root, whom the kernel would let through: this is how an operator freezes a store.
            Ok(found) if found.mode() & 0o222 == 0 => {
                Err(Fault::new(format!("{} is frozen: its permissions let nobody write", self.path.display())))
            }
            Ok(found) => Ok(Some((found.dev(), found.ino()))),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Fault::new(format!("{}: {error}", self.path.display()))),
        }
    }

    fn connect(&mut self) -> Result<Open, Fault> {
        let place = |error: std::io::Error| Fault::new(format!("{}: {error}", self.path.display()));
        let file = match self.look()? {
            Some(file) => file,
            None => create(&self.path).map_err(place)?,
        };
        let connection = schema::open(&self.path)?;
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

    fn transact(&mut self, rows: &[Row], signer: &Signer) -> Result<Vec<Outcome>, rusqlite::Error> {
        let Some(open) = &mut self.open else {
            return Err(rusqlite::Error::InvalidPath(self.path.clone()));
        };
        #[cfg(test)]
        limit(&open.connection, self.pages.load(std::sync::atomic::Ordering::SeqCst))?;
        // Immediate: two processes must not both look up what a record follows.
        let transaction = open.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let key = enrol(&transaction, signer)?;
        let outcomes = rows.iter().map(|row| keep(&transaction, row, signer, key)).collect::<Result<_, _>>()?;
        transaction.commit()?;
        Ok(outcomes)
    }
}

impl Store for Sqlite {
    fn ready(&mut self) -> Result<(), Fault> {
        let found = self.look()?;
        if self.open.as_ref().is_some_and(|open| Some(open.file) == found) {
            return Ok(());
        }
        if self.open.take().is_some() {
            tracing::warn!("the file of the book was removed or replaced; opening what is at its path now");
        }
        self.open = Some(self.connect()?);
        Ok(())
    }

    fn write(&mut self, rows: &[Row], signer: &Signer) -> Result<Vec<Outcome>, Fault> {
        self.transact(rows, signer).map_err(|error| {
            // Dropping the transaction has rolled it back. A full disk or another writer leaves the
            // connection sound; after anything else it is not trusted again.
            if !matches!(error.sqlite_error_code(), Some(ErrorCode::DiskFull | ErrorCode::DatabaseBusy)) {
                self.open = None;
                self.suspect = true;
            }
            error.into()
        })
    }
}

/// Creates the file, readable by its owner only, and syncs the directory so that the name lasts too.
fn create(path: &Path) -> std::io::Result<(u64, u64)> {
    let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?.metadata()?;
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(directory)?.sync_all()?;
    Ok((made.dev(), made.ino()))
}

/// The number of the signer's key in this file.
fn enrol(transaction: &Transaction<'_>, signer: &Signer) -> Result<i64, rusqlite::Error> {
    let key = signer.verifying_key();
    let find = || {
        let mut find = transaction.prepare_cached("SELECT id FROM signer WHERE key = ?1")?;
        find.query_row([key], |row| row.get(0)).optional()
    };
    match find()? {
        Some(id) => Ok(id),
        None => {
            transaction.execute("INSERT INTO signer (key) VALUES (?1)", [key])?;
            Ok(transaction.last_insert_rowid())
        }
    }
}

fn keep(transaction: &Transaction<'_>, row: &Row, signer: &Signer, key: i64) -> Result<Outcome, rusqlite::Error> {
    if let Some((previous, leaf)) = known(transaction, row.id)? {
        let same = row.leaf(previous) == leaf;
        // The signature is made anew, not read: with the same key it is the same (RFC 8032), and after a
        // change of key the receipt is of the key the gateway has now.
        return Ok(if same { Outcome::Know(Place { previous, signature: signer.sign(leaf) }) } else { Outcome::Clash });
    }
    let mut newest =
        transaction.prepare_cached("SELECT id FROM record WHERE pseudonym = ?1 ORDER BY seq DESC LIMIT 1")?;
    let previous = newest.query_row([row.pseudonym.0], |found| found.get(0)).optional()?.map(RecordId);
    let leaf = row.leaf(previous);
    let place = Place { previous, signature: signer.sign(leaf) };
    let choices = serde_json::to_string(&row.choices)
        .map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))?;
    let mut insert = transaction.prepare_cached(
        "INSERT INTO record (id, pseudonym, previous, at, event, notice, policy, language, source, keep, choices,
         leaf, signer, signature) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
    )?;
    insert.execute(params![
        row.id.0,
        row.pseudonym.0,
        previous.map(|id| id.0),
        // SQLite has no unsigned integers; the same 64 bits come back.
        row.at.cast_signed(),
        row.event,
        row.notice.0,
        row.policy.0,
        row.language,
        row.source,
        row.keep.cast_signed(),
        choices,
        leaf.0,
        key,
        place.signature,
    ])?;
    Ok(Outcome::Write(place))
}

fn known(transaction: &Transaction<'_>, id: RecordId) -> Result<Option<(Option<RecordId>, Digest)>, rusqlite::Error> {
    let mut find = transaction.prepare_cached("SELECT previous, leaf FROM record WHERE id = ?1")?;
    find.query_row([id.0], |row| Ok((row.get::<_, Option<_>>(0)?.map(RecordId), Digest(row.get(1)?)))).optional()
}

#[cfg(test)]
fn limit(connection: &Connection, pages: u32) -> Result<(), rusqlite::Error> {
    let pages = if pages == 0 { u32::MAX - 1 } else { pages };
    connection.query_row(&format!("PRAGMA max_page_count = {pages}"), [], |_| Ok(()))
}
