//! Whether the comparison can fail at all: a log and an audit made by hand that agree, and the same with one thing too few
//! or too many. It runs before every measurement, for a comparison that never objects would praise anything.

use crate::claim::Claim;
use crate::compare::{Outcome, compare};
use crate::means::Origins;
use crate::party::{Contact, Entry, Log};
use crate::table::Sheet;
use serde_json::{Value, json};

/// The site and two third parties, at addresses nobody listens on.
fn origins() -> Origins {
    let parties =
        [("site", "http://site.localhost:1"), ("stats", "http://stats.localhost:2"), ("cdn", "http://cdn.localhost:3")];
    parties.map(|(name, origin)| (name.to_owned(), origin.to_owned())).into()
}

fn log() -> Log {
    let entry = |party: &str, target: &str, cookies: &[(&str, &str)]| Entry {
        at: 1_000,
        profile: "p".to_owned(),
        party: party.to_owned(),
        method: "GET".to_owned(),
        origin: origins()[party].clone(),
        target: target.to_owned(),
        cookies: cookies.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        referrer: None,
        gpc: false,
        body: String::new(),
        set: Vec::new(),
    };
    let contact = |party: &str, port| Contact { profile: "p".to_owned(), party: party.to_owned(), port };
    Log {
        entries: vec![
            entry("site", "/", &[("session", "1")]),
            entry("stats", "/collect", &[]),
            entry("site", "/robots.txt", &[]),
        ],
        contacts: vec![contact("site", 1), contact("stats", 2), contact("cdn", 3)],
    }
}

fn audit() -> Value {
    let request = |url: &str, cookies: Value| json!({ "method": "GET", "url": url, "kind": "Fetch", "outcome": "answered", "cookies": cookies, "referrer": null, "body": null });
    let cookie = |name: &str| json!({ "name": name, "domain": "site.localhost", "setters": [], "refused": null });
    let met = |host: &str, port: u16, request: bool| json!({ "host": host, "port": port, "request": request });
    json!({ "started": 900, "runs": [{
        "standing": "before", "reached": true, "began": 0, "visits": [{ "url": "http://site.localhost:1/" }],
        "requests": [
            request("http://site.localhost:1/", json!([{ "name": "session", "value": "1" }])),
            request("http://stats.localhost:2/collect", json!([])),
        ],
        "cookies": [cookie("session"), cookie("_stat")],
        "storage": [{ "kind": "local", "origin": "http://site.localhost:1", "key": "stat_seen" }],
        "connections": [met("site.localhost", 1, true), met("stats.localhost", 2, true), met("cdn.localhost", 3, false)],
    }] })
}

/// Each with what it does to the audit, and how many misses and inventions that makes.
type Damage = (&'static str, fn(&mut Value), [usize; 2]);

const DAMAGES: [Damage; 8] = [
    ("nothing", |_| {}, [0, 0]),
    ("a request left out", |run| drop(run["requests"].as_array_mut().unwrap().pop()), [1, 0]),
    (
        "a request said twice",
        |run| {
            let one = run["requests"][1].clone();
            run["requests"].as_array_mut().unwrap().push(one);
        },
        [0, 1],
    ),
    ("a request that was stopped", |run| run["requests"][1]["outcome"] = json!({ "blocked": "csp" }), [1, 0]),
    ("a cookie that did not travel", |run| run["requests"][0]["cookies"] = json!([]), [1, 1]),
    ("a cookie left out", |run| drop(run["cookies"].as_array_mut().unwrap().pop()), [1, 0]),
    ("an entry under another name", |run| run["storage"][0]["key"] = json!("seen"), [1, 1]),
    ("a connection that was silent", |run| run["connections"][1]["request"] = json!(false), [1, 1]),
];

/// Plays all of them.
pub(crate) fn play() -> Sheet {
    let mut sheet = Sheet::new("the comparison itself");
    for (what, harm, wanted) in DAMAGES {
        let mut audit = audit();
        harm(&mut audit["runs"][0]);
        let counts = counts(&compare(&Claim::from(audit), &log(), &origins()));
        sheet.demand(counts == wanted, format!("{what}: {counts:?} missed and invented, not {wanted:?}"));
    }
    sheet.note(format!("{} ways to be wrong are told", DAMAGES.len() - 1));
    sheet
}

fn counts(outcome: &Outcome) -> [usize; 2] {
    let parts = || outcome.matches.iter().flat_map(|one| one.parts.iter().map(|(_, diff)| diff));
    [parts().map(|diff| diff.missed.len()).sum(), parts().map(|diff| diff.invented.len()).sum()]
}
