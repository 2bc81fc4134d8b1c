//! Global Privacy Control: what it takes away, what an explicit choice gives back, and what the book says of both.

use crate::raw::{DECISION, PAGE, accept, json, shown};
use crate::site::Site;
use crate::support::{CONFIG, Gateway, consent, export, get, post, store};
use serde_json::{Value, json};

const GPC: (&str, &str) = ("sec-gpc", "1");

/// Advertising and social sell; films do not.
async fn open() -> (Site, Gateway) {
    let site = Site::page("<!doctype html><title>t</title><p>x").await;
    let films = "[[service]]\nid = \"films\"\npurpose = \"media\"\ncookies = [\"film\"]\n";
    let gateway = Gateway::start(&site.url, &format!("{CONFIG}{films}"));
    (site, gateway)
}

/// The cookies that reach the site of a visitor who has all of them and this standing.
async fn reaching(site: &Site, gateway: &Gateway, standing: &str, more: &[(&str, &str)]) -> String {
    let cookie = format!("forum_id=2; _ad=3; film=4; {standing}");
    get(&gateway.url("/"), &[&[("cookie", cookie.as_str()), PAGE], more].concat()).await;
    site.last().header("cookie").unwrap_or_default()
}

fn records(gateway: &Gateway) -> Vec<Value> {
    export(&store(gateway.dir.path()))
}

#[tokio::test(flavor = "multi_thread")]
async fn on_the_first_page_it_counts_without_a_record_and_without_an_answer() {
    let (site, gateway) = open().await;
    let (_, html) = get(&gateway.url("/"), &[PAGE, GPC]).await;
    assert!(html.contains("sends the Global Privacy Control signal. It is honoured where"));
    assert!(html.contains("value=\"accept\""), "the visitor is still asked");
    assert_eq!(reaching(&site, &gateway, "", &[GPC]).await, "");
    for other in ["0", "true", "1, 1", ""] {
        let (_, html) = get(&gateway.url("/"), &[PAGE, ("sec-gpc", other)]).await;
        assert!(!html.contains("Global Privacy Control"), "{other:?} is no signal");
    }
    assert!(records(&gateway).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_site_says_that_it_honours_it() {
    let (site, gateway) = open().await;
    let url = gateway.url("/.well-known/gpc.json");
    let (head, text) = get(&url, &[]).await;
    assert_eq!((head.status.as_u16(), &head.headers["content-type"]), (200, &"application/json".parse().unwrap()));
    let said: Value = serde_json::from_str(&text).unwrap();
    // The day the configuration was written, by another clock than the gateway's: `date`.
    let date = std::process::Command::new("date")
        .args(["-u", "+%F", "-r"])
        .arg(gateway.dir.path().join("bandeau.toml"))
        .output()
        .unwrap();
    let day = String::from_utf8(date.stdout).unwrap();
    assert_eq!(said, json!({ "gpc": true, "lastUpdate": day.trim() }));
    assert!(site.seen().is_empty());
    let own = Gateway::start(&site.url, &format!("[policy]\ngpc_file = false\n{CONFIG}"));
    let (head, _) = get(&own.url("/.well-known/gpc.json"), &[]).await;
    assert_eq!((head.status.as_u16(), site.last().path()), (200, "/.well-known/gpc.json"));
    let (_, html) = get(&own.url("/"), &[PAGE, GPC]).await;
    assert!(html.contains("It is honoured where"), "the signal counts whoever says so");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grant_given_without_it_is_masked_while_it_comes() {
    let (site, gateway) = open().await;
    let all = accept(&gateway).await;
    assert_eq!(reaching(&site, &gateway, &all, &[]).await, "forum_id=2; _ad=3; film=4");
    assert_eq!(reaching(&site, &gateway, &all, &[GPC]).await, "film=4");
    assert_eq!(reaching(&site, &gateway, &all, &[]).await, "forum_id=2; _ad=3; film=4");
    assert_eq!(records(&gateway).len(), 1);
    // A page from before the signal was switched on has not told so: what is answered there is no choice despite it.
    let wish = json!({ "notice": shown(&gateway).await, "answer": "accept" });
    let (head, answer) = json(&gateway, &wish, &[GPC]).await;
    assert_eq!(answer["granted"], json!(["media"]));
    let cookie = consent(&head).unwrap();
    assert_eq!(reaching(&site, &gateway, &cookie, &[GPC]).await, "film=4");
    assert_eq!(records(&gateway)[1]["source"], "settings");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_explicit_choice_stands_against_it() {
    let (site, gateway) = open().await;
    let notice = shown(&gateway).await;
    let form = format!("notice={notice}&answer=accept&source=banner&told=gpc");
    let (head, _) = post(&gateway.url(DECISION), &form, &[PAGE, GPC]).await;
    let all = consent(&head).unwrap();
    for signal in [&[GPC][..], &[]] {
        assert_eq!(reaching(&site, &gateway, &all, signal).await, "forum_id=2; _ad=3; film=4", "{signal:?}");
    }
    let (_, html) = get(&gateway.url("/"), &[PAGE, GPC, ("cookie", &all)]).await;
    assert!(!html.contains("signal honoured") && html.contains("you allowed all the same"));
    let records = records(&gateway);
    assert_eq!((&records[0]["event"], &records[0]["source"]), (&json!("given"), &json!("banner-gpc")));
    // And it is taken back like any other, without a trace of the signal in the cookie.
    let (head, _) =
        post(&gateway.url(DECISION), &form.replace("accept", "refuse"), &[PAGE, GPC, ("cookie", &all)]).await;
    let none = consent(&head).unwrap();
    let (plain, _) = post(&gateway.url(DECISION), &form.replace("accept", "refuse"), &[PAGE]).await;
    assert_eq!(none.len(), consent(&plain).unwrap().len());
    assert_eq!(reaching(&site, &gateway, &none, &[GPC]).await, "");
}

#[tokio::test(flavor = "multi_thread")]
async fn allowing_one_thing_despite_it_allows_nothing_else() {
    let (site, gateway) = open().await;
    // Everything was granted before; the signal came later and took what sells.
    let all = accept(&gateway).await;
    let wish = json!({ "notice": shown(&gateway).await, "answer": "allow", "purposes": ["social"], "told": true });
    let (head, answer) = json(&gateway, &wish, &[GPC, ("cookie", &all)]).await;
    assert_eq!(answer["granted"], json!(["social", "media"]));
    assert_ne!(answer["receipt"], Value::Null, "what the signal had taken is a new grant, with a record first");
    let one = consent(&head).unwrap();
    for signal in [&[GPC][..], &[]] {
        assert_eq!(reaching(&site, &gateway, &one, signal).await, "forum_id=2; film=4", "{signal:?}");
    }
    let records = records(&gateway);
    assert_eq!((&records[1]["event"], &records[1]["source"]), (&json!("given"), &json!("embed-gpc")));
    assert_eq!(records[1]["choices"], json!([["advertising", "refuse"], ["social", "grant"], ["media", "grant"]]));
    assert_eq!(records[1]["previous"], records[0]["id"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_claims_to_have_been_told_without_a_signal_was_not() {
    let (site, gateway) = open().await;
    let wish = json!({ "notice": shown(&gateway).await, "answer": "accept", "told": true });
    let (head, _) = json(&gateway, &wish, &[]).await;
    let all = consent(&head).unwrap();
    assert_eq!(reaching(&site, &gateway, &all, &[GPC]).await, "film=4");
    assert_eq!(records(&gateway)[0]["source"], "settings");
}
