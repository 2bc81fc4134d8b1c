//! Identity by content: SHA-256 over length-prefixed fields, so that no two lists of fields collide.

use sha2::{Digest as _, Sha256};
use std::fmt;

/// A SHA-256 digest.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(pub [u8; 32]);

impl Digest {
    /// Reads 64 hexadecimal digits.
    pub fn parse(read: &str) -> Option<Self> {
        let mut out = [0; 32];
        if read.len() != 64 || !read.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        for (byte, pair) in out.iter_mut().zip(read.as_bytes().chunks(2)) {
            *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
        }
        Some(Self(out))
    }

    /// The first four bytes: enough to notice a change, too few to identify.
    pub fn short(&self) -> [u8; 4] {
        [self.0[0], self.0[1], self.0[2], self.0[3]]
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// Builds a [`Digest`] from fields.
pub struct Hasher(Sha256);

impl Hasher {
    /// Starts a digest in its own domain: the same fields under another name give another digest.
    pub fn new(domain: &str) -> Self {
        Self(Sha256::new()).field(domain)
    }

    /// Adds one field, its length first.
    #[must_use]
    pub fn field(mut self, value: impl AsRef<[u8]>) -> Self {
        let value = value.as_ref();
        self.0.update((value.len() as u64).to_be_bytes());
        self.0.update(value);
        self
    }

    /// Adds a list of fields, their count first.
    #[must_use]
    pub fn list<T: AsRef<[u8]>>(mut self, values: impl IntoIterator<Item = T>) -> Self {
        let values: Vec<T> = values.into_iter().collect();
        self = self.field((values.len() as u64).to_be_bytes());
        values.into_iter().fold(self, Hasher::field)
    }

    /// The digest of all fields so far.
    pub fn finish(self) -> Digest {
        Digest(self.0.finalize().into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_do_not_run_into_each_other() {
        let one = Hasher::new("t").field("ab").field("c").finish();
        let two = Hasher::new("t").field("a").field("bc").finish();
        assert_ne!(one, two);
        assert_ne!(Hasher::new("t").list(["a"]).field("b").finish(), Hasher::new("t").list(["a", "b"]).finish());
    }

    #[test]
    fn hexadecimal_reads_back() {
        let digest = Hasher::new("t").finish();
        assert_eq!(Digest::parse(&digest.to_string()), Some(digest));
        assert_eq!(Digest::parse("zz"), None);
        assert_eq!(Digest::parse(&"+f".repeat(32)), None);
    }
}
