//! What went out although nobody had agreed: requests, bare connections, and cookies of trackers that travelled along. Whose
//! each is stands in the case; what is kept in the browser is judged elsewhere.

use super::case::{Case, Phase, Walk};
use super::sheet::{Hit, Sheet};
use super::words::{about, aside, short, whom};
use super::{Level, Place, weigh};
use crate::seen::{Request, Standing, Target};
use crate::who::Subject;
use crate::who::name;
use std::collections::HashMap;

pub(crate) fn look(case: &Case<'_>, sheet: &mut Sheet) {
    for walk in &case.walks {
        requests(walk, sheet);
        connections(walk, sheet);
        read(case, walk, sheet);
        insecure(walk, sheet);
        referrers(case, walk, sheet);
    }
}

fn requests(walk: &Walk<'_>, sheet: &mut Sheet) {
    for (at, (request, subject)) in walk.run.requests.iter().zip(&walk.requests).enumerate() {
        if !request.outcome.left() {
            continue;
        }
        let Some(level) = weigh::request(subject, weigh::identified(request)) else { continue };
        if let Some(phase) = walk.phase(request.at) {
            let rule = match phase {
                Phase::Before if subject.category() == "tags" => "tag-manager-before-choice",
                Phase::Before => "request-before-choice",
                Phase::Refused if subject.category() == "tags" => "tag-manager-after-refusal",
                Phase::Withdrawn if subject.category() == "tags" => "tag-manager-after-withdrawal",
                Phase::Refused => "request-after-refusal",
                Phase::Withdrawn => "request-after-withdrawal",
            };
            sheet.add(walk, hit(rule, level, subject, (at, request)), || {
                (says(subject, phase, "contact"), hold(subject))
            });
        }
        if walk.run.standing == Standing::Gpc && subject.sale {
            sheet.add(walk, hit("request-with-gpc", level, subject, (at, request)), || {
                let says = format!("The pages contact {}, which sells or shares data, although the browser sends the signal against it (Global Privacy Control).", whom(subject));
                (says, format!("Read Sec-GPC on the server and load nothing from {} where it is 1.", subject.domain))
            });
        }
    }
}

fn hit<'a>(rule: &'static str, level: Level, subject: &'a Subject, (at, request): (usize, &Request)) -> Hit<'a> {
    Hit {
        rule,
        about: about(subject),
        level,
        party: Some(&subject.domain),
        visit: Some(request.visit),
        at: Place::Request(at),
        shows: format!("{} {}", request.kind, request.url),
    }
}

/// The sentence for directors.
pub(crate) fn says(subject: &Subject, phase: Phase, verb: &str) -> String {
    let (who, what) = (whom(subject), aside(subject));
    match phase {
        Phase::Before => format!("The pages {verb} {who}{what} before the visitor has chosen."),
        Phase::Refused => format!("The pages {verb} {who}{what} after the visitor has refused everything."),
        Phase::Withdrawn => format!("The pages {verb} {who}{what} after the visitor has taken consent back."),
    }
}

/// The sentence for engineers.
pub(crate) fn hold(subject: &Subject) -> String {
    if subject.own {
        return format!("Hold the part of the site that serves {} until its purpose is granted.", whom(subject));
    }
    match subject.category() {
        "resources" => format!(
            "Serve the files of {} from the site itself, or load them only once they are granted.",
            subject.domain
        ),
        "tags" => format!("Load the tag manager of {} only after a choice that grants what it loads.", subject.domain),
        _ => format!(
            "Take every load of {} out of the page and its scripts until its purpose is granted.",
            subject.domain
        ),
    }
}

fn connections(walk: &Walk<'_>, sheet: &mut Sheet) {
    for (at, (one, subject)) in walk.run.connections.iter().zip(&walk.connections).enumerate() {
        if one.request || subject.own {
            continue;
        }
        let (Some(phase), Some(level)) = (walk.phase(one.at), weigh::connection(subject, one.port)) else { continue };
        let rule = match phase {
            Phase::Before => "connection-before-choice",
            Phase::Refused => "connection-after-refusal",
            Phase::Withdrawn => "connection-after-withdrawal",
        };
        let how = if one.port == 0 { "looked up" } else { "connected to" };
        let hit = Hit {
            rule,
            about: about(subject),
            level,
            party: Some(&subject.domain),
            visit: Some(one.visit),
            at: Place::Connection(at),
            shows: format!("{} was {how}", one.host),
        };
        sheet.add(walk, hit, || {
            let mend = format!(
                "Take preconnect, dns-prefetch, prefetch and Link headers for {} out until it is granted.",
                one.host
            );
            (says(subject, phase, "make the browser connect to"), mend)
        });
    }
}

/// Cookies of trackers that travel after a refusal or withdrawal, whoever they are sent to.
fn read(case: &Case<'_>, walk: &Walk<'_>, sheet: &mut Sheet) {
    let mut kept: HashMap<&str, Vec<usize>> = HashMap::new();
    for (at, cookie) in walk.run.cookies.iter().enumerate() {
        kept.entry(&cookie.name).or_default().push(at);
    }
    for (at, (request, receiver)) in walk.run.requests.iter().zip(&walk.requests).enumerate() {
        let rule = match walk.phase(request.at) {
            Some(Phase::Refused) => "read-after-refusal",
            Some(Phase::Withdrawn) => "read-after-withdrawal",
            _ => continue,
        };
        let Some(host) = name::host(&request.url).filter(|_| request.outcome.left()) else { continue };
        for sent in &request.cookies {
            // The cookie that was sent is one that this host may see (RFC 6265bis §5.8.3).
            let sees = |at: &&usize| {
                let domain = name::plain(&walk.run.cookies[**at].domain);
                host.strip_suffix(&domain).is_some_and(|front| front.is_empty() || front.ends_with('.'))
            };
            let found = kept.get(sent.name.as_str()).and_then(|all| all.iter().find(sees)).map(|at| &walk.cookies[*at]);
            let named = || case.known.cookie(&sent.name, case.own.domain()).filter(|_| receiver.own);
            let subject = match found {
                Some(subject) => subject.as_ref().clone(),
                None => named().unwrap_or_else(|| receiver.as_ref().clone()),
            };
            if !subject.tracker() || subject.exempt {
                continue;
            }
            let mut hit = hit(rule, Level::Error, &subject, (at, request));
            hit.shows = format!("{} went to {}", sent.name, short(&request.url));
            sheet.add(walk, hit, || {
                let after = if rule == "read-after-refusal" { "everything was refused" } else { "consent was taken back" };
                let says = format!("Cookies of {}{} still travel after {after}.", whom(&subject), aside(&subject));
                (says, "Delete the cookie when consent ends, under every domain and path it was set with; remove it from requests until then.".to_owned())
            });
        }
    }
}

fn insecure(walk: &Walk<'_>, sheet: &mut Sheet) {
    for (at, (request, subject)) in walk.run.requests.iter().zip(&walk.requests).enumerate() {
        let plain = request.url.starts_with("http://") || request.url.starts_with("ws://");
        let host = name::host(&request.url).unwrap_or_default();
        // Names of this machine are secure contexts (Secure Contexts §3.1).
        let here = host == "localhost" || host.ends_with(".localhost") || host.starts_with("127.") || host == "::1";
        if !plain || here || !request.outcome.left() {
            continue;
        }
        let hit = Hit { about: &host, ..hit("request-insecure", Level::Warning, subject, (at, request)) };
        sheet.add(walk, hit, || {
            let says =
                format!("Data travels to {host} without encryption: everybody on the way can read and change it.");
            (says, format!("Address {host} with https only, and send Strict-Transport-Security."))
        });
    }
}

/// Third parties that are told the path of the page the visitor reads.
fn referrers(case: &Case<'_>, walk: &Walk<'_>, sheet: &mut Sheet) {
    for (at, (request, subject)) in walk.run.requests.iter().zip(&walk.requests).enumerate() {
        let Some(said) = request.referrer.as_deref().filter(|_| !subject.own && request.outcome.left()) else {
            continue;
        };
        let Ok(url) = url::Url::parse(said) else { continue };
        let ours = url.host_str().is_some_and(|host| case.own.has(&name::plain(host)));
        if !ours || (url.path().len() <= 1 && url.query().is_none()) || request.target == Target::Other {
            continue;
        }
        let level = if url.query().is_some() { Level::Warning } else { Level::Note };
        let mut hit = hit("referrer-leak", level, subject, (at, request));
        hit.shows = format!("{} was told {said}", name::host(&request.url).unwrap_or_default());
        sheet.add(walk, hit, || {
            let says = format!("{} is told which page of the site the visitor reads.", whom(subject));
            (says, "Send Referrer-Policy: strict-origin-when-cross-origin, or no-referrer, and take weaker policies out of tags.".to_owned())
        });
    }
}
