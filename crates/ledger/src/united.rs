//! The promises of the book over PostgreSQL, with several nodes: the same as on files, and those a cluster adds.

use crate::clustered::{Shelf, cluster, freeze};
use crate::fixture::record;
use crate::flawed::{Flaw, Flawed};
use crate::log::Proof;
use crate::served::prove;
use crate::store::Store;
use crate::trial::{ORIGIN, holds, id, options, settle, signer, why};
use crate::{Error, Ledger, Noted, Options, ReceiptDocument, Signer, export, verify};
use bandeau_consent::RecordId;
use std::collections::BTreeSet;
use std::fs;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// One node: a place for its own files.
struct Node(TempDir);

impl Node {
    fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    fn options(&self) -> Options {
        Options { local: Some(self.0.path().join("node")), ..options() }
    }

    fn open(&self, shelf: &Shelf<'_>) -> Ledger {
        Ledger::open(&shelf.url(), signer(), self.options()).unwrap()
    }

    fn over(&self, store: impl Store + 'static) -> Ledger {
        Ledger::over(Box::new(store), signer(), self.options()).unwrap()
    }
}

/// What is in the book, oldest first, as an outsider gets it.
fn lines(shelf: &Shelf<'_>) -> Vec<ReceiptDocument> {
    let mut out = Vec::new();
    export(&shelf.url(), &mut out, &mut |_, _| {}).unwrap();
    let read = |line: &str| serde_json::from_str::<ReceiptDocument>(line).unwrap();
    let lines: Vec<_> = std::str::from_utf8(&out).unwrap().lines().map(read).collect();
    lines.iter().for_each(|line| verify(line, &signer().verifying_key()).unwrap());
    lines
}

fn ids(shelf: &Shelf<'_>) -> Vec<RecordId> {
    lines(shelf).iter().map(|line| line.row.id).collect()
}

/// Each record has one place in the log, proven under what this node shows, and the log has nothing else.
fn each_once(shelf: &Shelf<'_>, ledger: &Ledger, count: u64) {
    settle(ledger, |state| state.log == Some(count));
    let mut store = shelf.store();
    store.ready().unwrap();
    let key = signer().log(&store.head().unwrap().origin).unwrap().key();
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

#[tokio::test]
async fn a_book_in_postgres_is_a_book() {
    let Some(cluster) = cluster() else { return };
    let (shelf, node) = (Shelf::new(&cluster, "book"), Node::new());
    let ledger = node.open(&shelf);
    let first = ledger.append(record(1, 7)).await.unwrap();
    ledger.append(record(2, 7)).await.unwrap();
    assert_eq!(ledger.append(record(1, 7)).await.unwrap(), first, "the same again gives the same receipt");
    holds(&first);
    let mut other = record(1, 7);
    other.keep += 1;
    assert!(matches!(ledger.append(other).await, Err(Error::Conflict(found)) if found == id(1)));
    settle(&ledger, |state| state.log == Some(2));
    ledger.close();
    let ledger = node.open(&shelf);
    assert!(ledger.state().is_open(), "{:?}", ledger.state());
    assert_eq!(ledger.append(record(3, 7)).await.unwrap().previous(), Some(id(2)));
    assert_eq!(ids(&shelf), [id(1), id(2), id(3)]);
    each_once(&shelf, &ledger, 3);
    // Another secret makes another log, and the book stays closed to it.
    let open = |signer: Signer| Ledger::open(&shelf.url(), signer, Node::new().options()).unwrap();
    assert!(why(&open(Signer::from_seed([43; 32])).state()).contains("secret"));
    ledger.close();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_log_has_each_once_whatever_fails_in_a_cluster() {
    let Some(cluster) = cluster() else { return };
    let (shelf, node) = (Shelf::new(&cluster, "faults"), Node::new());
    let (store, control) = Flawed::new(Box::new(shelf.store()));
    let ledger = node.over(store);
    let mut kept = BTreeSet::new();
    for round in 0..20_u32 {
        control.set(Flaw::Mixed(0x9e37_79b9_7f4a_7c15_u64.rotate_left(round * 7)));
        for number in round * 10..round * 10 + 5 {
            if let Ok(receipt) = ledger.append(record(number, number % 3)).await {
                holds(&receipt);
                kept.insert(id(number));
            }
        }
        assert_ne!(ledger.note(record(round * 10 + 7, 1)).await, Noted::Held);
        kept.insert(id(round * 10 + 7));
        control.set(Flaw::None);
        settle(&ledger, |state| state.is_open() && state.backlog == 0);
    }
    let ids = ids(&shelf);
    let once: BTreeSet<_> = ids.iter().copied().collect();
    assert_eq!(ids.len(), once.len(), "something is there twice");
    assert!(kept.is_subset(&once), "something acknowledged is lost");
    each_once(&shelf, &ledger, ids.len() as u64);
}

/// Three gateways, one book: each writes, whichever holds the term sequences, and all show the same tree. The one that
/// sequences goes, and another takes over.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_nodes_keep_one_book() {
    let Some(cluster) = cluster() else { return };
    let shelf = Shelf::new(&cluster, "three");
    let nodes: Vec<Node> = (0..3).map(|_| Node::new()).collect();
    let mut ledgers: Vec<Ledger> = nodes.iter().map(|node| node.open(&shelf)).collect();
    let mut tasks = Vec::new();
    for (at, ledger) in (0..).zip(&ledgers) {
        for number in 0..40_u32 {
            let ledger = ledger.clone();
            // Some of them come to two nodes at once: an answer was lost, and the visitor went elsewhere.
            let number = if number < 5 { number } else { at * 1000 + number };
            tasks.push(tokio::spawn(async move { ledger.append(record(number, number % 5)).await }));
        }
    }
    let mut wanted = BTreeSet::new();
    for task in tasks {
        let receipt = task.await.unwrap().unwrap();
        holds(&receipt);
        wanted.insert(receipt.record().id);
    }
    let found = ids(&shelf);
    assert_eq!(found.len(), 3 * 35 + 5);
    assert_eq!(found.into_iter().collect::<BTreeSet<_>>(), wanted);
    for ledger in &ledgers {
        each_once(&shelf, ledger, 110);
    }
    let leading = |ledgers: &[Ledger]| ledgers.iter().position(|ledger| ledger.shared().leads());
    let first = leading(&ledgers).unwrap();
    ledgers.remove(first).close();
    ledgers[0].append(record(9000, 1)).await.unwrap();
    for ledger in &ledgers {
        each_once(&shelf, ledger, 111);
    }
    assert!(leading(&ledgers).is_some());
}

/// The database is emptied, or comes back from an older copy: what was shown cannot be unsaid, and the book says so.
#[tokio::test]
async fn a_database_that_contradicts_what_was_shown_stays_closed() {
    let Some(cluster) = cluster() else { return };
    let copied = ["record", "entry", "pending", "tile", "granted", "head"];
    let copy = |to: &str, from: &str| -> String {
        let one =
            |table: &&str| format!("TRUNCATE {to}.{table}; INSERT INTO {to}.{table} SELECT * FROM {from}.{table};");
        copied.iter().map(one).collect()
    };
    let emptied = "TRUNCATE record, entry, pending, tile, granted; UPDATE head SET size = 0, note = '';".to_owned();
    for (number, (damage, why_not)) in [
        (emptied, "it has 0 entries"),
        (copy("contra1", "copy1"), "it has 2 entries"),
        ("UPDATE tile SET hashes = decode(repeat('00', length(hashes)), 'hex');".to_owned(), "damaged"),
        ("DROP SCHEMA contra3 CASCADE; CREATE SCHEMA contra3;".to_owned(), "it has 0 entries"),
    ]
    .into_iter()
    .enumerate()
    {
        let (name, node) = (format!("contra{number}"), Node::new());
        let (shelf, safe) = (Shelf::new(&cluster, &name), Shelf::new(&cluster, &format!("copy{number}")));
        safe.store().ready().unwrap();
        let ledger = node.open(&shelf);
        ledger.append(record(1, 1)).await.unwrap();
        ledger.append(record(2, 1)).await.unwrap();
        settle(&ledger, |state| state.log == Some(2));
        shelf.sql(&copy(&safe.name, &name));
        ledger.append(record(3, 1)).await.unwrap();
        settle(&ledger, |state| state.log == Some(3));
        // While it runs, and when it is started again.
        shelf.sql(&damage);
        settle(&ledger, |state| !state.is_open());
        ledger.close();
        let ledger = node.open(&shelf);
        let said = settle(&ledger, |state| !state.is_open());
        assert!(why(&said).contains(why_not), "{why_not}: {said:?}");
        assert!(matches!(ledger.append(record(4, 1)).await, Err(Error::Closed { .. })), "{why_not}");
        assert_eq!(ledger.note(record(5, 1)).await, Noted::Spooled);
        ledger.close();
        if why_not == "it has 2 entries" {
            assert!(why(&said).contains("restart-log"), "it says what to do");
            // What is lost is lost; the log goes on under another name, and the refusal is in it.
            let origin = format!("{ORIGIN}/2");
            crate::restart(&shelf.url(), node.options().local, &origin).unwrap();
            let ledger = Ledger::open(&shelf.url(), signer(), node.options()).unwrap();
            settle(&ledger, |state| state.is_open() && state.backlog == 0);
            each_once(&shelf, &ledger, 3);
            assert_eq!(ids(&shelf), [id(1), id(2), id(5)]);
            assert!(fs::exists(node.0.path().join("node.checkpoint.old")).unwrap());
        }
    }
}

/// The primary is gone with its disk and a standby takes its place: the gateways find it, and nothing that was
/// acknowledged is missing. Meanwhile refusals are kept here.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_loss_of_the_primary_loses_nothing() {
    let Some(mut cluster) = cluster() else { return };
    let node = Node::new();
    let (name, url) = {
        let shelf = Shelf::new(&cluster, "failover");
        (shelf.name.clone(), shelf.url())
    };
    let ledger = Ledger::open(&url, signer(), node.options()).unwrap();
    let mut wanted = BTreeSet::new();
    let mut number = 0;
    for round in 0..2 {
        for _ in 0..20 {
            number += 1;
            ledger.append(record(number, number % 4)).await.unwrap();
            wanted.insert(id(number));
        }
        let primary = cluster.primary();
        cluster.kill(primary);
        number += 1;
        assert_eq!(ledger.note(record(number, 1)).await, Noted::Spooled, "round {round}");
        wanted.insert(id(number));
        cluster.promote();
        settle(&ledger, |state| state.is_open() && state.backlog == 0);
        cluster.rebuild(primary);
        cluster.settle();
    }
    ledger.append(record(1000, 1)).await.unwrap();
    wanted.insert(id(1000));
    let shelf = Shelf { cluster: &cluster, name, more: "" };
    assert_eq!(shelf.url(), url);
    let found = ids(&shelf);
    assert_eq!((found.len(), found.into_iter().collect::<BTreeSet<_>>()), (wanted.len(), wanted));
    each_once(&shelf, &ledger, 43);
}

/// Both standbys are silent: no grant is acknowledged, refusals are on this node's disk at once, and the book goes on by
/// itself.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_standbys_nothing_is_granted() {
    let Some(cluster) = cluster() else { return };
    let (shelf, node) = (Shelf::new(&cluster, "silent"), Node::new());
    let ledger = node.open(&shelf);
    ledger.append(record(1, 1)).await.unwrap();
    settle(&ledger, |state| state.log == Some(1));
    freeze(&cluster, true);
    assert!(ledger.append(record(2, 2)).await.is_err());
    let start = Instant::now();
    assert_eq!(ledger.note(record(3, 3)).await, Noted::Spooled);
    assert!(start.elapsed() < Duration::from_secs(2));
    assert!(ledger.append(record(2, 2)).await.is_err(), "it is there by now, and on one machine");
    assert_eq!(ledger.state().log, Some(1), "what is not safe is not shown");
    freeze(&cluster, false);
    cluster.settle();
    settle(&ledger, |state| state.is_open() && state.backlog == 0);
    ledger.append(record(2, 2)).await.unwrap();
    let found = ids(&shelf);
    assert_eq!(found.len(), 3);
    each_once(&shelf, &ledger, 3);
}
