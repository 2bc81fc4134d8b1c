//! What comes before and after an answer: interim answers (RFC 9110 §15.2), expectations, trailers, chunk extensions.
//! None of it is judged, so none of it passes: only the answer does.

use crate::raw::{hear, soon, status, talk};
use crate::site::{Site, rude};
use crate::support::{CONFIG, Gateway, get};
use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt as _, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

const ASK: &[u8] = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nTE: trailers\r\nConnection: close, TE\r\n\r\n";
const HINTS: &str = "HTTP/1.1 103 Early Hints\r\nLink: <http://ads.test/a.js>; rel=preload; as=script\r\n\
    Set-Cookie: forum_id=1\r\n\r\n";

#[tokio::test(flavor = "multi_thread")]
async fn hints_and_other_interim_answers_do_not_pass_and_the_answer_does() {
    for before in [
        HINTS.to_owned(),
        format!("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n{HINTS}{HINTS}"),
        HINTS.repeat(500),
    ] {
        for kind in ["text/html", "image/png"] {
            let says = format!("{before}HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: 9\r\n\r\n<p>answer");
            let (url, _) = rude(says).await;
            let gateway = Gateway::start(&url, CONFIG);
            let answer = talk(gateway.port, ASK).await;
            assert_eq!(status(&answer), 200, "{answer}");
            assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "{answer}");
            assert!(!answer.contains("ads.test") && !answer.contains("forum_id"), "{answer}");
            assert!(answer.contains("<p>answer"), "{kind}: {answer}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_before_sending_a_body_is_told_to_go_on() {
    let site = Site::page("<!doctype html><p>thanks").await;
    let gateway = Gateway::start(&site.url, CONFIG);
    let mut stream = TcpStream::connect(("127.0.0.1", gateway.port)).await.unwrap();
    let head = "POST /upload HTTP/1.1\r\nHost: 127.0.0.1\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\
        Connection: close\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut heard = [0; 25];
    soon("the word to go on", stream.read_exact(&mut heard)).await.unwrap();
    assert_eq!(&heard, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(b"hello").await.unwrap();
    let answer = hear(&mut stream).await;
    assert_eq!(status(&answer), 200, "{answer}");
    assert!(answer.contains("thanks"));
    assert_eq!(site.last().body, b"hello");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_that_wants_no_body_says_so_before_it_came() {
    let (url, _) =
        rude("HTTP/1.1 413 Content Too Large\r\nContent-Length: 8\r\nConnection: close\r\n\r\ntoo much").await;
    let gateway = Gateway::start(&url, CONFIG);
    let mut stream = TcpStream::connect(("127.0.0.1", gateway.port)).await.unwrap();
    let head = "POST /upload HTTP/1.1\r\nHost: 127.0.0.1\r\nExpect: 100-continue\r\nContent-Length: 500000\r\n\
        Connection: close\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    let answer = hear(&mut stream).await;
    let last = answer.rsplit("HTTP/1.1 ").next().unwrap();
    assert!(last.starts_with("413 "), "{answer}");
    assert!(answer.contains("too much"));
}

#[tokio::test(flavor = "multi_thread")]
async fn trailers_pass_in_neither_direction() {
    let says = |kind: &str| {
        format!(
            "HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nTransfer-Encoding: chunked\r\nTrailer: Set-Cookie, Link, X-Late\r\n\r\n\
             9;ext=1;other=\"quoted\"\r\n<p>answer\r\n0\r\nSet-Cookie: forum_id=1\r\n\
             Link: <http://ads.test/a.js>; rel=preload\r\nX-Late: yes\r\n\r\n"
        )
    };
    for kind in ["text/html", "image/png", "text/event-stream"] {
        let (url, _) = rude(says(kind)).await;
        let gateway = Gateway::start(&url, CONFIG);
        let answer = talk(gateway.port, ASK).await;
        assert_eq!(status(&answer), 200, "{answer}");
        assert!(answer.contains("<p>answer"), "{kind}: {answer}");
        for gone in ["forum_id", "ads.test", "X-Late", "x-late", "ext=1"] {
            assert!(!answer.contains(gone), "{kind}: {gone} passed: {answer}");
        }
        // HTTP/2 has room for trailers whatever was announced.
        let client: Client<HttpConnector, Full<Bytes>> =
            Client::builder(TokioExecutor::new()).http2_only(true).build(HttpConnector::new());
        let request = Request::get(gateway.url("/")).header("te", "trailers").body(Full::default()).unwrap();
        let answer = soon("the answer", client.request(request)).await.unwrap();
        let whole = soon("the body", answer.into_body().collect()).await.unwrap();
        assert!(whole.trailers().is_none(), "{kind}: {:?}", whole.trailers());
        assert!(String::from_utf8_lossy(&whole.to_bytes()).contains("<p>answer"), "{kind}");
    }
    let site = Site::page("x").await;
    let gateway = Gateway::start(&site.url, CONFIG);
    let upload = "POST /upload HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\nTrailer: Cookie\r\n\
        Connection: close\r\n\r\n5;name=\"a;b\"\r\nhello\r\n0;last\r\nCookie: _ad=1\r\n\r\n";
    assert_eq!(status(&talk(gateway.port, upload.as_bytes()).await), 200);
    assert_eq!(site.last().body, b"hello");
    assert_eq!(site.last().header("cookie"), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_that_end_with_the_connection_are_whole() {
    for (version, kind) in [("1.0", "text/html"), ("1.0", "image/png"), ("1.1", "text/html")] {
        let says = format!(
            "HTTP/{version} 200 OK\r\nContent-Type: {kind}\r\n\r\n<p>begin{}<p>the end",
            "<img src=http://ads.test/p.gif>".repeat(if kind == "text/html" { 2000 } else { 0 })
        );
        let (url, _) = rude(says).await;
        let gateway = Gateway::start(&url, CONFIG);
        let (head, body) = get(&gateway.url("/"), &[]).await;
        assert_eq!(head.status, 200);
        assert!(body.contains("begin") && body.contains("the end"), "HTTP/{version} {kind}");
        assert!(!body.contains(" src=http://ads.test"), "HTTP/{version} {kind}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_without_a_body_do_not_wait_for_one() {
    for (line, more) in [
        ("304 Not Modified", "Content-Length: 5000\r\nContent-Type: text/html\r\nETag: \"v\"\r\n"),
        ("304 Not Modified", "ETag: \"v\"\r\n"),
        ("304 Not Modified", "Content-Type: text/html\r\nTransfer-Encoding: chunked\r\n"),
        ("304 Not Modified", "Content-Length: 5000\r\nContent-Type: image/png\r\n"),
        ("204 No Content", "Content-Type: text/html\r\n"),
        ("205 Reset Content", "Content-Type: text/html\r\nContent-Length: 0\r\n"),
    ] {
        let (url, _) = rude(format!("HTTP/1.1 {line}\r\n{more}\r\n")).await;
        let gateway = Gateway::start(&url, CONFIG);
        let answer = talk(gateway.port, ASK).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {line}")), "{line} {more}: {answer}");
        assert!(answer.trim_end().lines().all(|line| line.starts_with("HTTP") || line.contains(": ")), "{answer}");
        if more.contains("html") {
            assert!(answer.to_ascii_lowercase().contains("content-security-policy: "), "{line} {more}: {answer}");
        }
    }
}
