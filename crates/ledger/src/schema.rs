//! The shape of the SQLite file, and which files are ours. Knows nothing of when to open or retry.
//!
//! An auditor reads the view `book` with any SQLite shell: identifiers as hexadecimal, times as ISO 8601.

use crate::store::Fault;
use rusqlite::{Connection, OpenFlags, TransactionBehavior};
use std::path::Path;
use std::time::Duration;

/// "Band" in ASCII: marks the file as ours (SQLite file format §1.3.17).
pub(crate) const APPLICATION: i64 = 0x4261_6e64;

/// The only version there has been. A later one adds a migration here, and never a change to this text.
pub(crate) const VERSION: i64 = 1;

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

/// Opens an existing file for the writer, giving it our shape if it is empty. A foreign or newer file is
/// refused before anything in it is changed.
pub(crate) fn open(path: &Path) -> Result<Connection, Fault> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY)?;
    let fresh = fresh(&connection)?;
    let mode: String = connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))?;
    if mode != "wal" {
        return Err(Fault::new(format!("the file system allows no write-ahead log (journal mode stays {mode})")));
    }
    // FULL: the log is synced at every commit, which is what a receipt attests.
    connection.execute_batch("PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;")?;
    if fresh {
        create(&mut connection)?;
    }
    Ok(connection)
}

/// Opens a file for reading only.
pub(crate) fn read(path: &Path) -> Result<Connection, Fault> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY)?;
    if fresh(&connection)? {
        return Err(Fault::new("the file is empty: no book was ever opened in it"));
    }
    Ok(connection)
}

fn create(connection: &mut Connection) -> Result<(), Fault> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Another process may have been faster.
    if fresh(&transaction)? {
        transaction.execute_batch(V1)?;
        transaction.pragma_update(None, "application_id", APPLICATION)?;
        transaction.pragma_update(None, "user_version", VERSION)?;
    }
    Ok(transaction.commit()?)
}

/// Whether the file is still empty; a fault if it is not ours.
fn fresh(connection: &Connection) -> Result<bool, Fault> {
    let number = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    match (number("application_id")?, number("user_version")?) {
        (APPLICATION, VERSION) => Ok(false),
        (APPLICATION, version) => Err(Fault::new(format!(
            "the file has version {version} of the book and this gateway knows version {VERSION}: \
             run the gateway that wrote it, or a newer one"
        ))),
        (0, 0) if connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get::<_, i64>(0))? == 0 => {
            Ok(true)
        }
        (id, _) => Err(Fault::new(format!("the file belongs to another application (application id {id:#x})"))),
    }
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        Self(error.to_string())
    }
}
