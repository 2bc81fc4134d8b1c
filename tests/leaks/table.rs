//! What the sights come to: leaks, what is missing, what is broken; and the table that shows it.

use crate::run::{Sight, Sights};
use crate::standing::Standing;
use crate::vector::{Kind, Vector};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What is wrong with one vector in one standing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Wrong {
    /// It does nothing where nothing holds it: the vector's own fault.
    Dud,
    /// It got through.
    Leak,
    /// It was held although everything was accepted.
    Missing,
    /// Something exempt no longer worked on its page.
    Broken,
    /// It could not be measured.
    Fault,
}

impl Wrong {
    fn as_str(self) -> &'static str {
        match self {
            Self::Dud => "does not fire without the gateway",
            Self::Leak => "leak",
            Self::Missing => "missing",
            Self::Broken => "exempt broken",
            Self::Fault => "not measured",
        }
    }
}

/// One finding.
#[derive(Debug, Clone)]
pub(crate) struct Finding {
    pub(crate) group: String,
    pub(crate) name: String,
    /// None without the gateway.
    pub(crate) standing: Option<Standing>,
    pub(crate) wrong: Wrong,
    pub(crate) seen: String,
}

/// Everything that was measured.
pub(crate) struct Results<'a> {
    pub(crate) vectors: &'a [&'a Vector],
    pub(crate) direct: Sights,
    pub(crate) runs: Vec<(Standing, Sights)>,
    /// Standings that could not be measured, and why.
    pub(crate) faults: Vec<String>,
}

impl Results<'_> {
    /// What is wrong, in the order of the vectors.
    pub(crate) fn findings(&self) -> Vec<Finding> {
        let mut out = Vec::new();
        for vector in self.vectors {
            let mut note = |standing, wrong, seen: String| {
                let (group, name) = (vector.group.clone(), vector.name.clone());
                out.push(Finding { group, name, standing, wrong, seen });
            };
            let Some(direct) = self.direct.get(&vector.name) else { continue };
            if let Some(fault) = &direct.fault {
                note(None, Wrong::Fault, fault.clone());
            } else if !direct.fired(vector.kind) {
                note(None, Wrong::Dud, direct.errors.join("; "));
            } else if vector.exempt && direct.exempt.is_none() {
                note(None, Wrong::Dud, "its page never says what exempt things work: exempt: no?".to_owned());
            }
            for (standing, sights) in &self.runs {
                if let Some(sight) = sights.get(&vector.name) {
                    judge(vector, *standing, direct, sight)
                        .into_iter()
                        .for_each(|(w, seen)| note(Some(*standing), w, seen));
                }
            }
        }
        out.extend(self.runs.iter().filter_map(|(standing, sights)| social(*standing, sights)));
        out
    }

    /// Prints the table and every finding; the number of vectors with none, and with some.
    pub(crate) fn print(&self) -> (usize, usize) {
        let findings = self.findings();
        let count = |group: &str, standing: Option<Standing>, wrong: &[Wrong]| {
            let fits = |f: &&Finding| {
                (group.is_empty() || f.group == group) && f.standing == standing && wrong.contains(&f.wrong)
            };
            findings.iter().filter(fits).count()
        };
        let mut groups: BTreeMap<&str, usize> = BTreeMap::new();
        self.vectors.iter().for_each(|vector| *groups.entry(&vector.group).or_default() += 1);
        let heads: String = self.runs.iter().map(|(standing, _)| format!(" {:>11}", standing.as_str())).collect();
        println!("\nleaks/missing/exempt broken\n{:<10} {:>7} {:>7}{heads}", "group", "vectors", "direct");
        let total = (&"", &self.vectors.len());
        for (group, vectors) in groups.iter().chain([total]) {
            let direct = vectors - count(group, None, &[Wrong::Dud, Wrong::Fault]);
            let cells: String = self
                .runs
                .iter()
                .map(|(standing, _)| {
                    let of = |wrong| count(group, Some(*standing), &[wrong]);
                    format!(" {:>11}", format!("{}/{}/{}", of(Wrong::Leak), of(Wrong::Missing), of(Wrong::Broken)))
                })
                .collect();
            println!("{:<10} {vectors:>7} {direct:>7}{cells}", if group.is_empty() { "all" } else { group });
        }
        let mut lines: BTreeMap<(&str, &str, Wrong, &str), Vec<&str>> = BTreeMap::new();
        for finding in &findings {
            let standing = finding.standing.map_or("direct", Standing::as_str);
            lines.entry((&finding.group, &finding.name, finding.wrong, &finding.seen)).or_default().push(standing);
        }
        println!();
        for ((group, name, wrong, seen), standings) in &lines {
            println!("{group}/{name}: {} in {}: {seen}", wrong.as_str(), standings.join(", "));
        }
        self.faults.iter().for_each(|fault| println!("{fault}"));
        let all = |wrong| findings.iter().filter(|finding| finding.wrong == wrong).count();
        let (duds, faults) = (all(Wrong::Dud), all(Wrong::Fault) + self.faults.len());
        println!(
            "\nleaks {} · missing {} · exempt broken {}",
            all(Wrong::Leak),
            all(Wrong::Missing),
            all(Wrong::Broken)
        );
        if duds + faults > 0 {
            println!("not firing without the gateway {duds} · not measured {faults}");
        }
        let mut failing: Vec<&str> = findings.iter().map(|finding| finding.name.as_str()).collect();
        failing.sort_unstable();
        failing.dedup();
        // The page that is every vector's is none of them.
        let failed = self.vectors.iter().filter(|vector| failing.contains(&vector.name.as_str())).count();
        (self.vectors.len() - failed, failing.len() + self.faults.len())
    }

    /// The same for programs.
    pub(crate) fn json(&self) -> Value {
        let findings = self.findings();
        let vectors: Vec<Value> = self.vectors.iter().map(|vector| {
            let fired: BTreeMap<&str, bool> = self.runs.iter().filter_map(|(standing, sights)| {
                Some((standing.as_str(), sights.get(&vector.name)?.fired(vector.kind)))
            }).collect();
            let wrong: Vec<Value> = findings.iter().filter(|finding| finding.name == vector.name).map(|finding| {
                json!({ "standing": finding.standing.map_or("direct", Standing::as_str), "wrong": finding.wrong.as_str(), "seen": finding.seen })
            }).collect();
            json!({
                "group": vector.group, "name": vector.name, "kind": vector.kind.as_str(), "what": vector.what,
                "direct": self.direct.get(&vector.name).is_some_and(|sight| sight.fired(vector.kind)),
                "fired": fired, "wrong": wrong,
            })
        }).collect();
        json!({ "vectors": vectors, "faults": self.faults })
    }
}

/// The image of social networks is on every page: asked for where they are not allowed, it is one leak.
fn social(standing: Standing, sights: &Sights) -> Option<Finding> {
    let asked = |sight: &&Sight| sight.exempt.as_ref().is_some_and(|facts| facts.contains("social"));
    let pages = sights.values().filter(asked).count();
    (pages > 0 && !standing.social()).then(|| Finding {
        group: "every".to_owned(),
        name: "page".to_owned(),
        standing: Some(standing),
        wrong: Wrong::Leak,
        seen: format!("social.localhost was asked by {pages} pages"),
    })
}

/// What is wrong with one sight.
fn judge(vector: &Vector, standing: Standing, direct: &Sight, here: &Sight) -> Vec<(Wrong, String)> {
    let mut out = Vec::new();
    if let Some(fault) = &here.fault {
        out.push((Wrong::Fault, fault.clone()));
    }
    let open = standing == Standing::Accepted && !vector.stray;
    if here.fired(vector.kind) && !open {
        let seen = match vector.kind {
            Kind::Contact => here.log.words(),
            Kind::Store | Kind::Read => here.kept.iter().cloned().collect::<Vec<_>>().join(", "),
        };
        out.push((Wrong::Leak, seen));
    }
    if !here.fired(vector.kind) && open && direct.fired(vector.kind) && here.fault.is_none() {
        out.push((Wrong::Missing, here.errors.join("; ")));
    }
    let broken = broken(standing, direct, here);
    if !broken.is_empty() && here.fault.is_none() {
        out.push((Wrong::Broken, broken.join(", ")));
    }
    out
}

/// What worked without the gateway and should work here, and does not; and errors that are new.
fn broken(standing: Standing, direct: &Sight, here: &Sight) -> Vec<String> {
    let Some(facts) = &direct.exempt else { return Vec::new() };
    let mut out = Vec::new();
    match &here.exempt {
        None => out.push("the page never says what works".to_owned()),
        Some(works) => {
            let due = facts.iter().filter(|fact| *fact != "social" || standing.social());
            out.extend(due.filter(|fact| !works.contains(*fact)).map(|fact| format!("no {fact}")));
        }
    }
    let new = here.errors.iter().filter(|error| !direct.errors.contains(error));
    out.extend(new.map(|error| format!("uncaught: {error}")));
    out
}
