//! Small readings of JSON and addresses, and cuts at the lengths that [`seen`](crate::seen) promises.

use serde_json::Value;

/// Addresses and bodies.
pub(super) const LONG: usize = 4096;
/// Values.
pub(super) const VALUE: usize = 1024;

pub(super) fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}

/// The first so many characters.
pub(super) fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => text[..end].to_owned(),
        None => text.to_owned(),
    }
}

/// An address without its fragment, cut.
pub(super) fn address(url: &str) -> String {
    cut(url.split('#').next().unwrap_or_default(), LONG)
}

/// The host of an address, without a port; empty where there is none.
pub(super) fn host(url: &str) -> String {
    url::Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default()
}

/// The value of a header, whatever its case.
pub(super) fn header<'a>(headers: &'a Value, name: &str) -> Option<&'a str> {
    let found = headers.as_object()?.iter().find(|(key, _)| key.eq_ignore_ascii_case(name))?;
    found.1.as_str()
}
