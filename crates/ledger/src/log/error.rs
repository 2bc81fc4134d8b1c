//! What can be wrong with notes, proofs and what a witness answers, in words for whoever presented them.

/// What does not hold of a signed note or of a key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NoteError {
    /// The text is not cut into a body and signature lines.
    #[error("this is no signed note: {0}")]
    Note(&'static str),
    /// The text names no key that could be used.
    #[error("this is no verifier key: {0}")]
    Key(&'static str),
    /// The body is no checkpoint.
    #[error("this is no checkpoint: {0}")]
    Body(&'static str),
    /// The checkpoint is of another log.
    #[error("the checkpoint is of the log {read:?}, not of {expected:?}")]
    Origin {
        /// Whose it says it is.
        read: String,
        /// Whose key was asked.
        expected: String,
    },
    /// Nobody with this key signed it.
    #[error("nothing here is signed by the key of {name:?}")]
    Unsigned {
        /// The name of the key.
        name: String,
    },
    /// A signature is there and does not fit the text.
    #[error("the signature by {name:?} does not fit the text")]
    Signature {
        /// The name of the key.
        name: String,
    },
    /// A witness says a time that cannot be one.
    #[error("the witness {name:?} says a time that cannot be one")]
    Time {
        /// The name of the key.
        name: String,
    },
}

/// What does not hold of a proof.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProofError {
    /// The text is not laid out as a proof.
    #[error("this is no proof: {0}")]
    Text(&'static str),
    /// The checkpoint in it is not signed by the log, or is none.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// The checkpoint is older than the entry.
    #[error("the signed tree holds {size} entries, and this says it is entry {index}, counted from 0")]
    Beyond {
        /// The place it says.
        index: u64,
        /// How many entries are signed.
        size: u64,
    },
    /// The hashes lead elsewhere.
    #[error("what is shown is not entry {index} of the tree that the log signed")]
    Entry {
        /// The place it says.
        index: u64,
    },
}
