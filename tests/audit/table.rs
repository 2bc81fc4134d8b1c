//! What is printed: one line for each site, standing and kind of thing, and every miss and invention in words.

use crate::claim::Claim;
use crate::compare::{Diff, Outcome};
use std::collections::BTreeMap;

/// Differences of one kind that are printed; the others are counted.
const SHOWN: usize = 12;

/// What came of one site.
pub(crate) struct Sheet {
    name: String,
    /// Kind of thing, by standing.
    rows: Vec<(String, String, Diff)>,
    /// Facts worth printing beside the figures.
    notes: Vec<String>,
    pub(crate) faults: Vec<String>,
}

impl Sheet {
    pub(crate) fn new(name: &str) -> Self {
        Self { name: name.to_owned(), rows: Vec::new(), notes: Vec::new(), faults: Vec::new() }
    }

    pub(crate) fn took(&mut self, claim: &Claim) {
        let pages: usize = claim.runs().iter().map(|run| run.pages().len()).sum();
        self.notes.push(format!("{pages} visits in {:.1} s", claim.took() as f64 / 1000.0));
    }

    pub(crate) fn note(&mut self, text: String) {
        self.notes.push(text);
    }

    pub(crate) fn row(&mut self, standing: &str, kind: &str, diff: Diff) {
        self.rows.push((standing.to_owned(), kind.to_owned(), diff));
    }

    /// Demands something, in words.
    pub(crate) fn demand(&mut self, holds: bool, what: impl Into<String>) {
        if !holds {
            self.faults.push(what.into());
        }
    }

    pub(crate) fn outcome(&mut self, outcome: Outcome) {
        for one in outcome.matches {
            for (kind, diff) in one.parts {
                self.row(&one.standing, kind, diff);
            }
        }
        if outcome.beside > 0 {
            self.notes.push(format!("{} requests of a browser that only looked at the notice", outcome.beside));
        }
        self.faults.extend(outcome.faults);
    }

    fn print(&self) {
        println!("\n{} ({})", self.name, self.notes.join("; "));
        println!("  {:<12}{:<14}{:>8}{:>8}{:>8}{:>10}", "standing", "what", "logged", "found", "missed", "invented");
        for (standing, kind, diff) in &self.rows {
            let (missed, invented) = (diff.missed.len(), diff.invented.len());
            println!("  {standing:<12}{kind:<14}{:>8}{:>8}{missed:>8}{invented:>10}", diff.logged, diff.found);
        }
        self.wrong().iter().for_each(|line| println!("    {line}"));
    }

    /// Everything that is not as it must be, a line each.
    fn wrong(&self) -> Vec<String> {
        let mut wrong: Vec<String> = self.faults.iter().map(|fault| format!("FAULT: {fault}")).collect();
        for (standing, kind, diff) in &self.rows {
            for (word, list) in [("missed", &diff.missed), ("invented", &diff.invented)] {
                wrong.extend(list.iter().take(SHOWN).map(|one| format!("{standing} {kind} {word}: {one}")));
                if list.len() > SHOWN {
                    wrong.push(format!("{standing} {kind} {word}: and {} more", list.len() - SHOWN));
                }
            }
        }
        wrong
    }
}

/// All sites.
#[derive(Default)]
pub(crate) struct Table {
    pub(crate) passed: usize,
    pub(crate) failed: usize,
    sums: BTreeMap<String, [usize; 4]>,
    /// Said once more at the end: of a long log often only that is kept.
    wrong: Vec<String>,
}

impl Table {
    pub(crate) fn add(&mut self, sheet: Sheet) {
        sheet.print();
        let wrong = sheet.wrong();
        if wrong.is_empty() {
            self.passed += 1
        } else {
            self.failed += 1
        }
        self.wrong.extend(wrong.into_iter().map(|line| format!("{}: {line}", sheet.name)));
        for (_, kind, diff) in sheet.rows {
            let sum = self.sums.entry(kind).or_default();
            let these = [diff.logged, diff.found, diff.missed.len(), diff.invented.len()];
            sum.iter_mut().zip(these).for_each(|(sum, this)| *sum += this);
        }
    }

    pub(crate) fn end(&self) {
        println!("\nall sites");
        println!("  {:<14}{:>8}{:>8}{:>8}{:>10}", "what", "logged", "found", "missed", "invented");
        for (kind, [logged, found, missed, invented]) in &self.sums {
            println!("  {kind:<14}{logged:>8}{found:>8}{missed:>8}{invented:>10}");
        }
        self.wrong.iter().for_each(|line| println!("  {line}"));
    }
}
