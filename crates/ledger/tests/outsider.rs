//! What the log publishes, checked by a program of other hands: the Python package `aics-tlog`, run by `outsider.py`. It
//! knows the formats and nothing of this code. Skipped, loudly, where the package is not in `.venv`; where `CI` is set, a
//! failure.
#![allow(missing_docs, clippy::unwrap_used, clippy::disallowed_methods)]

use bandeau_consent::Digest;
use bandeau_ledger::log::{
    Checkpoint, Entry, LogSigner, Memory, Proof, TilePath, What, WitnessKey, accept, bundle, leaf_hash, request,
};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const ORIGIN: &str = "shop.test/.well-known/bandeau/log";
/// Trees at the edges of tiles, and one with three levels of them.
const SIZES: [u64; 8] = [1, 2, 255, 256, 257, 1000, 65_536, 66_001];

/// The interpreter in `.venv`, when it knows the package.
fn python() -> Option<PathBuf> {
    let python = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../.venv/bin/python");
    let known = Command::new(&python).args(["-c", "import aics_tlog"]).output().is_ok_and(|out| out.status.success());
    assert!(known || std::env::var("CI").is_err(), "aics-tlog is not installed in .venv, and CI is set");
    if !known {
        eprintln!("SKIPPED: aics-tlog is not installed in .venv (the test command of the README installs it)");
    }
    known.then_some(python)
}

fn run(python: &Path, verb: &str, place: &Path) -> Output {
    let script = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/outsider.py");
    Command::new(python).arg(script).arg(verb).arg(place).output().unwrap()
}

fn entry(at: u64) -> Vec<u8> {
    let digest = Digest(leaf_hash(&at.to_be_bytes()).0);
    if at.is_multiple_of(7) {
        Entry::Mechanism(digest).bytes().to_vec()
    } else {
        Entry::Record(digest).bytes().to_vec()
    }
}

fn write(place: &Path, name: &str, bytes: impl AsRef<[u8]>) {
    let path = place.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}

/// Everything a log serves about its tree at these sizes, and proofs between them.
fn publish(place: &Path) -> (Memory, LogSigner) {
    let signer = LogSigner::new([7; 32], ORIGIN).unwrap();
    write(place, "key", signer.vkey());
    write(place, "origin", ORIGIN);
    let entries: Vec<Vec<u8>> = (0..66_001).map(entry).collect();
    let mut tree = Memory::default();
    for size in SIZES {
        let grown = &entries[usize::try_from(tree.size()).unwrap()..usize::try_from(size).unwrap()];
        tree.extend(&grown.iter().map(|entry| leaf_hash(entry)).collect::<Vec<_>>()).unwrap();
        for (level, index, hashes) in tree.tiles() {
            let width = u16::try_from(hashes.len() / 32).ok().filter(|width| *width < 256);
            write(place, &TilePath { what: What::Hashes { level }, index, width }.to_string(), hashes);
            if level == 0 {
                let from = usize::try_from(index * 256).unwrap();
                let part = bundle(&entries[from..from + hashes.len() / 32]).unwrap();
                write(place, &TilePath { what: What::Entries, index, width }.to_string(), part);
            }
        }
        write(place, &format!("head/{size}"), signer.sign(&head(&mut tree, size)));
    }
    for size in SIZES {
        let note = signer.sign(&head(&mut tree, size));
        for index in [0, 1, 254, 255, 256, 700, 65_535, 65_536, size / 2, size - 1].into_iter().filter(|at| *at < size)
        {
            let proof = Proof { index, hashes: tree.inclusion(index, size).unwrap(), note: note.clone() };
            write(place, &format!("proof/{index}-{size}"), proof.to_string());
        }
        for old in SIZES.into_iter().filter(|old| *old <= size) {
            let proof = tree.consistency(old, size).unwrap();
            write(place, &format!("grown/{old}-{size}"), request(old, &proof, &note));
        }
    }
    (tree, signer)
}

fn head(tree: &mut Memory, size: u64) -> Checkpoint {
    Checkpoint { origin: ORIGIN.to_owned(), size, root: tree.root(size).unwrap() }
}

fn said(out: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr))
}

#[test]
fn an_outsider_finds_everything_in_order_and_every_change() {
    let Some(python) = python() else { return };
    let place = tempfile::tempdir().unwrap();
    let place = place.path();
    publish(place);
    let out = run(&python, "check", place);
    assert!(out.status.success(), "{}", said(&out));
    assert!(said(&out).contains("8 checkpoints"), "{}", said(&out));
    print!("an outsider: {}", said(&out));
    // One byte of each kind of file, changed to another that is well formed where the format has any.
    let changes: [(&str, usize, u8); 7] = [
        ("head/1000", ORIGIN.len() + 1, b'7'),
        ("tile/0/003.p/232", 5 * 32, 0xff),
        ("tile/1/000", 33, 0xff),
        ("tile/entries/000", 10, 0xff),
        ("proof/700-1000", 40, b'B'),
        ("proof/0-257", "c2sp.org/tlog-proof@v1\nindex ".len(), b'1'),
        ("grown/256-66001", 15, b'B'),
    ];
    for (name, at, byte) in changes {
        let kept = fs::read(place.join(name)).unwrap();
        let mut changed = kept.clone();
        changed[at] = if changed[at] == byte { byte ^ 1 } else { byte };
        write(place, name, &changed);
        let out = run(&python, "check", place);
        assert_eq!(out.status.code(), Some(1), "{name} changed at {at}: {}", said(&out));
        assert!(!said(&out).contains("Traceback"), "{name}: {}", said(&out));
        write(place, name, kept);
    }
    let stranger = LogSigner::new([8; 32], ORIGIN).unwrap();
    write(place, "key", stranger.vkey());
    assert_eq!(run(&python, "check", place).status.code(), Some(1), "a stranger's key passes");
}

/// A witness that is another program takes our request; we take its answer; and it counts what we made of both.
#[test]
fn a_witness_of_other_hands_signs_beneath() {
    let Some(python) = python() else { return };
    let place = tempfile::tempdir().unwrap();
    let place = place.path();
    let signer = LogSigner::new([7; 32], ORIGIN).unwrap();
    let mut tree = Memory::default();
    tree.extend(&(0..300).map(|at| leaf_hash(&entry(at))).collect::<Vec<_>>()).unwrap();
    let (old, note) = (signer.sign(&head(&mut tree, 77)), signer.sign(&head(&mut tree, 300)));
    write(place, "key", signer.vkey());
    write(place, "origin", ORIGIN);
    write(place, "head/77", old);
    write(place, "request", request(77, &tree.consistency(77, 300).unwrap(), &note));
    let out = run(&python, "witness", place);
    assert!(out.status.success(), "{}", said(&out));
    let key = WitnessKey::parse(&fs::read_to_string(place.join("witness")).unwrap()).unwrap();
    let answer = fs::read_to_string(place.join("answer")).unwrap();
    let cosigned = accept(&note, &answer, std::slice::from_ref(&key)).unwrap();
    assert_eq!(key.seen(&cosigned), Ok(Some(1_795_000_000)));
    assert_eq!(signer.key().open(&cosigned).unwrap().size, 300);
    write(place, "cosigned", cosigned);
    let out = run(&python, "recount", place);
    assert!(out.status.success(), "{}", said(&out));
    // It does not sign what does not follow.
    write(place, "request", request(77, &tree.consistency(78, 300).unwrap(), &note));
    assert_eq!(run(&python, "witness", place).status.code(), Some(1));
}
