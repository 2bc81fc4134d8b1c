//! Variants: what a cache that many visitors share must tell apart, and for how long it may keep a page.
//!
//! Browsers are always told `private, no-cache`; a cache in front that asks which variant a visitor gets is told
//! more, in a field for caches of its kind (RFC 9213). This room does not know caches: it only never offers a page
//! in which something is one visitor's alone.

use crate::{Plan, cache};
use bandeau_consent::{Digest, Hasher};
use http::header::{AGE, AUTHORIZATION, CACHE_CONTROL, HeaderMap, HeaderName, HeaderValue, SET_COOKIE, VARY};
use http::{StatusCode, response};

/// The field that names a variant.
pub const VARIANT: HeaderName = HeaderName::from_static("bandeau-variant");
const TARGETED: HeaderName = HeaderName::from_static("cdn-cache-control");

/// The name of the variant a visitor gets of any page: the standing under this policy, what the page is for, how and
/// at which host it was asked for, and the `edition`, everything that is no visitor's. Nothing when the visitor holds
/// cookies that an answer must take away: that is for this visitor alone.
pub fn variant(plan: &Plan, edition: Digest) -> Option<HeaderValue> {
    let name = Hasher::new("bandeau variant v1")
        .field(plan.state())
        .field(format!("{:?}", plan.dest))
        .field(plan.page.origin().ascii_serialization())
        .field(edition.0)
        .finish()
        .to_string();
    (!plan.holds()).then(|| HeaderValue::from_str(&name[..20]).ok()).flatten()
}

/// What a site allows caches in front, read before its answer is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Offer {
    seconds: Option<u64>,
}

impl Offer {
    /// Reads the site's answer to a request, and takes out of it what only we say.
    pub fn of(head: &mut response::Parts, asked: &HeaderMap) -> Self {
        head.headers.remove(VARIANT);
        let whole = matches!(head.status, StatusCode::OK | StatusCode::NOT_MODIFIED);
        let own = head.headers.contains_key(SET_COOKIE) || asked.contains_key(AUTHORIZATION);
        Self { seconds: (whole && !own && plain(&head.headers)).then(|| lifetime(&head.headers)).flatten() }
    }

    /// Says it on an answer that was judged, for this variant. Nothing is said of an answer that sets or takes away
    /// a cookie, or that is the same for all and cacheable as it is.
    pub fn put(self, headers: &mut HeaderMap, variant: Option<HeaderValue>) {
        let marked = headers.get(CACHE_CONTROL).is_some_and(|value| value == cache::MARK);
        let Some(variant) = variant.filter(|_| marked && !headers.contains_key(SET_COOKIE)) else {
            return;
        };
        headers.insert(VARIANT, variant);
        if let Some(value) = self.seconds.and_then(|left| HeaderValue::from_str(&format!("max-age={left}")).ok()) {
            headers.insert(TARGETED, value);
        }
    }
}

/// Whether the site's answer depends on nothing that a variant does not name. Encodings of the content are ours.
fn plain(headers: &HeaderMap) -> bool {
    let values = headers.get_all(VARY).iter().map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
    values
        .flat_map(|value| value.split(',').map(|name| name.trim().to_ascii_lowercase()).collect::<Vec<_>>())
        .all(|name| matches!(name.as_str(), "" | "accept-encoding"))
}

/// For how many seconds a shared cache may still keep an answer, by the site's own word: its field for caches in
/// front (RFC 9213 §2.1), else `s-maxage`, else `max-age` of what is `public` (RFC 9111 §5.2.2). What is silent
/// is not shared.
fn lifetime(headers: &HeaderMap) -> Option<u64> {
    let targeted = directives(headers, TARGETED);
    let all = directives(headers, CACHE_CONTROL);
    let said = if targeted.is_empty() { &all } else { &targeted };
    let has = |name: &str| said.iter().any(|(known, _)| known == name);
    // Said twice and differently, the shorter counts.
    let number = |name: &str| said.iter().filter(|(known, _)| known == name).map(|(_, value)| value.unwrap_or(0)).min();
    if ["private", "no-store", "no-cache", "must-understand"].iter().any(|name| has(name)) {
        return None;
    }
    let open = !targeted.is_empty() || has("public");
    let seconds = number("s-maxage").or_else(|| number("max-age").filter(|_| open))?;
    let age = headers.get(AGE).and_then(|value| value.to_str().ok()?.trim().parse().ok()).unwrap_or(0);
    seconds.checked_sub(age).filter(|left| *left > 0)
}

/// The directives of a field, lower-case, each with the number it has, if it has one.
fn directives(headers: &HeaderMap, name: HeaderName) -> Vec<(String, Option<u64>)> {
    let values =
        headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes()).to_ascii_lowercase());
    let text = values.collect::<Vec<_>>().join(",");
    text.split(',')
        .map(|part| part.split_once('=').map_or((part, None), |(name, value)| (name, Some(value))))
        .map(|(name, value)| {
            (name.trim().to_owned(), value.and_then(|value| value.trim().trim_matches('"').parse().ok()))
        })
        .filter(|(name, _)| !name.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::Response;

    fn read(asked: &[(&'static str, &'static str)], answered: &[(&'static str, &'static str)]) -> Option<u64> {
        let fields = |pairs: &[(&'static str, &'static str)]| {
            let pairs =
                pairs.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
            let mut headers = HeaderMap::new();
            for (name, value) in pairs {
                headers.append(name, value);
            }
            headers
        };
        let (mut head, ()) = Response::new(()).into_parts();
        head.headers = fields(answered);
        Offer::of(&mut head, &fields(asked)).seconds
    }

    #[test]
    fn only_what_the_site_shares_is_shared() {
        for (answered, seconds) in [
            (&[("cache-control", "public, max-age=60")][..], Some(60)),
            (&[("cache-control", "Public"), ("cache-control", "MAX-AGE=\"60\"")], Some(60)),
            (&[("cache-control", "s-maxage=30, max-age=60")], Some(30)),
            (&[("cache-control", "public, max-age=60"), ("age", "50")], Some(10)),
            (&[("cache-control", "public, max-age=60"), ("age", "60")], None),
            (&[("cache-control", "public, max-age=60, max-age=5")], Some(5)),
            (&[("cache-control", "public, max-age=many")], None),
            (&[("cache-control", "max-age=60")], None),
            (&[("cache-control", "public")], None),
            (&[("cache-control", "public, max-age=60, private")], None),
            (&[("cache-control", "public, max-age=60, no-cache=\"x\"")], None),
            (&[("cache-control", "no-store"), ("cdn-cache-control", "max-age=9")], Some(9)),
            (&[("cache-control", "public, max-age=60"), ("cdn-cache-control", "no-store")], None),
            (&[("cache-control", "public, max-age=60"), ("set-cookie", "a=b")], None),
            (&[("cache-control", "public, max-age=60"), ("vary", "Accept-Encoding")], Some(60)),
            (&[("cache-control", "public, max-age=60"), ("vary", "Accept-Encoding, Cookie")], None),
            (&[("cache-control", "public, max-age=60"), ("vary", "*")], None),
            (&[], None),
        ] {
            assert_eq!(read(&[], answered), seconds, "{answered:?}");
        }
        assert_eq!(read(&[("authorization", "x")], &[("cache-control", "public, max-age=60")]), None);
    }
}
