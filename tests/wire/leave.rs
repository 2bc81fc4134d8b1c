//! Leaving, workers and the first script, on the wire: what a page's head says it may reach, the page between a link
//! and a host that is held, whose service workers are served, and how what is ours gets into a page.

use crate::site::{self, Site};
use crate::support::{CONFIG, Gateway, get};

const LIST: &str = "connection-allowlist";

#[tokio::test(flavor = "multi_thread")]
async fn links_of_a_page_are_known_the_second_time() {
    let site =
        Site::start(|_| site::page("<!doctype html><a href=https://shop.test/>a</a><a href=//ads.test>b</a>")).await;
    let gateway = Gateway::start(&site.url, CONFIG);
    let document = [("sec-fetch-dest", "document")];
    let (head, html) = get(&format!("{}/", gateway.url("")), &document).await;
    assert!(!head.headers[LIST].to_str().unwrap().contains("shop.test"));
    assert!(html.contains("leave?to=http%3A%2F%2Fads.test%2F") && html.contains("data-bandeau-first"), "{html}");
    let (head, html) = get(&format!("{}/?again", gateway.url("")), &document).await;
    let list = head.headers[LIST].to_str().unwrap();
    assert!(list.contains("\"*://shop.test:*/*\"") && !list.contains("ads.test"), "{list}");
    assert!(html.contains("data-hosts=\"127.0.0.1 shop.test\""), "{html}");
}

#[tokio::test(flavor = "multi_thread")]
async fn leaving_is_no_open_redirect() {
    let site = Site::start(|_| site::page("x")).await;
    let gateway = Gateway::start(&site.url, CONFIG);
    let address = format!("{}/.well-known/bandeau/leave?to=https%3A%2F%2Fshop.test%2Fa%3Fb%3D%22%3E", gateway.url(""));
    let by_hand = [("sec-fetch-site", "same-origin"), ("sec-fetch-user", "?1"), ("sec-fetch-dest", "document")];
    let (head, html) = get(&address, &by_hand).await;
    assert_eq!(head.headers["refresh"], "0;url=https://shop.test/a?b=%22%3E");
    assert_eq!(head.headers[LIST], r#"(response-origin "*://shop.test:*/*");redirects=allow"#);
    assert_eq!(head.headers["referrer-policy"], "strict-origin");
    assert!(html.contains("href=\"https://shop.test/a?b=%22%3E\"") && !html.contains("<script"));
    for missing in 0..3 {
        let mut headers = by_hand.to_vec();
        headers.remove(missing);
        let (head, html) = get(&address, &headers).await;
        assert!(!head.headers.contains_key("refresh"), "without {:?}", by_hand[missing]);
        assert!(missing == 2 || html.contains("shop.test"), "who did not click sees where it leads");
    }
    for wrong in ["", "?to=", "?to=javascript:alert(1)", "?to=/path", "?to=//shop.test"] {
        let (head, _) = get(&format!("{}/.well-known/bandeau/leave{wrong}", gateway.url("")), &by_hand).await;
        assert_eq!(head.status, 404, "{wrong}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_workers_script_begins_with_ours_and_service_workers_must_be_declared() {
    let site = Site::start(|_| {
        let mut response = site::page("'use strict';work()");
        response.headers_mut().insert("content-type", http::HeaderValue::from_static("text/javascript"));
        response
    })
    .await;
    let config = CONFIG.replace("cookies = [\"session\"]", "cookies = [\"session\"]\nstorage = [\"sw:/own.js\"]");
    let gateway = Gateway::start(&site.url, &config);
    let (head, text) = get(&format!("{}/w.js", gateway.url("")), &[("sec-fetch-dest", "worker")]).await;
    assert!(text.starts_with("\"use strict\";!function ") && text.ends_with("'use strict';work()"), "{text}");
    assert!(head.headers.contains_key(LIST) && head.headers.contains_key("content-security-policy"));
    let (_, text) = get(&format!("{}/w.js", gateway.url("")), &[("sec-fetch-dest", "script")]).await;
    assert_eq!(text, "'use strict';work()");
    for (path, status) in [("/sw.js", 403), ("/own.js", 200)] {
        let (head, _) = get(&format!("{}{path}", gateway.url("")), &[("service-worker", "script")]).await;
        assert_eq!(head.status, status, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_means_can_be_switched() {
    let site = Site::start(|_| site::page("<!doctype html><script>fetch('https://ads.test/')</script>")).await;
    let means = "[policy]\nconnections = \"report\"\nscript = \"off\"\ninline = \"pass\"\n";
    let gateway = Gateway::start(&site.url, &format!("{CONFIG}\n{means}"));
    let (head, html) = get(&format!("{}/", gateway.url("")), &[("sec-fetch-dest", "document")]).await;
    assert!(head.headers.contains_key("connection-allowlist-report-only") && !head.headers.contains_key(LIST));
    assert!(!html.contains("data-bandeau-first") && html.contains("fetch('https://ads.test/')"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_ours_fits_the_policy_the_page_sets_itself() {
    let meta = "<meta http-equiv=Content-Security-Policy content=\"script-src 'nonce-a&#98;c'; style-src 'self'\">";
    let site = Site::start(move |_| site::page(format!("<!doctype html><head>{meta}</head><body>x"))).await;
    let gateway = Gateway::start(&site.url, CONFIG);
    let (_, html) = get(&gateway.url("/"), &[("sec-fetch-dest", "document")]).await;
    let (before, after) = html.split_once(meta).unwrap();
    assert!(before.contains("<script data-bandeau-first"), "what stands before it is free: {before}");
    assert!(
        after.contains("<link rel=\"stylesheet\"") && !after.contains("<style") && !after.contains("<script"),
        "{after}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn files_of_speculation_rules_are_read_as_rules_in_the_page_are() {
    const HELD: &str = r#"{"prefetch":[{"urls":["https://ads.test/n"]}]}"#;
    const OWN: &str = r#"{"prefetch":[{"urls":["/next"]}]}"#;
    let site = Site::start(|seen| match seen.path() {
        "/held.json" => site::typed("application/speculationrules+json", HELD),
        "/own.json" => site::typed("application/speculationrules+json", OWN),
        "/long.json" => site::typed("application/speculationrules+json", " ".repeat(2 << 20)),
        path => {
            let mut response = site::page("x");
            response.headers_mut().insert("speculation-rules", format!("\"{}\"", &path[1..]).parse().unwrap());
            response
        }
    })
    .await;
    let gateway = Gateway::start(&site.url, CONFIG);
    for (path, text) in [("/held.json", "{}"), ("/own.json", OWN), ("/long.json", "{}")] {
        assert_eq!(get(&gateway.url(path), &[("sec-fetch-dest", "speculationrules")]).await.1, text, "{path}");
    }
}
