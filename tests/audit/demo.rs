//! The demo behind our own gateway: its third parties keep logs of their own, which cannot tell one browser of an audit from
//! another. So all standings together are compared with all that was logged.

use crate::arguments::Arguments;
use crate::claim::Claim;
use crate::compare::Diff;
use crate::expect;
use crate::run::{audit, keep};
use crate::support::{Demo, get};
use crate::table::Sheet;
use serde_json::Value;

/// What the promise of the gateway comes to in the law table. That consent can be taken back is seen on the start page; for
/// every other page row L5 asks a person.
const ROWS: [(&str, &str); 4] = [("L1", "passed"), ("L4", "passed"), ("L5", "undecidable"), ("L8", "passed")];

pub(crate) async fn measure(arguments: &Arguments) -> Sheet {
    let mut sheet = Sheet::new("demo, behind the gateway");
    let demo = Demo::start();
    let dir = tempfile::tempdir().unwrap();
    // What the demo declares as its own counts as essential. The addresses in it are nobody's here.
    let config = include_str!("../../crates/bandeau/demo/gateway.toml");
    let config = config.replace("{{front}}", "127.0.0.1:1").replace("{{upstream}}", "127.0.0.1:2");
    std::fs::write(dir.path().join("bandeau.toml"), config).unwrap();
    let more = ["--config".to_owned(), dir.path().join("bandeau.toml").display().to_string()];
    let out = dir.path().join("out");
    if let Err(fault) = audit(arguments, &format!("{}/", demo.site), &out, &more).await {
        sheet.faults.push(fault);
        return sheet;
    }
    let claim = match Claim::read(&out.join("audit.json")) {
        Ok(claim) => claim,
        Err(fault) => {
            sheet.faults.push(fault);
            return sheet;
        }
    };
    // Browsers know what is below localhost; not every system does.
    let port = demo.witness.rsplit(':').next().unwrap_or_default();
    let (_, told) = get(&format!("http://127.0.0.1:{port}/log.json"), &[]).await;
    let told: Value = serde_json::from_str(&told).unwrap();
    let parties = told["parties"].as_array().unwrap();
    keep(arguments, "demo", &out, parties);
    sheet.took(&claim);
    let origins: Vec<&str> = parties.iter().map(|party| party["origin"].as_str().unwrap()).collect();
    for run in claim.runs() {
        let standing = run.standing();
        sheet.demand(run.reached(), format!("{standing} was not reached: {}", run.fault()));
        let third = run.sent().into_iter().filter(|sent| origins.iter().any(|origin| sent.url.starts_with(origin)));
        // Who takes everything back has accepted before: what is older than the choice belongs to the way there.
        let third = third.filter(|sent| sent.at >= run.chosen()).count();
        sheet.note(format!("{standing}: {third} requests to third parties"));
        sheet.demand((third > 0) == (standing == "accepted"), format!("{standing}: {third} requests to third parties"));
        let tool = run.tool().unwrap_or_default();
        sheet.demand(
            standing == "withdrawn" || tool == "Bandeau",
            format!("{standing}: the tool is taken for {tool:?}"),
        );
    }
    let logged = parties.iter().flat_map(|party| {
        let origin = party["origin"].as_str().unwrap();
        let requests = party["requests"].as_array().unwrap().iter();
        requests.map(move |one| {
            let part = |key: &str| one[key].as_str().unwrap_or_default();
            format!("{} {origin}{} [{}]", part("method"), part("path"), part("cookie"))
        })
    });
    let cookies = |pairs: &[(String, String)]| {
        pairs.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    };
    let sent: Vec<_> = claim.runs().iter().flat_map(|run| run.sent()).collect();
    let found = sent.iter().filter(|sent| origins.iter().any(|origin| sent.url.starts_with(origin)));
    let found = found.map(|sent| format!("{} {} [{}]", sent.method, sent.url, cookies(&sent.cookies)));
    sheet.row("all", "requests", Diff::new(logged.collect(), found.collect()));
    let spoken = parties.iter().filter(|party| party["connections"].as_u64() > Some(0));
    let spoken = spoken.map(|party| bare(party["origin"].as_str().unwrap())).collect();
    let met: std::collections::BTreeSet<String> =
        claim.runs().iter().flat_map(|run| run.connections()).map(|(host, port, _)| format!("{host}:{port}")).collect();
    let met = met.into_iter().filter(|host| origins.iter().any(|origin| bare(origin) == *host)).collect();
    sheet.row("all", "connections", Diff::new(spoken, met));
    expect::law(&mut sheet, &claim, &ROWS);
    sheet
}

fn bare(origin: &str) -> String {
    origin.trim_start_matches("http://").to_owned()
}
