//! What time does to records, under clocks that tests set: grants run out, records grow too old, and a clock that is
//! wrong costs nothing.

use crate::fixture::record;
use crate::sqlite::Sqlite;
use crate::store::{Sought, Store as _};
use crate::trial::{ORIGIN, Place, id, options, settle, signer};
use crate::{Eraser, Ledger, Options, Row, State};
use bandeau_consent::{Choice, Decision, Event, Record, RecordId, Source};
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::time::Duration;

const START: u64 = 1_795_000_060_000;
const DAY: u64 = 86_400_000;
/// The choices of the fixture stand so long.
const KEEP: u64 = 180 * DAY;

/// A clock of one test's own.
macro_rules! clock {
    ($name:ident) => {{
        static $name: AtomicU64 = AtomicU64::new(START);
        (&$name, (|| $name.load(SeqCst)) as fn() -> u64)
    }};
}

fn open(place: &Place, now: fn() -> u64, retain: Option<u64>) -> Ledger {
    let retain = retain.map(Duration::from_millis);
    Ledger::open(&place.url(), signer(), Options { retain, now, ..options() }).unwrap()
}

/// A refusal, which stands for nothing once it is old.
fn refusal(number: u32, visitor: u32, at: u64) -> Record {
    let notice = crate::fixture::notice("fr", &["social".to_owned(), "audience".to_owned()]);
    let decision = Decision::uniform(&notice, Choice::Refuse, Source::Banner);
    Record { at, decision, event: Event::Refused, ..record(number, visitor) }
}

fn events(place: &Place) -> Vec<String> {
    place.lines().into_iter().map(|line| line.row.event).collect()
}

#[tokio::test]
async fn a_grant_that_runs_out_is_recorded_once_and_at_its_time() {
    let (clock, now) = clock!(CLOCK);
    let place = Place::new();
    let ledger = open(&place, now, None);
    ledger.append(record(1, 1)).await.unwrap();
    ledger.append(Record { keep: 400 * 86_400, ..record(2, 2) }).await.unwrap();
    ledger.append(refusal(3, 3, START)).await.unwrap();
    ledger.close();
    // The machine was off for long: the clock is looked at for a day before it is believed, so this node says it was.
    std::fs::write(place.path("book.db.clock"), format!("bandeau clock v1 {}\n", START + KEEP)).unwrap();
    clock.store(START + KEEP, SeqCst);
    let (one, two) = (open(&place, now, None), open(&place, now, None));
    settle(&one, |_| place.lines().len() == 4);
    place.log_has_each_once(&one, 4);
    place.log_has_each_once(&two, 4);
    assert_eq!(events(&place), ["given", "given", "refused", "expired"], "two nodes, one record");
    assert_eq!(one.state().expired + two.state().expired, 1);
    let last = place.lines().pop().unwrap();
    assert_eq!((last.row.at, last.previous), (Row::from(&record(1, 1)).until(), Some(id(1))));
    assert!(last.row.choices.iter().all(|(_, answer)| answer == "refuse"));
}

#[tokio::test]
async fn what_is_too_old_is_erased_and_what_still_stands_is_not() {
    let (clock, now) = clock!(CLOCK);
    let place = Place::new();
    let ledger = open(&place, now, Some(30 * DAY));
    ledger.append(record(1, 1)).await.unwrap();
    ledger.append(refusal(2, 2, START)).await.unwrap();
    ledger.append(refusal(3, 3, START + 2 * DAY)).await.unwrap();
    ledger.close();
    std::fs::write(place.path("book.db.clock"), format!("bandeau clock v1 {}\n", START + 31 * DAY)).unwrap();
    clock.store(START + 31 * DAY, SeqCst);
    let ledger = open(&place, now, Some(30 * DAY));
    settle(&ledger, |state| state.erased == 1);
    // A record that comes now is older still: it is gone with the next look, so a look is over.
    ledger.append(refusal(4, 4, START)).await.unwrap();
    settle(&ledger, |state| state.erased == 2);
    assert_eq!(place.ids(), [id(1), id(3)], "a grant that stands, and a refusal that is not old yet");
    settle(&ledger, |state| state.log == Some(4));
}

/// The clock is years off, ahead or behind: nothing is ended or erased, decisions go on, and the log keeps their order.
#[tokio::test]
async fn a_clock_that_jumps_erases_nothing() {
    let (clock, now) = clock!(CLOCK);
    for wrong in [START + 3650 * DAY, START - 3650 * DAY, 0, u64::MAX / 2] {
        clock.store(START, SeqCst);
        let place = Place::new();
        let ledger = open(&place, now, Some(30 * DAY));
        for number in 1..=20 {
            ledger.append(record(number, number)).await.unwrap();
            ledger.append(refusal(100 + number, 100 + number, START)).await.unwrap();
        }
        // Believed once, before it jumps.
        settle(&ledger, |_| place.path("book.db.clock").exists());
        clock.store(wrong, SeqCst);
        settle(&ledger, |state| state.jumps == 1);
        ledger.append(refusal(201, 201, wrong)).await.unwrap();
        ledger.append(refusal(202, 201, wrong.saturating_sub(1))).await.unwrap();
        ledger.close();
        let ledger = open(&place, now, Some(30 * DAY));
        settle(&ledger, |state| state.jumps == 1 && state.log == Some(42));
        let State { erased, expired, .. } = ledger.state();
        assert_eq!((erased, expired), (0, 0), "{wrong}");
        let ids = place.ids();
        assert_eq!((ids.len(), ids[40], ids[41]), (42, id(201), id(202)), "in the order they were written");
        assert_eq!(place.lines()[41].previous, Some(id(201)));
        place.log_has_each_once(&ledger, 42);
        clock.store(START + 1000, SeqCst);
        settle(&ledger, |state| state.jumps == 2);
        assert_eq!(place.ids().len(), 42);
    }
}

/// The clock jumps between any two looks at it: what is done by age goes by a time that was believed.
#[tokio::test]
async fn a_clock_may_jump_right_after_it_was_looked_at() {
    static LOOKS: AtomicU64 = AtomicU64::new(0);
    fn now() -> u64 {
        // It is right for so many looks.
        let right = LOOKS.fetch_update(SeqCst, SeqCst, |left| Some(left.saturating_sub(1))).unwrap() > 0;
        if right { START } else { START + 3650 * DAY }
    }
    for looks in 1..8 {
        LOOKS.store(u64::MAX, SeqCst);
        let place = Place::new();
        let ledger = open(&place, now, Some(30 * DAY));
        for number in 1..=5 {
            ledger.append(record(number, number)).await.unwrap();
        }
        settle(&ledger, |_| place.path("book.db.clock").exists());
        LOOKS.store(looks, SeqCst);
        settle(&ledger, |state| state.jumps == 1);
        let State { erased, expired, .. } = ledger.state();
        assert_eq!((erased, expired, place.ids().len()), (0, 0, 5), "after {looks} looks");
    }
}

/// Who takes everything back while the clock is behind is heeded all the same, and who is revoked for longer than any
/// cookie lives is forgotten.
#[tokio::test]
async fn revocations_are_forgotten_after_every_cookie() {
    let (clock, now) = clock!(CLOCK);
    let place = Place::new();
    let ledger = open(&place, now, None);
    let receipt = ledger.append(record(1, 1)).await.unwrap();
    let code = crate::Code::of(receipt.salt());
    assert!(matches!(ledger.withdraw(code).await.unwrap(), crate::Withdrawn::Recorded(..)));
    settle(&ledger, |_| ledger.revoked().contains(&record(1, 1).pseudonym));
    ledger.close();
    let revoked = || Sqlite::new(place.path("book.db"), ORIGIN).revoked(0).unwrap();
    assert_eq!(revoked().len(), 1);
    std::fs::write(place.path("book.db.clock"), format!("bandeau clock v1 {}\n", START + 401 * DAY)).unwrap();
    clock.store(START + 401 * DAY, SeqCst);
    let ledger = open(&place, now, None);
    settle(&ledger, |_| revoked().is_empty());
    drop(ledger);
}

#[tokio::test]
async fn by_hand_the_same_is_done_a_portion_at_a_time() {
    let place = Place::new();
    let (_, now) = clock!(CLOCK);
    let ledger = open(&place, now, None);
    for number in 0..1200 {
        drop(ledger.note(refusal(number, number, START)));
    }
    // It waits behind all the others, and is the same when it comes again.
    while let Err(error) = ledger.append(record(5000, 5000)).await {
        assert!(matches!(error, crate::Error::Late), "{error}");
    }
    ledger.close();
    let (later, retain) = (START + KEEP, Duration::from_millis(30 * DAY));
    let mut eraser = Eraser::open(&place.url(), ORIGIN, false).unwrap();
    assert_eq!(eraser.due(Some(retain), later, 10_000).unwrap(), (1, 1201));
    assert_eq!(eraser.due(None, later, 10_000).unwrap(), (1, 0));
    assert_eq!(eraser.end(&signer(), later).unwrap(), 1);
    assert_eq!(eraser.end(&signer(), later).unwrap(), 0);
    let portions: Vec<u64> =
        std::iter::repeat_with(|| eraser.weed(retain, later).unwrap()).take_while(|gone| *gone > 0).collect();
    assert_eq!(portions, [500, 500, 201]);
    assert_eq!(events(&place), ["expired"], "it is not old: it says when the grant ran out");
}

/// Twenty thousand records grow too old at once: they go in portions, and decisions and the log go on meanwhile.
#[tokio::test]
async fn decisions_go_on_while_a_large_book_is_erased() {
    const MANY: u32 = 20_000;
    let (clock, now) = clock!(CLOCK);
    let place = Place::new();
    let mut store = Sqlite::new(place.path("book.db"), ORIGIN);
    let rows: Vec<Row> = (0..MANY).map(|number| Row::from(&refusal(number, number, START))).collect();
    for portion in rows.chunks(10_000) {
        store.write(portion, &signer()).unwrap();
    }
    clock.store(START + 31 * DAY, SeqCst);
    std::fs::write(place.path("book.db.clock"), format!("bandeau clock v1 {}\n", START + 31 * DAY)).unwrap();
    let ledger = open(&place, now, Some(30 * DAY));
    let (mut meanwhile, mut number) = (0, MANY);
    loop {
        let before = ledger.state().erased;
        number += 1;
        // On a machine that is busy otherwise one may come late, and is the same when it comes again.
        while let Err(error) = ledger.append(refusal(number, number, START + 31 * DAY)).await {
            assert!(matches!(error, crate::Error::Late), "{error}");
        }
        if before > 0 && ledger.state().erased < u64::from(MANY) {
            meanwhile += 1;
        }
        if ledger.state().erased >= u64::from(MANY) {
            break;
        }
    }
    assert!(meanwhile > 3, "only {meanwhile} decisions were recorded meanwhile");
    settle(&ledger, |state| state.log == Some(u64::from(number)));
    assert_eq!(ledger.state().erased, u64::from(MANY));
    assert_eq!(store.extent().unwrap().0, u64::from(number - MANY));
    assert!(store.find(&Sought::Id(id(7))).unwrap().is_empty());
    let one = RecordId(record(MANY + 1, 0).id.0);
    assert!(ledger.receipt(crate::Ask::Id(one)).await.unwrap().unwrap().placed.unwrap().proof.is_some());
}
