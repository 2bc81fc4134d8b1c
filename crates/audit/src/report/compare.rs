//! Two audits of a site, side by side: what came, what went, what stayed. It compares what two judgements say by the names
//! of their findings, and says where an older finding may only not have been looked for again; it judges nothing.

use super::{Report, pretty, words};
use crate::judge::{Finding, Outcome, Total};
use crate::seen::{Run, Standing};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What changed from one audit to another: the file `compare.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Comparison {
    /// The version of this format: 1.
    pub format: u32,
    /// The older audit.
    pub old: Side,
    /// The newer audit.
    pub new: Side,
    /// Why the two cannot be compared without care, in sentences.
    pub care: Vec<String>,
    /// Findings only the newer has, the gravest first.
    pub appeared: Vec<Finding>,
    /// Findings only the older has, where the newer looked in at least one of their standings.
    pub gone: Vec<Finding>,
    /// Findings only the older has, in standings the newer did not reach: nothing can be said about them.
    pub unseen: Vec<Finding>,
    /// Findings both have, as the newer has them.
    pub same: Vec<Finding>,
    /// Rows of the law table that came out otherwise.
    pub turned: Vec<Turn>,
    /// Registrable domains of third parties that only the newer met.
    pub parties_appeared: Vec<String>,
    /// Registrable domains of third parties that only the older met.
    pub parties_gone: Vec<String>,
    /// Cookies only the newer saw, in any standing.
    pub cookies_appeared: Vec<Jar>,
    /// Cookies only the older saw.
    pub cookies_gone: Vec<Jar>,
    /// Numbers side by side, in the order of the standings.
    pub totals: Vec<Stand>,
}

/// One of the two audits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Side {
    /// The address that was asked for.
    pub site: String,
    /// When it began, in milliseconds since 1970.
    pub started: u64,
    /// The version of Bandeau that made it.
    pub version: String,
    /// Findings it has.
    pub findings: u64,
}

/// A row of the law table that came out otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Turn {
    /// `L1` and so on.
    pub id: String,
    /// What must hold.
    pub must: String,
    /// As it was; nothing where the older had no such row.
    pub old: Option<Outcome>,
    /// As it is; nothing where the newer has no such row.
    pub new: Option<Outcome>,
}

/// A cookie by its name and domain.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Jar {
    /// Its name.
    pub name: String,
    /// The host, with a leading dot where hosts below see it too.
    pub domain: String,
}

/// The numbers of one standing, twice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Stand {
    /// Which.
    pub standing: Standing,
    /// Of the older, where it walked through it.
    pub old: Option<Total>,
    /// Of the newer, where it did.
    pub new: Option<Total>,
}

impl Comparison {
    /// Writes `compare.json`.
    pub fn json(&self) -> String {
        pretty(self)
    }

    /// What changed, in one sentence.
    pub fn says(&self) -> String {
        let when = words::date(self.old.started);
        let (came, went) = (self.appeared.len(), self.gone.len());
        if came == 0 && went == 0 {
            return format!(
                "Since the audit of {when} no finding has come and none has gone; {} {}.",
                words::count(self.same.len() as u64, "finding"),
                if self.same.len() == 1 { "is the same" } else { "are the same" }
            );
        }
        format!(
            "Since the audit of {when}: {} new, {} gone, {} the same.",
            words::count(came as u64, "finding"),
            words::number(went as u64),
            words::number(self.same.len() as u64)
        )
    }
}

/// Compares an older audit with a newer one.
pub fn compare(old: &Report, new: &Report) -> Comparison {
    let names = |report: &Report| -> BTreeSet<String> {
        report.judgement.findings.iter().map(|finding| finding.id.clone()).collect()
    };
    let (before, after) = (names(old), names(new));
    // A walk that met only faults and walls against robots looked for nothing.
    let sought = |run: &&Run| run.reached && run.visits.iter().any(|visit| visit.at >= run.chosen && visit.shown());
    let reached: BTreeSet<Standing> = new.audit.runs.iter().filter(sought).map(|run| run.standing).collect();
    let looked = |finding: &Finding| {
        finding.standings.is_empty() || finding.standings.iter().any(|standing| reached.contains(standing))
    };
    let (same, appeared) = new.judgement.findings.iter().cloned().partition(|finding| before.contains(&finding.id));
    let (gone, unseen) = old
        .judgement
        .findings
        .iter()
        .filter(|finding| !after.contains(&finding.id))
        .cloned()
        .partition(|finding| looked(finding));
    let (parties_appeared, parties_gone) = differ(parties(old), parties(new));
    let (cookies_appeared, cookies_gone) = differ(jars(old), jars(new));
    Comparison {
        format: 1,
        old: side(old),
        new: side(new),
        care: care(old, new),
        appeared,
        gone,
        unseen,
        same,
        turned: turned(old, new),
        parties_appeared,
        parties_gone,
        cookies_appeared,
        cookies_gone,
        totals: totals(old, new),
    }
}

fn side(report: &Report) -> Side {
    Side {
        site: report.audit.site.clone(),
        started: report.audit.started,
        version: report.audit.version.clone(),
        findings: report.judgement.findings.len() as u64,
    }
}

/// What only the newer has, and what only the older has.
fn differ<T: Ord>(old: BTreeSet<T>, new: BTreeSet<T>) -> (Vec<T>, Vec<T>) {
    let (mut appeared, mut gone) = (Vec::new(), Vec::new());
    let both: BTreeSet<&T> = old.intersection(&new).collect();
    let shared: Vec<bool> = new.iter().map(|one| both.contains(one)).collect();
    let stayed: Vec<bool> = old.iter().map(|one| both.contains(one)).collect();
    appeared.extend(new.into_iter().zip(shared).filter(|(_, shared)| !shared).map(|(one, _)| one));
    gone.extend(old.into_iter().zip(stayed).filter(|(_, stayed)| !stayed).map(|(one, _)| one));
    (appeared, gone)
}

fn parties(report: &Report) -> BTreeSet<String> {
    report.judgement.parties.iter().filter(|party| !party.own).map(|party| party.domain.clone()).collect()
}

fn jars(report: &Report) -> BTreeSet<Jar> {
    let cookies = report.audit.runs.iter().flat_map(|run| &run.cookies);
    cookies.map(|cookie| Jar { name: cookie.name.clone(), domain: cookie.domain.clone() }).collect()
}

fn turned(old: &Report, new: &Report) -> Vec<Turn> {
    let (old, new) = (&old.judgement.rows, &new.judgement.rows);
    let mut out: Vec<Turn> = new
        .iter()
        .map(|row| Turn {
            id: row.id.clone(),
            must: row.must.clone(),
            old: old.iter().find(|one| one.id == row.id).map(|one| one.outcome),
            new: Some(row.outcome),
        })
        .filter(|turn| turn.old != turn.new)
        .collect();
    let lost = old.iter().filter(|row| !new.iter().any(|one| one.id == row.id));
    out.extend(lost.map(|row| Turn { id: row.id.clone(), must: row.must.clone(), old: Some(row.outcome), new: None }));
    out
}

fn totals(old: &Report, new: &Report) -> Vec<Stand> {
    let find = |report: &Report, standing| {
        report.judgement.totals.iter().find(|total: &&Total| total.standing == standing).cloned()
    };
    Standing::ALL
        .into_iter()
        .map(|standing| Stand { standing, old: find(old, standing), new: find(new, standing) })
        .filter(|stand| stand.old.is_some() || stand.new.is_some())
        .collect()
}

/// Why the two cannot be compared without care.
fn care(old: &Report, new: &Report) -> Vec<String> {
    let mut out = Vec::new();
    let (before, after) = (&old.audit, &new.audit);
    if before.site != after.site {
        out.push(format!("They are of two addresses: {} and {}.", before.site, after.site));
    }
    if before.started > after.started {
        out.push("The one that is taken for the older began later.".to_owned());
    }
    for (which, audit) in [("older", before), ("newer", after)] {
        if let Some(why) = &audit.interrupted {
            out.push(format!("The {which} ended early: {why}."));
        }
    }
    let (few, many) = (pages(old), pages(new));
    if few != many {
        out.push(format!(
            "The older looked at {}, the newer at {}: findings may come or go with the pages.",
            words::count(few, "page"),
            words::count(many, "page")
        ));
    }
    if before.limits != after.limits {
        out.push("They ran under different limits.".to_owned());
    }
    out
}

/// Different pages that were visited.
fn pages(report: &Report) -> u64 {
    let visits = report.audit.runs.iter().flat_map(|run| &run.visits);
    visits.map(|visit| visit.url.as_str()).collect::<BTreeSet<_>>().len() as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::Level;
    use crate::report::sample;

    #[test]
    fn the_same_twice_is_no_change() {
        let report = sample::newspaper(false, 1);
        let same = compare(&report, &report);
        assert!(same.appeared.is_empty() && same.gone.is_empty() && same.unseen.is_empty() && same.turned.is_empty());
        assert!(same.parties_appeared.is_empty() && same.cookies_gone.is_empty() && same.care.is_empty());
        assert_eq!(same.same.len(), 8);
        assert!(
            same.says().contains("no finding has come and none has gone; 8 findings are the same"),
            "{}",
            same.says()
        );
    }

    #[test]
    fn what_came_and_went_is_told_apart() {
        let mut old = sample::newspaper(false, 1);
        let mut new = old.clone();
        old.judgement.findings.retain(|finding| finding.rule != "refuse-harder");
        old.judgement.parties.retain(|party| party.domain != "adstack.test");
        old.judgement.rows[3].outcome = Outcome::Passed;
        old.judgement.totals[0].third = 7;
        new.judgement.findings.retain(|finding| finding.rule != "cloaked");
        new.judgement.parties.retain(|party| party.domain != "eulerian.test");
        new.audit.runs.iter_mut().for_each(|run| run.cookies.retain(|cookie| cookie.name != "uid"));
        new.audit.started += 86_400_000;
        let change = compare(&old, &new);
        let ids = |list: &[Finding]| list.iter().map(|finding| finding.rule.clone()).collect::<Vec<_>>();
        assert_eq!(ids(&change.appeared), ["refuse-harder"]);
        assert_eq!(ids(&change.gone), ["cloaked"]);
        assert_eq!(change.parties_appeared, ["adstack.test"]);
        assert_eq!(change.parties_gone, ["eulerian.test"]);
        assert_eq!(change.cookies_gone, [Jar { name: "uid".to_owned(), domain: ".ads.adstack.test".to_owned() }]);
        assert!(change.cookies_appeared.is_empty());
        assert_eq!(change.turned.len(), 1);
        assert_eq!((change.turned[0].id.as_str(), change.turned[0].old), ("L4", Some(Outcome::Passed)));
        let before = &change.totals[0];
        assert_eq!((before.old.as_ref().unwrap().third, before.new.as_ref().unwrap().third), (7, 20));
        assert!(change.says().ends_with("1 finding new, 1 gone, 6 the same."), "{}", change.says());
        assert_eq!(serde_json::from_str::<Comparison>(&change.json()).unwrap(), change);
    }

    #[test]
    fn what_was_not_looked_for_is_not_gone() {
        let mut old = sample::newspaper(false, 1);
        old.judgement.findings.push(Finding {
            standings: vec![Standing::Withdrawn],
            ..sample::finding("stays/uid", Level::Error, &["L8"], "It stays.")
        });
        let mut new = sample::newspaper(false, 1);
        new.audit.runs[3].reached = false;
        let change = compare(&old, &new);
        assert!(change.gone.is_empty());
        assert_eq!(change.unseen.len(), 1);
        new.audit.runs[3].reached = true;
        assert_eq!(compare(&old, &new).gone.len(), 1);
        new.audit.runs[3].visits.iter_mut().for_each(|visit| visit.status = Some(503));
        assert_eq!(compare(&old, &new).unseen.len(), 1);
    }

    #[test]
    fn two_audits_that_differ_in_more_are_compared_with_care() {
        let old = sample::newspaper(false, 1);
        let mut new = sample::empty();
        new.audit.site = "https://other.example/".to_owned();
        new.audit.limits.pages = 3;
        new.audit.started -= 1;
        let care = compare(&old, &new).care.join(" ");
        for says in [
            "two addresses",
            "began later",
            "The newer ended early",
            "5 pages, the newer at 0 pages",
            "different limits",
        ] {
            assert!(care.contains(says), "{care:?} does not say {says:?}");
        }
        assert_eq!(compare(&old, &new).turned.len(), 20);
    }
}
