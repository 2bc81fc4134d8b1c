//! Durable decisions a second and how long each waits: many in one transaction, as the book does it, beside one
//! transaction each, on every store. What the disk gives is measured between them.

use crate::Arguments;
use crate::load::{drive, open};
use crate::place::Place;
use crate::table::{median, spread, within};
use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;

/// How decisions get into a store.
#[derive(Clone, Copy)]
struct Way {
    name: &'static str,
    /// How many gateways write, each with a connection of its own.
    gateways: usize,
    /// How many decisions share a transaction at most.
    share: usize,
}

const NAIVE: Way = Way { name: "one transaction each", gateways: 1, share: 1 };
const SHARED: Way = Way { name: "shared (as shipped)", gateways: 1, share: 256 };
/// What an application with a pool of connections and no queue does.
const POOL: Way = Way { name: "one each, 16 connections", gateways: 16, share: 1 };
const THREE: Way = Way { name: "shared, 3 gateways", gateways: 3, share: 256 };

struct Lane<'p> {
    place: &'p Place,
    way: Way,
    clients: usize,
    rates: Vec<f64>,
    times: Vec<Duration>,
    failed: u64,
}

pub fn run(arguments: &Arguments, runtime: &Runtime, places: &[Place]) {
    let (seconds, rounds) = (arguments.number("--seconds", 2), arguments.number("--rounds", 3));
    let clients = arguments.numbers("--clients", "1,16,64,256");
    let mut lanes = Vec::new();
    for place in places {
        for way in [NAIVE, POOL, SHARED, THREE] {
            for clients in clients.iter().map(|clients| usize::try_from(*clients).unwrap()) {
                let apt = way.gateways == 1 || place.shared() && way.gateways <= clients;
                if apt {
                    lanes.push(Lane { place, way, clients, rates: vec![], times: vec![], failed: 0 });
                }
            }
        }
    }
    let disk = tempfile::tempdir().unwrap();
    let mut syncs = Vec::new();
    for _ in 0..rounds {
        syncs.push(sync(disk.path()));
        for lane in &mut lanes {
            measure(lane, runtime, Duration::from_secs(seconds));
        }
    }
    syncs.push(sync(disk.path()));
    print(&mut lanes, &syncs, seconds, rounds);
}

fn measure(lane: &mut Lane<'_>, runtime: &Runtime, length: Duration) {
    let ledgers: Vec<_> = (0..lane.way.gateways).map(|number| open(lane.place, number)).collect();
    ledgers.iter().for_each(|ledger| ledger.share(lane.way.share));
    let run = drive(runtime, &ledgers, lane.clients, length, u64::MAX);
    lane.rates.push(run.times.len() as f64 / run.elapsed.as_secs_f64());
    lane.times.extend(run.times);
    lane.failed += run.failed;
    if let Some(why) = run.why {
        println!("{}, {}, {} waiting: {} failed: {why}", lane.place.name, lane.way.name, lane.clients, run.failed);
    }
}

/// How often a second the disk syncs four thousand bytes at the end of a file: a page of SQLite's log, half of one of
/// PostgreSQL's.
fn sync(dir: &Path) -> f64 {
    let mut file = File::create(dir.join("sync")).unwrap();
    let (page, start, mut count) = ([7; 4096], Instant::now(), 0);
    while start.elapsed() < Duration::from_secs(1) {
        file.write_all(&page).unwrap();
        file.sync_data().unwrap();
        count += 1;
    }
    f64::from(count) / start.elapsed().as_secs_f64()
}

fn print(lanes: &mut [Lane<'_>], syncs: &[f64], seconds: u64, rounds: u64) {
    let (low, high) = spread(syncs);
    println!(
        "\nDurable decisions, {rounds} rounds of {seconds} s each in turns. `times` is against one transaction each."
    );
    println!("The disk alone: {:.0} writes of 4 KiB with a sync a second ({low:.0} to {high:.0}).\n", median(syncs));
    println!(
        "{:<32} {:<25} {:>7} {:>8} {:>17} {:>6} {:>9} {:>9} {:>7}",
        "store", "way", "waiting", "a second", "lowest to highest", "times", "p50 ms", "p99 ms", "failed"
    );
    let naive: Vec<_> = lanes
        .iter()
        .filter(|lane| lane.way.gateways == 1 && lane.way.share == 1)
        .map(|lane| (lane.place.name, lane.clients, median(&lane.rates)))
        .collect();
    for lane in lanes {
        let rate = median(&lane.rates);
        let base = naive.iter().find(|(name, clients, _)| (*name, *clients) == (lane.place.name, lane.clients));
        let (low, high) = spread(&lane.rates);
        println!(
            "{:<32} {:<25} {:>7} {:>8.0} {:>17} {:>6.1} {:>9.2} {:>9.2} {:>7}",
            lane.place.name,
            lane.way.name,
            lane.clients,
            rate,
            format!("{low:.0} to {high:.0}"),
            base.map_or(f64::NAN, |(.., base)| rate / base),
            within(&mut lane.times, 0.5) / 1e3,
            within(&mut lane.times, 0.99) / 1e3,
            lane.failed,
        );
    }
}
