//! The built-in purposes: their names, bases and words. Which of them a site uses is not known here.

use crate::Phrases;
use bandeau_consent::{Basis, Language, Purpose, PurposeId};

/// Name, basis, and whether data is sold or shared, in the order they are asked.
const KNOWN: [(&str, Basis, bool); 10] = [
    ("technical", Basis::Exempt, false),
    ("audience", Basis::Exempt, false),
    ("audience-plus", Basis::Consent, false),
    ("profile", Basis::Consent, true),
    ("advertising", Basis::Consent, true),
    ("social", Basis::Consent, true),
    ("media", Basis::Consent, false),
    ("support", Basis::Consent, false),
    ("experiments", Basis::Consent, false),
    ("resources", Basis::Consent, false),
];

/// The built-in purposes, with their words in every language there is, in the order they are asked.
pub fn purposes() -> Vec<Purpose> {
    let words = |id: &str| {
        Phrases::languages()
            .iter()
            .filter_map(|&language| Some((Language::new(language).ok()?, Phrases::builtin(language)?.purpose(id)?)))
            .collect()
    };
    KNOWN
        .iter()
        .filter_map(|&(id, basis, sale)| {
            Some(Purpose { id: PurposeId::new(id).ok()?, basis, sale, wording: words(id) })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_purpose_has_words_in_every_language() {
        let all = purposes();
        assert_eq!(all.len(), KNOWN.len());
        for purpose in &all {
            assert_eq!(purpose.wording.len(), Phrases::languages().len(), "{}", purpose.id);
            for words in purpose.wording.values() {
                assert!(!words.title.is_empty() && !words.text.is_empty());
                assert_eq!(words.cost.is_empty(), purpose.basis == Basis::Exempt, "{}", purpose.id);
            }
        }
        assert!(all.iter().all(|purpose| !(purpose.sale && purpose.basis == Basis::Exempt)));
    }
}
