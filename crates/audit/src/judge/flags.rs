//! Cookies that may travel in the clear, and parties nobody knows or the configuration does not declare.

use super::case::{Case, Walk};
use super::kept::shown;
use super::sheet::{Hit, Sheet};
use super::words::{about, whom};
use super::{Level, Place, marks};
use crate::seen::SameSite;
use crate::who::Weight;

pub(crate) fn look(case: &Case<'_>, sheet: &mut Sheet) {
    for walk in &case.walks {
        clear(walk, sheet);
        strangers(case, walk, sheet);
    }
}

fn clear(walk: &Walk<'_>, sheet: &mut Sheet) {
    for (at, (cookie, subject)) in walk.run.cookies.iter().zip(&walk.cookies).enumerate() {
        let page = walk.page(cookie.visit).unwrap_or_default();
        if cookie.secure || !page.starts_with("https://") {
            continue;
        }
        let open = cookie.same_site == SameSite::None;
        let level =
            if open || subject.tracker() || marks::telling(&cookie.value) { Level::Warning } else { Level::Note };
        let hit = Hit {
            rule: "cookie-insecure",
            about: about(subject),
            level,
            party: Some(&subject.domain),
            visit: Some(cookie.visit),
            at: Place::Cookie(at),
            shows: format!("{}, without Secure{}", shown(cookie), if open { ", SameSite=None" } else { "" }),
        };
        sheet.add(walk, hit, || {
            let says = format!("Cookies of {} may travel without encryption.", whom(subject));
            (says, "Set Secure on every cookie of a site that is reached by https.".to_owned())
        });
    }
}

fn strangers(case: &Case<'_>, walk: &Walk<'_>, sheet: &mut Sheet) {
    for (at, (request, subject)) in walk.run.requests.iter().zip(&walk.requests).enumerate() {
        if subject.own || !request.outcome.left() {
            continue;
        }
        let hit = |rule, level| Hit {
            rule,
            about: &subject.domain,
            level,
            party: Some(&subject.domain),
            visit: Some(request.visit),
            at: Place::Request(at),
            shows: format!("{} {}", request.kind, request.url),
        };
        if case.known.configured() && !subject.declared {
            sheet.add(walk, hit("party-undeclared", Level::Warning), || {
                let says = format!("The pages contact {}, which the configuration does not declare.", whom(subject));
                (says, format!("Declare the service at {} with its purpose, or take it off the pages.", subject.domain))
            });
        } else if subject.weight == Weight::Unknown {
            sheet.add(walk, hit("party-unknown", Level::Note), || {
                let says = format!("The pages contact {}, of whom nothing is known.", subject.domain);
                (says, "Find out who it is and what for; then declare it, or take it off the pages.".to_owned())
            });
        }
    }
}
