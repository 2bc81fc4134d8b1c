//! The book: durable, signed records of decisions.
//!
//! A [`bandeau_consent::Record`] goes in, and comes out as a [`bandeau_consent::Receipt`] once the store has synced it,
//! never before. Refusals and withdrawals do not wait for that: they are noted, spooled beside the
//! store when it is closed, and written when it opens again.
//!
//! The rooms are cut by guarantee: a [`Signer`] says who wrote, a `Row` what is signed, a `Store` keeps
//! rows in commit order, the `Spool` outlives an outage of the store, the `Writer` alone touches both,
//! and the [`Ledger`] is the handle the rest of the house holds.
//!
//! This room does not know HTTP, HTML, cookies, the configuration file or the wall clock.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

mod address;
#[cfg(test)]
mod aging;
pub mod check;
mod chores;
#[cfg(test)]
mod clustered;
mod code;
#[cfg(test)]
mod conform;
mod cosign;
mod disk;
mod document;
mod erase;
#[cfg(test)]
mod erasing;
mod error;
mod export;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod fixture;
#[cfg(test)]
mod flawed;
mod guard;
mod keeper;
mod ledger;
pub mod log;
mod mechanism;
mod postgres;
mod publish;
mod queue;
mod reader;
mod reading;
mod revoked;
#[cfg(test)]
mod rollback;
mod row;
#[cfg(test)]
mod secured;
mod served;
mod signer;
mod spill;
mod spool;
mod sqlite;
mod state;
mod store;
mod text;
mod time;
#[cfg(test)]
mod torn;
#[cfg(test)]
mod trial;
#[cfg(test)]
mod united;
mod watch;
mod writer;

pub use address::{names_store, origin, restart, shown_store, successor};
pub use code::Code;
pub use cosign::Cosigning;
pub use document::{Placed, ReceiptDocument, verify};
pub use erase::{Eraser, Whose};
pub use error::{Blame, Error};
pub use export::{Context, Export, Format, Place, Wish, export};
pub use ledger::{Ledger, Options};
pub use mechanism::{File, Manifest, Name, Part, Version};
pub use publish::Published;
pub use queue::Noted;
pub use reading::{Held, Reading};
pub use row::Row;
pub use served::{Ask, Withdrawn};
pub use signer::Signer;
pub use state::{State, Status};
pub use time::{moment, stamp};
