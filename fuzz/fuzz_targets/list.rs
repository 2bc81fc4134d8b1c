//! A filter list of any bytes, and a request for an address out of it: never a panic, never more rules than lines.
#![no_main]

use bandeau_audit::judge::judge;
use bandeau_audit::seen::Audit;
use bandeau_audit::who::Directory;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    let mut directory = Directory::new(Vec::new());
    let report = directory.list("list", &text);
    let lines = text.lines().count() as u64;
    assert!(report.rules + report.bad <= lines, "{report:?} of {lines} lines");
    assert!(report.samples.len() <= 5);
    let mut audit: Audit = serde_json::from_str(include_str!("../seeds/judge/audit.json")).unwrap();
    let words = text.split(|c: char| c.is_whitespace() || matches!(c, '|' | '^' | '$' | ','));
    for (word, request) in words.filter(|word| !word.is_empty()).zip(&mut audit.runs[0].requests) {
        request.url = if word.contains("://") { word.to_owned() } else { format!("https://{word}") };
    }
    judge(&audit, &directory);
});
