//! How bytes are written in JSON: identifiers and digests in lower-case hexadecimal, keys and
//! signatures in base64 with padding (RFC 4648 §4). Each value has exactly one spelling, so a
//! document cannot be changed and still be the same.

use bandeau_consent::{Digest, Pseudonym, RecordId};
use serde::{Deserialize, Deserializer, Serializer, de::Error as _};
use std::fmt::Display;

/// Bytes with a hexadecimal spelling.
pub(crate) trait Hex: Display + Sized {
    /// Reads the spelling that `Display` writes; may accept others.
    fn read(text: &str) -> Option<Self>;
}

impl Hex for RecordId {
    fn read(text: &str) -> Option<Self> {
        Self::parse(text)
    }
}

impl Hex for Pseudonym {
    fn read(text: &str) -> Option<Self> {
        Self::parse(text)
    }
}

impl Hex for Digest {
    fn read(text: &str) -> Option<Self> {
        Self::parse(text)
    }
}

fn exact<T: Hex>(text: &str) -> Option<T> {
    T::read(text).filter(|read| read.to_string() == text)
}

/// Hexadecimal, for `serde(with)`.
pub(crate) mod hex {
    use super::*;

    pub(crate) fn serialize<T: Hex, S: Serializer>(value: &T, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(value)
    }

    pub(crate) fn deserialize<'de, T: Hex, D: Deserializer<'de>>(from: D) -> Result<T, D::Error> {
        let text = String::deserialize(from)?;
        exact(&text).ok_or_else(|| D::Error::custom("expected lower-case hexadecimal digits of the right number"))
    }
}

/// Hexadecimal or null, for `serde(with)`.
pub(crate) mod link {
    use super::*;

    pub(crate) fn serialize<T: Hex, S: Serializer>(value: &Option<T>, to: S) -> Result<S::Ok, S::Error> {
        match value {
            Some(value) => to.collect_str(value),
            None => to.serialize_none(),
        }
    }

    pub(crate) fn deserialize<'de, T: Hex, D: Deserializer<'de>>(from: D) -> Result<Option<T>, D::Error> {
        Option::<String>::deserialize(from)?
            .map(|text| exact(&text).ok_or_else(|| D::Error::custom("expected null or lower-case hexadecimal digits")))
            .transpose()
    }
}

/// Base64, for `serde(with)`.
pub(crate) mod armor {
    use super::*;
    use base64::{Engine as _, engine::general_purpose::STANDARD};

    pub(crate) fn serialize<const N: usize, S: Serializer>(value: &[u8; N], to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&STANDARD.encode(value))
    }

    pub(crate) fn deserialize<'de, const N: usize, D: Deserializer<'de>>(from: D) -> Result<[u8; N], D::Error> {
        let text = String::deserialize(from)?;
        let bytes = STANDARD.decode(text).map_err(D::Error::custom)?;
        bytes.try_into().map_err(|_| D::Error::custom(format_args!("expected {N} bytes in base64")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_spelling_each() {
        let id = RecordId([0xab; 16]);
        assert_eq!(exact::<RecordId>(&id.to_string()), Some(id));
        assert_eq!(exact::<RecordId>(&id.to_string().to_uppercase()), None);
        assert_eq!(exact::<Digest>(&"+f".repeat(32)), None, "a sign is no digit");
        assert_eq!(exact::<Digest>("00"), None);
    }
}
