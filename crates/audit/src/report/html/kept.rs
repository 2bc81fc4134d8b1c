//! What was kept in the browser: cookies and entries of other storages, once for all standings in which they were seen.

use super::{Tag, View, section, standings};
use crate::judge::{LONG, Loan, Place};
use crate::report::markup::{Code, Cut, Text};
use crate::report::whose::{Whose, host};
use crate::report::words;
use crate::seen::{Cookie, Entry, Run, SameSite, Setter, Standing};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// The same thing in several runs: the first sight of it, where it was seen and where it was still there at the end.
struct Sight<'r, T> {
    run: &'r Run,
    first: &'r T,
    seen: Vec<Standing>,
    stays: Vec<Standing>,
}

impl<'r, T> Sight<'r, T> {
    fn new(run: &'r Run, first: &'r T) -> Self {
        Self { run, first, seen: Vec::new(), stays: Vec::new() }
    }

    fn add(&mut self, standing: Standing, stays: bool) {
        if !self.seen.contains(&standing) {
            self.seen.push(standing);
        }
        if stays && !self.stays.contains(&standing) {
            self.stays.push(standing);
        }
    }
}

/// Where and when something was first seen.
fn origin(run: &Run, visit: usize, at: u64, moment: crate::seen::Moment) -> String {
    let page = run.visits.get(visit).map_or(String::new(), |visit| format!("<br>{}", Code(&visit.url)));
    format!("{}, {} {}{page}", words::short(run.standing), words::span(at), words::moment(moment))
}

fn setter(run: &Run, setter: &Setter) -> String {
    match setter {
        Setter::Answer(at) => match run.requests.get(*at) {
            Some(request) => format!("the answer of {}", Code(&request.url)),
            None => "an answer".to_owned(),
        },
        Setter::Script { stack, frame } => match stack.first() {
            Some(script) => format!("the script {}", Code(script)),
            None => format!("a script in {}", Code(frame)),
        },
        Setter::Unseen => "nobody was seen".to_owned(),
    }
}

/// What is not the site's although its name says so, as the judge found it in any standing.
fn lent<'r, K: Ord>(view: &View<'r>, key: impl Fn(&'r Run, Place) -> Option<K>) -> BTreeMap<K, &'r Loan> {
    let runs = &view.report.audit.runs;
    let all = view.report.judgement.lent.iter();
    all.filter_map(|loan| {
        let run = runs.iter().find(|run| run.standing == loan.standing)?;
        Some((key(run, loan.at)?, loan))
    })
    .collect()
}

/// Whose it is: the judge's word, else that of its host.
fn owner(view: &View<'_>, loan: Option<&&Loan>, host: &str) -> Whose {
    match loan {
        Some(loan) if loan.tracker => Whose::Tracker,
        Some(_) => Whose::Third,
        None => view.directory.whose(host),
    }
}

fn named(loan: Option<&&Loan>) -> String {
    loan.map_or(String::new(), |loan| format!("<br><small>{}</small>", Cut(&loan.whose, 60)))
}

pub(super) fn cookies(view: &View<'_>) -> String {
    let lent = lent(view, |run, at| match at {
        Place::Cookie(at) => run.cookies.get(at).map(|one| (&*one.name, &*one.domain, &*one.path)),
        _ => None,
    });
    let mut all: BTreeMap<(Whose, &str, &str, &str), Sight<'_, Cookie>> = BTreeMap::new();
    for run in &view.report.audit.runs {
        for cookie in &run.cookies {
            let loan = lent.get(&(&*cookie.name, &*cookie.domain, &*cookie.path));
            let whose = owner(view, loan, &cookie.domain);
            let key = (whose, &*cookie.name, &*cookie.domain, &*cookie.path);
            all.entry(key).or_insert_with(|| Sight::new(run, cookie)).add(run.standing, cookie.stays);
        }
    }
    if all.is_empty() {
        return section("cookies", "Cookies", &view.none("No cookie was set in any standing."));
    }
    let rows: Vec<String> = all
        .iter()
        .map(|((whose, name, domain, path), sight)| {
            let loan = named(lent.get(&(*name, *domain, *path)));
            cookie(view, (*whose, loan), sight)
        })
        .collect();
    let heads = ["Cookie", "Whose", "Lives", "Flags", "Set by", "First seen", "Seen", "Still there at the end"];
    section("cookies", "Cookies", &super::table("Cookies of all standings", &heads, &rows))
}

fn cookie(view: &View<'_>, (whose, loan): (Whose, String), sight: &Sight<'_, Cookie>) -> String {
    let (run, first) = (sight.run, sight.first);
    let service = view.directory.party(&first.domain).and_then(|party| party.service.as_ref());
    let service = service.map_or(loan, |service| format!("<br><small>{}</small>", Cut(&service.name, 60)));
    let long = first.lifetime.is_some_and(|life| life > LONG);
    let mut by: Vec<String> = first.setters.iter().take(3).map(|one| setter(run, one)).collect();
    if first.setters.len() > 3 {
        by.push(format!("and {} more", first.setters.len() - 3));
    }
    let refused =
        first.refused.as_ref().map_or(String::new(), |why| format!("<br><small>not kept: {}</small>", Cut(why, 80)));
    format!(
        "<tr><th scope=\"row\"><code>{}</code><br><small><bdi>{}</bdi></small>{refused}</th><td>{}{service}</td><td{}>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
        Cut(&first.name, 80),
        Cut(&format!("{}{}", first.domain, first.path), 100),
        Tag(whose),
        // 13 months, beyond which no exemption reaches (CNIL 2020-091).
        if long { " class=\"alarm\"" } else { "" },
        words::life(first.lifetime),
        flags(first),
        by.join("<br>"),
        origin(run, first.visit, first.at, first.moment),
        standings(&sight.seen),
        standings(&sight.stays),
    )
}

fn flags(cookie: &Cookie) -> String {
    let mut out = Vec::new();
    if cookie.secure {
        out.push("Secure".to_owned());
    }
    if cookie.http_only {
        out.push("HttpOnly".to_owned());
    }
    match cookie.same_site {
        SameSite::Strict => out.push("SameSite=Strict".to_owned()),
        SameSite::Lax => out.push("SameSite=Lax".to_owned()),
        SameSite::None => out.push("SameSite=None".to_owned()),
        SameSite::Unset => {}
    }
    if let Some(site) = &cookie.partition {
        out.push(format!("Partitioned ({})", Cut(site, 60)));
    }
    if out.is_empty() { "none".to_owned() } else { out.join("<br>") }
}

pub(super) fn storage(view: &View<'_>) -> String {
    let lent = lent(view, |run, at| match at {
        Place::Entry(at) => run.storage.get(at).map(|one| (&*one.origin, one.kind, &*one.key)),
        _ => None,
    });
    let mut all: BTreeMap<(Whose, &str, crate::seen::Kind, &str), Sight<'_, Entry>> = BTreeMap::new();
    for run in &view.report.audit.runs {
        for entry in &run.storage {
            let loan = lent.get(&(&*entry.origin, entry.kind, &*entry.key));
            let key = (owner(view, loan, &host(&entry.origin)), &*entry.origin, entry.kind, &*entry.key);
            all.entry(key).or_insert_with(|| Sight::new(run, entry)).add(run.standing, entry.stays);
        }
    }
    if all.is_empty() {
        let says = "Nothing was kept in any other storage, in any standing.";
        return section("storage", "Other storage", &view.none(says));
    }
    let rows: Vec<String> = all
        .iter()
        .map(|((whose, origin, kind, key), sight)| entry((*whose, named(lent.get(&(*origin, *kind, *key)))), sight))
        .collect();
    let heads = ["Key", "Kind", "Origin", "#Size", "Written by", "First seen", "Seen", "Still there at the end"];
    section("storage", "Other storage", &super::table("Entries of all standings", &heads, &rows))
}

fn entry((whose, loan): (Whose, String), sight: &Sight<'_, Entry>) -> String {
    let (run, first) = (sight.run, sight.first);
    let mut value = String::new();
    if !first.value.is_empty() {
        let _ = write!(value, "<br><small><bdi>{}</bdi></small>", Cut(&first.value, 60));
    }
    format!(
        "<tr><th scope=\"row\"><code>{}</code>{value}</th><td>{}</td><td><bdi>{}</bdi><br>{}{loan}</td><td class=\"n\">{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
        Cut(&first.key, 100),
        words::kind(first.kind),
        Text(&first.origin),
        Tag(whose),
        words::size(first.size),
        setter(run, &first.setter),
        origin(run, first.visit, first.at, first.moment),
        standings(&sight.seen),
        standings(&sight.stays),
    )
}
