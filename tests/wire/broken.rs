//! Bad sites: refused, slow, cut short, not HTTP, unreadable. The visitor learns it in words, the operator
//! in numbers, and of what cannot be judged nothing passes.

use crate::raw::{Counted, soon};
use crate::site::{self, Site, fed, rude};
use crate::support::{CONFIG, client, get, port};
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt as _, Full};
use std::sync::atomic::Ordering;

const PAGE: (&str, &str) = ("accept", "text/html");
const PROGRAM: (&str, &str) = ("accept", "application/json");
const SECRET: &str = "the body of the site";

/// Both kinds of visitors get this status: people a page, programs this word.
async fn says(counted: &Counted, path: &str, status: u16, word: &str) {
    let (head, html) = get(&counted.gateway.url(path), &[PAGE]).await;
    assert_eq!(head.status, status, "{path}: {html}");
    assert_eq!(head.headers["content-type"], "text/html; charset=utf-8");
    assert!(head.headers["content-security-policy"].to_str().unwrap().contains("default-src"));
    assert!(html.contains("<h1>") && html.contains(word), "{html}");
    assert!(!html.contains(SECRET), "{path}");
    let (head, text) = get(&counted.gateway.url(path), &[PROGRAM]).await;
    assert_eq!(head.status, status, "{path}");
    assert_eq!(head.headers["content-type"], "application/json");
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(json["error"], word);
    assert!(json["message"].as_str().unwrap().len() > 10, "{json}");
    assert!(!text.contains(SECRET));
}

/// What arrives of an answer, and whether it ended as it should.
async fn drain(counted: &Counted, path: &str) -> (u16, String, bool) {
    let request = Request::get(counted.gateway.url(path)).header("accept", "text/html");
    let request = request.body(Full::<Bytes>::default()).unwrap();
    let mut response = soon("the head", client().request(request)).await.unwrap();
    let mut heard = Vec::new();
    while let Some(frame) = soon("the body", response.body_mut().frame()).await {
        match frame {
            Ok(frame) => heard.extend(frame.into_data().unwrap()),
            Err(_) => return (response.status().as_u16(), String::from_utf8_lossy(&heard).into_owned(), false),
        }
    }
    (response.status().as_u16(), String::from_utf8_lossy(&heard).into_owned(), true)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_that_is_down() {
    let counted = Counted::start(&format!("http://127.0.0.1:{}", port()), CONFIG);
    says(&counted, "/", 502, "upstream-down").await;
    counted.counts("bandeau_upstream_errors_total", &["down"], 2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_that_is_slow() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let counted = Counted::start(&url, &format!("[limits]\nanswer = \"1s\"\n{CONFIG}"));
    says(&counted, "/", 504, "upstream-slow").await;
    counted.counts("bandeau_upstream_errors_total", &["slow"], 2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_that_hangs_up_or_talks_nonsense() {
    for nonsense in ["", "HTTP/1.1 200", "SSH-2.0-nothing\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\nhello"]
    {
        let (url, asked) = rude(nonsense).await;
        let counted = Counted::start(&url, CONFIG);
        says(&counted, "/", 502, "upstream-down").await;
        counted.counts("bandeau_upstream_errors_total", &["broken"], 2).await;
        assert_eq!(asked.load(Ordering::SeqCst), 4, "each request is tried once more: {nonsense:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_must_not_be_repeated_is_not_tried_again() {
    let (url, asked) = rude("").await;
    let counted = Counted::start(&url, CONFIG);
    let (head, _) = crate::support::post(&counted.gateway.url("/order"), "a=b", &[]).await;
    assert_eq!(head.status, 502);
    assert_eq!(asked.load(Ordering::SeqCst), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_breaks_off_after_a_pause() {
    let (send, body) = fed();
    let body = site::once(body);
    let site =
        Site::start(move |_| Response::builder().header("content-type", "text/html").body(body()).unwrap()).await;
    let counted = Counted::start(&site.url, CONFIG);
    let url = counted.gateway.url("/");
    send.send(Ok(format!("<!doctype html><p>begin{}</p>", " filler".repeat(400)).into())).await.unwrap();
    let request = Request::get(url).header("accept", "text/html").body(Full::<Bytes>::default()).unwrap();
    let mut response = soon("the head", client().request(request)).await.unwrap();
    let mut heard = String::new();
    while !heard.contains("begin") {
        let frame = soon("the beginning", response.body_mut().frame()).await.unwrap().unwrap();
        heard.push_str(&String::from_utf8_lossy(&frame.into_data().unwrap()));
    }
    send.send(Err(std::io::Error::other("the site breaks off"))).await.unwrap();
    let end = soon("the end", async {
        loop {
            match response.body_mut().frame().await {
                Some(Ok(_)) => {}
                other => return other.map(|frame| frame.is_err()),
            }
        }
    });
    assert_eq!(end.await, Some(true), "the page must not seem whole");
    counted.counts("bandeau_upstream_errors_total", &["cut"], 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_breaks_off_at_once() {
    let html = format!("<!doctype html><title>t</title><p>begin</p>{}<p>last words", "<p>filler</p>".repeat(300));
    let says = format!("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 99999\r\n\r\n{html}");
    let (url, _) = rude(says).await;
    let counted = Counted::start(&url, CONFIG);
    let (status, heard, whole) = drain(&counted, "/").await;
    assert_eq!(status, 200);
    assert!(!whole, "the page must not seem whole");
    assert!(heard.contains("begin") && heard.contains("<p>filler</p>"), "what came before is there: {heard:?}");
    counted.counts("bandeau_upstream_errors_total", &["cut"], 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_breaks_off_before_it_began() {
    let (url, _) = rude("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 99999\r\n\r\n<p>").await;
    let counted = Counted::start(&url, CONFIG);
    says(&counted, "/", 502, "upstream-down").await;
    counted.counts("bandeau_upstream_errors_total", &["cut"], 2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_that_cannot_be_read_are_kept_back() {
    let site = Site::start(|seen| {
        let (name, value) = match seen.path() {
            "/charset" => ("content-type", "text/html; charset=hz-gb-2312"),
            "/coding" => ("content-encoding", "compress"),
            "/codings" => ("content-encoding", "gzip, aes128gcm"),
            _ => ("content-encoding", "gzip"),
        };
        let mut response = site::page(format!("<!doctype html><p>{}</p>", SECRET.repeat(100)));
        response.headers_mut().insert(name, http::HeaderValue::from_static(value));
        response
    })
    .await;
    let counted = Counted::start(&site.url, CONFIG);
    for path in ["/charset", "/coding", "/codings", "/gzip-that-is-none"] {
        says(&counted, path, 502, "withheld").await;
    }
    counted.counts("bandeau_withheld_total", &["charset"], 2).await;
    counted.counts("bandeau_withheld_total", &["coding"], 6).await;
}

const AMBIGUOUS: &str = "<select><xmp></select><script src=//ads.test/a.js></script></xmp>ultima";

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_begins_ambiguously_is_kept_back() {
    let site = Site::start(|_| site::page(format!("<!doctype html>{AMBIGUOUS}{SECRET}"))).await;
    let counted = Counted::start(&site.url, CONFIG);
    says(&counted, "/", 502, "withheld").await;
    counted.counts("bandeau_withheld_total", &["ambiguous"], 2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_that_become_unreadable_are_cut() {
    let site = Site::start(|seen| {
        let filler = "<p>before</p>".repeat(200_000);
        let bad = match seen.path() {
            "/ambiguous" => AMBIGUOUS.to_owned(),
            _ => format!("<p title=\"{}\">ultima</p>", "a".repeat(34 << 20)),
        };
        site::page(format!("<!doctype html><title>t</title>{filler}{bad}<p>ultima"))
    })
    .await;
    let counted = Counted::start(&site.url, CONFIG);
    for (path, reason) in [("/ambiguous", "ambiguous"), ("/attribute", "memory")] {
        let (status, heard, whole) = drain(&counted, path).await;
        assert_eq!(status, 200, "{path}");
        assert!(!whole, "{path} must not seem whole");
        assert!(heard.contains("before"), "{path}: what came before is there");
        assert!(!heard.contains("ultima") && !heard.contains("a.js"), "{path}");
        counted.counts("bandeau_withheld_total", &[reason], 1).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_attribute_of_a_real_page_passes() {
    let site = Site::start(|_| site::page(format!("<!doctype html><p title=\"{}\">ultima", "a".repeat(2 << 20)))).await;
    let counted = Counted::start(&site.url, CONFIG);
    let (status, heard, whole) = drain(&counted, "/").await;
    assert_eq!((status, whole), (200, true));
    assert!(heard.len() > 2 << 20 && heard.contains("ultima"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_protocol_nobody_asked_for() {
    let (url, _) =
        rude("HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\nraw bytes").await;
    let counted = Counted::start(&url, CONFIG);
    says(&counted, "/", 502, "upstream-down").await;
    counted.counts("bandeau_upstream_errors_total", &["upgrade"], 2).await;
}
