//! Names without people in them: what of a name is a number, a hash or an address becomes `*`, at once and for good. It
//! knows no service and no catalogue.

use bandeau_consent::NamePattern;

/// A longer name is no name.
const LONGEST: usize = 128;

/// A name as a pattern: `_pk_id.1.a3f9` becomes `_pk_id.*`. Nothing where too little of it would remain to tell it from
/// others, or where it cannot be written in a configuration.
///
/// A name that people were given differs from visitor to visitor; what is the same for all stays. When in doubt a part
/// is taken for a number: a pattern too wide asks a question, a name too narrow keeps somebody's.
pub fn general(name: &str) -> Option<String> {
    let shape = shape(name);
    let plain = shape.bytes().filter(|byte| byte.is_ascii_alphanumeric()).count();
    (plain >= 2 && NamePattern::new(&shape).is_ok()).then_some(shape)
}

/// A name with `*` for every part that varies, so that nothing is left to take out of it: what is read again stays.
fn shape(name: &str) -> String {
    if name.len() > LONGEST {
        return "*".to_owned();
    }
    let mut shape = step(name);
    loop {
        let next = step(&shape);
        if next == shape {
            return shape;
        }
        shape = next;
    }
}

fn step(name: &str) -> String {
    let mut parts = split(name);
    let varies: Vec<bool> = parts.iter().map(|(part, _)| varying(part)).collect();
    // Short numbers beside a part that varies belong to it.
    let beside = |at: usize| {
        let near = at.checked_sub(1).is_some_and(|before| varies[before]) || varies.get(at + 1) == Some(&true);
        near && parts[at].0.bytes().all(|byte| byte.is_ascii_digit())
    };
    let varies: Vec<bool> = (0..parts.len()).map(|at| varies[at] || beside(at)).collect();
    let mut out = String::new();
    for (at, (part, end)) in parts.drain(..).enumerate() {
        if !varies[at] {
            out.push_str(part);
            out.extend(end);
        } else {
            if !out.ends_with('*') {
                out.push('*');
            }
            // What separates it from a part that stays, stays.
            if varies.get(at + 1) == Some(&false) {
                out.extend(end);
            }
        }
    }
    out
}

/// The parts of a name, each with the separator after it.
fn split(name: &str) -> Vec<(&str, Option<char>)> {
    let separates = |c: char| matches!(c, '.' | '_' | '-' | ':' | '/' | '|' | '~' | '#' | '$' | ',' | ';' | '=');
    let mut parts = Vec::new();
    let mut rest = name;
    while let Some(at) = rest.find(separates) {
        parts.push((&rest[..at], rest[at..].chars().next()));
        // Separators are one byte each.
        rest = &rest[at + 1..];
    }
    parts.push((rest, None));
    parts
}

/// Whether a part is not the same for all visitors, as far as its shape tells.
fn varying(part: &str) -> bool {
    let digits = part.bytes().filter(u8::is_ascii_digit).count();
    let all = |fits: fn(&u8) -> bool| part.bytes().all(|byte| fits(&byte));
    if part.is_empty() {
        return false;
    }
    // An address, a space, letters of no plain alphabet, or a star of its own.
    if !all(|byte| byte.is_ascii_alphanumeric()) {
        return true;
    }
    (digits == part.len() && digits >= 3)
        || (digits > 0 && part.len() >= 4 && all(|byte| byte.is_ascii_hexdigit()))
        || (digits > 0 && part.len() >= 8)
        || (digits >= 2 && part.len() >= 6)
        || part.len() > 32
        || jumble(part)
}

/// Whether a long part without digits changes case as no word does: the letters of a random number.
fn jumble(part: &str) -> bool {
    let bytes = part.as_bytes();
    let turns = bytes.windows(2).filter(|two| two[0].is_ascii_lowercase() != two[1].is_ascii_lowercase()).count();
    part.len() >= 12 && turns * 3 > part.len()
}

/// Where something happened, without who: the first part of a path, generalised as a name is; `/` for the front page.
pub fn page(path: &str) -> String {
    let first = path.trim_start_matches('/').split(['/', '?', '#', ';']).next().unwrap_or_default();
    if first.is_empty() {
        return "/".to_owned();
    }
    format!("/{}", shape(first))
}

/// A sample of an address: its path, without a query, every part generalised.
pub fn sample(path: &str) -> String {
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let parts = path.split('/').take(6).map(shape);
    let fits = |sum: &mut usize, part: String| {
        *sum += part.len() + 1;
        (*sum <= LONGEST).then_some(part)
    };
    parts.scan(0, fits).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_differs_from_visitor_to_visitor_is_taken_out() {
        for (name, general_name) in [
            ("_pk_id.1.a3f9", Some("_pk_id.*")),
            ("_pk_ses.7.11d2", Some("_pk_ses.*")),
            ("_ga", Some("_ga")),
            ("_ga_G1ABCDE234", Some("_ga_*")),
            ("_gat_UA-12345-1", Some("_gat_UA-*")),
            ("mx:visits", Some("mx:visits")),
            ("taste_id", Some("taste_id")),
            ("PHPSESSID", Some("PHPSESSID")),
            ("amplitude_id_d41d8cd98f00b204e9800998ecf8427enews.test", Some("amplitude_id_*.test")),
            ("user:jane@example.org:seen", Some("user:*.org:seen")),
            ("wp-settings-1", Some("wp-settings-1")),
            ("cart/4711", Some("cart/*")),
            ("__Secure-3PSID", Some("__Secure-3PSID")),
            ("ajs_user_id", Some("ajs_user_id")),
            ("kv_Zm9vYmFyQmF6", Some("kv_*")),
            ("k_Zm9vYmFyQmF6", None),
            ("sessionToken", Some("sessionToken")),
            ("8f14e45fceea167a", None),
            ("é", None),
            ("", None),
            ("*", None),
        ] {
            assert_eq!(general(name).as_deref(), general_name, "{name}");
        }
    }

    #[test]
    fn places_are_told_without_people() {
        for (path, said) in [
            ("/", "/"),
            ("", "/"),
            ("/articles/2026/11/x.html", "/articles"),
            ("/user-48151/secret", "/user-*"),
            ("/48151", "/*"),
        ] {
            assert_eq!(page(path), said, "{path}");
        }
        assert_eq!(sample("/tr/1234567/collect.js?uid=9"), "/tr/*/collect.js");
        assert_eq!(sample("/p.gif"), "/p.gif");
        assert_eq!(sample("/widgets/jane@example.org/a.js"), "/widgets/*.org/a.js");
    }

    proptest! {
            #[test]
            fn a_sample_stays_what_it_is(path in "[a-f0-9é*./_-]{0,200}") {
                let once = sample(&path);
                prop_assert!(once.len() <= LONGEST);
                prop_assert_eq!(sample(&once), once);
            }

            #[test]
            fn a_general_name_is_a_pattern_and_stays_what_it_is(name in "\\PC{0,60}") {
                if let Some(found) = general(&name) {
                    prop_assert!(NamePattern::new(&found).is_ok());
    prop_assert_eq!(general(&found), Some(found.clone()), "once is enough");
                    let long = found.split(|c: char| !c.is_ascii_digit()).map(str::len).max();
                    prop_assert!(long.unwrap_or(0) < 8, "{} keeps a number", found);
                }
            }
        }
}
