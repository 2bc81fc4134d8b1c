//! The running gateway over plain HTTP, against a site that behaves as the test says. These rooms know the
//! wire and the command line only: nothing of the gateway's inside.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

#[path = "../support/mod.rs"]
mod support;

#[path = "../support/receipts.rs"]
mod receipts;

mod alias;
mod answer;
mod audit;
mod book;
mod broken;
mod cache;
mod command;
mod decide;
mod evidence;
mod forward;
mod full;
mod interim;
mod leave;
mod live;
mod log;
mod odd;
mod once;
mod pace;
mod raw;
mod receipt;
mod records;
mod route;
mod signal;
mod signals;
mod site;
mod smuggle;
mod socket;
mod tls;
mod tongue;
mod variant;
mod verify;
mod visitor;
mod weight;
mod withdraw;
mod witness;
