//! The shape of the SQLite file, which files are ours, and how an older one becomes a newer one. Knows nothing of
//! when to open or retry.
//!
//! An auditor reads the view `book` with any SQLite shell: identifiers as hexadecimal, times as ISO 8601.

use super::write;
use crate::store::Fault;
use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};
use std::path::Path;
use std::time::Duration;

/// "Band" in ASCII: marks the file as ours (SQLite file format §1.3.17).
pub(crate) const APPLICATION: i64 = 0x4261_6e64;

/// The version that is written. A later one adds a step to [`migrate`], and never changes a text below.
pub(crate) const VERSION: i64 = 2;

/// How long to wait for another writer.
const BUSY: Duration = Duration::from_secs(1);

// AUTOINCREMENT, so that a number is never given twice even after the newest record was erased.
const V1: &str = "
CREATE TABLE signer (
    id INTEGER PRIMARY KEY,
    key BLOB NOT NULL UNIQUE CHECK (length(key) = 32)
) STRICT;
CREATE TABLE record (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
    pseudonym BLOB NOT NULL CHECK (length(pseudonym) = 16),
    previous BLOB CHECK (length(previous) = 16),
    at INTEGER NOT NULL,
    event TEXT NOT NULL,
    notice BLOB NOT NULL CHECK (length(notice) = 32),
    policy BLOB NOT NULL CHECK (length(policy) = 32),
    language TEXT NOT NULL,
    source TEXT NOT NULL,
    keep INTEGER NOT NULL,
    choices TEXT NOT NULL CHECK (json_valid(choices)),
    leaf BLOB NOT NULL CHECK (length(leaf) = 32),
    signer INTEGER NOT NULL REFERENCES signer (id),
    signature BLOB NOT NULL CHECK (length(signature) = 64)
) STRICT;
CREATE INDEX record_pseudonym ON record (pseudonym);
CREATE TRIGGER record_never_updated BEFORE UPDATE ON record
BEGIN SELECT RAISE(ABORT, 'a record is never updated'); END;
CREATE VIEW book AS SELECT
    seq, lower(hex(record.id)) AS id, lower(hex(pseudonym)) AS pseudonym, lower(hex(previous)) AS previous,
    strftime('%Y-%m-%dT%H:%M:%fZ', at / 1000.0, 'unixepoch') AS time, at, event, choices, language, source, keep,
    lower(hex(notice)) AS notice, lower(hex(policy)) AS policy, lower(hex(leaf)) AS leaf,
    lower(hex(key)) AS key, lower(hex(signature)) AS signature
FROM record JOIN signer ON signer.id = record.signer;
";

// The log over the records. `entry` has what was placed, `pending` what waits; a body is in one of them, once.
// `granted` has the newest grant of each visitor, until it runs out or is taken back. `erased` keeps names only.
const V2: &str = "
ALTER TABLE record ADD COLUMN salt BLOB CHECK (length(salt) = 32);
ALTER TABLE record ADD COLUMN handle BLOB CHECK (length(handle) = 16);
CREATE UNIQUE INDEX record_handle ON record (handle);
CREATE INDEX record_at ON record (at);
CREATE TABLE entry (
    idx INTEGER PRIMARY KEY,
    body BLOB NOT NULL UNIQUE CHECK (length(body) = 33)
) STRICT;
CREATE TABLE pending (
    no INTEGER PRIMARY KEY AUTOINCREMENT,
    body BLOB NOT NULL UNIQUE CHECK (length(body) = 33)
) STRICT;
CREATE TABLE tile (
    level INTEGER NOT NULL,
    idx INTEGER NOT NULL,
    hashes BLOB NOT NULL,
    PRIMARY KEY (level, idx)
) STRICT, WITHOUT ROWID;
CREATE TABLE head (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    origin TEXT NOT NULL,
    size INTEGER NOT NULL,
    note TEXT NOT NULL,
    witnessed TEXT
) STRICT;
CREATE TABLE granted (
    pseudonym BLOB PRIMARY KEY,
    id BLOB NOT NULL,
    at INTEGER NOT NULL,
    until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX granted_until ON granted (until);
CREATE TABLE revoked (pseudonym BLOB PRIMARY KEY, at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX revoked_at ON revoked (at);
CREATE TABLE erased (id BLOB PRIMARY KEY) STRICT, WITHOUT ROWID;
CREATE TABLE archive (name BLOB PRIMARY KEY CHECK (length(name) = 32), content BLOB NOT NULL) STRICT;
CREATE TABLE live (no INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, manifest BLOB NOT NULL) STRICT;
";

/// Fills everything that is in the order of random numbers anew.
pub(super) const REDRAW: &str = "
CREATE TEMP TABLE kept AS SELECT * FROM main.granted;
DELETE FROM main.granted;
INSERT INTO main.granted SELECT * FROM temp.kept ORDER BY pseudonym;
DROP TABLE temp.kept;
REINDEX main.granted_until;
REINDEX main.record_pseudonym;
REINDEX main.record_handle;
";

/// Opens an existing file for the writer, giving it our shape if it is empty and today's if it is older. A foreign or
/// newer file is refused before anything in it is changed.
pub(crate) fn open(path: &Path, origin: &str) -> Result<Connection, Fault> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY)?;
    let version = version(&connection)?;
    let mode: String = connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))?;
    if mode != "wal" {
        return Err(Fault::new(format!("the file system allows no write-ahead log (journal mode stays {mode})")));
    }
    // FULL: the log is synced at every commit, which is what a receipt attests. What is erased is overwritten.
    connection.execute_batch("PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON;")?;
    // 16 MiB, in the pragma's negative KiB. A full batch touches about 5 MiB of a large book, since what it is found by is
    // random; what does not fit into the cache is written before the commit and read again.
    connection.pragma_update(None, "cache_size", -16_384)?;
    if version < VERSION {
        migrate(&mut connection, origin)?;
    }
    Ok(connection)
}

/// Opens a file for reading only.
pub(crate) fn read(path: &Path) -> Result<Connection, Fault> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY)?;
    match version(&connection)? {
        0 => Err(Fault::new("the file is empty: no book was ever opened in it")),
        VERSION => Ok(connection),
        older => Err(Fault::new(format!(
            "the file has version {older} of the book: a gateway that opens it once, or `bandeau erase --expired`, makes it \
             version {VERSION}; nothing in it is lost"
        ))),
    }
}

/// From any version there ever was to today's, in one transaction: a crash on the way leaves the old file.
fn migrate(connection: &mut Connection, origin: &str) -> Result<(), Fault> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Another process may have been faster.
    let version = version(&transaction)?;
    if version < 1 {
        transaction.execute_batch(V1)?;
        transaction.pragma_update(None, "application_id", APPLICATION)?;
    }
    if version < 2 {
        transaction.execute_batch(V2)?;
        transaction.execute("INSERT INTO head (one, origin, size, note) VALUES (1, ?1, 0, '')", [origin])?;
        place_old(&transaction)?;
        transaction.pragma_update(None, "user_version", 2)?;
    }
    Ok(transaction.commit()?)
}

/// Gives records from before there was a log their salt, and lets them wait for a place in it.
fn place_old(transaction: &Transaction<'_>) -> Result<(), Fault> {
    let total: i64 = transaction.query_row("SELECT count(*) FROM record", [], |row| row.get(0))?;
    if total == 0 {
        return Ok(());
    }
    tracing::info!(records = total, "the book gets its log; this happens once and may take a while");
    transaction.execute_batch("DROP TRIGGER record_never_updated;")?;
    let (mut after, mut done) = (0, 0);
    while let Some(last) = write::adopt(transaction, after, 10_000, &mut done)? {
        after = last;
        tracing::info!(done, of = total, "records were given to the log");
    }
    transaction.execute_batch(
        "CREATE TRIGGER record_never_updated BEFORE UPDATE ON record
         BEGIN SELECT RAISE(ABORT, 'a record is never updated'); END;",
    )?;
    Ok(())
}

/// The version of a file, 0 while it is empty; a fault if it is not ours or from the future.
fn version(connection: &Connection) -> Result<i64, Fault> {
    let number = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    match (number("application_id")?, number("user_version")?) {
        (APPLICATION, version @ 1..=VERSION) => Ok(version),
        (APPLICATION, version) => Err(Fault::new(format!(
            "the file has version {version} of the book and this gateway knows version {VERSION}: \
             run the gateway that wrote it, or a newer one"
        ))),
        (0, 0) if connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get::<_, i64>(0))? == 0 => {
            Ok(0)
        }
        (id, _) => Err(Fault::new(format!("the file belongs to another application (application id {id:#x})"))),
    }
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        Self(error.to_string())
    }
}
