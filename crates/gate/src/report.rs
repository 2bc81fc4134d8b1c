//! Response headers that make a browser contact a host on its own: preloads, refreshes, reports, and the
//! alternative service that would lead it past the door.

use crate::Judge;
use bandeau_consent::Verdict;
use http::header::{
    ALT_SVC, CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY_REPORT_ONLY, HeaderMap, HeaderName, HeaderValue, LINK,
    LOCATION, REFRESH,
};

/// Headers that name where browsers send reports (Reporting API, Network Error Logging).
const REPORTS: [&str; 3] = ["report-to", "reporting-endpoints", "nel"];

/// Names files of rules for loading ahead, which no Content-Security-Policy stops (HTML §7.6.4).
const RULES: HeaderName = HeaderName::from_static("speculation-rules");

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
    held += rules(headers, judge);
    held += links(headers, judge);
    for name in [CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY_REPORT_ONLY] {
        held += violations(headers, name, judge);
    }
    if refresh_held(headers, judge) {
        headers.remove(REFRESH);
        held += 1;
    }
    held
}

/// Takes the way to a held host out of a redirect that would load from there what a page asked of the site. Where a
/// visitor goes to is not held: this is not for pages of their own.
pub(crate) fn stay(headers: &mut HeaderMap, judge: &Judge) -> u32 {
    let leads = headers.get(LOCATION).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
    let held = leads.is_some_and(|address| judge.leaves(&address));
    if held {
        headers.remove(LOCATION);
    }
    u32::from(held)
}

/// The address of a held service that a redirect leads to.
pub(crate) fn leaves(headers: &HeaderMap, judge: &Judge) -> Option<url::Url> {
    let address = String::from_utf8_lossy(headers.get(LOCATION)?.as_bytes()).into_owned();
    let url = judge.resolve(&address)?;
    let held = matches!(judge.host_named(url.host_str()?.trim_end_matches('.')), Verdict::Hold(_));
    held.then_some(url)
}

/// Takes away the header that names files of rules, but where all of them pass. Those on the site come by here and are
/// judged as rules in the page are; what a granted service's say is held by the list of connections.
fn rules(headers: &mut HeaderMap, judge: &Judge) -> u32 {
    let pass = headers.get_all(&RULES).iter().all(|value| {
        let text = value.to_str().ok();
        let list: Option<sfv::List> = text.and_then(|text| sfv::Parser::new(text).parse().ok());
        list.is_some_and(|list| {
            list.iter().all(|entry| match entry {
                sfv::ListEntry::Item(item) => match &item.bare_item {
                    sfv::BareItem::String(address) => judge.url(address.as_str()).passes(),
                    _ => false,
                },
                sfv::ListEntry::InnerList(_) => false,
            })
        })
    });
    u32::from(!pass && headers.remove(&RULES).is_some())
}

/// Whether a refresh leads to a held host. Browsers join several headers into one before they read it.
fn refresh_held(headers: &HeaderMap, judge: &Judge) -> bool {
    let values: Vec<_> =
        headers.get_all(REFRESH).iter().map(|value| String::from_utf8_lossy(value.as_bytes())).collect();
    crate::page::refresh(&values.join(", ")).is_some_and(|address| judge.leaves(address))
}

/// Takes out of the site's own policies the `report-uri` that names a held host (CSP3 §6.5.1): violations are
/// sent there whatever the policies say. What the policies enforce stays as it was.
fn violations(headers: &mut HeaderMap, name: HeaderName, judge: &Judge) -> u32 {
    let values: Vec<HeaderValue> = headers.get_all(&name).iter().cloned().collect();
    let mut held = 0;
    headers.remove(&name);
    for value in values {
        let text = String::from_utf8_lossy(value.as_bytes()).into_owned();
        let reports = |directive: &&str| {
            let mut words = directive.split_ascii_whitespace();
            let named = words.next().is_some_and(|word| word.eq_ignore_ascii_case("report-uri"));
            named && words.any(|address| !judge.url(address).passes())
        };
        let policies = || text.split(',').map(|policy| policy.split(';'));
        if !policies().any(|mut directives| directives.any(|directive| reports(&directive))) {
            headers.append(&name, value);
            continue;
        }
        held += 1;
        let kept = policies().map(|directives| directives.filter(|one| !reports(one)).collect::<Vec<_>>().join(";"));
        if let Ok(value) = HeaderValue::from_str(&kept.collect::<Vec<_>>().join(",")) {
            headers.append(&name, value);
        }
    }
    held
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

/// The links of one value (RFC 8288 §3): commas inside `<>` and quotes do not separate, and an escaped quote
/// does not end a quoted string (RFC 9110 §5.6.4).
fn split(text: &str) -> impl Iterator<Item = &str> {
    let (mut angle, mut quote, mut escaped) = (false, false, false);
    text.split(move |c| {
        if std::mem::take(&mut escaped) {
            return false;
        }
        match c {
            '\\' if quote => escaped = true,
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
    // What is escaped means what stands after the backslash.
    let parameters = parameters.replace('\\', "").to_ascii_lowercase();
    // Another address among the parameters: others may split the value where we do not.
    if parameters.contains('<') {
        return false;
    }
    if parameters.contains("anchor") && parameters.contains("//") {
        return false;
    }
    // Several candidates stand in one quoted string.
    let candidates = parameters.split("imagesrcset").nth(1).map(|rest| rest.trim_start_matches(['*', ' ', '=', '"']));
    let candidates = candidates.map(|rest| rest.split('"').next().unwrap_or_default());
    if candidates.is_some_and(|set| crate::page::set_held(set, judge)) {
        return false;
    }
    let fetches =
        ["preload", "prefetch", "preconnect", "stylesheet", "prerender", "icon", "manifest", "search", "dictionary"];
    if !fetches.iter().any(|rel| parameters.contains(rel)) {
        return true;
    }
    judge.url(address).passes() || (parameters.contains("preconnect") && judge.host(address).passes())
}
