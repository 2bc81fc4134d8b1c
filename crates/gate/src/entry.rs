//! How something of ours gets into a page under the site's own Content-Security-Policy, which is never
//! edited: inline where it may, with the page's nonce where there is one, else as a file of the site's own.

use http::header::{CONTENT_SECURITY_POLICY, HeaderMap};

/// The directives that decide about a style, the closest first (CSP3 §6.8.3).
const STYLE: &[&str] = &["style-src-elem", "style-src", "default-src"];
/// The directives that decide about a script.
const SCRIPT: &[&str] = &["script-src-elem", "script-src", "default-src"];

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
        Self::of(headers, STYLE)
    }

    /// The way in for a script.
    pub fn script(headers: &HeaderMap) -> Self {
        Self::of(headers, SCRIPT)
    }

    /// What all policies allow: each may be several, separated by commas (CSP3 §2.2.2).
    fn of(headers: &HeaderMap, directives: &[&str]) -> Self {
        let values = headers.get_all(CONTENT_SECURITY_POLICY).iter();
        values.fold(Self::Plain, |entry, value| entry.under(&String::from_utf8_lossy(value.as_bytes()), directives))
    }

    /// This way in for a style, where the page itself sets these policies too (HTML §4.2.5.3).
    #[must_use]
    pub fn style_under(self, policies: &str) -> Self {
        self.under(policies, STYLE)
    }

    /// This way in for a script, where the page itself sets these policies too.
    #[must_use]
    pub fn script_under(self, policies: &str) -> Self {
        self.under(policies, SCRIPT)
    }

    /// Whether these policies let a script in as a file of the site's own too, where it has this way in. An answer of
    /// no costs bytes and nothing else, so hosts that may happen to be the site's own are not looked at.
    pub fn loads(&self, policies: &str) -> bool {
        policies.split(',').all(|policy| {
            let Some(sources) = Self::sources(policy, SCRIPT) else {
                return true;
            };
            let has = |source: &str| sources.iter().any(|one| one.eq_ignore_ascii_case(source));
            match self {
                Self::Nonce(nonce) if sources.contains(&format!("'nonce-{nonce}'").as_str()) => true,
                _ => !has("'strict-dynamic'") && (has("'self'") || has("*")),
            }
        })
    }

    /// The same for an answer's head.
    pub fn loads_in(&self, headers: &HeaderMap) -> bool {
        let mut values = headers.get_all(CONTENT_SECURITY_POLICY).iter();
        values.all(|value| self.loads(&String::from_utf8_lossy(value.as_bytes())))
    }

    /// The sources of the directive that decides, if there is one.
    fn sources<'p>(policy: &'p str, directives: &[&str]) -> Option<Vec<&'p str>> {
        directives.iter().find_map(|wanted| {
            policy.split(';').map(str::split_ascii_whitespace).find_map(|mut parts| {
                parts.next().filter(|name| name.eq_ignore_ascii_case(wanted)).map(|_| parts.collect::<Vec<_>>())
            })
        })
    }

    fn under(self, policies: &str, directives: &[&str]) -> Self {
        policies.split(',').fold(self, |entry, policy| match (Self::one(policy, directives), entry) {
            (Self::Plain, entry) => entry,
            (found, Self::Plain) => found,
            (Self::Nonce(found), Self::Nonce(known)) if found == known => Self::Nonce(known),
            _ => Self::File,
        })
    }

    fn one(policy: &str, directives: &[&str]) -> Self {
        let Some(sources) = Self::sources(policy, directives) else {
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
    fn a_file_needs_more_than_leave_to_be_inline() {
        for (policies, loads) in [
            (&[][..], true),
            (&["img-src 'none'"], true),
            (&["script-src 'self' 'unsafe-inline'"], true),
            (&["script-src 'unsafe-inline' cdn.test"], false),
            (&["default-src *; script-src 'unsafe-inline'"], false),
            (&["script-src * 'unsafe-inline'"], true),
            (&["script-src 'nonce-a'"], true),
            (&["script-src 'nonce-a' 'strict-dynamic'"], true),
            (&["script-src 'nonce-a', script-src 'unsafe-inline'"], false),
            (&["script-src 'nonce-a'", "script-src 'self' 'unsafe-inline'"], true),
        ] {
            let mut headers = HeaderMap::new();
            for policy in policies {
                headers.append(CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
            }
            let entry = Entry::script(&headers);
            assert_eq!(entry.loads_in(&headers), loads, "{policies:?}");
            assert_eq!(policies.iter().all(|policy| entry.loads(policy)), loads, "from the page: {policies:?}");
        }
    }

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
            let met = policies.iter().fold(Entry::Plain, |entry, policy| entry.script_under(policy));
            assert_eq!(met, script, "the same from the page itself: {policies:?}");
        }
    }
}
