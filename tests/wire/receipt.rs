//! Receipts in the hands of visitors: the page with the code, the file, and taking everything back from another browser.

use crate::raw::{DECISION, PAGE, accept, json, set, shown, soon, until};
use crate::site::Site;
use crate::support::{CONFIG, Gateway, consent, export, get, post, send, store};
use bandeau_ledger::ReceiptDocument;
use bandeau_ledger::log::{LogKey, Proof};
use http::Request;
use serde_json::json;
use std::os::unix::fs::PermissionsExt as _;

const RECEIPT: &str = "/.well-known/bandeau/receipt";

async fn open() -> (Site, Gateway) {
    let site = Site::page("<!doctype html><title>t</title><p>x").await;
    let gateway = Gateway::start(&site.url, CONFIG);
    (site, gateway)
}

/// The file, once the log has placed the record.
async fn file(gateway: &Gateway, query: &str, cookie: &str) -> ReceiptDocument {
    let url = gateway.url(&format!("{RECEIPT}.json{query}"));
    let read = || async { get(&url, &[("cookie", cookie)]).await };
    until("the receipt has its proof", || async { read().await.1.contains("c2sp.org/tlog-proof@v1") }).await;
    let (head, text) = read().await;
    assert_eq!(head.headers["content-disposition"], "attachment; filename=\"receipt.json\"");
    assert_eq!(head.headers["cache-control"], "no-store");
    serde_json::from_str(&text).unwrap()
}

/// The code in a page.
fn code(html: &str) -> String {
    let from = html.find("<b dir=\"ltr\">").expect("a code is shown") + "<b dir=\"ltr\">".len();
    html[from..from + 19].to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visitor_takes_their_receipt_and_it_proves_itself() {
    let (_site, gateway) = open().await;
    let cookie = accept(&gateway).await;
    let (_, settings) = get(&gateway.url("/.well-known/bandeau/settings"), &[PAGE, ("cookie", &cookie)]).await;
    assert!(settings.contains("href=\"/.well-known/bandeau/receipt?lang=en\""), "the settings lead there");
    let (head, html) = get(&gateway.url(RECEIPT), &[PAGE, ("cookie", &cookie)]).await;
    assert_eq!((head.status.as_u16(), &head.headers["cache-control"]), (200, &"no-store".parse().unwrap()));
    let document = file(&gateway, "", &cookie).await;
    assert_eq!(document.code().unwrap(), code(&html));
    document.verify().unwrap();
    let (_, keys) = get(&gateway.url("/.well-known/bandeau/log/keys"), &[]).await;
    let key = LogKey::parse(keys.lines().nth(1).unwrap().strip_prefix("log ").unwrap()).unwrap();
    let proof: Proof = document.placed.as_ref().unwrap().proof.as_ref().unwrap().parse().unwrap();
    proof.verify(&document.entry().unwrap().bytes(), &key).unwrap();
    // By its code it is had without the cookie, and nobody else's is had by either.
    let by_code = file(&gateway, &format!("?code={}", document.code().unwrap()), "").await;
    assert_eq!(by_code.row, document.row);
    for (query, cookie) in [("", ""), ("?code=0000-0000-0000-0000", ""), ("?code=nonsense", &*cookie)] {
        let (head, _) = get(&gateway.url(&format!("{RECEIPT}.json{query}")), &[("cookie", cookie)]).await;
        assert_eq!(head.status, 404, "{query}");
    }
}

/// Whoever refused carries no number, and gets the receipt of a refusal made on the page itself.
#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_has_a_receipt_as_well() {
    let (_site, gateway) = open().await;
    let (_, html) = get(&gateway.url(RECEIPT), &[PAGE]).await;
    assert!(!html.contains("<b dir=\"ltr\">") && html.contains("value=\"refuse\""));
    let form = format!(
        "notice={}&answer=refuse&source=settings&back=%2F.well-known%2Fbandeau%2Freceipt",
        shown(&gateway).await
    );
    // A refusal is answered at once: while the store is slow its record waits in the spool, and there is no receipt yet.
    let to = soon("a refusal with a receipt", async {
        loop {
            let (head, _) = post(&gateway.url(DECISION), &form, &[PAGE]).await;
            let to = head.headers["location"].to_str().unwrap().to_owned();
            if to.contains("?code=") {
                break to;
            }
        }
    })
    .await;
    assert!(to.starts_with("/.well-known/bandeau/receipt?code="), "{to}");
    let (_, html) = get(&gateway.url(&to), &[PAGE]).await;
    let document = file(&gateway, &format!("?code={}", code(&html)), "").await;
    assert_eq!((document.row.event.as_str(), document.row.source.as_str()), ("refused", "settings"));
    let query = format!("notice={}&answer=refuse&back=%2Fnews", shown(&gateway).await);
    let (head, _) = post(&gateway.url(DECISION), &query, &[PAGE]).await;
    assert_eq!(head.headers["location"], "/news", "elsewhere no code gets into an address");
}

/// Taking back with a code acts on the cookie of the browser that granted, which never comes near it.
#[tokio::test(flavor = "multi_thread")]
async fn a_code_takes_everything_back_in_every_browser() {
    let (site, gateway) = open().await;
    let (granted, other) = (accept(&gateway).await, accept(&gateway).await);
    let reaching = async |cookie: &str| {
        get(&gateway.url("/"), &[PAGE, ("cookie", &format!("session=1; forum_id=2; {cookie}"))]).await;
        site.last().header("cookie").unwrap()
    };
    assert_eq!(reaching(&granted).await, "session=1; forum_id=2");
    let code = file(&gateway, "", &granted).await.code().unwrap().to_owned();
    let form = format!("code={}", code.to_lowercase().replace('-', "+"));
    let (head, html) = post(&gateway.url(RECEIPT), &form, &[PAGE]).await;
    assert_eq!(head.status, 200);
    assert!(html.contains("Everything is taken back"), "{html}");
    assert_eq!(reaching(&granted).await, "session=1", "the cookie is worth nothing any more");
    assert_eq!(reaching(&other).await, "session=1; forum_id=2", "and nobody else's is touched");
    let records = export(&store(gateway.dir.path()));
    let last = records.last().unwrap();
    assert_eq!((&last["event"], &last["source"]), (&json!("withdrawn"), &json!("receipt")));
    assert_eq!(last["pseudonym"], records[0]["pseudonym"]);
    let (_, html) = post(&gateway.url(RECEIPT), &form, &[PAGE]).await;
    assert!(html.contains("Nothing was allowed any more"), "{html}");
    // It outlives a restart, also one at which nobody can be asked; and granting again is granting anew, by somebody new.
    let Gateway { mut process, dir, port } = gateway;
    assert!(process.stop().success());
    let file = dir.path().join("bandeau.db");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o444)).unwrap();
    let gateway = Gateway::restart(dir, port);
    get(&gateway.url("/"), &[PAGE, ("cookie", &format!("session=1; forum_id=2; {granted}"))]).await;
    assert_eq!(site.last().header("cookie").unwrap(), "session=1", "the restarted gateway knows");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
    crate::book::reopened(&gateway).await;
    let wish = json!({ "notice": shown(&gateway).await, "answer": "accept" });
    let (head, _) = json(&gateway, &wish, &[("cookie", &granted)]).await;
    let again = consent(&head).unwrap();
    get(&gateway.url("/"), &[PAGE, ("cookie", &format!("session=1; forum_id=2; {again}"))]).await;
    assert_eq!(site.last().header("cookie").unwrap(), "session=1; forum_id=2");
    let records = export(&store(gateway.dir.path()));
    assert_ne!(records.last().unwrap()["pseudonym"], records[0]["pseudonym"]);
}

/// A refusal was recorded and its answer lost: the browser still has the cookie of the grant, and the code takes it back.
#[tokio::test(flavor = "multi_thread")]
async fn a_code_takes_back_what_a_lost_answer_left() {
    let (site, gateway) = open().await;
    let granted = accept(&gateway).await;
    let code = file(&gateway, "", &granted).await.code().unwrap().to_owned();
    let refusal = json!({ "notice": shown(&gateway).await, "answer": "refuse" });
    json(&gateway, &refusal, &[("cookie", &granted)]).await;
    let (_, html) = post(&gateway.url(RECEIPT), &format!("code={code}"), &[PAGE]).await;
    assert!(html.contains("Everything is taken back"), "{html}");
    get(&gateway.url("/"), &[PAGE, ("cookie", &format!("session=1; forum_id=2; {granted}"))]).await;
    assert_eq!(site.last().header("cookie").unwrap(), "session=1");
}

#[tokio::test(flavor = "multi_thread")]
async fn codes_that_are_none_change_nothing() {
    let (_site, gateway) = open().await;
    accept(&gateway).await;
    for (form, status) in [("code=0000-0000-0000-0000", 404), ("code=x", 404), ("", 404), ("code=%ff", 404)] {
        let (head, html) = post(&gateway.url(RECEIPT), form, &[PAGE]).await;
        assert_eq!(head.status, status, "{form}");
        assert!(html.contains("No receipt has this code"), "{html}");
        assert!(set(&head).is_empty());
    }
    let (head, _) = post(&gateway.url(RECEIPT), &"x".repeat(5000), &[PAGE]).await;
    assert_eq!(head.status, 400);
    let request = Request::post(gateway.url(RECEIPT)).header("sec-fetch-site", "cross-site").body("code=x".into());
    let (head, _) = send(request.unwrap()).await;
    assert_eq!(head.status, 403);
    assert_eq!(export(&store(gateway.dir.path())).len(), 1);
}
