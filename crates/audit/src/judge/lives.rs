//! How long cookies live: trackers' beyond thirteen months or longer with every page, and the answer itself, which must be
//! kept as long for a refusal as for an acceptance.

use super::case::{Case, Walk};
use super::kept::shown;
use super::sheet::{Hit, Sheet};
use super::words::{about, span, whom};
use super::{Level, Place};
use crate::seen::{Cookie, Setter, Standing};
use crate::who::{Subject, name};
use std::collections::BTreeSet;

/// Thirteen months, in seconds: the longest year and the longest month after it.
pub(crate) const LONG: u64 = 395 * 86_400;

/// Two times nearer than this are one: clocks and answers differ.
pub(crate) const NEAR: u64 = 86_400;

pub(crate) fn look(case: &Case<'_>, sheet: &mut Sheet) {
    for walk in &case.walks {
        for (at, (cookie, subject)) in walk.run.cookies.iter().zip(&walk.cookies).enumerate() {
            if cookie.refused.is_some() {
                continue;
            }
            let hit = |rule, level| Hit {
                rule,
                about: about(subject),
                level,
                party: Some(&subject.domain),
                visit: Some(cookie.visit),
                at: Place::Cookie(at),
                shows: shown(cookie),
            };
            if subject.choice {
                choice(case, walk, cookie, hit, sheet);
            } else {
                long(walk, (cookie, subject), &hit, sheet);
                renewed(walk, (cookie, subject), &hit, sheet);
            }
        }
    }
}

fn long<'h>(
    walk: &Walk<'_>,
    (cookie, subject): (&Cookie, &Subject),
    hit: &impl Fn(&'static str, Level) -> Hit<'h>,
    sheet: &mut Sheet,
) {
    if cookie.lifetime.is_none_or(|life| life <= LONG) {
        return;
    }
    let level = match (subject.tracker(), subject.own) {
        (true, _) if loose(walk, cookie, subject) => Level::Error,
        (true, _) | (false, false) => Level::Warning,
        (false, true) => Level::Note,
    };
    sheet.add(walk, hit("lifetime-long", level), || {
        let says = format!("{} keeps cookies for more than thirteen months.", whom(subject));
        (says, "Set Max-Age to 34128000 at most (395 days); browsers themselves end every cookie after 400.".to_owned())
    });
}

/// Whether a tracker's cookie lives on an exemption, or on nothing: thirteen months bind whoever measures without consent
/// (CNIL 2020-091). What was set after an acceptance has consent for its ground, and its lifetime a person must weigh.
fn loose(walk: &Walk<'_>, cookie: &Cookie, subject: &Subject) -> bool {
    subject.exempt || walk.run.standing == Standing::Gpc || walk.phase(cookie.at).is_some()
}

/// Set again, with a lifetime, by answers on more than one page.
fn renewed<'h>(
    walk: &Walk<'_>,
    (cookie, subject): (&Cookie, &Subject),
    hit: &impl Fn(&'static str, Level) -> Hit<'h>,
    sheet: &mut Sheet,
) {
    let page = |setter: &Setter| match setter {
        Setter::Answer(at) => walk.run.requests.get(*at).map(|request| request.visit),
        _ => None,
    };
    let pages: BTreeSet<usize> = cookie.setters.iter().filter_map(page).collect();
    if !subject.tracker() || cookie.lifetime.is_none() || pages.len() < 2 {
        return;
    }
    let level = if loose(walk, cookie, subject) { Level::Warning } else { Level::Note };
    sheet.add(walk, hit("lifetime-renewed", level), || {
        let says = format!("{} prolongs its cookies with every page, so that they never end.", whom(subject));
        (says, "Set the cookie once, and let its end stand.".to_owned())
    });
}

fn choice<'h>(
    case: &Case<'_>,
    walk: &Walk<'_>,
    cookie: &Cookie,
    hit: impl Fn(&'static str, Level) -> Hit<'h>,
    sheet: &mut Sheet,
) {
    let named = |rule, level| Hit { about: &cookie.name, party: None, ..hit(rule, level) };
    if cookie.lifetime.is_some_and(|life| life > LONG) {
        sheet.add(walk, named("choice-long", Level::Warning), || {
            let says = "The visitor's answer is kept for more than thirteen months without being asked for again.";
            (says.to_owned(), "Keep the answer for six months.".to_owned())
        });
    }
    if walk.run.standing != Standing::Refused || !walk.run.reached || !cookie.stays || cookie.at > later(walk) {
        return;
    }
    let Some(refused) = cookie.lifetime else {
        sheet.add(walk, named("refusal-forgotten", Level::Warning), || {
            let says = "A refusal is kept only until the browser is closed, and then asked for again.";
            (says.to_owned(), "Give the cookie of a refusal the same lifetime as that of an acceptance.".to_owned())
        });
        return;
    };
    let same = |one: &&Cookie| one.name == cookie.name && name::plain(&one.domain) == name::plain(&cookie.domain);
    let accepted = case.walk_of(Standing::Accepted).filter(|walk| walk.run.reached);
    let accepted = accepted.and_then(|walk| walk.run.cookies.iter().find(same)).and_then(|one| one.lifetime);
    if let Some(accepted) = accepted.filter(|life| *life > refused.saturating_add(NEAR)) {
        sheet.add(walk, named("refusal-shorter", Level::Error), || {
            let says = format!("A refusal is kept for {}, an acceptance for {}.", span(refused), span(accepted));
            (says, "Keep both answers equally long.".to_owned())
        });
    }
}

/// A cookie that came long after the choice is not its record.
fn later(walk: &Walk<'_>) -> u64 {
    walk.run.chosen.saturating_add(60_000)
}
