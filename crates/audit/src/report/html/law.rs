//! The law table: each row with its outcome, what was looked at, and the findings against it.

use super::top::Mark;
use super::{View, nothing, section};
use crate::judge::Row;
use crate::report::markup::Text;
use crate::report::words;
use std::fmt::Write as _;

pub(super) fn law(view: &View<'_>) -> String {
    let judgement = &view.report.judgement;
    if judgement.rows.is_empty() {
        return section("law", "The rules in full", &nothing("Nothing was judged."));
    }
    let rows: Vec<String> = judgement.rows.iter().map(|row| line(view, row)).collect();
    let lead = "<p class=\"quiet\">Each row is a sentence of European law that a test can check. “Passed” speaks of the pages \
                that were visited and of nothing else; “for a person” says what to look at. No row is legal advice.</p>";
    let table = super::table(
        "The law table",
        &["Rule", "Outcome", "What must hold", "What was looked at, and findings"],
        &rows,
    );
    section("law", "The rules in full", &format!("{lead}<div class=\"lawtable\">{table}</div>"))
}

fn line(view: &View<'_>, row: &Row) -> String {
    let findings = &view.report.judgement.findings;
    let mut against = String::new();
    for id in &row.findings {
        if let Some(at) = findings.iter().position(|finding| finding.id == *id) {
            let _ = write!(against, "<li><a href=\"#f{at}\">{}</a></li>", Text(&findings[at].says));
        }
    }
    if !against.is_empty() {
        against = format!("<ul>{against}</ul>");
    }
    format!(
        "<tr id=\"law-{id}\"><th scope=\"row\">{id}</th><td class=\"outcome\">{}{}</td><td>{}<br><small>{}</small></td><td>{}{against}</td></tr>",
        Mark::of(row.outcome),
        words::outcome(row.outcome),
        Text(&row.must),
        Text(&row.authority),
        Text(&row.why),
        id = Text(&row.id),
    )
}
