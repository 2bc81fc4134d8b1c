//! The law table as JUnit XML, which every build server draws: one test for each row, failed where it does not hold and
//! skipped where a machine cannot decide. There is no standard; this keeps to what Jenkins, GitLab and GitHub's tools read.

use super::markup::Text;
use super::{Report, words};
use crate::judge::{Finding, Outcome, Row};
use std::fmt::Write as _;

/// The document.
pub fn junit(report: &Report) -> String {
    let (audit, rows) = (&report.audit, &report.judgement.rows);
    let of = |outcome| rows.iter().filter(|row| row.outcome == outcome).count();
    let counts = format!(
        "tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"{}\" time=\"{}.{:03}\"",
        rows.len(),
        of(Outcome::Failed),
        of(Outcome::Undecidable),
        audit.took / 1000,
        audit.took % 1000
    );
    let stamp = words::stamp(audit.started);
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"bandeau audit\" {counts}>\n  \
         <testsuite name=\"{}\" timestamp=\"{}\" {counts}>\n",
        Text(&audit.site),
        // Its schema wants no zone.
        stamp.trim_end_matches('Z')
    );
    for row in rows {
        let _ = write!(out, "    <testcase classname=\"law\" name=\"{}: {}\"", Text(&row.id), Text(&row.must));
        match row.outcome {
            Outcome::Passed => out.push_str("/>\n"),
            Outcome::Undecidable => {
                let _ = writeln!(out, "><skipped message=\"{}\"/></testcase>", Text(&row.why));
            }
            Outcome::Failed => failure(&mut out, row, &report.judgement.findings),
        }
    }
    let loose: Vec<&Finding> = report.judgement.findings.iter().filter(|finding| !told(finding, rows)).collect();
    if !loose.is_empty() {
        out.push_str("    <system-out>Found besides, breaking no row of the table:\n");
        loose.iter().for_each(|finding| describe(&mut out, finding));
        out.push_str("</system-out>\n");
    }
    if let Some(why) = &audit.interrupted {
        let _ = writeln!(out, "    <system-err>The audit ended early: {}</system-err>", Text(why));
    }
    out.push_str("  </testsuite>\n</testsuites>\n");
    out
}

/// Whether a failed row tells of it.
fn told(finding: &Finding, rows: &[Row]) -> bool {
    rows.iter().any(|row| row.outcome == Outcome::Failed && row.findings.contains(&finding.id))
}

fn failure(out: &mut String, row: &Row, findings: &[Finding]) {
    let _ = writeln!(out, "><failure type=\"{}\" message=\"{}\">", Text(&row.id), Text(&row.why));
    let _ = writeln!(out, "Authority: {}", Text(&row.authority));
    for finding in findings.iter().filter(|finding| row.findings.contains(&finding.id)) {
        describe(out, finding);
    }
    out.push_str("</failure></testcase>\n");
}

fn describe(out: &mut String, finding: &Finding) {
    let _ = writeln!(out, "- {} [{}]", Text(&finding.says), Text(&finding.id));
    let _ = writeln!(out, "  What to do: {}", Text(&finding.mend));
    for page in finding.pages.iter().take(5) {
        let _ = writeln!(out, "  On: {}", Text(page));
    }
    for evidence in finding.evidence.iter().take(5) {
        let _ = writeln!(out, "  {}: {}", words::standing(evidence.standing), Text(&evidence.shows));
    }
}
