//! What kind of answer a head announces, as browsers take it: the type that counts among several, what is
//! sniffed, and what can become a document or a worker. It does not know standings, or what becomes of each.

use crate::Dest;
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, HeaderMap, X_CONTENT_TYPE_OPTIONS};

/// What kind of answer it is, as the browser will take it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// HTML: rewritten.
    Page,
    /// A document of XML: rewritten.
    Xml,
    /// Another type that has a policy of its own: documents in parts, downloads, and scripts that may become workers
    /// where the browser does not say what they are for.
    Active,
    /// Anything else.
    Other,
}

impl Kind {
    /// Tells from the head, for what it was asked.
    pub(crate) fn of(headers: &HeaderMap, dest: Dest) -> Self {
        let full = content_type(headers);
        let essence = essence(&full);
        let download = headers.get(CONTENT_DISPOSITION).is_some_and(|value| {
            value.as_bytes().get(..10).is_some_and(|start| start.eq_ignore_ascii_case(b"attachment"))
        });
        let page = match essence.as_str() {
            "text/html" => true,
            // Browsers sniff what has no type (MIME Sniffing §7), unless they are told not to: a document may turn
            // out to be HTML.
            "" => !unsniffed(headers) && (dest.locks() || dest == Dest::Unsaid),
            _ => false,
        };
        // Browsers that do not say what a script is for may make a worker of it.
        let active = xml(&essence) || dest == Dest::Unsaid && script(&essence);
        match () {
            () if download && dest == Dest::Part => Self::Other,
            () if page && !download => Self::Page,
            () if document(&essence) && !download && dest != Dest::Part => Self::Xml,
            () if (page || active) && dest != Dest::Part => Self::Active,
            () => Self::Other,
        }
    }
}

/// The type that counts (Fetch §2.2.2, "extract a MIME type"): of all values, separated by commas, the last that is
/// one, with the encoding that was said with it or before. Empty where none is said, so that browsers sniff.
pub(crate) fn content_type(headers: &HeaderMap) -> String {
    let values = headers.get_all(CONTENT_TYPE).iter().map(|value| String::from_utf8_lossy(value.as_bytes()));
    let values = values.collect::<Vec<_>>().join(",");
    let mut types = values.split(',').rev().filter(|value| !essence(value).is_empty());
    let last = types.next().unwrap_or_default();
    let same = types.filter(|value| essence(value) == essence(last));
    let encoded = std::iter::once(last).chain(same).find(|value| value.to_ascii_lowercase().contains("charset"));
    encoded.unwrap_or(last).to_owned()
}

/// Type and subtype, lower-case; empty for what browsers take for no type (MIME Sniffing §7). They end it at white
/// space too.
pub(crate) fn essence(value: &str) -> String {
    let text = value.trim().split([';', ' ', '\t', '(']).next().unwrap_or_default().to_ascii_lowercase();
    let whole = text.split_once('/').is_some_and(|(kind, sub)| !kind.is_empty() && !sub.is_empty());
    let unknown = matches!(text.as_str(), "unknown/unknown" | "application/unknown" | "*/*");
    if whole && !unknown { text } else { String::new() }
}

/// Whether browsers are told to believe the type: the first of all values counts (Fetch §3.6).
fn unsniffed(headers: &HeaderMap) -> bool {
    let first = headers.get(X_CONTENT_TYPE_OPTIONS).and_then(|value| value.as_bytes().split(|b| *b == b',').next());
    first.is_some_and(|value| value.trim_ascii().eq_ignore_ascii_case(b"nosniff"))
}

/// Whether a part of a page can also be something that has a policy of its own: a document, or a worker, which
/// browsers make of any type but pictures, sound and film.
pub(crate) fn turns(headers: &HeaderMap) -> bool {
    let essence = essence(&content_type(headers));
    let media = ["image/", "audio/", "video/", "font/"].iter().any(|kind| essence.starts_with(kind));
    !media || xml(&essence)
}

/// Documents that are not HTML, with scripts and links all the same.
fn xml(essence: &str) -> bool {
    document(essence) || essence == "multipart/x-mixed-replace"
}

/// Documents of XML (MIME Sniffing §4.6, XML MIME type).
fn document(essence: &str) -> bool {
    essence.ends_with("+xml") || essence.ends_with("/xml") || essence == "text/xsl"
}

/// JavaScript under all its names (MIME Sniffing §4.6).
pub(crate) fn script(essence: &str) -> bool {
    ["javascript", "ecmascript", "jscript", "livescript"].iter().any(|name| essence.contains(name))
}
