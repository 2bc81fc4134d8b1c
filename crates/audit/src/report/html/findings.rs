//! The findings, each with its evidence folded away: what it points at is looked up in the audit and shown as it was seen.

use super::{View, section, standings};
use crate::judge::{Evidence, Finding, Level, Place};
use crate::report::markup::{Code, Cut, Link, Text};
use crate::report::words;
use crate::seen::Run;
use std::fmt::Write as _;

/// Findings that are shown; a site with more has other worries than the length of a page.
const SHOWN: usize = 300;

pub(super) fn findings(view: &View<'_>) -> String {
    let findings = &view.report.judgement.findings;
    if findings.is_empty() {
        return section("findings", "Findings", &view.none("Nothing was found."));
    }
    let mut inner = String::new();
    for level in [Level::Error, Level::Warning, Level::Note] {
        let these: Vec<(usize, &Finding)> =
            findings.iter().enumerate().filter(|(at, finding)| finding.level == level && *at < SHOWN).collect();
        if these.is_empty() {
            continue;
        }
        let _ = write!(inner, "<h3>{} <small>({})</small></h3>", words::level(level), these.len());
        for (at, finding) in these {
            inner += &one(view, at, finding);
        }
    }
    if findings.len() > SHOWN {
        let _ = write!(
            inner,
            "<p class=\"quiet\">The first {SHOWN} of {}; all of them are in <code>audit.json</code>.</p>",
            words::number(findings.len() as u64)
        );
    }
    section("findings", "Findings", &inner)
}

fn one(view: &View<'_>, at: usize, finding: &Finding) -> String {
    let class = match finding.level {
        Level::Error => "bad",
        Level::Warning => "care",
        Level::Note => "note",
    };
    let law: Vec<String> =
        finding.law.iter().map(|id| format!("<a href=\"#law-{id}\">{id}</a>", id = Text(id))).collect();
    let law = if law.is_empty() { String::new() } else { format!(" · against {}", law.join(", ")) };
    let times = if finding.count == 1 {
        "seen once".to_owned()
    } else {
        format!("seen {} times", words::number(finding.count))
    };
    let pages = match finding.pages.len() {
        0 => String::new(),
        some => format!(" on {}", words::count(some as u64, "page")),
    };
    let mut out = format!(
        "<article class=\"finding {class}\" id=\"f{at}\"><h4>{}</h4><p><b>What to do.</b> {}</p><p class=\"quiet\">{times}{pages} · {}{law} · <code>{}</code></p>",
        Text(&finding.says),
        Text(&finding.mend),
        standings(&finding.standings),
        Cut(&finding.id, 120),
    );
    if !finding.evidence.is_empty() || !finding.pages.is_empty() {
        out += &unfold(view, finding);
    }
    out + "</article>"
}

fn unfold(view: &View<'_>, finding: &Finding) -> String {
    let mut out = "<details><summary>Evidence</summary>".to_owned();
    if !finding.evidence.is_empty() {
        let rows: Vec<String> = finding.evidence.iter().map(|evidence| row(view, evidence)).collect();
        let heads = ["Standing", "When", "What was seen", "Where to look it up"];
        out += &super::table("Evidence", &heads, &rows);
    }
    if !finding.pages.is_empty() {
        out.push_str("<p>Pages:</p><ul>");
        for page in finding.pages.iter().take(20) {
            let _ = write!(out, "<li>{}</li>", Link(page));
        }
        if finding.pages.len() > 20 {
            let _ = write!(out, "<li class=\"quiet\">and {} more</li>", finding.pages.len() - 20);
        }
        out.push_str("</ul>");
    }
    out + "</details>"
}

fn row(view: &View<'_>, evidence: &Evidence) -> String {
    let run = view.report.audit.runs.iter().find(|run| run.standing == evidence.standing);
    let (when, more) = run.map(|run| looked(run, evidence.at)).unwrap_or_default();
    format!(
        "<tr><td>{}</td><td>{when}</td><td>{}{more}</td><td><code>{}</code></td></tr>",
        words::short(evidence.standing),
        Text(&evidence.shows),
        place(evidence.at)
    )
}

/// The moment of a place in a run, and what it was caused by.
fn looked(run: &Run, place: Place) -> (String, String) {
    let moment = |at: u64, moment| format!("{} <small>{}</small>", words::span(at), words::moment(moment));
    match place {
        Place::Request(at) => run.requests.get(at).map(|request| {
            let mut more = format!("<br><small>{} {}", Text(&request.method), Text(&request.kind));
            if !request.initiator.url.is_empty() {
                let _ = write!(more, ", caused by {}", Code(&request.initiator.url));
                if request.initiator.line > 0 {
                    let _ = write!(more, " line {}", request.initiator.line);
                }
            }
            if !request.cookies.is_empty() {
                let names: Vec<String> =
                    request.cookies.iter().take(8).map(|sent| Cut(&sent.name, 40).to_string()).collect();
                let _ = write!(more, ", with the cookies <code>{}</code>", names.join("</code>, <code>"));
            }
            (moment(request.at, request.moment), more + "</small>")
        }),
        Place::Cookie(at) => run.cookies.get(at).map(|cookie| (moment(cookie.at, cookie.moment), String::new())),
        Place::Entry(at) => run.storage.get(at).map(|entry| (moment(entry.at, entry.moment), String::new())),
        Place::Connection(at) => run.connections.get(at).map(|one| (words::span(one.at), String::new())),
        Place::Visit(at) => run.visits.get(at).map(|visit| (words::span(visit.at), String::new())),
        Place::Banner(_) => run.banner.as_ref().map(|banner| (words::span(banner.after), String::new())),
    }
    .unwrap_or_default()
}

/// A place as a path in `audit.json`.
fn place(place: Place) -> String {
    match place {
        Place::Request(at) => format!("requests[{at}]"),
        Place::Cookie(at) => format!("cookies[{at}]"),
        Place::Entry(at) => format!("storage[{at}]"),
        Place::Connection(at) => format!("connections[{at}]"),
        Place::Visit(at) => format!("visits[{at}]"),
        Place::Banner(Some(role)) => format!("banner, {}", words::role(role).to_lowercase()),
        Place::Banner(None) => "banner".to_owned(),
    }
}
