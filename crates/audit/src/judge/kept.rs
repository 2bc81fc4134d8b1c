//! What is kept in the browser although nobody agreed to it: cookies and entries of every other storage, when they came to be,
//! and what of them stays. How long they may live is judged elsewhere.

use super::case::{Case, Phase, Walk};
use super::sheet::{Hit, Sheet};
use super::words::{about, aside, span, whom};
use super::{Level, Place, weigh};
use crate::seen::{Cookie, Entry, Kind, Standing};
use crate::who::Subject;

/// One kept thing, whatever it is.
struct Thing<'a> {
    subject: &'a Subject,
    level: Option<Level>,
    at: u64,
    stays: bool,
    visit: usize,
    place: Place,
    shows: String,
    what: &'static str,
}

pub(crate) fn look(case: &Case<'_>, sheet: &mut Sheet) {
    for walk in &case.walks {
        let cookies = walk.run.cookies.iter().zip(&walk.cookies).enumerate().map(|(at, (one, who))| Thing {
            subject: who,
            level: weigh::cookie(who, one),
            at: one.at,
            stays: one.stays && one.refused.is_none(),
            visit: one.visit,
            place: Place::Cookie(at),
            shows: shown(one),
            what: "cookie",
        });
        let entries = walk.run.storage.iter().zip(&walk.entries).enumerate().map(|(at, (one, who))| Thing {
            subject: who,
            level: weigh::entry(who, one),
            at: one.at,
            stays: one.stays,
            visit: one.visit,
            place: Place::Entry(at),
            shows: listed(one),
            what: "storage",
        });
        for thing in cookies.chain(entries) {
            came(walk, &thing, sheet);
            stays(walk, &thing, sheet);
            signal(walk, &thing, sheet);
            undeclared(case, walk, &thing, sheet);
        }
    }
}

fn hit<'a>(rule: &'static str, level: Level, thing: &'a Thing<'_>) -> Hit<'a> {
    Hit {
        rule,
        about: about(thing.subject),
        level,
        party: Some(&thing.subject.domain),
        visit: Some(thing.visit),
        at: thing.place,
        shows: thing.shows.clone(),
    }
}

/// When it came to be.
fn came(walk: &Walk<'_>, thing: &Thing<'_>, sheet: &mut Sheet) {
    let (Some(phase), Some(level)) = (walk.phase(thing.at), thing.level) else { return };
    let rule = match (thing.what, phase) {
        ("cookie", Phase::Before) => "cookie-before-choice",
        ("cookie", Phase::Refused) => "cookie-after-refusal",
        ("cookie", Phase::Withdrawn) => "cookie-after-withdrawal",
        (_, Phase::Before) => "storage-before-choice",
        (_, Phase::Refused) => "storage-after-refusal",
        (_, Phase::Withdrawn) => "storage-after-withdrawal",
    };
    sheet.add(walk, hit(rule, level, thing), || {
        let when = match phase {
            Phase::Before => "before the visitor has chosen",
            Phase::Refused => "after the visitor has refused everything",
            Phase::Withdrawn => "after the visitor has taken consent back",
        };
        let noun = if thing.what == "cookie" { "cookies" } else { "data in the browser" };
        if unsaid(thing.subject) {
            let says = format!("The site keeps {noun} of its own {when}, and nobody says what for.");
            let mend = "Declare each that the site needs as exempt, and hold the others until they are granted.";
            return (says, mend.to_owned());
        }
        let says = format!("{}{} keeps {noun} {when}.", whom(thing.subject), aside(thing.subject));
        let mend =
            format!("Keep {} from writing until its purpose is granted, and delete what it left.", whom(thing.subject));
        (says, mend)
    });
}

/// What a tracker had kept before everything was refused or taken back, and is still there.
fn stays(walk: &Walk<'_>, thing: &Thing<'_>, sheet: &mut Sheet) {
    let rule = match walk.run.standing {
        Standing::Refused => "kept-after-refusal",
        Standing::Withdrawn => "kept-after-withdrawal",
        _ => return,
    };
    let earlier = walk.run.reached && thing.at < walk.run.chosen;
    if !earlier || !thing.stays || !thing.subject.tracker() || thing.subject.exempt {
        return;
    }
    sheet.add(walk, hit(rule, Level::Warning, thing), || {
        let says = format!("What {} had kept in the browser is still there afterwards.", whom(thing.subject));
        (says, "Delete it when consent ends; what lies under another site's own name must at least not be read any longer.".to_owned())
    });
}

/// What is kept for sale or sharing although the browser said no.
fn signal(walk: &Walk<'_>, thing: &Thing<'_>, sheet: &mut Sheet) {
    let (Standing::Gpc, true, Some(level)) = (walk.run.standing, thing.subject.sale, thing.level) else { return };
    sheet.add(walk, hit("cookie-with-gpc", level, thing), || {
        let says = format!("{}, which sells or shares data, keeps something although the browser sends the signal against it (Global Privacy Control).", whom(thing.subject));
        (says, "Read Sec-GPC on the server and keep nothing for this service where it is 1.".to_owned())
    });
}

/// What the operator's configuration does not know, in whatever standing.
fn undeclared(case: &Case<'_>, walk: &Walk<'_>, thing: &Thing<'_>, sheet: &mut Sheet) {
    if !case.known.configured() || thing.subject.declared || thing.subject.choice || thing.level.is_none() {
        return;
    }
    sheet.add(walk, hit("name-undeclared", Level::Warning, thing), || {
        let says =
            format!("{} keeps something in the browser that the configuration does not declare.", whom(thing.subject));
        (says, "Declare each name with the service it belongs to, or see that nothing writes it.".to_owned())
    });
}

/// Whether it is the site's own, and nobody knows what for.
fn unsaid(subject: &Subject) -> bool {
    subject.own && subject.service.is_none()
}

/// A cookie in a few words.
pub(crate) fn shown(cookie: &Cookie) -> String {
    let life =
        cookie.lifetime.map_or_else(|| "until the browser is closed".to_owned(), |life| format!("for {}", span(life)));
    format!("cookie {} on {}, {life}", cookie.name, cookie.domain)
}

fn listed(entry: &Entry) -> String {
    let kind = match entry.kind {
        Kind::Local => "localStorage",
        Kind::Session => "sessionStorage",
        Kind::Indexed => "IndexedDB",
        Kind::Cache => "Cache Storage",
        Kind::Files => "private files",
        Kind::ServiceWorker => "service worker",
        Kind::Shared => "storage of advertising",
    };
    format!("{kind} {} on {}, {} bytes", entry.key, entry.origin, entry.size)
}
