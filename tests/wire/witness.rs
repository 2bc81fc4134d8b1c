//! A witness of the tests' own, who signs what extends what it signed before and nothing else, and the log it signs.

use crate::raw::{Counted, accept, until};
use crate::site::{Body, Seen, Site};
use crate::support::{CONFIG, get};
use bandeau_ledger::log::{Checkpoint, LogKey, Proof, WitnessKey, extends};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use ed25519_dalek::{Signer as _, SigningKey};
use http::Response;
use sha2::{Digest as _, Sha256};
use std::sync::{Arc, Mutex};

const NAME: &str = "witness.test/w";

/// What a witness remembers, and how it may be told to behave.
#[derive(Default)]
struct Memory {
    last: Option<Checkpoint>,
    /// Signs something else than it was asked.
    lies: bool,
}

fn key() -> SigningKey {
    SigningKey::from_bytes(&[8; 32])
}

/// The first four bytes of the hash of name, type and key (C2SP signed-note).
fn id() -> [u8; 4] {
    let mut bytes = format!("{NAME}\n\x04").into_bytes();
    bytes.extend(key().verifying_key().to_bytes());
    Sha256::digest(bytes)[..4].try_into().unwrap()
}

fn vkey() -> String {
    let id: String = id().iter().map(|byte| format!("{byte:02x}")).collect();
    let bytes = [&[4][..], &key().verifying_key().to_bytes()].concat();
    format!("{NAME}+{id}+{}", STANDARD.encode(bytes))
}

/// C2SP tlog-witness, add-checkpoint.
fn answer(seen: &Seen, memory: &mut Memory) -> Response<Body> {
    assert_eq!(seen.path(), "/submit/add-checkpoint");
    let say = |status: u16, said: String| {
        let mut response = crate::site::typed("text/plain", said);
        *response.status_mut() = http::StatusCode::from_u16(status).unwrap();
        response
    };
    let body = String::from_utf8(seen.body.clone()).unwrap();
    let (asked, note) = body.split_once("\n\n").unwrap();
    let mut lines = asked.lines();
    let old: u64 = lines.next().unwrap().strip_prefix("old ").unwrap().parse().unwrap();
    let proof: Vec<_> =
        lines.map(|line| bandeau_consent::Digest(STANDARD.decode(line).unwrap().try_into().unwrap())).collect();
    let text = note.split_once("\n\n").unwrap().0.to_owned() + "\n";
    let new = Checkpoint::parse(&text).unwrap();
    let last = memory.last.as_ref().map_or(0, |last| last.size);
    if old != last {
        return say(409, format!("{last}\n"));
    }
    if let Some(last) = &memory.last
        && !extends(last, &new, &proof)
    {
        return say(422, "this is no longer log\n".to_owned());
    }
    let signed = if memory.lies { text.replacen(&new.size.to_string(), "1", 1) + "x\n" } else { text };
    memory.last = Some(new);
    let mut line = id().to_vec();
    line.extend(1_795_000_000_u64.to_be_bytes());
    line.extend(key().sign(format!("cosignature/v1\ntime 1795000000\n{signed}").as_bytes()).to_bytes());
    say(200, format!("\u{2014} {NAME} {}\n", STANDARD.encode(line)))
}

async fn open(memory: &Arc<Mutex<Memory>>) -> (Site, Site, Counted) {
    let theirs = Arc::clone(memory);
    let witness = Site::start(move |seen| answer(seen, &mut theirs.lock().unwrap())).await;
    let site = Site::page("<!doctype html><title>t</title><p>x").await;
    let book = format!("[[book.witness]]\nurl = \"{}/submit\"\nkey = \"{}\"\n{CONFIG}", witness.url, vkey());
    let gateway = Counted::start(&site.url, &book);
    (witness, site, gateway)
}

/// The witness signs each time the log has grown, from where it stood, also when it had signed before this gateway began
/// to ask; and what it signed is what proofs are made with.
#[tokio::test(flavor = "multi_thread")]
async fn a_witness_signs_a_log_that_grows() {
    let memory = Arc::default();
    let (_witness, _site, counted) = open(&memory).await;
    let gateway = &counted.gateway;
    let url = gateway.url("/.well-known/bandeau/log/checkpoint.witnessed");
    // The first entry is what went live.
    counted.counts("bandeau_mechanism_total", &["published"], 1).await;
    let witness = WitnessKey::parse(&vkey()).unwrap();
    let (_, keys) = get(&gateway.url("/.well-known/bandeau/log/keys"), &[]).await;
    let log = LogKey::parse(keys.lines().nth(1).unwrap().strip_prefix("log ").unwrap()).unwrap();
    for round in 1..=3_u64 {
        let cookie = accept(gateway).await;
        let signed = || async { log.open(&get(&url, &[]).await.1).is_ok_and(|head| head.size > round) };
        until("the witness signed what the log has become", signed).await;
        let (_, note) = get(&url, &[]).await;
        assert_eq!(witness.seen(&note).unwrap(), Some(1_795_000_000));
        let receipt = gateway.url("/.well-known/bandeau/receipt.json");
        let (_, receipt) = get(&receipt, &[("cookie", &cookie)]).await;
        let receipt: serde_json::Value = serde_json::from_str(&receipt).unwrap();
        let proof: Proof = receipt["proof"].as_str().unwrap().parse().unwrap();
        assert_eq!(witness.seen(&proof.note).unwrap(), Some(1_795_000_000), "the receipt has it too");
    }
    assert!(counted.number("bandeau_log_witness_total", &["signed"]).await >= 3.0);
}

/// Whoever does not sign what is there is not believed, and nothing else suffers.
#[tokio::test(flavor = "multi_thread")]
async fn a_witness_that_signs_something_else_is_not_shown() {
    let memory = Arc::new(Mutex::new(Memory { lies: true, ..Memory::default() }));
    let (_witness, _site, counted) = open(&memory).await;
    accept(&counted.gateway).await;
    let refused = || async { counted.number("bandeau_log_witness_total", &["refused"]).await >= 1.0 };
    until("the lie was noticed", refused).await;
    let (head, _) = get(&counted.gateway.url("/.well-known/bandeau/log/checkpoint.witnessed"), &[]).await;
    assert_eq!(head.status, 404);
    let (head, _) = get(&counted.gateway.url("/.well-known/bandeau/log/checkpoint"), &[]).await;
    assert_eq!(head.status, 200);
}
