//! Rows out of the file, as they went in.

use crate::row::Row;
use crate::store::{Fault, Sought, Stored};
use bandeau_consent::{Digest, Pseudonym, RecordId, Salt};
use rusqlite::{Connection, Params, params};

/// The columns of a record, in the order [`stored`] reads them.
const COLUMNS: &str = "seq, record.id, pseudonym, previous, at, event, notice, policy, language, source, keep, choices,
    key, signature, salt FROM record JOIN signer ON signer.id = record.signer";

/// How many records one question is answered with.
const MOST: i64 = 1000;

pub(super) fn find(connection: &Connection, sought: &Sought) -> Result<Vec<Stored>, Fault> {
    let (column, name) = match sought {
        Sought::Id(id) => ("record.id", id.0),
        Sought::Handle(handle) => ("handle", handle.0),
        Sought::Pseudonym(pseudonym) => ("pseudonym", pseudonym.0),
    };
    // The newest, where there are more; in the order they came.
    let mut found = all(connection, &format!("{column} = ?1 ORDER BY seq DESC LIMIT ?2"), params![name, MOST])?;
    found.reverse();
    Ok(found)
}

pub(super) fn after(connection: &Connection, after: i64, most: u32) -> Result<Vec<Stored>, Fault> {
    all(connection, "seq > ?1 ORDER BY seq LIMIT ?2", params![after, most])
}

/// Records from before there was a log. Their salt is not read: there is none.
pub(super) fn unsalted(connection: &Connection, after: i64, most: u32) -> Result<Vec<Stored>, Fault> {
    all(connection, "seq > ?1 AND salt IS NULL ORDER BY seq LIMIT ?2", params![after, most])
}

pub(super) fn lapsed(connection: &Connection, now: u64, most: u32) -> Result<Vec<Stored>, Fault> {
    let due = "record.id IN (SELECT id FROM granted WHERE until <= ?1 ORDER BY until LIMIT ?2)";
    all(connection, due, params![now.cast_signed(), most])
}

pub(super) fn extent(connection: &Connection) -> Result<(u64, i64), Fault> {
    let count = "SELECT count(*), coalesce(max(seq), 0) FROM record";
    Ok(connection.query_row(count, [], |row| Ok((row.get::<_, i64>(0)?.cast_unsigned(), row.get(1)?)))?)
}

pub(super) fn aged(connection: &Connection, before: u64, now: u64, most: u32) -> Result<Vec<RecordId>, Fault> {
    let mut query = connection.prepare_cached(
        "SELECT record.id FROM record LEFT JOIN granted
         ON granted.pseudonym = record.pseudonym AND granted.id = record.id
         WHERE record.at < ?1 AND (granted.until IS NULL OR granted.until <= ?2) ORDER BY record.at LIMIT ?3",
    )?;
    let found = query.query_map(params![before.cast_signed(), now.cast_signed(), most], |row| row.get(0))?;
    Ok(found.map(|id| id.map(RecordId)).collect::<Result<_, _>>()?)
}

pub(super) fn revoked(connection: &Connection, since: u64) -> Result<Vec<Pseudonym>, Fault> {
    let mut query = connection.prepare_cached("SELECT pseudonym FROM revoked WHERE at >= ?1")?;
    let found = query.query_map([since.cast_signed()], |row| row.get(0))?;
    Ok(found.map(|pseudonym| pseudonym.map(Pseudonym)).collect::<Result<_, _>>()?)
}

fn all(connection: &Connection, which: &str, params: impl Params) -> Result<Vec<Stored>, Fault> {
    let mut query = connection.prepare_cached(&format!("SELECT {COLUMNS} WHERE {which}"))?;
    let mut found = query.query(params)?;
    let mut all = Vec::new();
    while let Some(row) = found.next()? {
        all.push(stored(row)?);
    }
    Ok(all)
}

fn stored(found: &rusqlite::Row<'_>) -> Result<Stored, Fault> {
    let seq: i64 = found.get(0)?;
    let read = || -> Result<(Stored, String), rusqlite::Error> {
        let row = Row {
            id: RecordId(found.get(1)?),
            pseudonym: Pseudonym(found.get(2)?),
            at: found.get::<_, i64>(4)?.cast_unsigned(),
            event: found.get(5)?,
            notice: Digest(found.get(6)?),
            policy: Digest(found.get(7)?),
            language: found.get(8)?,
            source: found.get(9)?,
            keep: found.get::<_, i64>(10)?.cast_unsigned(),
            choices: Vec::new(),
        };
        let stored = Stored {
            seq,
            row,
            previous: found.get::<_, Option<_>>(3)?.map(RecordId),
            salt: Salt(found.get::<_, Option<_>>(14)?.unwrap_or_default()),
            key: found.get(12)?,
            signature: found.get(13)?,
        };
        Ok((stored, found.get(11)?))
    };
    let bad = |why: String| Fault::new(format!("row {seq} of the store is not a record: {why}"));
    let (mut stored, choices) = read().map_err(|error| bad(error.to_string()))?;
    stored.row.choices = serde_json::from_str(&choices).map_err(|error| bad(format!("choices: {error}")))?;
    Ok(stored)
}
