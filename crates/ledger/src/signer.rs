//! Who wrote: the Ed25519 keys of the book. Knows neither records nor where the seed is kept.

use crate::log::{LogSigner, NoteError};
use bandeau_consent::{Digest, Hasher};
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use hmac::digest::{Key, KeyInit};
use hmac::{Hmac, Mac as _};
use sha2::Sha256;
use std::fmt;

/// The key that signs receipts (Ed25519, RFC 8032). Wiped from memory when dropped.
#[derive(Clone)]
pub struct Signer(SigningKey);

impl Signer {
    /// Makes the key of 32 secret random bytes; the same seed makes the same key.
    pub fn from_seed(seed: [u8; 32]) -> Self {
        Self(SigningKey::from_bytes(&seed))
    }

    /// The public key, with which anybody can check a receipt.
    pub fn verifying_key(&self) -> [u8; 32] {
        self.0.verifying_key().to_bytes()
    }

    /// The key of a log, derived for it alone: a signature over a record can never be taken for one over a checkpoint.
    pub fn log(&self, origin: &str) -> Result<LogSigner, NoteError> {
        let seed = Hasher::new("bandeau log v1").field(self.0.as_bytes()).finish();
        LogSigner::new(seed.0, origin)
    }

    /// Signs the leaf of a record that is being made durable.
    pub(crate) fn sign(&self, leaf: Digest) -> [u8; 64] {
        self.0.sign(&leaf.0).to_bytes()
    }

    /// Marks a leaf as waiting in the spool, with a secret that only the holder of the seed has. No
    /// signature, since nobody else needs to check it and thousands may wait.
    pub(crate) fn mark(&self, leaf: Digest) -> [u8; 32] {
        self.code(leaf).finalize().into_bytes().into()
    }

    /// Whether this key marked a leaf.
    pub(crate) fn marked(&self, leaf: Digest, mark: &[u8; 32]) -> bool {
        self.code(leaf).verify_slice(mark).is_ok()
    }

    /// HMAC-SHA-256 (RFC 2104) keyed with a secret derived for the spool alone.
    fn code(&self, leaf: Digest) -> Hmac<Sha256> {
        let secret = Hasher::new("bandeau spool v1").field(self.0.as_bytes()).finish();
        let mut block = Key::<Hmac<Sha256>>::default();
        block[..32].copy_from_slice(&secret.0);
        <Hmac<Sha256> as KeyInit>::new(&block).chain_update(leaf.0)
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Signer(secret)")
    }
}

/// Whether a signature over a leaf holds. Strict: small-order keys and malleable forms are refused
/// (RFC 8032 §5.1.7).
pub(crate) fn holds(key: &VerifyingKey, leaf: Digest, signature: &[u8; 64]) -> bool {
    key.verify_strict(&leaf.0, &Signature::from_bytes(signature)).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_own_mark_counts() {
        let signer = Signer::from_seed([7; 32]);
        let leaf = Hasher::new("t").finish();
        assert!(signer.marked(leaf, &signer.mark(leaf)));
        assert!(!signer.marked(Hasher::new("u").finish(), &signer.mark(leaf)));
        assert!(!Signer::from_seed([8; 32]).marked(leaf, &signer.mark(leaf)));
    }

    #[test]
    fn the_seed_is_not_printed() {
        assert_eq!(format!("{:?}", Signer::from_seed([7; 32])), "Signer(secret)");
    }
}
