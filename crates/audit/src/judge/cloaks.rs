//! Trackers under the site's own name: by an alias in the DNS, by a redirect, or by leading the whole page through
//! themselves. Which party hides there the case already knows; here it is said.

use super::case::{Case, Walk};
use super::sheet::{Hit, Sheet};
use super::words::{aside, short, what, whom};
use super::{Level, Place, weigh};
use crate::seen::{Request, Target};
use crate::who::{Cloak, name};
use std::collections::BTreeMap;

/// Every cloak by the registrable domain behind it.
pub(crate) type Cloaks = BTreeMap<String, Vec<Cloak>>;

pub(crate) fn look(case: &Case<'_>, sheet: &mut Sheet) -> Cloaks {
    let mut cloaks = Cloaks::new();
    for walk in &case.walks {
        for (at, request) in walk.run.requests.iter().enumerate().filter(|(_, request)| request.outcome.left()) {
            aliased(case, walk, (at, request), &mut cloaks, sheet);
            redirected(case, walk, (at, request), &mut cloaks, sheet);
            bounced(case, walk, (at, request), sheet);
        }
    }
    cloaks
}

fn keep(cloaks: &mut Cloaks, domain: &str, cloak: Cloak) {
    let all = cloaks.entry(domain.to_owned()).or_default();
    // A party may lie behind hundreds of addresses; a few show it.
    if !all.contains(&cloak) && all.len() < 20 {
        all.push(cloak);
    }
}

fn aliased(case: &Case<'_>, walk: &Walk<'_>, (at, request): (usize, &Request), cloaks: &mut Cloaks, sheet: &mut Sheet) {
    let Some(host) = name::host(&request.url).filter(|host| case.own.has(host)) else { return };
    let Some(chain) = case.audit.aliases.get(&host) else { return };
    let Some(foreign) = case.foreign(&host).next() else { return };
    let subject = &walk.requests[at];
    let shows = format!("{host} → {}", chain.join(" → "));
    let hit = |rule, level, party| Hit {
        rule,
        about: &host,
        level,
        party,
        visit: Some(request.visit),
        at: Place::Request(at),
        shows: shows.clone(),
    };
    if subject.own {
        sheet.add(walk, hit("alias-elsewhere", Level::Note, None), || {
            let says = format!("{host} is an alias of {foreign}, which is not the site's.");
            (says, format!("Find out who answers at {foreign}, and declare it if it is not the site."))
        });
        return;
    }
    keep(cloaks, &subject.domain, Cloak { host: host.clone(), chain: chain.clone(), alias: true });
    sheet.add(walk, hit("cloak-alias", Level::Error, Some(&subject.domain)), || {
        let says = format!("{host} looks like the site and is in truth {}{}.", whom(subject), what(subject));
        (says, format!("Take {host} out of what counts as the site, and hold it like its true owner."))
    });
}

fn redirected(
    case: &Case<'_>,
    walk: &Walk<'_>,
    (at, request): (usize, &Request),
    cloaks: &mut Cloaks,
    sheet: &mut Sheet,
) {
    let subject = &walk.requests[at];
    let Some(from) = request.redirect.and_then(|from| walk.run.requests.get(from).map(|one| (from, one))) else {
        return;
    };
    let ours = name::host(&from.1.url).filter(|host| case.own.has(host) && walk.requests[from.0].own);
    let (Some(host), true) = (ours, subject.tracker() && !subject.own) else { return };
    let chain = vec![short(&from.1.url), short(&request.url)];
    let shows = chain.join(" → ");
    keep(cloaks, &subject.domain, Cloak { host: host.clone(), chain, alias: false });
    let hit = Hit {
        rule: "cloak-redirect",
        about: &subject.domain,
        level: Level::Error,
        party: Some(&subject.domain),
        visit: Some(request.visit),
        at: Place::Request(at),
        shows,
    };
    sheet.add(walk, hit, || {
        let says = format!("An address of {host} leads on to {}{}.", whom(subject), what(subject));
        (says, "Take the redirect away, or hold the address on the site as the tracker it leads to.".to_owned())
    });
}

/// The page itself was led to somebody else and came back: so a party may set cookies as if it had been visited.
fn bounced(case: &Case<'_>, walk: &Walk<'_>, (at, request): (usize, &Request), sheet: &mut Sheet) {
    let own = name::host(&request.url).is_some_and(|host| case.own.has(&host));
    if !own || request.kind != "Document" || request.target != Target::Page {
        return;
    }
    let chain = walk.chain(at);
    let ours = |at: &usize| walk.requests[*at].own;
    let Some(first) = chain.iter().position(ours) else { return };
    for through in chain[..first].iter().copied() {
        let (subject, sent) = (&walk.requests[through], &walk.run.requests[through]);
        let Some(level) = weigh::request(subject, weigh::identified(sent)) else { continue };
        let hit = Hit {
            rule: "bounce",
            about: &subject.domain,
            level,
            party: Some(&subject.domain),
            visit: Some(request.visit),
            at: Place::Request(through),
            shows: format!(
                "{} → {} → {}",
                short(&walk.run.requests[chain[first]].url),
                short(&sent.url),
                short(&request.url)
            ),
        };
        sheet.add(walk, hit, || {
            let says = format!("The whole page is led through {}{} and back.", whom(subject), aside(subject));
            (says, "Answer the address with the page itself, without the way through somebody else.".to_owned())
        });
    }
}
