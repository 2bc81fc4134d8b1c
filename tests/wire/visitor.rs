//! Bad input of visitors: refused with the right status, counted, and never at the site.

use crate::raw::{Counted, hear, soon, status, talk};
use crate::site::Site;
use crate::support::{CONFIG, consent, get, notice, post};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

const SHORT: &str = "[limits]\nhead = \"1s\"\nidle = \"1s\"\n";

#[tokio::test(flavor = "multi_thread")]
async fn requests_that_name_no_place_or_two_are_refused() {
    let site = Site::page("x").await;
    let counted = Counted::start(&site.url, CONFIG);
    let port = counted.gateway.port;
    let bad = [
        "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: evil.test\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: 127.0.0.1\r\n\r\n",
        "GET / HTTP/1.1\r\nAccept: */*\r\n\r\n",
        "GET / HTTP/1.1\r\nHost:\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: user@127.0.0.1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: 127.0.0.1, evil.test\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: 127.0.0.1/x\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: 127.0.0.1:x\r\n\r\n",
        "GET http://evil.test/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        "GET http://user@127.0.0.1/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    ];
    for request in bad {
        let request = request.replacen("\r\n", "\r\nConnection: close\r\n", 1);
        assert_eq!(status(&talk(port, request.as_bytes()).await), 400, "{request:?}");
    }
    counted.bad("host", bad.len() as u32).await;
    assert!(site.seen().is_empty());
    // The absolute form with the same host is fine (RFC 9112 §3.2.2).
    let fine = b"GET http://127.0.0.1/x HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n";
    assert_eq!(status(&talk(port, fine).await), 200);
    assert_eq!(site.last().head.uri, "/x");
}

#[tokio::test(flavor = "multi_thread")]
async fn methods_for_proxies_are_not_served() {
    let site = Site::page("x").await;
    let counted = Counted::start(&site.url, CONFIG);
    for request in [
        "CONNECT evil.test:443 HTTP/1.1\r\nHost: evil.test:443\r\nConnection: close\r\n\r\n",
        "TRACE / HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: secret=1\r\nConnection: close\r\n\r\n",
    ] {
        let answer = talk(counted.gateway.port, request.as_bytes()).await;
        assert_eq!(status(&answer), 405, "{answer}");
        assert!(answer.to_ascii_lowercase().contains("allow:") && !answer.contains("secret"), "{answer}");
    }
    counted.bad("method", 2).await;
    let star = b"OPTIONS * HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n";
    assert_eq!(status(&talk(counted.gateway.port, star).await), 400);
    counted.bad("target", 1).await;
    assert!(site.seen().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn heads_that_are_too_large_are_refused() {
    let site = Site::page("x").await;
    let counted = Counted::start(&site.url, &format!("[limits]\nheader_bytes = 8192\n{CONFIG}"));
    let port = counted.gateway.port;
    let with =
        |value: &str| format!("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nX-Large: {value}\r\n\r\n");
    assert_eq!(status(&talk(port, with(&"a".repeat(7_000)).as_bytes()).await), 200);
    let seen = site.seen().len();
    for size in [9_000, 30_000, 300_000] {
        assert_eq!(status(&talk(port, with(&"a".repeat(size)).as_bytes()).await), 431, "{size}");
    }
    counted.bad("header-size", 3).await;
    let long = format!("GET /{} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n", "a".repeat(9_000));
    assert_eq!(status(&talk(port, long.as_bytes()).await), 431);
    let many: String = (0..300).map(|number| format!("X-{number}: 1\r\n")).collect();
    let many = format!("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n{many}\r\n");
    assert_eq!(status(&talk(port, many.as_bytes()).await), 431);
    assert_eq!(site.seen().len(), seen, "none of them reached the site");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_http_is_refused_and_counted() {
    let site = Site::page("x").await;
    let counted = Counted::start(&site.url, CONFIG);
    let bad: [&[u8]; 6] = [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 this is TLS\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET / HTTP/3.7\r\nHost: 127.0.0.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: a\x00b\r\n\r\n",
        b"G\xc3\x89T / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        b"GET /a b HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    ];
    for request in bad {
        let answer = talk(counted.gateway.port, request).await;
        assert!(answer.is_empty() || status(&answer) == 400, "{request:?}: {answer}");
    }
    counted.bad("http", bad.len() as u32).await;
    assert!(site.seen().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn cookies_that_are_none_do_no_harm() {
    let site = Site::page("x").await;
    let counted = Counted::start(&site.url, CONFIG);
    let request = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\
        Cookie: ;;; =x; noname; session=1;  ; \xff\xfe=2; a\xc3\xa9=3; session\x09=4;forum_id = 5; ;\r\n\
        Cookie: session=6\r\n\r\n";
    assert_eq!(status(&talk(counted.gateway.port, request).await), 200);
    let cookies = site.last().header("cookie").unwrap();
    assert!(cookies.contains("session=1") && cookies.contains("session=6"), "{cookies}");
    for gone in ["=x", "noname", "forum", "=2", "=3"] {
        assert!(!cookies.contains(gone), "{gone} passed: {cookies}");
    }
    counted.bad("cookie", 4).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_of_others_are_not_believed() {
    let site = Site::page("<!doctype html><title>t</title><p>x").await;
    let counted = Counted::start(&site.url, CONFIG);
    let gateway = &counted.gateway;
    let (_, html) = get(&gateway.url("/"), &[("accept", "text/html")]).await;
    let form = format!("notice={}&answer=accept", notice(&html));
    let (decided, _) = post(&gateway.url("/.well-known/bandeau/decision"), &form, &[]).await;
    let token = consent(&decided).unwrap();
    let passes = async |cookie: String| {
        get(&gateway.url("/"), &[("cookie", &format!("{cookie}; forum_id=1"))]).await;
        site.last().header("cookie").is_some_and(|cookies| cookies.contains("forum_id"))
    };
    assert!(passes(token.clone()).await);
    let value = token.strip_prefix("bandeau=").unwrap();
    let mut forged: Vec<String> = (1..value.len()).step_by(7).map(|end| value[..end].to_owned()).collect();
    for at in (0..value.len()).step_by(5) {
        let mut bytes = value.as_bytes().to_vec();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        forged.push(String::from_utf8(bytes).unwrap());
    }
    forged.extend([String::new(), "A".repeat(4000), format!("{value}A"), "é".to_owned(), "%41".to_owned()]);
    for value in &forged {
        assert!(!passes(format!("bandeau={value}")).await, "{value}");
    }
    counted.bad("consent-cookie", forged.len() as u32).await;

    // Two tokens: one of ours counts, wherever it stands.
    assert!(passes(format!("bandeau=nonsense; {token}")).await);
    assert!(passes(format!("{token}; bandeau=nonsense")).await);
    // The token of another gateway, with another key.
    let other = Counted::start(&site.url, CONFIG);
    let (decided, _) = post(&other.gateway.url("/.well-known/bandeau/decision"), &form, &[]).await;
    assert!(!passes(consent(&decided).unwrap()).await);
    // Nothing of ours ever reaches the site.
    assert!(site.seen().iter().all(|seen| !seen.header("cookie").unwrap_or_default().contains("bandeau")));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_does_not_finish_a_head_is_hung_up_on() {
    let site = Site::page("x").await;
    let counted = Counted::start(&site.url, &format!("{SHORT}{CONFIG}"));
    let mut stream = TcpStream::connect(("127.0.0.1", counted.gateway.port)).await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nHost: 127.").await.unwrap();
    let answer = hear(&mut stream).await;
    assert!(answer.is_empty() || status(&answer) == 408, "{answer}");
    counted.bad("slow", 1).await;
    assert!(site.seen().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn who_says_nothing_at_all_is_hung_up_on() {
    let site = Site::page("x").await;
    let counted = Counted::start(&site.url, &format!("{SHORT}{CONFIG}"));
    // The second is how HTTP/2 would begin.
    for start in [&b""[..], b"PRI * HT"] {
        let mut stream = TcpStream::connect(("127.0.0.1", counted.gateway.port)).await.unwrap();
        stream.write_all(start).await.unwrap();
        hear(&mut stream).await;
    }
    counted.bad("slow", 2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_does_not_finish_a_body_is_hung_up_on() {
    let site = Site::page("x").await;
    let counted = Counted::start(&site.url, &format!("{SHORT}{CONFIG}"));
    for path in ["/upload", "/.well-known/bandeau/decision"] {
        let mut stream = TcpStream::connect(("127.0.0.1", counted.gateway.port)).await.unwrap();
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\nSec-Fetch-Site: same-origin\r\n\
             Content-Type: application/json\r\n\r\nhalf"
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        let answer = soon("an end", hear(&mut stream)).await;
        assert!(answer.is_empty() || status(&answer) >= 400, "{answer}");
    }
}
