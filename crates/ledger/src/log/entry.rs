//! What the log holds: salted commitments to records, and digests of what visitors are shown (docs/spec/log.md). Knows no
//! tree.

use bandeau_consent::{Digest, Hasher};

/// One entry of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Entry {
    /// A decision, by its [`commitment`].
    Record(Digest),
    /// What was live: the SHA-256 of its manifest.
    Mechanism(Digest),
}

impl Entry {
    /// How many bytes an entry has.
    pub const LENGTH: usize = 33;

    /// The bytes that are hashed into the tree.
    pub fn bytes(&self) -> [u8; Self::LENGTH] {
        let (kind, digest) = match self {
            Self::Record(digest) => (1, digest),
            Self::Mechanism(digest) => (2, digest),
        };
        let mut bytes = [kind; Self::LENGTH];
        bytes[1..].copy_from_slice(&digest.0);
        bytes
    }

    /// Reads the bytes of an entry; nothing when they are none.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let (kind, digest) = bytes.split_first()?;
        let digest = Digest(digest.try_into().ok()?);
        match kind {
            1 => Some(Self::Record(digest)),
            2 => Some(Self::Mechanism(digest)),
            _ => None,
        }
    }
}

/// What stands in the log for a record: without the salt nobody can tell of which record it is, not even who guesses.
/// So once record and salt are deleted, it says nothing of anybody.
pub fn commitment(salt: &[u8; 32], leaf: Digest) -> Digest {
    Hasher::new("bandeau commitment v1").field(salt).field(leaf.0).finish()
}
