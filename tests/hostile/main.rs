//! Hostile pages: `bandeau audit` on pages that never end, ask for ever, fill the disk and the memory, lie and break. Each
//! audit must end by itself in a report that names the page as what it was, in bounded time and memory, with nothing left
//! behind, and see the good page that follows as if nothing had been. See README.md.
//!
//! It knows the command line and the file of an audit, and nothing of its inside.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

mod demand;
mod odd;
mod pages;
mod process;
mod run;
mod site;
mod tls;
mod traps;

use clap::Parser;
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// What every test run visits: of each kind one or two. The rest takes a quarter of an hour: `--all`.
const CORE: [&str; 20] = [
    "redirects",
    "pingpong",
    "alerts",
    "confirms",
    "unload",
    "file",
    "files",
    "popup",
    "popups",
    "silent",
    "head",
    "half",
    "requests",
    "loop",
    "local",
    "indexed",
    "calendar",
    "renderer-killed",
    "browser-killed",
    "no-name",
];

/// What can be said on the command line.
#[derive(Debug, Parser)]
#[command(name = "hostile")]
pub(crate) struct Arguments {
    /// Only groups or pages with this in their name.
    pub(crate) filter: Option<String>,
    /// Everything, and not only what every test run visits.
    #[arg(long)]
    pub(crate) all: bool,
    /// How long a page may take to load, in seconds.
    #[arg(long, default_value_t = 10)]
    pub(crate) patience: u64,
    /// How long it is watched after that, in seconds.
    #[arg(long, default_value_t = 1)]
    pub(crate) wait: u64,
    /// How much memory the auditor itself may take, in MB.
    #[arg(long, default_value_t = 300)]
    pub(crate) memory: u64,
    /// Say what is audited with which command, and keep its files.
    #[arg(long)]
    pub(crate) keep: bool,
    // What people pass to every test of cargo's.
    #[arg(long, hide = true)]
    list: bool,
    #[arg(long, hide = true)]
    nocapture: bool,
    #[arg(long, hide = true)]
    test_threads: Option<u32>,
}

impl Arguments {
    fn wanted(&self, name: &str) -> bool {
        match &self.filter {
            Some(filter) => name.contains(filter.as_str()),
            None => self.all || CORE.contains(&name),
        }
    }

    pub(crate) fn patience(&self) -> Duration {
        Duration::from_secs(self.patience)
    }

    pub(crate) fn wait(&self) -> Duration {
        Duration::from_secs(self.wait)
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if arguments.list {
        return ExitCode::SUCCESS;
    }
    if !process::browser() {
        eprintln!("NOT TESTED: no Chromium here (Debian: apt-get install chromium)");
        let must = std::env::vars_os().any(|(name, _)| name == "CI");
        return if must { ExitCode::FAILURE } else { ExitCode::SUCCESS };
    }
    let start = Instant::now();
    let (port, log) = site::serve().await;
    println!(
        "{:<16} {:<30} {:>8} {:>9} {:>11} {:>12}",
        "page", "end", "seconds", "requests", "auditor MB", "browser MB"
    );
    let (mut passed, mut failed) = (0, 0);
    for plan in run::plans(&arguments, port) {
        let faults = demand::check(&plan, &arguments, &log).await;
        if faults.is_empty() {
            passed += 1;
        } else {
            failed += 1;
            for fault in faults {
                println!("FAULT {}: {fault}", plan.name);
            }
        }
    }
    // The line that cargo's own tests end with, so that whoever adds those up adds this too.
    println!(
        "\ntest result: {}. {passed} passed; {failed} failed; 0 ignored; 0 measured; 0 filtered out; finished in {:.2}s\n",
        if failed == 0 { "ok" } else { "FAILED" },
        start.elapsed().as_secs_f64()
    );
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
