//! Promises about the log: each entry has one place, in order, whoever sequences; and about what is kept beside it.

use super::{Grower, Idle, all, bodies, kept, row, sequence, whole, write};
use crate::log::{Entry, commitment};
use crate::row::Row;
use crate::store::{Fault, Head, Store, Stored};
use crate::trial::{ORIGIN, signer};
use bandeau_consent::Digest;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

pub(super) fn places(mut store: Box<dyn Store>) {
    store.ready().unwrap();
    let rows: Vec<Row> = (0..700).map(|number| row(number, number % 13)).collect();
    rows.chunks(256).for_each(|some| drop(write(&mut *store, some)));
    let stored = all(&mut *store);
    let entries: Vec<Entry> = stored.iter().map(Stored::entry).collect();
    assert_eq!(store.index(&entries[0]).unwrap(), None);
    assert_eq!(store.sequence(10, &mut Idle(false)).unwrap(), 0);
    assert_eq!(store.sequence(10, &mut Idle(true)).unwrap_err(), Fault::new("refused"));
    assert_eq!(store.head().unwrap().size, 0, "nothing was kept of either");
    let mut other = store.sibling();
    other.ready().unwrap();
    assert_eq!(store.sequence(300, &mut Grower).unwrap(), 300);
    whole(&mut *other, &entries[..300].iter().map(Entry::bytes).collect());
    assert_eq!(other.sequence(300, &mut Grower).unwrap(), 300);
    assert_eq!(store.sequence(300, &mut Grower).unwrap(), 100);
    assert_eq!(store.sequence(300, &mut Grower).unwrap(), 0);
    whole(&mut *store, &bodies(&stored));
    assert_eq!(store.entries(0, u32::MAX).unwrap(), entries, "in the order they came");
    assert_eq!(store.entries(255, 3).unwrap(), entries[255..258]);
    assert_eq!(store.entries(700, 3).unwrap(), []);
    assert_eq!((store.tile(0, 1).unwrap().len(), store.tile(0, 2).unwrap().len()), (256 * 32, 188 * 32));
    assert_eq!(store.tile(1, 0).unwrap().len(), 2 * 32);
    assert_eq!(store.index(&Entry::Mechanism(Digest([1; 32]))).unwrap(), None);
}

pub(super) fn anew(mut store: Box<dyn Store>) {
    store.ready().unwrap();
    let mut entries = Vec::new();
    for round in 0..3_u32 {
        write(&mut *store, &(0..300).map(|number| row(round * 1000 + number, number % 7)).collect::<Vec<_>>());
        sequence(&mut *store);
        write(&mut *store, &(300..310).map(|number| row(round * 1000 + number, 8)).collect::<Vec<_>>());
        let before: Vec<Entry> = all(&mut *store).iter().map(Stored::entry).collect();
        store.restart(&format!("other.test/{round}")).unwrap();
        let head = Head { origin: format!("other.test/{round}"), size: 0, note: String::new(), witnessed: None };
        assert_eq!(store.head().unwrap(), head);
        assert!(store.entries(0, 9).unwrap().is_empty() && store.tile(0, 0).unwrap().is_empty());
        if round == 1 {
            // Part of it is placed, and it begins anew once more.
            assert_eq!(store.sequence(100, &mut Grower).unwrap(), 100);
            store.restart(&head.origin).unwrap();
        }
        sequence(&mut *store);
        entries = store.entries(0, u32::MAX).unwrap();
        assert_eq!(entries, before, "in its old order");
    }
    whole(&mut *store, &entries.iter().map(Entry::bytes).collect());
}

pub(super) fn witnessed(mut store: Box<dyn Store>) {
    store.ready().unwrap();
    write(&mut *store, &[row(1, 1), row(2, 1), row(3, 1)]);
    sequence(&mut *store);
    let signed = |size: u64| format!("{ORIGIN}\n{size}\nroot\n\n— witness\n");
    store.witness(3, &signed(3)).unwrap();
    assert_eq!(store.head().unwrap().witnessed, Some(signed(3)));
    store.witness(2, &signed(2)).unwrap();
    assert_eq!(store.head().unwrap().witnessed, Some(signed(3)), "a longer one was signed before");
    write(&mut *store, &[row(4, 1)]);
    sequence(&mut *store);
    let mut other = store.sibling();
    other.ready().unwrap();
    assert_eq!(other.head().unwrap().witnessed, Some(signed(3)), "it stays while the log grows");
    other.witness(4, &signed(4)).unwrap();
    assert_eq!(store.head().unwrap().witnessed, Some(signed(4)));
}

pub(super) fn archive(mut store: Box<dyn Store>) {
    store.ready().unwrap();
    let large = vec![7_u8; 3 << 20];
    let name = |content: &[u8]| Digest(Sha256::digest(content).into());
    store.archive(&[(name(b"one"), b"one"), (name(b""), b""), (name(&large), &large)]).unwrap();
    store.archive(&[(name(b"one"), b"other"), (name(b"two"), b"two")]).unwrap();
    store.archive(&[]).unwrap();
    let mut other = store.sibling();
    other.ready().unwrap();
    assert_eq!(other.archived(name(b"one")).unwrap().unwrap(), b"one", "what is there already stays");
    assert_eq!(other.archived(name(b"two")).unwrap().unwrap(), b"two");
    assert_eq!(other.archived(name(b"")).unwrap().unwrap(), b"");
    assert_eq!(other.archived(name(&large)).unwrap().unwrap(), large);
    assert_eq!(other.archived(name(b"three")).unwrap(), None);
}

pub(super) fn versions(mut store: Box<dyn Store>) {
    store.ready().unwrap();
    let version = |number| Digest([number; 32]);
    let mut go = |at, number, after: Option<u8>| store.live(at, version(number), after.map(version)).unwrap();
    assert!(!go(1000, 1, Some(9)), "there is none to follow yet");
    for (at, number, after) in
        [(1000, 1, None), (2000, 2, Some(1)), (2000, 3, Some(2)), (1000, 1, None), (5000, 2, None)]
    {
        assert!(go(at, number, after), "{number} after {after:?}");
    }
    assert!(!go(6000, 4, Some(2)) && !go(6000, 4, None), "another one is the newest");
    assert_eq!(store.version(999).unwrap(), None);
    assert_eq!(store.version(1999).unwrap(), Some((1000, version(1))));
    assert_eq!(store.version(u64::MAX >> 1).unwrap(), Some((2000, version(3))), "none is live twice");
    sequence(&mut *store);
    let wanted: Vec<Entry> = [1, 2, 3].map(|number| Entry::Mechanism(version(number))).to_vec();
    assert_eq!(store.entries(0, 9).unwrap(), wanted);
    assert!(store.live(1000, version(1), Some(version(3))).unwrap());
    sequence(&mut *store);
    assert_eq!(store.head().unwrap().size, 3);
}

/// Nodes that begin at once: all want to be the first version, and one is.
pub(super) fn rivals(mut store: Box<dyn Store>) {
    store.ready().unwrap();
    let won = std::thread::scope(|scope| {
        let rival = |node: u8| {
            let mut store = store.sibling();
            scope.spawn(move || {
                store.ready().unwrap();
                store.live(1000 + u64::from(node), Digest([node; 32]), None).unwrap()
            })
        };
        let all: Vec<_> = (1..=6).map(rival).collect();
        all.into_iter().map(|one| one.join().unwrap()).filter(|won| *won).count()
    });
    assert_eq!(won, 1);
    sequence(&mut *store);
    assert_eq!(store.head().unwrap().size, 1);
}

/// Writers and sequencers on handles of their own, for the same few visitors and partly the same records.
pub(super) fn crowd(mut store: Box<dyn Store>) {
    store.ready().unwrap();
    let patience = Duration::from_secs(60);
    std::thread::scope(|scope| {
        for node in 0..3_u32 {
            let mut store = store.sibling();
            scope.spawn(move || {
                let start = Instant::now();
                for batch in 0..12_u32 {
                    let own = (0..10).map(|number| row(node * 10_000 + batch * 10 + number, number % 4));
                    let shared = (0..3).map(|number| row(90_000 + batch * 3 + number, number));
                    let rows: Vec<Row> = own.chain(shared).collect();
                    loop {
                        assert!(start.elapsed() < patience, "it never gets through");
                        let _ = store.ready();
                        if let Ok(outcomes) = store.write(&rows, &signer()) {
                            assert!(outcomes.iter().map(kept).count() == 13);
                            break;
                        }
                    }
                    // Whether somebody else was faster is no matter.
                    let _ = store.sequence(25, &mut Grower);
                }
            });
        }
    });
    while store.sequence(4096, &mut Grower).unwrap() > 0 {}
    let stored = all(&mut *store);
    assert_eq!(stored.len(), 3 * 12 * 10 + 12 * 3);
    whole(&mut *store, &bodies(&stored));
    let mut last = BTreeMap::new();
    for stored in &stored {
        let before = last.insert(stored.row.pseudonym.0, stored.row.id);
        assert_eq!(stored.previous, before, "the records of a visitor are a chain");
        assert_eq!(stored.entry(), Entry::Record(commitment(&stored.salt.0, stored.row.leaf(stored.previous))));
    }
}
