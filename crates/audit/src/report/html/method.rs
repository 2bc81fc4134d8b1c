//! How the audit was made, what it did not look at, and what the words mean: without it no number above can be judged.

use super::{View, section, standings};
use crate::report::markup::{Code, Cut, Link, Text};
use crate::report::words;
use crate::seen::Standing;
use std::fmt::Write as _;

pub(super) fn method(view: &View<'_>) -> String {
    let audit = &view.report.audit;
    let limits = &audit.limits;
    let mut rows = String::new();
    let mut row = |name: &str, value: String| {
        let _ = write!(rows, "<tr><th scope=\"row\">{name}</th><td>{value}</td></tr>");
    };
    row("Address", Link(&audit.site).to_string());
    row("When", format!("{}, for {}", words::date(audit.started), words::span(audit.took)));
    row("Browser", Text(&audit.browser).to_string());
    let own: Vec<String> = audit.own.iter().take(20).map(|host| Code(host).to_string()).collect();
    row("Counted as the site", if own.is_empty() { "no host".to_owned() } else { own.join(", ") });
    let walked: Vec<Standing> = audit.runs.iter().map(|run| run.standing).collect();
    row("Standings", if walked.is_empty() { "none".to_owned() } else { standings(&walked) });
    row(
        "Pages",
        format!(
            "at most {} for each standing, at most {} away from the first; {}",
            words::number(u64::from(limits.pages)),
            words::count(u64::from(limits.depth), "link"),
            if limits.robots { "robots.txt was heeded" } else { "robots.txt was not asked" }
        ),
    );
    row(
        "Time",
        format!(
            "each page had {} to load and was watched for {} after that; at least {} between two pages of one host",
            words::span(limits.patience),
            words::span(limits.wait),
            words::span(limits.delay)
        ),
    );
    row(
        "Requests",
        format!("at most {} of each page kept in full, the others counted", words::number(u64::from(limits.requests))),
    );
    let mut inner = format!(
        "<div class=\"wide\" role=\"region\" tabindex=\"0\" aria-label=\"How it was made\"><table class=\"facts\"><caption>How this audit was made</caption><tbody>{rows}</tbody></table></div>"
    );
    inner += &unseen(view);
    if !audit.notes.is_empty() {
        inner.push_str("<h3>Notes</h3><ul>");
        for note in audit.notes.iter().take(100) {
            let _ = write!(inner, "<li><bdi>{}</bdi></li>", Cut(note, 400));
        }
        if audit.notes.len() > 100 {
            let _ = write!(inner, "<li class=\"quiet\">and {} more</li>", audit.notes.len() - 100);
        }
        inner.push_str("</ul>");
    }
    section("method", "How it was made", &inner)
}

/// What was not looked at.
fn unseen(view: &View<'_>) -> String {
    let audit = &view.report.audit;
    let mut out = Vec::new();
    if let Some(why) = &audit.interrupted {
        out.push(format!("Whatever would have come after the audit ended early: {}.", Text(why.trim_end_matches('.'))));
    }
    for standing in Standing::ALL {
        match audit.runs.iter().find(|run| run.standing == standing) {
            None => out.push(format!("“{}”: it was not walked through.", words::standing(standing))),
            Some(run) => {
                if let Some(fault) = &run.fault {
                    out.push(format!("“{}”: {}.", words::standing(standing), Cut(fault.trim_end_matches('.'), 300)));
                }
            }
        }
    }
    out.push(
        "Pages behind a login or a form, pages no link leads to, what appears only on scrolling or clicking, other browsers, \
         and visitors from other countries."
            .to_owned(),
    );
    out.push("What third parties do with what they received: only that it was sent can be seen.".to_owned());
    let items: String = out.iter().map(|line| format!("<li>{line}</li>")).collect();
    format!("<h3>What was not looked at</h3><ul>{items}</ul>")
}

/// What the words mean.
pub(super) fn glossary() -> &'static str {
    "<section id=\"words\" aria-labelledby=\"words-h\"><h2 id=\"words-h\">Words</h2><dl class=\"words\">\
     <dt>Standing</dt><dd>Where the visitor stood: asked nothing yet (<i>before</i>), everything <i>refused</i>, everything \
     <i>accepted</i>, everything accepted and then <i>taken back</i>, or with a signal against sale and sharing (<i>GPC</i>). Each \
     is walked through with an empty browser of its own.</dd>\
     <dt>Third party</dt><dd>Whoever answers for a host that is not one of the site’s.</dd>\
     <dt>Tracker</dt><dd>A third party that follows people, by the word of the catalogue or of a list that stands beside it. The \
     word may be wrong, which is why its source is named.</dd>\
     <dt>Request</dt><dd>Anything the browser sent, answered or not. What the browser took from its own store, or stopped, is \
     not counted.</dd>\
     <dt>Cookie, storage</dt><dd>What is kept in the visitor’s browser. Reading and writing there need consent unless the visitor \
     asked for what they are for (ePrivacy directive, article 5(3)).</dd>\
     <dt>Cloaked</dt><dd>A name that looks like the site’s and belongs to somebody else, by an alias in DNS or by a redirect.</dd>\
     <dt>Contrast, stands out</dt><dd>How much letters differ from what is behind them, and a button from what surrounds it, from \
     1 (not at all) to 21 (black on white), as WCAG 2.2 counts it.</dd>\
     <dt>GPC</dt><dd>Global Privacy Control: a header by which a browser says that its user objects to sale and sharing.</dd>\
     <dt>For a person</dt><dd>A rule no machine can decide, or could not decide here. What to look at stands in its row.</dd>\
     </dl></section>\n"
}
