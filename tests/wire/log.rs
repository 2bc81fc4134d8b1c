//! The log as an outsider reads it: checkpoint, keys and tiles over the wire, and the whole tree computed again.

use crate::raw::{DECISION, PAGE, accept, json, shown, soon, until};
use crate::site::Site;
use crate::support::{CONFIG, Gateway, get, post, send};
use bandeau_ledger::ReceiptDocument;
use bandeau_ledger::log::{Checkpoint, LogKey, Memory, leaf_hash};
use http::Request;
use serde_json::json;

const LOG: &str = "/.well-known/bandeau/log/";

async fn open() -> (Site, Gateway) {
    let site = Site::page("<!doctype html><title>t</title><p>x").await;
    let gateway = Gateway::start(&site.url, CONFIG);
    (site, gateway)
}

/// The key of the log, as it is published.
async fn key(gateway: &Gateway) -> LogKey {
    let (head, keys) = get(&gateway.url(&format!("{LOG}keys")), &[]).await;
    assert_eq!(head.headers["content-type"], "text/plain; charset=utf-8");
    let mut lines = keys.lines();
    assert_eq!(lines.next(), Some("bandeau keys v1"));
    let key = LogKey::parse(lines.next().unwrap().strip_prefix("log ").unwrap()).unwrap();
    assert!(lines.next().unwrap().starts_with("receipt "));
    key
}

async fn checkpoint(gateway: &Gateway, key: &LogKey) -> Option<Checkpoint> {
    let (head, note) = get(&gateway.url(&format!("{LOG}checkpoint")), &[]).await;
    (head.status == 200).then(|| key.open(&note).unwrap())
}

/// Waits for a checkpoint over at least so many entries.
async fn grown(gateway: &Gateway, key: &LogKey, least: u64) -> Checkpoint {
    let wanted = || async { checkpoint(gateway, key).await.is_some_and(|head| head.size >= least) };
    until(&format!("the log has {least} entries"), wanted).await;
    checkpoint(gateway, key).await.unwrap()
}

async fn bytes(gateway: &Gateway, name: &str) -> Vec<u8> {
    let request = Request::get(gateway.url(&format!("{LOG}{name}"))).body(Default::default()).unwrap();
    let (head, body) = send(request).await;
    assert_eq!(head.status, 200, "{name}");
    assert_eq!(head.headers["cache-control"], "public, max-age=31536000, immutable", "{name}");
    assert_eq!(head.headers["access-control-allow-origin"], "*");
    body.to_vec()
}

/// Every decision gets its place; entries and hashes make the root that is signed; a receipt's proof leads there.
#[tokio::test(flavor = "multi_thread")]
async fn an_outsider_computes_the_tree_again() {
    let (_site, gateway) = open().await;
    let key = key(&gateway).await;
    assert_eq!(key.origin(), "127.0.0.1/.well-known/bandeau/log");
    let mut receipts = Vec::new();
    // The version of the notice has its place before the decisions.
    until("what is live is archived", || async { gateway.log().contains("archived and logged") }).await;
    let mut made = 1;
    let notice = shown(&gateway).await;
    for answer in ["accept", "accept", "accept", "refuse"] {
        let said = soon("a receipt", async {
            loop {
                made += 1;
                let (head, said) = json(&gateway, &json!({ "notice": notice, "answer": answer }), &[]).await;
                assert_eq!(head.status, 200);
                // A refusal is answered at once, also where its record waits.
                if !said["receipt"].is_null() {
                    break said;
                }
            }
        })
        .await;
        receipts.push(serde_json::from_value::<ReceiptDocument>(said["receipt"].clone()).unwrap());
    }
    let head = grown(&gateway, &key, made).await;
    let bundle = bytes(&gateway, &format!("tile/entries/000.p/{}", head.size)).await;
    let entries: Vec<&[u8]> = bundle.chunks(35).map(|entry| &entry[2..]).collect();
    assert_eq!(entries.len() as u64, head.size);
    let leaves: Vec<_> = entries.iter().map(|entry| leaf_hash(entry)).collect();
    let mut tree = Memory::default();
    tree.extend(&leaves).unwrap();
    assert_eq!(tree.root(head.size).unwrap(), head.root);
    let hashes = bytes(&gateway, &format!("tile/0/000.p/{}", head.size)).await;
    assert_eq!(hashes, leaves.iter().flat_map(|leaf| leaf.0).collect::<Vec<_>>());
    for receipt in receipts {
        receipt.verify().unwrap();
        let entry = receipt.entry().unwrap().bytes();
        assert_eq!(entries.iter().filter(|found| **found == entry).count(), 1, "each is there, once");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_tree_does_not_have_is_not_there() {
    let (_site, gateway) = open().await;
    let key = key(&gateway).await;
    until("what is live is archived", || async { gateway.log().contains("archived and logged") }).await;
    accept(&gateway).await;
    // The version of the notice and the grant: nothing more comes.
    let size = grown(&gateway, &key, 2).await.size;
    for name in ["tile/0/000", "tile/0/001.p/1", "tile/1/000.p/1", "tile/0/0", "tile/x/000", "", "checkpoints", "tile/"]
    {
        let (head, said) = get(&gateway.url(&format!("{LOG}{name}")), &[]).await;
        assert_eq!(
            (head.status.as_u16(), &head.headers["cache-control"]),
            (404, &"no-store".parse().unwrap()),
            "{name}"
        );
        assert!(!said.is_empty(), "{name}");
    }
    let (head, _) = get(&gateway.url(&format!("{LOG}tile/0/000.p/{}", size + 1)), &[]).await;
    assert_eq!(head.status, 404);
    let (head, _) = post(&gateway.url(&format!("{LOG}checkpoint")), "x", &[]).await;
    assert_eq!((head.status.as_u16(), &head.headers["allow"]), (405, &"GET, HEAD".parse().unwrap()));
}

/// After a restart the log goes on where it stood.
#[tokio::test(flavor = "multi_thread")]
async fn the_log_goes_on_after_a_restart() {
    let (_site, gateway) = open().await;
    let before = key(&gateway).await;
    accept(&gateway).await;
    let old = grown(&gateway, &before, 1).await;
    let Gateway { mut process, dir, port } = gateway;
    assert!(process.stop().success());
    let gateway = Gateway::restart(dir, port);
    assert_eq!(key(&gateway).await, before);
    post(&gateway.url(DECISION), &format!("notice={}&answer=refuse", shown(&gateway).await), &[PAGE]).await;
    let new = grown(&gateway, &before, old.size + 1).await;
    let bundle = bytes(&gateway, &format!("tile/0/000.p/{}", new.size)).await;
    let mut tree = Memory::default();
    let leaves: Vec<_> =
        bundle.chunks_exact(32).map(|hash| bandeau_consent::Digest(hash.try_into().unwrap())).collect();
    tree.extend(&leaves).unwrap();
    assert_eq!((tree.root(old.size).unwrap(), tree.root(new.size).unwrap()), (old.root, new.root));
}
