//! A record as it is stored: plain words and numbers, from which the signed leaf is recomputed.
//!
//! A [`Record`] cannot be rebuilt from storage (its decision is made from a notice only), so what is
//! read back is a row. Invariant: `Row::from(&record).leaf(p) == record.leaf(p)`.

use crate::text::hex;
use bandeau_consent::{Choice, Digest, Event, Hasher, Pseudonym, Record, RecordId};
use serde::{Deserialize, Serialize};

/// A record as it is stored, exported and signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// The name of the record.
    #[serde(with = "hex")]
    pub id: RecordId,
    /// For whom it stands.
    #[serde(with = "hex")]
    pub pseudonym: Pseudonym,
    /// When, in milliseconds since 1970-01-01T00:00:00Z.
    pub at: u64,
    /// What the decision changed: `given`, `refused`, `withdrawn` or `renewed`.
    pub event: String,
    /// The digest of the notice that was answered.
    #[serde(with = "hex")]
    pub notice: Digest,
    /// The digest of the policy in force.
    #[serde(with = "hex")]
    pub policy: Digest,
    /// The language of the notice.
    pub language: String,
    /// Where the answer was given, and whether despite a signal of the browser.
    pub source: String,
    /// How long the choice stands, in seconds.
    pub keep: u64,
    /// Purpose and answer (`grant` or `refuse`), in the order asked.
    pub choices: Vec<(String, String)>,
}

impl From<&Record> for Row {
    fn from(record: &Record) -> Self {
        let decision = &record.decision;
        Self {
            id: record.id,
            pseudonym: record.pseudonym,
            at: record.at,
            event: record.event.as_str().to_owned(),
            notice: decision.notice(),
            policy: record.policy,
            language: decision.language().as_str().to_owned(),
            source: decision.origin().into_owned(),
            keep: record.keep,
            choices: decision
                .choices()
                .iter()
                .map(|(purpose, choice)| (purpose.as_str().to_owned(), choice.as_str().to_owned()))
                .collect(),
        }
    }
}

/// The source of a record that takes everything back by a receipt, from whatever browser.
pub(crate) const RECEIPT: &str = "receipt";

/// The source of a record that says that a grant has run out.
pub(crate) const EXPIRY: &str = "expiry";

impl Row {
    /// Whether anything is granted.
    pub(crate) fn grants(&self) -> bool {
        self.choices.iter().any(|(_, choice)| choice == Choice::Grant.as_str())
    }

    /// Until when the choice stands, in milliseconds since 1970-01-01T00:00:00Z.
    pub(crate) fn until(&self) -> u64 {
        self.at.saturating_add(self.keep.saturating_mul(1000))
    }

    /// The record that ends this one: the same questions, everything refused.
    pub(crate) fn ended(&self, id: RecordId, at: u64, event: Event, source: &str) -> Self {
        let refused = |(purpose, _): &(String, String)| (purpose.clone(), Choice::Refuse.as_str().to_owned());
        Self {
            id,
            at,
            event: event.as_str().to_owned(),
            source: source.to_owned(),
            choices: self.choices.iter().map(refused).collect(),
            ..self.clone()
        }
    }

    /// The digest a receipt signs: the same as [`Record::leaf`] of the record it was made of.
    pub fn leaf(&self, previous: Option<RecordId>) -> Digest {
        Hasher::new("bandeau record v1")
            .field(self.id.0)
            .field(self.pseudonym.0)
            .field(previous.map_or(Vec::new(), |id| id.0.to_vec()))
            .field(self.at.to_be_bytes())
            .field(&self.event)
            .field(self.notice.0)
            .field(self.policy.0)
            .field(&self.language)
            .field(&self.source)
            .field(self.keep.to_be_bytes())
            .list(self.choices.iter().flat_map(|(purpose, choice)| [purpose, choice]))
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::any_record;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn row_and_record_have_the_same_leaf(record in any_record(), previous: Option<[u8; 16]>) {
            let previous = previous.map(RecordId);
            let row = Row::from(&record);
            prop_assert_eq!(row.leaf(previous), record.leaf(previous));
            let read: Row = serde_json::from_str(&serde_json::to_string(&row).unwrap()).unwrap();
            prop_assert_eq!(read, row);
        }
    }
}
