//! The texts of the log against what others say: the examples of the C2SP formats with their published keys, every small
//! change of a proof and a note, and the vector of `docs/spec/log.md`.
#![allow(missing_docs, clippy::unwrap_used)]

use bandeau_consent::Digest;
use bandeau_ledger::log::{
    Checkpoint, Entry, LogKey, LogSigner, Memory, NoteError, Proof, ProofError, TilePath, What, bundle, commitment,
    leaf_hash,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use proptest::prelude::*;

proptest! {
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

/// The other examples, whose keys are not published: they are read, and nobody is believed to have signed them.
#[test]
fn examples_without_keys_are_read_and_not_believed() {
    let key = LogKey::parse(VKEY).unwrap();
    let poem = "Ognuno sta solo sul cuor della terra\ntrafitto da un raggio di sole:\n\ned \u{e8} subito sera.\n\n\u{2014} quasimodo.example/salvatore NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=\n";
    let witnessed = format!(
        "{BODY}\n\u{2014} example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n\u{2014} witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n"
    );
    for note in [poem, &witnessed] {
        assert_eq!(key.open(note), Err(NoteError::Unsigned { name: "example.com/foo".to_owned() }));
    }
    let lines = "gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=\nB95lDa8R83lS8n0eG+o0buTxRKQTYFi//1U8anccXmA=\nEKNzoDWG8LGC0Yp9o+sv3qllpMP9uHQ9B20KNL+Q1zs=\nRoopEkOdqkYqMB4MJXrbt/hMjOxsVn0IrWjpz1ZMMes=\nAHCioX9nLjsrse6YhjRRmk1WUEirVOLLRoOQ6vfO5vk=";
    let text = format!("c2sp.org/tlog-proof@v1\nindex 73894\n{lines}\n\n{witnessed}");
    let proof: Proof = text.parse().unwrap();
    assert_eq!((proof.index, proof.hashes.len(), proof.note.as_str()), (73_894, 5, witnessed.as_str()));
    assert_eq!(proof.to_string(), text);
}

#[test]
fn a_proof_is_laid_out_in_one_way() {
    let text = signed().2.to_string();
    let bad = [
        text.replace("@v1", "@v2"),
        text.replace("index 13", "index 013"),
        text.replace("index 13", "index  13"),
        text.replace("index 13", "index"),
        text.replace("index 13\n", ""),
        text.replace("\nindex", "\nextra ???\nindex"),
        text.replace("\nindex", "\nextra AAEC\nextra AAEC\nindex"),
        text.replacen("=\n", "=\r\n", 1),
        text.replacen("=\n", "\n", 1),
        text.replacen("\n\n", "\n", 2),
        text.replacen("\n", &format!("\nindex 13\n{}", "A".repeat(43)), 1),
        text.replacen("\n\n", &format!("\n{}\n", format!("{}=\n", "A".repeat(43)).repeat(65)), 1),
        format!("\n{text}"),
    ];
    for text in bad {
        assert!(matches!(text.parse::<Proof>(), Err(ProofError::Text(_))), "{text}");
    }
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
    let all: Vec<Vec<u8>> = (0..21).map(|at| format!("entry {at}").into_bytes()).collect();
    let mut tree = Memory::default();
    tree.extend(&all.iter().map(|entry| leaf_hash(entry)).collect::<Vec<_>>()).unwrap();
    let signer = LogSigner::new([7; 32], "log.test").unwrap();
    let note = signer.sign(&Checkpoint { origin: "log.test".to_owned(), size: 21, root: tree.root(21).unwrap() });
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
