//! Patterns: how hosts, names and routes are written in a policy, and what each matches.

use std::fmt;

/// A pattern that cannot be used: what was read, and what would be accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{read:?} {why}")]
pub struct BadPattern {
    /// What was read.
    pub read: String,
    /// Why it cannot be used, and what would be accepted.
    pub why: &'static str,
}

fn bad(read: &str, why: &'static str) -> BadPattern {
    BadPattern { read: read.to_owned(), why }
}

/// A host, or all hosts below one, and optionally a path prefix on it.
///
/// `social.test` is that host alone, `*.social.test` every host below it and not itself (as in CSP3
/// §6.7.2.8), `maps.test/embed/` only paths that begin so.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HostPattern {
    // Invariant: `host` is lower-case ASCII as the URL standard's host parser writes it.
    host: String,
    below: bool,
    path: String,
}

impl HostPattern {
    /// Reads a host pattern.
    ///
    /// # Errors
    /// When the host is not one the URL standard accepts, names a port or a scheme, or when `*.` stands
    /// before a public suffix, which would declare hosts of other people.
    pub fn new(read: &str) -> Result<Self, BadPattern> {
        let (authority, path) = match read.find('/') {
            Some(at) => read.split_at(at),
            None => (read, ""),
        };
        if read.contains("://") || authority.contains([':', '@', '?', '#', '[']) {
            return Err(bad(read, "is not a host: expected a name without scheme and port, such as social.test"));
        }
        let (below, name) = match authority.strip_prefix("*.") {
            Some(name) => (true, name),
            None => (false, authority),
        };
        if name.contains('*') {
            return Err(bad(read, "has a * elsewhere than in front: expected *.social.test"));
        }
        let host = match url::Host::parse(name) {
            Ok(url::Host::Domain(host)) => host,
            Ok(host) if !below => host.to_string(),
            _ => return Err(bad(read, "is not a host: expected a name such as social.test or *.social.test")),
        };
        // A name with a dot at its end is the same name; hosts are judged without.
        let host = host.strip_suffix('.').map_or(host.clone(), str::to_owned);
        if host.split('.').any(str::is_empty) {
            return Err(bad(read, "is not a host: expected a name such as social.test or *.social.test"));
        }
        // What was percent-encoded is decoded now: a `*` that comes out of it would be a wildcard in the lock.
        if !host.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_')) {
            return Err(bad(read, "is not a host: expected letters, digits, dots and hyphens"));
        }
        if below && suffix(&host) {
            return Err(bad(read, "covers a whole public suffix: expected a registrable domain after *."));
        }
        Ok(Self { host, below, path: path.to_owned() })
    }

    /// The host, without `*.`.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Whether it stands for the hosts below [`HostPattern::host`] instead of that host.
    pub fn below(&self) -> bool {
        self.below
    }

    /// The path prefix; empty for all paths.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Whether a host, lower-case and without trailing dot, is meant (paths aside).
    pub fn matches(&self, host: &str) -> bool {
        if self.below {
            host.strip_suffix(&self.host).is_some_and(|front| front.len() > 1 && front.ends_with('.'))
        } else {
            host == self.host
        }
    }

    /// Whether a host, lower-case and without trailing dot, has the same registrable domain: whoever has the one
    /// may have the other.
    pub fn akin(&self, host: &str) -> bool {
        let numbers = host.parse::<std::net::IpAddr>().is_ok();
        let domain = |host| psl::domain(str::as_bytes(host)).map(|domain| domain.as_bytes().to_vec());
        !numbers && domain(host).is_some_and(|found| domain(&self.host) == Some(found))
    }

    /// Whether every host that `other` means is meant here too (paths aside).
    pub fn covers(&self, other: &Self) -> bool {
        match (self.below, other.below) {
            (_, false) => self.matches(&other.host),
            (true, true) => self.host == other.host || self.matches(&other.host),
            (false, true) => false,
        }
    }
}

fn suffix(host: &str) -> bool {
    // A suffix the list knows; an unlisted single label (`localhost`, `test`) is one by its last rule.
    psl::suffix(host.as_bytes()).is_some_and(|suffix| suffix.as_bytes().len() == host.len())
}

impl fmt::Display for HostPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}{}", if self.below { "*." } else { "" }, self.host, self.path)
    }
}

/// The name of a cookie or storage key, with `*` for any run of characters. Case counts, as in
/// RFC 6265bis §5.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NamePattern(String);

impl NamePattern {
    /// Reads a name pattern.
    ///
    /// # Errors
    /// When it is empty, longer than 128 bytes, has control characters, `;` or white space, or is `*` alone,
    /// which would declare every name.
    pub fn new(read: &str) -> Result<Self, BadPattern> {
        if read.is_empty() || read.len() > 128 || read.chars().any(|c| c.is_control() || c.is_whitespace() || c == ';')
        {
            return Err(bad(
                read,
                "is not a name: expected 1 to 128 characters without spaces, such as _ga or forum_*",
            ));
        }
        if read.bytes().all(|b| b == b'*') {
            return Err(bad(read, "would declare every name: expected at least one letter beside *"));
        }
        Ok(Self(read.to_owned()))
    }

    /// As written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a whole name is meant.
    pub fn matches(&self, name: &str) -> bool {
        glob(&self.0, name)
    }

    /// How many characters are not `*`: the more, the closer the match.
    pub(crate) fn closeness(&self) -> usize {
        self.0.bytes().filter(|&b| b != b'*').count() + usize::from(!self.0.contains('*')) * 1024
    }
}

/// `*` stands for any run of characters, everything else for itself. Linear in both lengths times the
/// number of stars: it only ever goes back to the last star.
fn glob(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    let (mut p, mut t, mut back) = (0, 0, None);
    while t < text.len() {
        match pattern.get(p) {
            Some(b'*') => {
                back = Some((p, t));
                p += 1;
            }
            Some(&byte) if byte == text[t] => {
                p += 1;
                t += 1;
            }
            _ => match back {
                Some((star, from)) => {
                    back = Some((star, from + 1));
                    p = star + 1;
                    t = from + 1;
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|&byte| byte == b'*')
}

/// A method and path of the site, such as `POST /comments` or `GET /comments/*`; without a method,
/// every method. After `?`, parameters that must be present: `GET /?uri=*`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RoutePattern {
    method: Option<String>,
    path: String,
    // Invariant: `path` in lower case, made once: routes are matched for every address of every page.
    folded: String,
    query: Vec<(String, String)>,
}

impl RoutePattern {
    /// Reads a route.
    ///
    /// # Errors
    /// When there is no path beginning with `/`, or the method is not upper-case letters.
    pub fn new(read: &str) -> Result<Self, BadPattern> {
        let (method, target) = match read.trim().split_once(' ') {
            Some((method, target)) => (Some(method), target.trim()),
            None => (None, read.trim()),
        };
        if method.is_some_and(|method| method.is_empty() || !method.bytes().all(|b| b.is_ascii_uppercase())) {
            return Err(bad(read, "does not begin with a method: expected GET /path, POST /path or /path"));
        }
        if !target.starts_with('/') || target.contains([' ', '#']) {
            return Err(bad(read, "has no path: expected GET /path, POST /path or /path"));
        }
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let query = query
            .split('&')
            .filter(|part| !part.is_empty())
            .map(|part| part.split_once('=').unwrap_or((part, "*")))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        let path = normal(path);
        Ok(Self { method: method.map(str::to_owned), folded: path.to_ascii_lowercase(), path, query })
    }

    /// Whether a request is meant. `GET` means `HEAD` too. The path is compared as an origin server may
    /// understand it: decoded, without empty or dot segments, and in any case of letters.
    pub fn matches(&self, method: &str, path: &str, query: &str) -> bool {
        let method_fits = self.method.as_deref().is_none_or(|own| own == method || (own == "GET" && method == "HEAD"));
        method_fits
            && glob(&self.folded, &normal(path).to_ascii_lowercase())
            && self.query.iter().all(|(name, value)| {
                url::form_urlencoded::parse(query.as_bytes()).any(|(key, read)| key == *name && glob(value, &read))
            })
    }
}

impl fmt::Display for RoutePattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(method) = &self.method {
            write!(f, "{method} ")?;
        }
        f.write_str(&self.path)?;
        for (at, (name, value)) in self.query.iter().enumerate() {
            write!(f, "{}{name}={value}", if at == 0 { '?' } else { '&' })?;
        }
        Ok(())
    }
}

/// A path as an origin server may understand it: percent-decoded (twice, as some do), backslashes as
/// slashes, without matrix parameters, empty and dot segments.
fn normal(path: &str) -> String {
    let decoded = decode(&decode(path)).replace('\\', "/");
    let mut segments: Vec<&str> = Vec::new();
    for segment in decoded.split('/') {
        match segment.split(';').next().unwrap_or_default() {
            "" | "." => {}
            ".." => drop(segments.pop()),
            segment => segments.push(segment),
        }
    }
    let slash = if decoded.ends_with('/') && !segments.is_empty() { "/" } else { "" };
    format!("/{}{slash}", segments.join("/"))
}

fn decode(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let pair = bytes.get(at + 1..at + 3).and_then(|hex| std::str::from_utf8(hex).ok());
        match (bytes[at], pair.and_then(|hex| u8::from_str_radix(hex, 16).ok())) {
            (b'%', Some(byte)) => {
                out.push(byte);
                at += 3;
            }
            (byte, _) => {
                out.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn hosts_match_by_label() {
        let below = HostPattern::new("*.Social.Test").unwrap();
        assert!(below.matches("cdn.social.test") && below.matches("a.b.social.test"));
        assert!(!below.matches("social.test") && !below.matches("antisocial.test") && !below.matches(".social.test"));
        let exact = HostPattern::new("maps.test/embed/").unwrap();
        assert_eq!((exact.host(), exact.path()), ("maps.test", "/embed/"));
        assert_eq!(HostPattern::new("bücher.example").unwrap().host(), "xn--bcher-kva.example");
        assert_eq!(HostPattern::new("maps.test.").unwrap().host(), "maps.test");
        assert!(HostPattern::new("maps.test..").is_err() && HostPattern::new(".").is_err());
        assert!(HostPattern::new(".social.test").is_err(), "a host with a dot in front never comes by");
    }

    #[test]
    fn kin_and_covers_go_by_whole_labels() {
        let pattern = |read| HostPattern::new(read).unwrap();
        assert!(pattern("*.vimeocdn.com").akin("a.b.vimeocdn.com") && pattern("vimeo.com").akin("x.vimeo.com"));
        assert!(!pattern("vimeo.com").akin("notvimeo.com") && !pattern("a.co.uk").akin("b.co.uk"));
        assert!(!pattern("a.github.io").akin("b.github.io") && !pattern("127.0.0.1").akin("10.0.0.1"));
        for (wide, narrow, covers) in [
            ("a.test.com", "a.test.com", true),
            ("*.test.com", "a.test.com", true),
            ("*.test.com", "*.test.com", true),
            ("*.test.com", "*.a.test.com", true),
            ("*.test.com", "test.com", false),
            ("*.a.test.com", "*.test.com", false),
            ("a.test.com", "*.test.com", false),
            ("a.test.com", "a.test.com/x/", true),
        ] {
            assert_eq!(pattern(wide).covers(&pattern(narrow)), covers, "{wide} {narrow}");
        }
    }

    #[test]
    fn hosts_that_say_too_much_or_nothing_are_refused() {
        for read in [
            "",
            "*",
            "*.",
            "*.co.uk",
            "*.github.io",
            "https://a.test",
            "a.test:80",
            "a.*.test",
            "*.test",
            "[::1]",
            "%2a",
            "%2a.test",
            "a%3bb.test",
        ] {
            assert!(HostPattern::new(read).is_err(), "{read}");
        }
        assert!(HostPattern::new("127.0.0.1").is_ok());
    }

    #[test]
    fn names_match_whole() {
        let name = NamePattern::new("forum_*").unwrap();
        assert!(name.matches("forum_") && name.matches("forum_id"));
        assert!(!name.matches("xforum_id") && !name.matches("Forum_id"));
        assert!(NamePattern::new("*_id*x").unwrap().matches("a_id_id_x"));
        assert!(NamePattern::new("**").is_err() && NamePattern::new("a b").is_err());
    }

    #[test]
    fn routes_match_as_servers_read_paths() {
        let route = RoutePattern::new("GET /comments/*").unwrap();
        for path in [
            "/comments/1",
            "//comments//1",
            "/%63omments/1",
            "/x/../comments/1",
            "/Comments/1",
            "/comments;x/1",
            "/%2563omments/1",
            "/comments\\1",
        ] {
            assert!(route.matches("GET", path, ""), "{path}");
        }
        assert!(route.matches("HEAD", "/comments/1", "") && !route.matches("POST", "/comments/1", ""));
        assert!(!route.matches("GET", "/comments", ""));
        let query = RoutePattern::new("GET /?uri=*").unwrap();
        assert!(query.matches("GET", "/", "a=1&uri=%2Fx") && !query.matches("GET", "/", "a=1"));
        assert!(RoutePattern::new("comments").is_err() && RoutePattern::new("get /x").is_err());
    }

    proptest! {
        #[test]
        fn a_glob_of_a_text_with_stars_put_in_matches_it(text in "[a-c]{0,12}", cuts in prop::collection::vec(0usize..13, 0..4)) {
            let mut pattern = text.clone();
            for cut in cuts {
                let at = cut.min(pattern.len());
                pattern.insert(at, '*');
            }
            prop_assert!(glob(&pattern, &text));
        }

        #[test]
        fn normal_paths_stay_as_they_are(path in "(/[a-z%.;\\\\]{0,6}){1,5}") {
            let once = normal(&path);
            prop_assert!(once.starts_with('/'));
            prop_assert!(!once.contains("//") && !once.contains("/../"));
        }
    }
}
