//! "This once": one embed opens, with a record and for minutes, and its visitor stands where they stood.

use crate::raw::{DECISION, PAGE, accept, json, set, shown};
use crate::site::Site;
use crate::support::{CONFIG, Gateway, consent, export, get, post, store};
use bandeau_ledger::ReceiptDocument;
use serde_json::{Value, json};
use std::os::unix::fs::PermissionsExt as _;

const FRAME: [(&str, &str); 2] = [("sec-fetch-dest", "iframe"), ("sec-fetch-site", "same-origin")];
const DOCUMENT: [(&str, &str); 2] = [("sec-fetch-dest", "document"), ("sec-fetch-site", "same-origin")];

/// An embed of a service that needs social networks, as its placeholder remembers it.
const POST: &str = "src=https%3A%2F%2Fsocial.test%2Fpost%3Fa%3D1&tag=iframe&title=A%20post";

async fn open() -> (Site, Gateway) {
    let site = Site::page("<!doctype html><title>t</title><iframe src=https://social.test/post?a=1></iframe>").await;
    let gateway = Gateway::start(&site.url, CONFIG);
    (site, gateway)
}

/// The wish to open an embed this once.
async fn wish(gateway: &Gateway, frame: &str) -> Value {
    json!({ "notice": shown(gateway).await, "answer": "once", "purposes": ["social"], "frame": frame, "source": "embed" })
}

/// Asks for the document of an embed; says the status, the policies and the document.
async fn ask(gateway: &Gateway, query: &str, headers: &[(&str, &str)]) -> (u16, String, String) {
    let (head, html) = get(&gateway.url(&format!("/.well-known/bandeau/embed?{query}")), headers).await;
    let all = head.headers.get_all("content-security-policy").iter().map(|value| value.to_str().unwrap());
    (head.status.as_u16(), all.collect::<Vec<_>>().join(" | "), html)
}

fn records(gateway: &Gateway) -> Vec<Value> {
    export(&store(gateway.dir.path()))
}

#[tokio::test(flavor = "multi_thread")]
async fn one_embed_opens_with_a_receipt_and_nothing_else_changes() {
    let (_site, gateway) = open().await;
    let (head, answer) = json(&gateway, &wish(&gateway, POST).await, &[]).await;
    assert_eq!(head.status, 200, "{answer}");
    assert!(set(&head).is_empty(), "who was undecided is so still: {:?}", set(&head));
    let ticket = answer["ticket"].as_str().unwrap();
    let (status, policies, html) = ask(&gateway, &format!("{POST}&ticket={ticket}"), &FRAME).await;
    assert_eq!(status, 200, "{html}");
    assert!(html.contains("<iframe src=\"https://social.test/post?a=1\" title=\"A post\"></iframe>"), "{html}");
    assert!(policies.contains(" social.test:*") && policies.contains("frame-ancestors 'self'"), "{policies}");
    for word in ["ads.test", "127.0.0.1", "'self' ", "data:"] {
        assert!(!policies.replace("frame-ancestors 'self'", "").contains(word), "{word}: {policies}");
    }
    // The record says whose embed, for how long, and verifies like any other.
    let records = records(&gateway);
    let receipt: ReceiptDocument = serde_json::from_value(answer["receipt"].clone()).unwrap();
    receipt.verify().unwrap();
    assert_eq!(records, [answer["receipt"].clone()]);
    assert_eq!((&records[0]["source"], &records[0]["event"]), (&json!("once:forum"), &json!("given")));
    assert_eq!((&records[0]["keep"], &records[0]["choices"][1]), (&json!(300), &json!(["social", "grant"])));
    assert_eq!(records[0]["choices"][0], json!(["advertising", "refuse"]));
    // The page is what it was.
    let (_, html) = get(&gateway.url("/"), &[PAGE]).await;
    assert!(html.contains("data-state=\"neutral\"") && html.contains("value=\"once\"") && !html.contains("<iframe"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_is_for_one_embed_of_one_visitor() {
    let (_site, gateway) = open().await;
    let (_, answer) = json(&gateway, &wish(&gateway, POST).await, &[]).await;
    let ticket = answer["ticket"].as_str().unwrap();
    let other = POST.replace("a%3D1", "a%3D2");
    let image = POST.replace("tag=iframe", "tag=img");
    let ads = POST.replace("social.test", "ads.test");
    let notice = shown(&gateway).await;
    let (refused, _) = post(&gateway.url(DECISION), &format!("notice={notice}&answer=refuse"), &[PAGE]).await;
    let refused = consent(&refused).unwrap();
    let here = [FRAME[0], FRAME[1]];
    let theirs = [FRAME[0], FRAME[1], ("cookie", refused.as_str())];
    let forged = format!("{}A", &ticket[..37]);
    for (what, query, ticket, headers) in [
        ("another address", other.as_str(), ticket, &here[..]),
        ("another element", &image, ticket, &here),
        ("another service", &ads, ticket, &here),
        ("who refused since", POST, ticket, &theirs),
        ("a forged one", POST, if forged == ticket { "x" } else { &forged }, &here),
        ("none", POST, "", &here),
        ("a long one", POST, &"A".repeat(5000), &here),
        ("with the signal", POST, ticket, &[FRAME[0], FRAME[1], ("sec-gpc", "1")]),
    ] {
        let (status, policies, html) = ask(&gateway, &format!("{query}&ticket={ticket}"), headers).await;
        assert_eq!(status, 403, "{what}: {html}");
        assert!(!html.contains("<iframe") && !policies.contains("social.test"), "{what}");
    }
    // Another host of the site, another site's page, another secret.
    let headers = [FRAME[0], FRAME[1], ("host", "localhost")];
    assert_ne!(ask(&gateway, &format!("{POST}&ticket={ticket}"), &headers).await.0, 200, "another origin");
    for from in ["cross-site", "same-site", "none"] {
        let headers = [("sec-fetch-dest", "iframe"), ("sec-fetch-site", from)];
        assert_eq!(ask(&gateway, &format!("{POST}&ticket={ticket}"), &headers).await.0, 404, "{from}");
    }
    let (_other, second) = open().await;
    assert_eq!(ask(&second, &format!("{POST}&ticket={ticket}"), &FRAME).await.0, 403, "another house");
    // Within its life it opens the same again.
    assert_eq!(ask(&gateway, &format!("{POST}&ticket={ticket}"), &FRAME).await.0, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_refused_stays_so_and_who_granted_keeps_that() {
    let (_site, gateway) = open().await;
    let notice = shown(&gateway).await;
    let form = |answer: &str| format!("notice={notice}&{answer}");
    let (head, _) = post(&gateway.url(DECISION), &form("answer=refuse"), &[PAGE]).await;
    let refused = consent(&head).unwrap();
    let (head, _) = post(&gateway.url(DECISION), &form("answer=allow&purpose=advertising"), &[PAGE]).await;
    let some = consent(&head).unwrap();
    for (cookie, state) in [(&refused, "red"), (&some, "amber")] {
        let (head, answer) = json(&gateway, &wish(&gateway, POST).await, &[("cookie", cookie)]).await;
        assert!(head.status == 200 && set(&head).is_empty());
        let query = format!("{POST}&ticket={}", answer["ticket"].as_str().unwrap());
        let (status, policies, _) = ask(&gateway, &query, &[FRAME[0], FRAME[1], ("cookie", cookie)]).await;
        assert_eq!(status, 200);
        assert!(policies.contains("social.test") && !policies.contains("ads.test"), "{policies}");
        assert_eq!(ask(&gateway, &query, &FRAME).await.0, 403, "without the cookie it is another visitor's");
        let (_, html) = get(&gateway.url("/"), &[PAGE, ("cookie", cookie)]).await;
        assert!(html.contains(&format!("data-state=\"{state}\"")), "{state}");
    }
    let records = records(&gateway);
    let last = records.last().unwrap();
    assert_eq!(last["choices"], json!([["advertising", "grant"], ["social", "grant"]]), "with what stood");
    assert_eq!(last["pseudonym"], records[records.len() - 3]["pseudonym"], "the visitor who granted something");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_script_it_is_a_page_of_its_own() {
    let (_site, gateway) = open().await;
    let frame: String = url::form_urlencoded::byte_serialize(POST.as_bytes()).collect();
    let notice = shown(&gateway).await;
    let form = format!("notice={notice}&answer=once&purpose=social&source=embed&back=%2Fstory%3Fa%3Db&frame={frame}");
    let (head, _) = post(&gateway.url(DECISION), &form, &[PAGE]).await;
    assert_eq!(head.status, 303);
    assert!(set(&head).is_empty());
    let to = head.headers["location"].to_str().unwrap();
    assert!(to.starts_with(&format!("/.well-known/bandeau/embed?{POST}&ticket=")), "{to}");
    assert!(to.ends_with("&back=%2Fstory%3Fa%3Db"), "{to}");
    let query = to.split_once('?').unwrap().1;
    let (status, policies, html) = ask(&gateway, query, &DOCUMENT).await;
    assert_eq!(status, 200, "{html}");
    assert!(html.contains("<a href=\"/story?a=b\">") && html.contains("<h1>A post</h1>"), "{html}");
    assert!(html.contains("<iframe src=\"https://social.test/post?a=1\"") && policies.contains("social.test"));
    // Once the ticket is none, the page says what it waits for.
    let expired = query.replace("ticket=", "ticket=x");
    let (status, _, html) = ask(&gateway, &expired, &DOCUMENT).await;
    assert!(status == 403 && html.contains("value=\"once\"") && html.contains("value=\"/story?a=b\""), "{html}");
    // Without a ticket there is no page of its own, whoever it is.
    let cookie = accept(&gateway).await;
    let headers = [DOCUMENT[0], DOCUMENT[1], ("cookie", cookie.as_str())];
    assert_eq!(ask(&gateway, &format!("{POST}&back=/"), &headers).await.0, 404);
    // The form of a placeholder in a frame opens it there.
    let form = form.replace("%2Fstory%3Fa%3Db", "%2F.well-known%2Fbandeau%2Fembed%3Fx");
    let (head, _) = post(&gateway.url(DECISION), &form, &[PAGE]).await;
    let to = head.headers["location"].to_str().unwrap();
    assert!(!to.contains("back="), "{to}");
    assert_eq!(ask(&gateway, to.split_once('?').unwrap().1, &FRAME).await.0, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_wish_for_an_embed_opens_nothing() {
    let (_site, gateway) = open().await;
    let good = wish(&gateway, POST).await;
    let with = |name: &str, value: Value| {
        let mut wish = good.clone();
        wish[name] = value;
        wish
    };
    let bad = [
        with("frame", json!("")),
        with("frame", json!("src=https%3A%2F%2Fnobody.test%2F")),
        with("frame", json!("src=http%3A%2F%2F127.0.0.1%2Fown")),
        with("frame", json!("src=javascript:alert(1)")),
        with("frame", json!(format!("{POST}\r\nSet-Cookie: a=b"))),
        with("frame", json!(POST.replace("tag=iframe", "tag=script"))),
        with("purposes", json!([])),
        with("purposes", json!(["advertising"])),
    ];
    for wish in &bad {
        let (head, answer) = json(&gateway, wish, &[]).await;
        assert_eq!((head.status.as_u16(), &answer["error"]), (400, &json!("bad-answer")), "{wish}");
    }
    let (head, _) = json(&gateway, &with("notice", json!("00")), &[]).await;
    assert_eq!(head.status, 409);
    let (head, _) = json(&gateway, &good, &[("sec-gpc", "1")]).await;
    assert_eq!(head.status, 400, "the signal is against it, and the visitor was not told");
    assert!(records(&gateway).is_empty());
    // Told, it is a choice despite the signal, this once.
    let signal = [("sec-gpc", "1")];
    let (_, answer) = json(&gateway, &with("told", json!(true)), &signal).await;
    let query = format!("{POST}&ticket={}", answer["ticket"].as_str().unwrap());
    assert_eq!(ask(&gateway, &query, &[FRAME[0], FRAME[1], signal[0]]).await.0, 200);
    assert_eq!(records(&gateway)[0]["source"], "once-gpc:forum");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_book_opens_nothing() {
    let (_site, gateway) = open().await;
    accept(&gateway).await;
    let file = gateway.dir.path().join("bandeau.db");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o444)).unwrap();
    let wish = wish(&gateway, POST).await;
    let (head, answer) = json(&gateway, &wish, &[]).await;
    assert_eq!((head.status.as_u16(), &answer["error"]), (503, &json!("store-down")));
    assert!(answer["message"].as_str().unwrap().len() > 20 && answer.get("ticket").is_none());
    let form = format!("notice={}&answer=once&purpose=social&frame=src%3Dhttps://social.test/", shown(&gateway).await);
    let (head, html) = post(&gateway.url(DECISION), &form, &[PAGE]).await;
    assert!(head.status == 503 && !head.headers.contains_key("location") && html.contains("<h1>"));
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
    crate::book::reopened(&gateway).await;
    assert!(records(&gateway).iter().all(|record| record["source"] != "once:forum"));
}
