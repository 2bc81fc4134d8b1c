//! The promises of the book, tried on real files.

use crate::fixture::record;
use crate::log::Proof;
use crate::served::prove;
use crate::spool::Spool;
use crate::sqlite::Sqlite;
use crate::store::Store;
use crate::{Error, Ledger, Options, ReceiptDocument, Row, Signer, State, Status, export, verify};
use bandeau_consent::{Receipt, RecordId};
use rusqlite::Connection;
use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::time::{Duration, Instant};
use tempfile::TempDir;

pub(crate) struct Place(TempDir);

impl Place {
    pub(crate) fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn url(&self) -> String {
        format!("sqlite:{}", self.path("book.db").display())
    }

    pub(crate) fn open(&self) -> Ledger {
        Ledger::open(&self.url(), signer(), options()).unwrap()
    }

    pub(crate) fn over(&self, store: impl Store + 'static) -> Ledger {
        Ledger::over(Box::new(store), signer(), Options { local: Some(self.path("book.db")), ..options() }).unwrap()
    }

    /// Waits until the log is over so many entries, checks each proof of each record, and that the tree has nothing else.
    pub(crate) fn log_has_each_once(&self, ledger: &Ledger, count: u64) {
        settle(ledger, |state| state.log == Some(count));
        let mut store = Sqlite::new(self.path("book.db"), ORIGIN);
        store.ready().unwrap();
        let head = store.head().unwrap();
        let key = signer().log(&head.origin).unwrap().key();
        let mut places = BTreeSet::new();
        for stored in store.read(0, u32::MAX).unwrap() {
            let shown = ledger.shared().guard.shown();
            let document = prove(&mut store, stored, shown.as_deref(), ORIGIN).unwrap();
            let proof: Proof = document.placed.as_ref().unwrap().proof.as_ref().unwrap().parse().unwrap();
            assert_eq!(proof.verify(&document.entry().unwrap().bytes(), &key).unwrap().size, count);
            assert!(places.insert(proof.index), "two records have one place");
        }
        assert_eq!(places.len() as u64, count);
        assert_eq!(store.entries(0, u32::MAX).unwrap().len() as u64, count);
    }

    pub(crate) fn sql(&self) -> Connection {
        Connection::open(self.path("book.db")).unwrap()
    }

    fn chmod(&self, mode: u32) {
        fs::set_permissions(self.path("book.db"), fs::Permissions::from_mode(mode)).unwrap();
    }

    /// What is in the book, oldest first; every line is verified on the way.
    pub(crate) fn lines(&self) -> Vec<ReceiptDocument> {
        let mut out = Vec::new();
        let mut steps = Vec::new();
        let count = export(&self.url(), &mut out, &mut |done, total| steps.push((done, total))).unwrap();
        assert_eq!(steps.last(), Some(&(count, count)));
        let read = |line: &str| serde_json::from_str::<ReceiptDocument>(line).unwrap();
        let lines: Vec<_> = std::str::from_utf8(&out).unwrap().lines().map(read).collect();
        lines.iter().for_each(|line| verify(line, &signer().verifying_key()).unwrap());
        assert_eq!(lines.len() as u64, count);
        lines
    }

    pub(crate) fn ids(&self) -> Vec<RecordId> {
        self.lines().iter().map(|line| line.row.id).collect()
    }
}

pub(crate) const ORIGIN: &str = "www.newsroom.test/.well-known/bandeau/log";

/// A clock that stands still, a minute after the records of the fixture.
pub(crate) fn options() -> Options {
    fn name() -> RecordId {
        let mut id = [0; 16];
        getrandom::fill(&mut id).unwrap();
        RecordId(id)
    }
    Options { origin: ORIGIN.to_owned(), local: None, retain: None, now: || 1_795_000_060_000, name }
}

pub(crate) fn signer() -> Signer {
    Signer::from_seed([42; 32])
}

pub(crate) fn id(number: u32) -> RecordId {
    record(number, 0).id
}

pub(crate) fn settle(ledger: &Ledger, wanted: impl Fn(&State) -> bool) -> State {
    let start = Instant::now();
    loop {
        let state = ledger.state();
        if wanted(&state) {
            return state;
        }
        assert!(start.elapsed() < Duration::from_secs(60), "{state:?}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

pub(crate) fn why(state: &State) -> &str {
    match &state.status {
        Status::Closed { why } => why,
        Status::Open => panic!("open"),
    }
}

pub(crate) fn document(receipt: &Receipt) -> ReceiptDocument {
    let signed = (signer().verifying_key(), *receipt.signature());
    ReceiptDocument::new(Row::from(receipt.record()), receipt.previous(), receipt.salt(), signed, ORIGIN)
}

pub(crate) fn holds(receipt: &Receipt) {
    verify(&document(receipt), &signer().verifying_key()).unwrap();
}

#[tokio::test]
async fn durable_across_reopening() {
    let place = Place::new();
    let ledger = place.open();
    let first = ledger.append(record(1, 7)).await.unwrap();
    let second = ledger.append(record(2, 7)).await.unwrap();
    let other = ledger.append(record(3, 8)).await.unwrap();
    ledger.close();
    let ledger = place.open();
    let third = ledger.append(record(4, 7)).await.unwrap();
    [&first, &second, &other, &third].into_iter().for_each(holds);
    assert_eq!([first.previous(), second.previous(), other.previous()], [None, Some(id(1)), None]);
    assert_eq!(third.previous(), Some(id(2)));
    assert_eq!(place.ids(), [id(1), id(2), id(3), id(4)]);
    assert_eq!(place.lines()[1], document(&second));
    assert_eq!(place.lines()[0].row, Row::from(&record(1, 7)));
}

#[tokio::test]
async fn files_are_private() {
    let place = Place::new();
    let ledger = place.open();
    ledger.append(record(1, 1)).await.unwrap();
    place.chmod(0o400);
    drop(ledger.note(record(2, 1)));
    settle(&ledger, |_| fs::metadata(place.path("book.db.spool")).is_ok_and(|spool| spool.len() > 0));
    place.chmod(0o600);
    for name in ["book.db", "book.db-wal", "book.db.spool"] {
        assert_eq!(fs::metadata(place.path(name)).unwrap().permissions().mode() & 0o777, 0o600, "{name}");
    }
}

#[tokio::test]
async fn the_same_record_again_gives_the_same_receipt() {
    let place = Place::new();
    let ledger = place.open();
    let first = ledger.append(record(1, 7)).await.unwrap();
    ledger.append(record(2, 7)).await.unwrap();
    assert_eq!(ledger.append(record(1, 7)).await.unwrap(), first);
    let mut other = record(1, 7);
    other.keep += 1;
    assert!(matches!(ledger.append(other.clone()).await, Err(Error::Conflict(found)) if found == id(1)));
    drop(ledger.note(other));
    settle(&ledger, |state| state.dropped == 1);
    assert_eq!((place.ids(), ledger.state().written), (vec![id(1), id(2)], 2));
}

#[tokio::test]
async fn a_frozen_file_closes_the_book() {
    let place = Place::new();
    let ledger = place.open();
    ledger.append(record(1, 1)).await.unwrap();
    place.chmod(0o444);
    let start = Instant::now();
    assert!(matches!(ledger.append(record(2, 1)).await, Err(Error::Closed { why }) if why.contains("frozen")));
    drop(ledger.note(record(3, 1)));
    assert!(start.elapsed() < Duration::from_secs(2));
    let state = settle(&ledger, |state| !state.is_open() && state.backlog == 1);
    assert!(why(&state).contains("frozen"));
    place.chmod(0o644);
    settle(&ledger, |state| state.is_open() && state.backlog == 0);
    assert!(!place.path("book.db.spool").exists());
    ledger.append(record(4, 1)).await.unwrap();
    assert_eq!(place.ids(), [id(1), id(3), id(4)], "the failed append did not come back");
}

#[tokio::test]
async fn an_idle_book_notices_that_it_was_frozen() {
    let place = Place::new();
    let ledger = place.open();
    place.chmod(0o444);
    settle(&ledger, |state| !state.is_open());
    place.chmod(0o600);
    settle(&ledger, State::is_open);
}

#[tokio::test]
async fn foreign_and_newer_files_are_left_alone() {
    type Make = fn(&Place);
    let cases: [(&str, Make); 5] = [
        ("not a database", |place| fs::write(place.path("book.db"), [b'x'; 8192]).unwrap()),
        ("version 3", |place| {
            place.open().close();
            place.sql().pragma_update(None, "user_version", 3).unwrap();
        }),
        ("another application", |place| place.sql().execute_batch("CREATE TABLE other (x)").unwrap()),
        ("another application", |place| place.sql().pragma_update(None, "application_id", 77).unwrap()),
        ("is not a file", |place| fs::create_dir(place.path("book.db")).unwrap()),
    ];
    for (reason, make) in cases {
        let place = Place::new();
        make(&place);
        let before = fs::read(place.path("book.db")).ok();
        let ledger = place.open();
        assert!(why(&ledger.state()).contains(reason), "{:?}", ledger.state());
        assert!(matches!(ledger.append(record(1, 1)).await, Err(Error::Closed { why }) if why.contains(reason)));
        drop(ledger.note(record(2, 1)));
        ledger.close();
        assert_eq!(fs::read(place.path("book.db")).ok(), before, "{reason}: the file was changed");
        assert_eq!(Spool::new(place.path("book.db.spool")).waiting(), 1, "{reason}");
        assert!(matches!(export(&place.url(), &mut Vec::new(), &mut |_, _| {}), Err(Error::Unreadable { .. })));
    }
}

#[tokio::test]
async fn a_missing_directory_is_waited_for() {
    let place = Place::new();
    let ledger =
        Ledger::open(&format!("sqlite:{}", place.path("later/book.db").display()), signer(), options()).unwrap();
    drop(ledger.note(record(1, 1)));
    let state = settle(&ledger, |state| !state.is_open() && state.backlog == 1);
    assert!(why(&state).contains("No such file"), "{state:?}");
    fs::create_dir(place.path("later")).unwrap();
    settle(&ledger, |state| state.is_open() && state.written == 1 && state.backlog == 0);
}

#[tokio::test]
async fn a_full_disk_loses_nothing() {
    let place = Place::new();
    let store = Sqlite::new(place.path("book.db"), ORIGIN);
    let pages = Arc::clone(&store.pages);
    let ledger = place.over(store);
    pages.store(1, SeqCst);
    let mut kept = Vec::new();
    let failed = loop {
        let number = kept.len() as u32;
        match ledger.append(record(number, number)).await {
            Ok(_) => kept.push(id(number)),
            Err(error) => break error,
        }
        assert!(kept.len() < 1000);
    };
    assert!(matches!(&failed, Error::Closed { why } if why.contains("full")), "{failed}");
    drop(ledger.note(record(2000, 1)));
    settle(&ledger, |state| state.backlog == 1);
    assert_eq!(place.ids(), kept);
    pages.store(0, SeqCst);
    settle(&ledger, |state| state.is_open() && state.backlog == 0);
    kept.push(id(2000));
    ledger.append(record(2001, 1)).await.unwrap();
    kept.push(id(2001));
    assert_eq!(place.ids(), kept);
}

#[tokio::test]
async fn the_spool_survives_a_restart() {
    let place = Place::new();
    place.open().close();
    place.chmod(0o444);
    let ledger = place.open();
    (1..=600).for_each(|number| drop(ledger.note(record(number, 1))));
    drop(ledger);
    let ledger = place.open();
    assert_eq!(ledger.state().backlog, 600);
    place.chmod(0o600);
    drop(ledger.note(record(601, 1)));
    settle(&ledger, |state| state.backlog == 0 && state.written == 601);
    assert_eq!(place.ids(), (1..=601).map(id).collect::<Vec<_>>());
    assert!(!place.path("book.db.spool").exists());
    assert_eq!(place.lines().last().unwrap().previous, Some(id(600)));
}

#[tokio::test]
async fn torn_and_forged_lines_are_set_aside() {
    let place = Place::new();
    let path = place.path("book.db.spool");
    let (own, foreign) = (signer(), Signer::from_seed([1; 32]));
    let row = |number| Row::from(&record(number, 1));
    Spool::new(path.clone()).append([row(1), row(2)].iter(), &own).unwrap();
    let whole = fs::read(&path).unwrap();
    fs::write(&path, &whole[..whole.len() - 20]).unwrap();
    Spool::new(path.clone()).append([row(3)].iter(), &own).unwrap();
    Spool::new(path.clone()).append([row(4)].iter(), &foreign).unwrap();
    let changed = fs::read_to_string(&path).unwrap().replacen("\"refuse\"", "\"grant\"", 1);
    fs::write(&path, &changed[..changed.len() - 1]).unwrap();
    let ledger = place.open();
    let state = settle(&ledger, |state| state.backlog == 0 && state.written > 0);
    assert_eq!((place.ids(), state.dropped), (vec![id(3)], 3), "changed, torn and foreign lines are not believed");
    let unread = fs::read_to_string(place.path("book.db.spool.unread")).unwrap();
    assert_eq!(unread.lines().count(), 3);
}

#[tokio::test]
async fn without_a_spool_notes_are_held_in_memory() {
    let place = Place::new();
    place.open().close();
    place.chmod(0o444);
    let ledger = place.open();
    fs::create_dir(place.path("book.db.spool")).unwrap();
    (1..=10).for_each(|number| drop(ledger.note(record(number, number))));
    settle(&ledger, |state| state.backlog == 10);
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!((ledger.state().backlog, ledger.state().dropped), (10, 0));
    place.chmod(0o600);
    settle(&ledger, |state| state.backlog == 0);
    assert_eq!(place.ids(), (1..=10).map(id).collect::<Vec<_>>());
}

#[tokio::test]
async fn closing_writes_what_waits() {
    let place = Place::new();
    let ledger = place.open();
    (0..300).for_each(|number| drop(ledger.note(record(number, number))));
    let other = ledger.clone();
    ledger.close();
    assert_eq!(place.ids().len(), 300);
    assert!(matches!(other.append(record(5000, 1)).await, Err(Error::Closed { .. })));
}

#[tokio::test]
async fn an_auditor_reads_the_book_with_sql_and_nobody_updates_it() {
    let place = Place::new();
    let ledger = place.open();
    ledger.append(record(1, 7)).await.unwrap();
    ledger.append(record(2, 7)).await.unwrap();
    let sql = place.sql();
    let read = "SELECT id, previous, time, choices, event FROM book WHERE seq = 2";
    let found = sql.query_row(read, [], |row| Ok([0, 1, 2, 3, 4].map(|column| row.get::<_, String>(column).unwrap())));
    let expected = [
        &id(2).to_string(),
        &id(1).to_string(),
        "2026-11-18T11:06:40.002Z",
        r#"[["social","grant"],["audience","refuse"]]"#,
        "given",
    ];
    assert_eq!(found.unwrap(), expected);
    let error = sql.execute("UPDATE record SET choices = '[]'", []).unwrap_err();
    assert!(error.to_string().contains("never updated"));
}

#[tokio::test]
async fn two_gateways_may_write_one_book() {
    let place = Place::new();
    let (one, two) = (place.open(), place.open());
    for number in (0..20).step_by(2) {
        one.append(record(number, 1)).await.unwrap();
        two.append(record(number + 1, 1)).await.unwrap();
    }
    let lines = place.lines();
    assert_eq!(place.ids(), (0..20).map(id).collect::<Vec<_>>());
    assert!(lines.windows(2).all(|pair| pair[1].previous == Some(pair[0].row.id)));
}
