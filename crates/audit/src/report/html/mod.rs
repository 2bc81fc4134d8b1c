//! The report as one page that needs nothing beside it: no file, no network, no script. First what a director asks, on one
//! screen; then what an engineer needs to mend it. The little script only filters and sorts tables that are already there.

mod chart;
mod findings;
mod kept;
mod law;
mod method;
mod notice;
mod pages;
mod parties;
mod top;

use super::markup::Text;
use super::whose::Directory;
use super::{Comparison, Report, verdict, words};
use base64::Engine as _;
use sha2::Digest as _;
use std::cell::Cell;
use std::fmt::{self, Write as _};

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// Rows of a table, at most. The rest is in `audit.json`, and the page says so.
const ROWS: usize = 500;

/// Letters of Base64 that pictures may take together, so that the page can still be sent by mail.
const PICTURES: usize = 24 << 20;

/// Heads of columns of numbers, one for each standing in the order of `Standing::ALL`.
const NUMBERS: [&str; 5] = ["#Before", "#Refused", "#Accepted", "#Taken back", "#GPC"];

/// What every part of the page looks at.
struct View<'r> {
    report: &'r Report,
    directory: Directory<'r>,
    /// What is left for pictures.
    room: Cell<usize>,
}

/// The page. With a comparison, what changed stands on top.
pub fn html(report: &Report, comparison: Option<&Comparison>) -> String {
    let view = View { report, directory: Directory::new(report), room: Cell::new(PICTURES) };
    let name = verdict::name(report);
    let audit = &report.audit;
    let mut body = top::top(&view, comparison);
    for part in [
        chart::chart(&view),
        law::law(&view),
        findings::findings(&view),
        notice::notice(&view),
        parties::parties(&view),
        kept::cookies(&view),
        kept::storage(&view),
        parties::connections(&view),
        pages::pages(&view),
        method::method(&view),
        method::glossary().to_owned(),
    ] {
        body += &part;
    }
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; style-src '{}'; \
         script-src '{}'; base-uri 'none'; form-action 'none'\">\
         <meta name=\"viewport\" content=\"width=device-width\"><meta name=\"robots\" content=\"noindex\">\
         <meta name=\"referrer\" content=\"no-referrer\"><meta name=\"color-scheme\" content=\"light dark\">\
         <title>Consent audit of {title}</title><style>{STYLE}</style></head>\n<body><header><p class=\"kicker\">Consent audit</p>\
         <h1><bdi>{title}</bdi></h1><p class=\"quiet\">{}; version {} of Bandeau with {}</p></header>\n<main>{body}</main>\n\
         <footer class=\"quiet\"><p>This page holds what a browser met on a site, cookie values and addresses included: mind to \
         whom it is given. It is no legal advice. Everything in it, and more, is in <code>audit.json</code>.</p></footer>\
         <script>{SCRIPT}</script></body></html>\n",
        hash(STYLE),
        hash(SCRIPT),
        words::date(audit.started),
        Text(&audit.version),
        Text(&audit.browser),
        title = Text(&name),
    )
}

/// A source of a Content-Security-Policy that allows exactly this text (CSP3 §2.3.1).
fn hash(text: &str) -> String {
    format!("sha256-{}", base64::engine::general_purpose::STANDARD.encode(sha2::Sha256::digest(text)))
}

/// One part of the page: its anchor, its heading, what stands in it.
fn section(id: &str, heading: &str, inner: &str) -> String {
    format!("<section id=\"{id}\" aria-labelledby=\"{id}-h\"><h2 id=\"{id}-h\">{heading}</h2>{inner}</section>\n")
}

/// A table with its caption, that can be moved sideways where it is wider than the window. Rows beyond [`ROWS`] are
/// counted, not shown. A head that begins with `#` stands over numbers.
fn table(caption: &str, heads: &[&str], rows: &[String]) -> String {
    let mut out = format!(
        "<div class=\"wide\" role=\"region\" tabindex=\"0\" aria-label=\"{caption}\"><table><caption>{caption}</caption><thead><tr>"
    );
    for head in heads {
        let _ = match head.strip_prefix('#') {
            Some(head) => write!(out, "<th scope=\"col\" class=\"n\">{head}</th>"),
            None => write!(out, "<th scope=\"col\">{head}</th>"),
        };
    }
    out.push_str("</tr></thead><tbody>");
    rows.iter().take(ROWS).for_each(|row| out.push_str(row));
    out.push_str("</tbody></table></div>");
    if rows.len() > ROWS {
        let _ = write!(
            out,
            "<p class=\"quiet\">The first {} of {} rows; all of them are in <code>audit.json</code>.</p>",
            words::number(ROWS as u64),
            words::number(rows.len() as u64)
        );
    }
    out
}

/// A paragraph in place of an empty table.
fn nothing(says: &str) -> String {
    format!("<p class=\"none\">{says}</p>")
}

impl View<'_> {
    /// The same for something that was looked for: where no page was visited, that nothing was found says nothing.
    fn none(&self, says: &str) -> String {
        match self.report.audit.runs.iter().any(|run| !run.visits.is_empty()) {
            true => nothing(says),
            false => nothing("No page was visited, so nothing can be said."),
        }
    }
}

/// Standings in a cell.
fn standings(list: &[crate::seen::Standing]) -> String {
    let mut out = String::new();
    for one in list {
        let _ = write!(out, "<span class=\"tag\">{}</span> ", words::short(*one));
    }
    out.trim_end().to_owned()
}

/// A tag that says whose something is, by colour and by word.
struct Tag(super::whose::Whose);

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<span class=\"whose {}\">{}</span>", self.0.class(), self.0.says())
    }
}

#[cfg(test)]
mod tests;
