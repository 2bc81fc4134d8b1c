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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;
    use proptest::prelude::*;
    use quick_xml::events::Event;

    /// Elements with their attributes, and all text, as an XML parser reads them.
    fn read(xml: &str) -> (Vec<String>, String) {
        let mut reader = quick_xml::Reader::from_str(xml);
        let (mut names, mut text) = (Vec::new(), String::new());
        loop {
            match reader.read_event().unwrap() {
                Event::Start(tag) | Event::Empty(tag) => {
                    let mut name = tag.name().as_ref().to_owned();
                    for attribute in tag.attributes() {
                        let attribute = attribute.unwrap();
                        name += &format!(" {}", attribute.key.as_ref());
                        text += &attribute.normalized_value(quick_xml::XmlVersion::Explicit1_0).unwrap();
                    }
                    names.push(name);
                }
                Event::Text(part) => text += &part,
                Event::GeneralRef(part) => {
                    text += &quick_xml::escape::unescape(&format!("&{};", &*part)).unwrap();
                }
                Event::Eof => return (names, text),
                _ => {}
            }
        }
    }

    #[test]
    fn each_row_is_a_test() {
        let report = sample::newspaper(false, 1);
        let xml = junit(&report);
        let (names, text) = read(&xml);
        let count = |start: &str| names.iter().filter(|name| name.split(' ').next() == Some(start)).count();
        assert_eq!((count("testsuite"), count("testcase"), count("failure"), count("skipped")), (1, 20, 5, 11));
        assert!(xml.contains("tests=\"20\" failures=\"5\" errors=\"0\" skipped=\"11\" time=\"128.400\""));
        assert!(xml.contains("timestamp=\"2026-11-18T11:06:40\""));
        // A finding stands under every row it is against, and one against none is not lost.
        assert_eq!(text.matches("[refuse-harder]").count(), 2);
        assert!(text.contains("Found besides"));
        assert!(text.contains("<script>alert(1)</script>") && !xml.contains("<script"));
    }

    #[test]
    fn an_audit_that_saw_nothing_is_still_a_document() {
        let xml = junit(&sample::empty());
        let (names, text) = read(&xml);
        assert!(xml.contains("tests=\"0\""));
        assert_eq!(names.len(), 3);
        assert!(text.contains("The audit ended early: the auditor pressed Ctrl-C"));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn foreign_words_come_back_as_text(word in ".{1,60}") {
            let mut report = sample::newspaper(false, 1);
            let plain = read(&junit(&report)).0;
            report.judgement.findings[0].says = word.clone();
            report.judgement.rows[1].must = word.clone();
            report.judgement.rows[6].why = word.clone();
            let (names, text) = read(&junit(&report));
            prop_assert_eq!(names, plain);
            // XML 1.0 §3.3.3: spaces in attributes become one kind of space, so that only what has none is compared.
            let word: String = word.chars().map(crate::report::markup::tame).collect();
            if !word.contains(char::is_whitespace) {
                prop_assert!(text.matches(&*word).count() >= 3);
            }
        }
    }
}
