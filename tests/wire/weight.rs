//! What visitors pay for the notice and for enforcement, in bytes as served with Brotli: a page with the gateway, less the
//! same page without it. Budgets: 6,000 on a first page, 1,500 on every later one, 96 for the cookie, and nothing
//! that is asked for before something is painted. It knows the marks of our scripts in a page, and nothing else of them.

use crate::site::{Site, page};
use crate::support::{Gateway, consent, notice, post, send};
use bandeau_banner::Phrases;
use bytes::Bytes;
use http::Request;
use http_body_util::Full;
use std::io::{Read as _, Write as _};

const POLICY: &str = r#"
[site]
name = "The Morning Paper"
hosts = ["127.0.0.1"]
controller = "Morning Paper Ltd"
privacy = "/privacy"
languages = [LANGUAGES]

[[service]]
id = "paper"
purpose = "technical"
cookies = ["session", "csrf", "lang"]
storage = ["theme", "reader-*"]

[[service]]
id = "counter"
purpose = "audience"
hosts = ["stats.test"]
cookies = ["_pk_*"]

[[service]]
id = "films"
purpose = "media"
hosts = ["video.test", "player.test"]

[[service]]
id = "forum"
purpose = "social"
hosts = ["social.test"]
cookies = ["forum_*"]

[[service]]
id = "adnet"
purpose = "advertising"
hosts = ["ads.test", "bids.test"]
cookies = ["_ad", "_bid_*"]
storage = ["ad-*"]
"#;

/// A front page of some length, without anything that is held: what is taken out would count against what is put in.
fn paper(language: &str) -> String {
    let story = |number: usize| {
        format!(
            "<article class=story id=s{number}><h2><a href=/story/{number}>Harbour story number {number}</a></h2><p>At {number} \
             in the morning the {} boats left for the {} bank, and came back with {} baskets.</p>\
             <img src=/pictures/{number}.jpg width=320 height=200 alt='Boats'></article>",
            number * 7 % 13,
            number * 11 % 17,
            number * number % 101
        )
    };
    let stories: String = (0..60).map(story).collect();
    format!(
        "<!doctype html><html lang={language}><head><meta charset=utf-8><title>The Morning Paper</title>\
         <link rel=stylesheet href=/paper.css><script src=/paper.js></script></head><body><header><h1>The Morning Paper\
         </h1></header><main>{stories}</main></body></html>"
    )
}

fn folded(text: &str) -> usize {
    let mut encoder = brotli::CompressorWriter::new(Vec::new(), 4 << 10, 7, 18);
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.into_inner().len()
}

/// A page as it is served: its length on the wire, and what it says.
async fn served(url: &str, cookie: Option<&str>) -> (usize, String) {
    let mut request =
        Request::get(url).header("accept-encoding", "gzip, deflate, br").header("sec-fetch-dest", "document");
    if let Some(cookie) = cookie {
        request = request.header("cookie", cookie);
    }
    let (head, body) = send(request.body(Full::new(Bytes::new())).unwrap()).await;
    assert_eq!(head.headers["content-encoding"], "br");
    let mut text = String::new();
    brotli::Decompressor::new(&body[..], 4096).read_to_string(&mut text).unwrap();
    (body.len(), text)
}

/// The first element that starts so, to the end of the one named, and what its going saves.
fn part(html: &str, start: &str, end: &str) -> (String, usize) {
    let at = html.find(start).unwrap_or_else(|| panic!("{start} in {html}"));
    let to = at + html[at..].find(end).unwrap() + end.len();
    let without = format!("{}{}", &html[..at], &html[to..]);
    (html[at..to].to_owned(), folded(html).saturating_sub(folded(&without)))
}

/// What the notice and the elements of ours ask the browser to fetch.
fn fetched(html: &str) -> usize {
    let (first, _) = part(html, "<script data-bandeau-first", "</script>");
    let (signals, _) = part(html, "<script data-bandeau=", "</script>");
    let (face, _) = part(html, "<bandeau-notice", "</bandeau-notice>");
    [first, signals, face].iter().map(|ours| ours.matches(" src=").count() + ours.matches("<link").count()).sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_face_and_the_lock_weigh_no_more_than_this() {
    let site = Site::start(|seen| page(paper(seen.path().trim_start_matches('/')))).await;
    let languages = Phrases::languages();
    let listed: Vec<String> = languages.iter().map(|language| format!("\"{language}\"")).collect();
    let gateway = Gateway::start(&site.url, &POLICY.replace("LANGUAGES", &listed.join(", ")));
    println!("language  first page: all first signals face | later page | cookie, in bytes of Brotli");
    let mut worst = (0, 0);
    for language in languages {
        let (url, plain) = (gateway.url(&format!("/{language}")), folded(&paper(language)));
        // A page that comes from the site in two portions is folded in two, and is some bytes longer.
        let mut loads = Vec::new();
        for _ in 0..3 {
            loads.push(served(&url, None).await);
        }
        let (all, html) = loads.into_iter().min_by_key(|(length, _)| *length).unwrap();
        let first = part(&html, "<script data-bandeau-first", "</script>").1;
        let face = part(&html, "<bandeau-notice", "</bandeau-notice>");
        let signals = part(&html, "<script data-bandeau=", "</script>").1;
        assert_eq!(fetched(&html), 0, "nothing of ours is asked for before the first paint");

        let form = format!("notice={}&answer=refuse&source=banner&back=/", notice(&html));
        let answer = post(&gateway.url("/.well-known/bandeau/decision"), &form, &[]).await.0;
        let cookie = consent(&answer).unwrap();
        let (later, html) = served(&url, Some(&cookie)).await;
        assert!(html.contains("<script src=\"/.well-known/bandeau/first."), "what the browser has is not sent again");
        let (first_page, later_page) = (all.saturating_sub(plain), later.saturating_sub(plain));
        println!(
            "{language:8} {first_page:16} {first:5} {signals:5} {:5} | {later_page:10} | {:6}",
            face.1,
            cookie.len()
        );
        worst = (worst.0.max(first_page), worst.1.max(later_page));
        assert!(cookie.len() <= 96, "{cookie}");
    }
    println!("worst: {} on a first page, {} on a later one", worst.0, worst.1);
    assert!(worst.0 <= 6_000 && worst.1 <= 1_500, "over the budget: {worst:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grants_cookie_is_small_too() {
    let site = Site::start(|_| page(paper("en"))).await;
    let gateway = Gateway::start(&site.url, &POLICY.replace("LANGUAGES", "\"en\""));
    let (_, html) = served(&gateway.url("/"), None).await;
    let form = format!("notice={}&answer=accept&source=banner&back=/", notice(&html));
    let cookie = consent(&post(&gateway.url("/.well-known/bandeau/decision"), &form, &[]).await.0).unwrap();
    assert!(cookie.len() <= 96, "{} bytes: {cookie}", cookie.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn files_are_kept_for_good_by_the_name_of_their_content() {
    let site = Site::start(|_| page(paper("en"))).await;
    let gateway = Gateway::start(&site.url, &POLICY.replace("LANGUAGES", "\"en\""));
    for asset in [bandeau_banner::first(), bandeau_banner::script(), bandeau_banner::seed()] {
        let get = async |name: &str, coding: &str, tag: &str| {
            let request = Request::get(gateway.url(&format!("/.well-known/bandeau/{name}")))
                .header("accept-encoding", coding)
                .header("if-none-match", tag);
            send(request.body(Full::new(Bytes::new())).unwrap()).await
        };
        let (head, body) = get(&asset.name(), "br", "\"other\"").await;
        let mut text = String::new();
        brotli::Decompressor::new(&body[..], 4096).read_to_string(&mut text).unwrap();
        assert_eq!((text.as_str(), &head.headers["content-encoding"]), (asset.text(), &"br".parse().unwrap()));
        assert!(head.headers["cache-control"].to_str().unwrap().ends_with("immutable"));
        assert!(body.len() < asset.text().len() / 2 && head.headers["vary"] == "accept-encoding");
        let tag = head.headers["etag"].to_str().unwrap().to_owned();
        let (head, body) = get(&asset.name(), "br", &format!("W/\"x\", {tag}")).await;
        assert_eq!((head.status.as_u16(), body.len()), (304, 0));
        let (head, body) = get(&asset.name(), "identity", &tag).await;
        assert_eq!((head.status.as_u16(), &body[..]), (200, asset.text().as_bytes()), "another coding, another tag");
        // Pages served before an upgrade ask by an old name, and get what is current, which is not to be kept as that.
        let old = asset.name().replace(asset.hash(), "01234567");
        let (head, body) = get(&old, "identity", "").await;
        assert_eq!((head.status.as_u16(), &body[..]), (200, asset.text().as_bytes()));
        assert_eq!(head.headers["cache-control"], "public, max-age=300");
    }
}
