//! Answers that are none: refused in words, with nothing set and nothing recorded.

use crate::raw::{Counted, DECISION, PAGE, json, set, shown};
use crate::site::Site;
use crate::support::{CONFIG, consent, export, get, post, send, store};
use http::Request;
use serde_json::json;

async fn open() -> (Site, Counted) {
    let site = Site::page("<!doctype html><title>t</title><p>x").await;
    let counted = Counted::start(&site.url, CONFIG);
    (site, counted)
}

fn empty(counted: &Counted) {
    let records = export(&store(counted.gateway.dir.path()));
    assert!(records.is_empty(), "{records:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn other_sites_cannot_answer_for_a_visitor() {
    let (_site, counted) = open().await;
    let gateway = &counted.gateway;
    let notice = shown(gateway).await;
    let own = format!("http://127.0.0.1:{}", gateway.port);
    let form = format!("notice={notice}&answer=accept");
    let bad: [&[(&str, &str)]; 9] = [
        &[("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "same-site")],
        &[("sec-fetch-site", "none")],
        &[("sec-fetch-site", "cross-site"), ("origin", &own)],
        &[("origin", "http://evil.test")],
        &[("origin", "null")],
        &[("origin", "http://127.0.0.1")],
        &[("origin", &own.replace("http:", "https:"))],
        &[],
    ];
    for headers in bad {
        let mut request = Request::post(gateway.url(DECISION))
            .header("content-type", "application/x-www-form-urlencoded")
            .header("accept", "text/html");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (head, body) = send(request.body(form.clone().into()).unwrap()).await;
        assert_eq!(head.status, 403, "{headers:?}");
        assert!(set(&head).is_empty(), "{headers:?}");
        assert!(String::from_utf8_lossy(&body).contains("cross-site"));
    }
    counted.bad("cross-site", bad.len() as u32).await;
    empty(&counted);
    let request = Request::post(gateway.url(DECISION))
        .header("content-type", "application/x-www-form-urlencoded")
        .header("origin", &own);
    let (head, _) = send(request.body(form.into()).unwrap()).await;
    assert_eq!(head.status, 200, "an origin of our own is enough");
}

#[tokio::test(flavor = "multi_thread")]
async fn forms_that_are_no_decision() {
    let (_site, counted) = open().await;
    let gateway = &counted.gateway;
    let notice = shown(gateway).await;
    let bad = [
        ("answer=", "expected accept"),
        ("answer=maybe", "expected accept"),
        ("answer=allow", "expected accept"),
        ("answer=allow&purpose=cooking", "was not asked"),
        ("answer=choose", "no answer for"),
        ("answer=choose&choice.social=grant", "no answer for"),
        ("answer=choose&choice.social=yes&choice.advertising=no", "expected grant or refuse"),
        ("answer=choose&choice.social=grant&choice.advertising=grant&choice.cooking=grant", "was not asked"),
        ("answer=accept&source=elsewhere", "expected banner"),
    ];
    for (form, word) in bad {
        let (head, html) = post(&gateway.url(DECISION), &format!("notice={notice}&{form}"), &[PAGE]).await;
        assert_eq!(head.status, 400, "{form}");
        assert!(html.contains(word), "{form}: {html}");
        assert!(set(&head).is_empty(), "{form}");
    }
    counted.bad("answer", bad.len() as u32).await;
    empty(&counted);
}

#[tokio::test(flavor = "multi_thread")]
async fn json_that_is_no_decision() {
    let (_site, counted) = open().await;
    let gateway = &counted.gateway;
    let notice = shown(gateway).await;
    let bad = [
        "",
        "null",
        "[]",
        "{",
        "{\"notice\": 1, \"answer\": \"accept\"}",
        "{\"notice\": \"NOTICE\"}",
        "{\"notice\": \"NOTICE\", \"answer\": \"accept\", \"more\": 1}",
        "{\"notice\": \"NOTICE\", \"answer\": true}",
        "{\"notice\": \"NOTICE\", \"choices\": {\"social\": true, \"advertising\": false}}",
        "{\"notice\": \"NOTICE\", \"choices\": {\"social\": \"grant\"}}",
        "{\"notice\": \"NOTICE\", \"choices\": [\"social\"]}",
        "{\"notice\": \"NOTICE\", \"choices\": {\"social\": \"grant\", \"advertising\": \"grant\", \"cooking\": \"grant\"}}",
        "{\"notice\": \"NOTICE\", \"choices\": {\"social\": \"grant\", \"advertising\": \"refuse\", \"social\": \"refuse\"}}",
    ];
    for body in bad {
        let request = Request::post(gateway.url(DECISION))
            .header("content-type", "application/json; charset=utf-8")
            .header("sec-fetch-site", "same-origin");
        let (head, said) = send(request.body(body.replace("NOTICE", &notice).into()).unwrap()).await;
        assert_eq!(head.status, 400, "{body}");
        assert!(set(&head).is_empty(), "{body}");
        let said: serde_json::Value = serde_json::from_slice(&said).unwrap();
        assert_eq!(said["error"], "bad-answer");
        assert!(said["message"].as_str().unwrap().len() > 20, "{said}");
    }
    empty(&counted);
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_of_another_type_or_too_long() {
    let (_site, counted) = open().await;
    let gateway = &counted.gateway;
    let form = format!("notice={}&answer=accept", shown(gateway).await);
    for content_type in ["text/plain", "multipart/form-data; boundary=x", "", "application/x-www-form-urlencodedx"] {
        let request = Request::post(gateway.url(DECISION))
            .header("content-type", content_type)
            .header("sec-fetch-site", "same-origin");
        let (head, said) = send(request.body(form.clone().into()).unwrap()).await;
        assert_eq!(head.status, 400, "{content_type}");
        assert!(set(&head).is_empty() && String::from_utf8_lossy(&said).contains("expected"), "{content_type}");
    }
    let long = format!("{form}&padding={}", "a".repeat(20_000));
    let (head, said) = post(&gateway.url(DECISION), &long, &[PAGE]).await;
    assert_eq!(head.status, 400);
    assert!(said.contains("longer than"), "{said}");
    empty(&counted);
    for method in ["GET", "HEAD", "PUT", "DELETE"] {
        let request =
            Request::builder().method(method).uri(gateway.url(DECISION)).header("sec-fetch-site", "same-origin");
        let (head, _) = send(request.body(Default::default()).unwrap()).await;
        assert_eq!((head.status.as_u16(), &head.headers["allow"]), (405, &http::HeaderValue::from_static("POST")));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notice_that_is_no_longer_put_can_be_refused_and_not_accepted() {
    let (_site, counted) = open().await;
    let gateway = &counted.gateway;
    for notice in ["0".repeat(64), "nonsense".into(), String::new()] {
        let (head, html) = post(&gateway.url(DECISION), &format!("notice={notice}&answer=accept"), &[PAGE]).await;
        assert_eq!(head.status, 409, "{notice}");
        assert!(html.contains("notice-changed") && set(&head).is_empty());
    }
    empty(&counted);
    counted.bad("notice", 3).await;
    let form = format!("notice={}&answer=refuse&back=/a", "0".repeat(64));
    let (head, _) = post(&gateway.url(DECISION), &form, &[PAGE]).await;
    assert_eq!((head.status.as_u16(), &head.headers["location"]), (303, &http::HeaderValue::from_static("/a")));
    assert!(consent(&head).is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_sent_to_another_site() {
    let (_site, counted) = open().await;
    let gateway = &counted.gateway;
    let notice = shown(gateway).await;
    for back in [
        "//evil.test/",
        "/\\evil.test",
        "\\/evil.test",
        "https://evil.test/",
        "javascript:alert(1)",
        "/%0d%0aSet-Cookie: x=y\r\nX: y",
        "/\t/evil.test",
        " //evil.test",
        "///evil.test",
        "evil.test",
        "",
    ] {
        let coded: String = url::form_urlencoded::byte_serialize(back.as_bytes()).collect();
        let form = format!("notice={notice}&answer=refuse&back={coded}");
        let (head, _) = post(&gateway.url(DECISION), &form, &[PAGE]).await;
        assert_eq!(head.status, 303, "{back:?}");
        assert_eq!(head.headers["location"], "/", "{back:?}");
        let (_, html) = get(&gateway.url(&format!("/.well-known/bandeau/settings?back={coded}")), &[PAGE]).await;
        assert!(!html.contains("evil.test") && !html.contains("javascript:alert"), "{back:?}");
    }
    // In a message, the way back is the page the form was on, if it is ours.
    let bad = [PAGE, ("referer", "http://evil.test/trap")];
    let (_, html) = post(&gateway.url(DECISION), "answer=maybe", &bad).await;
    assert!(!html.contains("evil.test"), "{html}");
    let (head, _) = json(gateway, &json!({ "notice": notice, "answer": "refuse", "back": "//evil.test" }), &[]).await;
    assert!(!head.headers.contains_key("location"));
}
