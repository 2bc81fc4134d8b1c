//! Identifiers that go from the site to others: values the site keeps in the browser, found again in addresses, bodies and
//! cookies of requests to somebody else, as they are, encoded or hashed. Which values may be identifiers [`super::marks`]
//! says.

use super::case::{Case, Phase, Walk};
use super::sheet::{Hit, Sheet};
use super::words::{aside, short, whom};
use super::{Level, Place, marks};
use crate::seen::{Request, Standing};
use crate::who::name;
use aho_corasick::{AhoCorasick, MatchKind};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Marks looked for in one run, at most: a site that keeps more is found out by these.
const MARKS: usize = 2_000;

/// Where a mark is kept.
struct Mark<'a> {
    value: String,
    /// The name it is kept under.
    name: &'a str,
    /// The registrable domain of whose name that is.
    domain: &'a str,
    form: &'static str,
}

pub(crate) fn look(case: &Case<'_>, sheet: &mut Sheet) {
    let common = common(case);
    for walk in &case.walks {
        search(case, walk, &common, sheet);
    }
}

/// What the site itself keeps in a run: name, value, and whose it is. The answer of the visitor is no number of the visitor.
fn kept<'a>(case: &'a Case<'_>, walk: &'a Walk<'_>) -> impl Iterator<Item = (&'a str, &'a str, &'a str)> {
    let cookies = walk.run.cookies.iter().zip(&walk.cookies);
    let cookies = cookies.filter(|(one, who)| case.own.has(&name::plain(&one.domain)) && !who.choice);
    let entries = walk.run.storage.iter().zip(&walk.entries);
    let entries =
        entries.filter(|(one, who)| name::host(&one.origin).is_some_and(|host| case.own.has(&host)) && !who.choice);
    let cookies = cookies.map(|(one, who)| (one.name.as_str(), one.value.as_str(), who.domain.as_str()));
    cookies.chain(entries.map(|(one, who)| (one.key.as_str(), one.value.as_str(), who.domain.as_str())))
}

/// Parts that several visitors kept. Each run is another visitor with an empty browser, but for a withdrawal, which whoever
/// accepted makes: what two visitors have in common tells nobody from another.
fn common(case: &Case<'_>) -> BTreeSet<String> {
    let mut seen: HashMap<String, Standing> = HashMap::new();
    let mut common = BTreeSet::new();
    for walk in &case.walks {
        let visitor = match walk.run.standing {
            Standing::Withdrawn => Standing::Accepted,
            other => other,
        };
        for part in kept(case, walk).flat_map(|(_, value, _)| marks::parts(value)) {
            if seen.insert(part.clone(), visitor).is_some_and(|before| before != visitor) {
                common.insert(part);
            }
        }
    }
    common
}

fn search(case: &Case<'_>, walk: &Walk<'_>, common: &BTreeSet<String>, sheet: &mut Sheet) {
    let mut unique: BTreeMap<String, (&str, &str)> = BTreeMap::new();
    for (name, value, domain) in kept(case, walk) {
        for part in marks::parts(value).into_iter().filter(|part| !common.contains(part)) {
            if unique.len() < MARKS {
                unique.entry(part).or_insert((name, domain));
            }
        }
    }
    let mut texts = Vec::new();
    let mut all = Vec::new();
    for (value, (name, domain)) in unique {
        for (form, text) in marks::forms(&value) {
            texts.push(text);
            all.push(Mark { value: value.clone(), name, domain, form });
        }
    }
    if texts.is_empty() {
        return;
    }
    // The longest first, so that a number is not found as a piece of itself.
    let Ok(search) = AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(&texts) else { return };
    for (at, request) in walk.run.requests.iter().enumerate().filter(|(_, request)| request.outcome.left()) {
        if walk.requests[at].own {
            continue;
        }
        for (place, text) in texts_of(request) {
            for found in search.find_iter(&text) {
                let mark = &all[found.pattern().as_usize()];
                report(walk, (at, request), mark, place, sheet);
            }
        }
    }
}

/// Every text of a request that its receiver reads.
fn texts_of(request: &Request) -> Vec<(&'static str, String)> {
    let mut texts = Vec::new();
    let path = request.url.find("://").map_or(request.url.as_str(), |at| &request.url[at + 3..]);
    let body = request.body.as_deref().unwrap_or_default();
    for (place, raw) in [("the address", path), ("the body", body)] {
        let plain = marks::decoded(raw);
        let inner = marks::unwrapped(&plain);
        texts.push((place, plain));
        texts.push((place, inner));
    }
    texts.extend(request.cookies.iter().map(|sent| ("a cookie", marks::decoded(&sent.value))));
    texts.retain(|(_, text)| !text.is_empty());
    texts
}

fn report(walk: &Walk<'_>, (at, request): (usize, &Request), mark: &Mark<'_>, place: &str, sheet: &mut Sheet) {
    let subject = &walk.requests[at];
    let same = subject.domain == mark.domain;
    let level = match (walk.phase(request.at), subject.exempt && !subject.tracker()) {
        (Some(_), false) => Level::Error,
        (Some(_), true) => Level::Warning,
        // What was agreed to may read its own number; that others get it is worth knowing.
        (None, _) if same || walk.run.standing != Standing::Accepted => return,
        (None, _) => Level::Note,
    };
    let about = if level == Level::Note { format!("{}/accepted", subject.domain) } else { subject.domain.clone() };
    let shown: String = mark.value.chars().take(6).collect();
    let hit = Hit {
        rule: "identifier-shared",
        about: &about,
        level,
        party: Some(&subject.domain),
        visit: Some(request.visit),
        at: Place::Request(at),
        shows: format!("{} ({shown}…) {} in {place} of {}", mark.name, mark.form, short(&request.url)),
    };
    let phase = walk.phase(request.at);
    sheet.add(walk, hit, || {
        let when = match phase {
            Some(Phase::Before) => "before the visitor has chosen",
            Some(Phase::Refused) => "after the visitor has refused everything",
            Some(Phase::Withdrawn) => "after the visitor has taken consent back",
            None => "once the visitor has accepted",
        };
        let says = format!(
            "A number that tells visitors apart goes from the site to {}{} {when}.",
            whom(subject),
            aside(subject)
        );
        (
            says,
            format!(
                "Keep the value of {} out of addresses, bodies and cookies that go to {}.",
                mark.name, subject.domain
            ),
        )
    });
}
