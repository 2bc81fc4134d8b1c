//! Cookies in both directions: which of the visitor's reach the site, and which of the site's reach the visitor.
//! How one that may not stay is taken away is another room's.

use bandeau_consent::{Policy, Standing, Verdict};
use http::header::{COOKIE, HeaderMap, HeaderValue};
use std::collections::BTreeSet;

/// The cookies of one request.
#[derive(Debug, Clone, Default)]
pub struct Cookies {
    /// Values of the consent cookie, to be verified.
    pub consent: Vec<String>,
    // Name and the whole pair, as sent.
    pairs: Vec<(String, Vec<u8>)>,
    /// Pairs without a name, or that are not text: no declared service can have set them.
    pub malformed: u32,
}

impl Cookies {
    /// Reads all `Cookie` headers: HTTP/2 may split them (RFC 9113 §8.2.3).
    pub fn read(headers: &HeaderMap, consent: &str) -> Self {
        let mut cookies = Self::default();
        let pairs = headers.get_all(COOKIE).iter().flat_map(|value| value.as_bytes().split(|&byte| byte == b';'));
        for pair in pairs.map(<[u8]>::trim_ascii).filter(|pair| !pair.is_empty()) {
            let name = pair.iter().position(|&byte| byte == b'=').map(|at| pair[..at].trim_ascii());
            match name.map(std::str::from_utf8) {
                Some(Ok(name)) if name == consent => {
                    cookies.consent.push(String::from_utf8_lossy(&pair[name.len() + 1..]).trim().to_owned());
                }
                // A cookie of ours under its other name is nobody's.
                Some(Ok(name)) if !name.is_empty() && name.is_ascii() => {
                    cookies.pairs.push((name.to_owned(), pair.to_vec()));
                }
                _ => cookies.malformed += 1,
            }
        }
        cookies
    }

    /// Their names, in the order sent.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.pairs.iter().map(|(name, _)| name.as_str())
    }

    /// Writes what may pass into `headers`, in place of what came, and returns the names of what may not.
    pub fn pass(&self, headers: &mut HeaderMap, policy: &Policy, standing: Standing) -> BTreeSet<String> {
        headers.remove(COOKIE);
        let mut passed: Vec<u8> = Vec::new();
        let mut held = BTreeSet::new();
        for (name, pair) in &self.pairs {
            match policy.cookie(standing, name) {
                Verdict::Pass(_permit) => {
                    if !passed.is_empty() {
                        passed.extend(b"; ");
                    }
                    passed.extend(pair);
                }
                Verdict::Hold(_) | Verdict::Unknown => drop(held.insert(name.clone())),
            }
        }
        if !passed.is_empty()
            && let Ok(value) = HeaderValue::from_bytes(&passed)
        {
            headers.insert(COOKIE, value);
        }
        held
    }
}

/// The name a `Set-Cookie` value sets, as RFC 6265bis §5.6 reads it; none when a browser would ignore it or
/// take it for a cookie without a name.
pub(crate) fn set_name(value: &HeaderValue) -> Option<&str> {
    let pair = value.as_bytes().split(|&byte| byte == b';').next()?;
    let at = pair.iter().position(|&byte| byte == b'=')?;
    let name = std::str::from_utf8(pair[..at].trim_ascii()).ok()?;
    (!name.is_empty() && name.is_ascii()).then_some(name)
}
