//! The report for a terminal: the verdict, the numbers, what to fix first. Foreign text loses its control characters, so
//! that no site writes to the auditor's terminal.

use super::markup::tame;
use super::verdict::{alike, kinds};
use super::{Comparison, Report, words};
use crate::judge::{Outcome, Total};
use crate::seen::Standing;
use std::fmt::Write as _;

/// At most so many kinds of findings; the rest is said to be in the files.
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
    let kinds = kinds(findings);
    for (at, (finding, others)) in kinds.iter().take(SHOWN).enumerate() {
        let _ = writeln!(out, "{:>3}. {}: {}", at + 1, words::level(finding.level), finding.says);
        if let Some(alike) = alike(others) {
            let _ = writeln!(out, "     {alike}");
        }
        let _ = writeln!(out, "     {}", finding.mend);
    }
    let rest: usize = kinds.iter().skip(SHOWN).map(|(_, others)| others.len() + 1).sum();
    if rest > 0 {
        let _ = writeln!(out, "     … and {} more in the report.", words::number(rest as u64));
    }
    out.chars().map(tame).collect()
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{compare, sample};

    #[test]
    fn a_terminal_is_told_what_matters() {
        let report = sample::newspaper(false, 1);
        let says = text(&report, None);
        for line in [
            "www.newsroom.example breaks 5 of the 9 rules that could be checked.\n",
            "Before any choice, 20 requests went to 4 third parties, 15 of them to trackers.\n",
            "of them to trackers             15           5          20          20          15\n",
            "Failed         L1 L4 L5 L8 L16\n",
            "  1. Breaks a rule: Google Analytics is told of every visitor before anybody has chosen.\n",
        ] {
            assert!(says.contains(line), "{line:?} is not in:\n{says}");
        }
        assert!(!says.contains(['\u{1b}', '\u{202e}']), "a site writes to the terminal");
    }

    #[test]
    fn long_lists_end_with_a_count() {
        let mut report = sample::newspaper(false, 1);
        let one = report.judgement.findings[0].clone();
        let more =
            (0..20).map(|at| crate::judge::Finding { id: format!("x/{at}"), rule: format!("x{at}"), ..one.clone() });
        report.judgement.findings.extend(more);
        assert!(text(&report, None).contains("… and 18 more in the report."));
        let says = text(&report, Some(&compare(&sample::quiet(), &report)));
        assert!(says.contains("28 findings new, 0 gone, 0 the same") && says.contains("+ … and 18 more"), "{says}");
        assert!(says.contains("Parties that came: adstack.test, eulerian.test"), "{says}");
    }

    #[test]
    fn a_standing_that_was_not_reached_has_no_numbers() {
        let says = text(&sample::quiet(), None);
        assert!(
            says.contains("Requests                        20           –           –           –          20\n"),
            "{says}"
        );
        assert!(says.contains("The standing “refused” was not reached."));
        let says = text(&sample::empty(), None);
        assert!(says.starts_with("No page of www.newsroom.example could be looked at"), "{says}");
    }
}
