//! Rows out of the database, as they went in.

use super::link::{Failure, Link};
use super::sql;
use crate::row::Row;
use crate::store::{Fault, Sought, Stored};
use bandeau_consent::{Digest, Pseudonym, RecordId, Salt};
use std::time::Duration;
use tokio_postgres::types::ToSql;

/// How long counting everything may take.
pub(super) const COUNTING: Duration = Duration::from_secs(600);

pub(super) fn find(link: &mut Link, sought: &Sought) -> Result<Vec<Stored>, Failure> {
    let (sql, name) = match sought {
        Sought::Id(id) => (sql::BY_ID, id.0),
        Sought::Handle(handle) => (sql::BY_HANDLE, handle.0),
        Sought::Pseudonym(pseudonym) => (sql::BY_PSEUDONYM, pseudonym.0),
    };
    // The newest, where there are more; in the order they came.
    let mut found = records(link, sql, &[&&name[..]])?;
    found.reverse();
    Ok(found)
}

pub(super) fn records(
    link: &mut Link,
    sql: &'static str,
    params: &[&(dyn ToSql + Sync)],
) -> Result<Vec<Stored>, Failure> {
    link.one(sql, params)?.iter().map(stored).collect()
}

pub(super) fn extent(link: &mut Link) -> Result<(u64, i64), Failure> {
    link.begin(Some(COUNTING));
    let found = link.all(&[(sql::BEGIN, &[]), (sql::PATIENT, &[]), (sql::EXTENT, &[]), (sql::COMMIT, &[])])?;
    let row = found.get(2).and_then(|rows| rows.first()).ok_or_else(|| Fault::new("the store counts nothing"))?;
    Ok((row.try_get::<_, i64>(0)?.cast_unsigned(), row.try_get(1)?))
}

pub(super) fn aged(link: &mut Link, before: u64, now: u64, most: u32) -> Result<Vec<RecordId>, Failure> {
    let found = link.one(sql::AGED, &[&before.cast_signed(), &now.cast_signed(), &i64::from(most)])?;
    found.iter().map(|row| Ok(RecordId(bytes(row, 0)?))).collect()
}

pub(super) fn revoked(link: &mut Link, since: u64) -> Result<Vec<Pseudonym>, Failure> {
    let found = link.one(sql::REVOKED, &[&since.cast_signed()])?;
    found.iter().map(|row| Ok(Pseudonym(bytes(row, 0)?))).collect()
}

/// The bytes of a column, of the length they must have.
pub(super) fn bytes<const N: usize>(row: &tokio_postgres::Row, at: usize) -> Result<[u8; N], Failure> {
    let found: &[u8] = row.try_get(at)?;
    let wrong = |_| Failure::Act(Fault(format!("the store has {} bytes where {N} belong", found.len())));
    found.try_into().map_err(wrong)
}

/// The bytes of a column that may be empty.
pub(super) fn perhaps<const N: usize>(row: &tokio_postgres::Row, at: usize) -> Result<Option<[u8; N]>, Failure> {
    match row.try_get::<_, Option<&[u8]>>(at)? {
        Some(_) => bytes(row, at).map(Some),
        None => Ok(None),
    }
}

fn stored(found: &tokio_postgres::Row) -> Result<Stored, Failure> {
    let seq: i64 = found.try_get(0)?;
    let choices: &str = found.try_get(11)?;
    let choices = serde_json::from_str(choices)
        .map_err(|error| Fault(format!("row {seq} of the store is not a record: choices: {error}")))?;
    let row = Row {
        id: RecordId(bytes(found, 1)?),
        pseudonym: Pseudonym(bytes(found, 2)?),
        at: found.try_get::<_, i64>(4)?.cast_unsigned(),
        event: found.try_get(5)?,
        notice: Digest(bytes(found, 6)?),
        policy: Digest(bytes(found, 7)?),
        language: found.try_get(8)?,
        source: found.try_get(9)?,
        keep: found.try_get::<_, i64>(10)?.cast_unsigned(),
        choices,
    };
    Ok(Stored {
        seq,
        row,
        previous: perhaps(found, 3)?.map(RecordId),
        salt: Salt(bytes(found, 14)?),
        key: bytes(found, 12)?,
        signature: bytes(found, 13)?,
    })
}
