//! Response headers that make a browser contact a host on its own: preloads, refreshes, reports, and the
//! alternative service that would lead it past the door.

use crate::Judge;
use http::header::{ALT_SVC, HeaderMap, HeaderName, HeaderValue, LINK, REFRESH};

/// Headers that name where browsers send reports (Reporting API, Network Error Logging).
const REPORTS: [&str; 4] = ["report-to", "reporting-endpoints", "nel", "speculation-rules"];

/// Takes out of `headers` what would reach a held host; returns how many headers that touched.
pub(crate) fn quiet(headers: &mut HeaderMap, judge: &Judge) -> u32 {
    let mut held = 0;
    // An alternative service (RFC 7838) would take the visitor to the site past the gateway.
    headers.remove(ALT_SVC);
    for name in REPORTS.map(HeaderName::from_static) {
        let bad = headers.get_all(&name).iter().any(|value| names_held(value, judge));
        if bad && headers.remove(&name).is_some() {
            held += 1;
        }
    }
    held += links(headers, judge);
    if headers.get(REFRESH).is_some_and(|value| refresh_held(value, judge)) {
        headers.remove(REFRESH);
        held += 1;
    }
    held
}

fn refresh_held(value: &HeaderValue, judge: &Judge) -> bool {
    let text = String::from_utf8_lossy(value.as_bytes());
    crate::page::refresh(&text).is_some_and(|address| judge.leaves(address))
}

/// Whether any quoted string in the value is an address of a held host. Reports are never needed to read a
/// page, so a value that cannot be read counts as held.
fn names_held(value: &HeaderValue, judge: &Judge) -> bool {
    let Ok(text) = value.to_str() else {
        return true;
    };
    text.split('"').skip(1).step_by(2).any(|string| !judge.url(string).passes())
}

/// Keeps of the `Link` headers the links that fetch nothing or may.
fn links(headers: &mut HeaderMap, judge: &Judge) -> u32 {
    let values: Vec<HeaderValue> = headers.get_all(LINK).iter().cloned().collect();
    let mut held = 0;
    headers.remove(LINK);
    for value in &values {
        let text = String::from_utf8_lossy(value.as_bytes()).into_owned();
        let (kept, gone): (Vec<&str>, Vec<&str>) = split(&text).partition(|link| link_passes(link, judge));
        held += u32::try_from(gone.len()).unwrap_or(u32::MAX);
        if gone.is_empty() {
            headers.append(LINK, value.clone());
        } else if !kept.is_empty()
            && let Ok(value) = HeaderValue::from_str(&kept.join(", "))
        {
            headers.append(LINK, value);
        }
    }
    held
}

/// The links of one value (RFC 8288 §3): commas inside `<>` and quotes do not separate.
fn split(text: &str) -> impl Iterator<Item = &str> {
    let (mut angle, mut quote) = (false, false);
    text.split(move |c| {
        match c {
            '<' if !quote => angle = true,
            '>' if !quote => angle = false,
            '"' if !angle => quote = !quote,
            _ => {}
        }
        c == ',' && !angle && !quote
    })
    .map(str::trim)
    .filter(|link| !link.is_empty())
}

fn link_passes(link: &str, judge: &Judge) -> bool {
    let Some((address, parameters)) = link.strip_prefix('<').and_then(|rest| rest.split_once('>')) else {
        return false;
    };
    let parameters = parameters.to_ascii_lowercase();
    if ["imagesrcset", "anchor"].iter().any(|name| parameters.contains(name)) && parameters.contains("//") {
        return false;
    }
    let fetches = ["preload", "prefetch", "preconnect", "stylesheet", "prerender", "icon", "manifest", "search"];
    if !fetches.iter().any(|rel| parameters.contains(rel)) {
        return true;
    }
    judge.url(address).passes() || (parameters.contains("preconnect") && judge.host(address).passes())
}
