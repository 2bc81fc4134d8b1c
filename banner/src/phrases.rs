//! Phrases: every word of ours in one language, read from `texts/`. Knows no HTML.

use bandeau_consent::{DataCategory, Wording};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// Every word of ours in one language.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Phrases {
    name: String,
    pub(crate) dir: String,
    pub(crate) notice: NoticeWords,
    pub(crate) settings: SettingsWords,
    pub(crate) band: BandWords,
    pub(crate) gpc: GpcWords,
    pub(crate) embed: EmbedWords,
    pub(crate) message: MessageWords,
    data: BTreeMap<String, String>,
    purpose: BTreeMap<String, PurposeWords>,
}

macro_rules! words {
    ($($(#[$doc:meta])* $name:ident { $($field:ident),+ $(; $more:ident: $type:ty)* })+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Default, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub(crate) struct $name { $(pub(crate) $field: String,)+ $(pub(crate) $more: $type,)* }
    )+};
}

words! {
    /// The first layer.
    NoticeWords {
        title, text, services_none, services_one, services_many, accept, refuse, choose, fixed, data, full, change,
        privacy
    }
    /// The second layer.
    SettingsWords {
        title, text, save, close, fixed, cost, none, services_one, services_many, controller, data, retention, privacy,
        back, link
    }
    /// The band.
    BandWords { neutral, green, amber, red, open, gpc, despite, withdraw }
    /// What is said of the browser's signal.
    GpcWords { text, none, off, despite, purpose, allowed, embed }
    /// The placeholders; `names` are of features.
    EmbedWords { title, why, why_unknown, receives, receives_unknown, comments, allow, source, other; names: BTreeMap<String, String> }
    /// A page that says something.
    Said { title, text }
    /// The pages that say something.
    MessageWords {
        back, retry, home, go, settings; closed: Said; store_down: Said; bad_answer: Said; notice_changed: Said;
        cross_site: Said; upstream_down: Said; upstream_slow: Said; withheld: Said; too_large: Said; not_found: Said;
        held_form: Said; leave: Said
    }
    /// A built-in purpose.
    PurposeWords { title, text, cost }
}

/// The languages there are, the last resort first.
const TEXTS: [(&str, &str); 2] = [("en", include_str!("../texts/en.toml")), ("fr", include_str!("../texts/fr.toml"))];

// The texts are part of the build, and a test reads each of them: a default never shows.
static ALL: LazyLock<[Phrases; 2]> = LazyLock::new(|| TEXTS.map(|(_, text)| toml::from_str(text).unwrap_or_default()));

impl Phrases {
    /// The words of a language, by its primary subtag in lower case.
    pub fn builtin(language: &str) -> Option<&'static Self> {
        TEXTS.iter().position(|(known, _)| *known == language).map(|at| &ALL[at])
    }

    /// The languages there are.
    pub fn languages() -> &'static [&'static str] {
        static NAMES: [&str; TEXTS.len()] = [TEXTS[0].0, TEXTS[1].0];
        &NAMES
    }

    /// The language spoken when nobody asks for one there is.
    pub(crate) fn fallback() -> (&'static str, &'static Self) {
        (TEXTS[0].0, &ALL[0])
    }

    /// The language's own name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What a category of data is called.
    pub fn category(&self, category: DataCategory) -> &str {
        self.data.get(category.as_str()).map_or(category.as_str(), String::as_str)
    }

    /// The words of a built-in purpose.
    pub(crate) fn purpose(&self, id: &str) -> Option<Wording> {
        self.purpose.get(id).map(|words| Wording {
            title: words.title.clone(),
            text: words.text.clone(),
            cost: words.cost.clone(),
        })
    }

    /// The names of categories, as a list in a sentence.
    pub(crate) fn categories(&self, data: &[DataCategory]) -> String {
        data.iter().map(|&category| self.category(category)).collect::<Vec<_>>().join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_is_complete() {
        assert_eq!(Phrases::languages(), ["en", "fr"]);
        let names = |phrases: &Phrases| {
            (
                phrases.data.keys().cloned().collect::<Vec<_>>(),
                phrases.purpose.keys().cloned().collect::<Vec<_>>(),
                phrases.embed.names.keys().cloned().collect::<Vec<_>>(),
            )
        };
        for (language, text) in TEXTS {
            let read: Phrases = toml::from_str(text).unwrap_or_else(|error| panic!("{language}: {error}"));
            assert_eq!(names(&read), names(&ALL[0]), "{language}");
            for category in DataCategory::ALL {
                assert!(read.data.contains_key(category.as_str()), "{language} {category:?}");
            }
            assert_eq!(read.data.len(), DataCategory::ALL.len());
            assert!(["ltr", "rtl"].contains(&read.dir.as_str()));
            assert!(!read.name().is_empty());
        }
        assert!(Phrases::builtin("xx").is_none());
    }

    #[test]
    fn french_is_set_as_french_is() {
        let values = TEXTS[1].1.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once(" = "));
        for (key, value) in values {
            for sign in [" :", " ;", " !", " ?", " »", "« ", "'", "..."] {
                assert!(!value.contains(sign), "{key} has {sign:?}");
            }
        }
        assert!(TEXTS[1].1.contains("Suivi\u{202f}: refusé"));
    }

    #[test]
    fn both_languages_fill_in_the_same_names() {
        fn holes(text: &str) -> Vec<(String, Vec<String>)> {
            text.lines()
                .filter_map(|line| line.split_once(" = "))
                .map(|(key, value)| {
                    let mut names: Vec<String> =
                        value.split('{').skip(1).filter_map(|rest| Some(rest.split_once('}')?.0.to_owned())).collect();
                    names.sort();
                    names.dedup();
                    (key.to_owned(), names)
                })
                .collect()
        }
        assert_eq!(holes(TEXTS[0].1), holes(TEXTS[1].1));
    }
}
