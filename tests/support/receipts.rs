//! Receipts to check, of `docs/spec/vectors`: true ones, and every way of changing them that matters, each with what must
//! come of it. The command and the page are both held against them. Knows neither.

#![allow(missing_docs, unreachable_pub, clippy::unwrap_used)]

use serde_json::{Map, Value};
use std::collections::BTreeMap;

const CASES: &str = include_str!("../../docs/spec/vectors/cases.json");
pub const FIRST: &str = include_str!("../../docs/spec/vectors/receipt-v1.json");
pub const SECOND: &str = include_str!("../../docs/spec/vectors/receipt-v2.json");
pub const KEYS: &str = include_str!("../../docs/spec/vectors/keys");

pub struct Case {
    pub name: String,
    pub receipt: String,
    pub keys: Option<String>,
    /// `holds`, `fails`, `open` or `unread`.
    pub verdict: String,
    /// What comes of each check, by its name.
    pub checks: BTreeMap<String, String>,
}

fn members(receipt: &str) -> Map<String, Value> {
    serde_json::from_str(receipt).unwrap()
}

pub fn cases() -> Vec<Case> {
    let all: Value = serde_json::from_str(CASES).unwrap();
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let case = |case: &Value| {
        let of = if case["of"] == "v1" { FIRST } else { SECOND };
        let mut changed = members(of);
        changed.extend(case["set"].as_object().cloned().unwrap_or_default());
        let checks = case["checks"].as_object().unwrap();
        Case {
            name: text(&case["name"]).unwrap(),
            receipt: text(&case["text"]).unwrap_or_else(|| Value::Object(changed).to_string()),
            keys: case["keys"].as_str().map(|name| text(&all["keys"][name]).unwrap()),
            verdict: text(&case["verdict"]).unwrap(),
            checks: checks.iter().map(|(what, finding)| (what.clone(), text(finding).unwrap())).collect(),
        }
    };
    let cases: Vec<Case> = all["cases"].as_array().unwrap().iter().map(case).collect();
    assert!(cases.len() > 100, "only {} cases were read", cases.len());
    cases
}
