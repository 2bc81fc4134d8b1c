//! The transparency log: a tree that only grows, whose head is signed, so that who holds a receipt can show that the book
//! holds it and who watches can show that nothing was taken out (docs/spec/log.md).
//!
//! Everything here is a function of bytes: RFC 9162 §2.1 for the tree, and the C2SP formats `tlog-tiles`,
//! `tlog-checkpoint`, `signed-note`, `tlog-proof`, `tlog-cosignature` and `tlog-witness` for what leaves the house. This
//! room knows no store, no clock and no network: who calls says where tiles are read.

mod check;
mod checkpoint;
mod entry;
mod error;
pub(crate) mod grow;
mod hash;
mod key;
mod memory;
pub(crate) mod note;
mod path;
mod proof;
mod simulated;
mod text;
pub(crate) mod tiles;
pub(crate) mod tree;
mod witness;

pub use check::{extends, included};
pub use checkpoint::Checkpoint;
pub use entry::{Entry, commitment};
pub use error::{NoteError, ProofError};
pub use hash::leaf_hash;
pub use key::{LogKey, LogSigner};
pub use memory::Memory;
pub use path::{PathError, TilePath, What, bundle};
pub use proof::Proof;
pub use simulated::Simulated;
pub use witness::{WitnessKey, accept, request};
