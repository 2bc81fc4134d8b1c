//! Inline scripts and event handlers: which of them would load something from a host that is held.
//!
//! Nothing here understands a script: it is taken for a loader by its words. What scripts fetch is stopped by the lock in
//! every browser, so by default only scripts go that name a held host and reach past the lock: by connections opened
//! ahead, WebRTC and navigation, which a Content-Security-Policy does not stop. A page must not lose a script of its own
//! for nothing, nor to a guess: one that names undeclared hosts stays.

use crate::{Inline, Judge};
use bandeau_consent::Verdict;

/// Words by which scripts reach past the lock, white space aside.
const PAST: [&str; 9] = [
    "rtcpeerconnection",
    "preconnect",
    "prefetch",
    "prerender",
    "speculationrules",
    "location.assign(",
    "location.replace(",
    "navigation.navigate(",
    "location.href=",
];

/// Words by which scripts load, in whatever way.
const LOADS: [&str; 19] = [
    "src",
    "createelement",
    "fetch",
    "xmlhttprequest",
    "sendbeacon",
    "import",
    "websocket",
    "eventsource",
    "webtransport",
    "image(",
    "audio(",
    "worker",
    "fontface",
    "document.write",
    "html",
    "setattribute",
    "append",
    "url(",
    "submit",
];

/// Whether a script loads from a held host, as far as its words tell.
pub(crate) fn loads_held(text: &str, judge: &Judge, inline: Inline) -> bool {
    inline != Inline::Pass && names_held(text, judge) && {
        let lower: String = text.chars().filter(|c| !c.is_whitespace()).map(|c| c.to_ascii_lowercase()).collect();
        let has = |word: &&str| lower.contains(word);
        PAST.iter().any(has) || assigns(&lower) || inline == Inline::HoldAll && LOADS.iter().any(has)
    }
}

/// Whether a script sets `location`, rather than compare it.
fn assigns(lower: &str) -> bool {
    lower.match_indices("location=").any(|(at, found)| !lower[at + found.len()..].starts_with('='))
}

/// Whether a text names a host of a declared service that is held.
fn names_held(text: &str, judge: &Judge) -> bool {
    // `\/` and the like are what they escape; a host has no backslash.
    let part = |c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'));
    let mut from = 0;
    while let Some(dot) = text[from..].find('.').map(|at| from + at) {
        let start = text[..dot].rfind(part).map_or(0, |at| at + text[at..].chars().next().map_or(1, char::len_utf8));
        let end = text[dot..].find(part).map_or(text.len(), |at| dot + at);
        from = end.max(dot + 1);
        let word = text[start..end].trim_matches(['.', '-']);
        // Longer than any host: no name.
        if word.len() > 253 || !word.contains('.') {
            continue;
        }
        if matches!(judge.host_named(&word.to_ascii_lowercase()), Verdict::Hold(_)) && at_host(text, start, end, judge)
        {
            return true;
        }
    }
    false
}

/// Where a service is declared for some paths of a host only, whether the address the name stands in is one.
fn at_host(text: &str, start: usize, end: usize, judge: &Judge) -> bool {
    let stop = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`' | '<' | '>' | ')' | ';' | ',');
    let rest = &text[end..];
    let path = rest[..rest.find(stop).unwrap_or(rest.len())].replace('\\', "");
    if !path.starts_with('/') {
        return true;
    }
    let address = format!("https://{}{path}", text[start..end].trim_matches(['.', '-']));
    matches!(judge.url(&address), Verdict::Hold(_)) || path.contains(['$', '{', '+'])
}
