//! Under Global Privacy Control: honoured from the first page, and an explicit choice stands against it.

use crate::driver::present;
use crate::scene::{PARTIES, Scene};
use crate::support::export;
use serde_json::json;

impl Scene {
    /// Has the browser send the signal with every request from now on, or no longer.
    async fn signal(&self, on: bool) {
        self.browser.devtools("Network.enable", json!({})).await;
        let headers = if on { json!({ "Sec-GPC": "1" }) } else { json!({}) };
        self.browser.devtools("Network.setExtraHTTPHeaders", json!({ "headers": headers })).await;
    }

    /// What the notice, band and settings say.
    async fn says(&self, words: &str) -> bool {
        let text = self.browser.run("return document.querySelector('bandeau-notice').shadowRoot.textContent").await;
        text.as_str().unwrap().contains(words)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signal_of_the_browser_is_honoured_until_the_visitor_says_otherwise() {
    if !present() {
        return;
    }
    let scene = Scene::open().await;
    scene.signal(true).await;
    scene.visit("/en/", "neutral").await;
    scene.nothing_left_but_for(&[]).await;
    assert!(scene.says("It is honoured where").await);
    scene.browser.shot("gpc-asked").await;
    assert!(export(&scene.demo.store).is_empty(), "the signal is no answer");
    // What the signal is not about can be allowed alone.
    scene.choose(&["media"]).await;
    scene.browser.state("amber").await;
    scene.works("video").await;
    scene.nothing_left_but_for(&["video"]).await;
    assert!(scene.says("signal honoured").await);
    // And what it is about, by who was told.
    scene.visit("/", "amber").await;
    scene.browser.click_in("#comments bandeau-embed", "button[value=allow]").await;
    scene.works("social").await;
    scene.works("comments").await;
    scene.nothing_left_but_for(&["video", "social"]).await;
    scene.visit("/en/", "amber").await;
    assert!(scene.says("you allowed all the same").await && !scene.says("signal honoured").await);
    scene.browser.shot("gpc-despite").await;
    assert_eq!(export(&scene.demo.store).last().unwrap()["source"], "embed-gpc");
    scene.withdraw().await;
    scene.browser.linger().await;
    scene.forget().await;
    scene.visit("/", "red").await;
    scene.nothing_left_but_for(&[]).await;
    scene.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_granted_before_the_signal_is_off_while_it_comes() {
    if !present() {
        return;
    }
    let scene = Scene::open().await;
    scene.visit("/", "neutral").await;
    scene.answer("accept", "green").await;
    scene.works("ads").await;
    scene.signal(true).await;
    scene.browser.goto("about:blank").await;
    scene.browser.linger().await;
    scene.forget().await;
    scene.visit("/", "amber").await;
    scene.works("video").await;
    scene.nothing_left_but_for(&["video", "metrics"]).await;
    let upstream = scene.log().await["upstream"]["cookies"].to_string();
    assert!(!upstream.contains("_ad_id"), "{upstream}");
    // Everything can be allowed all the same, knowingly.
    scene.browser.settings().await;
    scene.browser.press("button[value=accept]").await;
    scene.browser.state("green").await;
    for name in PARTIES {
        scene.works(name).await;
    }
    scene.close().await;
}
