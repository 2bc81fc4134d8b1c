//! How something of ours gets into a page under the site's own Content-Security-Policy, which is never
//! edited: inline where it may, with the page's nonce where there is one, else as a file of the site's own.

use http::header::{CONTENT_SECURITY_POLICY, HeaderMap};

/// A way in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// Inline.
    Plain,
    /// Inline, with this nonce.
    Nonce(String),
    /// As a file.
    File,
}

impl Entry {
    /// The way in for a style.
    pub fn style(headers: &HeaderMap) -> Self {
        Self::of(headers, &["style-src-elem", "style-src", "default-src"])
    }

    /// The way in for a script.
    pub fn script(headers: &HeaderMap) -> Self {
        Self::of(headers, &["script-src-elem", "script-src", "default-src"])
    }

    /// What all policies allow: each may be several, separated by commas (CSP3 §2.2.2).
    fn of(headers: &HeaderMap, directives: &[&str]) -> Self {
        let mut entry = Self::Plain;
        for value in headers.get_all(CONTENT_SECURITY_POLICY) {
            let text = String::from_utf8_lossy(value.as_bytes()).into_owned();
            for policy in text.split(',') {
                match (Self::one(policy, directives), &entry) {
                    (Self::Plain, _) => {}
                    (found, Self::Plain) => entry = found,
                    (Self::Nonce(found), Self::Nonce(known)) if found == *known => {}
                    _ => entry = Self::File,
                }
            }
        }
        entry
    }

    fn one(policy: &str, directives: &[&str]) -> Self {
        let sources = directives.iter().find_map(|wanted| {
            policy.split(';').map(str::split_ascii_whitespace).find_map(|mut parts| {
                parts.next().filter(|name| name.eq_ignore_ascii_case(wanted)).map(|_| parts.collect::<Vec<_>>())
            })
        });
        let Some(sources) = sources else {
            return Self::Plain;
        };
        let starts = |start: &str| {
            sources.iter().find_map(|source| source.strip_prefix(start).and_then(|rest| rest.strip_suffix('\'')))
        };
        if let Some(nonce) = starts("'nonce-") {
            return Self::Nonce(nonce.to_owned());
        }
        let hashed = ["'sha256-", "'sha384-", "'sha512-"].iter().any(|start| starts(start).is_some());
        let free = sources.iter().any(|source| source.eq_ignore_ascii_case("'unsafe-inline'"));
        // A hash or strict-dynamic switches 'unsafe-inline' off (CSP3 §6.7.3.2).
        let strict = sources.iter().any(|source| source.eq_ignore_ascii_case("'strict-dynamic'"));
        if free && !hashed && !strict { Self::Plain } else { Self::File }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    #[test]
    fn the_way_in_is_what_every_policy_allows() {
        for (policies, script) in [
            (&[][..], Entry::Plain),
            (&["img-src *"], Entry::Plain),
            (&["script-src 'self' 'unsafe-inline'"], Entry::Plain),
            (&["default-src 'self'"], Entry::File),
            (&["default-src 'none'; script-src 'nonce-abc' 'strict-dynamic'"], Entry::Nonce("abc".into())),
            (&["script-src 'unsafe-inline' 'sha256-x='"], Entry::File),
            (&["script-src 'nonce-a', script-src 'nonce-b'"], Entry::File),
            (&["script-src 'nonce-a'", "default-src 'self'"], Entry::File),
            (&["SCRIPT-SRC-ELEM 'nonce-a'; script-src 'none'"], Entry::Nonce("a".into())),
        ] {
            let mut headers = HeaderMap::new();
            for policy in policies {
                headers.append(CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
            }
            assert_eq!(Entry::script(&headers), script, "{policies:?}");
        }
    }
}
