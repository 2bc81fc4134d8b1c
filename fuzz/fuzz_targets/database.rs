//! A cookie database of any bytes: it is read or refused, and what is read counts each of its entries once, used or bad.
#![no_main]

use bandeau_audit::who::Directory;
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    let mut directory = Directory::new(Vec::new());
    let Ok(report) = directory.cookies(&text) else { return };
    let value: Value = serde_json::from_str(text.trim_start_matches('\u{feff}')).unwrap();
    let lists = value.as_object().unwrap().values();
    let entries: usize = lists.map(|list| list.as_array().map_or(1, Vec::len)).sum();
    assert_eq!(report.cookies + report.bad, entries as u64);
    assert!(report.samples.len() <= 5 && report.samples.len() as u64 <= report.bad);
});
