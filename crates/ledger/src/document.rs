//! A receipt on its own: one JSON object with every field that was signed, the key and the signature,
//! so that an outsider can check it without the book, the gateway or a network.

use crate::error::Error;
use crate::row::Row;
use crate::signer::holds;
use crate::text::{armor, link};
use bandeau_consent::{Digest, Receipt, RecordId};
use ed25519_dalek::VerifyingKey;
use serde::{Deserialize, Serialize};

/// Which fields a document has and how its leaf is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum Format {
    #[serde(rename = "bandeau receipt v1")]
    V1,
}

/// The JSON form of a receipt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
}

impl ReceiptDocument {
    pub(crate) fn new(row: Row, previous: Option<RecordId>, key: [u8; 32], signature: [u8; 64]) -> Self {
        Self { format: Format::V1, row, previous, key, signature }
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

impl From<(&Receipt, [u8; 32])> for ReceiptDocument {
    fn from((receipt, key): (&Receipt, [u8; 32])) -> Self {
        Self::new(Row::from(receipt.record()), receipt.previous(), key, *receipt.signature())
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
        ReceiptDocument::new(row, previous, signer.verifying_key(), signature)
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
        assert!(text.starts_with(r#"{"format":"bandeau receipt v1","id":""#), "{text}");
        let read: ReceiptDocument = serde_json::from_str(&text).unwrap();
        assert_eq!(read, document);
        verify(&read, &document.key).unwrap();
        assert!(matches!(verify(&read, &[1; 32]), Err(Error::OtherKey)));
    }

    #[test]
    fn no_changed_field_verifies() {
        let whole = serde_json::to_value(document()).unwrap();
        let fields: Vec<String> = whole.as_object().unwrap().keys().cloned().collect();
        assert_eq!(fields.len(), 14);
        let mut tried = 0;
        for field in fields {
            let mut without = whole.clone();
            without.as_object_mut().unwrap().remove(&field);
            assert!(serde_json::from_value::<ReceiptDocument>(without).is_err(), "{field} can be left out");
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
