//! Text into HTML: escaping, links that are safe to follow, sentences with names filled in, and pages in
//! other encodings. Knows no words and no types of ours.

use std::fmt;

/// A text, escaped for element content and for quoted attributes alike.
pub(crate) struct Text<'a>(pub(crate) &'a str);

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.0;
        while let Some(at) = rest.find(['&', '<', '>', '"', '\'', '\0']) {
            f.write_str(&rest[..at])?;
            f.write_str(match rest.as_bytes()[at] {
                b'&' => "&amp;",
                b'<' => "&lt;",
                b'>' => "&gt;",
                b'"' => "&quot;",
                b'\'' => "&#39;",
                // A NUL is a parse error everywhere in HTML.
                _ => "&#xFFFD;",
            })?;
            rest = &rest[at + 1..];
        }
        f.write_str(rest)
    }
}

/// A sentence with names filled in: `{name}` gives way to its value, once, so that braces inside a value
/// stay what they are. A name nobody gives stays as written.
pub(crate) fn fill(sentence: &str, values: &[(&str, &str)]) -> String {
    let mut out = String::with_capacity(sentence.len() + 32);
    let mut rest = sentence;
    while let Some(open) = rest.find('{') {
        out.push_str(&rest[..open]);
        rest = &rest[open..];
        let found = rest.find('}').and_then(|close| {
            let name = &rest[1..close];
            values.iter().find(|(known, _)| *known == name).map(|(_, value)| (close, *value))
        });
        match found {
            Some((close, value)) => {
                out.push_str(value);
                rest = &rest[close + 1..];
            }
            None => {
                out.push('{');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    out
}

/// A value for a query: everything but what RFC 3986 §2.3 reserves for nothing is coded.
pub(crate) fn coded(read: &str) -> String {
    let mut out = String::with_capacity(read.len() + 16);
    for byte in read.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

/// A link that may be followed: a path, or an address of the web. `javascript:` and its like are none.
pub(crate) fn link(read: &str) -> Option<&str> {
    let read = read.trim();
    let scheme = |name: &str| read.get(..name.len()).is_some_and(|front| front.eq_ignore_ascii_case(name));
    let plain = !read.chars().any(char::is_control);
    (plain && (read.starts_with('/') || scheme("https://") || scheme("http://"))).then_some(read)
}

/// A path of this site to return to; the front page when it is not one. `//host` and `/\host` lead
/// elsewhere.
pub(crate) fn path(read: &str) -> &str {
    let plain = !read.chars().any(char::is_control);
    let own = read.starts_with('/') && !read.starts_with("//") && !read.starts_with("/\\");
    if plain && own { read } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_texts_stay_texts() {
        assert_eq!(
            Text("<img src=x onerror=\"a('b')\">&\0é").to_string(),
            "&lt;img src=x onerror=&quot;a(&#39;b&#39;)&quot;&gt;&amp;&#xFFFD;é"
        );
        assert_eq!(Text("").to_string(), "");
    }

    #[test]
    fn values_are_filled_in_once() {
        assert_eq!(fill("{a} and {b}, {c}", &[("a", "{b}"), ("b", "x")]), "{b} and x, {c}");
        assert_eq!(fill("{", &[]), "{");
        assert_eq!(fill("{{a}}", &[("a", "1")]), "{1}");
    }

    #[test]
    fn only_web_links_are_links() {
        for good in ["/privacy", "https://a.test/", "HTTP://a.test", " /x "] {
            assert!(link(good).is_some(), "{good}");
        }
        for bad in ["", "javascript:alert(1)", "data:text/html,x", "https:/\n/x", "java\tscript:x", "mailto:a@b.test"] {
            assert!(link(bad).is_none(), "{bad:?}");
        }
    }

    #[test]
    fn paths_stay_here() {
        assert_eq!(path("/a?b=c#d"), "/a?b=c#d");
        for away in ["", "a", "//evil.test", "/\\evil.test", "https://evil.test/", "/a\nb", "/\t/evil.test"] {
            assert_eq!(path(away), "/", "{away:?}");
        }
    }
}
