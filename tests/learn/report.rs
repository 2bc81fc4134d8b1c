//! The wire of learning: who passes in which standing, what is asked of browsers, and which reports are taken.

use crate::support::{CONFIG, Gateway, consent, get, notice, post, send};
use http::Request;
use http_body_util::Full;
use std::io::{Read as _, Write as _};

const CSP: &str = "content-security-policy";
const ONLY: &str = "content-security-policy-report-only";

/// A site that answers everything with a page of these third parties.
fn site() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { continue };
            let mut head = [0; 4096];
            let _ = stream.read(&mut head);
            let page = "<!doctype html><html><head><title>x</title></head><body><img src='http://stranger.test/a/b.gif?id=1'>\
                        <img src='http://ads.test/known.gif'></body></html>";
            let answer = format!(
                "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\nSet-Cookie: odd=1\r\n\
                 Set-Cookie: _pk_id.1.a3f9=x\r\nSet-Cookie: _ad=1\r\nConnection: close\r\n\r\n{page}",
                page.len()
            );
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    format!("http://{address}")
}

fn config(policy: &str) -> String {
    format!("{CONFIG}\n{policy}\n")
}

async fn report(gateway: &Gateway, kind: &str, body: &str, origin: &str) -> u16 {
    let request = Request::post(gateway.url("/.well-known/bandeau/report"));
    let request = request.header("content-type", kind).header("sec-fetch-site", origin);
    send(request.body(Full::from(body.to_owned())).unwrap()).await.0.status.as_u16()
}

/// Whether a page loads something from a host: what is held stands under another name.
fn loads(html: &str, host: &str) -> bool {
    ["'", "\""].iter().any(|quote| html.contains(&format!(" src={quote}http://{host}")))
}

fn violation(page: &str, blocked: &str) -> String {
    format!(r#"{{"csp-report":{{"document-uri":"{page}","blocked-uri":"{blocked}","effective-directive":"img-src"}}}}"#)
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_pass_until_something_is_refused() {
    let gateway = Gateway::start(&site(), &config("[policy]\nunknown = \"learn\""));
    let page = |cookie: String, gpc: bool| {
        let url = gateway.url("/");
        async move {
            let mut headers = vec![("sec-fetch-dest", "document"), ("cookie", cookie.as_str())];
            headers.extend(gpc.then_some(("sec-gpc", "1")));
            get(&url, &headers).await
        }
    };
    let sets = |head: &http::response::Parts| {
        let lines = head.headers.get_all("set-cookie").iter().map(|line| line.to_str().unwrap().to_owned());
        lines.collect::<Vec<_>>().join("\n")
    };
    let (head, html) = page(String::new(), false).await;
    assert!(head.headers.contains_key(ONLY) && !head.headers.contains_key(CSP), "{:?}", head.headers);
    assert!(loads(&html, "stranger.test"), "{html}");
    assert!(!loads(&html, "ads.test"), "what is declared stays held: {html}");
    assert!(sets(&head).contains("odd=") && !sets(&head).contains("_ad="), "{}", sets(&head));
    assert!(html.contains("/.well-known/bandeau/report"), "the script that says names is there");
    // Refused, in part accepted, and the signal of a browser: held, and locked.
    let notice = notice(&html);
    let answer = |body: String| {
        let url = gateway.url("/.well-known/bandeau/decision");
        async move { consent(&post(&url, &body, &[]).await.0).unwrap() }
    };
    let refused = answer(format!("notice={notice}&answer=refuse")).await;
    let partly = answer(format!("notice={notice}&answer=choose&choice.social=grant&choice.advertising=refuse")).await;
    for (cookie, gpc) in [(refused, false), (partly, false), (String::new(), true)] {
        let (head, html) = page(cookie.clone(), gpc).await;
        assert!(head.headers.contains_key(CSP) && !head.headers.contains_key(ONLY), "{cookie} {:?}", head.headers);
        assert!(!loads(&html, "stranger.test"), "{html}");
        assert!(!sets(&head).contains("odd="), "{}", sets(&head));
    }
    let accepted = answer(format!("notice={notice}&answer=accept")).await;
    let (head, html) = page(accepted, false).await;
    assert!(head.headers.contains_key(ONLY) && loads(&html, "stranger.test"), "{:?}", head.headers);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_noted_is_of_the_site_and_carries_nobody() {
    let mut gateway = Gateway::start(&site(), &config("[policy]\nunknown = \"learn\""));
    get(&gateway.url("/news/1234567"), &[("sec-fetch-dest", "document"), ("cookie", "visit_8f14e45fceea=secret")])
        .await;
    let page = "http://127.0.0.1/users/jane@example.org";
    let old = "application/csp-report";
    assert_eq!(report(&gateway, old, &violation(page, "http://reported.test/p.gif?uid=77"), "same-origin").await, 204);
    assert_eq!(report(&gateway, old, &violation(page, "http://ads.test/p.gif"), "same-origin").await, 204);
    assert_eq!(report(&gateway, old, &violation(page, "http://forged.test/p.gif"), "cross-site").await, 403);
    assert_eq!(report(&gateway, old, "{", "same-origin").await, 400);
    assert_eq!(report(&gateway, "text/plain", "{}", "same-origin").await, 400);
    assert_eq!(report(&gateway, old, &" ".repeat(70_000), "same-origin").await, 413);
    let names = r#"{"page":"/a","cookie":{"_pk_ses.1.77aa":"stats.test","bandeau":"?"},"local":{"theme":"?","user-8812345":"?"},
        "session":{},"database":{},"cache":{},"file":{},"worker":{},"window":{}}"#;
    assert_eq!(report(&gateway, "application/json", names, "same-origin").await, 204);
    gateway.process.stop();
    let text = std::fs::read_to_string(gateway.dir.path().join("learned.json")).unwrap();
    for seen in
        ["stranger.test", "reported.test", "_pk_id.*", "_pk_ses.*", "visit_*", "user-*", "theme", "odd", "stats.test"]
    {
        assert!(text.contains(&format!("\"{seen}\"")), "{seen} in {text}");
    }
    for gone in [
        "ads.test",
        "forged.test",
        "bandeau",
        "secret",
        "jane",
        "uid",
        "8f14",
        "1234567",
        "8812345",
        "a3f9",
        "77aa",
        "127.0.0.1",
    ] {
        assert!(!text.contains(gone), "{gone} in {text}");
    }
    assert!(!gateway.log().contains("reported.test"), "{}", gateway.log());
}

#[tokio::test(flavor = "multi_thread")]
async fn who_holds_asks_for_reports_only_where_it_is_told_to() {
    let told = Gateway::start(&site(), &config("[learn]\nreports = true\nfile = \"noted.json\""));
    let (head, html) = get(&told.url("/"), &[("sec-fetch-dest", "document")]).await;
    assert!(
        head.headers[CSP].to_str().unwrap().contains("report-uri /.well-known/bandeau/report"),
        "{:?}",
        head.headers
    );
    assert!(!html.contains("/.well-known/bandeau/report"), "no script of ours looks into what the page keeps");
    let said = violation("http://127.0.0.1/", "http://blocked.test/x.js");
    assert_eq!(report(&told, "application/csp-report", &said, "same-origin").await, 204);
    let mut told = told;
    told.process.stop();
    assert!(std::fs::read_to_string(told.dir.path().join("noted.json")).unwrap().contains("blocked.test"));
    let silent = Gateway::start(&site(), CONFIG);
    let (head, _) = get(&silent.url("/"), &[("sec-fetch-dest", "document")]).await;
    assert!(!head.headers[CSP].to_str().unwrap().contains("report-uri"), "{:?}", head.headers);
    assert_eq!(report(&silent, "application/csp-report", &said, "same-origin").await, 404);
}
