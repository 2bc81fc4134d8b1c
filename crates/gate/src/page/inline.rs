//! Inline scripts and event handlers: which of them would load something from a host that is held.
//!
//! Nothing here understands a script. One that names a host of a declared service that is held, and has a word by
//! which scripts load, send or go elsewhere, is taken for a loader. A script that only names such a host, as in a
//! list of links, stays; so does one that names undeclared hosts: what those do is stopped by the head of the
//! answer, and a page must not lose a script of its own to a guess.

use crate::Judge;
use bandeau_consent::Verdict;

/// Words by which scripts reach out.
const LOADS: [&str; 24] = [
    "src",
    "createelement",
    "fetch",
    "xmlhttprequest",
    "sendbeacon",
    "import",
    "websocket",
    "eventsource",
    "webtransport",
    "rtcpeerconnection",
    "image(",
    "audio(",
    "worker",
    "fontface",
    "document.write",
    "html",
    "setattribute",
    "append",
    "url(",
    "preconnect",
    "prefetch",
    "stylesheet",
    "location",
    "submit",
];

/// Whether a script loads from a held host, as far as its words tell.
pub(crate) fn loads_held(text: &str, judge: &Judge) -> bool {
    names_held(text, judge) && {
        let lower = text.to_ascii_lowercase();
        LOADS.iter().any(|word| lower.contains(word))
    }
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
