//! Purposes: why data is processed, and on what basis.

use crate::{Language, PurposeId};
use std::collections::BTreeMap;

/// On what basis a purpose may store, read or contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Basis {
    /// Strictly necessary (ePrivacy art. 5(3)): never asked, so never granted nor refused.
    Exempt,
    /// Only after the visitor said yes.
    Consent,
}

/// The words of one purpose in one language.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Wording {
    /// A few words, such as "Social networks".
    pub title: String,
    /// One or two sentences: what is done and with what.
    pub text: String,
    /// What the visitor goes without when it is off; empty when nothing.
    pub cost: String,
}

/// Why data is processed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Purpose {
    /// Its name, unique in a policy.
    pub id: PurposeId,
    /// On what basis it stands.
    pub basis: Basis,
    /// Whether it sells or shares data, so that `Sec-GPC: 1` switches it off (11 CCR 7025).
    pub sale: bool,
    /// Its words, by language.
    pub wording: BTreeMap<Language, Wording>,
}

impl Purpose {
    /// Its words in a language, or in `fallback`, or in whichever language has any.
    pub fn words(&self, language: &Language, fallback: &Language) -> Option<&Wording> {
        self.wording.get(language).or_else(|| self.wording.get(fallback)).or_else(|| self.wording.values().next())
    }
}
