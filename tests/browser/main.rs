//! The promise itself, in a real browser: what third parties receive and what the browser keeps, in every
//! standing, with and without script. The third parties' own records are the measure.
#![allow(missing_docs, unreachable_pub, clippy::unwrap_used, clippy::expect_used)]

#[path = "../support/mod.rs"]
mod support;

#[path = "../wire/site.rs"]
#[allow(dead_code)]
mod site;

#[path = "../support/receipts.rs"]
#[allow(dead_code)]
mod receipts;

mod access;
mod driver;
mod face;
mod isso;
mod late;
mod live;
mod newsstand;
mod noscript;
mod once;
mod receipt;
mod scene;
mod shop;
mod sight;
mod signal;
mod signals;
mod standings;
mod strict;
mod withdraw;
