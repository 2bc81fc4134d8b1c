//! What can go wrong with the book, and who can mend it.

use bandeau_consent::RecordId;

/// Who can mend an [`Error`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Blame {
    /// Whoever presented a receipt.
    Presenter,
    /// Whoever runs the gateway: disk, permissions, configuration.
    Operator,
    /// The gateway itself: a defect or too much load.
    Us,
}

/// What can go wrong with the book.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The store URL names no store.
    #[error("{read:?} names no store: {why}; expected sqlite:PATH or postgres://USER@HOST/DATABASE")]
    BadStore {
        /// What was read.
        read: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// The book is closed: nothing was recorded by this call, unless the store failed while
    /// committing, in which case the record may exist although nothing was granted.
    #[error("the book is closed: {why}")]
    Closed {
        /// Why, for the operator.
        why: String,
    },
    /// Too many records wait already; this one was not taken.
    #[error("the book is busy: {waiting} records wait to be written")]
    Busy {
        /// How many wait.
        waiting: usize,
    },
    /// The store did not answer in time. A record still waiting is withdrawn; one already being
    /// committed may come to exist although nothing was granted.
    #[error("the book did not answer in time")]
    Late,
    /// Another record of the same name and another content is in the book.
    #[error("the book already holds another record named {0}")]
    Conflict(RecordId),
    /// The store cannot be read.
    #[error("the store cannot be read: {why}")]
    Unreadable {
        /// Why, for the operator.
        why: String,
    },
    /// What was read could not be handed on.
    #[error("cannot write the export")]
    Output(#[source] std::io::Error),
    /// The key of a receipt is no Ed25519 public key.
    #[error("the receipt's key is not an Ed25519 public key")]
    BadKey,
    /// The receipt was signed by another key than the one trusted.
    #[error("the receipt is signed by another key than the one expected")]
    OtherKey,
    /// The signature does not fit the fields: one of them was changed.
    #[error("the receipt's signature does not fit its fields")]
    BadSignature,
    /// The writer thread could not be started.
    #[error("cannot start the thread of the book")]
    Thread(#[source] std::io::Error),
}

impl Error {
    /// Who can mend it.
    pub fn blame(&self) -> Blame {
        match self {
            Self::BadKey | Self::OtherKey | Self::BadSignature => Blame::Presenter,
            Self::Busy { .. } | Self::Conflict(_) => Blame::Us,
            _ => Blame::Operator,
        }
    }
}
