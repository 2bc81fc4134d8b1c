//! The leak suite: every way out of a page and every way to store, in a real browser, in six standings. It knows
//! the wire, the browser and the command line of the gateway, and nothing of its inside. See README.md.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

mod arguments;
mod chrome;
mod learn;
mod plan;
mod run;
mod site;
mod standing;
#[path = "../support/mod.rs"]
mod support;
mod table;
mod tracker;
mod vector;

use clap::Parser as _;
use std::process::ExitCode;
use std::time::Instant;

fn main() -> ExitCode {
    let arguments = arguments::Arguments::parse();
    if arguments.list {
        return ExitCode::SUCCESS;
    }
    let start = Instant::now();
    let (passed, failed, out) = match plan::play(&arguments) {
        Ok(counts) => counts,
        Err(fault) => {
            println!("{fault}");
            (0, 1, 0)
        }
    };
    // The line that cargo's own tests end with, so that whoever adds those up adds this too.
    println!(
        "\ntest result: {}. {passed} passed; {failed} failed; 0 ignored; 0 measured; {out} filtered out; finished in {:.2}s\n",
        if failed == 0 { "ok" } else { "FAILED" },
        start.elapsed().as_secs_f64()
    );
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
