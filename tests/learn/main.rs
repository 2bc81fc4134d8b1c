//! Learning, from the outside: what live traffic through a gateway shows, what `bandeau learn` makes of it, and whether a
//! gateway with that enforces as one that a person configured. The third parties' own records are the measure.
#![allow(missing_docs, unreachable_pub, clippy::unwrap_used, clippy::expect_used)]

#[path = "../support/mod.rs"]
mod support;

#[path = "../browser/driver.rs"]
#[allow(dead_code)]
mod driver;

#[path = "../browser/scene.rs"]
#[allow(dead_code)]
mod scene;

mod command;
mod newsroom;
mod report;
