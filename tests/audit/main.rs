//! The audit against the truth: sites with recording third parties, one for each consent tool, are audited, and what the
//! audit says is compared with what the recorders wrote down. No miss and no invention. It knows the command line, the files
//! an audit writes and the wire, and nothing of the inside. See README.md.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

mod arguments;
mod claim;
mod compare;
mod demo;
mod expect;
mod means;
mod owner;
mod party;
mod proof;
mod run;
mod site;
#[path = "../support/mod.rs"]
mod support;
mod table;
mod tool;
mod tools;

use clap::Parser as _;
use std::process::ExitCode;
use std::time::Instant;

fn main() -> ExitCode {
    let arguments = arguments::Arguments::parse();
    if arguments.list {
        return ExitCode::SUCCESS;
    }
    let start = Instant::now();
    let (passed, failed, out) = match run::play(&arguments) {
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
