//! What the words on a control mean, in the languages of `words.toml`. It knows no page: what stands around a control is
//! weighed elsewhere.

use crate::seen::Role;
use serde::Deserialize;
use std::collections::HashMap;
use std::sync::OnceLock;

/// More words than these are prose, not the words of a control.
const MOST: usize = 10;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    language: Vec<Language>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Language {
    code: String,
    consent: Vec<String>,
    near: Vec<String>,
    accept: Vec<String>,
    okay: Vec<String>,
    refuse: Vec<String>,
    settings: Vec<String>,
    save: Vec<String>,
    close: Vec<String>,
    pay: Vec<String>,
    policy: Vec<String>,
    reopen: Vec<String>,
    withdraw: Vec<String>,
    not: Vec<String>,
}

/// What a control's words mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Meaning {
    /// What it does.
    pub(super) role: Role,
    /// Whether the words say so by themselves: `OK` means yes only in a notice.
    pub(super) sure: bool,
    /// How much of the text is known words, in characters: of two controls the one with more says it better.
    pub(super) weight: usize,
}

/// What leads back to a choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Back {
    /// Its words hold words of it.
    Near,
    /// Its words are exactly that.
    Opens,
    /// It takes everything back by itself.
    Withdraws,
}

#[derive(Debug)]
struct Phrase {
    /// With a space on both sides.
    text: String,
    role: Role,
    sure: bool,
    /// May stand within other words.
    within: bool,
}

/// The table, ready for looking up.
#[derive(Debug, Default)]
pub(super) struct Words {
    codes: Vec<String>,
    phrases: Vec<Phrase>,
    exact: HashMap<String, usize>,
    /// Phrases that may stand within others, by their first word.
    first: HashMap<String, Vec<usize>>,
    /// For every phrase of a control the languages it is of.
    spoken: HashMap<String, Vec<usize>>,
    reopen: Vec<String>,
    withdraw: Vec<String>,
    consent: Vec<(String, usize)>,
    near: Vec<(String, usize)>,
    not: Vec<String>,
}

/// The words of `words.toml`.
pub(super) fn words() -> &'static Words {
    static WORDS: OnceLock<Words> = OnceLock::new();
    WORDS.get_or_init(|| Words::new(toml::from_str(include_str!("words.toml")).unwrap_or_default()))
}

/// A letter without its accents and in lower case; nothing for what is no letter and no digit.
fn plain(letter: char, into: &mut String) {
    let folded = match letter {
        'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' | 'ā' | 'ă' | 'ą' => "a",
        'ç' | 'ć' | 'č' | 'ċ' => "c",
        'ď' | 'đ' | 'ð' => "d",
        'è' | 'é' | 'ê' | 'ë' | 'ē' | 'ė' | 'ę' | 'ě' => "e",
        'ğ' | 'ģ' | 'ġ' => "g",
        'ħ' => "h",
        'ì' | 'í' | 'î' | 'ï' | 'ī' | 'į' | 'ı' => "i",
        'ķ' => "k",
        'ł' | 'ļ' | 'ľ' | 'ĺ' => "l",
        'ñ' | 'ń' | 'ň' | 'ņ' => "n",
        'ò' | 'ó' | 'ô' | 'õ' | 'ö' | 'ø' | 'ő' | 'ō' => "o",
        'ř' | 'ŕ' => "r",
        'ś' | 'š' | 'ş' | 'ș' => "s",
        'ť' | 'ţ' | 'ț' => "t",
        'ù' | 'ú' | 'û' | 'ü' | 'ű' | 'ů' | 'ū' | 'ų' => "u",
        'ý' | 'ÿ' => "y",
        'ź' | 'ž' | 'ż' => "z",
        'ß' => "ss",
        'æ' => "ae",
        'œ' => "oe",
        'þ' => "th",
        'ά' => "α",
        'έ' => "ε",
        'ή' => "η",
        'ί' | 'ϊ' | 'ΐ' => "ι",
        'ό' => "ο",
        'ύ' | 'ϋ' | 'ΰ' => "υ",
        'ώ' => "ω",
        'ς' => "σ",
        'ѝ' => "и",
        '×' | '✕' | '✖' | '✗' | '✘' | '❌' | '╳' | '⨯' => "x",
        // An accent by itself, and an apostrophe: `don't` is one word as `dont` is.
        '\u{300}'..='\u{36f}' | '\u{ad}' | '\u{200b}'..='\u{200f}' => return,
        other if other.is_alphanumeric() => return into.push(other),
        _ => " ",
    };
    into.push_str(folded);
}

/// Text as it is compared: lower case, without accents and punctuation, with a space before and after every word.
pub(super) fn fold(text: &str) -> String {
    let mut letters = String::with_capacity(text.len() + 2);
    text.chars().flat_map(char::to_lowercase).for_each(|letter| plain(letter, &mut letters));
    let mut folded = String::from(" ");
    for word in letters.split_whitespace() {
        folded.push_str(word);
        folded.push(' ');
    }
    folded
}

impl Words {
    fn new(table: Table) -> Self {
        let mut words = Self::default();
        for (index, language) in table.language.into_iter().enumerate() {
            let roles = [
                (&language.accept, Role::Accept, true, true),
                (&language.okay, Role::Accept, false, false),
                (&language.refuse, Role::Refuse, true, true),
                (&language.settings, Role::Settings, true, true),
                (&language.save, Role::Save, true, true),
                (&language.close, Role::Close, true, false),
                (&language.pay, Role::Pay, true, true),
                (&language.policy, Role::Policy, true, true),
            ];
            for (list, role, sure, within) in roles {
                for text in list.iter().map(|text| fold(text)) {
                    words.spoken.entry(text.clone()).or_default().push(index);
                    words.phrases.push(Phrase { text, role, sure, within });
                }
            }
            words.reopen.extend(language.reopen.iter().map(|text| fold(text)));
            words.withdraw.extend(language.withdraw.iter().map(|text| fold(text)));
            words.not.extend(language.not.iter().map(|text| fold(text)));
            let begin = |text: &String| (fold(text).trim_end().to_owned(), index);
            words.consent.extend(language.consent.iter().map(begin));
            words.near.extend(language.near.iter().map(begin));
            words.codes.push(language.code);
        }
        // The longest first: of two that fit, the longer one says more.
        words.phrases.sort_by_key(|phrase| (std::cmp::Reverse(phrase.text.chars().count()), rank(phrase.role)));
        for (index, phrase) in words.phrases.iter().enumerate() {
            words.exact.entry(phrase.text.clone()).or_insert(index);
            if let Some(word) = phrase.text.split_whitespace().next().filter(|_| phrase.within) {
                words.first.entry(word.to_owned()).or_default().push(index);
            }
        }
        words
    }

    /// For every phrase its longest word: a text that holds none of these holds no phrase.
    pub(super) fn keys(&self) -> std::collections::BTreeSet<&str> {
        let phrases = self.phrases.iter().map(|phrase| &phrase.text).chain(&self.reopen).chain(&self.withdraw);
        phrases.filter_map(|text| text.split_whitespace().max_by_key(|word| word.len())).collect()
    }

    /// What a control with these words does, as far as words tell.
    pub(super) fn meaning(&self, text: &str) -> Option<Meaning> {
        let folded = fold(text);
        let weight = |phrase: &Phrase| phrase.text.chars().count();
        if let Some(phrase) = self.exact.get(&folded).and_then(|&index| self.phrases.get(index)) {
            return Some(Meaning { role: phrase.role, sure: phrase.sure, weight: weight(phrase) });
        }
        if folded.split_whitespace().count() > MOST {
            return None;
        }
        let held = self.held(&folded);
        let Some(found) = held.first() else {
            // "Close without changing anything": what closes is said first.
            let words = folded.split_whitespace().count();
            let begins = |at: usize| self.exact.get(&folded[..=at]).and_then(|&index| self.phrases.get(index));
            let close = |phrase: &&Phrase| phrase.role == Role::Close && phrase.text.len() > 4;
            // The folded text has a space after every word.
            let found = folded
                .match_indices(' ')
                .skip(1)
                .filter(|_| words <= 5)
                .filter_map(|(at, _)| begins(at))
                .find(close)?;
            return Some(Meaning { role: Role::Close, sure: true, weight: weight(found) });
        };
        // Whoever wants money for a refusal names both.
        let pays = held.iter().any(|phrase| phrase.role == Role::Pay);
        let rest = folded.replacen(&found.text, " ", 1);
        let role = match found.role {
            _ if pays => Role::Pay,
            Role::Accept if self.not.iter().any(|not| rest.contains(not)) => Role::Refuse,
            role => role,
        };
        Some(Meaning { role, sure: found.sure, weight: weight(found) })
    }

    /// Phrases that stand within a text, the longest first. Only those that begin with one of its words are compared: a page may
    /// hold thousands of texts, and there are thousands of phrases.
    fn held(&self, folded: &str) -> Vec<&Phrase> {
        let mut found: Vec<usize> = folded
            .split_whitespace()
            .filter_map(|word| self.first.get(word))
            .flatten()
            .copied()
            .filter(|&index| self.phrases.get(index).is_some_and(|phrase| folded.contains(&phrase.text)))
            .collect();
        found.sort_unstable();
        found.iter().filter_map(|&index| self.phrases.get(index)).collect()
    }

    /// Whether these words lead back to a choice.
    pub(super) fn back(&self, text: &str) -> Option<Back> {
        let folded = fold(text);
        let count = folded.split_whitespace().count();
        let fits = |list: &[String], least: usize| {
            list.iter().any(|phrase| phrase.split_whitespace().count() >= least && folded.contains(phrase.as_str()))
        };
        if self.withdraw.contains(&folded) || (count <= 6 && fits(&self.withdraw, 2)) {
            return Some(Back::Withdraws);
        }
        if self.reopen.contains(&folded) {
            return Some(Back::Opens);
        }
        if count == 0 || count > 8 {
            return None;
        }
        let settings = self.meaning(text).is_some_and(|meaning| meaning.role == Role::Settings);
        ((fits(&self.reopen, 2)) || (settings && self.strong(&folded))).then_some(Back::Near)
    }

    fn strong(&self, folded: &str) -> bool {
        self.consent.iter().any(|(begin, _)| folded.contains(begin.as_str()))
    }

    /// Whether a text is about cookies and the like: one word that says so, or two that are near it.
    pub(super) fn about(&self, text: &str) -> bool {
        let folded = fold(text);
        let mut near: Vec<&str> = Vec::new();
        for (begin, _) in &self.near {
            if folded.contains(begin.as_str()) && !near.contains(&begin.as_str()) {
                near.push(begin);
            }
        }
        self.strong(&folded) || near.len() >= 2
    }

    /// The language of a notice: that of most of its words.
    pub(super) fn language<'a>(&self, text: &str, controls: impl Iterator<Item = &'a str>) -> Option<String> {
        let mut scores = vec![0; self.codes.len()];
        let folded = fold(text);
        for (begin, index) in self.consent.iter().chain(&self.near) {
            if folded.contains(begin.as_str()) {
                scores[*index] += 1;
            }
        }
        for index in controls.filter_map(|text| self.spoken.get(&fold(text))).flatten() {
            scores[*index] += 3;
        }
        let best = *scores.iter().max()?;
        let first = scores.iter().position(|&score| score == best)?;
        (best > 0 && !self.codes[first].is_empty()).then(|| self.codes[first].clone())
    }
}

/// Of phrases of the same length, the one that grants least.
fn rank(role: Role) -> u8 {
    match role {
        Role::Pay => 0,
        Role::Refuse => 1,
        Role::Settings => 2,
        Role::Save => 3,
        Role::Close => 4,
        Role::Policy => 5,
        _ => 6,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OFFICIAL: &str = "bg hr cs da nl en et fi fr de el hu ga it lv lt mt pl pt ro sk sl es sv";

    fn table() -> Table {
        toml::from_str(include_str!("words.toml")).unwrap()
    }

    #[test]
    fn every_language_has_words_for_everything() {
        let table = table();
        for code in OFFICIAL.split(' ').chain("no uk tr is ca".split(' ')) {
            let language = table.language.iter().find(|language| language.code == code).expect(code);
            let lists = [
                (&language.consent, 1),
                (&language.accept, 8),
                (&language.okay, 4),
                (&language.refuse, 15),
                (&language.settings, 15),
                (&language.save, 10),
                (&language.close, 2),
                (&language.pay, 3),
                (&language.policy, 8),
                (&language.reopen, 10),
                (&language.withdraw, 2),
                (&language.not, 2),
            ];
            for (at, (list, least)) in lists.iter().enumerate() {
                assert!(list.len() >= *least, "{code}: list {at} has {}", list.len());
            }
            for (list, role) in [
                (&language.accept, Role::Accept),
                (&language.refuse, Role::Refuse),
                (&language.settings, Role::Settings),
            ] {
                for text in list {
                    assert_eq!(words().meaning(text).map(|meaning| meaning.role), Some(role), "{code}: {text}");
                    assert_eq!(
                        words().meaning(&text.to_uppercase()).map(|meaning| meaning.role),
                        Some(role),
                        "{code}: {text}"
                    );
                }
            }
        }
    }

    #[test]
    fn no_phrase_means_two_things() {
        let mut seen: HashMap<String, (Role, String)> = HashMap::new();
        let mut twice = Vec::new();
        for language in table().language {
            let lists = [
                (&language.accept, Role::Accept),
                (&language.okay, Role::Accept),
                (&language.refuse, Role::Refuse),
                (&language.settings, Role::Settings),
                (&language.save, Role::Save),
                (&language.close, Role::Close),
                (&language.pay, Role::Pay),
                (&language.policy, Role::Policy),
            ];
            for (list, role) in lists {
                let mut own = Vec::new();
                for text in list {
                    let folded = fold(text);
                    if own.contains(&folded) {
                        twice.push(format!("{text} stands twice in {role:?} of {}", language.code));
                    }
                    own.push(folded.clone());
                    match seen.get(&folded) {
                        Some((other, code)) if *other != role => {
                            twice.push(format!("{text}: {other:?} in {code}, {role:?} in {}", language.code));
                        }
                        _ => drop(seen.insert(folded, (role, language.code.clone()))),
                    }
                }
            }
        }
        assert!(twice.is_empty(), "{}", twice.join("\n"));
    }

    #[test]
    fn words_around_a_phrase_do_not_hide_it() {
        let cases = [
            ("Accept all & visit", Some(Role::Accept)),
            ("✓ OK, tout accepter", Some(Role::Accept)),
            ("Ne pas accepter ces cookies", Some(Role::Refuse)),
            ("I do not accept any of these", Some(Role::Refuse)),
            ("Continuer sans accepter →", Some(Role::Refuse)),
            ("Nur notwendige Cookies akzeptieren", Some(Role::Refuse)),
            ("ΑΠΟΔΟΧΉ ΌΛΩΝ", Some(Role::Accept)),
            ("ΑΠΟΔΟΧΗ ΟΛΩΝ", Some(Role::Accept)),
            ("TÜMÜNÜ KABUL ET", Some(Role::Accept)),
            ("Accept selected cookies", Some(Role::Save)),
            ("Refuser et s’abonner pour 2 €", Some(Role::Pay)),
            ("Reject all and subscribe for £3", Some(Role::Pay)),
            ("J’accepte", Some(Role::Accept)),
            ("×", Some(Role::Close)),
            ("Fermer sans rien changer", Some(Role::Close)),
            ("Fermeture annuelle du musée", None),
            ("Read today's newspaper", None),
            ("", None),
            ("By clicking accept all you agree that we and our partners store cookies on your device", None),
        ];
        for (text, role) in cases {
            assert_eq!(words().meaning(text).map(|meaning| meaning.role), role, "{text}");
        }
        assert!(!words().meaning("OK").unwrap().sure && words().meaning("Accept").unwrap().sure);
    }

    #[test]
    fn the_way_back_is_known_by_its_words() {
        for text in [
            "Cookie settings",
            "Gérer mes cookies",
            "Cookie-Einstellungen",
            "Preferencias de cookies",
            "Evästeasetukset",
        ] {
            assert_eq!(words().back(text), Some(Back::Opens), "{text}");
        }
        assert_eq!(words().back("Withdraw my consent"), Some(Back::Withdraws));
        assert_eq!(words().back("Change your cookie settings here"), Some(Back::Near));
        for text in ["Settings", "Privacy policy", "Contact", "A recipe for butter cookies with chocolate", ""] {
            assert_eq!(words().back(text), None, "{text}");
        }
    }

    #[test]
    fn a_text_is_about_cookies_or_not() {
        let known = words();
        assert!(known.about("We use cookies.") && known.about("Wir und unsere Partner achten Ihre Privatsphäre"));
        assert!(known.about("Мы используем cookie") && known.about("Naudojame slapukus"));
        for text in
            ["Subscribe to our newsletter. See our privacy policy.", "Are you 18 or older?", "Allow notifications?"]
        {
            assert!(!known.about(text), "{text}");
        }
        assert_eq!(
            known.language("Nous utilisons des traceurs", ["Tout accepter", "Refuser"].into_iter()).as_deref(),
            Some("fr")
        );
        assert_eq!(known.language("Vi bruger cookies", ["Accepter alle"].into_iter()).as_deref(), Some("da"));
        assert_eq!(known.language("", std::iter::empty()), None);
    }
}
