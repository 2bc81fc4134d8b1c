//! Witnesses: a checkpoint of a running log with the lines of witnesses under it and the published key of one, and what
//! answers are taken and refused. Another program as a witness is in `outsider`.
#![allow(missing_docs, clippy::unwrap_used)]

use bandeau_consent::Digest;
use bandeau_ledger::log::{Checkpoint, LogKey, LogSigner, NoteError, WitnessKey, accept, leaf_hash, request};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use ed25519_dalek::{Signer as _, SigningKey};
use sha2::{Digest as _, Sha256};

/// A checkpoint of a log of certificates in May 2026. Its own signature is of a type that is not read here.
const SEEN: &str = "arche2025h1.staging.ct.transparency.dev\n1432088532\nU7WM79jrzyhGZ5/GUBTpM7NzwdyfFx61t3RovgcC4Ro=\n\n\u{2014} arche2025h1.staging.ct.transparency.dev zTM8sQAAAZ5W0WdjBAMARjBEAiBjW5IQf9pvsYLfQFX6hoGREPMHbdQ3urbllzalApkptQIgIpwtEroeW2BXaHAI4kJXFbon5Ch9MNL5zRNZ55lvGt0=\n\u{2014} witness1.smartit.nu/witness1 pIyCDwAAAABqEiEghIp82KWebrw7/oHQwlTAm3g2RKS4+eebl8eO0WH+/iEcxZ75W3u5hNI7TOQtmJbqmNWVuE0tgh0XwzdZsDsUAQ==\n";
const LINE: &str = "\u{2014} remora.n621.de 2net5wAAAABqEiEgPlfF3V06o0Y+fHM+J5J9s27wgxxcOVSpZ/2g/KSiXCg9DEZI+aVCIobWX9sXTynk5XeU/zZ0WBxtqB0DrAWfBw==\n";
const VKEY: &str = "remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2";
/// A head of the Go checksum database, whose key goes by another name than its log.
const GO: &str = "go.sum database tree\n65209736\n5+uGFjx6xBZG8ip1+wi77v+grwbhhukIrxEUS8PXvRo=\n\n\u{2014} sum.golang.org Az3grnbssgK7ubgFX36gVETtNv0U23qxyAhAMai2QUfeGa3nB/akvkMdlUErfcZz7l/R3cVtYspg3dxXABkGZZKdsQ8=\n";
const GO_KEY: &str = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8";

#[test]
fn a_witness_in_the_world_is_believed() {
    let key = WitnessKey::parse(VKEY).unwrap();
    assert_eq!((key.name(), key.to_string()), ("remora.n621.de", VKEY.to_owned()));
    assert_eq!(key.seen(SEEN), Ok(None), "it has not signed yet");
    let cosigned = accept(SEEN, LINE, std::slice::from_ref(&key)).unwrap();
    assert_eq!(cosigned, format!("{SEEN}{LINE}"));
    assert_eq!(key.seen(&cosigned), Ok(Some(0x6a12_2120)));
    assert_eq!(accept(&cosigned, LINE, std::slice::from_ref(&key)).unwrap(), cosigned, "its line stands there once");
    let shrunk = SEEN.replace("1432088532", "1432088531");
    assert!(matches!(accept(&shrunk, LINE, std::slice::from_ref(&key)), Err(NoteError::Signature { .. })));
    assert!(matches!(key.seen(&format!("{shrunk}{LINE}")), Err(NoteError::Signature { .. })));
}

#[test]
fn a_log_in_the_world_signs_for_another_name_than_its_own() {
    let key = LogKey::parse(GO_KEY).unwrap();
    let expected = NoteError::Origin { read: "go.sum database tree".to_owned(), expected: "sum.golang.org".to_owned() };
    assert_eq!(key.open(GO), Err(expected), "the signature holds, the origin is not the key's");
    assert!(matches!(key.open(&GO.replace("65209736", "65209737")), Err(NoteError::Signature { .. })));
}

fn note() -> String {
    let head = Checkpoint { origin: "log.test".to_owned(), size: 5, root: leaf_hash(b"root") };
    LogSigner::new([7; 32], "log.test").unwrap().sign(&head)
}

/// A witness of our own, written from the format: its key, and its line under a note at any time.
struct Witness(SigningKey, String);

impl Witness {
    fn new(seed: u8, name: &str) -> Self {
        Self(SigningKey::from_bytes(&[seed; 32]), name.to_owned())
    }

    fn id(&self) -> [u8; 4] {
        let bytes = [self.1.as_bytes(), b"\n\x04", self.0.verifying_key().as_bytes()].concat();
        Sha256::digest(bytes)[..4].try_into().unwrap()
    }

    fn key(&self) -> WitnessKey {
        let id: String = self.id().iter().map(|byte| format!("{byte:02x}")).collect();
        let code = STANDARD.encode([&[4][..], self.0.verifying_key().as_bytes()].concat());
        WitnessKey::parse(&format!("{}+{id}+{code}", self.1)).unwrap()
    }

    fn line(&self, note: &str, time: u64) -> String {
        let text = &note[..=note.rfind("\n\n").unwrap()];
        let signature = self.0.sign(format!("cosignature/v1\ntime {time}\n{text}").as_bytes()).to_bytes();
        let code = STANDARD.encode([&self.id()[..], &time.to_be_bytes(), &signature].concat());
        format!("\u{2014} {} {code}\n", self.1)
    }
}

#[test]
fn known_lines_are_taken_and_unknown_ones_passed_over() {
    let (note, one, two) = (note(), Witness::new(1, "one.test"), Witness::new(2, "two.test"));
    let keys = [one.key(), two.key()];
    let answer =
        format!("{}{}{}", one.line(&note, 10), Witness::new(3, "one.test").line(&note, 10), two.line(&note, 20));
    let cosigned = accept(&note, &answer, &keys).unwrap();
    assert_eq!(cosigned, format!("{note}{}{}", one.line(&note, 10), two.line(&note, 20)));
    let later = accept(&cosigned, &format!("{}{}", one.line(&note, 31), one.line(&note, 30)), &keys).unwrap();
    assert_eq!((keys[0].seen(&later), keys[1].seen(&later)), (Ok(Some(31)), Ok(Some(20))));
    assert_eq!(later.matches("one.test").count(), 1);
    LogSigner::new([7; 32], "log.test").unwrap().key().open(&later).unwrap();
    let refused = accept(&note, &Witness::new(3, "one.test").line(&note, 10), &keys);
    assert!(matches!(refused, Err(NoteError::Unsigned { .. })), "{refused:?}");
}

#[test]
fn a_known_line_that_does_not_hold_is_refused() {
    let (note, one) = (note(), Witness::new(1, "one.test"));
    let keys = [one.key()];
    for time in [0, 253_402_300_800, 1_795_000_000_123, 1 << 63, u64::MAX] {
        assert_eq!(accept(&note, &one.line(&note, time), &keys), Err(NoteError::Time { name: "one.test".to_owned() }));
    }
    let line = one.line(&note, 10);
    let other = one.line(&note.replace("\n5\n", "\n6\n"), 10);
    let plain = one.0.sign(&note.as_bytes()[..=note.rfind("\n\n").unwrap()]).to_bytes();
    let plain = format!("\u{2014} one.test {}\n", STANDARD.encode([&one.id()[..], &plain].concat()));
    for answer in [other.clone(), plain, format!("{line}{other}")] {
        assert!(matches!(accept(&note, &answer, &keys), Err(NoteError::Signature { .. })), "{answer}");
    }
    for answer in
        ["5\n".to_owned(), format!("\n{line}"), line.trim_end().to_owned(), line.replace("\u{2014}", "-"), "\n".into()]
    {
        assert!(matches!(accept(&note, &answer, &keys), Err(NoteError::Note(_))), "{answer:?}");
    }
    assert!(matches!(accept(&note, "", &keys), Err(NoteError::Unsigned { .. })));
    for at in (0..line.len()).filter(|at| line.is_char_boundary(*at) && line.is_char_boundary(at + 1)) {
        for letter in ["A", "b", "/"] {
            let changed = format!("{}{letter}{}", &line[..at], &line[at + 1..]);
            assert!(changed == line || accept(&note, &changed, &keys).is_err(), "taken: {changed}");
        }
    }
    assert!(WitnessKey::parse(&LogSigner::new([7; 32], "log.test").unwrap().vkey()).is_err(), "a log is no witness");
}

/// The example of tlog-witness.
#[test]
fn a_request_is_laid_out_as_the_format_says() {
    let lines = [
        "PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=",
        "jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=",
        "5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=",
        "/6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=",
    ];
    let proof = lines.map(|line| Digest(STANDARD.decode(line).unwrap().try_into().unwrap()));
    let note = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n\u{2014} example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n";
    assert_eq!(request(20_852_014, &proof, note), format!("old 20852014\n{}\n\n{note}", lines.join("\n")));
    assert_eq!(request(0, &[], note), format!("old 0\n\n{note}"));
}
