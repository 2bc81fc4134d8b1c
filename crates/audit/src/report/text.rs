//! The report for a terminal: the verdict, the numbers, what to fix first. Foreign text loses its control characters, so
//! that no site writes to the auditor's terminal.

use super::{Comparison, Report, words};
use crate::judge::{Outcome, Total};
use crate::seen::Standing;
use std::fmt::Write as _;

/// At most so many findings; the rest is said to be in the files.
const SHOWN: usize = 10;

/// Measures of a standing, and where their numbers are.
pub(super) type Measure = (&'static str, fn(&Total) -> u64);

/// What is counted in every standing, in the order of a report.
pub(super) const MEASURES: [Measure; 7] = [
    ("Pages", |total| total.pages),
    ("Requests", |total| total.requests),
    ("to third parties", |total| total.third),
    ("of them to trackers", |total| total.trackers),
    ("Third parties", |total| total.parties),
    ("Cookies kept", |total| total.cookies),
    ("Storage entries kept", |total| total.storage),
];

/// The text, with a line break at the end.
pub fn text(report: &Report, comparison: Option<&Comparison>) -> String {
    let verdict = super::verdict::verdict(report);
    let mut out = format!("{}\n", verdict.says);
    for line in verdict.details {
        let _ = writeln!(out, "{line}");
    }
    if let Some(comparison) = comparison {
        changes(&mut out, comparison);
    }
    numbers(&mut out, &report.judgement.totals);
    let rows = |outcome| {
        let ids: Vec<&str> =
            report.judgement.rows.iter().filter(|row| row.outcome == outcome).map(|row| row.id.as_str()).collect();
        if ids.is_empty() { "none".to_owned() } else { ids.join(" ") }
    };
    out.push('\n');
    for outcome in [Outcome::Failed, Outcome::Passed, Outcome::Undecidable] {
        let _ = writeln!(out, "{:<14} {}", words::outcome(outcome), rows(outcome));
    }
    let findings = &report.judgement.findings;
    if !findings.is_empty() {
        out.push_str("\nFindings, the gravest first\n");
    }
    for (at, finding) in findings.iter().take(SHOWN).enumerate() {
        let _ = writeln!(out, "{:>3}. {}: {}", at + 1, words::level(finding.level), finding.says);
        let _ = writeln!(out, "     {}", finding.mend);
    }
    if findings.len() > SHOWN {
        let _ = writeln!(out, "     … and {} more in the report.", words::number((findings.len() - SHOWN) as u64));
    }
    out.chars().map(|letter| if letter.is_control() && letter != '\n' { '\u{fffd}' } else { letter }).collect()
}

fn numbers(out: &mut String, totals: &[Total]) {
    if totals.is_empty() {
        return;
    }
    let _ = write!(out, "\n{:<22}", "");
    for total in totals {
        let _ = write!(out, "{:>12}", words::short(total.standing));
    }
    out.push('\n');
    for (name, of) in MEASURES {
        let _ = write!(out, "{name:<22}");
        for total in totals {
            let value = if total.reached || total.standing == Standing::Before {
                words::number(of(total))
            } else {
                "–".to_owned()
            };
            let _ = write!(out, "{value:>12}");
        }
        out.push('\n');
    }
    for total in totals.iter().filter(|total| !total.reached) {
        let _ = writeln!(out, "The standing “{}” was not reached.", words::short(total.standing));
    }
}

fn changes(out: &mut String, comparison: &Comparison) {
    let _ = writeln!(out, "\n{}", comparison.says());
    for care in &comparison.care {
        let _ = writeln!(out, "  Mind: {care}");
    }
    for (mark, list) in [("+", &comparison.appeared), ("-", &comparison.gone), ("?", &comparison.unseen)] {
        for finding in list.iter().take(SHOWN) {
            let _ = writeln!(out, "  {mark} {}", finding.says);
        }
        if list.len() > SHOWN {
            let _ = writeln!(out, "  {mark} … and {} more", words::number((list.len() - SHOWN) as u64));
        }
    }
    for (says, list) in
        [("Parties that came", &comparison.parties_appeared), ("Parties gone", &comparison.parties_gone)]
    {
        if !list.is_empty() {
            let _ = writeln!(out, "  {says}: {}", list.join(", "));
        }
    }
}
