//! The vector of `docs/spec/record.md`: one record, its leaf, its receipt as it is exported, and the line that
//! waits in the spool. When this fails, a stored format has changed: that is a new version, not a new vector.
#![allow(missing_docs, clippy::unwrap_used)]

use bandeau_consent::{
    Asked, Basis, Choice, Decision, Digest, Draft, Event, Labels, Language, Notice, Policy, Pseudonym, Purpose,
    PurposeId, Record, RecordId, ServiceId, Source, Wording,
};
use bandeau_ledger::{Error, Ledger, Options, ReceiptDocument, Row, Signer, export, verify};

const NOTICE: &str = "e5242926b06b7308b3d73d280337d07c152476c68fecfc6aee465bbf98bfabf8";
const LEAF: &str = "080da64706e0a586ca064e3253395267d927080818f96922fa5201969e4d559e";
const ONCE: &str = "4eb1e3b7f1b500afb98fcd1032f4a11680be246b4c67e18795a65c239b66e660";
const DESPITE: &str = "525711033bc3ec4ddc7d1611b4c4c963db42b6290044b960b61441152e8cbb8e";
const PUBLIC: &str = "03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8";
const RECEIPT: &str = r#"{"format":"bandeau receipt v1","id":"0199a0b1c2d37e4f8a9b0c1d2e3f4051","pseudonym":"09090909090909090909090909090909","at":1795000000123,"event":"given","notice":"e5242926b06b7308b3d73d280337d07c152476c68fecfc6aee465bbf98bfabf8","policy":"0505050505050505050505050505050505050505050505050505050505050505","language":"fr","source":"banner","keep":15552000,"choices":[["social","grant"],["audience-plus","refuse"]],"previous":null,"key":"A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=","signature":"zPi1AMRojDwWB3+00cztzUiShVC/MXf70btrsD5FF35wgqqrzGqf8trcZztmgBUaw/5ri1v9Fp4CyEJ/a7p7Cg=="}"#;
const MARK: &str = "dceicawVPMWLU8EQeNIcv4X/gPwjMmlQp6JpsKxCVmU=";

fn notice() -> Notice {
    let asked = |id| Asked { purpose: PurposeId::new(id).unwrap(), wording: Wording::default(), services: Vec::new() };
    Notice {
        language: Language::new("fr").unwrap(),
        site: "La Gazette".to_owned(),
        controller: String::new(),
        privacy: String::new(),
        title: String::new(),
        text: String::new(),
        labels: Labels { accept: "oui".to_owned(), refuse: "non".to_owned(), choose: "choisir".to_owned() },
        asked: vec![asked("social"), asked("audience-plus")],
        fixed: Vec::new(),
        data: Vec::new(),
    }
}

fn record() -> Record {
    let answers = [("social", Choice::Grant), ("audience-plus", Choice::Refuse)];
    Record {
        id: RecordId::parse("0199a0b1c2d37e4f8a9b0c1d2e3f4051").unwrap(),
        pseudonym: Pseudonym([9; 16]),
        at: 1_795_000_000_123,
        decision: Decision::new(&notice(), answers, Source::Banner).unwrap(),
        event: Event::Given,
        policy: Digest([5; 32]),
        keep: 15_552_000,
    }
}

fn seed() -> [u8; 32] {
    std::array::from_fn(|at| u8::try_from(at).unwrap())
}

#[test]
fn the_leaf_is_the_vectors() {
    assert_eq!(notice().hash().to_string(), NOTICE);
    assert_eq!(record().leaf(None).to_string(), LEAF);
    assert_eq!(Row::from(&record()).leaf(None).to_string(), LEAF);
    assert_ne!(record().leaf(Some(RecordId([0; 16]))).to_string(), LEAF, "what it follows is signed too");
    let public: String = Signer::from_seed(seed()).verifying_key().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(public, PUBLIC);
}

/// A record says of a grant that it was given despite the signal of the browser, and of nothing else.
#[test]
fn a_grant_despite_the_signal_is_the_vectors() {
    let words = Wording { title: "t".to_owned(), text: "t".to_owned(), cost: String::new() };
    let purpose = |id, sale| Purpose {
        id: PurposeId::new(id).unwrap(),
        basis: Basis::Consent,
        sale,
        wording: [(Language::new("fr").unwrap(), words.clone())].into(),
    };
    let policy = |sale| {
        let purposes = vec![purpose("social", sale), purpose("audience-plus", !sale)];
        Policy::new(Draft { purposes, ..Draft::default() }).unwrap()
    };
    let told = |policy: &Policy| Record { decision: record().decision.told(policy), ..record() };
    let (despite, same) = (told(&policy(true)), told(&policy(false)));
    assert_eq!(Row::from(&despite).source, "banner-gpc");
    assert_eq!(despite.leaf(None).to_string(), DESPITE);
    assert_eq!(Row::from(&despite).leaf(None), despite.leaf(None));
    assert_eq!(same.leaf(None).to_string(), LEAF, "what it refused is not despite anything");
}

/// What opened one embed this once says whose, and is a record like any other.
#[test]
fn a_grant_for_this_once_is_the_vectors() {
    let service = ServiceId::new("tideway").unwrap();
    let answers = [("social", Choice::Grant), ("audience-plus", Choice::Refuse)];
    let decision = Decision::once(&notice(), answers, &service).unwrap();
    let once = Record { decision, keep: 300, ..record() };
    assert_eq!(Row::from(&once).source, "once:tideway");
    assert_eq!(once.leaf(None).to_string(), ONCE);
    assert_eq!(Row::from(&once).leaf(None), once.leaf(None));
}

fn options() -> Options {
    Options { origin: "site.test/log".to_owned(), local: None, retain: None, now: || 0, name: || RecordId([0; 16]) }
}

/// Version 2 is version 1 with what ties it to the log.
fn version_1(document: &serde_json::Value) -> String {
    let mut document = document.as_object().unwrap().clone();
    for added in ["salt", "code", "log", "proof"] {
        assert!(document.remove(added).is_some(), "{added}");
    }
    assert_eq!(document["format"], "bandeau receipt v2");
    document["format"] = "bandeau receipt v1".into();
    let document: ReceiptDocument = serde_json::from_value(document.into()).unwrap();
    serde_json::to_string(&document).unwrap()
}

#[tokio::test]
async fn the_receipt_is_the_vectors() {
    let place = tempfile::tempdir().unwrap();
    let store = format!("sqlite:{}", place.path().join("book.db").display());
    let ledger = Ledger::open(&store, Signer::from_seed(seed()), options()).unwrap();
    let receipt = ledger.append(record()).await.unwrap();
    let document = serde_json::to_value(ledger.document(&receipt)).unwrap();
    assert_eq!(version_1(&document), RECEIPT);
    ledger.close();
    let mut out = Vec::new();
    export(&store, &mut out, &mut |_, _| {}).unwrap();
    assert_eq!(serde_json::from_slice::<serde_json::Value>(&out).unwrap(), document);
}

#[test]
fn the_vector_verifies_and_a_changed_one_does_not() {
    let document: ReceiptDocument = serde_json::from_str(RECEIPT).unwrap();
    let key = Signer::from_seed(seed()).verifying_key();
    verify(&document, &key).unwrap();
    assert!(matches!(verify(&document, &[1; 32]), Err(Error::OtherKey)));
    let changed = RECEIPT.replace("[\"audience-plus\",\"refuse\"]", "[\"audience-plus\",\"grant\"]");
    assert_ne!(changed, RECEIPT);
    let document: ReceiptDocument = serde_json::from_str(&changed).unwrap();
    assert!(matches!(verify(&document, &key), Err(Error::BadSignature)));
}

/// A line written before the store was away is still read by this version, and only with its mark.
#[tokio::test]
async fn the_spool_line_is_the_vectors() {
    let line = RECEIPT.replace("bandeau receipt v1", "bandeau spool v1");
    let line = line[..line.find(",\"previous\"").unwrap()].to_owned() + &format!(",\"mark\":\"{MARK}\"}}");
    for (line, written) in [(line.clone(), 1), (line.replace("\"grant\"", "\"refuse\""), 0)] {
        let place = tempfile::tempdir().unwrap();
        let store = place.path().join("book.db");
        std::fs::write(place.path().join("book.db.spool"), format!("{line}\n")).unwrap();
        let store = format!("sqlite:{}", store.display());
        let ledger = Ledger::open(&store, Signer::from_seed(seed()), options()).unwrap();
        let start = std::time::Instant::now();
        while ledger.state().backlog > 0 {
            assert!(start.elapsed().as_secs() < 20, "{:?}", ledger.state());
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        assert_eq!((ledger.state().written, ledger.state().dropped), (written, 1 - written));
    }
}
