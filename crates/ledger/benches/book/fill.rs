//! A store that has been filled: how fast it fills, how large it is, how much was written for it, how long a receipt and a
//! proof take, and how fast entries get their place when nothing else is done.

use crate::Arguments;
use crate::load::{ORIGIN, drive, open};
use crate::place::Place;
use crate::table::within;
use crate::volume::Volume;
use bandeau_consent::RecordId;
use bandeau_ledger::{Ask, Ledger};
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;

/// Whatever takes longer than this is given up.
const PATIENCE: Duration = Duration::from_secs(900);

pub fn run(arguments: &Arguments, runtime: &Runtime, places: &[Place]) {
    let (file, server) = (arguments.numbers("--fill", "10000,1000000"), arguments.numbers("--fill-server", "100000"));
    println!("\nStores that were filled: 512 visitors at once, half of them grant, each decides once.");
    for place in places {
        for count in if place.shared() { &server } else { &file } {
            if place.shared() {
                filled(place, runtime, *count);
            } else {
                let fresh = crate::place::all("sqlite");
                filled(&fresh[0], runtime, *count);
            }
        }
    }
}

fn filled(place: &Place, runtime: &Runtime, count: u64) {
    let before = Volume::read(place);
    let ledger = open(place, 0);
    let had = ledger.state().log.unwrap_or(0);
    let run = drive(runtime, std::slice::from_ref(&ledger), 512, PATIENCE, count);
    let kept = run.times.len() as u64 + 1;
    println!("\n{}: {kept} decisions, {} failed", place.name, run.failed);
    if let Some(why) = run.why {
        println!("  one of those that failed: {why}");
    }
    println!("  {:.0} a second while the log grows beside", kept as f64 / run.elapsed.as_secs_f64());
    let waited = placed(&ledger, had + kept);
    println!("  the last had its place {:.2} s later", waited.as_secs_f64());
    receipts(runtime, &ledger, &run.some);
    consistency(runtime, &ledger);
    ledger.close();
    Volume::read(place).since(&before, kept);
    again(place, had + kept);
}

/// Waits until so many entries have a place.
fn placed(ledger: &Ledger, size: u64) -> Duration {
    let start = Instant::now();
    while ledger.state().log.unwrap_or(0) < size {
        assert!(start.elapsed() < PATIENCE, "the log has {:?} entries of {size}", ledger.state().log);
        std::thread::sleep(Duration::from_millis(5));
    }
    start.elapsed()
}

/// A receipt as a visitor gets it: the record by its name, its place, and the proof out of the stored tiles.
fn receipts(runtime: &Runtime, ledger: &Ledger, some: &[RecordId]) {
    let (mut times, mut bytes) = (Vec::new(), Vec::new());
    for id in some.iter().take(1000) {
        let start = Instant::now();
        let document = runtime.block_on(ledger.receipt(Ask::Id(*id))).unwrap().expect("it was kept");
        times.push(start.elapsed());
        let proof = document.placed.unwrap().proof.expect("it has a place");
        bytes.push(proof.len());
    }
    println!(
        "  a receipt with its proof, of {}: p50 {:.0} µs, p99 {:.0} µs; the proof {} to {} bytes",
        times.len(),
        within(&mut times, 0.5),
        within(&mut times, 0.99),
        bytes.iter().min().unwrap_or(&0),
        bytes.iter().max().unwrap_or(&0),
    );
}

/// What a witness is sent, who signed the log when it was smaller.
fn consistency(runtime: &Runtime, ledger: &Ledger) {
    let start = Instant::now();
    let cosigning = loop {
        match ledger.cosigning() {
            Some(cosigning) => break cosigning,
            None if start.elapsed() < Duration::from_secs(5) => std::thread::sleep(Duration::from_millis(50)),
            None => return println!("  this gateway does not lead, so no witness was asked"),
        }
    };
    let (mut times, mut bytes) = (Vec::new(), Vec::new());
    for draw in 1..200 {
        let old = cosigning.size() / 200 * draw + draw;
        let start = Instant::now();
        bytes.push(runtime.block_on(ledger.question(&cosigning, old)).unwrap().len());
        times.push(start.elapsed());
    }
    println!(
        "  a proof that an older log goes on: p50 {:.0} µs, p99 {:.0} µs; {} to {} bytes",
        within(&mut times, 0.5),
        within(&mut times, 0.99),
        bytes.iter().min().unwrap_or(&0),
        bytes.iter().max().unwrap_or(&0),
    );
}

/// Begins the log anew, so that every entry waits for a place, and nothing else is done.
fn again(place: &Place, size: u64) {
    let local = place.shared().then(|| place.dir.path().join("node0"));
    let start = Instant::now();
    bandeau_ledger::restart(&place.url, local, &format!("again.{ORIGIN}")).unwrap();
    let began = start.elapsed();
    let start = Instant::now();
    let ledger = open(place, 0);
    placed(&ledger, size);
    let took = start.elapsed();
    println!(
        "  the log begun anew in {:.1} s; {:.0} entries a second get their place when nothing else is done",
        began.as_secs_f64(),
        size as f64 / took.as_secs_f64(),
    );
    ledger.close();
    // The next one goes on with the name it knows.
    let local = place.shared().then(|| place.dir.path().join("node0"));
    bandeau_ledger::restart(&place.url, local, ORIGIN).unwrap();
}
