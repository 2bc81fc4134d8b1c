//! Exports of real books: whole, in parts, filtered, and in each format.

use super::*;
use crate::fixture::record;
use crate::log::Proof;
use crate::trial::{Place as Book, id, settle, signer};
use crate::{Code, Withdrawn, verify};
use serde_json::Value;

async fn book(records: u32) -> Book {
    let book = Book::new();
    let ledger = book.open();
    for number in 1..=records {
        drop(ledger.note(record(number, number % 10)));
    }
    settle(&ledger, |state| state.log == Some(u64::from(records)));
    ledger.close();
    book
}

fn whole(book: &Book, wish: Wish) -> String {
    let mut export = Export::open(&book.url(), wish).unwrap();
    let mut text = Vec::new();
    while !export.place().whole {
        export.portion(&mut text).unwrap();
    }
    String::from_utf8(text).unwrap()
}

/// The same, opened anew for each portion, as after an interruption.
fn parts(book: &Book, wish: &Wish) -> (String, usize) {
    let (mut text, mut place, mut count) = (Vec::new(), None::<Place>, 0);
    loop {
        let mut export = Export::open(&book.url(), wish.clone()).unwrap();
        if let Some(place) = place {
            export.resume(place);
        }
        if export.place().whole {
            return (String::from_utf8(text).unwrap(), count);
        }
        export.portion(&mut text).unwrap();
        let noted = serde_json::to_string(&export.place()).unwrap();
        place = Some(serde_json::from_str(&noted).unwrap());
        count += 1;
    }
}

#[tokio::test]
async fn what_is_interrupted_comes_to_the_same() {
    let book = book(2500).await;
    for format in [Format::JsonLines, Format::Csv, Format::JsonLd] {
        let wish = Wish { format, since: Some(record(100, 0).at), ..Wish::default() };
        let (text, count) = parts(&book, &wish);
        assert_eq!((text == whole(&book, wish), count), (true, 3), "{format:?}");
    }
}

#[tokio::test]
async fn only_what_is_asked_for_is_there() {
    let book = book(120).await;
    let ids = |wish: Wish| -> Vec<_> {
        let read = |line: &str| serde_json::from_str::<ReceiptDocument>(line).unwrap().row.id;
        whole(&book, wish).lines().map(read).collect()
    };
    let (since, until) = (Some(record(20, 0).at), Some(record(30, 0).at));
    assert_eq!(ids(Wish { since, until, ..Wish::default() }), (20..30).map(id).collect::<Vec<_>>());
    let pseudonym = Some(record(0, 3).pseudonym);
    assert_eq!(ids(Wish { pseudonym, ..Wish::default() }), (3..120).step_by(10).map(id).collect::<Vec<_>>());
    assert_eq!(ids(Wish { pseudonym, since, until, ..Wish::default() }), [id(23)]);
    assert!(ids(Wish { since: until, until: since, ..Wish::default() }).is_empty());
    assert_eq!(whole(&book, Wish { until: Some(0), format: Format::Csv, ..Wish::default() }).lines().count(), 1);
}

/// A visitor with more records than one question is answered with has them all.
#[tokio::test]
async fn nobody_has_too_many_records() {
    let book = Book::new();
    let ledger = book.open();
    for number in 1..=1100 {
        drop(ledger.note(record(number, u32::from(number == 500))));
    }
    settle(&ledger, |state| state.log == Some(1100));
    let lines = |visitor| {
        let wish = Wish { pseudonym: Some(record(0, visitor).pseudonym), ..Wish::default() };
        whole(&book, wish).lines().count()
    };
    assert_eq!((lines(0), lines(1), lines(2)), (1099, 1, 0));
    drop(ledger);
}

#[tokio::test]
async fn proofs_hold_under_the_checkpoint_in_the_store() {
    let book = book(300).await;
    let key = signer().log(crate::trial::ORIGIN).unwrap().key();
    let text = whole(&book, Wish { proofs: true, ..Wish::default() });
    for line in text.lines() {
        let document: ReceiptDocument = serde_json::from_str(line).unwrap();
        verify(&document, &signer().verifying_key()).unwrap();
        let proof: Proof = document.placed.as_ref().unwrap().proof.as_ref().unwrap().parse().unwrap();
        assert_eq!(proof.verify(&document.entry().unwrap().bytes(), &key).unwrap().size, 300);
    }
    assert_eq!(text.lines().count(), 300);
    let bare = whole(&book, Wish::default());
    assert!(bare.lines().all(|line| line.contains("\"proof\":null")));
}

#[tokio::test]
async fn a_table_has_one_row_a_record() {
    let book = book(3).await;
    let text = whole(&book, Wish { format: Format::Csv, ..Wish::default() });
    let lines: Vec<&str> = text.split_terminator("\r\n").collect();
    assert_eq!(lines.len(), 4);
    assert_eq!(lines[0], "id,time,event,source,language,keep_seconds,until,choices,notice,policy,pseudonym,previous");
    let cells: Vec<&str> = lines[2].split(',').collect();
    assert_eq!(cells.len(), 12);
    assert_eq!(cells[1], "2026-11-18T11:06:40.002Z");
    assert_eq!(
        cells[2..8],
        ["given", "banner", "fr", "15552000", "2027-05-17T11:06:40.002Z", "social=grant audience=refuse"]
    );
    assert_eq!((cells[10], cells[11]), ("00000000-0000-0000-0000-000000000002", ""));
    let documents = book.lines();
    assert!(documents.iter().all(|document| !text.contains(document.code().unwrap())), "nobody acts with a table");
}

/// The notice of the fixture with words, and what it says of who receives what.
fn context(book: &Book) -> Context {
    let mut notice = crate::fixture::notice("fr", &["social".to_owned(), "audience".to_owned()]);
    assert_eq!(notice.hash(), book.lines()[0].row.notice);
    notice.controller = "La Gazette SA".to_owned();
    let other = notice;
    let same = crate::fixture::notice("fr", &["social".to_owned(), "audience".to_owned()]);
    Context {
        notices: vec![other, same],
        settings: Some("https://www.gazette.test/.well-known/bandeau/settings".to_owned()),
        country: Some("FR".to_owned()),
    }
}

#[tokio::test]
async fn linked_data_tells_of_a_notice_only_where_it_was_answered() {
    let book = book(2).await;
    let read = |context| -> Value {
        let wish = Wish { format: Format::JsonLd, context, ..Wish::default() };
        serde_json::from_str(&whole(&book, wish)).unwrap()
    };
    let known = read(context(&book));
    let record = &known["@graph"][0];
    assert_eq!(record["dct:conformsTo"]["@id"], "https://w3id.org/dpv/schema/dpv-27560#record-eu-gdpr");
    assert_eq!(record["dpv:hasDataController"]["dpv:hasName"], "", "what this very notice says, and no other");
    assert_eq!(record["dpv:hasJurisdiction"]["@id"], "loc:FR");
    let unknown = read(Context::default());
    let record = &unknown["@graph"][0];
    assert!(record.get("dpv:hasDataController").is_none() && record.get("dpv:hasJurisdiction").is_none());
    assert_eq!(record["dpv:hasNotice"]["dct:identifier"], Value::String(book.lines()[0].row.notice.to_string()));
    assert_eq!(record["dpv:hasProcess"][1]["dpv:hasPurpose"]["dct:identifier"], "audience");
}

#[tokio::test]
async fn every_event_has_its_state() {
    let book = Book::new();
    let ledger = book.open();
    let receipt = ledger.append(record(1, 1)).await.unwrap();
    assert!(matches!(ledger.withdraw(Code::of(receipt.salt())).await.unwrap(), Withdrawn::Recorded(..)));
    ledger.append(record(3, 3)).await.unwrap();
    ledger.close();
    let mut eraser = crate::Eraser::open(&book.url(), crate::trial::ORIGIN, false).unwrap();
    assert_eq!(eraser.end(&signer(), record(3, 3).at + 180 * 86_400_000).unwrap(), 1);
    let text = whole(&book, Wish { format: Format::JsonLd, ..Wish::default() });
    let graph: Value = serde_json::from_str(&text).unwrap();
    let told: Vec<(&str, &str, &str, &str)> = graph["@graph"]
        .as_array()
        .unwrap()
        .iter()
        .map(|record| {
            let (status, social) = (&record["dpv:hasConsentStatus"], &record["dpv:hasProcess"][0]);
            let texts = [&status["@type"], &social["dpv:hasConsentStatus"]["@id"], &status["dpv:isIndicatedBy"]["@id"]];
            let [state, purpose, by] = texts.map(|text| text.as_str().unwrap());
            (state, purpose, by, status["dpv:hasDuration"]["rdf:value"]["@value"].as_str().unwrap())
        })
        .collect();
    let off = "dpv:ConsentStatusInvalidForProcessing";
    assert_eq!(
        told,
        [
            ("dpv:ConsentGiven", "dpv:ConsentGiven", "dpv:DataSubject", "P180D"),
            ("dpv:ConsentWithdrawn", off, "dpv:DataSubject", "P180D"),
            ("dpv:ConsentGiven", "dpv:ConsentGiven", "dpv:DataSubject", "P180D"),
            ("dpv:ConsentExpired", off, "dpv:DataController", "P180D"),
        ]
    );
    let previous = &graph["@graph"][1]["dct:isVersionOf"]["@id"];
    assert_eq!(*previous, graph["@graph"][0]["@id"]);
}
