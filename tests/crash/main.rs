//! The crash harness: gateways killed at any instant under load, on a file and on a cluster that loses members and
//! connections, and at the end every acknowledged decision looked for. It knows the wire and the command line of the
//! gateway, and nothing of its inside. See docs/operate/crash.md.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

mod arguments;
mod check;
mod dice;
mod fleet;
mod log;
mod node;
mod proof;
mod proxy;
mod receipt;
mod site;
mod sqlite;
mod storm;
#[path = "../support/mod.rs"]
mod support;
mod told;
mod tree;
mod visitor;
mod wire;

use arguments::{Arguments, Subject};
use clap::Parser as _;
use std::process::ExitCode;
use std::time::Instant;
use tokio::signal::unix::{SignalKind, signal};

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let Some(subject) = arguments.subject().filter(|_| !arguments.list) else { return ExitCode::SUCCESS };
    let seed = arguments.seed.unwrap_or_else(|| {
        let mut bytes = [0; 8];
        getrandom::fill(&mut bytes).unwrap();
        u64::from_be_bytes(bytes)
    });
    println!("\ncrash: seed {seed}");
    let start = Instant::now();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let sound = runtime.block_on(async {
        let work = async {
            match subject {
                Subject::Sqlite => sqlite::run(&arguments, seed).await,
                Subject::Cluster => fleet::run(&arguments, seed).await,
            }
        };
        tokio::select! {
            sound = work => sound,
            () = ending() => {
                println!("broken off");
                false
            }
        }
    });
    // Whatever still runs is ended with what owns it.
    drop(runtime);
    // The line that cargo's own tests end with, so that whoever adds those up adds this too.
    println!(
        "\ntest result: {}. {} passed; {} failed; 0 ignored; 0 measured; 0 filtered out; finished in {:.2}s\n",
        if sound { "ok" } else { "FAILED" },
        u8::from(sound),
        u8::from(!sound),
        start.elapsed().as_secs_f64()
    );
    if sound { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Waits to be asked to end, so that nothing that was started is left behind.
async fn ending() {
    let mut terminate = signal(SignalKind::terminate()).unwrap();
    let mut interrupt = signal(SignalKind::interrupt()).unwrap();
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
}
