//! The log in the database: entries that have a place, those that wait, tiles, the head and who may make it longer.

use super::link::{Failure, Link};
use super::read::bytes;
use super::sql;
use crate::log::Entry;
use crate::log::tiles::Tiles;
use crate::store::{Fault, Head, Sequencer, Step};
use std::time::Duration;
use tokio_postgres::Row;

/// How long beginning anew may take.
const MAKING: Duration = Duration::from_secs(600);

/// Tiles as a transaction sees them. Why one could not be read is kept for whoever decides about another attempt.
struct Shelf<'l> {
    link: &'l mut Link,
    failure: Option<Failure>,
}

impl Tiles for Shelf<'_> {
    fn hashes(&mut self, level: u8, index: u64) -> Result<Vec<u8>, Fault> {
        tile(self.link, level, index).map_err(|failure| {
            self.failure = Some(failure);
            Fault::new("a tile could not be read")
        })
    }
}

fn parse(rows: &[Row]) -> Result<Head, Failure> {
    let row = rows.first().ok_or_else(|| Fault::new("the store has no head"))?;
    Ok(Head {
        origin: row.try_get(0)?,
        size: row.try_get::<_, i64>(1)?.cast_unsigned(),
        note: row.try_get(2)?,
        witnessed: row.try_get(3)?,
    })
}

/// Where the log stands. With a seat, what is returned is safe: either it was known to be, or a commit that came after
/// it was.
pub(super) fn head(link: &mut Link, seat: Option<i64>) -> Result<Head, Failure> {
    let found = parse(&link.one(sql::HEAD, &[])?)?;
    let Some(seat) = seat.filter(|_| link.firm.as_ref() != Some(&found)) else { return Ok(found) };
    let rows = link.all(&[(sql::BEGIN, &[]), (sql::HEAD, &[]), (sql::MARK, &[&seat])])?;
    let found = parse(rows.get(1).map_or(&[], Vec::as_slice))?;
    link.one(sql::COMMIT, &[])?;
    link.firm = Some(found.clone());
    Ok(found)
}

/// Waits until everything that can be seen is safe.
pub(super) fn settle(link: &mut Link, seat: i64) -> Result<(), Failure> {
    link.one(sql::MARK, &[&seat]).map(drop)
}

pub(super) fn tile(link: &mut Link, level: u8, index: u64) -> Result<Vec<u8>, Failure> {
    let found = link.one(sql::TILE, &[&i64::from(level), &index.cast_signed()])?;
    Ok(found.first().map(|row| row.try_get(0)).transpose()?.unwrap_or_default())
}

pub(super) fn entries(link: &mut Link, from: u64, most: u32) -> Result<Vec<Entry>, Failure> {
    link.one(sql::ENTRIES, &[&from.cast_signed(), &i64::from(most)])?.iter().map(|row| entry(row, 0)).collect()
}

fn entry(row: &Row, at: usize) -> Result<Entry, Failure> {
    let body: [u8; Entry::LENGTH] = bytes(row, at)?;
    let unknown = || Failure::Act(Fault(format!("the log holds an entry of kind {}", body[0])));
    Entry::parse(&body).ok_or_else(unknown)
}

pub(super) fn index(link: &mut Link, entry: &Entry) -> Result<Option<u64>, Failure> {
    let found = link.one(sql::INDEX, &[&&entry.bytes()[..]])?;
    Ok(found.first().map(|row| row.try_get::<_, i64>(0)).transpose()?.map(i64::cast_unsigned))
}

pub(super) fn sequence(link: &mut Link, most: u32, sequencer: &mut dyn Sequencer) -> Result<usize, Failure> {
    if link.one(sql::ANY, &[])?.is_empty() {
        return Ok(0);
    }
    // The head is locked before what waits is read: of two sequencers the second sees what the first has left.
    let found = link.all(&[(sql::BEGIN, &[]), (sql::LOCK, &[]), (sql::PENDING, &[&i64::from(most)])])?;
    let [_, head, waiting] = &found[..] else {
        return Err(Failure::Act(Fault::new("the store answers other than asked")));
    };
    let head = parse(head)?;
    let numbers = waiting.iter().map(|row| row.try_get(0)).collect::<Result<Vec<i64>, _>>()?;
    let entries = waiting.iter().map(|row| entry(row, 1)).collect::<Result<Vec<_>, _>>()?;
    let mut shelf = Shelf { link, failure: None };
    let step = sequencer.step(&mut shelf, &head, &entries);
    if let Some(failure) = shelf.failure {
        return Err(failure);
    }
    let Some(step) = step?.filter(|_| !entries.is_empty()) else {
        link.undo()?;
        return Ok(0);
    };
    place(link, &head, &entries, &step)?;
    let gone = link.one(sql::PLACED, &[&numbers])?;
    if gone.len() != entries.len() || step.size != head.size + entries.len() as u64 {
        return Err(Failure::Act(Fault::new("the log would not have what was given a place")));
    }
    link.one(sql::COMMIT, &[])?;
    Ok(entries.len())
}

fn place(link: &mut Link, head: &Head, entries: &[Entry], step: &Step) -> Result<(), Failure> {
    let places: Vec<i64> = (head.size..).map(u64::cast_signed).take(entries.len()).collect();
    let bodies: Vec<[u8; Entry::LENGTH]> = entries.iter().map(Entry::bytes).collect();
    let bodies: Vec<&[u8]> = bodies.iter().map(|body| &body[..]).collect();
    let levels: Vec<i64> = step.tiles.iter().map(|tile| i64::from(tile.level)).collect();
    let tiles: Vec<i64> = step.tiles.iter().map(|tile| tile.index.cast_signed()).collect();
    let hashes: Vec<&[u8]> = step.tiles.iter().map(|tile| &tile.hashes[..]).collect();
    link.all(&[
        (sql::PLACE, &[&places, &bodies]),
        (sql::SHELVE, &[&levels, &tiles, &hashes]),
        (sql::GROW, &[&step.size.cast_signed(), &step.note]),
    ])?;
    Ok(())
}

pub(super) fn witness(link: &mut Link, size: u64, note: &str, seat: i64) -> Result<(), Failure> {
    let found = link.all(&[(sql::BEGIN, &[]), (sql::LOCK, &[]), (sql::MARK, &[&seat])])?;
    let head = parse(found.get(1).map_or(&[], Vec::as_slice))?;
    if head.witnessed.is_none_or(|before| crate::store::size(&before) < size) {
        link.one(sql::WITNESS, &[&note])?;
    }
    link.one(sql::COMMIT, &[]).map(drop)
}

pub(super) fn restart(link: &mut Link, origin: &str) -> Result<(), Failure> {
    link.begin(Some(MAKING));
    link.all(&[(sql::BEGIN, &[]), (sql::PATIENT, &[]), (sql::LOCK, &[]), (sql::AGAIN, &[])])?;
    link.all(&[(sql::BARE, &[]), (sql::FELL, &[]), (sql::RENAME, &[&origin])])?;
    link.one(sql::COMMIT, &[]).map(drop)
}

/// Whether this node has the term. Half of it may pass before it is written again.
pub(super) fn lead(link: &mut Link, node: &str, term: Duration) -> Result<bool, Failure> {
    let term = i64::try_from(term.as_millis()).unwrap_or(i64::MAX / 20).min(i64::MAX / 20);
    let found = link.one(sql::TERM, &[])?;
    let row = found.first().ok_or_else(|| Fault::new("the store has no head"))?;
    let (holder, left): (&str, i64) = (row.try_get(0)?, row.try_get(1)?);
    // Further away than any term: the clock that said so is not this one.
    let odd = left > term.saturating_mul(10);
    if !odd && left > 0 && (holder != node || left > term / 2) {
        return Ok(holder == node);
    }
    Ok(!link.one(sql::LEAD, &[&node, &term])?.is_empty())
}
