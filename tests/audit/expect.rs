//! What is known of each site beforehand: whether it asks, by which tool, what can be reached, who writes what and for how
//! long, and which rows of the law table hold. It knows the sites and the files of an audit.

use crate::claim::{Claim, Run};
use crate::compare::LEAVING;
use crate::means::writer;
use crate::party::Log;
use crate::site::{PAGES, Scene};
use crate::table::Sheet;
use crate::tool::Tool;
use std::collections::BTreeSet;

/// Lifetimes as they were set, in seconds.
const LIFETIMES: [(&str, u64); 6] = [
    ("_stat", 63_072_000),
    ("sid", 34_560_000),
    ("adid", 33_696_000),
    ("adjs", 7_776_000),
    ("hop", 86_400),
    ("hopp", 86_400),
];

/// The most a browser keeps a cookie for (RFC 6265bis §5.5): who sets more may be told either.
const LONGEST: u64 = 34_560_000;

/// Rows of the law table that a site decides by what it is, and how.
fn rows(tool: Tool) -> &'static [(&'static str, &'static str)] {
    match tool {
        Tool::Bare => &[("L1", "failed"), ("L8", "undecidable")],
        Tool::Tarteaucitron | Tool::Orejime | Tool::Vanilla => &[("L1", "failed"), ("L8", "failed")],
        // What these forget keeps nothing and names nobody: whether it is essential only their owners can say.
        Tool::Klaro => &[("L1", "undecidable")],
        Tool::Framed => &[("L1", "undecidable"), ("L4", "passed")],
        Tool::Closed => &[("L4", "passed")],
    }
}

/// Everything that is known of a site, demanded.
pub(crate) fn site(sheet: &mut Sheet, claim: &Claim, log: &Log, scene: &Scene) {
    let tool = scene.tool;
    let hidden = log.entries.iter().any(|entry| entry.path() == "/hidden");
    sheet.demand(!hidden, "a page was visited that robots.txt keeps for itself");
    let mut heard = Vec::new();
    for run in claim.runs() {
        let standing = run.standing();
        let chooses = !matches!(standing.as_str(), "before" | "gpc");
        asked(sheet, run, tool);
        let reached = run.reached();
        heard.push(format!("{standing} {}", if reached { "reached" } else { "not reached" }));
        let should = !chooses || tool != Tool::Bare;
        sheet.demand(reached == should, format!("{standing}: reached is {reached}: {}", run.fault()));
        if reached {
            let pages: BTreeSet<String> = run.pages().into_iter().collect();
            let wanted: BTreeSet<String> =
                PAGES.iter().map(|(page, _)| format!("{}{page}", scene.origins["site"])).collect();
            // A tool may put links of its own into a page, such as one to "undefined".
            sheet.demand(pages.is_superset(&wanted), format!("{standing}: visited only {pages:?}"));
        }
        kept(sheet, run);
    }
    sheet.note(heard.join(", "));
    law(sheet, claim, rows(tool));
    if tool == Tool::Klaro {
        // It loads the page anew once consent is taken back, and what the page sends while it goes comes after that. Not
        // every time does the browser send it.
        let told = if farewell(claim, log) { "failed" } else { "undecidable" };
        law(sheet, claim, &[("L8", told)]);
    }
    claim.notes().into_iter().for_each(|note| sheet.note(note));
}

/// Whether anybody was told that the page is left after consent was taken back.
fn farewell(claim: &Claim, log: &Log) -> bool {
    let Some(run) = claim.run("withdrawn") else { return false };
    let since = claim.started() + run.began() + run.chosen();
    log.entries.iter().any(|entry| entry.path() == LEAVING && entry.at >= since)
}

/// Rows of the law table, as they must come out.
pub(crate) fn law(sheet: &mut Sheet, claim: &Claim, rows: &[(&str, &str)]) {
    for (id, outcome) in rows {
        let row = claim.row(id).unwrap_or_else(|| "not judged".to_owned());
        sheet.demand(row == *outcome, format!("{id} is {row}, not {outcome}: {}", claim.against(id).join(", ")));
    }
}

/// Whether the question was found, and taken for what it is.
fn asked(sheet: &mut Sheet, run: Run<'_>, tool: Tool) {
    let standing = run.standing();
    match (run.tool(), tool) {
        (Some(name), Tool::Bare) => sheet.faults.push(format!("{standing}: a notice of {name:?} where there is none")),
        (None, Tool::Bare) => {}
        // Whoever took everything back was asked before: nothing need stand there on the first page.
        (None, _) if standing == "withdrawn" => {}
        (None, _) => sheet.faults.push(format!("{standing}: no notice was found")),
        (Some(name), tool) => {
            let fits = match tool.known() {
                Some(word) => name.to_lowercase().contains(word),
                None => name.is_empty(),
            };
            sheet.demand(fits, format!("{standing}: the tool is taken for {name:?}"));
            let language = run.language();
            sheet.demand(language == tool.language(), format!("{standing}: the language is taken for {language:?}"));
            if standing == "before" {
                let clicks = run.clicks();
                sheet.demand(clicks == [Some(1); 2], format!("{standing}: clicks to accept and refuse: {clicks:?}"));
            }
        }
    }
}

/// Cookies: who set them, and for how long.
fn kept(sheet: &mut Sheet, run: Run<'_>) {
    let standing = run.standing();
    for cookie in run.cookies().into_iter().filter(|cookie| !cookie.refused) {
        if let Some((_, set)) = LIFETIMES.iter().find(|(name, _)| *name == cookie.name) {
            // The clock goes on between setting and looking.
            let near = |one: u64| cookie.lifetime.is_some_and(|said| said.abs_diff(one) <= 5);
            let fits = near(*set) || near((*set).min(LONGEST));
            // What an earlier standing left has only the rest of its life.
            let rest = standing == "withdrawn" && cookie.lifetime.is_some_and(|said| said <= *set);
            sheet.demand(fits || rest, format!("{standing}: {} lives {:?} s, not {set}", cookie.name, cookie.lifetime));
        }
        if let Some(end) = writer(&cookie.name).filter(|_| standing != "withdrawn") {
            let seen = cookie.scripts.iter().any(|script| script.ends_with(end));
            sheet.demand(seen, format!("{standing}: {} was written by {end}, not {:?}", cookie.name, cookie.scripts));
        }
    }
}
