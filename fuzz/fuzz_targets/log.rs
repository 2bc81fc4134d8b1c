//! Notes, checkpoints, proofs, keys and paths of the log, of any bytes: what is read is written as it reads again, and
//! nothing but what the log signed is believed under its key.
#![no_main]

use bandeau_ledger::log::{Checkpoint, LogKey, Proof, TilePath, WitnessKey, accept};
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;

/// The vectors of `docs/spec/log.md`.
const PROOF: &str = include_str!("../seeds/log/proof");
const KEY: &str = include_str!("../seeds/log/key");
const ENTRY: [u8; 33] = [1; 33];

static LOG: LazyLock<LogKey> = LazyLock::new(|| LogKey::parse(KEY).unwrap());
static WITNESS: LazyLock<WitnessKey> = LazyLock::new(|| {
    WitnessKey::parse("remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2").unwrap()
});

fuzz_target!(|text: &str| {
    if let Ok(head) = Checkpoint::parse(text) {
        let written = head.to_string();
        assert!(text.starts_with(&written), "only extension lines are passed over");
        assert_eq!(Checkpoint::parse(&written).unwrap(), head);
    }
    if let Ok(path) = text.parse::<TilePath>() {
        assert_eq!(path.to_string(), text);
    }
    if let Ok(key) = LogKey::parse(text) {
        assert_eq!(key.to_string(), text);
    }
    if let Ok(key) = WitnessKey::parse(text) {
        assert_eq!(key.to_string(), text);
    }
    let known: Proof = PROOF.parse().unwrap();
    let body = |note: &str| note[..=note.rfind("\n\n").unwrap()].to_owned();
    if LOG.open(text).is_ok() {
        assert_eq!(body(text), body(&known.note), "a checkpoint was forged");
    }
    if let Ok(proof) = text.parse::<Proof>() {
        assert_eq!(proof.to_string().parse::<Proof>().unwrap(), proof);
        if proof.verify(&ENTRY, &LOG).is_ok() {
            assert_eq!((proof.index, &proof.hashes), (known.index, &known.hashes), "a proof was forged");
        }
    }
    assert!(accept(&known.note, text, std::slice::from_ref(&WITNESS)).is_err(), "a witness was forged");
    let _ = WITNESS.seen(text);
});
