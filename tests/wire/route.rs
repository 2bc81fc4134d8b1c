//! Held routes: answered at the door until what they need is granted, however they are spelled.

use crate::raw::{Counted, PAGE, accept, status, talk};
use crate::site::Site;
use crate::support::{CONFIG, get, post};

#[tokio::test(flavor = "multi_thread")]
async fn a_held_route_says_why_and_never_reaches_the_site() {
    let site = Site::page("<!doctype html><title>t</title><p>the comments").await;
    let counted = Counted::start(&site.url, CONFIG);
    let gateway = &counted.gateway;
    let (head, html) = get(&gateway.url("/comments/7"), &[PAGE]).await;
    assert_eq!(head.status, 403);
    assert_eq!(head.headers["content-type"], "text/html; charset=utf-8");
    assert!(head.headers.contains_key("content-security-policy"));
    assert!(html.contains("answer") && html.contains("social"), "it can be allowed there: {html}");
    let (head, text) = post(&gateway.url("/comments"), "text=hello", &[("accept", "application/json")]).await;
    assert_eq!(head.status, 403);
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(json["error"], "closed");
    assert!(json["message"].as_str().unwrap().len() > 10);
    let (head, body) = get(&gateway.url("/comments/7"), &[("sec-fetch-dest", "image")]).await;
    assert_eq!(head.status, 403);
    assert!(body.starts_with('{'));
    assert!(site.seen().is_empty());
    counted.counts("bandeau_held_total", &["route"], 3).await;

    // What is not named stays open.
    assert_eq!(get(&gateway.url("/comments"), &[PAGE]).await.0.status, 200);
    assert_eq!(post(&gateway.url("/commentsx"), "a=b", &[]).await.0.status, 200);
    assert_eq!(site.seen().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn odd_spellings_are_held_too() {
    let site = Site::page("x").await;
    let counted = Counted::start(&site.url, CONFIG);
    for path in [
        "/comments/7",
        "//comments/7",
        "/./comments/7",
        "/x/../comments/7",
        "/%63omments/7",
        "/%2563omments/7",
        "/Comments/7",
        "/COMMENTS/7",
        "/comments//7",
        "/comments;v=1/7",
        "/comments/7?x=y",
        "/comments%2f7",
        "/x/%2e%2e/comments/7",
        "/comments/../comments/7",
        "/\\comments\\7",
        "http://127.0.0.1/comments/7",
    ] {
        for method in ["GET", "HEAD"] {
            let request = format!("{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n");
            let answer = talk(counted.gateway.port, request.as_bytes()).await;
            assert!([400, 403].contains(&status(&answer)), "{method} {path}: {answer}");
        }
    }
    let seen: Vec<String> = site.seen().iter().map(|seen| seen.head.uri.to_string()).collect();
    assert!(seen.is_empty(), "{seen:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn once_granted_it_opens() {
    let site = Site::page("<!doctype html><title>t</title><p>the comments").await;
    let counted = Counted::start(&site.url, CONFIG);
    let gateway = &counted.gateway;
    let cookie = accept(gateway).await;
    let (head, html) = get(&gateway.url("/comments/7"), &[PAGE, ("cookie", &cookie)]).await;
    assert_eq!(head.status, 200);
    assert!(html.contains("the comments"));
    let (head, _) = post(&gateway.url("/comments"), "text=hello", &[("cookie", &cookie)]).await;
    assert_eq!(head.status, 200);
    assert_eq!(site.last().body, b"text=hello");
    let (head, _) = get(&gateway.url("/comments/7"), &[PAGE, ("cookie", "bandeau=nonsense")]).await;
    assert_eq!(head.status, 403);
}
