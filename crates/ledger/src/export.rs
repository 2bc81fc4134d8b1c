//! Reading the book out: one receipt document a line, oldest first. Opens the store read-only, needs
//! neither the key nor the gateway, and does not disturb a gateway that writes.

use crate::document::ReceiptDocument;
use crate::error::Error;
use crate::ledger::Address;
use crate::row::Row;
use crate::schema;
use crate::store::Fault;
use bandeau_consent::{Digest, Pseudonym, RecordId};
use rusqlite::Connection;
use std::io::Write;

/// Rows read at a time. Each portion is its own read transaction, so that a long export does not keep
/// the gateway's log from being folded back.
const PORTION: i64 = 1000;

/// Writes every record that is in the store when the call begins as JSON Lines, oldest first, each line a
/// [`ReceiptDocument`], and returns how many. Reports records done and in all after each portion.
///
/// # Errors
/// When the URL names no store ([`Error::BadStore`]), the store cannot be read ([`Error::Unreadable`]),
/// a row is not a record ([`Error::BadRow`]), or `out` fails ([`Error::Output`]).
pub fn export(store: &str, out: &mut dyn Write, progress: &mut dyn FnMut(u64, u64)) -> Result<u64, Error> {
    let Address::Sqlite(path) = Address::parse(store)?;
    let connection = schema::read(&path)?;
    let (total, last): (u64, i64) = connection
        .query_row("SELECT count(*), coalesce(max(seq), 0) FROM record", [], |row| {
            Ok((row.get::<_, i64>(0)?.cast_unsigned(), row.get(1)?))
        })
        .map_err(Fault::from)?;
    let (mut done, mut after) = (0, 0);
    progress(done, total);
    loop {
        let portion = portion(&connection, after, last)?;
        let Some((newest, _)) = portion.last() else { break };
        after = *newest;
        for (_, document) in &portion {
            serde_json::to_writer(&mut *out, document).map_err(|error| Error::Output(error.into()))?;
            out.write_all(b"\n").map_err(Error::Output)?;
            done += 1;
        }
        progress(done, total);
    }
    out.flush().map_err(Error::Output)?;
    Ok(done)
}

fn portion(connection: &Connection, after: i64, last: i64) -> Result<Vec<(i64, ReceiptDocument)>, Error> {
    let mut query = connection
        .prepare_cached(
            "SELECT seq, record.id, pseudonym, previous, at, event, notice, policy, language, source, keep, choices,
             key, signature FROM record JOIN signer ON signer.id = record.signer
             WHERE seq > ?1 AND seq <= ?2 ORDER BY seq LIMIT ?3",
        )
        .map_err(Fault::from)?;
    let mut found = query.query([after, last, PORTION]).map_err(Fault::from)?;
    let mut portion = Vec::new();
    while let Some(row) = found.next().map_err(Fault::from)? {
        let seq = row.get(0).map_err(Fault::from)?;
        portion.push((seq, document(row).map_err(|why| Error::BadRow { seq, why })?));
    }
    Ok(portion)
}

fn document(stored: &rusqlite::Row<'_>) -> Result<ReceiptDocument, String> {
    let read = || -> Result<_, rusqlite::Error> {
        let row = Row {
            id: RecordId(stored.get(1)?),
            pseudonym: Pseudonym(stored.get(2)?),
            at: stored.get::<_, i64>(4)?.cast_unsigned(),
            event: stored.get(5)?,
            notice: Digest(stored.get(6)?),
            policy: Digest(stored.get(7)?),
            language: stored.get(8)?,
            source: stored.get(9)?,
            keep: stored.get::<_, i64>(10)?.cast_unsigned(),
            choices: Vec::new(),
        };
        let previous = stored.get::<_, Option<_>>(3)?.map(RecordId);
        Ok((ReceiptDocument::new(row, previous, stored.get(12)?, stored.get(13)?), stored.get::<_, String>(11)?))
    };
    let (mut document, choices) = read().map_err(|error| error.to_string())?;
    document.row.choices = serde_json::from_str(&choices).map_err(|error| format!("choices: {error}"))?;
    Ok(document)
}

impl From<Fault> for Error {
    fn from(Fault(why): Fault) -> Self {
        Self::Unreadable { why }
    }
}
