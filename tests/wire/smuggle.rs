//! Request smuggling: whatever the framing, the site never sees a request that the gateway did not judge.

use crate::raw::{Counted, status, talk};
use crate::site::Site;
use crate::support::CONFIG;

const SHORT: &str = "[limits]\nhead = \"1s\"\nidle = \"1s\"\nanswer = \"3s\"\n";

/// What each attack tries to get past the gateway.
const SMUGGLED: &str = "GET /smuggled HTTP/1.1\r\nHost: 127.0.0.1\r\nX: ";

/// What may become of an attack.
#[derive(Debug, PartialEq, Eq)]
enum Fate {
    /// Refused as a whole, nothing reaches the site.
    Refuse,
    /// The one request in it is passed on with this body, framed anew.
    Pass(String),
}

struct Attack {
    name: &'static str,
    head: &'static str,
    body: String,
    fate: Fate,
}

fn refused(name: &'static str, head: &'static str, body: impl Into<String>) -> Attack {
    Attack { name, head, body: body.into(), fate: Fate::Refuse }
}

fn attacks() -> Vec<Attack> {
    let chunked = format!("{:x}\r\n{SMUGGLED}\r\n0\r\n\r\n", SMUGGLED.len());
    let after = format!("0\r\n\r\n{SMUGGLED}");
    let mut attacks = vec![
        refused("two lengths", "Content-Length: 0\r\nContent-Length: 44\r\n", SMUGGLED),
        refused("two lengths in a list", "Content-Length: 0, 44\r\n", SMUGGLED),
        refused("a length with a sign", "Content-Length: +44\r\n", SMUGGLED),
        refused("a negative length", "Content-Length: -1\r\n", SMUGGLED),
        refused("a length in another base", "Content-Length: 0x2c\r\n", SMUGGLED),
        refused("a length beyond all bounds", "Content-Length: 18446744073709551663\r\n", SMUGGLED),
        refused("a folded line", "Transfer-Encoding:\r\n chunked\r\n", chunked.clone()),
        refused("a folded length", "X: y\r\n Content-Length: 44\r\n", SMUGGLED),
        refused("space before the colon", "Transfer-Encoding : chunked\r\n", chunked.clone()),
        refused("space before the colon of a length", "Content-Length : 47\r\n", SMUGGLED),
        refused("space before a name", " Transfer-Encoding: chunked\r\n", chunked.clone()),
        refused("an unknown coding", "Transfer-Encoding: xchunked\r\n", chunked.clone()),
        refused("a coding after chunked", "Transfer-Encoding: chunked, identity\r\n", chunked.clone()),
        refused("identity beside a length", "Transfer-Encoding: identity\r\nContent-Length: 0\r\n", SMUGGLED),
        refused("a control character in a coding", "Transfer-Encoding: \x0bchunked\r\n", chunked.clone()),
        refused("a bare CR", "X: y\rTransfer-Encoding: chunked\r\n", chunked.clone()),
        refused("a NUL in a name", "Transfer\0-Encoding: chunked\r\n", chunked.clone()),
    ];
    for size in ["ffffffffffffffff1", "10000000000000000", "-1", "+5", "0x5", "5 5", "", "g", "5;a\nb", " 5"] {
        let body = format!("{size}\r\nhello\r\n0\r\n\r\n{SMUGGLED}");
        attacks.push(refused("a chunk of no size", "Transfer-Encoding: chunked\r\n", body));
    }
    attacks.push(refused("a chunk that does not end", "Transfer-Encoding: chunked\r\n", "5\r\nhelloXX\r\n0\r\n\r\n"));
    attacks.push(refused("a bare LF in a chunk", "Transfer-Encoding: chunked\r\n", "5\nhello\n0\n\n"));
    // Transfer-Encoding overrides (RFC 9112 §6.3), and the length must not travel on.
    for head in [
        "Content-Length: 44\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 44\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n",
    ] {
        let (name, fate) = ("a length beside chunked", Fate::Pass(SMUGGLED.to_owned()));
        attacks.push(Attack { name, head, body: chunked.clone(), fate });
    }
    attacks.push(Attack {
        name: "the same length twice",
        head: "Content-Length: 5\r\nContent-Length: 5\r\n",
        body: "hello".into(),
        fate: Fate::Pass("hello".into()),
    });
    attacks.push(Attack {
        name: "chunked and something behind it, in one body",
        head: "Content-Length: 49\r\n",
        body: after,
        fate: Fate::Pass(format!("0\r\n\r\n{SMUGGLED}")),
    });
    attacks
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_smuggled_past_the_gateway() {
    let site = Site::page("x").await;
    let counted = Counted::start(&site.url, &format!("{SHORT}{CONFIG}"));
    let all = attacks();
    // All at once: several of them end only when the gateway loses patience.
    let talks = all.iter().enumerate().map(|(at, attack)| {
        let Attack { head, body, .. } = attack;
        // The last line makes the gateway hang up after the answer, whatever follows.
        let text = format!("POST /at/{at} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n{head}\r\n{body}");
        let port = counted.gateway.port;
        tokio::spawn(async move { talk(port, text.as_bytes()).await })
    });
    let talks: Vec<_> = talks.collect();
    let mut refusals = 0;
    for (at, (attack, talk)) in all.iter().zip(talks).enumerate() {
        let answer = talk.await.unwrap();
        let what = format!("{}: {:?}{:?}", attack.name, attack.head, attack.body);
        let seen: Vec<_> = site.seen().into_iter().filter(|seen| seen.path() == format!("/at/{at}")).collect();
        assert!(answer.matches("HTTP/1.1 ").count() <= 1, "{what} was answered twice: {answer}");
        match &attack.fate {
            Fate::Refuse => {
                refusals += 1;
                assert!(answer.is_empty() || status(&answer) >= 400, "{what} was answered {answer}");
                // What breaks off in its body may have begun to arrive, but has never ended well.
                let whole: Vec<_> = seen.iter().filter(|seen| !seen.body.is_empty()).collect();
                assert!(whole.len() <= 1, "{what} came through: {seen:?}");
            }
            Fate::Pass(body) => {
                assert_eq!(status(&answer), 200, "{what}");
                assert_eq!(seen.len(), 1, "{what}");
                assert_eq!(seen[0].body, body.as_bytes(), "{what}");
                let both = seen[0].header("content-length").is_some() && seen[0].header("transfer-encoding").is_some();
                assert!(!both, "{what} was passed on with both framings");
            }
        }
    }
    assert!(refusals > 20);
    let paths: Vec<String> = site.seen().iter().map(|seen| seen.path().to_owned()).collect();
    assert!(paths.iter().all(|path| path.starts_with("/at/")), "something was smuggled: {paths:?}");
    let counted_bad = counted.number("bandeau_bad_input_total", &["visitor", "http"]).await;
    assert!(counted_bad >= 10.0, "only {counted_bad} of {refusals} were counted as bad HTTP");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_follows_a_refused_request_is_not_read() {
    let site = Site::page("x").await;
    let counted = Counted::start(&site.url, &format!("{SHORT}{CONFIG}"));
    let bad = format!("POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: nonsense\r\n\r\n{SMUGGLED}y\r\n\r\n");
    let answer = talk(counted.gateway.port, bad.as_bytes()).await;
    assert_eq!(status(&answer), 400);
    assert!(site.seen().is_empty(), "{:?}", site.seen());
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_nobody_reads_are_not_taken_for_requests() {
    let site = Site::page("x").await;
    let counted = Counted::start(&site.url, &format!("{SHORT}{CONFIG}"));
    let port = counted.gateway.port;
    // A held route and a refused answer: the gateway answers without reading the body.
    for path in ["/comments", "/.well-known/bandeau/decision"] {
        let inner = format!("{SMUGGLED}y\r\n\r\n");
        let text = format!(
            "POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {}\r\n\r\n{inner}\
             GET /last HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n",
            inner.len()
        );
        let answer = talk(port, text.as_bytes()).await;
        assert_eq!(status(&answer), 403, "{answer}");
    }
    assert!(site.seen().iter().all(|seen| seen.path() == "/last"), "{:?}", site.seen());
}

#[tokio::test(flavor = "multi_thread")]
async fn bare_line_feeds_make_no_second_request() {
    let site = Site::page("x").await;
    let counted = Counted::start(&site.url, &format!("{SHORT}{CONFIG}"));
    let text = format!("GET /at/1 HTTP/1.1\nHost: 127.0.0.1\nConnection: close\nX: y\n\n{SMUGGLED}y\r\n\r\n");
    let answer = talk(counted.gateway.port, text.as_bytes()).await;
    assert!(answer.matches("HTTP/1.1 ").count() <= 1, "{answer}");
    assert!(site.seen().iter().all(|seen| seen.path() == "/at/1"), "{:?}", site.seen());
}
