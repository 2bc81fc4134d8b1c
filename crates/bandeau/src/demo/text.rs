//! Text: filling placeholders, escaping, reading cookies and queries.
//!
//! This room does not know the pages it fills, nor who wrote the words.

use std::borrow::Cow;

/// Fills every `{{key}}` of a template in one pass: what is put in is never read again, so a visitor's
/// words cannot smuggle in a placeholder. A key nobody knows stays as it stands, for a test to find.
pub(super) fn fill<'a>(template: &'a str, mut value: impl FnMut(&'a str) -> Option<String>) -> String {
    let mut out = String::with_capacity(template.len() * 2);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("{{") {
        out.push_str(before);
        let Some((key, tail)) = after.split_once("}}") else {
            out.push_str("{{");
            rest = after;
            continue;
        };
        match value(key) {
            Some(text) => out.push_str(&text),
            None => out.extend(["{{", key, "}}"]),
        }
        rest = tail;
    }
    out.push_str(rest);
    out
}

/// Makes text safe in HTML, in content and in quoted attributes.
pub(super) fn escape(text: &str) -> Cow<'_, str> {
    if !text.contains(['&', '<', '>', '"', '\'']) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// The value of a cookie in all Cookie lines of a request; the first one counts, as in most servers.
pub(super) fn cookie<'a>(headers: &'a http::HeaderMap, name: &str) -> Option<&'a str> {
    let lines = headers.get_all(http::header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(';')).find_map(|pair| {
        let (key, value) = pair.trim().split_once('=')?;
        (key == name).then_some(value)
    })
}

/// A header as text: empty when absent, several lines joined as cookies are.
pub(super) fn line(headers: &http::HeaderMap, name: http::HeaderName) -> String {
    let lines: Vec<_> = headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes())).collect();
    lines.join("; ")
}

/// A parameter of a query.
pub(super) fn query(uri: &http::Uri, name: &str) -> Option<String> {
    let mut pairs = url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
    pairs.find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

/// At most so many characters, without cutting one.
pub(super) fn short(text: &str, most: usize) -> String {
    text.chars().take(most).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filling_is_one_pass_and_leaves_the_unknown() {
        let filled = fill("a {{x}} {{y}} {{ open", |key| (key == "x").then(|| "{{y}}".to_owned()));
        assert_eq!(filled, "a {{y}} {{y}} {{ open");
        assert_eq!(fill("{{x", |_| Some(String::new())), "{{x");
    }

    #[test]
    fn escaping_leaves_no_way_out_of_an_attribute() {
        assert_eq!(escape(r#"<a b="c" d='e'>&"#), "&lt;a b=&quot;c&quot; d=&#39;e&#39;&gt;&amp;");
        assert!(matches!(escape("plain, é"), Cow::Borrowed(_)));
    }

    #[test]
    fn cookies_match_whole_names() {
        let mut headers = http::HeaderMap::new();
        headers.append("cookie", "xtheme=no; theme=dark".parse().unwrap());
        headers.append("cookie", "session=s".parse().unwrap());
        assert_eq!(cookie(&headers, "theme"), Some("dark"));
        assert_eq!(cookie(&headers, "session"), Some("s"));
        assert_eq!(cookie(&headers, "heme"), None);
        assert_eq!(line(&headers, http::header::COOKIE), "xtheme=no; theme=dark; session=s");
    }

    #[test]
    fn short_text_keeps_whole_characters() {
        assert_eq!(short("éàü", 2), "éà");
    }
}
