//! Counting: which form a language has for a number. The rules are Unicode's (CLDR, through ICU4X); the forms are in
//! `texts/`. Knows no notice.

use crate::escape::fill;
use icu_locale_core::LanguageIdentifier;
use icu_plurals::{PluralCategory, PluralRules};
use serde::{Deserialize, Serialize};

/// One phrase in every form a language has for numbers (CLDR cardinal categories). `{count}` is the number.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Forms {
    #[serde(skip_serializing_if = "Option::is_none")]
    zero: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    one: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    two: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    few: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    many: Option<String>,
    other: String,
}

impl Forms {
    /// The phrase for a number.
    pub(crate) fn say(&self, rules: &Rules, count: usize) -> String {
        fill(self.of(rules.category(count)), &[("count", &count.to_string())])
    }

    fn of(&self, category: PluralCategory) -> &str {
        self.own(category).unwrap_or(&self.other)
    }

    fn own(&self, category: PluralCategory) -> Option<&str> {
        match category {
            PluralCategory::Zero => self.zero.as_deref(),
            PluralCategory::One => self.one.as_deref(),
            PluralCategory::Two => self.two.as_deref(),
            PluralCategory::Few => self.few.as_deref(),
            PluralCategory::Many => self.many.as_deref(),
            PluralCategory::Other => Some(&self.other),
        }
    }

    /// The categories that have a form of their own.
    #[cfg(test)]
    pub(crate) fn categories(&self) -> Vec<PluralCategory> {
        PluralCategory::all().filter(|&category| self.own(category).is_some()).collect()
    }
}

/// The rules of one language. They are looked up anew for each number: a face is made once, and they are not for
/// several threads.
#[derive(Debug, Clone, Default)]
pub(crate) struct Rules(Option<LanguageIdentifier>);

impl Rules {
    /// The rules of a language, by its tag; a language without any has one form for all numbers.
    pub(crate) fn of(language: &str) -> Self {
        Self(language.parse().ok())
    }

    fn rules(&self) -> Option<PluralRules> {
        PluralRules::try_new_cardinal(self.0.clone()?.into()).ok()
    }

    fn category(&self, count: usize) -> PluralCategory {
        self.rules().map_or(PluralCategory::Other, |rules| rules.category_for(count))
    }

    /// The categories the language has.
    #[cfg(test)]
    pub(crate) fn categories(&self) -> Vec<PluralCategory> {
        self.rules().iter().flat_map(PluralRules::categories).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_counts_in_its_own_way() {
        let forms = Forms {
            one: Some("{count} služba".into()),
            few: Some("{count} služby".into()),
            other: "{count} služeb".into(),
            ..Forms::default()
        };
        let rules = Rules::of("cs");
        for (count, said) in [(1, "1 služba"), (3, "3 služby"), (5, "5 služeb"), (22, "22 služeb")] {
            assert_eq!(forms.say(&rules, count), said);
        }
        // Polish says "22 usługi" where Czech says "22 služeb".
        assert_eq!(forms.say(&Rules::of("pl"), 22), "22 služby");
        assert_eq!(forms.say(&Rules::of("not a language"), 1), "1 služeb");
    }
}
