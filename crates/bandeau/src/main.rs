//! Bandeau: a consent gateway. The house: command line, configuration, listeners, proxy, desk.
//!
//! Every rule about purposes lives in `bandeau-consent`, what may pass in `bandeau-gate`, what visitors see in
//! `bandeau-banner`, what is kept in `bandeau-ledger`. Here there is no `if purpose`.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

mod admin;
mod audit;
mod body;
mod cause;
mod check;
mod cli;
mod clock;
mod config;
mod counters;
mod demo;
mod desk;
mod evidence;
mod herald;
mod house;
mod keys;
mod listen;
mod mechanism;
mod progress;
mod proxy;
mod records;
mod serve;
mod services;
mod verify;
mod witness;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::run()
}
