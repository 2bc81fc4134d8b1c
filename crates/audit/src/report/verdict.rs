//! The verdict in a sentence, and the few that explain it. Takes the judgement at its word and adds nothing to it; where
//! little was looked at, it says that instead of praising.

use super::{Report, words};
use crate::judge::{Level, Outcome, Total};
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
                0 => "none of them a known tracker’s".to_owned(),
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
