//! Filter lists in the syntax of Adblock Plus, as EasyPrivacy is written: whether a rule of one means a request, and which.
//! The operator brings the lists; none is built in. Matching is Brave's, so that a rule means here what it means in a
//! browser that blocks.

use adblock::lists::{ParseOptions, RuleTypes};
use adblock::request::Request;
use adblock::url_parser::ResolvesDomain;
use adblock::{Engine, FilterSet};

/// One list, compiled. Several are asked one after the other, so that the evidence names the list.
pub(crate) struct List {
    name: String,
    engine: Engine,
}

/// What became of a list while it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListReport {
    /// How the operator called it.
    pub name: String,
    /// Rules about requests that are in use.
    pub rules: u64,
    /// Lines that are neither a rule nor a comment: nobody can read them.
    pub bad: u64,
    /// The first of these, at most five.
    pub samples: Vec<String>,
}

/// A request, as a list is asked about it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked<'a> {
    /// The whole address.
    pub(crate) url: &'a str,
    /// Its host.
    pub(crate) host: &'a str,
    /// The host of the page.
    pub(crate) source: &'a str,
    /// What it is for, in the browser's word.
    pub(crate) kind: &'a str,
    /// Whether it leaves the site: the operator's own hosts are no third parties.
    pub(crate) third: bool,
    /// The method.
    pub(crate) method: &'a str,
    /// Whether it is a document in a frame, and not the page.
    pub(crate) framed: bool,
}

impl std::fmt::Debug for List {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("List").field("name", &self.name).finish_non_exhaustive()
    }
}

/// The public suffix list, as the library asks for it.
struct Domains;

impl ResolvesDomain for Domains {
    fn get_host_domain(&self, host: &str) -> (usize, usize) {
        (host.len() - super::name::domain(host).len(), host.len())
    }
}

impl List {
    /// Reads a list. A line that cannot be read is counted and left out, for the others hold without it.
    pub(crate) fn read(name: &str, text: &str) -> (Self, ListReport) {
        // Who comes second finds it set.
        let _ = adblock::url_parser::set_domain_resolver(Box::new(Domains));
        let mut set = FilterSet::new(true);
        let options = ParseOptions { rule_types: RuleTypes::NetworkOnly, ..ParseOptions::default() };
        set.add_filter_list(text.to_owned(), options);
        // Rules are not joined: a joined rule could not be shown as it stands in the list.
        let engine = Engine::new_with_filter_set_no_optimize(set);
        let mut report = ListReport { name: name.to_owned(), rules: 0, bad: 0, samples: Vec::new() };
        for source in engine.get_debug_info().source_info {
            report.rules += u64::from(source.network_filter_count);
            let bad: Vec<String> = source.invalid_lines.into_iter().filter(|line| !quiet(line)).collect();
            report.bad += bad.len() as u64;
            report.samples.extend(bad.into_iter().take(5).map(|line| line.chars().take(120).collect()));
        }
        (Self { name: name.to_owned(), engine }, report)
    }

    /// How the operator called it.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The rule that means a request, as it stands in the list; nothing where an exception takes it out again.
    pub(crate) fn rule(&self, asked: Asked<'_>) -> Option<String> {
        let kind = kind(asked.kind, asked.framed);
        let request = Request::preparsed(asked.url, asked.host, asked.source, kind, asked.third, asked.method);
        let result = self.engine.check_network_request(&request);
        if !result.should_block() {
            return None;
        }
        result.filter.map(|rule| rule.raw_line.unwrap_or_else(|| "a rule".to_owned()))
    }
}

/// Lines that say nothing about requests: empty ones, comments, and rules about what a page looks like.
fn quiet(line: &str) -> bool {
    let line = line.trim();
    let cosmetic = ["##", "#@#", "#?#", "#$#", "#%#", "#@?#", "#@$#", "$$"];
    line.is_empty() || line.starts_with(['!', '[']) || cosmetic.iter().any(|mark| line.contains(mark))
}

/// The browser's word for what a request is for, in the words of lists.
fn kind(kind: &str, framed: bool) -> &'static str {
    match kind {
        "Document" if framed => "sub_frame",
        "Document" => "main_frame",
        "Script" => "script",
        "Stylesheet" => "stylesheet",
        "Image" => "image",
        "Font" => "font",
        "Media" | "TextTrack" => "media",
        "XHR" | "Fetch" | "EventSource" | "Preflight" => "xhr",
        "Ping" | "Beacon" => "ping",
        "WebSocket" => "websocket",
        "CSPViolationReport" => "csp_report",
        "Object" => "object",
        _ => "other",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "[Adblock Plus 2.0]\n! A comment\n||tracker.test^$third-party\n||pixel.test^$image\n\
        /collect?$third-party\n@@||tracker.test/fine.js$script\n@@||tracker.test^$domain=friend.test\n\
        site.test##.advert\n||broken.test^$no-such-option\n||own.test/log$~third-party\n";

    fn rule(url: &str, page: &str, kind: &str) -> Option<String> {
        let host = super::super::name::host(url).unwrap();
        let third = super::super::name::domain(&host) != super::super::name::domain(page);
        let asked = Asked { url, host: &host, source: page, kind, third, method: "GET", framed: false };
        List::read("list", TEXT).0.rule(asked)
    }

    #[test]
    fn the_rule_that_means_a_request_is_named() {
        let hit = rule("https://a.tracker.test/x.js", "site.test", "Script");
        assert_eq!(hit.as_deref(), Some("||tracker.test^$third-party"));
        let hit = rule("https://other.test/collect?x=1", "site.test", "Fetch");
        assert_eq!(hit.as_deref(), Some("/collect?$third-party"));
    }

    #[test]
    fn options_and_exceptions_are_respected() {
        for (url, page, kind) in [
            ("https://nottracker.test/x.js", "site.test", "Script"),
            ("https://tracker.test/x.js", "www.tracker.test", "Script"),
            ("https://tracker.test/fine.js", "site.test", "Script"),
            ("https://tracker.test/x.js", "friend.test", "Script"),
            ("https://pixel.test/x", "site.test", "Script"),
        ] {
            assert_eq!(rule(url, page, kind), None, "{url} on {page}");
        }
        assert!(rule("https://pixel.test/x", "site.test", "Image").is_some());
        assert!(rule("https://own.test/log", "own.test", "Ping").is_some(), "a rule for the site itself");
    }

    #[test]
    fn what_cannot_be_read_is_counted() {
        let (_, report) = List::read("list", TEXT);
        assert_eq!((report.rules, report.bad), (6, 1), "{report:?}");
        assert_eq!(report.samples, ["||broken.test^$no-such-option"]);
        assert_eq!(List::read("empty", "").1.rules, 0);
    }
}
