//! Promises about records: that they come back as they went in, follow each other, and are gone once they are erased.

use super::{all, bodies, kept, row, sequence, visitor, whole, write};
use crate::code::Code;
use crate::row::{EXPIRY, RECEIPT, Row};
use crate::store::{Outcome, Sought, Store};
use crate::trial::{id, signer};
use bandeau_consent::{Pseudonym, RecordId};
use std::collections::BTreeSet;

pub(super) fn rows(mut store: Box<dyn Store>) {
    store.ready().unwrap();
    let mut odd = row(3, 9);
    (odd.at, odd.keep) = (u64::MAX, u64::MAX - 7);
    (odd.language, odd.source) = ("ßø\u{10ffff}".to_owned(), "once:'\"\\;$1".to_owned());
    odd.choices = Vec::new();
    let given = [row(2, 7), row(1, 8), odd];
    let places = write(&mut *store, &given);
    let mut other = store.sibling();
    other.ready().unwrap();
    let stored = all(&mut *other);
    assert_eq!(stored.iter().map(|stored| &stored.row).collect::<Vec<_>>(), given.iter().collect::<Vec<_>>());
    for (stored, place) in stored.iter().zip(&places) {
        assert_eq!((&stored.salt, stored.signature), (&place.salt, place.signature));
        assert_eq!((stored.key, stored.previous), (signer().verifying_key(), place.previous));
        assert_eq!(signer().sign(stored.row.leaf(stored.previous)), stored.signature);
        for sought in [
            Sought::Id(stored.row.id),
            Sought::Handle(Code::of(stored.salt).handle()),
            Sought::Pseudonym(stored.row.pseudonym),
        ] {
            assert_eq!(other.find(&sought).unwrap(), std::slice::from_ref(stored), "{sought:?}");
        }
    }
    let salts: BTreeSet<_> = stored.iter().map(|stored| stored.salt.0).collect();
    assert_eq!(salts.len(), 3);
    assert_eq!(other.extent().unwrap(), (3, stored[2].seq));
    assert_eq!(other.read(stored[0].seq, 1).unwrap(), [stored[1].clone()]);
    assert!(other.read(stored[2].seq, 9).unwrap().is_empty());
    let many: Vec<Row> = (100..1600).map(|number| row(number, 5)).collect();
    many.chunks(256).for_each(|some| drop(write(&mut *store, some)));
    let found = store.find(&Sought::Pseudonym(visitor(5))).unwrap();
    assert_eq!(
        (found.len(), found[0].row.id, found[999].row.id),
        (1000, id(600), id(1599)),
        "the newest, oldest first"
    );
}

pub(super) fn previous(mut store: Box<dyn Store>) {
    store.ready().unwrap();
    let one = write(&mut *store, &[row(1, 1), row(2, 2), row(3, 1), row(4, 1)]);
    assert_eq!(one.iter().map(|place| place.previous).collect::<Vec<_>>(), [None, None, Some(id(1)), Some(id(3))]);
    let mut other = store.sibling();
    other.ready().unwrap();
    // By arrival, and not by what the records say of themselves.
    let mut early = row(0, 1);
    early.at = 1;
    assert_eq!(write(&mut *other, &[early, row(5, 2)])[0].previous, Some(id(4)));
    assert_eq!(write(&mut *store, &[row(6, 1)])[0].previous, Some(id(0)));
    assert_eq!(store.find(&Sought::Pseudonym(visitor(2))).unwrap()[1].previous, Some(id(2)));
}

pub(super) fn again(mut store: Box<dyn Store>) {
    store.ready().unwrap();
    let first = write(&mut *store, &[row(1, 1), row(2, 1)]);
    let mut clash = row(1, 1);
    clash.keep += 1;
    let outcomes = store.write(&[row(1, 1), row(3, 1), clash.clone(), row(3, 1)], &signer()).unwrap();
    assert_eq!((kept(&outcomes[0]), &outcomes[2]), (first[0].clone(), &Outcome::Clash));
    assert_eq!(kept(&outcomes[1]), kept(&outcomes[3]), "twice in one batch is once");
    assert_eq!(store.write(&[row(1, 1), clash], &signer()).unwrap(), [Outcome::Know(first[0].clone()), Outcome::Clash]);
    assert_eq!(store.extent().unwrap().0, 3);
    sequence(&mut *store);
    assert_eq!(store.head().unwrap().size, 3);
    // With another key the place is the same, and signed anew.
    let next = crate::Signer::from_seed([43; 32]);
    let known = kept(&store.write(&[row(1, 1)], &next).unwrap()[0]);
    assert_eq!((known.salt, known.previous), (first[0].salt, first[0].previous));
    assert_eq!(known.signature, next.sign(row(1, 1).leaf(None)));
    write(&mut *store, &[row(9, 1)]);
    assert_eq!(all(&mut *store).last().unwrap().key, signer().verifying_key());
    store.write(&[row(10, 1)], &next).unwrap();
    assert_eq!(all(&mut *store).last().unwrap().key, next.verifying_key());
}

pub(super) fn erased(mut store: Box<dyn Store>) {
    store.ready().unwrap();
    write(&mut *store, &[row(1, 1), row(2, 1), row(3, 2)]);
    let before = bodies(&all(&mut *store));
    sequence(&mut *store);
    write(&mut *store, &[row(4, 1)]);
    let waiting = bodies(&all(&mut *store)).difference(&before).copied().collect::<Vec<_>>();
    assert_eq!(store.erase(&[id(2), id(4), id(77)]).unwrap(), 2);
    assert_eq!(store.erase(&[id(2)]).unwrap(), 0);
    assert!(store.scrub().unwrap(), "nobody is in the way");
    let mut other = store.sibling();
    other.ready().unwrap();
    assert_eq!(other.extent().unwrap().0, 2);
    assert!(other.find(&Sought::Id(id(2))).unwrap().is_empty());
    assert_eq!(other.write(&[row(2, 1), row(4, 1)], &signer()).unwrap(), [Outcome::Erase, Outcome::Erase]);
    assert_eq!(write(&mut *other, &[row(5, 1)])[0].previous, Some(id(1)), "the newest that is left");
    sequence(&mut *store);
    let mut wanted = before;
    wanted.extend(waiting);
    wanted.extend(bodies(&other.find(&Sought::Id(id(5))).unwrap()));
    whole(&mut *store, &wanted);
    assert!(store.lapsed(u64::MAX >> 1, 10).unwrap().iter().all(|stored| stored.row.id != id(4)));
}

fn lapsed(store: &mut dyn Store, now: u64) -> Vec<RecordId> {
    let mut ids: Vec<_> = store.lapsed(now, 100).unwrap().iter().map(|stored| stored.row.id).collect();
    ids.sort_unstable();
    ids
}

pub(super) fn grants(mut store: Box<dyn Store>) {
    store.ready().unwrap();
    let (start, end) = (1000_u64, 1_001_000_u64);
    let at = |number, visitor, at, grants: bool, source: &str| {
        let mut row = row(number, visitor);
        (row.at, row.keep, row.source) = (at, 1000, source.to_owned());
        let answer = if grants { "grant" } else { "refuse" };
        row.choices = vec![("social".to_owned(), answer.to_owned()), ("audience".to_owned(), "refuse".to_owned())];
        row
    };
    // All in one batch, and the same in one each: there is no difference.
    for (base, size) in [(0, 100), (100, 1)] {
        let id = |number| id(base + number);
        let at = |number, visitor, when, grants, source: &str| at(base + number, base + visitor, when, grants, source);
        let rows = [
            at(1, 1, start, true, "banner"),
            at(2, 2, start, true, "banner"),
            at(3, 2, start + 10, false, "settings"),
            at(4, 3, start, true, "banner"),
            at(5, 3, start + 20, true, "settings"),
            at(6, 4, start, true, "banner"),
            at(7, 4, start - 5, false, "settings"),
            at(8, 5, start, true, "banner"),
            at(9, 5, start + 5, false, EXPIRY),
            at(10, 6, start, true, "once:tideway"),
            at(11, 7, start, true, "banner"),
            at(12, 7, start + 7, false, RECEIPT),
            at(13, 7, start + 3, false, RECEIPT),
            at(14, 8, start + 9, true, "banner"),
            at(15, 8, start, true, "banner"),
        ];
        rows.chunks(size).for_each(|some| drop(write(&mut *store, some)));
        assert_eq!(lapsed(&mut *store, end - 1), [], "nothing has run out");
        assert_eq!(lapsed(&mut *store, end), [id(1), id(6), id(8)]);
        assert_eq!(lapsed(&mut *store, end + 20), [id(1), id(5), id(6), id(8), id(14)]);
        assert_eq!(store.lapsed(end + 20, 2).unwrap().len(), 2);
        let pseudonym = visitor(base + 7);
        assert!(store.revoked(start + 7).unwrap().contains(&pseudonym) && store.revoked(start + 8).unwrap().is_empty());
        let ended: Vec<Row> = store
            .lapsed(end + 20, 100)
            .unwrap()
            .iter()
            .zip(50..)
            .map(|(stored, number)| at(number, 0, end + 20, false, EXPIRY).with(stored.row.pseudonym))
            .collect();
        write(&mut *store, &ended);
        assert_eq!(lapsed(&mut *store, u64::MAX >> 1), []);
        // So that the second round finds only its own.
        write(&mut *store, &[at(30, 7, start + 6, false, RECEIPT)]);
        assert_eq!(store.revoked(start + 7).unwrap().len(), 1 + base as usize / 100, "the latest time counts");
    }
    store.forget(start + 7).unwrap();
    assert_eq!(store.revoked(0).unwrap().len(), 2, "those of that very time stay");
    store.forget(start + 8).unwrap();
    assert_eq!(store.revoked(0).unwrap(), []);
}

trait With {
    fn with(self, pseudonym: Pseudonym) -> Self;
}

impl With for Row {
    fn with(self, pseudonym: Pseudonym) -> Self {
        Self { pseudonym, ..self }
    }
}

pub(super) fn ages(mut store: Box<dyn Store>) {
    store.ready().unwrap();
    let rows: Vec<Row> = (1..=5)
        .map(|number| {
            let mut row = row(number, number);
            (row.at, row.keep) = (u64::from(number) * 1000, 10);
            row
        })
        .collect();
    write(&mut *store, &rows);
    assert_eq!(store.aged(3000, u64::MAX >> 1, 9).unwrap(), [id(1), id(2)]);
    assert_eq!(store.aged(9000, u64::MAX >> 1, 2).unwrap(), [id(1), id(2)], "oldest first");
    assert_eq!(store.aged(9000, 12_000, 9).unwrap(), [id(1), id(2)], "those of others still stand");
    assert_eq!(store.aged(1000, u64::MAX >> 1, 9).unwrap(), []);
}
