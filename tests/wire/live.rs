//! What a served page asks for: a fresh notice, a placeholder, a document for one embed. To whom, for which
//! addresses, and under which lock.

use crate::raw::{Counted, accept, shown};
use crate::site::Site;
use crate::support::{CONFIG, Gateway, consent, get, post};

const FRAME: [(&str, &str); 2] = [("sec-fetch-dest", "iframe"), ("sec-fetch-site", "same-origin")];
const SCRIPT: [(&str, &str); 2] = [("sec-fetch-dest", "empty"), ("sec-fetch-site", "same-origin")];

/// An address of a service that needs social networks.
const SOCIAL: &str = "https%3A%2F%2Fsocial.test%2Fpost%3Fa%3D1%26b%3D%22%3E%3Cscript%3E";

async fn open() -> (Site, Gateway) {
    let site = Site::page("<!doctype html><title>t</title><p>x").await;
    let gateway = Gateway::start(&site.url, CONFIG);
    (site, gateway)
}

/// Asks one of these endpoints with a cookie.
async fn ask(gateway: &Gateway, what: &str, cookie: &str, headers: &[(&str, &str)]) -> (http::response::Parts, String) {
    let headers = [headers, &[("cookie", cookie)]].concat();
    get(&gateway.url(&format!("/.well-known/bandeau/{what}")), &headers).await
}

fn policies(head: &http::response::Parts) -> String {
    let all = head.headers.get_all("content-security-policy").iter().map(|value| value.to_str().unwrap());
    all.collect::<Vec<_>>().join(" | ")
}

#[tokio::test(flavor = "multi_thread")]
async fn an_embed_has_a_document_once_it_is_granted() {
    let (site, gateway) = open().await;
    let cookie = accept(&gateway).await;
    let before = site.seen().len();
    let query =
        format!("embed?src={SOCIAL}&tag=iframe&allow=fullscreen&title=%3Cb%3E%22&onload=alert(1)&srcdoc=x&class=y");
    let (head, html) = ask(&gateway, &query, &cookie, &FRAME).await;
    assert_eq!(head.status, 200);
    assert!(
        html.contains(
            "<iframe src=\"https://social.test/post?a=1&amp;b=%22%3E%3Cscript%3E\" allow=\"fullscreen\" \
             title=\"&lt;b&gt;&quot;\"></iframe>"
        ),
        "{html}"
    );
    for word in ["<script", "onload", "srcdoc", "bandeau-notice"] {
        assert!(!html.contains(word), "{word}: {html}");
    }
    let policies = policies(&head);
    for word in ["social.test:*", "ads.test:*", "frame-ancestors 'self'", "base-uri 'none'"] {
        assert!(policies.contains(word), "{word}: {policies}");
    }
    assert_eq!(head.headers["cache-control"], "no-store");
    assert_eq!(head.headers["referrer-policy"], "no-referrer", "the page said nothing of itself, so nor do we");
    let says = [FRAME[0], FRAME[1], ("referer", "http://127.0.0.1/story")];
    let (head, _) = ask(&gateway, &query, &cookie, &says).await;
    assert_eq!(head.headers["referrer-policy"], "strict-origin-when-cross-origin");
    assert_eq!(site.seen().len(), before, "the site is not asked");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_lock_of_an_embed_lists_what_its_visitor_granted() {
    let (_site, gateway) = open().await;
    let notice = shown(&gateway).await;
    let form = format!("notice={notice}&answer=allow&purpose=social&source=embed");
    let (head, _) = post(&gateway.url("/.well-known/bandeau/decision"), &form, &[("accept", "text/html")]).await;
    let cookie = consent(&head).unwrap();
    let (head, _) = ask(&gateway, &format!("embed?src={SOCIAL}"), &cookie, &FRAME).await;
    assert_eq!(head.status, 200);
    assert!(policies(&head).contains("social.test:*") && !policies(&head).contains("ads.test"));
    // What is still held shows the placeholder again, which comes back here once it is allowed.
    for cookie in [cookie.as_str(), ""] {
        let (head, html) = ask(&gateway, "embed?src=https%3A%2F%2Fads.test%2Fx", cookie, &FRAME).await;
        assert_eq!(head.status, 403);
        assert!(!html.contains("<iframe") && html.contains("value=\"advertising\""), "{html}");
        assert!(
            html.contains("name=\"back\" value=\"/.well-known/bandeau/embed?src=https%3A%2F%2Fads.test%2Fx\""),
            "{html}"
        );
        assert!(!policies(&head).contains("ads.test") && policies(&head).contains("frame-ancestors 'self'"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_else_is_shown_in_the_name_of_the_site() {
    let (_site, gateway) = open().await;
    let cookie = accept(&gateway).await;
    for src in [
        "https://nobody.test/",
        "https://social.test.evil.test/",
        "http://127.0.0.1/own",
        "javascript:alert(1)",
        "data:text/html,x",
        "//social.test/",
        "/post",
        "ftp://social.test/",
        "https://user@nobody.test/",
        "https://social.test/.well-known/bandeau/embed?src=x",
        "",
    ] {
        let coded: String = url::form_urlencoded::byte_serialize(src.as_bytes()).collect();
        let (head, html) = ask(&gateway, &format!("embed?src={coded}"), &cookie, &FRAME).await;
        assert_eq!(head.status, 404, "{src}");
        assert!(
            !html.contains("<iframe") && !html.contains("evil.test") && !head.headers.contains_key("location"),
            "{src}"
        );
        let (head, html) = ask(&gateway, &format!("placeholder?src={coded}"), &cookie, &SCRIPT).await;
        assert_eq!((head.status.as_u16(), html.as_str()), (204, ""), "{src}");
    }
    // Elements that run or style are no embeds.
    for tag in ["script", "link", "iframe%20onload%3Dx", "base"] {
        let (head, _) = ask(&gateway, &format!("embed?src={SOCIAL}&tag={tag}"), &cookie, &FRAME).await;
        assert_eq!(head.status, 404, "{tag}");
    }
    // A page of its own it never is.
    for dest in ["document", "empty", "object", "script"] {
        let headers = [("sec-fetch-dest", dest), ("sec-fetch-site", "same-origin")];
        let (head, _) = ask(&gateway, &format!("embed?src={SOCIAL}"), &cookie, &headers).await;
        assert_eq!(head.status, 404, "{dest}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn other_sites_are_told_nothing() {
    let site = Site::page("<!doctype html><title>t</title><p>x").await;
    let counted = Counted::start(&site.url, CONFIG);
    let gateway = &counted.gateway;
    let cookie = accept(gateway).await;
    for name in ["notice?back=/", &format!("placeholder?src={SOCIAL}"), &format!("embed?src={SOCIAL}")] {
        for from in ["cross-site", "same-site", "none"] {
            let headers = [("sec-fetch-dest", "iframe"), ("sec-fetch-site", from)];
            let (head, said) = ask(gateway, name, &cookie, &headers).await;
            assert_eq!(head.status, 404, "{name} {from}");
            assert!(!said.contains("social.test") && !said.contains("data-notice"), "{name} {from}: {said}");
        }
        let (head, _) = ask(gateway, name, &cookie, &FRAME).await;
        assert_eq!(head.headers["cross-origin-resource-policy"], "same-origin", "{name}");
        let (head, _) = post(&gateway.url(&format!("/.well-known/bandeau/{name}")), "", &[]).await;
        assert_eq!((head.status.as_u16(), head.headers["allow"].to_str().unwrap()), (405, "GET, HEAD"));
    }
    counted.bad("cross-site", 9).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_placeholder_says_what_is_held_and_remembers_the_element() {
    let (_site, gateway) = open().await;
    let query = format!("placeholder?src={SOCIAL}&tag=video&width=560&height=315&lang=fr&poster=p.png&evil=x&data-a=b");
    let (head, html) = ask(&gateway, &query, "", &SCRIPT).await;
    assert_eq!(head.status, 200);
    assert!(
        html.starts_with("<bandeau-embed ") && html.contains("lang=\"fr\"") && html.contains("width=\"560\""),
        "{html}"
    );
    assert!(
        html.contains(
            "data-frame=\"src=https%3A%2F%2Fsocial.test%2Fpost%3Fa%3D1%26b%3D%2522%253E%253Cscript%253E&amp;tag=video\
             &amp;poster=p.png&amp;width=560&amp;height=315&amp;title="
        ),
        "{html}"
    );
    assert!(html.contains("value=\"social\"") && !html.contains("evil") && !html.contains("<script"));
    // Once granted there is nothing to ask, and the script opens it at once.
    let cookie = accept(&gateway).await;
    let (_, html) = ask(&gateway, &query, &cookie, &SCRIPT).await;
    assert!(html.contains(" data-open ") && !html.contains("<form"), "{html}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_notice_can_be_asked_for_anew() {
    let (_site, gateway) = open().await;
    let (_, html) = ask(&gateway, "notice?back=%2Fstory%3Fa%3Db&lang=fr", "", &SCRIPT).await;
    assert!(html.starts_with("<bandeau-notice lang=\"fr\"") && html.contains("data-state=\"neutral\""), "{html}");
    assert!(html.contains("name=\"back\" value=\"/story?a=b\"") && html.contains("<style"), "{html}");
    let cookie = accept(&gateway).await;
    let (_, html) = ask(&gateway, "notice?back=%2F%2Fevil.test&lang=en", &cookie, &SCRIPT).await;
    assert!(html.contains("data-state=\"green\"") && html.contains("lang=\"en\"") && !html.contains("evil.test"));
}
