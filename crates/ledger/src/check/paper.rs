//! A receipt as somebody hands it in: read strictly, so that nothing in it goes unsigned and no two readers differ.
//! Refuses what the writer of `document` never writes: members that are unknown, left out or twice there, numbers and
//! digits in another spelling. Checks nothing that needs a key.

use crate::row::Row;
use crate::text::{Hex, armor, hex};
use bandeau_consent::{Digest, RecordId};
use serde::de::{DeserializeOwned, Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt;

/// Why a text is no receipt.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("this is no receipt: {0}")]
pub struct NoReceipt(String);

/// What a receipt says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Paper {
    pub(super) row: Row,
    pub(super) previous: Option<RecordId>,
    pub(super) key: [u8; 32],
    pub(super) signature: [u8; 64],
    /// What the second version adds.
    pub(super) logged: Option<Logged>,
}

/// Where the record is logged, as the receipt says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Logged {
    pub(super) salt: [u8; 32],
    pub(super) code: String,
    pub(super) log: String,
    /// Nothing while the log has not placed it.
    pub(super) proof: Option<String>,
}

impl Paper {
    pub(super) fn read(text: &[u8]) -> Result<Self, NoReceipt> {
        let mut members: Members = serde_json::from_slice(text).map_err(|error| NoReceipt(error.to_string()))?;
        let second = match members.take::<String>("format")?.as_str() {
            "bandeau receipt v1" => false,
            "bandeau receipt v2" => true,
            other => return Err(NoReceipt(format!("its format, {other:?}, is not one that is known here"))),
        };
        let row = Row {
            id: members.digits("id")?,
            pseudonym: members.digits("pseudonym")?,
            at: members.take("at")?,
            event: members.take("event")?,
            notice: members.digits("notice")?,
            policy: members.digits("policy")?,
            language: members.take("language")?,
            source: members.take("source")?,
            keep: members.take("keep")?,
            choices: members.take("choices")?,
        };
        let previous = members.take::<Option<Spelled<RecordId>>>("previous")?.map(|Spelled(id)| id);
        let (Armored(key), Armored(signature)) = (members.take("key")?, members.take("signature")?);
        let logged = match second {
            true => Some(Logged {
                salt: members.digits::<Digest>("salt")?.0,
                code: members.take("code")?,
                log: members.take("log")?,
                proof: members.take("proof")?,
            }),
            false => None,
        };
        match members.0.keys().next() {
            Some(other) => Err(NoReceipt(format!("{other:?} is no part of it"))),
            None => Ok(Self { row, previous, key, signature, logged }),
        }
    }
}

#[derive(Deserialize)]
#[serde(transparent, bound = "")]
struct Spelled<T: Hex>(#[serde(with = "hex")] T);

#[derive(Deserialize)]
#[serde(transparent)]
struct Armored<const N: usize>(#[serde(with = "armor")] [u8; N]);

/// The members of an object, each once. Readers differ in which of two they believe, so there may not be two.
struct Members(BTreeMap<String, Value>);

impl Members {
    fn take<T: DeserializeOwned>(&mut self, name: &str) -> Result<T, NoReceipt> {
        let value = self.0.remove(name).ok_or_else(|| NoReceipt(format!("{name:?} is missing")))?;
        serde_json::from_value(value).map_err(|error| NoReceipt(format!("{name:?}: {error}")))
    }

    fn digits<T: Hex>(&mut self, name: &str) -> Result<T, NoReceipt> {
        self.take::<Spelled<T>>(name).map(|Spelled(value)| value)
    }
}

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Object;
        impl<'de> Visitor<'de> for Object {
            type Value = Members;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members = BTreeMap::new();
                while let Some((name, value)) = map.next_entry::<String, Value>()? {
                    if members.insert(name.clone(), value).is_some() {
                        return Err(A::Error::custom(format_args!("{name:?} is there twice")));
                    }
                }
                Ok(Members(members))
            }
        }
        from.deserialize_map(Object)
    }
}
