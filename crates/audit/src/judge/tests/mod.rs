//! Every rule, with a case that it must find and the near one that it must not; and the table of the law as a whole. The
//! audits are small and built by hand.

mod kept;
mod law;
mod notice;
mod sent;
mod shared;

use super::{Finding, Judgement, Level, RULES, judge};
use crate::fixture::{Walk, audit, known};
use crate::seen::Audit;
use crate::who::Directory;

/// A directory of one service of each sort, all of the catalogue.
fn directory() -> Directory {
    let mut directory = Directory::new(vec![
        known("counter", "audience").host("count.test").host("*.count.test").cookie("_count*").key("_count*").known(),
        known("own-counter", "audience").cookie("_pk_*").route("/matomo.php").exempt().known(),
        known("ads", "advertising").host("ads.test").host("*.ads.test").cookie("_ads").known(),
        known("fonts", "resources").host("fonts.test").known(),
        known("tags", "tags").host("tags.test").known(),
        known("pay", "payment").host("pay.test").exempt().known(),
        known("php", "platform").cookie("PHPSESSID").exempt().known(),
    ]);
    directory.list("list.txt", "||listed.test^\n/track.gif?\n");
    directory
}

fn judged(runs: impl IntoIterator<Item = Walk>) -> Judgement {
    judge(&audit(runs), &directory())
}

/// Every finding as its name and level, sorted.
fn found(judgement: &Judgement) -> Vec<(&str, Level)> {
    let mut all: Vec<_> = judgement.findings.iter().map(|one| (one.id.as_str(), one.level)).collect();
    all.sort_unstable();
    all
}

/// The findings of one rule, as what they are about and their level.
fn of(judgement: &Judgement, rule: &str) -> Vec<(String, Level)> {
    assert!(RULES.iter().any(|one| one.name == rule), "{rule} is no rule");
    let all = judgement.findings.iter().filter(|one| one.rule == rule);
    all.map(|one| (one.id.trim_start_matches(rule).trim_start_matches('/').to_owned(), one.level)).collect()
}

fn one<'a>(judgement: &'a Judgement, id: &str) -> &'a Finding {
    let names = || found(judgement);
    judgement.findings.iter().find(|one| one.id == id).unwrap_or_else(|| panic!("no {id} in {:?}", names()))
}

fn judge_it(audit: &Audit) -> Judgement {
    judge(audit, &directory())
}

#[test]
fn rules_are_named_once_and_speak_of_rows_there_are() {
    let mut names: Vec<_> = RULES.iter().map(|rule| rule.name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), RULES.len());
    let rows = judged([]).rows;
    for rule in RULES {
        assert!(rule.law.iter().all(|id| rows.iter().any(|row| row.id == *id)), "{}", rule.name);
    }
}

#[test]
fn every_rule_is_found_by_some_test() {
    let tests = [
        include_str!("kept.rs"),
        include_str!("law.rs"),
        include_str!("notice.rs"),
        include_str!("sent.rs"),
        include_str!("shared.rs"),
    ];
    for rule in RULES {
        let named = format!("\"{}", rule.name);
        assert!(tests.iter().any(|text| text.contains(&named)), "no test names {}", rule.name);
    }
}
