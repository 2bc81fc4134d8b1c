//! The book breaking while the gateway runs: nobody loses a right, nobody is granted what is not recorded.

use crate::raw::{DECISION, PAGE, accept, json, set, shown, takes, until};
use crate::site::Site;
use crate::support::{CONFIG, Gateway, consent, export, get, post, store};
use serde_json::json;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

async fn open() -> (Site, Gateway) {
    let site = Site::page("<!doctype html><title>t</title><p>the text").await;
    let gateway = Gateway::start(&site.url, CONFIG);
    (site, gateway)
}

fn chmod(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

/// Pages are served, refusals work, grants do not: what must hold while the book is closed.
pub(crate) async fn closed(gateway: &Gateway) {
    let (head, html) = get(&gateway.url("/"), &[PAGE]).await;
    assert_eq!(head.status, 200);
    assert!(html.contains("the text"));
    let notice = crate::support::notice(&html);
    let (head, html) = post(&gateway.url(DECISION), &format!("notice={notice}&answer=accept"), &[PAGE]).await;
    assert_eq!(head.status, 503);
    assert!(head.headers.contains_key("retry-after") && html.contains("store-down") && html.contains("<h1>"));
    assert!(set(&head).is_empty(), "nothing is granted without a record: {:?}", set(&head));
    let (head, said) = json(gateway, &json!({ "notice": notice, "answer": "accept" }), &[]).await;
    assert_eq!((head.status.as_u16(), &said["error"]), (503, &json!("store-down")));
    let (head, _) = post(&gateway.url(DECISION), &format!("notice={notice}&answer=refuse"), &[PAGE]).await;
    assert_eq!(head.status, 303);
    assert!(consent(&head).is_some(), "a refusal stands whatever the book does");
    let (head, text) = get(&gateway.url("/.well-known/bandeau/health"), &[]).await;
    assert_eq!(head.status, 200);
    let health: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!((&health["status"], &health["book"]), (&json!("degraded"), &json!("closed")));
}

/// Waits until a grant is possible again.
pub(crate) async fn reopened(gateway: &Gateway) {
    until("the book is open again", || async {
        let (_, text) = get(&gateway.url("/.well-known/bandeau/health"), &[]).await;
        text.contains("\"open\"")
    })
    .await;
    accept(gateway).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frozen_store_takes_refusals_and_grants_nothing() {
    let (_site, gateway) = open().await;
    accept(&gateway).await;
    let file = gateway.dir.path().join("bandeau.db");
    chmod(&file, 0o444);
    closed(&gateway).await;
    chmod(&file, 0o644);
    reopened(&gateway).await;
    let store = store(gateway.dir.path());
    until("the refusal's record appears", || async {
        export(&store).iter().any(|record| record["event"] == "refused")
    })
    .await;
    let events: Vec<_> = export(&store).iter().map(|record| record["event"].as_str().unwrap().to_owned()).collect();
    assert_eq!(events, ["given", "refused", "given"], "each decision once, in order, and no grant that failed");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_mixed_change_only_what_it_takes_away_acts() {
    let (site, gateway) = open().await;
    let notice = shown(&gateway).await;
    let wish = |social: &str, advertising: &str| json!({ "notice": notice, "choices": { "social": social, "advertising": advertising } });
    let (head, _) = json(&gateway, &wish("grant", "refuse"), &[]).await;
    let social = consent(&head).unwrap();
    let file = gateway.dir.path().join("bandeau.db");
    chmod(&file, 0o444);
    let cookie = format!("{social}; session=1; forum_id=2; _ad=3");
    let (head, said) = json(&gateway, &wish("refuse", "grant"), &[("cookie", &cookie)]).await;
    assert_eq!((head.status.as_u16(), &said["error"]), (503, &json!("store-down")));
    assert!(takes(&head, "forum_id"), "what is taken back is gone at once: {:?}", set(&head));
    let after = consent(&head).expect("what is taken back is taken back in the cookie");
    get(&gateway.url("/"), &[PAGE, ("cookie", &format!("{after}; session=1; forum_id=2; _ad=3"))]).await;
    assert_eq!(site.last().header("cookie").unwrap(), "session=1", "neither the old grant nor the new one stands");
    chmod(&file, 0o644);
    let store = store(gateway.dir.path());
    until("what was taken back is recorded", || async { export(&store).len() == 2 }).await;
    let records = export(&store);
    assert_eq!(records[1]["event"], "withdrawn");
    assert!(!records[1]["choices"].to_string().contains("grant"), "{records:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_is_not_there_at_the_start() {
    let site = Site::page("<!doctype html><title>t</title><p>the text").await;
    let config = format!("[book]\nstore = \"sqlite:missing/bandeau.db\"\n{CONFIG}");
    let gateway = Gateway::start(&site.url, &config);
    closed(&gateway).await;
    std::fs::create_dir(gateway.dir.path().join("missing")).unwrap();
    reopened(&gateway).await;
    let store = store(&gateway.dir.path().join("missing"));
    let events: Vec<_> = export(&store).iter().map(|record| record["event"].as_str().unwrap().to_owned()).collect();
    assert_eq!(events, ["refused", "given"]);
}

/// What was shown of the log cannot be unsaid: without the file that has it the book is closed, and says what to do.
#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_is_removed_while_running() {
    let (_site, gateway) = open().await;
    accept(&gateway).await;
    let shown = gateway.dir.path().join("bandeau.db.checkpoint");
    until("the log was shown", || async { shown.exists() }).await;
    for name in ["bandeau.db", "bandeau.db-wal", "bandeau.db-shm"] {
        let _ = std::fs::remove_file(gateway.dir.path().join(name));
    }
    closed(&gateway).await;
    assert!(gateway.log().contains("Restore the store as it was") && gateway.log().contains("bandeau restart-log"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_keeps_decisions_and_records() {
    let (site, gateway) = open().await;
    let granted = accept(&gateway).await;
    let notice = shown(&gateway).await;
    for _ in 0..20 {
        let (head, _) = post(&gateway.url(DECISION), &format!("notice={notice}&answer=refuse"), &[PAGE]).await;
        assert_eq!(head.status, 303);
    }
    // Right after the last refusal was answered: its record is still on its way.
    let Gateway { mut process, dir, port } = gateway;
    assert!(process.stop().success(), "it ends cleanly");
    assert_eq!(export(&store(dir.path())).len(), 21, "everything noted was written before it ended");
    let gateway = Gateway::restart(dir, port);
    get(&gateway.url("/"), &[PAGE, ("cookie", &format!("{granted}; forum_id=2"))]).await;
    assert_eq!(site.last().header("cookie").unwrap(), "forum_id=2", "the grant of before stands");
    accept(&gateway).await;
    assert_eq!(export(&store(gateway.dir.path())).len(), 22);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frozen_store_and_a_restart_lose_no_refusal() {
    let (_site, gateway) = open().await;
    accept(&gateway).await;
    chmod(&gateway.dir.path().join("bandeau.db"), 0o444);
    closed(&gateway).await;
    let Gateway { mut process, dir, port } = gateway;
    process.stop();
    chmod(&dir.path().join("bandeau.db"), 0o644);
    let gateway = Gateway::restart(dir, port);
    let store = store(gateway.dir.path());
    until("the refusal waited out the restart", || async {
        export(&store).iter().any(|record| record["event"] == "refused")
    })
    .await;
}
