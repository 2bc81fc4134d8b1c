//! What is done to records because time passes: a grant that has run out is recorded as such, and a record older than it
//! is kept is erased. A portion at a time, so that nobody waits long, and each so that doing it again changes nothing:
//! whoever is interrupted begins anew. Knows no thread and no clock.

use crate::row::{EXPIRY, Row};
use crate::signer::Signer;
use crate::store::{Fault, Outcome, Store};
use bandeau_consent::{Event, Hasher, RecordId};

/// How many records are ended or erased in one transaction.
pub(crate) const PORTION: u32 = 500;

/// Records that some grants have run out by a time; returns how many were newly recorded, 0 once there is nothing to do.
pub(crate) fn end(store: &mut dyn Store, signer: &Signer, now: u64) -> Result<u64, Fault> {
    let rows: Vec<Row> = store.lapsed(now, PORTION)?.iter().map(|stored| lapse(&stored.row)).collect();
    if rows.is_empty() {
        return Ok(0);
    }
    let outcomes = store.write(&rows, signer)?;
    Ok(outcomes.iter().filter(|outcome| matches!(outcome, Outcome::Write(_))).count() as u64)
}

/// Erases some records that were decided before a time and stand for nothing at `now`; returns how many, 0 once there is
/// nothing to do.
pub(crate) fn weed(store: &mut dyn Store, before: u64, now: u64) -> Result<u64, Fault> {
    let aged = store.aged(before, now, PORTION)?;
    if aged.is_empty() { Ok(0) } else { store.erase(&aged) }
}

/// The record that says that a grant has run out. It follows from the grant alone, its name and its time included, so
/// nodes that do this at once, or one whose answer was lost, write one record and not two.
fn lapse(row: &Row) -> Row {
    let until = row.until();
    let digest = Hasher::new("bandeau expiry v1").field(row.id.0).finish();
    let mut id = [0; 16];
    id.copy_from_slice(&digest.0[..16]);
    // A UUID of version 7 (RFC 9562 §5.7): the time, and 74 bits that are as good as random.
    id[..6].copy_from_slice(&until.to_be_bytes()[2..]);
    id[6] = id[6] & 0x0f | 0x70;
    id[8] = id[8] & 0x3f | 0x80;
    row.ended(RecordId(id), until, Event::Expired, EXPIRY)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::record;

    #[test]
    fn the_record_of_an_expiry_follows_from_the_grant() {
        let row = Row::from(&record(1, 7));
        let ended = lapse(&row);
        assert_eq!(ended, lapse(&row));
        assert_ne!(ended.id, lapse(&Row::from(&record(2, 7))).id);
        assert_eq!((ended.at, ended.event.as_str(), ended.source.as_str()), (row.until(), "expired", "expiry"));
        assert!(!ended.grants() && ended.choices.len() == row.choices.len());
        let id = ended.id.to_string();
        assert!(id[12..13] == *"7" && ["8", "9", "a", "b"].contains(&&id[16..17]), "{id}");
        assert_eq!(u64::from_str_radix(&id[..12], 16).unwrap(), row.until());
    }
}
