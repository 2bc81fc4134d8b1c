//! A spool of any bytes beside a store: without the book's key no line gets in, each is set aside, and the book
//! opens all the same. Slow: every run opens a store.
#![no_main]

use bandeau_consent::RecordId;
use bandeau_ledger::{Ledger, Options, Signer};
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

static PLACE: LazyLock<tempfile::TempDir> = LazyLock::new(|| tempfile::tempdir().unwrap());

fuzz_target!(|data: &[u8]| {
    let store = PLACE.path().join("book.db");
    let spool = PLACE.path().join("book.db.spool");
    let unread = PLACE.path().join("book.db.spool.unread");
    let _ = std::fs::remove_file(&unread);
    std::fs::write(&spool, data).unwrap();
    let ledger = Ledger::open(&format!("sqlite:{}", store.display()), Signer::from_seed([3; 32]), options()).unwrap();
    let start = Instant::now();
    while ledger.state().backlog > 0 {
        assert!(start.elapsed() < Duration::from_secs(20), "{:?}", ledger.state());
        std::thread::sleep(Duration::from_micros(200));
    }
    let state = ledger.state();
    ledger.close();
    let lines: Vec<&[u8]> = data.split(|&byte| byte == b'\n').filter(|line| !line.is_empty()).collect();
    assert_eq!((state.written, state.dropped), (0, lines.len() as u64));
    let kept = std::fs::read(&unread).unwrap_or_default();
    let kept: Vec<&[u8]> = kept.split(|&byte| byte == b'\n').filter(|line| !line.is_empty()).collect();
    assert_eq!(kept, lines);
});

/// No clock and no names are needed where nothing gets in.
fn options() -> Options {
    Options { origin: "site.test/log".to_owned(), local: None, retain: None, now: || 0, name: || RecordId([0; 16]) }
}
