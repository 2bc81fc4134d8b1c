//! Rows into the file: each with its salt, its signature, and what waits for a place in the log.

use super::read;
use crate::code::Code;
use crate::log::{Entry, commitment};
use crate::row::{EXPIRY, RECEIPT, Row};
use crate::signer::Signer;
use crate::store::{Fault, Outcome, Place, salt};
use bandeau_consent::{Digest, RecordId, Salt};
use rusqlite::{OptionalExtension as _, Transaction, params};

/// Keeps all rows, in this order.
pub(super) fn rows(transaction: &Transaction<'_>, rows: &[Row], signer: &Signer) -> Result<Vec<Outcome>, Fault> {
    let key = enrol(transaction, signer)?;
    rows.iter().map(|row| keep(transaction, row, signer, key)).collect()
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

fn keep(transaction: &Transaction<'_>, row: &Row, signer: &Signer, key: i64) -> Result<Outcome, Fault> {
    if let Some((previous, leaf, salt)) = known(transaction, row.id)? {
        let same = row.leaf(previous) == leaf;
        // The signature is made anew, not read: with the same key it is the same (RFC 8032), and after a
        // change of key the receipt is of the key the gateway has now.
        let place = || Place { previous, salt, signature: signer.sign(leaf) };
        return Ok(if same { Outcome::Know(place()) } else { Outcome::Clash });
    }
    if transaction.prepare_cached("SELECT 1 FROM erased WHERE id = ?1")?.exists([row.id.0])? {
        return Ok(Outcome::Erase);
    }
    let mut newest =
        transaction.prepare_cached("SELECT id FROM record WHERE pseudonym = ?1 ORDER BY seq DESC LIMIT 1")?;
    let previous = newest.query_row([row.pseudonym.0], |found| found.get(0)).optional()?.map(RecordId);
    let leaf = row.leaf(previous);
    let place = Place { previous, salt: salt()?, signature: signer.sign(leaf) };
    insert(transaction, row, &place, key)?;
    wait(transaction, &Entry::Record(commitment(&place.salt.0, leaf)))?;
    note(transaction, row)?;
    Ok(Outcome::Write(place))
}

fn insert(transaction: &Transaction<'_>, row: &Row, place: &Place, key: i64) -> Result<(), Fault> {
    let choices = serde_json::to_string(&row.choices).map_err(|error| Fault(error.to_string()))?;
    let mut insert = transaction.prepare_cached(
        "INSERT INTO record (id, pseudonym, previous, at, event, notice, policy, language, source, keep, choices,
         leaf, signer, signature, salt, handle)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)",
    )?;
    insert.execute(params![
        row.id.0,
        row.pseudonym.0,
        place.previous.map(|id| id.0),
        // SQLite has no unsigned integers; the same 64 bits come back.
        row.at.cast_signed(),
        row.event,
        row.notice.0,
        row.policy.0,
        row.language,
        row.source,
        row.keep.cast_signed(),
        choices,
        row.leaf(place.previous).0,
        key,
        place.signature,
        place.salt.0,
        Code::of(place.salt).handle().0,
    ])?;
    Ok(())
}

/// Lets an entry wait for its place in the log.
pub(super) fn wait(transaction: &Transaction<'_>, entry: &Entry) -> Result<(), rusqlite::Error> {
    let mut insert = transaction.prepare_cached("INSERT INTO pending (body) VALUES (?1)")?;
    insert.execute([entry.bytes()])?;
    Ok(())
}

/// Follows where the visitor stands: a grant stands until it runs out, or until something newer takes it away.
fn note(transaction: &Transaction<'_>, row: &Row) -> Result<(), rusqlite::Error> {
    if row.source.starts_with("once") {
        return Ok(());
    }
    let at = row.at.cast_signed();
    if row.grants() {
        let mut stand = transaction.prepare_cached(
            "INSERT INTO granted (pseudonym, id, at, until) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (pseudonym)
             DO UPDATE SET id = excluded.id, at = excluded.at, until = excluded.until WHERE excluded.at >= granted.at",
        )?;
        stand.execute(params![row.pseudonym.0, row.id.0, at, row.until().cast_signed()])?;
        return Ok(());
    }
    // What has run out ends only what has; what was decided ends what was decided before.
    let fall = match row.source == EXPIRY {
        true => "DELETE FROM granted WHERE pseudonym = ?1 AND until <= ?2",
        false => "DELETE FROM granted WHERE pseudonym = ?1 AND at <= ?2",
    };
    transaction.prepare_cached(fall)?.execute(params![row.pseudonym.0, at])?;
    if row.source == RECEIPT {
        let mut revoke = transaction.prepare_cached(
            "INSERT INTO revoked (pseudonym, at) VALUES (?1, ?2)
             ON CONFLICT (pseudonym) DO UPDATE SET at = max(at, excluded.at)",
        )?;
        revoke.execute(params![row.pseudonym.0, at])?;
    }
    Ok(())
}

type Known = (Option<RecordId>, Digest, Salt);

fn known(transaction: &Transaction<'_>, id: RecordId) -> Result<Option<Known>, rusqlite::Error> {
    let mut find = transaction.prepare_cached("SELECT previous, leaf, salt FROM record WHERE id = ?1")?;
    find.query_row([id.0], |row| {
        Ok((row.get::<_, Option<_>>(0)?.map(RecordId), Digest(row.get(1)?), Salt(row.get(2)?)))
    })
    .optional()
}

/// Gives records that have no salt one, and lets them wait for a place; returns the last number done.
pub(super) fn adopt(
    transaction: &Transaction<'_>,
    after: i64,
    most: u32,
    done: &mut u64,
) -> Result<Option<i64>, Fault> {
    let mut last = None;
    for found in read::unsalted(transaction, after, most)? {
        let salt = salt()?;
        let mut update = transaction.prepare_cached("UPDATE record SET salt = ?1, handle = ?2 WHERE seq = ?3")?;
        update.execute(params![salt.0, Code::of(salt).handle().0, found.seq])?;
        wait(transaction, &Entry::Record(commitment(&salt.0, found.row.leaf(found.previous))))?;
        note(transaction, &found.row)?;
        last = Some(found.seq);
        *done += 1;
    }
    Ok(last)
}

/// Erases records with their salts.
pub(super) fn erase(transaction: &Transaction<'_>, ids: &[RecordId]) -> Result<u64, Fault> {
    let mut gone = 0;
    for id in ids {
        // Grants are kept by pseudonym, which only the record knows.
        let granted = "DELETE FROM granted WHERE id = ?1 AND pseudonym = (SELECT pseudonym FROM record WHERE id = ?1)";
        transaction.prepare_cached(granted)?.execute([id.0])?;
        let found = transaction.prepare_cached("DELETE FROM record WHERE id = ?1")?.execute([id.0])?;
        if found > 0 {
            transaction.prepare_cached("INSERT OR IGNORE INTO erased (id) VALUES (?1)")?.execute([id.0])?;
            gone += found as u64;
        }
    }
    Ok(gone)
}
