//! Receipt documents of any bytes: what is read is written as it reads again, and nothing but what the book
//! signed verifies under its key.
#![no_main]

use bandeau_ledger::{ReceiptDocument, verify};
use libfuzzer_sys::fuzz_target;

/// The document of `docs/spec/record.md`.
const VECTOR: &str = include_str!("../seeds/receipt/vector.json");

fuzz_target!(|data: &[u8]| {
    let Ok(document) = serde_json::from_slice::<ReceiptDocument>(data) else { return };
    let text = serde_json::to_string(&document).unwrap();
    assert_eq!(serde_json::from_str::<ReceiptDocument>(&text).unwrap(), document);
    let _ = document.verify();
    let vector: ReceiptDocument = serde_json::from_str(VECTOR).unwrap();
    if verify(&document, &vector.key).is_ok() {
        assert_eq!(document, vector, "a receipt was forged");
    }
});
