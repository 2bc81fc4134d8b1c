//! Strangers: third parties and names that nobody declared, as one request and its answer show them. Noted only where
//! the policy is being learnt; of addresses a host and a path, of cookies a name, never a value or a query.
//!
//! It judges nothing, keeps nothing beyond the request, and does not know who looks at it.

use crate::{Plan, cookie};
use bandeau_consent::{Policy, Unknown};
use http::header::{CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY_REPORT_ONLY, HeaderMap, SET_COOKIE};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use url::Url;

/// So many hosts of one page are noted.
const HOSTS: usize = 128;
/// So many names of one request are noted.
const NAMES: usize = 64;

/// Undeclared hosts that one page names where a browser would load something, each with the first path seen.
#[derive(Debug, Clone, Default)]
pub struct Strangers(Option<Arc<Mutex<BTreeMap<String, String>>>>);

impl Strangers {
    /// For a policy: where nothing is learnt, nothing is noted.
    pub(crate) fn of(policy: &Policy) -> Self {
        Self((policy.draft().unknown == Unknown::Learn).then(Arc::default))
    }

    /// Notes an address, if it is a stranger's.
    pub(crate) fn note(&self, policy: &Policy, url: &Url, own: &str) {
        let (Some(seen), Some(host)) = (&self.0, url.host_str()) else {
            return;
        };
        let host = host.trim_end_matches('.');
        if policy.first_party(host, own) || policy.declares_host(host) {
            return;
        }
        let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.len() < HOSTS || seen.contains_key(host) {
            seen.entry(host.to_owned()).or_insert_with(|| url.path().to_owned());
        }
    }

    /// What was noted until now: hosts, each with a path.
    pub fn seen(&self) -> Vec<(String, String)> {
        let Some(seen) = &self.0 else {
            return Vec::new();
        };
        seen.lock().unwrap_or_else(PoisonError::into_inner).clone().into_iter().collect()
    }
}

impl Plan {
    /// Names of cookies that came with the request and that no service declares; empty where nothing is learnt.
    pub fn strange_cookies(&self) -> BTreeSet<String> {
        if self.policy.draft().unknown != Unknown::Learn {
            return BTreeSet::new();
        }
        let names = self.cookies().names().filter(|name| !self.policy.declares_cookie(name));
        names.take(NAMES).map(str::to_owned).collect()
    }

    /// Names of cookies that an answer of the site's sets and that no service declares.
    pub fn strange_set(&self, headers: &HeaderMap) -> BTreeSet<String> {
        if self.policy.draft().unknown != Unknown::Learn {
            return BTreeSet::new();
        }
        let names = headers.get_all(SET_COOKIE).iter().filter_map(cookie::set_name);
        names.filter(|name| !self.policy.declares_cookie(name)).take(NAMES).map(str::to_owned).collect()
    }

    /// Undeclared hosts that the site's own Content-Security-Policy lets in (CSP3 §2.3.1). What it says of hosts below
    /// one is taken to be of that one.
    pub fn strange_sources(&self, headers: &HeaderMap) -> BTreeSet<String> {
        if self.policy.draft().unknown != Unknown::Learn {
            return BTreeSet::new();
        }
        let names = [CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY_REPORT_ONLY];
        let values = names.iter().flat_map(|name| headers.get_all(name)).filter_map(|value| value.to_str().ok());
        let sources = values.flat_map(|value| value.split([';', ',', ' ', '\t'])).filter_map(source);
        let strange = |host: &String| !self.policy.first_party(host, self.host()) && !self.policy.declares_host(host);
        sources.filter(strange).take(NAMES).collect()
    }
}

/// The host of a source expression, where it is one: with a dot, and neither a keyword, a scheme nor a directive.
fn source(word: &str) -> Option<String> {
    let rest = word.split_once("://").map_or(word, |(_, rest)| rest);
    let authority = rest.split('/').next().unwrap_or_default();
    let host = authority.rsplit_once(':').map_or(authority, |(host, _)| host).trim_start_matches("*.");
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-');
    let good = host.contains('.') && host.bytes().all(plain) && !host.starts_with('.') && !host.ends_with('.');
    good.then(|| host.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_of_a_policy_are_hosts() {
        for (word, host) in [
            ("https://cdn.test", Some("cdn.test")),
            ("*.Ads.test:443", Some("ads.test")),
            ("wss://live.test/a/b", Some("live.test")),
            ("'self'", None),
            ("'nonce-a.b'", None),
            ("data:", None),
            ("script-src", None),
            ("*", None),
            ("'sha256-a.b='", None),
        ] {
            assert_eq!(source(word).as_deref(), host, "{word}");
        }
    }
}
