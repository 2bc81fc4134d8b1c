//! Decisions: what an answer sets, takes away, and leaves in the book.

use crate::raw::{DECISION, PAGE, accept, json, set, shown, takes, until};
use crate::site::Site;
use crate::support::{CONFIG, Gateway, consent, export, get, post, store};
use bandeau_ledger::ReceiptDocument;
use serde_json::json;

const HTML: &str = "<!doctype html><title>t</title><p>x";

async fn open() -> (Site, Gateway) {
    let site = Site::page(HTML).await;
    let gateway = Gateway::start(&site.url, CONFIG);
    (site, gateway)
}

/// The cookies that reach the site of a visitor who has all of them and this standing.
async fn reaching(site: &Site, gateway: &Gateway, standing: &str, more: &[(&str, &str)]) -> String {
    let cookie = format!("session=1; forum_id=2; _ad=3; {standing}");
    let headers = [&[("cookie", cookie.as_str()), PAGE], more].concat();
    get(&gateway.url("/"), &headers).await;
    site.last().header("cookie").unwrap_or_default()
}

/// Waits until the book has so many records and returns them.
async fn records(gateway: &Gateway, count: usize) -> Vec<serde_json::Value> {
    let store = store(gateway.dir.path());
    until(&format!("the book has {count} records"), || async { export(&store).len() >= count }).await;
    let records = export(&store);
    assert_eq!(records.len(), count, "{records:#?}");
    records
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_is_answered_with_the_way_back_and_a_cookie_no_script_reads() {
    let (site, gateway) = open().await;
    let notice = shown(&gateway).await;
    let form = format!("notice={notice}&answer=accept&source=banner&back=%2Fnews%3Fa%3Db");
    let (head, body) = post(&gateway.url(DECISION), &form, &[PAGE]).await;
    assert_eq!((head.status.as_u16(), body.as_str()), (303, ""));
    assert_eq!(head.headers["location"], "/news?a=b");
    assert_eq!(head.headers["cache-control"], "no-store");
    let lines = set(&head);
    assert_eq!(lines.len(), 1);
    for word in ["bandeau=", "; Path=/", "; HttpOnly", "; SameSite=Lax", "; Max-Age=15552000"] {
        assert!(lines[0].contains(word), "{word}: {lines:?}");
    }
    assert!(!lines[0].contains("Secure"), "plain HTTP cannot carry a Secure cookie: {lines:?}");
    assert_eq!(
        reaching(&site, &gateway, &consent(&head).unwrap(), &[]).await,
        "session=1; forum_id=2; _ad=3",
        "the grant stands"
    );
    let records = records(&gateway, 1).await;
    assert_eq!((&records[0]["event"], &records[0]["source"]), (&json!("given"), &json!("banner")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_script_is_answered_with_what_is_granted_and_a_receipt_that_verifies() {
    let (_site, gateway) = open().await;
    let notice = shown(&gateway).await;
    let wish =
        json!({ "notice": notice, "choices": { "social": "grant", "advertising": "refuse" }, "source": "settings" });
    let (head, answer) = json(&gateway, &wish, &[]).await;
    assert_eq!(head.status, 200, "{answer}");
    assert_eq!(answer["granted"], json!(["social"]));
    let receipt: ReceiptDocument = serde_json::from_value(answer["receipt"].clone()).unwrap();
    receipt.verify().unwrap();
    let mut other = answer["receipt"].clone();
    other["choices"][0][1] = json!("grant");
    assert_ne!(other, answer["receipt"]);
    assert!(serde_json::from_value::<ReceiptDocument>(other).unwrap().verify().is_err());
    assert_eq!(records(&gateway, 1).await[0], answer["receipt"], "the book has the same words");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_sets_a_cookie_without_a_number() {
    let (site, gateway) = open().await;
    let notice = shown(&gateway).await;
    let (head, answer) = json(&gateway, &json!({ "notice": notice, "answer": "refuse" }), &[]).await;
    assert_eq!((head.status.as_u16(), &answer["granted"]), (200, &json!([])));
    let refused = consent(&head).unwrap();
    let granted = accept(&gateway).await;
    assert!(refused.len() + 16 < granted.len(), "{refused} {granted}");
    assert_eq!(reaching(&site, &gateway, &refused, &[]).await, "session=1");
    let (_, html) = get(&gateway.url("/"), &[PAGE, ("cookie", &refused)]).await;
    assert!(html.contains("data-notice=\""), "the band stays at hand");
    let records = records(&gateway, 2).await;
    assert_eq!((&records[0]["event"], &records[1]["event"]), (&json!("refused"), &json!("given")));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_embed_allows_just_what_it_needs_and_keeps_the_rest() {
    let (site, gateway) = open().await;
    let notice = shown(&gateway).await;
    let allow = |purpose: &str| format!("notice={notice}&answer=allow&purpose={purpose}&back=/a");
    let (one, _) = post(&gateway.url(DECISION), &allow("social"), &[PAGE]).await;
    let first = consent(&one).unwrap();
    assert_eq!(reaching(&site, &gateway, &first, &[]).await, "session=1; forum_id=2");
    let (two, _) = post(&gateway.url(DECISION), &allow("advertising"), &[PAGE, ("cookie", &first)]).await;
    assert_eq!(reaching(&site, &gateway, &consent(&two).unwrap(), &[]).await, "session=1; forum_id=2; _ad=3");
    let records = records(&gateway, 2).await;
    assert!(records.iter().all(|record| record["source"] == "embed"), "{records:#?}");
    assert_eq!(records[0]["pseudonym"], records[1]["pseudonym"]);
    assert_eq!(records[1]["previous"], records[0]["id"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_withdrawal_acts_in_its_own_answer() {
    let (site, gateway) = open().await;
    let notice = shown(&gateway).await;
    let granted = accept(&gateway).await;
    let cookie = format!("{granted}; session=1; forum_id=2; _ad=3");
    let form = format!("notice={notice}&answer=refuse&source=withdrawal");
    let (head, _) = post(&gateway.url(DECISION), &form, &[PAGE, ("cookie", &cookie)]).await;
    assert_eq!(head.status, 303);
    assert!(takes(&head, "forum_id") && takes(&head, "_ad"), "{:?}", set(&head));
    assert!(!takes(&head, "session"));
    let after = consent(&head).unwrap();
    assert!(after.len() + 16 < granted.len(), "the number of the visitor is gone: {after}");
    assert_eq!(reaching(&site, &gateway, &after, &[]).await, "session=1");
    let records = records(&gateway, 2).await;
    assert_eq!((&records[1]["event"], &records[1]["source"]), (&json!("withdrawn"), &json!("withdrawal")));
    assert_eq!(records[1]["previous"], records[0]["id"], "the book knows what was taken back");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_book_says_nothing_about_where_and_with_what() {
    let (_site, gateway) = open().await;
    let notice = shown(&gateway).await;
    let form = format!("notice={notice}&answer=accept&back=/a-private-page");
    let tells = [
        PAGE,
        ("user-agent", "a-rare-browser/1.0"),
        ("referer", "http://127.0.0.1/a-private-page"),
        ("accept-language", "fr-XX, en"),
        ("x-forwarded-for", "198.51.100.77"),
        ("cookie", "session=a-session"),
    ];
    post(&gateway.url(DECISION), &form, &tells).await;
    let refusal = form.replace("accept", "refuse");
    post(&gateway.url(DECISION), &refusal, &tells).await;
    let records = records(&gateway, 2).await;
    // The log's name is the site's own, and a code or a number in Base64 may spell anything.
    let mut told = records.clone();
    for record in &mut told {
        for field in ["log", "code", "key", "signature"] {
            record[field] = json!(null);
        }
    }
    let text = serde_json::to_string(&told).unwrap();
    for word in ["rare", "private", "127.0.0.1", "198.51", "session", "XX", "http"] {
        assert!(!text.contains(word), "{word} is in the book: {text}");
    }
    for record in &records {
        serde_json::from_value::<ReceiptDocument>(record.clone()).unwrap().verify().unwrap();
    }
    assert_ne!(records[0]["pseudonym"], records[1]["pseudonym"], "who refuses twice is not known again");
    // Neither does the log of the gateway.
    let log = gateway.log();
    for word in ["rare", "a-private-page", "198.51", "a-session"] {
        assert!(!log.contains(word), "{word} is in the log: {log}");
    }
    let mut files = std::fs::read_dir(gateway.dir.path()).unwrap().map(|entry| entry.unwrap().path());
    let holds = |path: &std::path::Path| match std::fs::read(path) {
        Ok(bytes) => bytes.windows(14).any(|window| window == b"a-private-page"),
        // It has got its name meanwhile.
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => false,
        Err(error) => panic!("{}: {error}", path.display()),
    };
    assert!(!files.any(|path| holds(&path)), "a file of the store knows the page");
}
