//! The first screen: the verdict, what changed, the rules as lights, the numbers of the standings side by side, and what to
//! mend first. Everything here is said again further down, with what is behind it.

use super::{View, section};
use crate::judge::{Level, Outcome, Total};
use crate::report::markup::{Cut, Text};
use crate::report::text::MEASURES;
use crate::report::verdict::{self, Light};
use crate::report::{Comparison, Stand, words};
use crate::seen::Standing;
use std::fmt::{self, Write as _};

/// Findings on the first screen.
const FIRST: usize = 5;

pub(super) fn top(view: &View<'_>, comparison: Option<&Comparison>) -> String {
    let verdict = verdict::verdict(view.report);
    let (class, mark) = match verdict.light {
        Light::Red => ("bad", Mark::Failed),
        Light::Amber => ("care", Mark::Open),
        Light::Green => ("good", Mark::Passed),
    };
    let mut out = format!("<div class=\"verdict {class}\"><p>{mark}{}</p>", Text(&verdict.says));
    for line in &verdict.details {
        let _ = write!(out, "<p>{}</p>", Text(line));
    }
    out.push_str("</div>\n");
    if let Some(comparison) = comparison {
        out += &changes(comparison);
    }
    out += &lights(view);
    let _ = write!(out, "<div class=\"pair\">{}{}</div>", totals(view), first(view));
    out.push_str(
        "<nav aria-label=\"The rest of this page\"><p>In full: <a href=\"#timeline\">timeline</a> · <a href=\"#law\">rules</a> · \
         <a href=\"#findings\">findings</a> · <a href=\"#notice\">the notice</a> · <a href=\"#parties\">parties</a> · \
         <a href=\"#cookies\">cookies</a> · <a href=\"#storage\">storage</a> · <a href=\"#connections\">connections</a> · \
         <a href=\"#pages\">pages</a> · <a href=\"#method\">how it was made</a> · <a href=\"#words\">words</a></p></nav>\n",
    );
    out
}

/// A light: a shape and a colour, so that it is read without colours, and without eyes by the word that stands beside it.
#[derive(Clone, Copy)]
pub(super) enum Mark {
    Passed,
    Failed,
    Open,
}

impl Mark {
    pub(super) fn of(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Passed => Self::Passed,
            Outcome::Failed => Self::Failed,
            Outcome::Undecidable => Self::Open,
        }
    }
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Passed => {
                "<svg class=\"mark good\" viewBox=\"0 0 20 20\" aria-hidden=\"true\"><circle cx=\"10\" cy=\"10\" r=\"10\"/>\
                 <path d=\"M5 10.5l3.5 3.5L15 6.5\"/></svg>"
            }
            Self::Failed => {
                "<svg class=\"mark bad\" viewBox=\"0 0 20 20\" aria-hidden=\"true\"><path class=\"fill\" d=\"M6 0h8l6 6v8l-6 6H6l-6-6V6z\"/>\
                 <path d=\"M6.5 6.5l7 7m0-7l-7 7\"/></svg>"
            }
            Self::Open => {
                "<svg class=\"mark care\" viewBox=\"0 0 20 20\" aria-hidden=\"true\"><path class=\"fill\" d=\"M10 0L20 10 10 20 0 10z\"/>\
                 <path d=\"M7.5 8a2.5 2.5 0 1 1 3.6 2.2q-1.1.6-1.1 1.6m0 2.6v.1\"/></svg>"
            }
        })
    }
}

/// One light for each row of the law table.
fn lights(view: &View<'_>) -> String {
    let rows = &view.report.judgement.rows;
    if rows.is_empty() {
        return section("lights", "The rules", &super::nothing("Nothing was judged."));
    }
    let mut inner = String::new();
    for outcome in [Outcome::Failed, Outcome::Passed, Outcome::Undecidable] {
        let these: Vec<_> = rows.iter().filter(|row| row.outcome == outcome).collect();
        if these.is_empty() {
            continue;
        }
        let says = match outcome {
            Outcome::Failed => "Broken",
            Outcome::Passed => "Kept",
            Outcome::Undecidable => "For a person",
        };
        let _ =
            write!(inner, "<div class=\"group\"><h3>{says} <small>({})</small></h3><ul class=\"lights\">", these.len());
        for row in these {
            let name = match words::nick(&row.id) {
                Some(nick) => nick.to_owned(),
                None => Cut(&row.must, 60).to_string(),
            };
            let _ = write!(
                inner,
                "<li>{}<a href=\"#law-{id}\"><b>{id}</b> {name}</a></li>",
                Mark::of(outcome),
                id = Text(&row.id)
            );
        }
        inner.push_str("</ul></div>");
    }
    section("lights", "The rules", &inner)
}

/// The numbers, one column for each standing.
fn totals(view: &View<'_>) -> String {
    let totals = &view.report.judgement.totals;
    if totals.is_empty() {
        return section("numbers", "What happened", &super::nothing("No standing was walked through."));
    }
    let mut inner = "<div class=\"wide\" role=\"region\" tabindex=\"0\" aria-label=\"Numbers\"><table class=\"numbers\">\
                     <caption>What a visitor’s browser did, by what the visitor had answered</caption><thead><tr><td></td>"
        .to_owned();
    for total in totals {
        let note = if total.reached { "" } else { "<br><small>not reached</small>" };
        let _ = write!(inner, "<th scope=\"col\">{}{note}</th>", words::head(total.standing));
    }
    inner.push_str("</tr></thead><tbody>");
    for (name, of) in MEASURES {
        let _ = write!(inner, "<tr><th scope=\"row\">{name}</th>");
        for total in totals {
            inner += &cell(total, name, of(total));
        }
        inner.push_str("</tr>");
    }
    inner.push_str("</tbody></table></div>");
    inner += &missed(view);
    section("numbers", "What happened", &inner)
}

/// Standings that were not reached, and why: those with the same reason in one sentence.
fn missed(view: &View<'_>) -> String {
    let mut why: Vec<(&str, Vec<&str>)> = Vec::new();
    for run in view.report.audit.runs.iter().filter(|run| !run.reached) {
        let fault = run.fault.as_deref().unwrap_or("the audit does not say why").trim_end_matches('.');
        match why.iter_mut().find(|(known, _)| *known == fault) {
            Some((_, names)) => names.push(words::head(run.standing)),
            None => why.push((fault, vec![words::head(run.standing)])),
        }
    }
    let mut out = String::new();
    for (fault, names) in why {
        let _ = write!(
            out,
            "<p class=\"quiet\">Not reached ({}): {}. What is counted there is of somebody who made no choice.</p>",
            names.join(", "),
            Text(fault)
        );
    }
    out
}

/// A number; trackers where nobody agreed to them stand out.
fn cell(total: &Total, name: &str, value: u64) -> String {
    let agreed = total.standing == Standing::Accepted;
    let class = match (name, value) {
        _ if !total.reached => " class=\"unreached\"",
        (_, 0) => " class=\"zero\"",
        ("of them to trackers", _) if !agreed => " class=\"alarm\"",
        _ => "",
    };
    format!("<td{class}>{}</td>", words::number(value))
}

/// The gravest kinds of finding, in words.
fn first(view: &View<'_>) -> String {
    let findings = &view.report.judgement.findings;
    let kinds = verdict::kinds(findings).into_iter();
    let grave: Vec<_> = kinds.filter(|(finding, _)| finding.level > Level::Note).take(FIRST).collect();
    if grave.is_empty() {
        return section("first", "What to mend first", &view.none("Nothing was found that must be mended."));
    }
    let mut inner = "<ol class=\"first\">".to_owned();
    for (finding, others) in &grave {
        let alike = verdict::alike(others).unwrap_or_default();
        let at = findings.iter().position(|one| one.id == finding.id).unwrap_or_default();
        let _ = write!(
            inner,
            "<li><p><b>{}</b> {}</p><p>{} <a href=\"#f{at}\">Evidence</a></p></li>",
            Text(&finding.says),
            Text(&alike),
            Text(&finding.mend)
        );
    }
    inner.push_str("</ol>");
    if findings.len() > grave.len() {
        let _ = write!(inner, "<p class=\"quiet\"><a href=\"#findings\">All {} findings</a></p>", findings.len());
    }
    section("first", "What to mend first", &inner)
}

/// What changed since an older audit.
fn changes(comparison: &Comparison) -> String {
    let mut inner = format!("<p><b>{}</b></p>", Text(&comparison.says()));
    for care in &comparison.care {
        let _ = write!(inner, "<p class=\"quiet\">Mind: {}</p>", Text(care));
    }
    for (says, list) in [
        ("New", &comparison.appeared),
        ("Gone", &comparison.gone),
        ("Not looked for again: a standing was not reached", &comparison.unseen),
    ] {
        let lines: Vec<String> = list.iter().map(|finding| Text(&finding.says).to_string()).collect();
        inner += &lines_of(says, &lines);
    }
    let turned: Vec<String> = comparison
        .turned
        .iter()
        .map(|turn| {
            let say = |one: Option<Outcome>| one.map_or("not in the table", words::outcome);
            let name = words::nick(&turn.id).unwrap_or(&turn.must);
            format!("<b>{}</b> {}: {} → {}", Text(&turn.id), Cut(name, 80), say(turn.old), say(turn.new))
        })
        .collect();
    inner += &lines_of("Rules that came out otherwise", &turned);
    for (says, list) in [
        ("Third parties that came", &comparison.parties_appeared),
        ("Third parties that went", &comparison.parties_gone),
    ] {
        inner += &inline(says, list.iter().cloned());
    }
    for (says, list) in
        [("Cookies that came", &comparison.cookies_appeared), ("Cookies that went", &comparison.cookies_gone)]
    {
        inner += &inline(says, list.iter().map(|jar| format!("{} ({})", jar.name, jar.domain)));
    }
    inner += &pairs(&comparison.totals);
    format!("<div class=\"changes\">{}</div>", section("changes", "What changed", &inner))
}

fn lines_of(says: &str, lines: &[String]) -> String {
    if lines.is_empty() {
        return String::new();
    }
    let mut out = format!("<h3>{says} <small>({})</small></h3><ul>", lines.len());
    for line in lines.iter().take(20) {
        let _ = write!(out, "<li>{line}</li>");
    }
    if lines.len() > 20 {
        let _ = write!(out, "<li class=\"quiet\">and {} more, in <code>compare.json</code></li>", lines.len() - 20);
    }
    out + "</ul>"
}

/// Names in one line.
fn inline(says: &str, list: impl ExactSizeIterator<Item = String>) -> String {
    let count = list.len();
    if count == 0 {
        return String::new();
    }
    let names: Vec<String> = list.take(40).map(|name| format!("<code>{}</code>", Cut(&name, 80))).collect();
    let more = if count > 40 { format!(" and {} more", count - 40) } else { String::new() };
    format!("<p>{says} ({count}): {}{more}</p>", names.join(", "))
}

/// The numbers of both, `old → new`.
fn pairs(stands: &[Stand]) -> String {
    let heads: Vec<&str> =
        std::iter::once("").chain(stands.iter().map(|stand| words::standing(stand.standing))).collect();
    let rows: Vec<String> = MEASURES
        .iter()
        .map(|(name, of)| {
            let mut row = format!("<tr><th scope=\"row\">{name}</th>");
            for stand in stands {
                let say =
                    |total: &Option<Total>| total.as_ref().map_or("–".to_owned(), |total| words::number(of(total)));
                let (old, new) = (say(&stand.old), say(&stand.new));
                let _ = match old == new {
                    true => write!(row, "<td class=\"zero\">{new}</td>"),
                    false => write!(row, "<td>{old} → <b>{new}</b></td>"),
                };
            }
            row + "</tr>"
        })
        .collect();
    super::table("Older → newer", &heads, &rows)
}
