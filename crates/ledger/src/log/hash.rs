//! The three hashes of the tree: of nothing, of an entry, of two subtrees (RFC 9162 §2.1.1). Knows neither tiles nor
//! proofs.

use bandeau_consent::Digest;
use sha2::{Digest as _, Sha256};

/// The hash of an entry in the tree: SHA-256 over a zero byte and the entry (RFC 9162 §2.1.1).
pub fn leaf_hash(entry: &[u8]) -> Digest {
    Digest(Sha256::new().chain_update([0]).chain_update(entry).finalize().into())
}

/// The hash of two subtrees that stand side by side. The byte before them keeps a node from being passed off as an
/// entry.
pub(crate) fn node(left: &Digest, right: &Digest) -> Digest {
    Digest(Sha256::new().chain_update([1]).chain_update(left.0).chain_update(right.0).finalize().into())
}

/// The root of the tree without entries: SHA-256 of nothing.
pub(crate) fn empty() -> Digest {
    Digest(Sha256::digest([]).into())
}
