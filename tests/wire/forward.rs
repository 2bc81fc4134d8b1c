//! Forwarding: what of a request reaches the site, and what of its answer the visitor.

use crate::raw::{soon, status, talk};
use crate::site::{self, Site};
use crate::support::{CONFIG, Gateway, get, send};
use bytes::Bytes;
use http::{Request, Version};
use http_body_util::{BodyExt as _, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use std::sync::atomic::Ordering;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;

#[tokio::test(flavor = "multi_thread")]
async fn one_connection_carries_many_requests() {
    let site = Site::start(|seen| site::typed("text/plain", seen.path().to_owned())).await;
    let gateway = Gateway::start(&site.url, CONFIG);
    let mut stream = BufReader::new(TcpStream::connect(("127.0.0.1", gateway.port)).await.unwrap());
    for path in (0..10).map(|number| format!("/{number}")) {
        let request = format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut length = 0;
        soon("the head", async {
            loop {
                let mut line = String::new();
                assert_ne!(stream.read_line(&mut line).await.unwrap(), 0, "the gateway hung up");
                if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                    length = value.trim().parse().unwrap();
                }
                if line == "\r\n" {
                    break;
                }
            }
        })
        .await;
        let mut body = vec![0; length];
        soon("the body", stream.read_exact(&mut body)).await.unwrap();
        assert_eq!(body, path.as_bytes());
    }
    // One goes back to the others a moment after its answer has gone on.
    let made = site.connections.load(Ordering::SeqCst);
    assert!(made < 5, "the way to the site is kept open too: {made} connections for ten requests");
}

#[tokio::test(flavor = "multi_thread")]
async fn http2_is_spoken_to_who_begins_with_it() {
    let site = Site::page("<!doctype html><title>t</title><p>hello").await;
    let gateway = Gateway::start(&site.url, CONFIG);
    let client: Client<HttpConnector, Full<Bytes>> =
        Client::builder(TokioExecutor::new()).http2_only(true).build(HttpConnector::new());
    let request = |path: &str| {
        let request = Request::get(gateway.url(path)).header("cookie", "session=1").header("cookie", "_ad=2");
        request.body(Full::default()).unwrap()
    };
    for path in ["/one", "/two"] {
        let response = client.request(request(path)).await.unwrap();
        assert_eq!(response.version(), Version::HTTP_2);
        assert_eq!(response.status(), 200);
        let body = response.into_body().collect().await.unwrap().to_bytes();
        assert!(String::from_utf8_lossy(&body).contains("hello"));
    }
    let seen = site.last();
    assert_eq!(seen.head.version, Version::HTTP_11);
    assert_eq!(seen.header("cookie").unwrap(), "session=1", "split cookies are one header again, without the held");
    assert_eq!(seen.header("host").unwrap(), format!("127.0.0.1:{}", gateway.port));
}

#[tokio::test(flavor = "multi_thread")]
async fn fields_of_one_hop_do_not_pass_either_way() {
    let site = Site::start(|_| {
        let mut response = site::typed("text/plain", "x");
        let headers = response.headers_mut();
        for (name, value) in [
            ("connection", "x-private, keep-alive"),
            ("x-private", "1"),
            ("keep-alive", "timeout=9"),
            ("proxy-authenticate", "Basic"),
            ("alt-svc", "h3=\":443\""),
            ("x-public", "2"),
        ] {
            headers.insert(http::HeaderName::from_static(name), http::HeaderValue::from_static(value));
        }
        response
    })
    .await;
    let gateway = Gateway::start(&site.url, CONFIG);
    let answer = talk(
        gateway.port,
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close, X-Mine, Cookie\r\nX-Mine: 1\r\nKeep-Alive: 1\r\n\
          TE: trailers\r\nProxy-Authorization: Basic eA==\r\nProxy-Connection: x\r\nUpgrade: h2c\r\n\
          Trailer: x\r\nCookie: session=1\r\nX-Yours: 2\r\n\r\n",
    )
    .await;
    assert_eq!(status(&answer), 200);
    let answer = answer.to_ascii_lowercase();
    for name in ["x-private", "keep-alive:", "proxy-authenticate", "alt-svc"] {
        assert!(!answer.contains(name), "{name} passed: {answer}");
    }
    assert!(answer.contains("x-public: 2"));
    let seen = site.last();
    for name in ["x-mine", "keep-alive", "te", "proxy-authorization", "proxy-connection", "upgrade", "trailer"] {
        assert_eq!(seen.header(name), None, "{name} passed");
    }
    assert_eq!(seen.header("x-yours").unwrap(), "2");
    assert_eq!(seen.header("cookie").unwrap(), "session=1", "Connection cannot take the cookies away");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_site_is_told_who_asks_and_visitors_cannot_say_it_themselves() {
    let site = Site::page("x").await;
    let claims = [
        ("x-forwarded-for", "6.6.6.6"),
        ("x-forwarded-proto", "https"),
        ("x-forwarded-host", "evil.test"),
        ("forwarded", "for=6.6.6.6"),
    ];
    let gateway = Gateway::start(&site.url, CONFIG);
    let (head, _) = get(&gateway.url("/a?b=c"), &claims).await;
    assert_eq!(head.status, 200);
    let seen = site.last();
    assert_eq!(seen.header("x-forwarded-for").unwrap(), "127.0.0.1");
    assert_eq!(seen.header("x-forwarded-proto").unwrap(), "http");
    assert_eq!(seen.header("x-forwarded-host").unwrap(), format!("127.0.0.1:{}", gateway.port));
    assert_eq!(seen.header("forwarded"), None);
    assert_eq!(seen.head.uri, "/a?b=c");

    let trusting = Gateway::start(&site.url, &format!("[http]\ntrust = [\"127.0.0.1\"]\n{CONFIG}"));
    get(&trusting.url("/"), &claims).await;
    let seen = site.last();
    assert_eq!(seen.header("x-forwarded-for").unwrap(), "6.6.6.6, 127.0.0.1");
    assert_eq!(seen.header("x-forwarded-proto").unwrap(), "https");
}

#[tokio::test(flavor = "multi_thread")]
async fn held_cookies_pass_in_neither_direction() {
    let site = Site::start(|_| {
        let mut response = site::page("<!doctype html><p>x");
        for line in ["session=new; Path=/", "forum_id=1", "nobody=1", "bandeau=forged", "_ad=1; Max-Age=9"] {
            response.headers_mut().append("set-cookie", http::HeaderValue::from_static(line));
        }
        response
    })
    .await;
    let gateway = Gateway::start(&site.url, CONFIG);
    let cookie = ("cookie", "session=1; forum_id=2; _ad=3; unknown=4; bandeau=x");
    let (head, _) = get(&gateway.url("/"), &[cookie]).await;
    assert_eq!(site.last().header("cookie").unwrap(), "session=1");
    let set: Vec<&str> = head.headers.get_all("set-cookie").iter().map(|line| line.to_str().unwrap()).collect();
    let (kept, gone): (Vec<&str>, Vec<&str>) = set.iter().partition(|line| !line.contains("Max-Age=0"));
    assert_eq!(kept, ["session=new; Path=/"]);
    for name in ["forum_id=;", "_ad=;", "unknown=;"] {
        assert!(gone.iter().any(|line| line.starts_with(name)), "{name} is not taken away: {gone:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_gets_the_notice_and_loses_what_is_held() {
    let site = Site::page(
        "<!doctype html><title>t</title><script src=\"http://ads.test/a.js\"></script><img src=\"/own.png\"><p>text",
    )
    .await;
    let gateway = Gateway::start(&site.url, CONFIG);
    let (head, html) = get(&gateway.url("/"), &[("accept", "text/html")]).await;
    assert!(html.contains("data-notice=\"") && html.contains("/own.png") && html.contains("<p>text"));
    assert!(!html.contains("<script src=\"http://ads.test/a.js\">"), "{html}");
    let policy = head.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("default-src") && !policy.contains("ads.test"), "{policy}");
}

#[tokio::test(flavor = "multi_thread")]
async fn methods_queries_and_bodies_pass_as_they_are() {
    let site = Site::start(|seen| site::typed("application/octet-stream", seen.body.clone())).await;
    let gateway = Gateway::start(&site.url, CONFIG);
    for method in ["PUT", "PATCH", "DELETE", "OPTIONS", "POST"] {
        let request = Request::builder().method(method).uri(gateway.url("/x/%C3%A9//y?a=%20&b"));
        let (head, body) = send(request.body(Full::from("some bytes")).unwrap()).await;
        assert_eq!((head.status.as_u16(), &body[..]), (200, &b"some bytes"[..]), "{method}");
        let seen = site.last();
        assert_eq!(seen.head.method, method);
        assert_eq!(seen.head.uri, "/x/%C3%A9//y?a=%20&b");
    }
    // Who speaks HTTP/1.0 is answered too.
    let answer = talk(gateway.port, b"GET /old HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n").await;
    assert_eq!(status(&answer), 200);
    assert_eq!(site.last().path(), "/old");
}
