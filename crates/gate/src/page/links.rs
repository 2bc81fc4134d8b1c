//! Links: where a visitor may go from a page whose head lists what it may reach. It does not know that head: it leads
//! links to held services over a page of ours, and remembers the others.

use super::State;
use crate::allowlist;
use bandeau_consent::Verdict;

/// The page of ours by which a visitor leaves for a host that the page may not reach.
const LEAVE: &str = "/.well-known/bandeau/leave?to=";

/// The address of that page for where it leads.
pub(crate) fn leave(url: &url::Url) -> String {
    let to: String = url::form_urlencoded::byte_serialize(url.as_str().as_bytes()).collect();
    format!("{LEAVE}{to}")
}

/// So many hosts of links are remembered of a page: more make a head too long.
const LINKED: usize = 48;

/// Where a link leads instead, if elsewhere. Where the head says where one can go, those to held hosts lead over a page
/// of ours, and the undeclared are remembered, so that the head of the next answer can name them.
pub(crate) fn link(value: &str, state: &mut State) -> Option<String> {
    if !state.fenced() {
        return None;
    }
    let url = state.judge.resolve(value)?;
    let host = allowlist::linked(&url)?;
    match state.judge.host_named(host.host()) {
        Verdict::Hold(_) => return Some(leave(&url)),
        Verdict::Unknown if state.tally.linked.len() < LINKED && !state.tally.linked.contains(&host) => {
            state.tally.linked.push(host);
        }
        Verdict::Pass(_) | Verdict::Unknown => {}
    }
    None
}
