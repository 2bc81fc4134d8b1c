//! Everybody who was contacted or keeps something, and the numbers of each standing. Nothing is judged here.

use super::case::{Case, Walk};
use super::cloaks::Cloaks;
use super::{Loan, Place, Total};
use crate::seen::Standing;
use crate::who::{Party, Subject, Weight, name};
use std::collections::{BTreeMap, BTreeSet};

/// A party in the making.
struct Made {
    own: bool,
    weight: Weight,
    hosts: BTreeSet<String>,
    /// Services by how often they were met, to name the party by the one that matters most.
    met: BTreeMap<(bool, String), (u64, Subject)>,
    requests: [u64; 5],
}

/// Everybody, the site itself first, then by weight and by requests.
pub(crate) fn parties(case: &Case<'_>, cloaks: &Cloaks) -> Vec<Party> {
    let mut all: BTreeMap<String, Made> = BTreeMap::new();
    for walk in &case.walks {
        let sent = walk.run.requests.iter().zip(&walk.requests).filter(|(request, _)| request.outcome.left());
        let slot = Standing::ALL.iter().position(|one| *one == walk.run.standing);
        for (request, subject) in sent {
            let made = meet(&mut all, subject);
            made.hosts.extend(name::host(&request.url));
            if let Some(at) = slot.filter(|_| walk.counts(request.at)) {
                made.requests[at] += 1;
            }
        }
        for subject in walk.cookies.iter().chain(&walk.entries) {
            meet(&mut all, subject);
        }
        for (one, subject) in walk.run.connections.iter().zip(&walk.connections) {
            meet(&mut all, subject).hosts.insert(name::plain(&one.host));
        }
    }
    let mut parties: Vec<(Weight, Party)> =
        all.into_iter().map(|(domain, made)| finish(domain, made, cloaks)).collect();
    parties.sort_by(|(a, one), (b, other)| {
        let sum = |party: &Party| party.requests.iter().sum::<u64>();
        other
            .own
            .cmp(&one.own)
            .then(b.cmp(a))
            .then(sum(other).cmp(&sum(one)))
            .then_with(|| one.domain.cmp(&other.domain))
    });
    parties.into_iter().map(|(_, party)| party).collect()
}

fn meet<'m>(all: &'m mut BTreeMap<String, Made>, subject: &Subject) -> &'m mut Made {
    let made = all.entry(subject.domain.clone()).or_insert_with(|| Made {
        own: subject.own,
        weight: subject.weight,
        hosts: BTreeSet::new(),
        met: BTreeMap::new(),
        requests: [0; 5],
    });
    made.own |= subject.own;
    made.weight = made.weight.max(subject.weight);
    let id = subject.service.as_ref().map(|service| service.id.clone()).unwrap_or_default();
    let met = made.met.entry((!subject.tracker(), id)).or_insert_with(|| (0, subject.clone()));
    met.0 += 1;
    for word in &subject.words {
        // Rules of lists differ from request to request; a few of them show it.
        if met.1.words.len() < 12 {
            met.1.word(word.clone());
        }
    }
    made
}

fn finish(domain: String, made: Made, cloaks: &Cloaks) -> (Weight, Party) {
    let mut met: Vec<((bool, String), (u64, Subject))> = made.met.into_iter().collect();
    // Trackers first, then what was met most often.
    met.sort_by(|a, b| a.0.0.cmp(&b.0.0).then(b.1.0.cmp(&a.1.0)));
    let mut words = Vec::new();
    for word in met.iter().flat_map(|(_, (_, subject))| &subject.words) {
        if !words.contains(word) {
            words.push(word.clone());
        }
    }
    let rank = |source: &str| {
        ["catalogue", "configuration"].iter().position(|one| *one == source).unwrap_or(if source == "cookie database" {
            3
        } else {
            2
        })
    };
    words.sort_by_key(|word| rank(&word.source));
    words.truncate(24);
    // The site is nobody's service, whatever runs on it.
    let service = met.into_iter().find_map(|(_, (_, subject))| subject.service).filter(|_| !made.own);
    let party = Party {
        cloaks: cloaks.get(&domain).cloned().unwrap_or_default(),
        own: made.own,
        hosts: made.hosts.into_iter().collect(),
        service,
        words,
        requests: made.requests,
        domain,
    };
    (made.weight, party)
}

/// Numbers of each standing, in the order of the runs.
pub(crate) fn totals(case: &Case<'_>) -> Vec<Total> {
    case.walks.iter().map(total).collect()
}

fn total(walk: &Walk<'_>) -> Total {
    // What came before the choice is no part of its standing: the standing "before" shows it.
    let sent = walk.run.requests.iter().zip(&walk.requests);
    let sent = sent.filter(|(request, _)| request.outcome.left() && walk.counts(request.at));
    let cookies = walk.run.cookies.iter().filter(|one| one.refused.is_none() && (one.stays || walk.counts(one.at)));
    let storage = walk.run.storage.iter().filter(|one| one.stays || walk.counts(one.at));
    let mut total = Total {
        standing: walk.run.standing,
        reached: walk.run.reached,
        pages: walk.run.visits.iter().filter(|visit| walk.counts(visit.at)).count() as u64,
        requests: 0,
        third: 0,
        trackers: 0,
        parties: 0,
        cookies: cookies.count() as u64,
        storage: storage.count() as u64,
    };
    let mut domains = BTreeSet::new();
    for (_, subject) in sent {
        total.requests += 1;
        if !subject.own {
            total.third += 1;
            domains.insert(&subject.domain);
        }
        total.trackers += u64::from(subject.tracker());
    }
    total.parties = domains.len() as u64;
    total
}

/// What lies under the site's own names and is not the site's. What a page needs for itself stays the site's.
pub(crate) fn lent(case: &Case<'_>) -> Vec<Loan> {
    let loan = |walk: &Walk<'_>, at, host: &str, subject: &Subject| {
        (case.own.has(host) && subject.weight > Weight::Free && !subject.choice).then(|| Loan {
            standing: walk.run.standing,
            at,
            whose: subject.called(),
            tracker: subject.tracker(),
        })
    };
    let mut all = Vec::new();
    for walk in &case.walks {
        for (at, (one, subject)) in walk.run.cookies.iter().zip(&walk.cookies).enumerate() {
            all.extend(loan(walk, Place::Cookie(at), &name::plain(&one.domain), subject));
        }
        for (at, (one, subject)) in walk.run.storage.iter().zip(&walk.entries).enumerate() {
            let host = name::host(&one.origin).unwrap_or_else(|| name::plain(&one.origin));
            all.extend(loan(walk, Place::Entry(at), &host, subject));
        }
    }
    all
}
