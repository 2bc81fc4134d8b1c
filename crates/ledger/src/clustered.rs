//! The promises of the store and of the book on PostgreSQL: a primary and two synchronous standbys, started and ended by
//! each test. Without PostgreSQL on the machine they say so and are passed over; where `CI` is set they fail.

#[path = "../../../tests/support/cluster.rs"]
mod cluster;

use crate::conform::{self, Grower, PROMISES, SEEDS, kept, row};
use crate::postgres::{Postgres, Site};
use crate::store::{Fault, Outcome, Sought, Store};
use crate::trial::{ORIGIN, id, signer};
use cluster::Cluster;
use std::ops::{Deref, DerefMut};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// The one cluster there is at a time: three servers are enough for one machine.
pub(crate) struct Only(
    Cluster,
    #[expect(dead_code, reason = "held until the cluster is gone")] MutexGuard<'static, ()>,
);

impl Deref for Only {
    type Target = Cluster;

    fn deref(&self) -> &Cluster {
        &self.0
    }
}

impl DerefMut for Only {
    fn deref_mut(&mut self) -> &mut Cluster {
        &mut self.0
    }
}

pub(crate) fn cluster() -> Option<Only> {
    static TURN: Mutex<()> = Mutex::new(());
    let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let cluster = Cluster::start();
    if cluster.is_none() {
        assert!(std::env::var_os("CI").is_none(), "there is no PostgreSQL on this machine");
        eprintln!("PASSED OVER: there is no PostgreSQL on this machine");
    }
    cluster.map(|cluster| Only(cluster, turn))
}

/// A book of its own in the cluster: a schema, with all members as hosts.
pub(crate) struct Shelf<'c> {
    pub(crate) cluster: &'c Cluster,
    pub(crate) name: String,
    /// More options of the session.
    pub(crate) more: &'static str,
}

impl<'c> Shelf<'c> {
    pub(crate) fn new(cluster: &'c Cluster, name: &str) -> Self {
        let shelf = Self { cluster, name: name.to_owned(), more: "" };
        shelf.sql(&format!("CREATE SCHEMA {name}"));
        shelf
    }

    pub(crate) fn url(&self) -> String {
        let hosts: Vec<String> = (0..cluster::MEMBERS).map(|member| self.cluster.address(member).to_string()).collect();
        let (hosts, name, more) = (hosts.join(","), &self.name, self.more);
        format!("postgres://postgres@{hosts}/postgres?options=-csearch_path%3D{name}{more}")
    }

    pub(crate) fn store(&self) -> Postgres {
        Postgres::new(Site::parse(&self.url()).unwrap(), ORIGIN)
    }

    pub(crate) fn sql(&self, sql: &str) -> String {
        let sql = format!("SET search_path = {}; {sql}", self.name);
        self.cluster.ask("postgres", self.cluster.primary(), &sql).unwrap_or_else(|| panic!("{sql}"))
    }
}

/// Standbys that get nothing and say nothing.
pub(crate) fn freeze(cluster: &Cluster, still: bool) {
    cluster.standbys().into_iter().for_each(|standby| cluster.freeze(standby, still));
}

#[test]
fn postgres_keeps_every_promise() {
    let Some(cluster) = cluster() else { return };
    for (number, (name, promise)) in PROMISES.iter().enumerate() {
        println!("PostgreSQL: {name}");
        promise(Box::new(Shelf::new(&cluster, &format!("plain{number}")).store()));
        println!("PostgreSQL with flaws: {name}");
        let shelf = Shelf::new(&cluster, &format!("flawed{number}"));
        promise(conform::flawed(Box::new(shelf.store()), SEEDS[number % 2]));
    }
}

/// Every transaction serializable, as CockroachDB has them: real 40001s, which are tried again.
#[test]
fn serialization_failures_are_tried_again() {
    let Some(cluster) = cluster() else { return };
    for (number, (name, promise)) in PROMISES.iter().enumerate() {
        println!("PostgreSQL, serializable: {name}");
        let mut shelf = Shelf::new(&cluster, &format!("serial{number}"));
        shelf.more = "%20-cdefault_transaction_isolation%3Dserializable";
        promise(Box::new(shelf.store()));
    }
    // Nobody outside the store hears of them.
    let mut shelf = Shelf::new(&cluster, "rivals");
    shelf.more = "%20-cdefault_transaction_isolation%3Dserializable";
    let first = shelf.store();
    std::thread::scope(|scope| {
        for node in 0..3_u32 {
            let mut store = first.sibling();
            scope.spawn(move || {
                store.ready().unwrap();
                for number in 0..20 {
                    let rows = [0, 1, 2].map(|visitor| row(node * 1000 + number * 10 + visitor, visitor));
                    store
                        .write(&rows, &signer())
                        .unwrap()
                        .iter()
                        .map(kept)
                        .for_each(|place| assert!(place.salt.0 != [0; 32]));
                }
            });
        }
    });
    assert_eq!(shelf.sql("SELECT count(*) FROM record"), "180");
}

/// What no standby has is not acknowledged, also not when it is found: PostgreSQL shows it all the same.
#[test]
fn nothing_is_acknowledged_before_a_standby_has_it() {
    let Some(cluster) = cluster() else { return };
    let shelf = Shelf::new(&cluster, "alone");
    let mut store = shelf.store();
    store.ready().unwrap();
    let first = kept(&store.write(&[row(1, 1)], &signer()).unwrap()[0]);
    let head = store.head().unwrap();
    freeze(&cluster, true);
    let start = Instant::now();
    let fault = store.write(&[row(2, 1)], &signer()).unwrap_err();
    assert!(start.elapsed() < Duration::from_secs(10), "{fault:?}");
    assert!(matches!(store.write(&[row(3, 1)], &signer()), Err(Fault(why)) if why.contains("lost")), "first it looks");
    // The server was told to give up its wait, and calls that a success: the row is there.
    let found = || shelf.sql("SELECT count(*) FROM record");
    let start = Instant::now();
    while found() != "2" {
        assert!(start.elapsed() < Duration::from_secs(20), "{}", found());
        std::thread::sleep(Duration::from_millis(50));
    }
    assert!(store.ready().unwrap(), "opened anew");
    assert!(store.write(&[row(2, 1)], &signer()).is_err(), "known, and not safe");
    store.ready().unwrap();
    assert!(store.write(&[row(1, 1)], &signer()).is_err(), "nobody can tell it from the other");
    store.ready().unwrap();
    assert!(store.find(&Sought::Id(id(2))).is_err(), "no receipt of it either");
    store.ready().unwrap();
    assert!(store.head().is_err_and(|Fault(why)| why.contains("time")), "nor is a head shown: this handle knows none");
    let left = || shelf.sql("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'");
    let start = Instant::now();
    while left() != "0" {
        assert!(start.elapsed() < Duration::from_secs(20), "{} wait in the server for good", left());
        std::thread::sleep(Duration::from_millis(50));
    }
    freeze(&cluster, false);
    cluster.settle();
    store.ready().unwrap();
    assert_eq!(store.head().unwrap(), head);
    let again = store.write(&[row(1, 1), row(2, 1)], &signer()).unwrap();
    assert_eq!(again[0], Outcome::Know(first));
    assert!(matches!(&again[1], Outcome::Know(place) if place.previous == Some(id(1))));
}

/// The wait is cancelled from outside: the server warns and says that all is well, and it is not.
#[test]
fn a_wait_that_is_cancelled_is_no_acknowledgement() {
    let Some(cluster) = cluster() else { return };
    let shelf = Shelf::new(&cluster, "cancelled");
    let mut store = shelf.store();
    store.ready().unwrap();
    store.write(&[row(1, 1)], &signer()).unwrap();
    freeze(&cluster, true);
    let fault = std::thread::scope(|scope| {
        let writing = scope.spawn(|| store.write(&[row(2, 1)], &signer()));
        let cancel = "SELECT count(pg_cancel_backend(pid)) FROM pg_stat_activity WHERE wait_event = 'SyncRep'";
        while !writing.is_finished() && shelf.sql(cancel) == "0" {
            std::thread::sleep(Duration::from_millis(20));
        }
        writing.join().unwrap().unwrap_err()
    });
    assert!(fault.0.contains("in doubt") && fault.0.contains("01000"), "{fault:?}");
    freeze(&cluster, false);
}

#[test]
fn a_session_that_would_not_wait_is_refused() {
    let Some(cluster) = cluster() else { return };
    for level in ["off", "local"] {
        let mut shelf = Shelf::new(&cluster, &format!("hasty_{level}"));
        shelf.more = if level == "off" { "%20-csynchronous_commit%3Doff" } else { "%20-csynchronous_commit%3Dlocal" };
        assert!(shelf.store().ready().is_err_and(|Fault(why)| why.contains("synchronous_commit is")));
    }
}

#[test]
fn the_term_is_held_by_one_and_taken_over() {
    let Some(cluster) = cluster() else { return };
    let shelf = Shelf::new(&cluster, "term");
    let (mut one, mut other) = (shelf.store(), shelf.store());
    one.ready().unwrap();
    other.ready().unwrap();
    let (long, short) = (Duration::from_secs(600), Duration::from_millis(1));
    assert!(one.lead("one", long).unwrap() && !other.lead("other", long).unwrap() && one.lead("one", long).unwrap());
    // The one that holds it makes it short, and it is over.
    shelf.sql("UPDATE head SET until = 1");
    assert!(other.lead("other", long).unwrap() && !one.lead("one", long).unwrap());
    // A clock that was far ahead holds it for nobody.
    shelf.sql("UPDATE head SET until = 99999999999999");
    assert!(one.lead("one", long).unwrap());
    shelf.sql("UPDATE head SET until = 1");
    assert!(other.lead("other", short).unwrap());
    // Whoever has no term makes the tree longer all the same, and it is no fork.
    for (store, number) in [(&mut one, 1), (&mut other, 2)] {
        store.write(&[row(number, 1)], &signer()).unwrap();
        assert_eq!(store.sequence(9, &mut Grower).unwrap(), 1);
    }
    assert_eq!(one.head().unwrap().size, 2);
}

#[test]
fn other_and_newer_databases_are_left_alone() {
    let Some(cluster) = cluster() else { return };
    let foreign = Shelf::new(&cluster, "strange");
    foreign.sql("CREATE TABLE record (x int8)");
    assert!(foreign.store().ready().is_err_and(|Fault(why)| why.contains("not the book's")));
    assert_eq!(foreign.sql("SELECT count(*) FROM pg_tables WHERE schemaname = 'strange'"), "1");
    let newer = Shelf::new(&cluster, "newer");
    assert!(
        Postgres::reader(&Site::parse(&newer.url()).unwrap()).ready().is_err_and(|Fault(why)| why.contains("no book"))
    );
    newer.store().ready().unwrap();
    newer.sql("UPDATE schema_version SET version = 2");
    assert!(newer.store().ready().is_err_and(|Fault(why)| why.contains("version 2")));
    // Whoever was cut off while making it begins again, and so do several at once.
    let torn = Shelf::new(&cluster, "torn");
    torn.sql("CREATE TABLE schema_version (one int8 PRIMARY KEY, version int8 NOT NULL)");
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| torn.store().ready().unwrap());
        }
    });
    assert_eq!(torn.sql("SELECT version FROM schema_version"), "1");
    assert_eq!(torn.sql("SELECT count(*) FROM head"), "1");
    let mut store = torn.store();
    store.ready().unwrap();
    store.write(&[row(1, 1)], &signer()).unwrap();
    // An auditor reads hexadecimal and times.
    let read = "SELECT id, to_char(time AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.MS'), event FROM book";
    assert_eq!(torn.sql(read), format!("{}|2026-11-18 11:06:40.001|given", id(1)));
    // A reader works where nothing can be written.
    let mut reader = Postgres::reader(&Site::parse(&torn.url()).unwrap());
    reader.ready().unwrap();
    assert_eq!((reader.extent().unwrap().0, reader.head().unwrap().origin.as_str()), (1, ORIGIN));
    assert!(reader.write(&[row(2, 1)], &signer()).is_err());
}

/// The least a gateway needs: no right to change a record.
#[test]
fn a_role_that_may_not_update_records_is_enough() {
    let Some(cluster) = cluster() else { return };
    let shelf = Shelf::new(&cluster, "granted_rights");
    shelf.store().ready().unwrap();
    shelf.sql(
        "CREATE ROLE gateway LOGIN; GRANT USAGE ON SCHEMA granted_rights TO gateway;
         GRANT SELECT, INSERT, DELETE ON ALL TABLES IN SCHEMA granted_rights TO gateway;
         GRANT UPDATE ON head, node, tile, granted, revoked TO gateway;
         GRANT USAGE ON SEQUENCE number TO gateway",
    );
    let url = shelf.url().replace("postgres@", "gateway@");
    let mut store = Postgres::new(Site::parse(&url).unwrap(), ORIGIN);
    store.ready().unwrap();
    store.write(&[row(1, 1), row(2, 1)], &signer()).unwrap();
    store.archive(&[(bandeau_consent::Digest([1; 32]), b"x")]).unwrap();
    assert!(store.live(1, bandeau_consent::Digest([1; 32]), None).unwrap());
    assert_eq!(store.sequence(9, &mut Grower).unwrap(), 3);
    store.witness(3, "a\n3\n").unwrap();
    assert!(store.lead("one", Duration::from_secs(3)).unwrap());
    assert_eq!(store.erase(&[id(1)]).unwrap(), 1);
    store.restart("b").unwrap();
    let update = "SET ROLE gateway; UPDATE record SET keep = 1";
    assert_eq!(
        cluster.ask("postgres", cluster.primary(), &format!("SET search_path = granted_rights; {update}")),
        None
    );
}
