//! Identity by content: SHA-256 over length-prefixed fields, so that no two lists of fields collide.

use sha2::{Digest as _, Sha256};
use std::fmt;

/// A SHA-256 digest.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(pub [u8; 32]);

impl Digest {
    /// The SHA-256 of bytes as they stand.
    pub fn of(bytes: impl AsRef<[u8]>) -> Self {
        Self(Sha256::digest(bytes).into())
    }

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

/// Fields written out: the bytes a [`Hasher`] with the same fields digests. Whoever keeps them can show later what a
/// digest stands for, to anybody who has SHA-256 and nothing of ours.
pub struct Fields(Vec<u8>);

impl Fields {
    /// Starts with the domain.
    pub fn new(domain: &str) -> Self {
        Self(Vec::new()).field(domain)
    }

    /// Adds one field, its length first.
    #[must_use]
    pub fn field(mut self, value: impl AsRef<[u8]>) -> Self {
        let value = value.as_ref();
        self.0.extend((value.len() as u64).to_be_bytes());
        self.0.extend(value);
        self
    }

    /// Adds a list of fields, their count first.
    #[must_use]
    pub fn list<T: AsRef<[u8]>>(mut self, values: impl IntoIterator<Item = T>) -> Self {
        let values: Vec<T> = values.into_iter().collect();
        self = self.field((values.len() as u64).to_be_bytes());
        values.into_iter().fold(self, Fields::field)
    }

    /// The bytes.
    pub fn finish(self) -> Vec<u8> {
        self.0
    }
}

/// Reads fields that were written out; each call takes the next. Nothing once they are not as they must be.
pub(crate) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    /// Reads on after the domain, if it is this one.
    pub(crate) fn new(bytes: &'a [u8], domain: &str) -> Option<Self> {
        let mut reader = Self(bytes);
        (reader.field()? == domain.as_bytes()).then_some(reader)
    }

    fn field(&mut self) -> Option<&'a [u8]> {
        let (length, rest) = self.0.split_first_chunk::<8>()?;
        let length = usize::try_from(u64::from_be_bytes(*length)).ok()?;
        let (value, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        Some(value)
    }

    /// A count; never more than bytes are left, so that nobody makes us reserve room for what is not there.
    pub(crate) fn count(&mut self) -> Option<usize> {
        let count = u64::from_be_bytes(self.field()?.try_into().ok()?);
        usize::try_from(count).ok().filter(|count| *count <= self.0.len() / 8)
    }

    pub(crate) fn list(&mut self) -> Option<Vec<&'a str>> {
        let count = self.count()?;
        (0..count).map(|_| std::str::from_utf8(self.field()?).ok()).collect()
    }

    /// A list of exactly so many.
    pub(crate) fn row<const N: usize>(&mut self) -> Option<[&'a str; N]> {
        self.list()?.try_into().ok()
    }

    pub(crate) fn ends(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_written_out_have_the_digest() {
        let digest = Hasher::new("t").field([7; 300]).list(["a", "", "é"]).finish();
        let bytes = Fields::new("t").field([7; 300]).list(["a", "", "é"]).finish();
        assert_eq!(Digest::of(&bytes), digest);
        let mut reader = Reader::new(&bytes, "t").unwrap();
        assert_eq!(reader.field(), Some(&[7; 300][..]));
        assert_eq!(reader.row(), Some(["a", "", "é"]));
        assert!(reader.ends() && reader.field().is_none());
        assert!(Reader::new(&bytes, "u").is_none());
        let many = Fields::new("t").field(u64::MAX.to_be_bytes()).finish();
        assert_eq!(Reader::new(&many, "t").unwrap().list(), None);
    }

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
