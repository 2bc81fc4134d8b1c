//! Methods without bodies, validators, ranges and codings: what changes when a page is rewritten.

use crate::site::{self, Site, full};
use crate::support::{CONFIG, Gateway, consent, get, notice, post, send};
use flate2::Compression;
use http::{Request, Response, StatusCode};
use http_body_util::Full;
use std::io::Read as _;

const HTML: &str = "<!doctype html><title>t</title><img src=\"http://ads.test/p.gif\"><p>the text</p>";
const PAGE: (&str, &str) = ("accept", "text/html");

#[tokio::test(flavor = "multi_thread")]
async fn head_is_answered_as_get_without_a_body() {
    let site = Site::page(HTML).await;
    let gateway = Gateway::start(&site.url, CONFIG);
    let request = Request::head(gateway.url("/")).header("accept", "text/html").body(Full::default()).unwrap();
    let (head, body) = send(request).await;
    assert_eq!(head.status, 200);
    assert!(body.is_empty());
    assert_eq!(site.last().head.method, "HEAD");
    assert!(head.headers.contains_key("content-security-policy"));
    let length = head.headers.get("content-length").map(|value| value.to_str().unwrap());
    assert_ne!(length, Some(HTML.len().to_string().as_str()), "the length of the site's page is not that of ours");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tag_holds_in_the_standing_it_was_given_in() {
    let site = Site::start(|seen| {
        let mut response = match seen.header("if-none-match") {
            Some(tags) if tags.contains("\"v1\"") => site::empty(StatusCode::NOT_MODIFIED),
            _ => site::page(HTML),
        };
        response.headers_mut().insert("etag", http::HeaderValue::from_static("\"v1\""));
        response
    })
    .await;
    let gateway = Gateway::start(&site.url, CONFIG);
    let (first, html) = get(&gateway.url("/"), &[PAGE]).await;
    let tag = first.headers["etag"].to_str().unwrap().to_owned();
    assert_eq!(first.headers["cache-control"], "private, no-cache");
    assert!(first.headers["vary"].to_str().unwrap().contains("Cookie"));

    let again = [PAGE, ("if-none-match", &tag), ("if-modified-since", "Sat, 01 Jan 2022 00:00:00 GMT")];
    let (same, body) = get(&gateway.url("/"), &again).await;
    assert_eq!((same.status.as_u16(), body.as_str()), (304, ""));
    assert_eq!(same.headers["etag"], *tag, "the visitor is told its own tag");
    assert_eq!(site.last().header("if-modified-since"), None, "a date cannot tell standings apart");

    let decision = gateway.url("/.well-known/bandeau/decision");
    let (decided, _) = post(&decision, &format!("notice={}&answer=accept", notice(&html)), &[PAGE]).await;
    let cookie = consent(&decided).unwrap();
    let (other, body) = get(&gateway.url("/"), &[PAGE, ("if-none-match", &tag), ("cookie", &cookie)]).await;
    assert_eq!(other.status, 200, "who has decided is not shown the page of before");
    assert!(body.contains("the text"));
    assert_ne!(other.headers["etag"], *tag);
}

#[tokio::test(flavor = "multi_thread")]
async fn parts_are_served_of_pictures_and_not_of_pages() {
    let site = Site::start(|seen| match seen.header("range") {
        Some(range) => Response::builder()
            .status(206)
            .header("content-type", if seen.path() == "/picture" { "image/png" } else { "text/html" })
            .header("content-range", format!("{}/9", range.replace('=', " ")))
            .body(full("part"))
            .unwrap(),
        None => site::page(HTML),
    })
    .await;
    let gateway = Gateway::start(&site.url, CONFIG);
    let picture = [("range", "bytes=0-3"), ("sec-fetch-dest", "image"), ("accept", "image/*")];
    let (head, body) = get(&gateway.url("/picture"), &picture).await;
    assert_eq!((head.status.as_u16(), body.as_str()), (206, "part"));
    assert_eq!(site.last().header("range").unwrap(), "bytes=0-3");

    for dest in [&[("sec-fetch-dest", "document")][..], &[]] {
        let asked = [&[("range", "bytes=0-3"), PAGE], dest].concat();
        let (head, body) = get(&gateway.url("/page"), &asked).await;
        assert_eq!(head.status, 200, "{dest:?}");
        assert!(body.contains("the text"));
        assert_eq!(site.last().header("range"), None);
    }

    // A part of a page that was got nevertheless, by a script that asked for one.
    let script = [("range", "bytes=0-3"), ("sec-fetch-dest", "empty"), ("accept", "*/*")];
    let (head, body) = get(&gateway.url("/page"), &script).await;
    assert_eq!(head.status, 502);
    assert!(!body.contains("part\n") && body.contains("\"withheld\""), "{body}");
}

fn folded(coding: &str, text: &[u8]) -> Vec<u8> {
    let level = Compression::new(6);
    let mut out = Vec::new();
    match coding {
        "zstd" => out = zstd::encode_all(text, 3).unwrap(),
        "gzip, br" => return folded("br", &folded("gzip", text)),
        "gzip" => drop(flate2::read::GzEncoder::new(text, level).read_to_end(&mut out).unwrap()),
        "deflate" => drop(flate2::read::ZlibEncoder::new(text, level).read_to_end(&mut out).unwrap()),
        "br" => drop(brotli::CompressorReader::new(text, 4096, 5, 20).read_to_end(&mut out).unwrap()),
        other => panic!("{other}"),
    }
    out
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_in_every_coding_are_rewritten() {
    let site = Site::start(|seen| {
        let coding = seen.path().trim_start_matches('/').replace(',', ", ");
        let mut response = site::page(folded(&coding, HTML.repeat(50).as_bytes()));
        response.headers_mut().insert("content-encoding", coding.parse().unwrap());
        response
    })
    .await;
    let gateway = Gateway::start(&site.url, CONFIG);
    for coding in ["gzip", "deflate", "br", "zstd", "gzip, br"] {
        let (head, html) = get(&gateway.url(&format!("/{}", coding.replace(' ', ""))), &[PAGE]).await;
        assert_eq!(head.status, 200, "{coding}");
        assert!(!head.headers.contains_key("content-encoding"), "{coding} was not asked for");
        assert_eq!(html.matches("the text").count(), 50, "{coding}");
        assert!(html.contains("data-notice=\""), "{coding}");
        assert!(!html.contains("<img src=\"http://ads.test"), "{coding}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_are_compressed_for_who_takes_it() {
    let site = Site::page(HTML).await;
    let gateway = Gateway::start(&site.url, CONFIG);
    for (accepted, coding) in [
        ("gzip, deflate, br, zstd", "br"),
        ("gzip, zstd", "zstd"),
        ("gzip, br", "br"),
        ("br;q=0.5, GZIP;q=1", "gzip"),
        ("zstd;q=0, *;q=0.1", "br"),
        ("gzip;q=0", ""),
        ("deflate", ""),
        ("identity", ""),
    ] {
        let request = Request::get(gateway.url("/")).header("accept", "text/html").header("accept-encoding", accepted);
        let (head, body) = send(request.body(Full::default()).unwrap()).await;
        let said = head.headers.get("content-encoding").map(|value| value.to_str().unwrap());
        assert_eq!(said.unwrap_or_default(), coding, "{accepted}");
        let varies = head.headers.get_all("vary").iter().any(|value| value == "Accept-Encoding");
        assert!(varies, "{accepted}");
        assert!(String::from_utf8(unfolded(coding, &body)).unwrap().contains("the text"), "{accepted}");
    }
    let plain = Gateway::start(&site.url, &format!("[http]\ncompress = false\n{CONFIG}"));
    let (head, html) = get(&plain.url("/"), &[PAGE, ("accept-encoding", "gzip, br, zstd")]).await;
    assert!(!head.headers.contains_key("content-encoding") && html.contains("the text"));
}

fn unfolded(coding: &str, bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    match coding {
        "zstd" => out = zstd::decode_all(bytes).unwrap(),
        "br" => drop(brotli::Decompressor::new(bytes, 4096).read_to_end(&mut out).unwrap()),
        "gzip" => drop(flate2::read::GzDecoder::new(bytes).read_to_end(&mut out).unwrap()),
        _ => out.extend(bytes),
    }
    out
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_page_passes_byte_for_byte() {
    let site = Site::start(|seen| {
        let bytes: Vec<u8> = (0..=255u8).cycle().take(70_000).collect();
        let mut response = site::typed(if seen.path() == "/f" { "font/woff2" } else { "image/png" }, bytes);
        response.headers_mut().insert("cache-control", http::HeaderValue::from_static("public, max-age=600"));
        response.headers_mut().insert("etag", http::HeaderValue::from_static("\"p\""));
        response
    })
    .await;
    let gateway = Gateway::start(&site.url, CONFIG);
    for (path, dest) in [("/p", "image"), ("/f", "font")] {
        let request = Request::get(gateway.url(path)).header("sec-fetch-dest", dest).body(Full::default()).unwrap();
        let (head, body) = send(request).await;
        assert_eq!(body.len(), 70_000);
        assert!(body.iter().enumerate().all(|(at, byte)| usize::from(*byte) == at % 256));
        assert_eq!(head.headers["cache-control"], "public, max-age=600", "what is the same for all stays cacheable");
        assert_eq!(head.headers["etag"], "\"p\"");
        assert_eq!(head.headers["content-length"], "70000");
    }
}
