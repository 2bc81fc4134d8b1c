//! The table of the law as a whole: a row passes only where somebody looked.

use super::{judge_it, judged};
use crate::fixture::{CHOSEN, Walk, audit, fair};
use crate::judge::{Judgement, Outcome, Place};
use crate::seen::{End, Standing};

fn outcome(judgement: &Judgement, id: &str) -> Outcome {
    judgement.rows.iter().find(|row| row.id == id).unwrap().outcome
}

/// A site that does everything right, in every standing.
fn good() -> Vec<Walk> {
    let answered = |standing| {
        Walk::new(standing)
            .banner(fair())
            .cookie_as("www.site.test", "klaro", "x", |cookie| cookie.lifetime = Some(180 * 86_400))
    };
    vec![
        Walk::new(Standing::Before).banner(fair()),
        answered(Standing::Refused),
        answered(Standing::Accepted),
        answered(Standing::Withdrawn),
        Walk::new(Standing::Gpc).banner(fair()),
    ]
}

#[test]
fn twenty_rows_in_order_each_with_words() {
    let judgement = judged([]);
    let ids: Vec<_> = judgement.rows.iter().map(|row| row.id.clone()).collect();
    assert_eq!(ids, (1..=20).map(|row| format!("L{row}")).collect::<Vec<_>>());
    for row in &judgement.rows {
        assert!(!row.must.is_empty() && !row.authority.is_empty() && !row.why.is_empty(), "{row:?}");
    }
}

#[test]
fn nothing_seen_is_nothing_passed() {
    let judgement = judged([]);
    assert!(judgement.rows.iter().all(|row| row.outcome == Outcome::Undecidable), "{:#?}", judgement.rows);
}

#[test]
fn what_was_looked_at_and_fine_passes_and_the_rest_is_for_people() {
    let judgement = judged(good());
    let passed: Vec<_> =
        judgement.rows.iter().filter(|row| row.outcome == Outcome::Passed).map(|row| &*row.id).collect();
    assert_eq!(passed, ["L1", "L3", "L4", "L6", "L7", "L8", "L11", "L15", "L16"]);
    assert!(judgement.rows.iter().all(|row| row.outcome != Outcome::Failed), "{:?}", judgement.findings);
}

#[test]
fn one_standing_that_was_not_reached_leaves_its_row_open() {
    for (standing, rows) in [
        (Standing::Before, &["L1", "L16"][..]),
        (Standing::Refused, &["L7", "L8", "L11", "L16"]),
        (Standing::Withdrawn, &["L5", "L8", "L16"]),
        (Standing::Accepted, &["L7"]),
    ] {
        let mut runs = good();
        let run = runs.iter_mut().find(|walk| walk.0.standing == standing).unwrap();
        run.0.reached = false;
        run.0.fault = Some("nothing could be clicked".into());
        let judgement = judged(runs);
        for row in rows {
            assert_eq!(outcome(&judgement, row), Outcome::Undecidable, "{standing:?} {row}");
        }
        let said = judgement.rows.iter().filter(|row| row.why.contains("nothing could be clicked")).count();
        assert!(said >= 1, "{standing:?}");
    }
}

#[test]
fn pages_that_did_not_open_prove_nothing() {
    let mut runs = good();
    runs[0].0.visits[0].end = End::Failed("net::ERR_NAME_NOT_RESOLVED".into());
    assert_eq!(outcome(&judged(runs), "L1"), Outcome::Undecidable);
    let mut runs = good();
    runs[0].0.visits[0].more = 3;
    let mut counted = judged(runs);
    assert_eq!(outcome(&counted, "L1"), Outcome::Undecidable);
    assert!(counted.rows.swap_remove(0).why.contains("3 requests"));
}

#[test]
fn a_wall_against_robots_or_the_page_of_the_choice_proves_nothing() {
    for status in [403, 503] {
        let mut runs = good();
        runs.iter_mut().for_each(|walk| walk.0.visits[0].status = Some(status));
        let judgement = judged(runs);
        for row in ["L1", "L8", "L11", "L15", "L16"] {
            assert_eq!(outcome(&judgement, row), Outcome::Undecidable, "{status} {row}");
        }
    }
    let mut runs = good();
    runs[1].0.visits[0].at = CHOSEN - 1;
    let judgement = judged(runs.clone());
    for row in ["L8", "L11"] {
        assert_eq!(outcome(&judgement, row), Outcome::Undecidable, "{row}");
    }
    runs[1] = runs[1].clone().page("https://www.site.test/next");
    let judgement = judged(runs);
    assert_eq!(outcome(&judgement, "L11"), Outcome::Passed);
    let why = &judgement.rows[7].why;
    assert!(why.starts_with("1 pages with 0 requests were looked at after a refusal."), "{why}");
}

#[test]
fn numbers_of_a_standing_begin_with_its_choice() {
    let refused = |reached| {
        let early = |walk: Walk, name: &str, stays| {
            walk.cookie_as("ads.test", name, "x", |cookie| (cookie.at, cookie.stays) = (100, stays))
        };
        let walk = Walk::new(Standing::Refused)
            .request_as("https://ads.test/a.js", |request| request.at = CHOSEN - 1)
            .request_as("https://fonts.test/a.css", |request| request.at = CHOSEN)
            .cookie("fonts.test", "late", "x")
            .entry("https://www.site.test", "late", "x");
        let mut walk = early(early(walk, "gone", false), "left", true);
        walk.0.reached = reached;
        walk.0.visits.insert(0, crate::seen::Visit { at: 0, ..walk.0.visits[0].clone() });
        let judgement = judged([Walk::new(Standing::Before), walk]);
        let total = judgement.totals[1].clone();
        let ads = judgement.parties.iter().find(|party| party.domain == "ads.test").unwrap();
        ([total.pages, total.requests, total.third, total.trackers, total.parties, total.cookies], ads.requests[1])
    };
    assert_eq!(refused(true), ([1, 1, 1, 0, 1, 2], 0));
    assert_eq!(refused(false), ([2, 2, 2, 1, 2, 3], 1));
}

#[test]
fn a_refusal_that_is_kept_shorter_under_another_name_is_for_people() {
    let with = |name: &str, days: u64| {
        let mut runs = good();
        let cookie = &mut runs[1].0.cookies[0];
        (cookie.name, cookie.lifetime) = (name.to_owned(), Some(days * 86_400));
        let row = judged(runs).rows.swap_remove(6);
        (row.outcome, row.why)
    };
    assert_eq!(with("cc_cookie", 179).0, Outcome::Passed);
    let (outcome, why) = with("cc_cookie", 1);
    assert_eq!(outcome, Outcome::Undecidable, "{why}");
    assert!(why.starts_with("A refusal is kept for 24 hours, an acceptance for 180 days"), "{why}");
}

#[test]
fn the_signal_is_never_passed_by_a_word() {
    let mut runs = good();
    runs[4] = runs[4].clone().request("https://nobody.test/a.js").request("https://fonts.test/a.css");
    runs[4].0.banner.as_mut().unwrap().text = "We honour GPC".to_owned();
    let row = judged(runs).rows.swap_remove(16);
    assert_eq!(row.outcome, Outcome::Undecidable);
    assert!(row.why.contains("names the signal") && row.why.ends_with("nobody has said: nobody.test."), "{}", row.why);
}

#[test]
fn a_tag_manager_fails_its_row_after_a_no_too() {
    for (at, rule) in [(1, "tag-manager-after-refusal"), (3, "tag-manager-after-withdrawal")] {
        let mut runs = good();
        runs[at] = runs[at].clone().request("https://tags.test/t.js");
        let judgement = judged(runs);
        assert_eq!(outcome(&judgement, "L16"), Outcome::Failed, "{rule}");
        assert_eq!(outcome(&judgement, "L8"), Outcome::Failed, "{rule}");
        assert!(judgement.findings.iter().any(|one| one.rule == rule), "{rule}");
    }
}

#[test]
fn what_lies_under_a_name_of_the_sites_is_told_apart() {
    let walk = Walk::new(Standing::Before)
        .cookie("www.site.test", "theme", "dark")
        .cookie("www.site.test", "_count", "x")
        .cookie("ads.test", "_ads", "x")
        .entry("https://www.site.test", "_count", "x");
    let lent: Vec<_> = judged([walk]).lent.into_iter().map(|loan| (loan.at, loan.tracker)).collect();
    assert_eq!(lent, [(Place::Cookie(1), true), (Place::Entry(0), true)]);
}

#[test]
fn a_clause_within_a_sentence_ends_with_a_comma() {
    let judgement = judged([Walk::new(Standing::Before).cookie("nobody.test", "id", "a1b2c3d4e5f6a7b8")]);
    let says = &judgement.findings.iter().find(|one| one.rule == "cookie-before-choice").unwrap().says;
    assert!(says.contains(", of whom nothing is known, keeps cookies"), "{says}");
}

#[test]
fn errors_fail_a_row_and_warnings_leave_it_to_people() {
    let mut runs = good();
    runs[0] = runs[0].clone().request("https://nobody.test/a.js");
    let judgement = judged(runs.clone());
    assert_eq!(outcome(&judgement, "L1"), Outcome::Undecidable);
    runs[0] = runs[0].clone().request("https://ads.test/a.js");
    let judgement = judged(runs);
    assert_eq!(outcome(&judgement, "L1"), Outcome::Failed);
    assert_eq!(outcome(&judgement, "L8"), Outcome::Passed, "only before a choice");
    let row = &judgement.rows[0];
    assert_eq!(row.findings.first().map(String::as_str), Some("request-before-choice/ads.test"), "the gravest first");
}

#[test]
fn a_row_is_broken_only_in_the_standings_it_speaks_of() {
    let shared = |standing| {
        let walk = Walk::new(standing)
            .cookie("www.site.test", "visitor", "a1b2c3d4")
            .request("https://nobody.test/?id=a1b2c3d4");
        let judgement = judged([walk]);
        judgement.findings.iter().find(|one| one.rule == "identifier-shared").unwrap().law.clone()
    };
    assert_eq!(shared(Standing::Before), ["L1"]);
    let refused = [Walk::new(Standing::Before), {
        Walk::new(Standing::Refused)
            .cookie("www.site.test", "visitor", "a1b2c3d4")
            .request("https://nobody.test/?id=a1b2c3d4")
    }];
    let judgement = judged(refused);
    let finding = judgement.findings.iter().find(|one| one.rule == "identifier-shared").unwrap();
    assert_eq!(finding.law, ["L8"]);
}

#[test]
fn the_same_is_judged_alike_and_can_be_kept() {
    let audit = audit(good());
    let judgement = judge_it(&audit);
    assert_eq!(judgement, judge_it(&audit));
    let text = serde_json::to_string(&judgement).unwrap();
    assert_eq!(serde_json::from_str::<Judgement>(&text).unwrap(), judgement);
}
