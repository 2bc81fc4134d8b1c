//! Guesses: what a third party that no catalogue knows may be for, each with its reason in words. All of it needs consent
//! whatever is guessed, so a wrong guess holds too much or groups badly, and lets nobody through before a person agrees.

use crate::notebook::Note;

/// The purpose of what nobody has sorted yet. Its basis is consent, and a browser's signal switches it off.
pub const UNSORTED: &str = "unsorted";

/// Words in a host's name that say what it is for.
const WORDS: &[(&[&str], &[&str])] = &[
    (&["tag", "tags", "tagmanager", "gtm"], &["audience-plus", "advertising"]),
    (&["ad", "ads", "adserver", "adservice", "adsystem", "banner", "banners", "promo", "sponsor"], &["advertising"]),
    (
        &[
            "analytics",
            "metrics",
            "metric",
            "stats",
            "stat",
            "tracking",
            "tracker",
            "track",
            "telemetry",
            "pixel",
            "rum",
        ],
        &["audience-plus"],
    ),
    (&["profile", "recs", "recommend", "recommendations", "personalization", "personalisation"], &["profile"]),
    (&["social", "share", "follow", "comments", "disqus"], &["social"]),
    (&["video", "videos", "player", "tube", "stream", "podcast", "maps", "map"], &["media"]),
    (&["chat", "livechat", "helpdesk", "support"], &["support"]),
    (&["abtest", "experiment", "experiments", "optimize", "optimizely"], &["experiments"]),
    (&["fonts", "font", "cdn", "static", "assets", "libs"], &["resources"]),
];

/// A guess.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Guess {
    /// The purposes, by their names in the configuration.
    pub(crate) purposes: Vec<String>,
    /// Why, in words; nothing where nobody knows.
    pub(crate) why: Option<String>,
}

/// What hosts of one domain may be for: by what lists say, by their names, by what is loaded from them.
pub(crate) fn purposes(hosts: &[(&str, &Note)], hints: &[(String, bool)]) -> Guess {
    let guess = |purposes: &[&str], why: String| Guess {
        purposes: purposes.iter().map(|&purpose| purpose.to_owned()).collect(),
        why: Some(why),
    };
    for (host, _) in hosts {
        let parts: Vec<String> = host.split(['.', '-', '_']).map(letters).collect();
        for (words, purposes) in WORDS {
            if let Some(word) = parts.iter().find(|part| words.contains(&part.as_str())) {
                return guess(purposes, format!("{host} has \"{word}\" in its name"));
            }
        }
    }
    if let Some((says, _)) = hints.iter().find(|(_, tracker)| *tracker) {
        return guess(&["audience-plus"], says.clone());
    }
    let kinds: Vec<&str> = hosts.iter().flat_map(|(_, note)| note.kinds.keys().map(String::as_str)).collect();
    if kinds.contains(&"font") && kinds.iter().all(|kind| matches!(*kind, "font" | "style" | "markup" | "policy")) {
        return guess(&["resources"], "only fonts and styles come from it".to_owned());
    }
    if kinds.contains(&"media") {
        return guess(&["media"], "sound or pictures that move come from it".to_owned());
    }
    Guess { purposes: vec![UNSORTED.to_owned()], why: None }
}

fn letters(part: &str) -> String {
    part.trim_end_matches(|c: char| c.is_ascii_digit()).to_owned()
}

/// What was seen of it, for people: `script 4, image 8; on 3 pages, 12 times`.
pub(crate) fn seen(note: &Note) -> String {
    let kinds: Vec<String> = note.kinds.iter().map(|(kind, count)| format!("{kind} {count}")).collect();
    let pages = match note.pages.len() {
        0 => String::new(),
        1 => "; on 1 page".to_owned(),
        count => format!("; on {count} pages"),
    };
    format!("{}{pages}", kinds.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn note(kinds: &[&str]) -> Note {
        Note { count: 1, kinds: kinds.iter().map(|kind| ((*kind).to_owned(), 1)).collect(), ..Note::default() }
    }

    #[test]
    fn guesses_have_reasons_and_what_nobody_knows_is_said_to_be_unknown() {
        for (host, kinds, purpose) in [
            ("ads.localhost", &["script"][..], "advertising"),
            ("static7.shop.test", &["script"], "resources"),
            ("fast.type.test", &["font", "style"], "resources"),
            ("adapter.test", &["script"], UNSORTED),
            ("x.test", &["image"], UNSORTED),
        ] {
            let note = note(kinds);
            let guess = purposes(&[(host, &note)], &[]);
            assert_eq!(guess.purposes[0], purpose, "{host}");
            assert_eq!(guess.why.is_none(), purpose == UNSORTED, "{host}");
        }
        let hint = [("list x says ||y^".to_owned(), true)];
        assert_eq!(purposes(&[("x.test", &note(&["image"]))], &hint).why.as_deref(), Some("list x says ||y^"));
    }
}
