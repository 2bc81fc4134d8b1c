//! Phrases: every word of ours in one language, read from `texts/`. Knows no HTML.

use crate::plural::{Forms, Rules};
use bandeau_consent::{DataCategory, Wording};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock};

/// Every word of ours in one language.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Phrases {
    name: String,
    pub(crate) dir: String,
    list: String,
    #[serde(skip)]
    rules: Rules,
    pub(crate) notice: NoticeWords,
    pub(crate) settings: SettingsWords,
    pub(crate) band: BandWords,
    pub(crate) gpc: GpcWords,
    pub(crate) embed: EmbedWords,
    pub(crate) receipt: ReceiptWords,
    pub(crate) message: MessageWords,
    data: BTreeMap<String, String>,
    unit: UnitWords,
    purpose: BTreeMap<String, PurposeWords>,
}

macro_rules! words {
    ($($(#[$doc:meta])* $name:ident { $($field:ident),+ $(; $more:ident: $type:ty)* })+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Default, Deserialize, Serialize)]
        #[serde(deny_unknown_fields)]
        pub(crate) struct $name { $(pub(crate) $field: String,)+ $(pub(crate) $more: $type,)* }
    )+};
}

words! {
    /// The first layer.
    NoticeWords {
        title, text, services_none, accept, refuse, choose, fixed, data, change, privacy; services: Forms
    }
    /// The second layer.
    SettingsWords {
        title, text, save, close, fixed, cost, none, controller, data, retention, names, privacy, back, link, saved;
        services: Forms
    }
    /// The band.
    BandWords { neutral, green, amber, red, open, gpc, despite, withdraw }
    /// What is said of the browser's signal.
    GpcWords { text, none, off, despite, purpose, allowed, embed }
    /// The placeholders; `names` are of features.
    EmbedWords {
        title, why, why_unknown, receives, receives_unknown, comments, once, allow, source, other;
        names: BTreeMap<String, String>
    }
    /// Spans of time: counted, for as long as the browser is open, and without end.
    UnitWords { session, lasting; minute: Forms; hour: Forms; day: Forms; month: Forms; year: Forms }
    /// A page that says something.
    Said { title, text }
    /// The pages that say something.
    MessageWords {
        back, retry, home, go, settings; closed: Said; store_down: Said; bad_answer: Said; notice_changed: Said;
        cross_site: Said; upstream_down: Said; upstream_slow: Said; withheld: Said; too_large: Said; not_found: Said;
        held_form: Said; leave: Said; withdrawn: Said; nothing_left: Said; no_receipt: Said; receipts_down: Said
    }
    /// The page of the receipt.
    ReceiptWords { link, title, text, none, code, download, check, undo, undo_text, undo_do }
    /// A built-in purpose.
    PurposeWords { title, text, cost }
}

macro_rules! texts {
    ($($language:literal),+ $(,)?) => {
        /// The languages there are, the last resort first.
        const TEXTS: &[(&str, &str)] = &[$(($language, include_str!(concat!("../texts/", $language, ".toml")))),+];
        const NAMES: &[&str] = &[$($language),+];
    };
}

texts! {
    "en", "ar", "bg", "ca", "cs", "da", "de", "el", "es", "et", "eu", "fi", "fr", "ga", "hr", "hu", "is", "it", "lt", "lv", "mt", "nb", "nl", "pl", "pt", "ro", "ru", "sk", "sl", "sv", "tr", "uk",
}

// The texts are part of the build, and a test reads each of them: a default never shows.
static ALL: LazyLock<Vec<Arc<Phrases>>> = LazyLock::new(|| {
    let read = |&(language, text): &(&str, &str)| Arc::new(Phrases::read(language, text).unwrap_or_default());
    TEXTS.iter().map(read).collect()
});

impl Phrases {
    fn read(language: &str, text: &str) -> Result<Self, toml::de::Error> {
        let phrases: Self = toml::from_str(text)?;
        Ok(Self { rules: Rules::of(language), ..phrases })
    }

    /// The words of a language, by its primary subtag in lower case.
    pub fn builtin(language: &str) -> Option<&'static Arc<Self>> {
        let known = NAMES.iter().position(|&known| known == Self::spoken(language))?;
        Some(&ALL[known])
    }

    /// The words of a language with some said otherwise: a table like those in `texts/`, with the keys that differ.
    ///
    /// # Errors
    /// Everything in the table that cannot be used, each with its key: what was read and what would be accepted.
    pub fn reworded(language: &str, words: &toml::Table) -> Result<Arc<Self>, Vec<(String, String)>> {
        let text = NAMES.iter().position(|&known| known == language).map(|at| TEXTS[at].1);
        let Some(mut ours) = text.and_then(|text| text.parse::<toml::Table>().ok()) else {
            let says = format!("{language:?} is not a language we speak: expected one of {}", NAMES.join(", "));
            return Err(vec![(String::new(), says)]);
        };
        let mut faults = Vec::new();
        reword(&mut ours, words, "", &mut faults);
        if !faults.is_empty() {
            return Err(faults);
        }
        let phrases: Result<Self, _> = ours.try_into();
        match phrases {
            Ok(phrases) => Ok(Arc::new(Self { rules: Rules::of(language), ..phrases })),
            Err(error) => Err(vec![(String::new(), error.to_string())]),
        }
    }

    /// The language in which a language is answered: Norwegian has two written forms, and one here.
    pub fn spoken(language: &str) -> &str {
        match language {
            "no" | "nn" => "nb",
            other => other,
        }
    }

    /// The languages there are.
    pub fn languages() -> &'static [&'static str] {
        NAMES
    }

    /// The language spoken when nobody asks for one there is.
    pub(crate) fn fallback() -> (&'static str, &'static Arc<Self>) {
        (NAMES[0], &ALL[0])
    }

    /// A phrase in the form that fits a number.
    pub(crate) fn count(&self, forms: &Forms, count: usize) -> String {
        forms.say(&self.rules, count)
    }

    /// Names, as a list in a sentence.
    pub(crate) fn list(&self, names: &[&str]) -> String {
        names.join(&self.list)
    }

    /// A span of time as the catalogue writes it, such as `13 months`, `session` or `lasting`; anything else is the
    /// publisher's own and stays as it is.
    pub(crate) fn span(&self, span: &str) -> String {
        let words = &self.unit;
        match span {
            "session" => return words.session.clone(),
            "lasting" => return words.lasting.clone(),
            _ => {}
        }
        let counted = span.split_once(' ').and_then(|(count, unit)| {
            let forms = match unit.strip_suffix('s').unwrap_or(unit) {
                "minute" => &words.minute,
                "hour" => &words.hour,
                "day" => &words.day,
                "month" => &words.month,
                "year" => &words.year,
                _ => return None,
            };
            Some(self.count(forms, count.parse().ok()?))
        });
        counted.unwrap_or_else(|| span.to_owned())
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
        self.list(&data.iter().map(|&category| self.category(category)).collect::<Vec<_>>())
    }
}

/// Puts words in the place of ours. Words may use the names that ours fill in, and no others.
fn reword(ours: &mut toml::Table, words: &toml::Table, above: &str, faults: &mut Vec<(String, String)>) {
    for (key, value) in words {
        let path = format!("{above}{key}");
        let says = match (ours.get_mut(key), value) {
            _ if path == "purpose" => "is said with [[purpose]], by its id and language".to_owned(),
            (None, _) => {
                let known: Vec<&str> = ours.keys().map(String::as_str).filter(|&known| known != "purpose").collect();
                format!("is nothing we say: expected one of {}", known.join(", "))
            }
            (Some(toml::Value::Table(ours)), toml::Value::Table(words)) => {
                reword(ours, words, &format!("{path}."), faults);
                continue;
            }
            (Some(toml::Value::String(ours)), toml::Value::String(words)) => {
                let known = holes(ours);
                match holes(words).into_iter().find(|name| !known.contains(name)) {
                    Some(name) => format!("fills in {{{name}}}: expected only {known:?}"),
                    None => {
                        ours.clone_from(words);
                        continue;
                    }
                }
            }
            (Some(ours), value) => format!("is a {}: expected a {}", value.type_str(), ours.type_str()),
        };
        faults.push((path, says));
    }
}

/// The names a phrase fills in.
fn holes(phrase: &str) -> BTreeSet<&str> {
    phrase.split('{').skip(1).filter_map(|rest| Some(rest.split_once('}')?.0)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use toml::{Table, Value};

    /// The categories of forms: a table of these is one phrase.
    const FORMS: [&str; 6] = ["zero", "one", "two", "few", "many", "other"];

    /// Every phrase of a text, by its whole key; of a phrase in several forms, the form after a `#`.
    fn phrases(table: &Table, above: &str, all: &mut BTreeMap<String, String>) {
        for (key, value) in table {
            let form = FORMS.contains(&key.as_str()) && table.contains_key("other") && above.contains('.');
            let key = format!("{above}{}{key}", if form { "#" } else { "" });
            match value {
                Value::Table(table) => phrases(table, &format!("{key}."), all),
                other => drop(all.insert(key, other.as_str().unwrap().to_owned())),
            }
        }
    }

    fn read(text: &str) -> BTreeMap<String, String> {
        let mut all = BTreeMap::new();
        phrases(&text.parse().unwrap(), "", &mut all);
        all
    }

    #[test]
    fn words_can_be_said_otherwise() {
        let said = |words: &str| Phrases::reworded("en", &words.parse().unwrap());
        let phrases = said("notice.accept = \"Fine\"\nsettings.services.other = \"{count} helpers\"").unwrap();
        assert_eq!((phrases.notice.accept.as_str(), phrases.notice.refuse.as_str()), ("Fine", "Reject all"));
        assert_eq!(phrases.count(&phrases.settings.services, 3), "3 helpers");
        for (words, key, says) in [
            ("notice.acept = \"x\"", "notice.acept", "accept"),
            ("notice.accept = 1", "notice.accept", "expected a string"),
            ("notice = \"x\"", "notice", "expected a table"),
            ("notice.accept = \"Hello {name}\"", "notice.accept", "{name}"),
            ("purpose.media.title = \"x\"", "purpose", "[[purpose]]"),
        ] {
            let faults = said(words).unwrap_err();
            assert!(faults.len() == 1 && faults[0].0 == key && faults[0].1.contains(says), "{words}: {faults:?}");
        }
        assert!(Phrases::reworded("xx", &toml::Table::new()).is_err());
    }

    #[test]
    fn every_language_says_everything() {
        let original = read(TEXTS[0].1);
        for (language, text) in TEXTS {
            let phrases = Phrases::read(language, text).unwrap_or_else(|error| panic!("{language}: {error}"));
            assert!(["ltr", "rtl"].contains(&phrases.dir.as_str()), "{language}");
            for category in DataCategory::ALL {
                assert!(phrases.data.contains_key(category.as_str()), "{language} {category:?}");
            }
            assert_eq!(phrases.data.len(), DataCategory::ALL.len(), "{language}");
            let read = read(text);
            let keys = |all: &BTreeMap<String, String>| {
                all.keys()
                    .map(|key| key.split_once(".#").map_or(key.as_str(), |(key, _)| key).to_owned())
                    .collect::<BTreeSet<_>>()
            };
            assert_eq!(keys(&read), keys(&original), "{language}");
            for (key, phrase) in &read {
                assert!(!phrase.is_empty() || original[key].is_empty(), "{language} {key} says nothing");
                let Some(other) = original.get(key) else { continue };
                // A form for one number may say it in a word.
                if !key.contains(".#") || key.ends_with("#other") {
                    assert_eq!(holes(phrase), holes(other), "{language} {key}");
                }
            }
        }
        assert!(Phrases::builtin("xx").is_none());
    }

    #[test]
    fn every_language_has_the_forms_it_counts_in() {
        for (language, text) in TEXTS {
            let phrases = Phrases::read(language, text).unwrap();
            let mut wanted = phrases.rules.categories();
            wanted.sort_by_key(|category| format!("{category:?}"));
            let units = &phrases.unit;
            for forms in [
                &phrases.notice.services,
                &phrases.settings.services,
                &units.minute,
                &units.hour,
                &units.day,
                &units.month,
                &units.year,
            ] {
                let mut written = forms.categories();
                written.sort_by_key(|category| format!("{category:?}"));
                assert_eq!(written, wanted, "{language}: {forms:?}");
            }
        }
    }

    #[test]
    fn spans_are_said_in_words() {
        let english = Phrases::builtin("en").unwrap();
        for (span, said) in [
            ("13 months", "13 months"),
            ("1 day", "1 day"),
            ("session", "until you close the browser"),
            ("lasting", "until you delete it"),
            ("as long as the moon", "as long as the moon"),
            ("-1 days", "-1 days"),
            ("", ""),
        ] {
            assert_eq!(english.span(span), said);
        }
        assert_eq!(Phrases::builtin("fr").unwrap().span("2 years"), "2 ans");
    }

    #[test]
    fn french_is_set_as_french_is() {
        let text = Phrases::languages().iter().position(|&language| language == "fr").map(|at| TEXTS[at].1).unwrap();
        for (key, value) in read(text) {
            for sign in [" :", " ;", " !", " ?", " »", "« ", "'", "..."] {
                assert!(!value.contains(sign), "{key} has {sign:?}");
            }
        }
        assert!(text.contains("Suivi\u{202f}: refusé"));
    }
}
