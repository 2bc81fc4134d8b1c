//! The log in the file: entries that have a place, those that wait, tiles and the head, and which version of the
//! mechanism was live when.

use super::write;
use crate::log::Entry;
use crate::log::tiles::Tiles;
use crate::store::{Fault, Head, Sequencer, Step};
use bandeau_consent::Digest;
use rusqlite::{Connection, OptionalExtension as _, Transaction, params};

/// Tiles as a connection sees them.
struct Shelf<'c>(&'c Connection);

impl Tiles for Shelf<'_> {
    fn hashes(&mut self, level: u8, index: u64) -> Result<Vec<u8>, Fault> {
        tile(self.0, level, index)
    }
}

pub(super) fn head(connection: &Connection) -> Result<Head, Fault> {
    let mut query = connection.prepare_cached("SELECT origin, size, note, witnessed FROM head")?;
    Ok(query.query_row([], |row| {
        Ok(Head {
            origin: row.get(0)?,
            size: row.get::<_, i64>(1)?.cast_unsigned(),
            note: row.get(2)?,
            witnessed: row.get(3)?,
        })
    })?)
}

pub(super) fn tile(connection: &Connection, level: u8, index: u64) -> Result<Vec<u8>, Fault> {
    let mut query = connection.prepare_cached("SELECT hashes FROM tile WHERE level = ?1 AND idx = ?2")?;
    Ok(query.query_row(params![level, index.cast_signed()], |row| row.get(0)).optional()?.unwrap_or_default())
}

pub(super) fn entries(connection: &Connection, from: u64, most: u32) -> Result<Vec<Entry>, Fault> {
    let mut query = connection.prepare_cached("SELECT body FROM entry WHERE idx >= ?1 ORDER BY idx LIMIT ?2")?;
    let found = query.query_map(params![from.cast_signed(), most], |row| row.get(0))?;
    found.map(|found| entry(found?)).collect()
}

fn entry(body: [u8; 33]) -> Result<Entry, Fault> {
    Entry::parse(&body).ok_or_else(|| Fault::new(format!("the log holds an entry of kind {}", body[0])))
}

pub(super) fn index(connection: &Connection, entry: &Entry) -> Result<Option<u64>, Fault> {
    let mut query = connection.prepare_cached("SELECT idx FROM entry WHERE body = ?1")?;
    let found = query.query_row([entry.bytes()], |row| row.get::<_, i64>(0)).optional()?;
    Ok(found.map(i64::cast_unsigned))
}

pub(super) fn sequence(
    transaction: &Transaction<'_>,
    most: u32,
    sequencer: &mut dyn Sequencer,
) -> Result<usize, Fault> {
    let head = head(transaction)?;
    let mut query = transaction.prepare_cached("SELECT no, body FROM pending ORDER BY no LIMIT ?1")?;
    let found = query.query_map([most], |row| Ok((row.get::<_, i64>(0)?, row.get(1)?)))?;
    let found = found.collect::<Result<Vec<_>, _>>()?;
    let last = found.last().map(|(no, _)| *no);
    let waiting = found.into_iter().map(|(_, found)| entry(found)).collect::<Result<Vec<_>, _>>()?;
    let (Some(step), Some(last)) = (sequencer.step(&mut Shelf(transaction), &head, &waiting)?, last) else {
        return Ok(0);
    };
    place(transaction, &head, &waiting, &step)?;
    transaction.execute("DELETE FROM pending WHERE no <= ?1", [last])?;
    Ok(waiting.len())
}

fn place(transaction: &Transaction<'_>, head: &Head, waiting: &[Entry], step: &Step) -> Result<(), Fault> {
    let mut insert = transaction.prepare_cached("INSERT INTO entry (idx, body) VALUES (?1, ?2)")?;
    for (index, entry) in (head.size..).zip(waiting) {
        insert.execute(params![index.cast_signed(), entry.bytes()])?;
    }
    let mut keep =
        transaction.prepare_cached("INSERT OR REPLACE INTO tile (level, idx, hashes) VALUES (?1, ?2, ?3)")?;
    for tile in &step.tiles {
        keep.execute(params![tile.level, tile.index.cast_signed(), tile.hashes])?;
    }
    let grown = "UPDATE head SET size = ?1, note = ?2";
    transaction.execute(grown, params![step.size.cast_signed(), step.note])?;
    Ok(())
}

pub(super) fn restart(transaction: &Transaction<'_>, origin: &str) -> Result<(), Fault> {
    // What waits already stays behind what had a place.
    transaction.execute_batch(
        "CREATE TEMP TABLE again AS SELECT body FROM (
            SELECT 0 AS part, idx AS no, body FROM entry
            UNION ALL SELECT 1, no, body FROM pending) ORDER BY part, no;
         DELETE FROM pending; DELETE FROM entry; DELETE FROM tile;
         INSERT INTO pending (body) SELECT body FROM again ORDER BY rowid;
         DROP TABLE again;",
    )?;
    transaction.execute("UPDATE head SET origin = ?1, size = 0, note = '', witnessed = NULL", [origin])?;
    Ok(())
}

pub(super) fn live(
    transaction: &Transaction<'_>,
    at: u64,
    manifest: Digest,
    after: Option<Digest>,
) -> Result<bool, Fault> {
    // A version says when it went live, so none is live twice; one whose answer was lost comes again.
    if transaction.prepare_cached("SELECT 1 FROM live WHERE manifest = ?1")?.exists([manifest.0])? {
        return Ok(true);
    }
    if version(transaction, u64::MAX >> 1)?.map(|(_, newest)| newest) != after {
        return Ok(false);
    }
    let insert = "INSERT INTO live (at, manifest) VALUES (?1, ?2)";
    transaction.execute(insert, params![at.cast_signed(), manifest.0])?;
    write::wait(transaction, &Entry::Mechanism(manifest))?;
    Ok(true)
}

pub(super) fn version(connection: &Connection, at: u64) -> Result<Option<(u64, Digest)>, Fault> {
    let found = "SELECT at, manifest FROM live WHERE at <= ?1 ORDER BY at DESC, no DESC LIMIT 1";
    let read = |row: &rusqlite::Row<'_>| Ok((row.get::<_, i64>(0)?.cast_unsigned(), Digest(row.get(1)?)));
    Ok(connection.query_row(found, [at.cast_signed()], read).optional()?)
}
