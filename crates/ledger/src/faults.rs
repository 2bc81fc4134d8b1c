//! The promises of the book on stores that are slow, fail, lose their answer, hang or panic on purpose.

use crate::fixture::record;
use crate::flawed::{Control, Flaw, Flawed};
use crate::sqlite::Sqlite;
use crate::trial::{ORIGIN, Place, holds, id, settle, why};
use crate::{Error, Ledger, Noted, State, Status};
use std::collections::BTreeSet;
use std::sync::atomic::Ordering::SeqCst;
use std::time::{Duration, Instant};

fn failing(place: &Place) -> (Ledger, Control) {
    let (store, control) = Flawed::new(Box::new(Sqlite::new(place.path("book.db"), ORIGIN)));
    (place.over(store), control)
}

#[tokio::test]
async fn a_lost_answer_doubles_nothing() {
    let place = Place::new();
    let (ledger, control) = failing(&place);
    for (failure, number) in [(Flaw::Before, 10), (Flaw::After, 20)] {
        control.set(failure);
        assert!(matches!(ledger.append(record(number, 1)).await, Err(Error::Closed { .. })));
        drop(ledger.note(record(number + 1, 1)));
        settle(&ledger, |state| !state.is_open() && state.backlog == 1);
        std::thread::sleep(Duration::from_millis(400));
        control.set(Flaw::None);
        settle(&ledger, |state| state.is_open() && state.backlog == 0);
    }
    assert_eq!(place.ids(), [id(11), id(20), id(21)], "20 is the doubt of a failed commit, 10 must not come back");
    let receipt = ledger.append(record(20, 1)).await.unwrap();
    assert_eq!((receipt.previous(), ledger.state().dropped), (Some(id(11)), 0));
    holds(&receipt);
}

#[tokio::test]
async fn whoever_leaves_is_not_recorded_later() {
    let place = Place::new();
    let (ledger, control) = failing(&place);
    control.set(Flaw::Hang(Duration::from_secs(6)));
    let first = tokio::spawn({
        let ledger = ledger.clone();
        async move { ledger.append(record(1, 1)).await }
    });
    tokio::time::sleep(Duration::from_millis(200)).await;
    let left = tokio::time::timeout(Duration::from_millis(100), ledger.append(record(2, 2))).await;
    assert!(left.is_err());
    let start = Instant::now();
    assert!(matches!(ledger.append(record(3, 3)).await, Err(Error::Late)));
    assert!(start.elapsed() < Duration::from_secs(5), "it waited for the store");
    assert!(matches!(first.await.unwrap(), Err(Error::Late)));
    control.set(Flaw::None);
    drop(ledger.note(record(4, 4)));
    settle(&ledger, |state| state.backlog == 0);
    assert_eq!(place.ids(), [id(1), id(4)], "1 was being committed; 2 and 3 were withdrawn");
}

#[tokio::test]
async fn a_panic_closes_the_book_and_hangs_nobody() {
    let place = Place::new();
    let (ledger, control) = failing(&place);
    control.set(Flaw::Panic);
    assert!(matches!(ledger.append(record(1, 1)).await, Err(Error::Closed { .. })));
    assert!(why(&settle(&ledger, |state| !state.is_open())).contains("stopped"));
    assert!(matches!(ledger.append(record(2, 1)).await, Err(Error::Closed { .. })));
    assert_eq!(ledger.note(record(3, 1)).await, Noted::Spooled, "the disk is still there");
    assert_eq!(ledger.state().dropped, 0);
    ledger.close();
    let ledger = place.open();
    settle(&ledger, |state| state.backlog == 0);
    assert_eq!(place.ids(), [id(3)]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crowd_shares_commits() {
    let place = Place::new();
    let (ledger, control) = failing(&place);
    // As slow as a disk that syncs, so that a crowd gathers.
    control.set(Flaw::Hang(Duration::from_millis(5)));
    let tasks: Vec<_> = (0..500)
        .map(|number| {
            let ledger = ledger.clone();
            tokio::spawn(async move { ledger.append(record(number, number % 5)).await.unwrap() })
        })
        .collect();
    let mut receipts = Vec::new();
    for task in tasks {
        receipts.push(task.await.unwrap());
    }
    receipts.iter().for_each(holds);
    let lines = place.lines();
    assert_eq!(lines.iter().map(|line| line.row.id).collect::<BTreeSet<_>>().len(), 500);
    // Every record follows the newest of its visitor before it, in commit order.
    for (at, line) in lines.iter().enumerate() {
        let before = lines[..at].iter().rev().find(|other| other.row.pseudonym == line.row.pseudonym);
        assert_eq!(line.previous, before.map(|other| other.row.id));
    }
    let commits = control.commits.load(SeqCst);
    assert!(commits < 250, "{commits} commits for 500 records");
    let state = State { log: None, ..ledger.state() };
    assert_eq!(state, State { written: 500, ..State::new() });
    assert_eq!(ledger.state().status, Status::Open);
}

/// A refusal is durable on this disk long before a store that hangs gives an answer, and is in the book once.
#[tokio::test]
async fn a_refusal_does_not_wait_for_a_store_that_hangs() {
    let place = Place::new();
    let (ledger, control) = failing(&place);
    ledger.append(record(1, 1)).await.unwrap();
    control.set(Flaw::Hang(Duration::from_secs(4)));
    let first = ledger.note(record(2, 2));
    let crowd: Vec<_> = (10..60).map(|number| tokio::spawn(ledger.note(record(number, number)))).collect();
    let start = Instant::now();
    assert_eq!(first.await, Noted::Spooled);
    for one in crowd {
        assert_eq!(one.await.unwrap(), Noted::Spooled);
    }
    assert!(start.elapsed() < Duration::from_secs(3), "it waited for the store");
    control.set(Flaw::None);
    settle(&ledger, |state| state.backlog == 0);
    let wanted: BTreeSet<_> = [1, 2].into_iter().chain(10..60).map(id).collect();
    let ids = place.ids();
    assert_eq!((ids.len(), ids.into_iter().collect::<BTreeSet<_>>()), (52, wanted));
}

/// Answers get lost and commits fail at random, of rows and of the log alike: nothing is lost, nothing is there twice.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_log_has_each_once_whatever_fails() {
    let place = Place::new();
    let (ledger, control) = failing(&place);
    let mut kept = BTreeSet::new();
    for round in 0..40_u32 {
        control.set(Flaw::Mixed(0x9e37_79b9_7f4a_7c15_u64.rotate_left(round * 7)));
        for number in round * 10..round * 10 + 5 {
            if ledger.append(record(number, number % 3)).await.is_ok() {
                kept.insert(id(number));
            }
        }
        let noted = ledger.note(record(round * 10 + 7, 1)).await;
        assert_ne!(noted, Noted::Held);
        kept.insert(id(round * 10 + 7));
        control.set(Flaw::None);
        settle(&ledger, |state| state.is_open() && state.backlog == 0);
    }
    let ids = place.ids();
    let once: BTreeSet<_> = ids.iter().copied().collect();
    assert_eq!(ids.len(), once.len(), "something is there twice");
    assert!(kept.is_subset(&once), "something acknowledged is lost");
    place.log_has_each_once(&ledger, ids.len() as u64);
}
