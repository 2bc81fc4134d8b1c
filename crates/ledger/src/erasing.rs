//! What is erased is gone from every file, and everything else can be proved as before.

use crate::fixture::record;
use crate::log::{Proof, extends};
use crate::sqlite::Sqlite;
use crate::store::{Sought, Store as _};
use crate::trial::{ORIGIN, Place, document, id, settle, signer};
use crate::{Ask, Code, Eraser, ReceiptDocument, Whose};
use bandeau_consent::{Pseudonym, Receipt};
use std::fs;

/// Every file of the book that holds these bytes.
fn holding(place: &Place, bytes: &[u8]) -> Vec<String> {
    let files = fs::read_dir(place.path("")).unwrap().map(|entry| entry.unwrap().path());
    let holds = |path: &std::path::PathBuf| {
        fs::read(path).is_ok_and(|all| all.windows(bytes.len()).any(|window| window == bytes))
    };
    files.filter(holds).map(|path| path.display().to_string()).collect()
}

/// Pseudonyms that occur nowhere by chance.
fn visitor(number: u32) -> Pseudonym {
    let digest = bandeau_consent::Hasher::new("visitor").field(number.to_be_bytes()).finish();
    Pseudonym(digest.0[..16].try_into().unwrap())
}

async fn append(ledger: &crate::Ledger, number: u32, of: u32) -> Receipt {
    ledger.append(bandeau_consent::Record { pseudonym: visitor(of), ..record(number, 0) }).await.unwrap()
}

fn erase(place: &Place, whose: Whose) -> u64 {
    let mut eraser = Eraser::open(&place.url(), ORIGIN, false).unwrap();
    let pseudonym = eraser.find(whose).unwrap().unwrap().pseudonym;
    let gone = eraser.clear(pseudonym).unwrap();
    // Whoever reads meanwhile is waited for.
    let start = std::time::Instant::now();
    while !eraser.scrub().unwrap() {
        assert!(start.elapsed().as_secs() < 30);
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    gone
}

#[tokio::test]
async fn nothing_of_what_is_erased_is_left_in_any_file() {
    let place = Place::new();
    let ledger = place.open();
    let mut receipts = Vec::new();
    for number in 0..900 {
        // Three records for each of 300 visitors, strewn.
        receipts.push(append(&ledger, number, number % 300).await);
    }
    settle(&ledger, |state| state.log == Some(900));
    let gone: Vec<u32> = (0..300).filter(|of| of % 7 == 3).collect();
    for of in &gone {
        assert!(!holding(&place, &visitor(*of).0).is_empty(), "it can be found while it is there");
        let whose = match of % 3 {
            0 => Whose::Visitor(visitor(*of)),
            1 => Whose::Code(Code::of(receipts[*of as usize].salt())),
            _ => Whose::Id(receipts[*of as usize].record().id),
        };
        assert_eq!(erase(&place, whose), 3);
    }
    for (number, receipt) in receipts.iter().enumerate() {
        let of = number as u32 % 300;
        let erased = gone.contains(&of);
        assert_eq!(holding(&place, &visitor(of).0).is_empty(), erased, "pseudonym of {of}");
        if erased || number % 100 == 0 {
            assert_eq!(holding(&place, &receipt.salt().0).is_empty(), erased, "salt of {number}");
            let handle = Code::of(receipt.salt()).handle();
            assert_eq!(holding(&place, &handle.0).is_empty(), erased, "handle of {number}");
        }
    }
}

#[tokio::test]
async fn every_other_proof_holds_and_the_erased_receipt_is_still_a_document() {
    let place = Place::new();
    let ledger = place.open();
    let mut receipts = Vec::new();
    for number in 0..40 {
        receipts.push(append(&ledger, number, number % 10).await);
    }
    settle(&ledger, |state| state.log == Some(40));
    let key = signer().log(ORIGIN).unwrap().key();
    let mine = ledger.receipt(Ask::Id(id(3))).await.unwrap().unwrap();
    let proof: Proof = mine.placed.as_ref().unwrap().proof.as_ref().unwrap().parse().unwrap();
    let before = proof.verify(&mine.entry().unwrap().bytes(), &key).unwrap();
    assert_eq!(erase(&place, Whose::Visitor(visitor(3))), 4);

    assert_eq!(ledger.receipt(Ask::Id(id(3))).await.unwrap(), None);
    assert_eq!(ledger.receipt(Ask::Code(Code::of(receipts[3].salt()))).await.unwrap(), None);
    assert_eq!(ledger.withdraw(Code::of(receipts[3].salt())).await.unwrap(), crate::Withdrawn::Unknown);
    // The log has grown since, over what was erased too.
    append(&ledger, 100, 50).await;
    settle(&ledger, |state| state.log == Some(41));
    let after = key.open(&ledger.checkpoint().unwrap()).unwrap();
    let mut store = Sqlite::new(place.path("book.db"), ORIGIN);
    let grown = crate::log::tree::consistency(&mut crate::guard::Shelf(&mut store), before.size, after.size).unwrap();
    assert!(extends(&before, &after, &grown));
    assert_eq!(store.entries(0, 100).unwrap().len(), 41, "the commitments stay");
    // Whoever holds the receipt has all there is to check, and its proof holds under the checkpoint of before.
    mine.verify().unwrap();
    assert_eq!(proof.verify(&mine.entry().unwrap().bytes(), &key).unwrap(), before);
    for receipt in receipts.iter().filter(|receipt| receipt.record().pseudonym != visitor(3)) {
        let document = ledger.receipt(Ask::Id(receipt.record().id)).await.unwrap().unwrap();
        let proof: Proof = document.placed.as_ref().unwrap().proof.as_ref().unwrap().parse().unwrap();
        assert_eq!(proof.verify(&document.entry().unwrap().bytes(), &key).unwrap(), after);
        let bare = |document: &ReceiptDocument| (document.row.clone(), document.previous, document.signature);
        assert_eq!(bare(&document), bare(&self::document(receipt)));
    }
    // The store still makes the root that was signed: a new start is no contradiction.
    ledger.close();
    let ledger = place.open();
    settle(&ledger, |state| state.is_open() && state.log == Some(41));
}

#[tokio::test]
async fn no_spool_brings_back_what_was_erased() {
    let place = Place::new();
    let ledger = place.open();
    let receipt = append(&ledger, 1, 1).await;
    append(&ledger, 2, 2).await;
    ledger.close();
    // Another node had it in its spool: its answer was lost.
    let spool = crate::spool::Spool::new(place.path("book.db.spool"));
    spool.append([crate::Row::from(receipt.record())].iter(), &signer()).unwrap();
    assert_eq!(erase(&place, Whose::Id(id(1))), 1);
    let ledger = place.open();
    settle(&ledger, |state| state.backlog == 0 && state.log == Some(2));
    assert_eq!(place.ids(), [id(2)]);
    assert!(!place.path("book.db.spool").exists());
    drop(ledger);
}

/// Who took everything back with a receipt stays revoked: the cookie that is still in a browser must not grant again.
#[tokio::test]
async fn who_is_revoked_stays_so_after_erasure() {
    let place = Place::new();
    let ledger = place.open();
    let receipt = append(&ledger, 1, 1).await;
    ledger.withdraw(Code::of(receipt.salt())).await.unwrap();
    assert_eq!(erase(&place, Whose::Visitor(visitor(1))), 2);
    assert!(holding(&place, &receipt.salt().0).is_empty());
    ledger.close();
    let ledger = place.open();
    settle(&ledger, |_| ledger.revoked().contains(&visitor(1)));
    assert!(place.ids().is_empty());
}

#[tokio::test]
async fn one_record_alone_can_be_erased() {
    let place = Place::new();
    let ledger = place.open();
    for number in 1..=3 {
        append(&ledger, number, 1).await;
    }
    let mut eraser = Eraser::open(&place.url(), ORIGIN, false).unwrap();
    assert_eq!(eraser.erase(&[id(2)]).unwrap(), 1);
    assert_eq!(eraser.erase(&[id(2)]).unwrap(), 0);
    assert_eq!(place.ids(), [id(1), id(3)]);
    assert_eq!(place.lines()[1].previous, Some(id(2)), "what is signed stays as it was signed");
    drop(ledger);
    let mut store = Sqlite::new(place.path("book.db"), ORIGIN);
    assert_eq!(store.find(&Sought::Pseudonym(visitor(1))).unwrap().len(), 2);
}

#[tokio::test]
async fn a_visitor_with_many_records_is_erased_whole() {
    let place = Place::new();
    let ledger = place.open();
    for number in 0..1100 {
        drop(ledger.note(bandeau_consent::Record { pseudonym: visitor(number / 1090), ..record(number, 0) }));
    }
    settle(&ledger, |state| state.log == Some(1100));
    let mut eraser = Eraser::open(&place.url(), ORIGIN, false).unwrap();
    assert_eq!((eraser.clear(visitor(0)).unwrap(), eraser.clear(visitor(0)).unwrap()), (1090, 0));
    assert_eq!(place.ids(), (1090..1100).map(id).collect::<Vec<_>>());
    drop(ledger);
}

#[test]
fn nothing_is_made_where_nothing_is() {
    let place = Place::new();
    assert!(Eraser::open(&place.url(), ORIGIN, false).is_err());
    assert!(crate::restart(&place.url(), None, ORIGIN).is_err());
    assert!(!place.path("book.db").exists());
}
