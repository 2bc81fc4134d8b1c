//! An audit that was written by somebody else: read or refused, and judged without a panic, alike each time, with evidence
//! that points at things there are and rows for the whole table.
#![no_main]

use bandeau_audit::judge::{Place, RULES, judge};
use bandeau_audit::seen::Audit;
use bandeau_audit::who::Directory;
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;

static KNOWN: LazyLock<Directory> = LazyLock::new(|| {
    let mut directory = Directory::new(Vec::new());
    directory.list("list", "||listed.test^\n/track.gif?\n");
    directory
});

fuzz_target!(|data: &[u8]| {
    let Ok(audit) = serde_json::from_slice::<Audit>(data) else { return };
    let judgement = judge(&audit, &KNOWN);
    assert_eq!(judgement, judge(&audit, &KNOWN));
    assert_eq!(judgement.rows.len(), 20);
    assert_eq!(judgement.totals.len(), audit.runs.len());
    for finding in &judgement.findings {
        assert!(RULES.iter().any(|rule| rule.name == finding.rule), "{}", finding.rule);
        assert!(!finding.says.is_empty() && !finding.mend.is_empty() && finding.count > 0, "{}", finding.id);
        assert!(finding.evidence.len() <= 20);
        for evidence in &finding.evidence {
            let fits = audit.runs.iter().filter(|run| run.standing == evidence.standing).any(|run| match evidence.at {
                Place::Request(at) => at < run.requests.len(),
                Place::Cookie(at) => at < run.cookies.len(),
                Place::Entry(at) => at < run.storage.len(),
                Place::Connection(at) => at < run.connections.len(),
                Place::Visit(at) => at < run.visits.len(),
                Place::Banner(_) => run.banner.is_some(),
            });
            assert!(fits, "{}: {evidence:?}", finding.id);
        }
    }
});
