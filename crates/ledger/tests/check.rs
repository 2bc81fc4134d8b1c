//! The outsider's check against `docs/spec/vectors`: every case comes out as it says, no changed byte goes unseen, and
//! no bytes at all make it fall over.
#![allow(missing_docs, unreachable_pub, clippy::unwrap_used)]

#[path = "../../../tests/support/receipts.rs"]
mod receipts;

use bandeau_ledger::check::{self, Finding, Keys, Verdict};
use proptest::prelude::*;
use receipts::{FIRST, KEYS, SECOND, cases};
use std::collections::BTreeMap;

fn keys() -> Keys {
    KEYS.parse().unwrap()
}

#[test]
fn every_case_comes_out_as_it_says() {
    for case in cases() {
        let keys: Option<Keys> = case.keys.as_ref().map(|keys| keys.parse().unwrap());
        let Ok(report) = check::receipt(case.receipt.as_bytes(), keys.as_ref()) else {
            assert_eq!(case.verdict, "unread", "{}", case.name);
            continue;
        };
        let verdict = match report.verdict() {
            Verdict::Hold => "holds",
            Verdict::Fail => "fails",
            Verdict::Open => "open",
        };
        let found: BTreeMap<String, String> = report
            .findings
            .iter()
            .map(|(what, finding)| {
                let finding = match finding {
                    Finding::Hold => "holds",
                    Finding::Fail(_) => "fails",
                    Finding::Open(_) => "open",
                };
                (what.as_str().to_owned(), finding.to_owned())
            })
            .collect();
        assert_eq!((verdict, found), (case.verdict.as_str(), case.checks), "{}", case.name);
    }
}

/// Not one byte of a receipt can be another: it is no receipt then, or something does not hold.
#[test]
fn no_changed_byte_goes_unseen() {
    for receipt in [FIRST, SECOND] {
        let whole = receipt.trim_end().as_bytes();
        for at in 0..whole.len() {
            for other in [b'a', b'0', b' ', b'"', b',', whole[at] ^ 1, whole[at] ^ 0x20, whole[at].wrapping_add(1)] {
                let mut changed = whole.to_vec();
                changed[at] = other;
                if changed == whole {
                    continue;
                }
                if let Ok(report) = check::receipt(&changed, Some(&keys())) {
                    assert_eq!(report.verdict(), Verdict::Fail, "{}", String::from_utf8_lossy(&changed));
                }
            }
        }
    }
}

proptest! {
    #[test]
    fn no_bytes_make_it_fall_over(bytes: Vec<u8>) {
        let _ = check::receipt(&bytes, None);
        let _ = String::from_utf8_lossy(&bytes).parse::<Keys>();
    }

    #[test]
    fn no_damage_makes_it_fall_over(at in 0..1200_usize, length in 0..40_usize, with in "\\PC{0,40}") {
        let whole = SECOND.trim_end();
        prop_assume!(whole.is_char_boundary(at) && whole.is_char_boundary((at + length).min(whole.len())) && at <= whole.len());
        let damaged = format!("{}{with}{}", &whole[..at], &whole[(at + length).min(whole.len())..]);
        if let Ok(report) = check::receipt(damaged.as_bytes(), Some(&keys())) {
            prop_assert!(damaged.trim() == whole || report.verdict() == Verdict::Fail, "{damaged}");
        }
    }
}
