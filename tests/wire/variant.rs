//! Variants: what a shared cache in front is told, and that nothing is offered that is one visitor's alone.

use crate::raw::{PAGE, accept, json, shown};
use crate::site::{self, Site};
use crate::support::{CONFIG, Gateway, consent, get};
use http::HeaderValue;
use serde_json::json;
use std::collections::BTreeSet;

const LOOKUP: &str = "/.well-known/bandeau/variant";
const DOCUMENT: (&str, &str) = ("sec-fetch-dest", "document");

/// A site that says of each page what its path asks for.
async fn open() -> (Site, Gateway) {
    let site = Site::start(|seen| {
        let mut response = site::page("<!doctype html><title>t</title><p>x");
        let headers = response.headers_mut();
        headers.insert("bandeau-variant", HeaderValue::from_static("forged"));
        headers.insert("x-accel-expires", HeaderValue::from_static("600"));
        headers.insert("cloudflare-cdn-cache-control", HeaderValue::from_static("max-age=600"));
        let caching = match seen.path() {
            "/private" => "private, max-age=60",
            "/silent" => "max-age=60",
            _ => "public, max-age=60",
        };
        headers.insert("cache-control", HeaderValue::from_static(caching));
        match seen.path() {
            "/sets" => headers.append("set-cookie", HeaderValue::from_static("session=1")),
            "/tries" => headers.append("set-cookie", HeaderValue::from_static("_ad=1")),
            "/varies" => headers.append("vary", HeaderValue::from_static("User-Agent")),
            "/picture" => headers.insert("content-type", HeaderValue::from_static("image/png")).is_some(),
            _ => false,
        };
        if seen.path() == "/gone" {
            *response.status_mut() = http::StatusCode::NOT_FOUND;
        }
        response
    })
    .await;
    let gateway = Gateway::start(&site.url, &format!("[http]\nvariants = true\n{CONFIG}"));
    (site, gateway)
}

fn said(head: &http::response::Parts, name: &str) -> Option<String> {
    head.headers.get(name).map(|value| value.to_str().unwrap().to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_lookup_names_what_the_page_names() {
    let (site, gateway) = open().await;
    let notice = shown(&gateway).await;
    let all = accept(&gateway).await;
    let cookie = async |wish| consent(&json(&gateway, &wish, &[]).await.0).unwrap();
    let none = cookie(json!({ "notice": notice, "answer": "refuse" })).await;
    let some = cookie(json!({ "notice": notice, "answer": "allow", "purposes": ["social"] })).await;
    let told = json!({ "notice": notice, "answer": "accept", "told": true });
    let despite = consent(&json(&gateway, &told, &[("sec-gpc", "1")]).await.0).unwrap();
    let lone = |cookie: &str| format!("session=1; {cookie}");
    let (all, none, some, despite) = (lone(&all), lone(&none), lone(&some), lone(&despite));
    let visitors: &[&[(&str, &str)]] = &[
        &[DOCUMENT],
        &[DOCUMENT, ("sec-gpc", "1")],
        &[DOCUMENT, ("accept-language", "fr")],
        &[("sec-fetch-dest", "iframe")],
        &[("sec-fetch-dest", "empty")],
        &[],
        &[DOCUMENT, ("cookie", &all)],
        &[DOCUMENT, ("cookie", &none)],
        &[DOCUMENT, ("cookie", &some)],
        &[DOCUMENT, ("cookie", &all), ("sec-gpc", "1")],
        &[DOCUMENT, ("cookie", &despite), ("sec-gpc", "1")],
        &[DOCUMENT, ("cookie", &none), ("accept-language", "fr")],
    ];
    let mut names = BTreeSet::new();
    for visitor in visitors {
        let asked = site.seen().len();
        let (head, body) = get(&gateway.url(LOOKUP), visitor).await;
        assert_eq!((head.status.as_u16(), body.as_str()), (204, ""));
        assert_eq!(said(&head, "cache-control").unwrap(), "no-store");
        assert_eq!(site.seen().len(), asked, "the site is not asked");
        let name = said(&head, "bandeau-variant").unwrap();
        let (page, _) = get(&gateway.url("/"), visitor).await;
        assert_eq!(said(&page, "bandeau-variant").as_ref(), Some(&name), "{visitor:?}");
        assert_eq!(said(&page, "cache-control").unwrap(), "private, no-cache", "browsers keep none of it");
        assert_eq!(said(&page, "cdn-cache-control").unwrap(), "max-age=60");
        names.insert(name);
    }
    assert_eq!(names.len(), visitors.len(), "each of these gets another page");
    // What does not change the page does not change its name, and nobody names a variant but us.
    let name = async |more: &[(&str, &str)]| {
        said(&get(&gateway.url(LOOKUP), &[&[DOCUMENT], more].concat()).await.0, "bandeau-variant")
    };
    for same in [("cookie", "session=2"), ("cookie", "bandeau=forged"), ("bandeau-variant", "x"), ("sec-gpc", "0")] {
        assert_eq!(name(&[same]).await, name(&[]).await, "{same:?}");
    }
    assert_eq!(name(&[("accept-language", "tlh, en;q=0.5")]).await, name(&[]).await);
    assert_eq!(name(&[("cookie", "_ad=1")]).await, None, "who holds what must be taken away comes here");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_one_visitor_is_offered_to_all() {
    let (_site, gateway) = open().await;
    for path in ["/private", "/silent", "/sets", "/tries", "/varies", "/gone"] {
        let (head, _) = get(&gateway.url(path), &[DOCUMENT]).await;
        assert_eq!(said(&head, "cdn-cache-control"), None, "{path}");
        assert!(said(&head, "cache-control").unwrap().starts_with("private"), "{path}");
    }
    for own in [("cookie", "_ad=1"), ("authorization", "Basic x")] {
        let (head, _) = get(&gateway.url("/"), &[DOCUMENT, own]).await;
        assert_eq!(said(&head, "cdn-cache-control"), None, "{own:?}");
    }
    let (head, _) = get(&gateway.url("/"), &[DOCUMENT]).await;
    for gone in ["x-accel-expires", "cloudflare-cdn-cache-control"] {
        assert_eq!(said(&head, gone), None, "{gone} would have a cache keep the page for all");
    }
    let (head, _) = get(&gateway.url("/picture"), &[("sec-fetch-dest", "image")]).await;
    assert_eq!(said(&head, "bandeau-variant"), None, "what is the same for all has no variants");
    for page in ["settings", "decision", "health"] {
        let (head, _) = get(&gateway.url(&format!("/.well-known/bandeau/{page}")), &[PAGE]).await;
        assert_eq!(said(&head, "cdn-cache-control"), None, "{page}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_offered_unless_the_operator_says_so() {
    let (site, _) = open().await;
    let gateway = Gateway::start(&site.url, CONFIG);
    let (head, _) = get(&gateway.url("/"), &[DOCUMENT]).await;
    assert_eq!((said(&head, "cdn-cache-control"), said(&head, "bandeau-variant")), (None, None));
}
