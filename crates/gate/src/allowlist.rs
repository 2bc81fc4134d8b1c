//! The list of connections: `Connection-Allowlist` (WICG), made for one standing from parsed parts.
//!
//! It stops what a Content-Security-Policy does not: connections opened ahead, WebRTC, speculation rules and
//! navigations. Both are enforced, so hosts of ordinary links can stand here while the policy still refuses them
//! as parts of a page. A value that cannot be parsed fails closed in browsers, so none is ever pasted together.
//!
//! Of several lists in one answer browsers enforce the first alone (measured in Chromium 156), so a site's own
//! list is narrowed to what ours allows instead of getting a neighbour. It does not know pages or cookies.

use crate::lock;
use crate::means::{Connections, Means};
use bandeau_consent::{HostPattern, Policy, Standing};
use http::header::{HeaderMap, HeaderName, HeaderValue};
use sfv::{BareItem, InnerList, Item, KeyRef, List, ListEntry, ListSerializer, Parser, StringRef, TokenRef};
use std::collections::BTreeSet;
use url::Url;

const ENFORCED: HeaderName = HeaderName::from_static("connection-allowlist");
const REPORTED: HeaderName = HeaderName::from_static("connection-allowlist-report-only");

/// What one page may reach.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Reachable {
    // Invariant: host patterns, so that nothing in them can end a string or mean more in a URL pattern.
    patterns: BTreeSet<HostPattern>,
    /// Whether peers may be reached, whose addresses no list can name.
    webrtc: bool,
}

impl Reachable {
    /// What is reachable in a standing from pages of host `own` that link to the hosts `linked`.
    pub(crate) fn new(
        policy: &Policy,
        standing: Standing,
        own: &str,
        linked: impl Iterator<Item = HostPattern>,
    ) -> Self {
        let patterns = lock::open(policy, standing).cloned().chain(HostPattern::new(own)).chain(linked).collect();
        Self { patterns, webrtc: policy.open_services(standing).any(|(service, _permit)| service.webrtc) }
    }

    /// This host alone.
    pub(crate) fn only(host: &HostPattern) -> Self {
        Self { patterns: [host.clone()].into(), webrtc: false }
    }

    /// These hosts alone, and peers or not.
    pub(crate) fn of(hosts: Vec<HostPattern>, webrtc: bool) -> Self {
        Self { patterns: hosts.into_iter().collect(), webrtc }
    }

    /// The hosts a visitor may go to from the page, as our script reads them: a name, or `*.` and a name.
    pub(crate) fn hosts(&self) -> Vec<String> {
        self.patterns.iter().filter(|pattern| pattern.path().is_empty()).map(ToString::to_string).collect()
    }

    /// Writes the list; nothing where it cannot be written, which no pattern leads to.
    fn write(&self) -> Option<String> {
        let mut list = ListSerializer::new();
        let mut inner = list.inner_list();
        inner.bare_item(TokenRef::from_str("response-origin").ok()?);
        for pattern in &self.patterns {
            inner.bare_item(StringRef::from_str(&spell(pattern)).ok()?);
        }
        // Redirects are blocked altogether unless this is said; parts of the page stay under the policy's list on
        // every hop, and pages that lead on are judged by their own head.
        let inner = inner.finish().parameter(KeyRef::from_str("redirects").ok()?, TokenRef::from_str("allow").ok()?);
        if self.webrtc {
            inner.parameter(KeyRef::from_str("webrtc").ok()?, TokenRef::from_str("allow").ok()?);
        }
        list.finish()
    }

    /// What remains of a site's own list: the part of it that ours allows too.
    fn narrow(&self, own: &[HeaderValue]) -> Option<String> {
        let text = own.iter().map(|value| value.to_str().ok()).collect::<Option<Vec<_>>>()?.join(", ");
        let list: List = Parser::new(&text).parse().ok()?;
        let ListEntry::InnerList(InnerList { items, mut params }) = list.into_iter().next()? else {
            return None;
        };
        let kept: Vec<Item> = items.into_iter().filter(|item| self.covers(&item.bare_item)).collect();
        if !self.webrtc {
            params.shift_remove(KeyRef::from_str("webrtc").ok()?);
        }
        let mut out = ListSerializer::new();
        out.members(&[ListEntry::InnerList(InnerList::with_params(kept, params))]);
        out.finish()
    }

    fn covers(&self, item: &BareItem) -> bool {
        match item {
            BareItem::Token(token) => token.as_str() == "response-origin",
            BareItem::String(pattern) => host_of(pattern.as_str())
                .is_some_and(|host| self.patterns.iter().any(|known| known.path().is_empty() && covers(known, &host))),
            _ => false,
        }
    }
}

/// Whether one pattern stands for all that another does.
fn covers(known: &HostPattern, other: &HostPattern) -> bool {
    if other.below() {
        known.below() && (known.host() == other.host() || known.matches(other.host()))
    } else {
        known.matches(other.host())
    }
}

/// The host of a URL pattern of a site's, where it is a plain name or all below one.
fn host_of(pattern: &str) -> Option<HostPattern> {
    let (scheme, rest) = pattern.split_once("://")?;
    let plain = matches!(scheme, "*" | "http" | "https" | "ws" | "wss");
    let authority = rest.split('/').next().filter(|_| plain)?;
    let host = authority.rsplit_once(':').map_or(authority, |(host, _)| host);
    HostPattern::new(host).ok()
}

/// A host pattern as a URL pattern (URL Pattern Standard §1.3): any scheme, any port.
fn spell(pattern: &HostPattern) -> String {
    let mut path = String::new();
    for c in pattern.path().chars() {
        // What means something in a pattern is escaped; what is not plain cannot be in the path of a parsed URL.
        if matches!(c, '*' | '?' | '+' | ':' | '(' | ')' | '{' | '}' | '\\') {
            path.push('\\');
        }
        if c.is_ascii_graphic() && c != '"' {
            path.push(c);
        } else {
            path.push('*');
        }
    }
    let path = if path.is_empty() { "/" } else { &path };
    format!("*://{}{}:*{path}*", if pattern.below() { "*." } else { "" }, pattern.host())
}

/// Puts the list on a head, but where strangers pass.
pub(crate) fn put(headers: &mut HeaderMap, reachable: &Reachable, strangers: bool, means: &Means) {
    // A list cannot say "everyone but these", no more than the lock can.
    if strangers {
        return;
    }
    let name = match means.connections {
        Connections::Off => return,
        Connections::On => ENFORCED,
        Connections::Report => REPORTED,
    };
    let own: Vec<HeaderValue> = headers.get_all(&name).iter().cloned().collect();
    let text = if own.is_empty() { reachable.write() } else { reachable.narrow(&own) };
    // What the site sent and cannot be read is closed in browsers, and stays so.
    let value = text.and_then(|text| HeaderValue::from_str(&text).ok()).unwrap_or(HeaderValue::from_static("()"));
    headers.insert(name, value);
}

/// The host of an address that a visitor may go to, as a pattern.
pub(crate) fn linked(url: &Url) -> Option<HostPattern> {
    HostPattern::new(url.host_str()?.trim_end_matches('.')).ok().filter(|_| matches!(url.scheme(), "http" | "https"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reachable(hosts: &[&str]) -> Reachable {
        Reachable { patterns: hosts.iter().map(|host| HostPattern::new(host).unwrap()).collect(), webrtc: false }
    }

    #[test]
    fn a_list_is_spelt_as_browsers_read_it() {
        let list = reachable(&["news.test", "*.news.test", "maps.test/a*b/"]).write().unwrap();
        assert_eq!(
            list,
            r#"(response-origin "*://maps.test:*/a\\*b/*" "*://news.test:*/*" "*://*.news.test:*/*");redirects=allow"#
        );
        let parsed: List = Parser::new(&list).parse().unwrap();
        assert_eq!(parsed.len(), 1);
    }

    #[test]
    fn a_list_of_the_sites_is_narrowed_and_never_widened() {
        let ours = reachable(&["news.test", "*.cdn.test"]);
        for (own, kept) in [
            (
                r#"(response-origin "https://news.test/*" "https://ads.test")"#,
                r#"(response-origin "https://news.test/*")"#,
            ),
            (
                r#"("https://a.cdn.test" "https://*.cdn.test:*/x" "https://cdn.test");redirects=allow;webrtc=allow"#,
                r#"("https://a.cdn.test" "https://*.cdn.test:*/x");redirects=allow"#,
            ),
            (r#"("https://*.test/" "(.*)" 5 "https://([a-z]+).test")"#, "()"),
            (r#"(response-origin), (response-origin "https://ads.test")"#, "(response-origin)"),
            ("(broken", "()"),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(ENFORCED, HeaderValue::from_str(own).unwrap());
            let values: Vec<HeaderValue> = headers.get_all(ENFORCED).iter().cloned().collect();
            assert_eq!(ours.narrow(&values).unwrap_or("()".into()), kept, "{own}");
        }
    }
}
