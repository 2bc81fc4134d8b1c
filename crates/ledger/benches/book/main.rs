//! What the book costs: durable decisions a second with and without sharing a transaction, on each store; proofs by the
//! size of the log; a filled store. Variants take turns in rounds, so that a machine that drifts drifts for all: read the
//! ratios.
//!
//! `cargo bench -p bandeau-ledger --bench book`; what can be said after `--` is in docs/operate/bench-book.md. Knows the
//! library from outside only.
#![allow(missing_docs, unreachable_pub, clippy::unwrap_used, clippy::expect_used, clippy::disallowed_methods)]

#[path = "../../../../tests/support/cluster.rs"]
mod cluster;

mod append;
mod fill;
mod load;
mod place;
mod proof;
mod table;
mod volume;

use tokio::runtime::{Builder, Runtime};

/// What was said after `--`, or what is done if nothing was.
pub struct Arguments(Vec<String>);

impl Arguments {
    fn text(&self, name: &str, default: &str) -> String {
        let at = self.0.iter().position(|argument| argument == name);
        at.and_then(|at| self.0.get(at + 1)).map_or(default, String::as_str).to_owned()
    }

    pub fn number(&self, name: &str, default: u64) -> u64 {
        self.text(name, &default.to_string()).parse().expect("a whole number")
    }

    pub fn numbers(&self, name: &str, default: &str) -> Vec<u64> {
        let text = self.text(name, default);
        text.split(',').filter(|part| !part.is_empty()).map(|part| part.parse().expect("whole numbers")).collect()
    }

    fn part(&self, name: &str) -> bool {
        self.text("--only", "append,proof,fill").split(',').any(|part| part == name)
    }
}

fn main() {
    let arguments = Arguments(std::env::args().collect());
    // The clusters belong to this thread: they end with it.
    let places = place::all(&arguments.text("--stores", "sqlite,alone,standbys"));
    let runtime: Runtime = Builder::new_multi_thread().enable_all().build().unwrap();
    if arguments.part("append") {
        append::run(&arguments, &runtime, &places);
    }
    if arguments.part("proof") {
        proof::run(&arguments);
    }
    if arguments.part("fill") {
        fill::run(&arguments, &runtime, &places);
    }
}
