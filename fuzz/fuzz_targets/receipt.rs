//! Receipts and files of keys of any bytes: what is read is written as it reads again, the outsider's check never falls
//! over, and nothing but what the book signed and the log placed holds under their keys.
#![no_main]

use bandeau_ledger::check::{self, Finding, Keys, Verdict, What};
use bandeau_ledger::{ReceiptDocument, verify};
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;

/// The documents of `docs/spec/record.md`, of both versions, and the keys they hold under.
const FIRST: &str = include_str!("../seeds/receipt/vector.json");
const SECOND: &str = include_str!("../../docs/spec/vectors/receipt-v2.json");
static KEYS: LazyLock<Keys> = LazyLock::new(|| include_str!("../../docs/spec/vectors/keys").parse().unwrap());

fuzz_target!(|data: &[u8]| {
    document(data);
    checked(data);
    if let Ok(keys) = String::from_utf8_lossy(data).parse::<Keys>() {
        assert_eq!(keys.to_string().parse::<Keys>().unwrap(), keys);
    }
});

fn document(data: &[u8]) {
    let Ok(document) = serde_json::from_slice::<ReceiptDocument>(data) else { return };
    let text = serde_json::to_string(&document).unwrap();
    assert_eq!(serde_json::from_str::<ReceiptDocument>(&text).unwrap(), document);
    let _ = document.verify();
    let vector: ReceiptDocument = serde_json::from_str(FIRST).unwrap();
    if verify(&document, &vector.key).is_ok() {
        assert_eq!((document.row, document.previous), (vector.row, vector.previous), "a receipt was forged");
    }
}

fn checked(data: &[u8]) {
    let Ok(report) = check::receipt(data, Some(&KEYS)) else { return };
    // What is checked was read strictly, so the laxer reader has it too, unless it finds the code to be another's.
    let code = report.findings.iter().any(|(what, finding)| *what == What::Code && *finding != Finding::Hold);
    assert!(code || serde_json::from_slice::<ReceiptDocument>(data).is_ok());
    let blind = check::receipt(data, None).unwrap();
    assert_eq!(blind.row, report.row);
    assert_ne!(blind.verdict(), Verdict::Hold, "without keys nobody knows whose it is");
    if report.verdict() == Verdict::Hold {
        let of = if report.logged.is_some() { SECOND } else { FIRST };
        assert_eq!(report, check::receipt(of.as_bytes(), Some(&KEYS)).unwrap(), "a receipt was forged");
    }
}
