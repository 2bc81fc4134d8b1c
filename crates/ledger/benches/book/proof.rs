//! Proofs by the size of the log: how long they take, how many tiles they read and how long their text is, in trees that
//! are in memory and in trees that are only simulated.

use crate::Arguments;
use crate::load::ORIGIN;
use crate::table::within;
use bandeau_consent::Digest;
use bandeau_ledger::log::{Checkpoint, Entry, LogSigner, Memory, Proof, Simulated, extends, leaf_hash, request};
use std::time::{Duration, Instant};

/// A tree and what its tiles are in.
enum Tree {
    Memory(Memory),
    Simulated(Simulated),
}

impl Tree {
    fn root(&mut self, size: u64) -> Digest {
        match self {
            Self::Memory(tree) => tree.root(size).unwrap(),
            Self::Simulated(tree) if tree.size() == size => tree.root().unwrap(),
            // All its leaves are equal, so its beginning is the smaller tree.
            Self::Simulated(_) => Simulated::new(leaf_hash(&body(0)), size).root().unwrap(),
        }
    }

    fn inclusion(&mut self, index: u64, size: u64) -> Vec<Digest> {
        match self {
            Self::Memory(tree) => tree.inclusion(index, size).unwrap(),
            Self::Simulated(tree) => tree.inclusion(index).unwrap(),
        }
    }

    fn consistency(&mut self, old: u64, size: u64) -> Vec<Digest> {
        match self {
            Self::Memory(tree) => tree.consistency(old, size).unwrap(),
            Self::Simulated(tree) => tree.consistency(old).unwrap(),
        }
    }

    fn read(&self) -> u64 {
        match self {
            Self::Memory(_) => 0,
            Self::Simulated(tree) => tree.read(),
        }
    }

    /// What stands at a place.
    fn entry(&self, index: u64) -> [u8; 33] {
        body(if matches!(self, Self::Memory(_)) { index } else { 0 })
    }
}

fn body(index: u64) -> [u8; 33] {
    Entry::Record(leaf_hash(&index.to_be_bytes())).bytes()
}

fn grown(size: u64) -> Tree {
    let (mut tree, mut took) = (Memory::default(), Duration::ZERO);
    while tree.size() < size {
        let next = (tree.size() + 4096).min(size);
        let leaves: Vec<Digest> = (tree.size()..next).map(|index| leaf_hash(&body(index))).collect();
        let start = Instant::now();
        tree.extend(&leaves).unwrap();
        took += start.elapsed();
    }
    println!(
        "A tree of {size} grown in memory, 4096 at a time: {:.0} entries a second",
        size as f64 / took.as_secs_f64()
    );
    Tree::Memory(tree)
}

pub fn run(arguments: &Arguments) {
    let draws = arguments.number("--draws", 1000);
    println!("\nProofs of {draws} entries, and from {draws} older sizes, evenly over the log. One core.");
    let mut trees = vec![(10_000, "memory", grown(10_000)), (1_000_000, "memory", grown(1_000_000))];
    for size in [10_000, 1_000_000, 1_000_000_000] {
        trees.push((size, "simulated", Tree::Simulated(Simulated::new(leaf_hash(&body(0)), size))));
    }
    println!(
        "\n{:>11} {:<10} {:<12} {:>7} {:>7} {:>7} {:>7} {:>11} {:>11} {:>9}",
        "entries", "tiles in", "proof", "p50 µs", "p99 µs", "hashes", "tiles", "bytes least", "bytes most", "check µs"
    );
    for (size, name, tree) in &mut trees {
        included(*size, name, tree, draws);
        extended(*size, name, tree, draws);
    }
}

#[derive(Default)]
struct Sum {
    make: Vec<Duration>,
    check: Vec<Duration>,
    hashes: usize,
    bytes: Vec<usize>,
    tiles: u64,
}

impl Sum {
    fn print(&mut self, size: u64, name: &str, proof: &str) {
        let count = self.make.len() as f64;
        let tiles = if self.tiles == 0 { "-".to_owned() } else { format!("{:.1}", self.tiles as f64 / count) };
        println!(
            "{size:>11} {name:<10} {proof:<12} {:>7.1} {:>7.1} {:>7.1} {tiles:>7} {:>11} {:>11} {:>9.1}",
            within(&mut self.make, 0.5),
            within(&mut self.make, 0.99),
            self.hashes as f64 / count,
            self.bytes.iter().min().unwrap(),
            self.bytes.iter().max().unwrap(),
            within(&mut self.check, 0.5),
        );
    }
}

fn head(tree: &mut Tree, size: u64) -> Checkpoint {
    Checkpoint { origin: ORIGIN.to_owned(), size, root: tree.root(size) }
}

/// What a visitor's receipt holds.
fn included(size: u64, name: &str, tree: &mut Tree, draws: u64) {
    let signer = LogSigner::new([7; 32], ORIGIN).unwrap();
    let note = signer.sign(&head(tree, size));
    let mut sum = Sum::default();
    let before = tree.read();
    for index in (0..draws).map(|draw| draw * (size / draws) + draw % 7) {
        let start = Instant::now();
        let hashes = tree.inclusion(index, size);
        sum.make.push(start.elapsed());
        sum.hashes += hashes.len();
        let text = Proof { index, hashes, note: note.clone() }.to_string();
        sum.bytes.push(text.len());
        let (entry, key, start) = (tree.entry(index), signer.key(), Instant::now());
        text.parse::<Proof>().unwrap().verify(&entry, &key).expect("the proof holds");
        sum.check.push(start.elapsed());
    }
    sum.tiles = tree.read() - before;
    sum.print(size, name, "inclusion");
}

/// What a witness is sent.
fn extended(size: u64, name: &str, tree: &mut Tree, draws: u64) {
    let new = head(tree, size);
    let note = LogSigner::new([7; 32], ORIGIN).unwrap().sign(&new);
    let mut sum = Sum::default();
    for size_then in (1..=draws).map(|draw| draw * (size / draws) - draw % 7) {
        let before = tree.read();
        let start = Instant::now();
        let hashes = tree.consistency(size_then, size);
        sum.make.push(start.elapsed());
        sum.tiles += tree.read() - before;
        sum.hashes += hashes.len();
        sum.bytes.push(request(size_then, &hashes, &note).len());
        let (old, start) = (head(tree, size_then), Instant::now());
        assert!(extends(&old, &new, &hashes), "the proof holds");
        sum.check.push(start.elapsed());
    }
    sum.print(size, name, "consistency");
}
