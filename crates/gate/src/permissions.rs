//! Features of a browser that profile its user by itself and contact no host: a list of hosts cannot hold them, so
//! they are refused by name (`Permissions-Policy`) while not everything that is asked is granted.

use http::header::{HeaderMap, HeaderName, HeaderValue};

const FIELD: HeaderName = HeaderName::from_static("permissions-policy");

/// What is refused. Browsers complain about names they do not know, so this lists what still exists in 2026: Topics.
/// Protected Audience, Attribution Reporting, Shared Storage and Private Aggregation were taken out of Chromium
/// before version 156, and no other engine had them.
const REFUSED: &str = "browsing-topics=()";

/// Adds the refusal after the site's own policy. The field is one dictionary over all its lines, in which of two
/// members of one name the last counts (RFC 9651 §4.2.2), so every other member stays as the site wrote it.
pub(crate) fn refuse(headers: &mut HeaderMap) {
    let own: Vec<_> = headers.get_all(FIELD).iter().map(HeaderValue::as_bytes).collect();
    // What is no dictionary counts for nothing, and would take our member with it (RFC 9651 §4.2).
    if !dictionary(&own.join(&b',')) {
        headers.remove(FIELD);
    }
    headers.append(FIELD, HeaderValue::from_static(REFUSED));
}

/// Whether a field can be read as a dictionary (RFC 9651 §4.2.2). What this calls one, browsers may still refuse to
/// read where a number or a token is odd; what it does not, none of them reads.
fn dictionary(text: &[u8]) -> bool {
    let mut rest = text.trim_ascii();
    while !rest.is_empty() {
        let Some(after) = member(rest) else { return false };
        let after = after.trim_ascii_start();
        rest = match after.split_first() {
            None => return true,
            Some((b',', next)) if !next.trim_ascii().is_empty() => next.trim_ascii_start(),
            // Two members without a comma, or a comma at the end.
            Some(_) => return false,
        };
    }
    true
}

/// What follows a member: a key, and a value or parameters or both.
fn member(text: &[u8]) -> Option<&[u8]> {
    let rest = key(text)?;
    match rest.split_first() {
        Some((b'=', [b'(', list @ ..])) => inner(list).and_then(parameters),
        Some((b'=', value)) => item(value).and_then(parameters),
        _ => parameters(rest),
    }
}

/// What follows an inner list, whose bracket was opened (RFC 9651 §4.2.1.2).
fn inner(mut rest: &[u8]) -> Option<&[u8]> {
    loop {
        rest = spaces(rest);
        if let [b')', after @ ..] = rest {
            return Some(after);
        }
        rest = parameters(item(rest)?)?;
        if !matches!(rest.first(), Some(b' ' | b')')) {
            return None;
        }
    }
}

fn parameters(mut rest: &[u8]) -> Option<&[u8]> {
    while let [b';', after @ ..] = rest {
        rest = key(spaces(after))?;
        if let [b'=', value @ ..] = rest {
            rest = item(value)?;
        }
    }
    Some(rest)
}

fn key(text: &[u8]) -> Option<&[u8]> {
    let good = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_-.*".contains(byte);
    text.first().filter(|byte| byte.is_ascii_lowercase() || **byte == b'*')?;
    Some(&text[text.iter().take_while(|byte| good(byte)).count()..])
}

/// What follows a bare item: a string, or anything written without delimiters.
fn item(text: &[u8]) -> Option<&[u8]> {
    if let [b'"', string @ ..] = text {
        let mut at = 0;
        loop {
            match (string.get(at)?, string.get(at + 1)) {
                (b'"', _) => return Some(&string[at + 1..]),
                (b'\\', Some(b'"' | b'\\')) => at += 2,
                (b'\\', _) => return None,
                (0x20..=0x7e, _) => at += 1,
                _ => return None,
            }
        }
    }
    let bare = |byte: &u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~:/?@=".contains(byte);
    let length = text.iter().take_while(|byte| bare(byte)).count();
    (length > 0 && text[0] != b'\'').then(|| &text[length..])
}

fn spaces(text: &[u8]) -> &[u8] {
    &text[text.iter().take_while(|byte| **byte == b' ').count()..]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ours_comes_last_and_nothing_of_the_site_s_is_loosened() {
        let mut headers = HeaderMap::new();
        headers.append(FIELD, HeaderValue::from_static("camera=(), browsing-topics=(self \"https://ads.test\")"));
        headers.append(FIELD, HeaderValue::from_static("geolocation=(self);report-to=x"));
        refuse(&mut headers);
        let lines: Vec<_> = headers.get_all(FIELD).iter().map(|line| line.to_str().unwrap()).collect();
        assert_eq!(lines.len(), 3);
        assert_eq!((lines[1], lines[2]), ("geolocation=(self);report-to=x", "browsing-topics=()"));
    }

    #[test]
    fn what_no_browser_reads_does_not_take_ours_with_it() {
        for (text, good) in [
            ("", true),
            ("camera=()", true),
            ("camera=*, microphone=self ,usb=?0", true),
            ("camera=(self \"https://a.test\" );a=1;b", true),
            ("a=\"x\\\"y\", b", true),
            ("camera 'none'; geolocation *", false),
            ("camera=()a", false),
            ("camera=(", false),
            ("camera=(self\"x\")", false),
            ("Camera=()", false),
            ("camera=()  geolocation=()", false),
            ("camera=(),", false),
            (", camera=()", false),
            ("camera=\"", false),
            ("camera=\"\\x\"", false),
            ("camera=('self')", false),
        ] {
            assert_eq!(dictionary(text.as_bytes()), good, "{text}");
            let mut headers = HeaderMap::new();
            headers.append(FIELD, HeaderValue::from_static(text));
            refuse(&mut headers);
            let lines: Vec<_> = headers.get_all(FIELD).iter().collect();
            assert_eq!(
                (lines.len(), lines[lines.len() - 1]),
                (1 + usize::from(good), &HeaderValue::from_static(REFUSED))
            );
        }
    }

    proptest! {
        #[test]
        fn any_field_is_survived(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
            let _ = dictionary(&bytes);
        }
    }
}
