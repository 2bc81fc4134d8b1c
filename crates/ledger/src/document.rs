//! A receipt on its own: one JSON object with every field that was signed, the key and the signature,
//! so that an outsider can check it without the book, the gateway or a network.

use crate::code::Code;
use crate::error::Error;
use crate::ledger::Ledger;
use crate::log::{Entry, Proof, commitment};
use crate::row::Row;
use crate::signer::holds;
use crate::text::{armor, link};
use bandeau_consent::{Digest, Receipt, RecordId, Salt};
use ed25519_dalek::VerifyingKey;
use serde::{Deserialize, Serialize};

/// Which fields a document has and how its leaf is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum Format {
    #[serde(rename = "bandeau receipt v1")]
    V1,
    #[serde(rename = "bandeau receipt v2")]
    V2,
}

/// The JSON form of a receipt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Loose")]
pub struct ReceiptDocument {
    format: Format,
    /// What was recorded.
    #[serde(flatten)]
    pub row: Row,
    /// The record of the same pseudonym before this one.
    #[serde(with = "link")]
    pub previous: Option<RecordId>,
    /// The Ed25519 public key that signed. What it is worth depends on where the reader has it from.
    #[serde(with = "armor")]
    pub key: [u8; 32],
    /// The Ed25519 signature over the leaf.
    #[serde(with = "armor")]
    pub signature: [u8; 64],
    /// What ties it to the log; nothing in documents of version 1.
    // Invariant: there in version 2 and in no other.
    #[serde(flatten)]
    pub placed: Option<Placed>,
}

/// What ties a record to the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Placed {
    /// What the log's commitment is salted with, as 64 hexadecimal digits.
    #[serde(serialize_with = "salted")]
    pub salt: Salt,
    /// The short code, which follows from the salt.
    pub code: String,
    /// The log's origin.
    pub log: String,
    /// The proof as text (C2SP tlog-proof); nothing while the log has not placed the record.
    pub proof: Option<String>,
}

/// A document before its version is compared with its fields.
#[derive(Deserialize)]
struct Loose {
    format: Format,
    #[serde(flatten)]
    row: Row,
    #[serde(with = "link")]
    previous: Option<RecordId>,
    #[serde(with = "armor")]
    key: [u8; 32],
    #[serde(with = "armor")]
    signature: [u8; 64],
    salt: Option<String>,
    code: Option<String>,
    log: Option<String>,
    /// Left out, null or a text: three different things.
    #[serde(default, deserialize_with = "present")]
    proof: Option<Option<String>>,
}

fn present<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(from).map(Some)
}

fn salted<S: serde::Serializer>(salt: &Salt, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(&Digest(salt.0))
}

impl TryFrom<Loose> for ReceiptDocument {
    type Error = &'static str;

    fn try_from(read: Loose) -> Result<Self, Self::Error> {
        let Loose { format, row, previous, key, signature, salt, code, log, proof } = read;
        let placed = match (format, salt, code, log, proof) {
            (Format::V1, None, None, None, None) => None,
            (Format::V1, ..) => return Err("version 1 has no salt, code, log or proof"),
            (Format::V2, Some(salt), Some(code), Some(log), Some(proof)) => {
                let digits = Digest::parse(&salt).filter(|read| read.to_string() == salt);
                let salt = Salt(digits.ok_or("salt is not 64 lower-case hexadecimal digits")?.0);
                if Code::of(salt).to_string() != code {
                    return Err("the code does not follow from the salt");
                }
                Some(Placed { salt, code, log, proof })
            }
            (Format::V2, ..) => return Err("version 2 has a salt, a code, a log and a proof, which may be null"),
        };
        Ok(Self { format, row, previous, key, signature, placed })
    }
}

impl ReceiptDocument {
    pub(crate) fn new(
        row: Row,
        previous: Option<RecordId>,
        salt: Salt,
        (key, signature): ([u8; 32], [u8; 64]),
        origin: &str,
    ) -> Self {
        let code = Code::of(salt).to_string();
        let placed = Some(Placed { salt, code, log: origin.to_owned(), proof: None });
        Self { format: Format::V2, row, previous, key, signature, placed }
    }

    /// Adds where the log has it.
    pub(crate) fn prove(&mut self, proof: &Proof) {
        if let Some(placed) = &mut self.placed {
            placed.proof = Some(proof.to_string());
        }
    }

    /// The short code, in documents that have one.
    pub fn code(&self) -> Option<&str> {
        self.placed.as_ref().map(|placed| placed.code.as_str())
    }

    /// What the log holds of it; nothing for documents from before there was a log.
    pub fn entry(&self) -> Option<Entry> {
        let placed = self.placed.as_ref()?;
        Some(Entry::Record(commitment(&placed.salt.0, self.leaf())))
    }

    /// The digest that was signed, recomputed from the fields.
    pub fn leaf(&self) -> Digest {
        self.row.leaf(self.previous)
    }

    /// Checks that the signature fits the fields and the key *in the document*. This shows that nothing
    /// was changed since that key signed, not whose key it is: use [`verify`] with a key known otherwise.
    ///
    /// # Errors
    /// When the key is none ([`Error::BadKey`]) or the signature does not fit ([`Error::BadSignature`]).
    pub fn verify(&self) -> Result<(), Error> {
        let key = VerifyingKey::from_bytes(&self.key).map_err(|_| Error::BadKey)?;
        if holds(&key, self.leaf(), &self.signature) { Ok(()) } else { Err(Error::BadSignature) }
    }
}

impl Ledger {
    /// A receipt as a document, still without a proof.
    pub fn document(&self, receipt: &Receipt) -> ReceiptDocument {
        let key = self.shared().signer.verifying_key();
        let origin = self.origin();
        let signed = (key, *receipt.signature());
        ReceiptDocument::new(Row::from(receipt.record()), receipt.previous(), receipt.salt(), signed, &origin)
    }
}

/// Checks a receipt against the book's key as the reader knows it.
///
/// # Errors
/// When the document names another key ([`Error::OtherKey`]), and as [`ReceiptDocument::verify`].
pub fn verify(document: &ReceiptDocument, key: &[u8; 32]) -> Result<(), Error> {
    if document.key != *key {
        return Err(Error::OtherKey);
    }
    document.verify()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::record;
    use crate::signer::Signer;
    use serde_json::{Value, json};

    fn document() -> ReceiptDocument {
        let signer = Signer::from_seed([3; 32]);
        let (row, previous) = (Row::from(&record(1, 1)), Some(RecordId([9; 16])));
        let signature = signer.sign(row.leaf(previous));
        ReceiptDocument::new(row, previous, Salt([6; 32]), (signer.verifying_key(), signature), "site.test/log")
    }

    /// Every value that differs a little from this one.
    fn changed(value: &Value) -> Vec<Value> {
        match value {
            Value::Null => vec![json!("00000000000000000000000000000000")],
            Value::Number(number) => vec![json!(number.as_u64().unwrap() + 1)],
            Value::String(text) => (0..text.len())
                .map(|at| {
                    let mut bytes = text.clone().into_bytes();
                    bytes[at] = if bytes[at] == b'a' { b'b' } else { b'a' };
                    json!(String::from_utf8(bytes).unwrap())
                })
                .chain([json!(text.to_uppercase()), json!(format!("{text} "))])
                .filter(|other| other != value)
                .collect(),
            Value::Array(values) => (0..values.len())
                .flat_map(|at| {
                    changed(&values[at]).into_iter().map(move |other| {
                        let mut all = values.clone();
                        all[at] = other;
                        Value::Array(all)
                    })
                })
                .chain([Value::Array(values[1..].to_vec()), Value::Array(values.iter().rev().cloned().collect())])
                .filter(|other| other != value)
                .collect(),
            _ => unreachable!(),
        }
    }

    #[test]
    fn reads_back_and_verifies() {
        let document = document();
        let text = serde_json::to_string(&document).unwrap();
        assert!(text.starts_with(r#"{"format":"bandeau receipt v2","id":""#), "{text}");
        let read: ReceiptDocument = serde_json::from_str(&text).unwrap();
        assert_eq!(read, document);
        verify(&read, &document.key).unwrap();
        assert!(matches!(verify(&read, &[1; 32]), Err(Error::OtherKey)));
    }

    #[test]
    fn no_changed_field_verifies() {
        let whole = serde_json::to_value(document()).unwrap();
        let fields: Vec<String> = whole.as_object().unwrap().keys().cloned().collect();
        assert_eq!(fields.len(), 18);
        let mut tried = 0;
        for field in fields {
            let mut without = whole.clone();
            without.as_object_mut().unwrap().remove(&field);
            assert!(serde_json::from_value::<ReceiptDocument>(without).is_err(), "{field} can be left out");
            if field == "log" || field == "proof" {
                // What these say is held against the log's key, not against the record's signature.
                continue;
            }
            let mut others = changed(&whole[&field]);
            if field == "previous" {
                others.push(Value::Null);
            }
            for other in others {
                let mut changed = whole.clone();
                changed[&field] = other;
                tried += 1;
                let read = serde_json::from_value::<ReceiptDocument>(changed.clone());
                assert!(read.is_err() || read.unwrap().verify().is_err(), "verifies: {changed}");
            }
        }
        assert!(tried > 300, "{tried}");
    }
}
