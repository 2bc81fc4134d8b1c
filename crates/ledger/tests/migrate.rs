//! Stores of the first version, as the gateway of that time wrote them (`files/`): a book, its receipts and a spool. Each
//! is still read, each record gets its place in the log, and a migration that is cut off leaves the old file whole.
#![allow(missing_docs, clippy::unwrap_used)]

use bandeau_consent::RecordId;
use bandeau_ledger::log::{LogKey, Proof};
use bandeau_ledger::{Export, Ledger, Options, ReceiptDocument, Signer, Wish, export, verify};
use rusqlite::{Connection, params};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

const RECEIPTS: &str = include_str!("files/receipt-v1.jsonl");

/// A copy of the files in a directory of its own.
struct Place(tempfile::TempDir);

impl Place {
    fn new(spool: bool) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let files = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/files");
        std::fs::copy(files.join("book-v1.db"), dir.path().join("book.db")).unwrap();
        if spool {
            std::fs::copy(files.join("book-v1.db.spool"), dir.path().join("book.db.spool")).unwrap();
        }
        Self(dir)
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("book.db")
    }

    fn url(&self) -> String {
        format!("sqlite:{}", self.path().display())
    }

    fn sql(&self) -> Connection {
        let sql = Connection::open(self.path()).unwrap();
        sql.busy_timeout(Duration::from_secs(5)).unwrap();
        sql
    }

    fn version(&self) -> i64 {
        self.sql().pragma_query_value(None, "user_version", |row| row.get(0)).unwrap()
    }

    fn open(&self) -> Ledger {
        open(&self.url())
    }
}

fn open(url: &str) -> Ledger {
    let options = Options {
        origin: "www.gazette.test/.well-known/bandeau/log".to_owned(),
        local: None,
        retain: None,
        now: || 1_795_000_900_000,
        name: || RecordId([7; 16]),
    };
    Ledger::open(url, signer(), options).unwrap()
}

fn signer() -> Signer {
    Signer::from_seed(std::array::from_fn(|at| u8::try_from(at).unwrap()))
}

fn settle(ledger: &Ledger, entries: u64) {
    let start = Instant::now();
    while ledger.state().log != Some(entries) || ledger.state().backlog > 0 {
        assert!(start.elapsed() < Duration::from_secs(60), "{:?}", ledger.state());
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn receipts() -> Vec<ReceiptDocument> {
    RECEIPTS.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn exported(url: &str, proofs: bool) -> Vec<ReceiptDocument> {
    let mut export = Export::open(url, Wish { proofs, ..Wish::default() }).unwrap();
    let mut text = Vec::new();
    while !export.place().whole {
        export.portion(&mut text).unwrap();
    }
    std::str::from_utf8(&text).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn receipts_of_the_first_version_verify() {
    let (receipts, key) = (receipts(), signer().verifying_key());
    assert_eq!(receipts.len(), 12);
    for (receipt, line) in receipts.iter().zip(RECEIPTS.lines()) {
        verify(receipt, &key).unwrap();
        assert_eq!(serde_json::to_string(receipt).unwrap(), line, "it is written as it was read");
    }
}

#[test]
fn a_book_of_the_first_version_becomes_one_of_todays() {
    let place = Place::new(true);
    assert_eq!(place.version(), 1);
    let error = export(&place.url(), &mut Vec::new(), &mut |_, _| {}).unwrap_err().to_string();
    assert!(error.contains("version 1") && error.contains("bandeau erase --expired"), "{error}");
    let ledger = place.open();
    settle(&ledger, 14);
    assert_eq!(place.version(), 2);
    let keys = ledger.keys();
    let key = LogKey::parse(keys.lines().find_map(|line| line.strip_prefix("log ")).unwrap()).unwrap();
    let all = exported(&place.url(), true);
    assert_eq!(all.len(), 14, "with the two that waited in the spool");
    for (old, new) in receipts().iter().zip(&all) {
        assert_eq!((&old.row, old.previous, old.signature), (&new.row, new.previous, new.signature));
    }
    let mut places = BTreeSet::new();
    for document in &all {
        verify(document, &signer().verifying_key()).unwrap();
        let proof: Proof = document.placed.as_ref().unwrap().proof.as_ref().unwrap().parse().unwrap();
        assert_eq!(proof.verify(&document.entry().unwrap().bytes(), &key).unwrap().size, 14);
        assert!(places.insert(proof.index) && document.code().unwrap().len() == 19);
    }
    // The order of the log is the order of the records.
    assert_eq!(places.into_iter().collect::<Vec<_>>(), (0..14).collect::<Vec<_>>());
    let events: Vec<&str> = all[12..].iter().map(|document| document.row.event.as_str()).collect();
    assert_eq!(events, ["withdrawn", "refused"]);
    assert_eq!(all[12].previous, Some(all[2].row.id), "it follows what the visitor had decided before");
    ledger.close();
    // Of those who still grant something, each is followed: the one of the spool took it back.
    let count = |sql: &str| place.sql().query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!(count("SELECT count(*) FROM granted"), 3);
    assert_eq!(count("SELECT count(*) FROM record WHERE salt IS NULL OR handle IS NULL"), 0);
    assert!(place.sql().execute("UPDATE record SET keep = 1", []).unwrap_err().to_string().contains("never updated"));
}

/// More records than one portion of a migration, in the first version's file.
fn fill(place: &Place, records: u32) {
    let mut sql = place.sql();
    let all = sql.transaction().unwrap();
    for number in 0..records {
        all.execute(
            "INSERT INTO record (id, pseudonym, at, event, notice, policy, language, source, keep, choices, leaf, signer,
             signature) SELECT ?1, ?1, at, event, notice, policy, language, source, keep, choices, leaf, signer, signature
             FROM record WHERE seq = 1",
            params![u128::from(number).to_be_bytes()],
        )
        .unwrap();
    }
    all.commit().unwrap();
}

/// Opens the book named on the command line's behalf, to be killed on the way. Alone it does nothing.
#[test]
fn migrates_until_it_is_killed() {
    if let Some(url) = std::env::var_os("BANDEAU_MIGRATE") {
        let _ledger = open(url.to_str().unwrap());
        std::thread::sleep(Duration::from_secs(60));
    }
}

#[test]
fn a_migration_that_is_killed_leaves_the_old_file_whole() {
    // More than the store's cache holds, so that it is written long before it is committed.
    const RECORDS: u32 = 60_000;
    let place = Place::new(false);
    fill(&place, RECORDS);
    let mut cut = 0;
    for written in [1 << 16, 1 << 20, 3 << 20] {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["migrates_until_it_is_killed", "--exact"])
            .env("BANDEAU_MIGRATE", place.url())
            .stdout(std::process::Stdio::null())
            .spawn()
            .unwrap();
        let (wal, start) = (place.0.path().join("book.db-wal"), Instant::now());
        while std::fs::metadata(&wal).map_or(0, |wal| wal.len()) < written {
            assert!(start.elapsed() < Duration::from_secs(60), "nothing was migrated");
            std::thread::sleep(Duration::from_millis(1));
        }
        child.kill().unwrap();
        child.wait().unwrap();
        let count = |sql: &str| place.sql().query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
        assert_eq!(count("SELECT count(*) FROM record"), i64::from(RECORDS) + 12, "after {written} bytes");
        match place.version() {
            1 => {
                assert_eq!(count("SELECT count(*) FROM sqlite_schema WHERE name IN ('entry', 'pending', 'head')"), 0);
                assert_eq!(count("SELECT count(*) FROM pragma_table_info('record') WHERE name = 'salt'"), 0);
                assert_eq!(count("SELECT count(*) FROM sqlite_schema WHERE name = 'record_never_updated'"), 1);
                cut += 1;
            }
            _ => break,
        }
    }
    assert!(cut > 0, "it was never cut off on the way");
    let ledger = place.open();
    settle(&ledger, u64::from(RECORDS) + 12);
    ledger.close();
    for (old, new) in receipts().iter().zip(exported(&place.url(), false)) {
        assert_eq!(old.row, new.row);
    }
}

/// A file that cannot be migrated stays as it is, and the book says why.
#[test]
fn a_migration_that_fails_leaves_the_old_file_whole() {
    let place = Place::new(false);
    fill(&place, 12_000);
    let spoil = "CREATE TEMP TABLE kept AS SELECT sql FROM main.sqlite_schema WHERE name = 'record_never_updated';
        DROP TRIGGER record_never_updated; UPDATE record SET choices = '7' WHERE seq = 11000;";
    let sql = place.sql();
    sql.execute_batch(spoil).unwrap();
    let trigger: String = sql.query_row("SELECT sql FROM kept", [], |row| row.get(0)).unwrap();
    sql.execute_batch(&trigger).unwrap();
    drop(sql);
    let before = std::fs::read(place.path()).unwrap();
    let ledger = place.open();
    let start = Instant::now();
    loop {
        let why = format!("{:?}", ledger.state());
        if why.contains("row 11000 of the store is not a record") {
            break;
        }
        assert!(start.elapsed() < Duration::from_secs(60), "{why}");
        std::thread::sleep(Duration::from_millis(10));
    }
    ledger.close();
    assert_eq!(place.version(), 1);
    assert!(std::fs::read(place.path()).unwrap() == before, "the file was changed");
}
