//! The verdict in a sentence, and the few that explain it. Takes the judgement at its word and adds nothing to it; where
//! little was looked at, it says that instead of praising.

use super::{Report, words};
use crate::judge::{Finding, Level, Outcome, Total};
use crate::seen::{End, Standing};

/// The colour of the first screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Light {
    /// Something breaks a rule.
    Red,
    /// A person must look, or too little was seen to say more.
    Amber,
    /// Nothing was found.
    Green,
}

/// The verdict, in plain text.
pub(super) struct Verdict {
    pub(super) light: Light,
    pub(super) says: String,
    pub(super) details: Vec<String>,
}

/// The name of the site for people: its host.
pub(super) fn name(report: &Report) -> String {
    let host = super::whose::host(&report.audit.site);
    if host.is_empty() { report.audit.site.clone() } else { host }
}

pub(super) fn verdict(report: &Report) -> Verdict {
    let (light, says) = sentence(report);
    let mut details = Vec::new();
    if let Some(why) = &report.audit.interrupted {
        details.push(format!("The audit ended early ({why}): it speaks only of what was gathered until then."));
    }
    for standing in [Standing::Before, Standing::Refused] {
        details.extend(contacts(report, standing));
    }
    let open = rows(report, Outcome::Undecidable);
    if open > 0 {
        let verb = if open == 1 { "is" } else { "are" };
        details.push(format!("{} {verb} left to a person: a machine cannot decide them.", words::count(open, "rule")));
    }
    Verdict { light, says, details }
}

/// Findings of one rule and level together, in the order of the first of each: who has room for five hears of five kinds
/// of fault, and not of one kind five times.
pub(super) fn kinds(findings: &[Finding]) -> Vec<(&Finding, Vec<&Finding>)> {
    let mut out: Vec<(&Finding, Vec<&Finding>)> = Vec::new();
    for finding in findings {
        match out.iter_mut().find(|(first, _)| first.rule == finding.rule && first.level == finding.level) {
            Some((_, others)) => others.push(finding),
            None => out.push((finding, Vec::new())),
        }
    }
    out
}

/// How many more there are of a kind and whom they are about, where they are about somebody.
pub(super) fn alike(others: &[&Finding]) -> Option<String> {
    let names: Vec<&str> = others.iter().filter_map(|finding| finding.party.as_deref()).take(4).collect();
    let count = words::number(others.len() as u64);
    match (others.len(), names.is_empty()) {
        (0, _) => None,
        (_, true) => Some(format!("And {count} more like it.")),
        (all, false) if all > names.len() => {
            Some(format!("And {count} more like it: {} and others.", names.join(", ")))
        }
        (_, false) => Some(format!("And {count} more like it: {}.", names.join(", "))),
    }
}

fn rows(report: &Report, outcome: Outcome) -> u64 {
    report.judgement.rows.iter().filter(|row| row.outcome == outcome).count() as u64
}

fn sentence(report: &Report) -> (Light, String) {
    let name = name(report);
    let visits = report.audit.runs.iter().flat_map(|run| &run.visits);
    let seen = visits.filter(|visit| matches!(visit.end, End::Complete | End::Slow)).count();
    let (failed, passed) = (rows(report, Outcome::Failed), rows(report, Outcome::Passed));
    let worst = report.judgement.findings.iter().map(|finding| finding.level).max();
    if failed > 0 {
        return (
            Light::Red,
            format!("{name} breaks {} of the {} rules that could be checked.", failed, words::number(failed + passed)),
        );
    }
    if seen == 0 {
        return (Light::Amber, format!("No page of {name} could be looked at, so nothing can be said of it."));
    }
    if failed + passed == 0 && report.judgement.findings.is_empty() {
        return (Light::Amber, format!("Nothing that {name} does could be judged."));
    }
    match worst {
        Some(Level::Error) => (Light::Red, format!("{name} breaks a rule.")),
        Some(Level::Warning) => {
            (Light::Amber, format!("{name} breaks no rule for certain, and some of what it does needs a person’s eye."))
        }
        _ if report.audit.interrupted.is_some() => {
            (Light::Amber, format!("Nothing that {name} did until the audit ended early breaks a rule."))
        }
        _ => (Light::Green, format!("Nothing that {name} did on the pages that were visited breaks a rule.")),
    }
}

/// Who was contacted in a standing, in a sentence.
fn contacts(report: &Report, standing: Standing) -> Option<String> {
    let when = match standing {
        Standing::Before => "Before any choice",
        Standing::Refused => "After everything was refused",
        _ => return None,
    };
    let total = report.judgement.totals.iter().find(|total| total.standing == standing)?;
    if !total.reached {
        return match standing {
            Standing::Refused => Some(match report.audit.runs.iter().any(|run| run.banner.is_some()) {
                true => "Nobody can tell what a refusal changes: everything could not be refused.".to_owned(),
                false => "No notice was seen, so that nothing could be refused.".to_owned(),
            }),
            _ => None,
        };
    }
    Some(match total {
        Total { third: 0, .. } => format!("{when}, nobody but the site was contacted."),
        Total { third, parties, trackers, .. } => {
            let of = match trackers {
                0 => "none of them to a known tracker".to_owned(),
                all if all == third => "all of them to trackers".to_owned(),
                some => format!("{} of them to trackers", words::number(*some)),
            };
            format!(
                "{when}, {} went to {}, {of}.",
                words::count(*third, "request"),
                match parties {
                    1 => "1 third party".to_owned(),
                    many => format!("{} third parties", words::number(*many)),
                }
            )
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn the_light_is_no_better_than_what_was_seen() {
        let (news, quiet, empty) = (sample::newspaper(false, 1), sample::quiet(), sample::empty());
        let mut warned = quiet.clone();
        warned.judgement.findings.push(sample::finding("odd/x", Level::Warning, &[], "Odd."));
        let mut broken = quiet.clone();
        broken.judgement.findings.push(sample::finding("odd/x", Level::Error, &[], "Odd."));
        let mut early = quiet.clone();
        early.audit.interrupted = Some("time was over".to_owned());
        let mut unjudged = quiet.clone();
        unjudged.judgement.rows.clear();
        let mut unopened = quiet.clone();
        for visit in unopened.audit.runs.iter_mut().flat_map(|run| &mut run.visits) {
            visit.end = End::Failed("net::ERR_NAME_NOT_RESOLVED".to_owned());
        }
        for (report, light, says) in [
            (&news, Light::Red, "breaks 5 of the 9 rules"),
            (&quiet, Light::Green, "on the pages that were visited breaks a rule"),
            (&warned, Light::Amber, "needs a person’s eye"),
            (&broken, Light::Red, "breaks a rule"),
            (&early, Light::Amber, "until the audit ended early"),
            (&unjudged, Light::Amber, "could be judged"),
            (&unopened, Light::Amber, "No page of"),
            (&empty, Light::Amber, "No page of"),
        ] {
            let verdict = verdict(report);
            assert_eq!(verdict.light, light, "{}", verdict.says);
            assert!(verdict.says.contains(says), "{}", verdict.says);
        }
    }

    #[test]
    fn a_refusal_that_was_not_reached_is_no_proof() {
        let mut report = sample::newspaper(false, 1);
        report.judgement.totals[1].reached = false;
        assert!(verdict(&report).details.iter().any(|line| line.contains("everything could not be refused")));
        assert!(verdict(&sample::quiet()).details.iter().any(|line| line.contains("No notice was seen")));
    }
    #[test]
    fn five_of_a_kind_are_one() {
        let all: Vec<Finding> =
            ["one/a.test", "two/a.test", "one/b.test", "one/c.test", "one/d.test", "one/e.test", "one/f.test"]
                .iter()
                .map(|id| sample::finding(id, Level::Error, &[], "It is."))
                .collect();
        let found = kinds(&all);
        assert_eq!(found.iter().map(|(first, _)| first.id.as_str()).collect::<Vec<_>>(), ["one/a.test", "two/a.test"]);
        assert_eq!(alike(&found[0].1).unwrap(), "And 5 more like it: b.test, c.test, d.test, e.test and others.");
        assert_eq!(alike(&found[0].1[..2]).unwrap(), "And 2 more like it: b.test, c.test.");
        assert_eq!(alike(&found[1].1), None);
        let warning = sample::finding("one/z", Level::Warning, &[], "It may be.");
        assert_eq!(alike(&[&warning]).unwrap(), "And 1 more like it.");
        assert_eq!(kinds(&[all[0].clone(), warning.clone(), warning]).len(), 2);
    }
}
