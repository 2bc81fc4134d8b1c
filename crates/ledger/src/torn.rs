//! A machine that stops in the middle of a write: what was synced is whole, and what came after it is cut off anywhere,
//! or is nonsense. Whatever was acknowledged before the cut is there, and the log over it holds.

use crate::fixture::record;
use crate::trial::{Place, id, settle};
use bandeau_consent::RecordId;
use std::collections::BTreeSet;
use std::fs;

/// How many cuts are tried.
const CUTS: usize = 60;

/// How long the write-ahead log was when each of some records had been acknowledged.
async fn written(place: &Place) -> Vec<(u64, RecordId)> {
    let ledger = place.open();
    // Both threads have opened the file by then, which folds the log back.
    ledger.append(record(999, 1)).await.unwrap();
    settle(&ledger, |state| state.log == Some(1));
    let mut lengths = vec![(fs::metadata(place.path("book.db-wal")).unwrap().len(), id(999))];
    for number in 0..40 {
        ledger.append(record(number, number % 5)).await.unwrap();
        let length = fs::metadata(place.path("book.db-wal")).unwrap().len();
        lengths.push((length, id(number)));
        // Now and then the tree grows meanwhile.
        if number % 8 == 7 {
            settle(&ledger, |state| state.log == Some(u64::from(number) + 2));
        }
    }
    // Copied while it is open: closing would fold the log back.
    for name in ["book.db", "book.db-wal"] {
        fs::copy(place.path(name), place.path(&format!("{name}.was"))).unwrap();
    }
    lengths
}

#[tokio::test]
async fn what_was_acknowledged_outlives_a_torn_write() {
    let source = Place::new();
    let lengths = written(&source).await;
    let log = fs::read(source.path("book.db-wal.was")).unwrap();
    assert!(lengths.windows(2).all(|pair| pair[0].0 <= pair[1].0), "the log was folded back meanwhile");
    // Marsaglia's xorshift: the same cuts every time.
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut chance = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    let mut lost = 0;
    for round in 0..CUTS {
        let first = lengths[0].0;
        let cut = first + chance() % (log.len() as u64 + 1 - first);
        let mut torn = log[..cut as usize].to_vec();
        match round % 3 {
            0 => {}
            // The rest of the room has something else in it.
            1 => torn.extend((0..chance() % 9000).map(|_| chance() as u8)),
            // The last sector was written half.
            _ => {
                torn.extend_from_slice(&log[cut as usize..(cut as usize + 512).min(log.len())]);
                let (end, from) = (torn.len(), torn.len().saturating_sub(200).max(cut as usize));
                torn[from..end].fill(0);
            }
        }
        let place = Place::new();
        fs::copy(source.path("book.db.was"), place.path("book.db")).unwrap();
        fs::write(place.path("book.db-wal"), &torn).unwrap();
        let ledger = place.open();
        assert!(ledger.state().is_open(), "{:?}", ledger.state());
        let ids: BTreeSet<RecordId> = place.ids().into_iter().collect();
        let kept = lengths.iter().filter(|(length, _)| *length <= cut);
        kept.for_each(|(_, id)| assert!(ids.contains(id), "{id} was acknowledged and is lost at {cut}"));
        lost += lengths.len() - ids.len();
        ledger.append(record(900, 1)).await.unwrap();
        place.log_has_each_once(&ledger, ids.len() as u64 + 1);
    }
    assert!(lost > 0, "no cut took anything: the test shows nothing");
}
