//! Honest caching: an answer that depends on the standing says so, is asked for again each time, and has an
//! entity tag that differs per standing.

use http::header::{
    AGE, CACHE_CONTROL, ETAG, EXPIRES, HeaderMap, HeaderName, HeaderValue, IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH,
    IF_RANGE, IF_UNMODIFIED_SINCE, LAST_MODIFIED, PRAGMA, RANGE, VARY,
};

/// What browsers are told of an answer that is this visitor's.
pub(crate) const MARK: &str = "private, no-cache";

/// Caches of a delivery network, told apart from the browser's (RFC 9213 and its forerunner).
const SHARED: [HeaderName; 4] = [
    HeaderName::from_static("edge-control"),
    HeaderName::from_static("x-accel-expires"),
    HeaderName::from_static("surrogate-control"),
    HeaderName::from_static("surrogate-key"),
];

/// Takes validators and ranges out of a request whose answer will be rewritten, but for the tags this very
/// standing was given: the site sees its own tag again.
pub(crate) fn ask(headers: &mut HeaderMap, state: &str) {
    for name in [RANGE, IF_RANGE, IF_MODIFIED_SINCE, IF_UNMODIFIED_SINCE, IF_MATCH] {
        headers.remove(name);
    }
    let tags = headers.remove(IF_NONE_MATCH).and_then(|value| {
        let text = value.to_str().ok()?.to_owned();
        let own = text.split(',').filter_map(|tag| strip(tag.trim(), state)).collect::<Vec<_>>().join(", ");
        (!own.is_empty()).then(|| HeaderValue::from_str(&own).ok()).flatten()
    });
    if let Some(tags) = tags {
        headers.insert(IF_NONE_MATCH, tags);
    }
}

/// Marks an answer as this visitor's, in this standing.
pub(crate) fn mark(headers: &mut HeaderMap, state: &str) {
    let store = if forbids(headers) { "private, no-store" } else { MARK };
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(store));
    for name in [EXPIRES, PRAGMA, AGE, LAST_MODIFIED].into_iter().chain(SHARED) {
        headers.remove(name);
    }
    // Delivery networks have one each, named after them (RFC 9213 §2).
    let targeted = |name: &&HeaderName| name.as_str().ends_with("-cache-control");
    let own: Vec<HeaderName> = headers.keys().filter(targeted).cloned().collect();
    own.iter().for_each(|name| drop(headers.remove(name)));
    vary(headers);
    let tag = headers.remove(ETAG).and_then(|value| {
        let text = value.to_str().ok()?.trim();
        let opaque = text.strip_prefix("W/").unwrap_or(text).strip_prefix('"')?.strip_suffix('"')?;
        HeaderValue::from_str(&format!("W/\"{opaque}~{state}\"")).ok()
    });
    if let Some(tag) = tag {
        headers.insert(ETAG, tag);
    }
}

/// Says on what the answer depends.
pub(crate) fn vary(headers: &mut HeaderMap) {
    headers.append(VARY, HeaderValue::from_static("Cookie, Sec-GPC, Sec-Fetch-Dest"));
}

/// Says that the answer is for this use alone.
pub(crate) fn dest(headers: &mut HeaderMap) {
    headers.append(VARY, HeaderValue::from_static("Sec-Fetch-Dest"));
}

fn forbids(headers: &HeaderMap) -> bool {
    let values = headers.get_all(CACHE_CONTROL).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|part| part.trim().eq_ignore_ascii_case("no-store"))
}

fn strip(tag: &str, state: &str) -> Option<String> {
    let opaque = tag.strip_prefix("W/").unwrap_or(tag).strip_prefix('"')?.strip_suffix('"')?;
    let own = opaque.strip_suffix(state)?.strip_suffix('~')?;
    // The strong form too: which one the site gave is not known, and it compares weakly (RFC 9110 §13.1.2).
    Some(format!("\"{own}\", W/\"{own}\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_comes_back_only_in_the_standing_it_was_given_in() {
        let mut answer = HeaderMap::new();
        answer.insert(ETAG, HeaderValue::from_static("\"v1\""));
        answer.insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=600"));
        mark(&mut answer, "aa");
        assert_eq!(answer[ETAG], "W/\"v1~aa\"");
        assert_eq!(answer[CACHE_CONTROL], "private, no-cache");
        for (state, sent) in [("aa", Some("\"v1\", W/\"v1\"")), ("bb", None)] {
            let mut request = HeaderMap::new();
            request.insert(IF_NONE_MATCH, answer[ETAG].clone());
            request.insert(IF_MODIFIED_SINCE, HeaderValue::from_static("x"));
            ask(&mut request, state);
            assert_eq!(request.get(IF_NONE_MATCH).map(|tag| tag.to_str().unwrap()), sent);
            assert!(!request.contains_key(IF_MODIFIED_SINCE));
        }
    }

    #[test]
    fn what_must_not_be_stored_is_not_stored() {
        let mut answer = HeaderMap::new();
        answer.insert(CACHE_CONTROL, HeaderValue::from_static("No-Store, max-age=0"));
        mark(&mut answer, "aa");
        assert_eq!(answer[CACHE_CONTROL], "private, no-store");
    }
}
