//! The log against what others say: the trees of the Certificate Transparency vectors, a tree library of other hands
//! (`ct-merkle`), the examples of the C2SP formats with their published keys, and every small change of a proof or note.
#![allow(missing_docs, clippy::unwrap_used, clippy::cast_possible_truncation)]

use bandeau_consent::Digest;
use bandeau_ledger::log::{
    Checkpoint, Entry, LogKey, LogSigner, Memory, NoteError, Proof, ProofError, Simulated, TilePath, What, bundle,
    commitment, extends, included, leaf_hash,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use ct_merkle::mem_backed_tree::MemoryBackedTree;
use proptest::prelude::*;
use sha2_oracle::Sha256;

/// The entries of the Certificate Transparency reference tests, and the roots over the first of them.
const ENTRIES: [&[u8]; 8] = [
    b"",
    b"\x00",
    b"\x10",
    b"\x20\x21",
    b"\x30\x31",
    b"\x40\x41\x42\x43",
    b"\x50\x51\x52\x53\x54\x55\x56\x57",
    b"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f",
];
const ROOTS: [&str; 9] = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];
const SECOND: &str = "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7";
const PAIR: &str = "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e";
const RIGHT: &str = "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4";
const FIFTH: &str = "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b";
const NEXT: &str = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a";
const LAST: &str = "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0";

fn hashes(hex: &[&str]) -> Vec<Digest> {
    hex.iter().map(|hex| Digest::parse(hex).unwrap()).collect()
}

fn tree(entries: &[Vec<u8>]) -> Memory {
    let mut tree = Memory::default();
    tree.extend(&entries.iter().map(|entry| leaf_hash(entry)).collect::<Vec<_>>()).unwrap();
    tree
}

fn entries(count: usize) -> Vec<Vec<u8>> {
    (0..count).map(|at| format!("entry {at}").into_bytes()).collect()
}

fn head(tree: &mut Memory, size: u64) -> Checkpoint {
    Checkpoint { origin: "log.test".to_owned(), size, root: tree.root(size).unwrap() }
}

#[test]
fn the_reference_tree_has_the_published_roots() {
    let mut tree = tree(&ENTRIES.map(<[u8]>::to_vec));
    for (size, root) in (0..).zip(ROOTS) {
        assert_eq!(tree.root(size).unwrap().to_string(), root, "{size}");
    }
    assert!(tree.root(9).is_err(), "there is no ninth entry");
}

#[test]
fn the_reference_proofs_are_the_published_ones() {
    let mut tree = tree(&ENTRIES.map(<[u8]>::to_vec));
    let inclusions: [(u64, u64, &[&str]); 5] = [
        (0, 1, &[]),
        (0, 8, &[SECOND, PAIR, RIGHT]),
        (5, 8, &[FIFTH, LAST, ROOTS[4]]),
        (2, 3, &[ROOTS[2]]),
        (1, 5, &[ROOTS[1], PAIR, FIFTH]),
    ];
    for (index, size, proof) in inclusions {
        assert_eq!(tree.inclusion(index, size).unwrap(), hashes(proof), "{index} of {size}");
    }
    let consistencies: [(u64, u64, &[&str]); 5] = [
        (1, 1, &[]),
        (0, 8, &[]),
        (1, 8, &[SECOND, PAIR, RIGHT]),
        (6, 8, &[NEXT, LAST, ROOTS[4]]),
        (2, 5, &[PAIR, FIFTH]),
    ];
    for (old, size, proof) in consistencies {
        assert_eq!(tree.consistency(old, size).unwrap(), hashes(proof), "{old} in {size}");
    }
    assert!(tree.inclusion(8, 8).is_err());
    assert!(tree.consistency(8, 7).is_err());
}

fn oracle(entries: &[Vec<u8>]) -> MemoryBackedTree<Sha256, Vec<u8>> {
    let mut tree = MemoryBackedTree::new();
    entries.iter().for_each(|entry| tree.push(entry.clone()));
    tree
}

fn bytes(hashes: &[Digest]) -> Vec<u8> {
    hashes.iter().flat_map(|hash| hash.0).collect()
}

/// Where ours and the other library's tree are the same, so must be every root and proof.
fn agree(ours: &mut Memory, theirs: &MemoryBackedTree<Sha256, Vec<u8>>, index: u64, old: u64) {
    let size = theirs.len();
    assert_eq!(ours.size(), size);
    assert_eq!(ours.root(size).unwrap().0[..], theirs.root().as_bytes()[..]);
    let now = head(ours, size);
    if index < size {
        let proof = ours.inclusion(index, size).unwrap();
        assert_eq!(bytes(&proof), theirs.prove_inclusion(index as usize).as_bytes());
        assert!(included(leaf_hash(theirs.get(index as usize).unwrap()), index, &proof, &now));
    }
    if (1..=size).contains(&old) {
        let proof = ours.consistency(old, size).unwrap();
        if old < size {
            assert_eq!(bytes(&proof), theirs.prove_consistency((size - old) as usize).as_bytes());
        }
        assert!(extends(&head(ours, old), &now, &proof));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn growing_in_any_batches_agrees_with_another_library(
        batches in prop::collection::vec(0_usize..600, 1..6),
        picks in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>()), 8),
    ) {
        let all = entries(batches.iter().sum());
        let (mut ours, mut theirs, mut at) = (Memory::default(), MemoryBackedTree::new(), 0);
        for batch in batches {
            let part = &all[at..at + batch];
            at += batch;
            ours.extend(&part.iter().map(|entry| leaf_hash(entry)).collect::<Vec<_>>()).unwrap();
            part.iter().for_each(|entry| theirs.push(entry.clone()));
            if at == 0 {
                continue;
            }
            for (index, old) in &picks {
                agree(&mut ours, &theirs, index.index(at) as u64, old.index(at + 1) as u64);
            }
        }
    }

    /// A tree read at a size it had before says what it said then, although its tiles have grown wider.
    #[test]
    fn an_older_size_reads_the_same(grown in 1_usize..1500, size in any::<prop::sample::Index>()) {
        let all = entries(grown);
        let size = size.index(grown) + 1;
        let (mut late, mut early) = (tree(&all), tree(&all[..size]));
        let at = size as u64;
        prop_assert_eq!(late.root(at).unwrap(), early.root(at).unwrap());
        prop_assert_eq!(late.inclusion(at / 2, at).unwrap(), early.inclusion(at / 2, at).unwrap());
        prop_assert_eq!(late.consistency(at / 3, at).unwrap(), early.consistency(at / 3, at).unwrap());
    }

    #[test]
    fn no_text_makes_a_reader_panic(text in any::<String>(), pieces in prop::collection::vec(piece(), 0..12)) {
        for text in [text, pieces.concat()] {
            let _ = Checkpoint::parse(&text);
            let _ = text.parse::<Proof>();
            let _ = LogKey::parse(&text);
            let _ = LogKey::parse(VKEY).unwrap().open(&text);
            if let Ok(path) = text.parse::<TilePath>() {
                prop_assert_eq!(path.to_string(), text);
            }
        }
    }

    #[test]
    fn every_path_reads_back(level in 0_u8..64, index in any::<u64>(), width in prop::option::of(1_u16..256)) {
        for what in [What::Hashes { level }, What::Entries] {
            let path = TilePath { what, index, width };
            prop_assert_eq!(path.to_string().parse(), Ok(path));
        }
    }
}

fn piece() -> impl Strategy<Value = String> {
    let known = [
        "\n",
        "\n\n",
        " ",
        "0",
        "7",
        "log.test\n",
        "\u{2014} ",
        "example.com/foo ",
        "c2sp.org/tlog-proof@v1\n",
        "extra ",
        "index ",
        "AAAA\n",
        "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
        "Uw2QOg==\n",
        "tile/",
        "entries/",
        "x001/",
        "234",
        ".p/",
        "255",
    ];
    prop::sample::select(known.map(str::to_owned).to_vec())
}

#[test]
fn every_proof_of_small_trees_holds_and_no_other() {
    let all = entries(34);
    let mut tree = tree(&all);
    for size in 1..=34_u64 {
        let now = head(&mut tree, size);
        for index in 0..size {
            let (leaf, proof) = (leaf_hash(&all[index as usize]), tree.inclusion(index, size).unwrap());
            assert!(included(leaf, index, &proof, &now), "{index} of {size}");
            assert!(!included(leaf_hash(b"another"), index, &proof, &now));
            (0..size + 2).filter(|other| *other != index).for_each(|other| {
                assert!(!included(leaf, other, &proof, &now), "{index} of {size} passes for {other}");
            });
            for other in changed(&proof) {
                assert!(!included(leaf, index, &other, &now), "{index} of {size}");
            }
        }
        for old in 0..=size {
            let (before, proof) = (head(&mut tree, old), tree.consistency(old, size).unwrap());
            assert!(extends(&before, &now, &proof), "{old} in {size}");
            assert!(!extends(&Checkpoint { root: leaf_hash(b"x"), ..before.clone() }, &now, &proof), "{old} in {size}");
            assert!(!extends(&Checkpoint { origin: "other.test".to_owned(), ..before.clone() }, &now, &proof));
            if old > 0 {
                assert!(!extends(&before, &Checkpoint { root: leaf_hash(b"x"), ..now.clone() }, &proof));
            }
            if old < size {
                assert!(!extends(&now, &before, &proof), "a log does not shrink");
            }
            for other in changed(&proof) {
                assert!(!extends(&before, &now, &other), "{old} in {size}");
            }
        }
    }
}

/// Every proof that differs a little from this one.
fn changed(proof: &[Digest]) -> Vec<Vec<Digest>> {
    let mut others = vec![[proof, &[leaf_hash(b"more")]].concat(), [&[leaf_hash(b"more")], proof].concat()];
    for at in 0..proof.len() {
        let mut without = proof.to_vec();
        without.remove(at);
        others.push(without);
        let mut flipped = proof.to_vec();
        flipped[at].0[at % 32] ^= 1 << (at % 8);
        others.push(flipped);
        if at > 0 {
            let mut turned = proof.to_vec();
            turned.swap(at - 1, at);
            others.push(turned);
        }
    }
    others
}

/// The example of tlog-tiles: 273 full tiles and one of 112, one full and one of 17 above, one of 1 at the top.
#[test]
fn seventy_thousand_entries_lie_in_the_tiles_of_the_example() {
    let all = entries(70_000);
    let mut tree = tree(&all);
    let widths: Vec<(u8, u64, usize)> =
        tree.tiles().map(|(level, index, hashes)| (level, index, hashes.len() / 32)).collect();
    let expected = (0..273)
        .map(|index| (0, index, 256))
        .chain([(0, 273, 112), (1, 0, 256), (1, 1, 17), (2, 0, 1)])
        .collect::<Vec<_>>();
    assert_eq!(widths, expected);
    let theirs = oracle(&all);
    for (index, old) in [(0, 1), (65_535, 65_536), (65_536, 65_537), (69_999, 69_999), (255, 256), (69_888, 256 * 256)]
    {
        agree(&mut tree, &theirs, index, old);
    }
}

/// What is computed without being stored is the tree of equal leaves.
#[test]
fn a_simulated_tree_is_the_tree_of_equal_leaves() {
    let leaf = leaf_hash(b"the same");
    for size in [1, 2, 255, 256, 257, 1000, 66_000] {
        let (mut simulated, mut real) = (Simulated::new(leaf, size), Memory::default());
        real.extend(&vec![leaf; size as usize]).unwrap();
        assert_eq!(simulated.root().unwrap(), real.root(size).unwrap(), "{size}");
        assert_eq!(simulated.inclusion(size / 2).unwrap(), real.inclusion(size / 2, size).unwrap());
        assert_eq!(simulated.consistency(size / 3).unwrap(), real.consistency(size / 3, size).unwrap());
    }
    for size in [1_000_000_000, (1 << 40) - 1, 1 << 40] {
        let (mut now, mut before) = (Simulated::new(leaf, size), Simulated::new(leaf, size / 3));
        let head = |size, root| Checkpoint { origin: "log.test".to_owned(), size, root };
        let (new, old) = (head(size, now.root().unwrap()), head(size / 3, before.root().unwrap()));
        let proof = now.inclusion(size / 7).unwrap();
        assert!(proof.len() <= 40 && included(leaf, size / 7, &proof, &new), "{size}");
        assert!(extends(&old, &new, &now.consistency(size / 3).unwrap()), "{size}");
    }
}

/// The example of signed-note, with the key it publishes.
const VKEY: &str = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
const NOTE: &str = "This is an example message.\n\n\u{2014} example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";
/// The example of tlog-checkpoint; its key is not published.
const BODY: &str = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";

#[test]
fn the_examples_of_the_formats_are_read() {
    let key = LogKey::parse(VKEY).unwrap();
    assert_eq!((key.origin(), key.to_string()), ("example.com/foo", VKEY.to_owned()));
    // Its signature holds, and only then is it seen that it is no checkpoint.
    assert!(matches!(key.open(NOTE), Err(NoteError::Body(_))), "{:?}", key.open(NOTE));
    let forged = NOTE.replace("example message", "exemplar message");
    assert!(matches!(key.open(&forged), Err(NoteError::Signature { .. })));
    let other = LogKey::parse("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW").unwrap();
    assert!(matches!(other.open(NOTE), Err(NoteError::Unsigned { .. })));
    let text = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n\u{2014} PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
    assert!(matches!(other.open(text), Err(NoteError::Body(_))));
    let head = Checkpoint::parse(BODY).unwrap();
    assert_eq!((head.origin.as_str(), head.size), ("example.com/behind-the-sofa", 20_852_163));
    assert_eq!(head.root.to_string(), "0ac5186a91863e8e1d90c808014aa89bf5da8e3ee1d9f07630f0378f68f1ab62");
    assert_eq!(head.to_string(), BODY);
}

#[test]
fn a_checkpoint_has_one_spelling() {
    assert!(Checkpoint::parse(&format!("{BODY}an extension\n")).is_ok(), "extensions are allowed");
    let bad = [
        BODY.replace("\n2", "\n02"),
        BODY.replace("\n2", "\n+2"),
        BODY.replace("20852163", "-1"),
        BODY.replace("20852163", "18446744073709551616"),
        BODY.replace("20852163", ""),
        BODY.replace("q2I=", "q2J="),
        BODY.replace("q2I=", "q2I"),
        BODY.replace("example.com/behind-the-sofa", ""),
        BODY.replace("sofa", "sofa\r"),
        BODY.trim_end().to_owned(),
        format!("{BODY}\n"),
        format!("\n{BODY}"),
        "example.com\n1\n".to_owned(),
        "example.com\n1\nAAAA\n".to_owned(),
        String::new(),
    ];
    for text in bad {
        assert!(Checkpoint::parse(&text).is_err(), "{text:?}");
    }
}

#[test]
fn a_key_is_what_it_says() {
    let bad = [
        VKEY.replace("530d903a", "530d903b"),
        VKEY.replace("530d903a", "530D903A"),
        VKEY.replace("foo", "bar"),
        VKEY.replace("+Ae", "+Be"),
        VKEY.replace("U2k", "U2"),
        VKEY.replace("foo", "f oo"),
        "example.com/foo+530d903a".to_owned(),
        String::new(),
    ];
    for text in bad {
        assert!(matches!(LogKey::parse(&text), Err(NoteError::Key(_))), "{text:?}");
    }
    assert!(LogSigner::new([7; 32], "log of spaces").is_err());
    assert!(LogSigner::new([7; 32], "").is_err());
}

fn signed() -> (LogKey, Vec<Vec<u8>>, Proof) {
    let all = entries(21);
    let mut tree = tree(&all);
    let signer = LogSigner::new([7; 32], "log.test").unwrap();
    let note = signer.sign(&head(&mut tree, 21));
    let proof = Proof { index: 13, hashes: tree.inclusion(13, 21).unwrap(), note };
    (LogKey::parse(&signer.vkey()).unwrap(), all, proof)
}

#[test]
fn a_proof_verifies_and_says_what_does_not_hold() {
    let (key, all, proof) = signed();
    let text = proof.to_string();
    assert!(text.starts_with("c2sp.org/tlog-proof@v1\nindex 13\n"), "{text}");
    assert_eq!(text.parse::<Proof>().unwrap(), proof);
    let head = proof.verify(&all[13], &key).unwrap();
    assert_eq!((head.size, head.origin.as_str()), (21, "log.test"));
    let extra = text.replace("\nindex", "\nextra AAEC\nindex");
    assert_eq!(extra.parse::<Proof>().unwrap(), proof, "extra data are passed over");
    assert_eq!(proof.verify(&all[12], &key), Err(ProofError::Entry { index: 13 }));
    let beyond = Proof { index: 21, ..proof.clone() };
    assert_eq!(beyond.verify(&all[13], &key), Err(ProofError::Beyond { index: 21, size: 21 }));
    let stranger = LogSigner::new([8; 32], "log.test").unwrap().key();
    assert!(matches!(proof.verify(&all[13], &stranger), Err(ProofError::Note(NoteError::Unsigned { .. }))));
    // The same key under another origin is another key, and a checkpoint of another log is refused under any.
    let other = LogSigner::new([7; 32], "other.test").unwrap();
    assert!(other.key().open(&proof.note).is_err());
    let foreign =
        LogSigner::new([7; 32], "log.test").unwrap().sign(&Checkpoint { origin: "x.test".to_owned(), ..head });
    assert!(matches!(key.open(&foreign), Err(NoteError::Origin { .. })));
}

#[test]
fn a_stranger_may_sign_beneath_and_nobody_may_repeat_wrongly() {
    let (key, _, proof) = signed();
    let line = NOTE.rsplit("\n\n").next().unwrap();
    assert!(key.open(&format!("{}{line}", proof.note)).is_ok(), "unknown keys are passed over");
    // A second line under the name and id of the key that does not fit, above or below the one that does.
    let (text, own) = proof.note.rsplit_once("\n\n").unwrap();
    let mut bytes = STANDARD.decode(own.trim_end().rsplit(' ').next().unwrap()).unwrap();
    bytes[20] ^= 1;
    let wrong = format!("\u{2014} log.test {}\n", STANDARD.encode(bytes));
    for note in [format!("{text}\n\n{own}{wrong}"), format!("{text}\n\n{wrong}{own}")] {
        assert_eq!(key.open(&note), Err(NoteError::Signature { name: "log.test".to_owned() }));
    }
    let many = line.repeat(64);
    assert!(key.open(&format!("{}{many}", proof.note)).is_err(), "too many signatures");
    assert!(key.open(&format!("{}{}", proof.note, line.repeat(15))).is_ok(), "sixteen are asked for");
}

#[test]
fn no_changed_proof_verifies() {
    let (key, all, proof) = signed();
    let text = proof.to_string();
    let mut tried = 0;
    for (at, letter) in text.char_indices() {
        for other in ["A", "1", "\n", " ", "", "=", "\u{e9}"] {
            let changed = format!("{}{other}{}", &text[..at], &text[at + letter.len_utf8()..]);
            if changed == text {
                continue;
            }
            tried += 1;
            if let Ok(read) = changed.parse::<Proof>() {
                assert!(read.verify(&all[13], &key).is_err(), "verifies: {changed}");
            }
        }
    }
    assert!(tried > 2500, "{tried}");
    for at in 0..text.len() {
        if let Some(Ok(read)) = text.get(..at).map(str::parse::<Proof>) {
            assert!(read.verify(&all[13], &key).is_err(), "verifies when cut at {at}");
        }
    }
    for more in ["\n", "x", " ", "\u{2014} ", "\u{2014} log.test AAAA\n"] {
        let read = format!("{text}{more}").parse::<Proof>().unwrap();
        assert!(read.verify(&all[13], &key).is_err(), "verifies with {more:?} behind");
    }
}

/// The examples of tlog-tiles, and spellings that name the same tile or none.
#[test]
fn a_path_has_one_spelling() {
    let path: TilePath = "tile/0/x001/x234/067".parse().unwrap();
    assert_eq!(path, TilePath { what: What::Hashes { level: 0 }, index: 1_234_067, width: None });
    let path: TilePath = "tile/entries/273.p/112".parse().unwrap();
    assert_eq!(path, TilePath { what: What::Entries, index: 273, width: Some(112) });
    assert_eq!("tile/63/000.p/255".parse::<TilePath>().unwrap().what, What::Hashes { level: 63 });
    assert_eq!("tile/0/x001/234.p/5".parse::<TilePath>().unwrap().index, 1234);
    assert_eq!("tile/0/x018/x446/x744/x073/x709/x551/615".parse::<TilePath>().unwrap().index, u64::MAX);
    let bad = [
        "tile/64/000",
        "tile/00/000",
        "tile/+1/000",
        "tile/-1/000",
        "tile//000",
        "tile/0/",
        "tile/0",
        "tile/0/0",
        "tile/0/1234",
        "tile/0/x000/001",
        "tile/0/001/234",
        "tile/0/x001/x234",
        "tile/0/x1/234",
        "tile/0/+01",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/05",
        "tile/0/000.p/",
        "tile/0/000.p/5.p/5",
        "tile/0/000/",
        "/tile/0/000",
        "tile/data/000",
        "tile/0/x018/x446/x744/x073/x709/x551/616",
        "tile/0/x001/x018/x446/x744/x073/x709/x551/615",
        "",
        "tile/0/000 ",
        "tile/0/..",
        "tile/entries",
        "tile/entries/x001",
    ];
    for text in bad {
        assert!(text.parse::<TilePath>().is_err(), "{text}");
    }
}

#[test]
fn a_bundle_says_each_length() {
    assert_eq!(bundle(&[b"ab".to_vec(), Vec::new(), vec![7; 258]]).unwrap()[..9], [0, 2, b'a', b'b', 0, 0, 1, 2, 7]);
    assert_eq!(bundle(&[vec![0; 65_536]]), None);
    assert_eq!(bundle::<Vec<u8>>(&[]).unwrap(), Vec::<u8>::new());
}

#[test]
fn an_entry_reads_back() {
    for entry in [Entry::Record(Digest([3; 32])), Entry::Mechanism(Digest([4; 32]))] {
        assert_eq!(Entry::parse(&entry.bytes()), Some(entry));
    }
    for bytes in [&[1; 32][..], &[1; 34], &[0; 33], &[3; 33], &[]] {
        assert_eq!(Entry::parse(bytes), None, "{bytes:?}");
    }
    let (leaf, salt) = (Digest([1; 32]), [2; 32]);
    assert_ne!(commitment(&salt, leaf), commitment(&[3; 32], leaf));
    assert_ne!(commitment(&salt, leaf), commitment(&salt, Digest([2; 32])));
}

/// The vector of `docs/spec/log.md`. When this fails, a published format has changed: that is a new version, not a new
/// vector.
#[test]
fn the_page_says_what_is_written() {
    let seed = std::array::from_fn(|at| u8::try_from(at).unwrap());
    let signer = LogSigner::new(seed, "shop.example/.well-known/bandeau/log").unwrap();
    let record = Digest::parse("080da64706e0a586ca064e3253395267d927080818f96922fa5201969e4d559e").unwrap();
    let entries = [
        Entry::Mechanism(Digest([4; 32])),
        Entry::Record(commitment(&[6; 32], record)),
        Entry::Mechanism(Digest([5; 32])),
    ];
    let mut tree = Memory::default();
    tree.extend(&entries.map(|entry| leaf_hash(&entry.bytes()))).unwrap();
    let head = Checkpoint { origin: signer.origin().to_owned(), size: 3, root: tree.root(3).unwrap() };
    let proof = Proof { index: 1, hashes: tree.inclusion(1, 3).unwrap(), note: signer.sign(&head) };
    proof.verify(&entries[1].bytes(), &signer.key()).unwrap();
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let page = include_str!("../../../docs/spec/log.md");
    let said = [
        hex(&entries[1].bytes()),
        leaf_hash(&entries[1].bytes()).to_string(),
        tree.root(3).unwrap().to_string(),
        signer.vkey(),
        proof.to_string(),
    ];
    for said in said {
        assert!(page.contains(&format!("```\n{}\n```\n", said.trim_end())), "docs/spec/log.md does not say {said}");
    }
}
