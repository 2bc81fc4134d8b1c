//! Learning: what was seen of a site's third parties, and the draft of a policy made from it.
//!
//! [`report`] reads what browsers send, [`notebook`] adds sightings up without anybody in them, [`gather`] takes them from
//! an audit, [`sort`] says whose they are and why, and [`draft`] writes that into a configuration, beside what people wrote
//! there and never over it.
//!
//! This room knows no socket, no clock and no file, and it decides nothing: a guess is a guess, marked with its reason, and
//! what nobody knows is held until a person says what it is.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

pub mod draft;
pub mod gather;
mod guess;
pub mod name;
pub mod notebook;
pub mod report;
pub mod sort;

pub use guess::UNSORTED;
pub use notebook::{BadNotebook, Notebook, Sight, What};
