//! What was shown of the log is never contradicted: books on files that are gone, older, other or changed, and under
//! another secret.

use crate::fixture::record;
use crate::flawed::Flawed;
use crate::guard::Guard;
use crate::keeper::Placer;
use crate::row::Row;
use crate::sqlite::Sqlite;
use crate::store::Store as _;
use crate::trial::{ORIGIN, Place, id, options, settle, signer, why};
use crate::{Error, Ledger, Noted, ReceiptDocument, Signer, export};
use std::fs;
use std::sync::Arc;

#[tokio::test]
async fn a_removed_file_is_noticed_before_anything_was_shown() {
    let place = Place::new();
    let ledger = place.open();
    fs::remove_file(place.path("book.db")).unwrap();
    ledger.append(record(2, 1)).await.unwrap();
    assert_eq!(place.ids(), [id(2)], "not written into the removed file, nor out of its stale log");
}

/// What was shown cannot be unsaid: on a file that is gone, older, other or changed the book stays closed, says what to
/// do, and keeps what it must keep. Once the true file is back it goes on.
#[tokio::test]
async fn a_store_that_contradicts_what_was_shown_stays_closed() {
    type Break = fn(&Place);
    let cases: [(&str, Break); 5] = [
        ("it has 0 entries", |place| fs::remove_file(place.path("book.db")).unwrap()),
        ("it has 2 entries", |place| fs::copy(place.path("old.db"), place.path("book.db")).map(drop).unwrap()),
        ("damaged", |place| {
            place.sql().execute("UPDATE tile SET hashes = zeroblob(length(hashes))", []).map(drop).unwrap();
        }),
        ("signed", |place| place.sql().execute("UPDATE head SET size = 2", []).map(drop).unwrap()),
        ("other", |place| fs::rename(place.path("other.db"), place.path("book.db")).unwrap()),
    ];
    for (why_not, damage) in cases {
        let place = Place::new();
        // Another book of the same key, that was longer.
        let ledger = place.over(Sqlite::new(place.path("other.db"), ORIGIN));
        for number in 50..60 {
            ledger.append(record(number, 1)).await.unwrap();
        }
        settle(&ledger, |state| state.log == Some(10));
        ledger.close();
        fs::remove_file(place.path("book.db.checkpoint")).unwrap();
        let ledger = place.open();
        ledger.append(record(1, 1)).await.unwrap();
        ledger.append(record(2, 1)).await.unwrap();
        settle(&ledger, |state| state.log == Some(2));
        ledger.close();
        fs::copy(place.path("book.db"), place.path("old.db")).unwrap();
        let ledger = place.open();
        ledger.append(record(3, 1)).await.unwrap();
        settle(&ledger, |state| state.log == Some(3));
        ledger.close();
        fs::copy(place.path("book.db"), place.path("true.db")).unwrap();
        for rest in ["book.db-wal", "book.db-shm"] {
            let _ = fs::remove_file(place.path(rest));
        }
        damage(&place);
        let ledger = place.open();
        assert!(why(&ledger.state()).contains(why_not), "{why_not}: {:?}", ledger.state());
        assert!(matches!(ledger.append(record(4, 1)).await, Err(Error::Closed { .. })), "{why_not}");
        assert_eq!(ledger.note(record(5, 1)).await, Noted::Spooled);
        ledger.close();
        for rest in ["book.db-wal", "book.db-shm"] {
            let _ = fs::remove_file(place.path(rest));
        }
        fs::rename(place.path("true.db"), place.path("book.db")).unwrap();
        let ledger = place.open();
        settle(&ledger, |state| state.is_open() && state.backlog == 0);
        assert_eq!(place.ids(), [id(1), id(2), id(3), id(5)], "{why_not}");
        place.log_has_each_once(&ledger, 4);
    }
}

#[tokio::test]
async fn a_file_swapped_under_a_running_book_is_noticed() {
    let place = Place::new();
    let ledger = place.open();
    ledger.append(record(1, 1)).await.unwrap();
    settle(&ledger, |state| state.log == Some(1));
    fs::remove_file(place.path("book.db")).unwrap();
    settle(&ledger, |state| !state.is_open());
    assert!(why(&ledger.state()).contains("contradicts"), "{:?}", ledger.state());
    assert!(why(&ledger.state()).contains("restart-log"), "it says what to do");
}

/// Another secret makes another log. Records signed with the old one stay, and their receipts can be checked.
#[tokio::test]
async fn a_change_of_key_closes_the_book_until_the_log_begins_anew() {
    let place = Place::new();
    let ledger = place.open();
    ledger.append(record(1, 1)).await.unwrap();
    settle(&ledger, |state| state.log == Some(1));
    ledger.close();
    let next = Signer::from_seed([43; 32]);
    let open = || Ledger::open(&place.url(), next.clone(), options()).unwrap();
    let ledger = open();
    assert!(why(&ledger.state()).contains("secret"), "{:?}", ledger.state());
    ledger.close();
    crate::restart(&place.url(), None, "www.newsroom.test/.well-known/bandeau/log/2").unwrap();
    let ledger = open();
    ledger.append(record(2, 1)).await.unwrap();
    settle(&ledger, |state| state.log == Some(2));
    assert!(ledger.checkpoint().unwrap().starts_with("www.newsroom.test/.well-known/bandeau/log/2\n2\n"));
    let mut out = Vec::new();
    export(&place.url(), &mut out, &mut |_, _| {}).unwrap();
    let lines = serde_json::Deserializer::from_slice(&out).into_iter::<ReceiptDocument>();
    let keys: Vec<_> = lines.map(Result::unwrap).inspect(|line| line.verify().unwrap()).map(|line| line.key).collect();
    assert_eq!(keys, [signer().verifying_key(), next.verifying_key()]);
}

/// The writer looks while the keeper makes the log longer and shows that: no contradiction.
#[test]
fn a_log_that_grows_during_a_look_contradicts_nothing() {
    let place = Place::new();
    let guard = Arc::new(Guard::new(place.path("other.checkpoint"), signer()));
    let (path, keeper) = (place.path("book.db"), Arc::clone(&guard));
    let grow = move |number| {
        let mut store = Sqlite::new(path.clone(), ORIGIN);
        store.write(&[Row::from(&record(number, 1))], &signer()).unwrap();
        assert_eq!(store.sequence(10, &mut Placer(&keeper)).unwrap(), 1);
        let head = store.head().unwrap();
        let checkpoint = keeper.open(&head).unwrap().unwrap();
        keeper.show(&head, checkpoint).unwrap();
    };
    grow(1);
    let (mut store, control) = Flawed::new(Box::new(Sqlite::new(place.path("book.db"), ORIGIN)));
    *control.meanwhile.lock().unwrap() = Some(Box::new(move || grow(2)));
    let (head, _) = guard.check(&mut store).unwrap();
    assert_eq!((head.size, guard.shown().unwrap().head.size), (1, 2), "it was shown in between");
}
