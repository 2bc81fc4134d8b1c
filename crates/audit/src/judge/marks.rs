//! Marks: values by which a browser is known again. Says which parts of a kept value may be one, and in which forms such a
//! part may travel. Where it travels to this room does not know.

use crate::seen::{Initiator, Moment, Outcome, Request, Target};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use md5::{Digest as _, Md5};
use sha1::Sha1;
use std::collections::BTreeSet;

/// The shortest part that may be a mark.
const LEAST: usize = 8;

/// The longest part that is looked for: longer ones are documents.
const MOST: usize = 256;

/// Parts taken from one value, at most.
const PARTS: usize = 16;

/// Whether a value holds a part by which a browser can be known again.
pub(crate) fn telling(value: &str) -> bool {
    !parts(value).is_empty()
}

/// The parts of a value by which a browser may be known again: long enough, various enough, and neither a time, a version nor
/// words.
pub(crate) fn parts(value: &str) -> BTreeSet<String> {
    let decoded = decoded(value);
    let mut found = BTreeSet::new();
    // Documents of consent (IAB strings) begin so, and are no number of anybody.
    let document = |text: &str| text.len() > 30 && text.starts_with('C') && text.contains("AAA");
    for text in [value, decoded.as_str()] {
        if document(text) {
            continue;
        }
        // What makes up one part in common forms, the whole before its pieces.
        for part in text.split(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '-' | '_' | '.')) {
            let pieces: Vec<&str> = part.split('.').collect();
            // Of `GA1.1.NUMBER.TIME` only the last two travel, joined.
            let pairs = pieces.windows(2).map(|pair| pair.join("."));
            let all = pieces.iter().map(|&piece| piece.to_owned()).chain(pairs).chain([part.to_owned()]);
            for piece in all.filter(|piece| various(piece)) {
                if found.len() < PARTS {
                    found.insert(piece);
                }
            }
        }
    }
    found
}

/// Whether a piece is various enough to tell a browser from others.
fn various(piece: &str) -> bool {
    let count = |class: fn(&u8) -> bool| piece.bytes().filter(class).count();
    let (digits, letters) = (count(u8::is_ascii_digit), count(u8::is_ascii_alphabetic));
    let kinds: BTreeSet<u8> = piece.bytes().filter(u8::is_ascii_alphanumeric).collect();
    if piece.len() < LEAST || piece.len() > MOST || seconds(piece).is_some() || version(piece) {
        return false;
    }
    if letters == 0 {
        let numbers: Vec<&str> = piece.split(['.', '-', '_']).filter(|part| !part.is_empty()).collect();
        let lone = numbers.iter().any(|number| number.len() >= LEAST && seconds(number).is_none());
        // Analytics write a visitor as a number and the time of the first visit, and the number may look like a time too.
        // Two times of one visitor lie within the life of a cookie (RFC 6265bis §5.5: 400 days).
        let apart = |pair: &[&str]| match (seconds(pair[0]), seconds(pair[1])) {
            (Some(one), Some(other)) => one.abs_diff(other) > 800 * 86_400,
            _ => false,
        };
        return kinds.len() >= 4 && (lone || numbers.windows(2).any(apart));
    }
    let upper = piece.bytes().any(|byte| byte.is_ascii_uppercase());
    let lower = piece.bytes().any(|byte| byte.is_ascii_lowercase());
    // Words have few digits; random letters of both cases without any digit are long.
    (digits >= 2 && letters >= 1 && kinds.len() >= 5 && !dated(piece))
        || (digits == 0 && upper && lower && !piece.contains(['-', '_', '.']) && piece.len() >= 20 && kinds.len() >= 12)
}

/// Seconds since 1970, where a number may be a time between 2001 and 2100 or a date such as `20261122`.
fn seconds(piece: &str) -> Option<u64> {
    let number = piece.parse::<u64>().ok().filter(|_| piece.bytes().all(|byte| byte.is_ascii_digit()))?;
    let at = match piece.len() {
        8 if (19_700_101..=21_001_231).contains(&number) => return Some((number / 10_000 - 1970) * 31_557_600),
        10 => number,
        13 => number / 1_000,
        16 => number / 1_000_000,
        _ => return None,
    };
    (978_307_200..4_102_444_800).contains(&at).then_some(at)
}

/// `1.22.333` and the like: numbers of few digits joined by dots.
fn version(piece: &str) -> bool {
    let mut parts = piece.trim_start_matches('v').split(['.', '-']);
    piece.contains('.') && parts.all(|part| part.len() <= 4 && part.bytes().all(|byte| byte.is_ascii_digit()))
}

/// `2026-11-22` and `2026-11-22T10`, whatever stands after them.
fn dated(piece: &str) -> bool {
    let shape: String = piece.chars().take(10).map(|c| if c.is_ascii_digit() { '9' } else { c }).collect();
    shape == "9999-99-99" && piece.len() <= 32
}

/// Percent-encoding undone, as often as it was done, at most twice.
pub(crate) fn decoded(text: &str) -> String {
    let once = |text: &str| {
        let bytes = text.as_bytes();
        let mut out = Vec::with_capacity(bytes.len());
        let mut at = 0;
        while at < bytes.len() {
            let pair = bytes.get(at + 1..at + 3).and_then(|pair| std::str::from_utf8(pair).ok());
            match pair.filter(|_| bytes[at] == b'%').and_then(|pair| u8::from_str_radix(pair, 16).ok()) {
                Some(byte) => {
                    out.push(byte);
                    at += 3;
                }
                None => {
                    out.push(bytes[at]);
                    at += 1;
                }
            }
        }
        String::from_utf8_lossy(&out).into_owned()
    };
    let first = once(text);
    if first.contains('%') { once(&first) } else { first }
}

/// The forms in which a mark may travel, each with its name.
pub(crate) fn forms(mark: &str) -> Vec<(&'static str, String)> {
    let bytes = mark.as_bytes();
    let sha256 = <sha2::Sha256 as sha2::Digest>::digest(bytes);
    let mut forms = vec![
        ("as it is", mark.to_owned()),
        ("in Base64", STANDARD_NO_PAD.encode(bytes)),
        ("in Base64", URL_SAFE_NO_PAD.encode(bytes)),
        ("in hex", hex(bytes)),
        ("as MD5", hex(&Md5::digest(bytes))),
        ("as SHA-1", hex(&Sha1::digest(bytes))),
        ("as SHA-256", hex(&sha256)),
        ("as SHA-256 in Base64", STANDARD_NO_PAD.encode(sha256)),
        ("as SHA-256 in Base64", URL_SAFE_NO_PAD.encode(sha256)),
    ];
    // A number of sixteen bytes is written with and without its dashes.
    let plain = mark.replace('-', "");
    if plain.len() != mark.len() && plain.len() == 32 {
        forms.push(("without dashes", plain));
    }
    let mut seen = BTreeSet::new();
    forms.retain(|(_, text)| seen.insert(text.clone()));
    forms
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What stands in Base64 in a text, where it is text again: pieces of at least sixteen characters.
pub(crate) fn unwrapped(text: &str) -> String {
    let pieces = text.split(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '+' | '/' | '-' | '_'));
    let read = |piece: &str| {
        let bytes = STANDARD_NO_PAD.decode(piece).or_else(|_| URL_SAFE_NO_PAD.decode(piece)).ok()?;
        let text = String::from_utf8(bytes).ok()?;
        text.chars().all(|c| !c.is_control() || c.is_whitespace()).then_some(text)
    };
    pieces.filter(|piece| piece.len() >= 16).filter_map(read).collect::<Vec<_>>().join("\n")
}

/// A request as a script of this address would be fetched: to ask whose a script is.
pub(crate) fn script(url: &str) -> Request {
    Request {
        visit: 0,
        at: 0,
        moment: Moment::Loading,
        url: url.to_owned(),
        method: "GET".to_owned(),
        kind: "Script".to_owned(),
        frame: String::new(),
        target: Target::Page,
        initiator: Initiator::default(),
        redirect: None,
        outcome: Outcome::Answered,
        status: None,
        remote: None,
        cookies: Vec::new(),
        set: Vec::new(),
        referrer: None,
        body: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_browsers_are_marks() {
        for (value, part) in [
            ("GA1.1.1234567890.1790000000", "1234567890.1790000000"),
            ("1234567890.1790000000", "1234567890.1790000000"),
            ("GA1.2.432198765.1790000000", "432198765"),
            ("6f1c2a90-77b1-4c1e-9d3e-0a1b2c3d4e5f", "6f1c2a90-77b1-4c1e-9d3e-0a1b2c3d4e5f"),
            ("fb.1.1790000000000.987654321098", "987654321098"),
            ("%7B%22id%22%3A%22u7f3k2m9q1%22%7D", "u7f3k2m9q1"),
            ("uid=4f9a1c77e2&x=1", "4f9a1c77e2"),
            ("a1b2c3d4e5", "a1b2c3d4e5"),
        ] {
            assert!(parts(value).contains(part), "{value}: {:?}", parts(value));
        }
    }

    #[test]
    fn what_everybody_may_have_is_no_mark() {
        for value in [
            "",
            "1789990000.1790000000",
            "true",
            "accepted",
            "en-US",
            "fr_FR",
            "1790000000",
            "1790000000123",
            "20261122",
            "2026-11-22",
            "2026-11-22T10:00:00Z",
            "1.22.333",
            "10.0.26100",
            "00000000",
            "11111111",
            "Europe/Paris",
            "light-theme",
            "marketing-analytics-functional",
            "{\"necessary\":true,\"analytics\":false}",
            "CPxyzAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            "necessary%2Canalytics",
            "homepage_v2",
        ] {
            assert!(!telling(value), "{value}: {:?}", parts(value));
        }
    }

    #[test]
    fn forms_are_those_others_compute() {
        let forms = forms("a1b2c3d4");
        // As openssl computes them.
        for (how, text) in [
            ("in Base64", "YTFiMmMzZDQ"),
            ("in hex", "6131623263336434"),
            ("as MD5", "22c14f311a60486b36f79f3bc962be66"),
            ("as SHA-1", "28f7fde4c0ae8badc391b5c71819ff59f8444724"),
            ("as SHA-256", "7dcf407fa84a0e0519c7991154c4148de0244d7589020c0d9842db9efad82094"),
        ] {
            assert!(forms.iter().any(|(name, form)| *name == how && form == text), "{how}: {forms:?}");
        }
        assert_eq!(decoded("a%2520b%"), "a b%");
        assert_eq!(unwrapped("d=eyJpZCI6InU3ZjNrMm05cTEifQ&x=aaaaaaaaaaaaaaaaaaaa"), "{\"id\":\"u7f3k2m9q1\"}");
    }
}
