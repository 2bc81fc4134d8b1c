//! The configuration as it may be kept and shown: without passwords, and without what belongs to one node alone, so that
//! the nodes of a cluster have the same text. Everything else stays as the operator wrote it.

use std::ops::Range;
use toml::de::{DeTable, DeValue};

/// What belongs to one node: where it listens, and its own files.
const OWN: [&[&str]; 6] =
    [&["listen"], &["admin", "listen"], &["book", "key"], &["book", "local"], &["tls", "cert"], &["tls", "key"]];

/// What stands for a password.
const HIDDEN: &str = "REDACTED";

/// The text with `"NODE"` for every value of a node's own and `REDACTED` for every password.
pub(crate) fn redact(text: &str) -> String {
    let (root, _) = DeTable::parse_recoverable(text);
    let mut spans: Vec<Range<usize>> = OWN.iter().filter_map(|path| span(root.get_ref(), path)).collect();
    spans.sort_by_key(|span| std::cmp::Reverse(span.start));
    let mut text = text.to_owned();
    for span in spans {
        text.replace_range(span, "\"NODE\"");
    }
    conceal(&text)
}

fn span(table: &DeTable<'_>, path: &[&str]) -> Option<Range<usize>> {
    let (name, rest) = path.split_first()?;
    let (_, value) = table.iter().find(|(key, _)| key.get_ref() == name)?;
    match (value.get_ref(), rest) {
        (_, []) => Some(value.span()),
        (DeValue::Table(inner), rest) => span(inner, rest),
        _ => None,
    }
}

/// Passwords of addresses (RFC 3986 §3.2.1) and of connection strings, comments included.
fn conceal(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let line = addresses(line);
        out.push_str(&parameters(&line));
    }
    out
}

/// `scheme://user:password@`: up to the last `@` before the path, since a password may hold one.
fn addresses(line: &str) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some(at) = rest.find("://") {
        let (before, after) = rest.split_at(at + 3);
        out.push_str(before);
        let end = after.find(|letter: char| matches!(letter, '/' | '?' | '"' | '\'') || letter.is_whitespace());
        let (authority, left) = after.split_at(end.unwrap_or(after.len()));
        match authority.rsplit_once('@').and_then(|(who, host)| Some((who.split_once(':')?.0, host))) {
            Some((user, host)) => out.push_str(&format!("{user}:{HIDDEN}@{host}")),
            None => out.push_str(authority),
        }
        rest = left;
    }
    out + rest
}

/// `password=…`, as a parameter or a keyword.
fn parameters(line: &str) -> String {
    const NAME: &str = "password=";
    let mut out = String::new();
    let mut rest = line;
    while let Some(at) = rest.to_ascii_lowercase().find(NAME) {
        let (before, after) = rest.split_at(at + NAME.len());
        out.push_str(before);
        out.push_str(HIDDEN);
        let end = after.find(|letter: char| matches!(letter, '&' | '"' | '\'') || letter.is_whitespace());
        rest = &after[end.unwrap_or(after.len())..];
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_a_nodes_own_and_what_is_secret_is_not_told() {
        let text = r#"listen = ["127.0.0.1:1", "127.0.0.1:2"] # here
upstream = "http://127.0.0.1:8081"
# store = "postgres://me:old@db/book"
[book]
store = "postgres://me:p@ss:w@db.test:5432/book?sslmode=require&password=more&a=b"
key = "/etc/é.key"
local = "one"
keep = "180d"
[admin]
listen = "127.0.0.1:9"
[site]
privacy = "https://x.test/a@b"
"#;
        assert_eq!(
            redact(text),
            r#"listen = "NODE" # here
upstream = "http://127.0.0.1:8081"
# store = "postgres://me:REDACTED@db/book"
[book]
store = "postgres://me:REDACTED@db.test:5432/book?sslmode=require&password=REDACTED&a=b"
key = "NODE"
local = "NODE"
keep = "180d"
[admin]
listen = "NODE"
[site]
privacy = "https://x.test/a@b"
"#
        );
        assert_eq!(redact("store = \"host=db password=x user=y\""), "store = \"host=db password=REDACTED user=y\"");
        assert_eq!(redact("not [ toml ://a:b@c"), "not [ toml ://a:REDACTED@c");
    }
}
