//! The sheet findings are written on: one for each rule and what it is about, however often it is seen. What is a finding
//! the rules say.

use super::case::Walk;
use super::{Evidence, Finding, Level, Place, RULES};
use crate::seen::Standing;
use std::collections::BTreeMap;

/// Places that are kept for one finding, at most; further ones are counted.
const PLACES: usize = 20;

/// The longest text of a place, in characters.
const SHOWS: usize = 300;

/// Findings in the making.
#[derive(Debug, Default)]
pub(crate) struct Sheet {
    all: BTreeMap<String, Finding>,
}

/// What was seen once.
pub(crate) struct Hit<'a> {
    /// One of [`RULES`].
    pub(crate) rule: &'static str,
    /// What it is about: a domain, a service, a name.
    pub(crate) about: &'a str,
    /// How grave.
    pub(crate) level: Level,
    /// The registrable domain of the party, where it is about one.
    pub(crate) party: Option<&'a str>,
    /// In which visit, where it is about one.
    pub(crate) visit: Option<usize>,
    /// Where.
    pub(crate) at: Place,
    /// What to see there.
    pub(crate) shows: String,
}

impl Sheet {
    /// Writes down what was seen. `words` are the two sentences of the finding, and asked for only when they are needed: the
    /// gravest sight speaks.
    pub(crate) fn add(&mut self, walk: &Walk<'_>, hit: Hit<'_>, words: impl FnOnce() -> (String, String)) {
        let standing = walk.run.standing;
        let id = if hit.about.is_empty() { hit.rule.to_owned() } else { format!("{}/{}", hit.rule, hit.about) };
        let entry = self.all.entry(id);
        let found = entry.or_insert_with_key(|id| {
            let law = RULES.iter().find(|rule| rule.name == hit.rule).map_or(&[][..], |rule| rule.law);
            Finding {
                id: id.clone(),
                rule: hit.rule.to_owned(),
                law: law.iter().map(|row| (*row).to_owned()).collect(),
                level: hit.level,
                says: String::new(),
                mend: String::new(),
                party: hit.party.map(str::to_owned),
                standings: Vec::new(),
                pages: Vec::new(),
                count: 0,
                evidence: Vec::new(),
            }
        });
        if found.says.is_empty() || hit.level > found.level {
            (found.says, found.mend) = words();
            found.level = found.level.max(hit.level);
        }
        found.count += 1;
        if !found.standings.contains(&standing) {
            found.standings.push(standing);
        }
        if let Some(page) = hit.visit.and_then(|visit| walk.page(visit))
            && !found.pages.iter().any(|one| one == page)
        {
            found.pages.push(page.to_owned());
        }
        if found.evidence.len() < PLACES {
            let shows = hit.shows.chars().take(SHOWS).collect();
            found.evidence.push(Evidence { standing, at: hit.at, shows });
        }
    }

    /// Every finding, the gravest first, then in the order of the rules, then the most frequent.
    pub(crate) fn finish(self) -> Vec<Finding> {
        let mut all: Vec<Finding> = self.all.into_values().collect();
        all.iter_mut().for_each(settle);
        let order = |rule: &str| RULES.iter().position(|one| one.name == rule);
        all.sort_by(|a, b| {
            let key = |one: &Finding| (std::cmp::Reverse(one.level), order(&one.rule), std::cmp::Reverse(one.count));
            key(a).cmp(&key(b)).then_with(|| a.id.cmp(&b.id))
        });
        all
    }
}

/// Rows that speak of a standing are broken only where it was seen in that standing.
fn settle(found: &mut Finding) {
    let seen = |all: &[Standing]| found.standings.iter().any(|one| all.contains(one));
    let untouched = found.rule.ends_with("-before-choice") || seen(&[Standing::Before, Standing::Gpc]);
    let closed = seen(&[Standing::Refused, Standing::Withdrawn]);
    found.law.retain(|row| match row.as_str() {
        "L1" => untouched,
        "L8" => closed,
        _ => true,
    });
}
