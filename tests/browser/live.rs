//! Pages that go on: an embed that opens in its place, a grant that costs one reload and no place, a notice
//! that outlives the body it stood in.

use crate::driver::present;
use crate::newsstand::Newsstand;
use crate::site::{fed, typed};
use crate::support::{export, store};
use bytes::Bytes;
use serde_json::json;

/// An embed far down, another of the same host, one of another service, and a closed feature.
fn story(port: u16) -> String {
    format!(
        "<!doctype html><html lang=en><title>t</title><style>body{{margin:0}}</style><div style='height:1500px'>top</div>\
         <p id=before>before</p>\
         <iframe id=one src='http://video.localhost:{port}/film?a=1&b=2' width=560 height=315 title='The \"tide\"' \
         allow='autoplay; fullscreen' sandbox='allow-scripts' class=film></iframe>\
         <p id=after>after</p><div style='height:2000px'></div>\
         <iframe src='http://video.localhost:{port}/second' width=400 height=300></iframe>\
         <iframe src='http://forum.localhost:{port}/thread' width=400 height=300></iframe>\
         <div id=comments>comments</div><div style='height:2000px'>end</div>"
    )
}

const FIRST: &str = "document.querySelector('bandeau-embed[data-frame*=\"a%3D1\"]')";
const ONE: &str = "bandeau-embed[data-frame*='a%3D1']";

impl Newsstand {
    /// Answers on the first layer.
    async fn answer(&self, answer: &str, state: &str) {
        self.browser.click(&format!(".n button[value={answer}]")).await;
        self.browser.state(state).await;
    }

    /// Where the texts around the embed are, and the page itself.
    async fn places(&self) -> serde_json::Value {
        self.read(
            "[scrollY, ...['before', 'after'].map((id) => document.getElementById(id).getBoundingClientRect().top), \
             document.documentElement.scrollHeight]",
        )
        .await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_embed_opens_in_its_place() {
    if !present() {
        return;
    }
    let stand = Newsstand::open(&[], story).await;
    stand.visit("/story?x=1", "neutral").await;
    stand.answer("refuse", "red").await;
    stand
        .browser
        .run(&format!("window.same = true; {FIRST}.shadowRoot.querySelector('button').scrollIntoView({{block: 'center', behavior: 'instant'}})"))
        .await;
    let before = stand.places().await;
    stand.browser.shot("place-before").await;
    stand.browser.click_in(ONE, "button[value=allow]").await;
    stand.shown(1).await;
    // The band and the settings say so without a reload.
    stand.browser.state("amber").await;
    assert_eq!(stand.read("window.same").await, json!(true), "the page was not loaded anew");
    assert_eq!(stand.places().await, before, "nothing moved");
    let inner = "(() => { const f = document.querySelector('iframe.film').contentDocument.querySelector('iframe'); \
                 return ['allow', 'sandbox', 'title'].map((name) => f.getAttribute(name)) })()";
    assert_eq!(stand.read(inner).await, json!(["autoplay; fullscreen", "allow-scripts", "The \"tide\""]));
    assert_eq!(stand.read("document.querySelector('iframe.film').title").await, json!("The \"tide\""));
    assert_eq!(
        stand.read("document.activeElement.className").await,
        json!("film"),
        "the focus is where the button was"
    );
    let settings = "document.querySelector('bandeau-notice').shadowRoot.querySelector('[type=checkbox][name=\"choice.media\"]').checked";
    assert_eq!(stand.read(settings).await, json!(true));
    assert_eq!(stand.read("document.querySelectorAll('bandeau-notice').length").await, json!(1));
    stand.browser.shot("place-after").await;
    // The other film of that host is open too, and what is for another purpose is not.
    assert_eq!(stand.read("document.querySelectorAll('bandeau-embed').length").await, json!(2));
    assert!(stand.video.seen().iter().all(|seen| seen.header("host").unwrap().starts_with("video.localhost")));
    assert!(stand.video.seen()[0].header("referer").is_some_and(|from| from == stand.url("/")), "the origin alone");
    let records = export(&store(stand.gateway.dir.path()));
    assert_eq!(
        (records.len(), &records[1]["source"], &records[1]["event"]),
        (2, &json!("embed"), &json!("given"))
    );
    stand.close().await;
}
