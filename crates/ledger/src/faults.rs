//! The promises of the book on stores that are slow, fail, lose their answer, hang or panic on purpose.

use crate::fixture::record;
use crate::sqlite::Sqlite;
use crate::store::{Fault, Outcome, Store};
use crate::trial::{Place, holds, id, settle, why};
use crate::{Error, Ledger, Row, Signer, State, Status};
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// Counts transactions.
struct Counting(Sqlite, Arc<AtomicU32>);

impl Store for Counting {
    fn ready(&mut self) -> Result<(), Fault> {
        self.0.ready()
    }

    fn write(&mut self, rows: &[Row], signer: &Signer) -> Result<Vec<Outcome>, Fault> {
        self.1.fetch_add(1, SeqCst);
        // As slow as a disk that syncs, so that a crowd gathers.
        std::thread::sleep(Duration::from_millis(5));
        self.0.write(rows, signer)
    }
}

/// How a write fails.
#[derive(Clone, Copy, PartialEq)]
enum Failure {
    None,
    /// Nothing was kept.
    Before,
    /// All was kept, and the answer was lost.
    After,
    /// The disk hangs this long.
    Hang(Duration),
    Panic,
}

struct Failing(Sqlite, Arc<Mutex<Failure>>);

impl Store for Failing {
    fn ready(&mut self) -> Result<(), Fault> {
        self.0.ready()
    }

    fn write(&mut self, rows: &[Row], signer: &Signer) -> Result<Vec<Outcome>, Fault> {
        let failure = *self.1.lock().unwrap();
        match failure {
            Failure::Before => return Err(Fault::new("before")),
            Failure::Hang(time) => std::thread::sleep(time),
            Failure::Panic => panic!("on purpose"),
            Failure::None | Failure::After => {}
        }
        let outcomes = self.0.write(rows, signer)?;
        if failure == Failure::After { Err(Fault::new("after")) } else { Ok(outcomes) }
    }
}

fn failing(place: &Place) -> (Ledger, impl Fn(Failure)) {
    let failure = Arc::new(Mutex::new(Failure::None));
    let ledger = place.over(Failing(Sqlite::new(place.path("book.db")), Arc::clone(&failure)));
    (ledger, move |next| *failure.lock().unwrap() = next)
}

#[tokio::test]
async fn a_lost_answer_doubles_nothing() {
    let place = Place::new();
    let (ledger, set) = failing(&place);
    for (failure, number) in [(Failure::Before, 10), (Failure::After, 20)] {
        set(failure);
        assert!(matches!(ledger.append(record(number, 1)).await, Err(Error::Closed { .. })));
        ledger.note(record(number + 1, 1));
        settle(&ledger, |state| !state.is_open() && state.backlog == 1);
        std::thread::sleep(Duration::from_millis(400));
        set(Failure::None);
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
    let (ledger, set) = failing(&place);
    set(Failure::Hang(Duration::from_millis(2500)));
    let first = tokio::spawn({
        let ledger = ledger.clone();
        async move { ledger.append(record(1, 1)).await }
    });
    tokio::time::sleep(Duration::from_millis(200)).await;
    let left = tokio::time::timeout(Duration::from_millis(100), ledger.append(record(2, 2))).await;
    assert!(left.is_err());
    let start = Instant::now();
    assert!(matches!(ledger.append(record(3, 3)).await, Err(Error::Late)));
    assert!(start.elapsed() < Duration::from_millis(2500));
    assert!(matches!(first.await.unwrap(), Err(Error::Late)));
    set(Failure::None);
    ledger.note(record(4, 4));
    settle(&ledger, |state| state.backlog == 0);
    assert_eq!(place.ids(), [id(1), id(4)], "1 was being committed; 2 and 3 were withdrawn");
}

#[tokio::test]
async fn a_panic_closes_the_book_and_hangs_nobody() {
    let place = Place::new();
    let (ledger, set) = failing(&place);
    set(Failure::Panic);
    assert!(matches!(ledger.append(record(1, 1)).await, Err(Error::Closed { .. })));
    assert!(why(&settle(&ledger, |state| !state.is_open())).contains("stopped"));
    assert!(matches!(ledger.append(record(2, 1)).await, Err(Error::Closed { .. })));
    ledger.note(record(3, 1));
    assert_eq!(ledger.state().dropped, 1);
    ledger.close();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crowd_shares_commits() {
    let place = Place::new();
    let commits = Arc::new(AtomicU32::new(0));
    let ledger = place.over(Counting(Sqlite::new(place.path("book.db")), Arc::clone(&commits)));
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
    assert!(commits.load(SeqCst) < 250, "{} commits for 500 records", commits.load(SeqCst));
    assert_eq!(ledger.state(), State { status: Status::Open, backlog: 0, dropped: 0, written: 500 });
}
