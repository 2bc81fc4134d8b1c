//! Plans for tests: short waits, no delay unless one is asked for.

use bandeau_audit::browser::Options;
use bandeau_audit::crawl::Site;
use bandeau_audit::seen::{Audit, Limits, Run, Standing};
use bandeau_audit::visit::{Plan, Progress, Stop, Trouble, audit};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::time::timeout;
use url::Url;

pub(crate) fn plan(start: &str, standings: &[Standing]) -> Plan {
    let start = Url::parse(start).unwrap();
    Plan {
        site: Site::of(&start, &[]).unwrap(),
        start,
        named: Vec::new(),
        standings: standings.to_vec(),
        limits: Limits { pages: 10, depth: 3, wait: 600, patience: 20_000, delay: 0, requests: 1_000, robots: true },
        browser: Options::default(),
        resolve: Vec::new(),
        insecure: false,
        parallel: 2,
        time: Duration::from_secs(120),
        anyway: false,
        started: 1_795_000_000_000,
        version: "test".to_owned(),
    }
}

/// Audits within bounds, and hands out what was told meanwhile too.
pub(crate) async fn walk(plan: Plan, stop: Stop) -> (Result<Audit, Trouble>, Vec<Progress>) {
    let told = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&told);
    let done = timeout(Duration::from_secs(240), audit(plan, move |progress| log.lock().unwrap().push(progress), stop));
    let audit = done.await.expect("the audit ends in bounded time");
    let told = told.lock().unwrap().clone();
    (audit, told)
}

pub(crate) fn run(audit: &Audit, standing: Standing) -> &Run {
    audit.runs.iter().find(|run| run.standing == standing).unwrap_or_else(|| panic!("no {standing:?}"))
}

/// Paths of the pages of a run, in their order.
pub(crate) fn pages(run: &Run) -> Vec<String> {
    run.visits.iter().map(|visit| Url::parse(&visit.url).unwrap().path().to_owned()).collect()
}
