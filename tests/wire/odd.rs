//! Odd answers: types that are missing, several or wrong, bytes no author wrote, redirects, parts of things.

use crate::raw::PAGE;
use crate::site::{self, Site, full};
use crate::support::{CONFIG, Gateway, get};
use http::{HeaderName, HeaderValue, Response};

const HTML: &str = "<!doctype html><title>t</title><img src=\"http://ads.test/p.gif\"><p>the text</p>";
const DOCUMENT: (&str, &str) = ("sec-fetch-dest", "document");

/// A path, and the headers and body of the answer to it.
type Said = (&'static str, &'static [(&'static str, &'static str)], &'static str);

/// A site whose answer to each path has these headers and this body.
async fn says(table: &'static [Said]) -> (Site, Gateway) {
    let site = Site::start(move |seen| {
        let (_, headers, body) = table.iter().find(|(path, ..)| *path == seen.path()).unwrap();
        let mut response = Response::new(full(*body));
        for (name, value) in *headers {
            response.headers_mut().append(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        response
    })
    .await;
    let gateway = Gateway::start(&site.url, CONFIG);
    (site, gateway)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_type_means_what_browsers_take_it_for() {
    const TYPE: &str = "content-type";
    const OPTIONS: &str = "x-content-type-options";
    const TABLE: &[Said] = &[
        ("/none", &[], HTML),
        ("/empty", &[(TYPE, "")], HTML),
        ("/any", &[(TYPE, "*/*")], HTML),
        ("/twice", &[(TYPE, "text/plain"), (TYPE, "text/html")], HTML),
        ("/list", &[(TYPE, "text/plain, text/html; charset=utf-8")], HTML),
        ("/case", &[(TYPE, "TEXT/HTML;Charset=UTF-8")], HTML),
        ("/sniff", &[(OPTIONS, "sniff, nosniff")], HTML),
        ("/unsniffed", &[(OPTIONS, "nosniff")], HTML),
        ("/unsniffed-list", &[(OPTIONS, "NoSniff, x")], HTML),
        ("/plain", &[(TYPE, "text/plain")], HTML),
        ("/plain-last", &[(TYPE, "text/html"), (TYPE, "text/plain")], HTML),
        ("/bytes", &[(TYPE, "application/octet-stream")], HTML),
        (
            "/replace",
            &[(TYPE, "multipart/x-mixed-replace; boundary=b")],
            "--b\r\nContent-Type: text/html\r\n\r\nhi\r\n--b--",
        ),
        ("/download", &[(TYPE, "text/html"), ("content-disposition", "attachment")], HTML),
    ];
    let (_site, gateway) = says(TABLE).await;
    for (path, _, sent) in TABLE {
        let page = ["/none", "/empty", "/any", "/twice", "/list", "/case", "/sniff"].contains(path);
        let (head, body) = get(&gateway.url(path), &[PAGE, DOCUMENT]).await;
        assert_eq!(head.status, 200, "{path}");
        assert!(head.headers.contains_key("content-security-policy"), "{path} is locked");
        assert_eq!(body.contains("data-notice="), page, "{path}: {body}");
        if page {
            assert!(!body.contains("<img src=\"http://ads.test"), "{path}");
            assert!(head.headers["content-type"].to_str().unwrap().starts_with("text/html; charset="), "{path}");
        } else {
            assert_eq!(body, *sent, "{path} passes as it is");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_no_author_wrote_neither_break_a_page_nor_hide_a_load() {
    let bodies: Vec<(&str, Vec<u8>)> = vec![
        ("/line", [b"<!doctype html><p>".as_slice(), &b"a".repeat(5 << 20), HTML.as_bytes()].concat()),
        ("/tags", [b"<!doctype html><p>".as_slice(), &b"<b>x</b>".repeat(640 << 10), HTML.as_bytes()].concat()),
        ("/space", [b" \n\t\r".repeat(256 << 10).as_slice(), HTML.as_bytes()].concat()),
        ("/inside", format!("<!doctype html><img{}src=http://ads.test/p.gif><p>the text", " ".repeat(1 << 20)).into()),
        (
            "/nul",
            b"\0<!doctype html><im\0g src=//ads.test/1><img\0 src=//ads.test/2><img \0src=//ads.test/3 src=//ads.test/4>\
              <img sr\0c=//ads.test/5 src\0=//ads.test/6 src=//ads.test/7><img src=//ads.test/8\0><img src=\0//ads.test/9>\
              <scr\0ipt src=//ads.test/10></script><script src='//ads.test/11'>\0</script><a\0href=x>the text"
                .to_vec(),
        ),
    ];
    let site = Site::start(move |seen| {
        let (_, body) = bodies.iter().find(|(path, _)| *path == seen.path()).unwrap();
        site::page(body.clone())
    })
    .await;
    let gateway = Gateway::start(&site.url, CONFIG);
    for path in ["/line", "/tags", "/space", "/inside", "/nul"] {
        let (head, body) = get(&gateway.url(path), &[PAGE, DOCUMENT]).await;
        assert_eq!(head.status, 200, "{path}");
        assert!(body.contains("the text") && body.contains("data-notice="), "{path}");
        for held in ["\"http://ads.test", "=http://ads.test", "<script src"] {
            let loads = body.match_indices(held).filter(|(at, _)| body[..*at].ends_with(" src")).count();
            assert_eq!(loads, 0, "{path}: {held}");
        }
    }
    // What is an image to a browser has no address any more, however many NULs stand about.
    let (_, body) = get(&gateway.url("/nul"), &[PAGE, DOCUMENT]).await;
    for number in [4, 7, 8, 11] {
        let at = body.find(&format!("//ads.test/{number}")).unwrap();
        assert!(body[..at].ends_with("data-bandeau-src=\""), "{number}: {body}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn redirects_lead_where_the_site_says_but_for_parts_of_a_page() {
    let site = Site::start(|seen| {
        let to = seen.header("x-to").unwrap();
        let html = "<a href=\"/x\">moved</a><img src=\"http://ads.test/p.gif\">";
        let mut response = site::page(html);
        *response.status_mut() = http::StatusCode::FOUND;
        response.headers_mut().insert("location", to.parse().unwrap());
        response
    })
    .await;
    let gateway = Gateway::start(&site.url, CONFIG);
    for (to, own) in [
        ("next?a=b", true),
        ("/next", true),
        ("http://127.0.0.1:9/x", true),
        ("//ads.test/x", false),
        ("http://ads.test/x", false),
        ("\\\\ads.test\\x", false),
        ("HTTP:\\\\SOCIAL.test", false),
    ] {
        for dest in ["document", "image", "iframe", "script", "empty", "worker", ""] {
            let asked = [("x-to", to), ("sec-fetch-dest", dest), PAGE];
            let (head, body) = get(&gateway.url("/"), &asked).await;
            let leads = head.headers.get("location").map(|value| value.to_str().unwrap());
            match (own, dest) {
                (true, _) => assert_eq!((head.status.as_u16(), leads), (302, Some(to)), "{dest}"),
                // A visitor sees where it leads before going there.
                (false, "document" | "") => {
                    assert_eq!(head.status, 303, "{to} {dest}");
                    assert!(leads.is_some_and(|leads| leads.starts_with("/.well-known/bandeau/leave?to=http%3A")));
                }
                (false, _) => assert_eq!((head.status.as_u16(), leads), (302, None), "{to} {dest}"),
            }
            assert!(!body.contains("<img src=\"http://ads.test"), "{dest}: {body}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn parts_of_a_film_pass_as_they_are() {
    let site = Site::start(|seen| {
        assert_eq!(seen.header("if-range").as_deref(), Some("\"v1\""));
        let range = seen.header("range").unwrap();
        let several = range.contains(',');
        Response::builder()
            .status(206)
            .header("content-type", if several { "multipart/byteranges; boundary=b" } else { "video/mp4" })
            .header("content-range", "bytes 0-3/9")
            .header("etag", "\"v1\"")
            .header("accept-ranges", "bytes")
            .header("cache-control", "public, max-age=60")
            .body(full("film"))
            .unwrap()
    })
    .await;
    let gateway = Gateway::start(&site.url, CONFIG);
    for range in ["bytes=0-3", "bytes=0-1,2-3"] {
        for dest in [&[("sec-fetch-dest", "video")][..], &[]] {
            let asked = [&[("range", range), ("if-range", "\"v1\""), ("accept", "*/*")], dest].concat();
            let (head, body) = get(&gateway.url("/film"), &asked).await;
            assert_eq!((head.status.as_u16(), body.as_str()), (206, "film"));
            for (name, value) in [("etag", "\"v1\""), ("content-range", "bytes 0-3/9"), ("accept-ranges", "bytes")] {
                assert_eq!(head.headers[name], value, "{name}");
            }
            assert_eq!(head.headers["content-length"], "4");
            assert_eq!(head.headers["cache-control"], "public, max-age=60");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn documents_of_xml_are_locked_and_rewritten_and_pictures_stay() {
    const TABLE: &[Said] = &[
        (
            "/xhtml",
            &[("content-type", "application/xhtml+xml"), ("accept-ranges", "bytes")],
            "<html xmlns=\"http://www.w3.org/1999/xhtml\"><head><link rel=\"preconnect\" href=\"//ads.test/\"/></head><body>the text</body></html>",
        ),
        (
            "/svg",
            &[("content-type", "image/svg+xml")],
            "<svg xmlns=\"http://www.w3.org/2000/svg\"><image href=\"//ads.test/\"/><title>the text</title></svg>",
        ),
        (
            "/xsl",
            &[("content-type", "text/xml; charset=utf-8")],
            "<?xml-stylesheet href=\"//ads.test/\"?><text>the text</text>",
        ),
    ];
    let (_site, gateway) = says(TABLE).await;
    for (path, _, sent) in TABLE {
        for dest in ["document", "iframe", "empty", ""] {
            let (head, body) = get(&gateway.url(path), &[PAGE, ("sec-fetch-dest", dest)]).await;
            assert_eq!(head.status, 200, "{path}");
            assert!(head.headers.contains_key("content-security-policy"), "{path} is locked");
            assert!(body.contains("the text") && !body.contains(" href=\"//ads.test"), "{path} {dest}: {body}");
            assert!(!head.headers.contains_key("accept-ranges"));
            assert!(head.headers["content-type"].to_str().unwrap().ends_with("; charset=utf-8"));
        }
        let (head, body) = get(&gateway.url(path), &[("sec-fetch-dest", "image"), ("accept", "image/*")]).await;
        assert_eq!((head.status.as_u16(), body.as_str()), (200, *sent), "{path}");
    }
}
