//! The findings as SARIF 2.1.0 (OASIS), for code hosts and editors: one result for each finding, named by the finding's
//! own name so that the same finding is recognised in the next run.

use super::markup::tame;
use super::{Comparison, Report, pretty, words};
use crate::judge::{Finding, Level, RULES};
use serde_json::{Map, Value, json};

/// The log. With a comparison each result says whether it is new, and those that are gone stand in it as absent.
pub fn sarif(report: &Report, comparison: Option<&Comparison>) -> String {
    let audit = &report.audit;
    let gone = comparison.map(|comparison| comparison.gone.as_slice()).unwrap_or_default();
    let findings: Vec<&Finding> = report.judgement.findings.iter().chain(gone).collect();
    let names = names(&findings);
    let results: Vec<Value> = findings
        .iter()
        .enumerate()
        .map(|(at, finding)| {
            let absent = at >= report.judgement.findings.len();
            result(finding, &names, &audit.site, state(finding, comparison, absent))
        })
        .collect();
    let rules: Vec<Value> = names.iter().map(|name| rule(name)).collect();
    let told: Vec<Value> = audit
        .interrupted
        .iter()
        .map(|why| (format!("The audit ended early: {why}"), "warning"))
        .chain(audit.notes.iter().map(|note| (note.clone(), "note")))
        .map(|(text, level)| json!({ "level": level, "message": { "text": plain(&text) } }))
        .collect();
    pretty(&json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": { "name": "bandeau", "version": audit.version, "rules": rules } },
            "automationDetails": { "id": format!("bandeau/audit/{}/", audit.site) },
            "columnKind": "unicodeCodePoints",
            "invocations": [{
                "executionSuccessful": audit.interrupted.is_none(),
                "startTimeUtc": words::stamp(audit.started),
                "endTimeUtc": words::stamp(audit.started.saturating_add(audit.took)),
                "toolExecutionNotifications": told,
            }],
            "results": results,
        }],
    }))
}

/// Every rule that is named: those that are known in their order, then those of another version.
fn names(findings: &[&Finding]) -> Vec<String> {
    let mut out: Vec<String> = RULES.iter().map(|rule| rule.name.to_owned()).collect();
    for finding in findings {
        if !out.contains(&finding.rule) {
            out.push(finding.rule.clone());
        }
    }
    out
}

fn rule(name: &str) -> Value {
    match RULES.iter().find(|rule| rule.name == name) {
        Some(rule) => json!({
            "id": rule.name,
            "shortDescription": { "text": rule.says },
            "defaultConfiguration": { "level": level(rule.level) },
            "properties": { "law": rule.law },
        }),
        None => json!({ "id": name }),
    }
}

fn result(finding: &Finding, names: &[String], site: &str, state: Option<&str>) -> Value {
    let mut out = Map::new();
    out.insert("ruleId".into(), json!(finding.rule));
    if let Some(at) = names.iter().position(|name| *name == finding.rule) {
        out.insert("ruleIndex".into(), json!(at));
    }
    out.insert("level".into(), json!(level(finding.level)));
    out.insert("message".into(), json!({ "text": plain(&format!("{} {}", finding.says, finding.mend)) }));
    // SARIF §3.27.12: one result may have several places only where all must be mended, so the first page is the place and
    // the others are related to it.
    let mut pages = finding.pages.iter().filter_map(|page| url::Url::parse(page).ok());
    let first = pages.next().or_else(|| url::Url::parse(site).ok());
    out.insert("locations".into(), Value::Array(first.iter().map(place).collect()));
    let others: Vec<Value> = pages.take(20).map(|page| place(&page)).collect();
    if !others.is_empty() {
        out.insert("relatedLocations".into(), Value::Array(others));
    }
    out.insert("partialFingerprints".into(), json!({ "bandeauFinding/v1": finding.id }));
    out.insert("occurrenceCount".into(), json!(finding.count.max(1)));
    if let Some(state) = state {
        out.insert("baselineState".into(), json!(state));
    }
    let evidence: Vec<Value> = finding
        .evidence
        .iter()
        .map(|one| json!({ "standing": one.standing.as_str(), "at": one.at, "shows": one.shows }))
        .collect();
    let standings: Vec<&str> = finding.standings.iter().map(|standing| standing.as_str()).collect();
    out.insert(
        "properties".into(),
        json!({
            "law": finding.law, "standings": standings, "party": finding.party, "mend": finding.mend, "evidence": evidence,
        }),
    );
    Value::Object(out)
}

/// A text that makes no link: brackets would (SARIF §3.11.6), and what a site calls itself may hold them.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars().map(tame) {
        if matches!(letter, '\\' | '[' | ']') {
            out.push('\\');
        }
        out.push(letter);
    }
    out
}

fn place(page: &url::Url) -> Value {
    json!({ "physicalLocation": { "artifactLocation": { "uri": page.as_str() } } })
}

fn state(finding: &Finding, comparison: Option<&Comparison>, absent: bool) -> Option<&'static str> {
    let comparison = comparison?;
    Some(match absent {
        true => "absent",
        false if comparison.appeared.iter().any(|one| one.id == finding.id) => "new",
        false => "unchanged",
    })
}

fn level(level: Level) -> &'static str {
    match level {
        Level::Note => "note",
        Level::Warning => "warning",
        Level::Error => "error",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{compare, sample};

    fn log(report: &Report, comparison: Option<&Comparison>) -> Value {
        serde_json::from_str(&sarif(report, comparison)).unwrap()
    }

    #[test]
    fn every_finding_is_a_result_that_is_recognised_again() {
        let report = sample::newspaper(false, 1);
        let log = log(&report, None);
        let run = &log["runs"][0];
        let results = run["results"].as_array().unwrap();
        assert_eq!(results.len(), report.judgement.findings.len());
        for (result, finding) in results.iter().zip(&report.judgement.findings) {
            assert_eq!(result["partialFingerprints"]["bandeauFinding/v1"], finding.id);
            assert_eq!(result["level"], format!("{:?}", finding.level).to_lowercase());
            let at = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
            assert_eq!(run["tool"]["driver"]["rules"][at]["id"], finding.rule);
            assert_eq!(
                result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"],
                "https://www.newsroom.example/"
            );
            assert_eq!(result["relatedLocations"].as_array().unwrap().len(), 4);
            assert_eq!(result["occurrenceCount"], 10);
            assert!(result["baselineState"].is_null());
            assert_eq!(result["properties"]["evidence"][0]["standing"], "before");
        }
        assert_eq!(run["invocations"][0]["executionSuccessful"], true);
        assert_eq!(run["invocations"][0]["endTimeUtc"], "2026-11-18T11:08:48Z");
        // Rules are named once, whatever is found.
        let mut names: Vec<&str> = run["tool"]["driver"]["rules"]
            .as_array()
            .unwrap()
            .iter()
            .map(|rule| rule["id"].as_str().unwrap())
            .collect();
        let all = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all);
        assert!(RULES.iter().all(|rule| names.contains(&rule.name)));
    }

    #[test]
    fn a_comparison_says_what_is_new_and_what_is_absent() {
        let new = sample::newspaper(false, 1);
        let mut old = new.clone();
        old.judgement.findings[0].id = "old/x.test".to_owned();
        let log = log(&new, Some(&compare(&old, &new)));
        let states: Vec<&str> = log["runs"][0]["results"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["baselineState"].as_str().unwrap())
            .collect();
        assert_eq!(states[0], "new");
        assert!(states[1..8].iter().all(|state| *state == "unchanged"));
        assert_eq!(states[8..], ["absent"]);
    }

    #[test]
    fn an_audit_that_ended_early_did_not_succeed() {
        let log = log(&sample::empty(), None);
        let call = &log["runs"][0]["invocations"][0];
        assert_eq!(call["executionSuccessful"], false);
        assert!(call["toolExecutionNotifications"][0]["message"]["text"].as_str().unwrap().contains("Ctrl-C"));
        assert_eq!(log["runs"][0]["results"], json!([]));
    }

    #[test]
    fn no_text_of_a_site_becomes_a_link() {
        let mut report = sample::newspaper(false, 1);
        report.judgement.findings[0].says = "[click](https://evil.test) \\ \u{202e}".to_owned();
        report.judgement.findings[0].mend = "Mend.".to_owned();
        report.audit.notes = vec!["[note](1)".to_owned()];
        let log = log(&report, None);
        let run = &log["runs"][0];
        assert_eq!(run["results"][0]["message"]["text"], "\\[click\\](https://evil.test) \\\\ \u{fffd} Mend.");
        assert_eq!(run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"], "\\[note\\](1)");
    }

    #[test]
    fn a_page_that_is_no_address_is_no_place() {
        let mut report = sample::newspaper(false, 1);
        report.judgement.findings[0].pages = vec![sample::NASTY.to_owned()];
        let log = log(&report, None);
        let place = &log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"];
        assert_eq!(place, "https://www.newsroom.example/");
    }
}
