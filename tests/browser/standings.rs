//! With script on: before a choice, refused, accepted, partial, withdrawn, and under Global Privacy Control.

use crate::driver::present;
use crate::scene::{PARTIES, Scene};
use crate::support::export;
use serde_json::json;

const PAGES: [&str; 6] = ["/", "/en/", "/phare", "/marche", "/bibliotheque", "/confidentialite"];

#[tokio::test(flavor = "multi_thread")]
async fn before_a_choice_nothing_leaves_and_nothing_is_kept() {
    if !present() {
        return;
    }
    let scene = Scene::open().await;
    for page in PAGES {
        scene.visit(page, "neutral").await;
        scene.nothing_left_but_for(&[]).await;
    }
    scene.cookies_are_exempt_but_for(&[]).await;
    scene.storage_is_empty().await;
    assert!(export(&scene.demo.store).is_empty(), "looking is no decision");
    scene.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_refusing_nothing_leaves_and_nothing_is_kept() {
    if !present() {
        return;
    }
    let scene = Scene::open().await;
    scene.visit("/", "neutral").await;
    scene.answer("refuse", "red").await;
    for page in PAGES {
        scene.visit(page, "red").await;
        scene.nothing_left_but_for(&[]).await;
    }
    scene.cookies_are_exempt_but_for(&[]).await;
    scene.storage_is_empty().await;
    scene.visit("/", "red").await;
    scene.works("stats").await;
    let comments = scene.browser.settle("fetch('/comments/moulin').then((r) => r.status)").await;
    assert_eq!(comments, json!(403));
    let records = export(&scene.demo.store);
    assert_eq!(records.len(), 1);
    assert_eq!(records[0]["event"], "refused");
    scene.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_accepting_everything_works() {
    if !present() {
        return;
    }
    let scene = Scene::open().await;
    scene.visit("/", "neutral").await;
    scene.answer("accept", "green").await;
    for name in PARTIES.iter().chain(&["stats", "comments"]) {
        scene.works(name).await;
    }
    for (name, _, requests) in scene.received().await {
        assert!(requests > 0, "{name} received nothing");
    }
    let records = export(&scene.demo.store);
    assert_eq!((records.len(), &records[0]["event"]), (1, &json!("given")));
    scene.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn with_social_networks_alone_comments_work_and_advertising_does_not() {
    if !present() {
        return;
    }
    let scene = Scene::open().await;
    scene.visit("/", "neutral").await;
    scene.choose(&["social"]).await;
    scene.browser.state("amber").await;
    scene.works("social").await;
    scene.works("comments").await;
    let posted = scene
        .browser
        .settle(
            "fetch('/comments', {method: 'POST', headers: {'content-type': 'application/json', accept: 'application/json'}, \
             body: JSON.stringify({name: 'Ada', text: 'First!', article: 'moulin'})}).then((r) => r.status)",
        )
        .await;
    assert!(posted == json!(200) || posted == json!(201), "{posted}");
    let listed = scene.browser.settle("fetch('/comments/moulin').then((r) => r.text())").await;
    assert!(listed.as_str().unwrap().contains("First!"), "{listed}");
    scene.nothing_left_but_for(&["social"]).await;
    scene.cookies_are_exempt_but_for(&["social_id"]).await;
    scene.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_withdrawing_nothing_is_sent_or_kept() {
    if !present() {
        return;
    }
    let scene = Scene::open().await;
    scene.visit("/", "neutral").await;
    scene.answer("accept", "green").await;
    for name in PARTIES {
        scene.works(name).await;
    }
    let before = scene.browser.cookies().await;
    assert!(before.iter().any(|(_, name)| name == "_ad_id"), "there is something to take back: {before:?}");
    // One click gave it, one click takes it back.
    scene.withdraw().await;
    scene.browser.linger().await;
    scene.forget().await;
    for page in PAGES {
        scene.visit(page, "red").await;
    }
    scene.nothing_left_but_for(&[]).await;
    scene.cookies_are_exempt_but_for(&[]).await;
    scene.storage_is_empty().await;
    let upstream = scene.log().await["upstream"]["cookies"].to_string();
    for name in ["_ad_id", "taste_id", "social_id", "_mx_id", "bandeau"] {
        assert!(!upstream.contains(name), "the site still receives {name}: {upstream}");
    }
    let records = export(&scene.demo.store);
    assert_eq!((records.len(), &records[1]["event"]), (2, &json!("withdrawn")));
    assert_eq!(records[1]["previous"], records[0]["id"], "a withdrawal names what it withdraws");
    // And granting again works.
    scene.visit("/", "red").await;
    scene.choose(&["media"]).await;
    scene.browser.state("amber").await;
    scene.works("video").await;
    scene.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_embed_can_be_allowed_from_its_place() {
    if !present() {
        return;
    }
    let scene = Scene::open().await;
    scene.visit("/", "neutral").await;
    scene.answer("refuse", "red").await;
    scene.browser.shot("placeholder-before").await;
    scene.browser.run("window.same = true").await;
    scene.browser.click_in("bandeau-embed[data-purpose=media]", "button[value=allow]").await;
    scene.browser.state("amber").await;
    // It stands in a frame of ours, in the same page; nothing else came with it.
    scene
        .browser
        .until("document.querySelector('iframe[src*=\"/embed?\"]')?.contentDocument?.querySelector('iframe') != null")
        .await;
    scene.browser.linger().await;
    assert_eq!(scene.browser.run("return window.same").await, json!(true));
    assert!(scene.received().await.iter().any(|(name, _, requests)| name == "video" && *requests > 0));
    scene.nothing_left_but_for(&["video"]).await;
    scene.browser.shot("placeholder-after").await;
    // From the next page on it is the page's own.
    scene.visit("/", "amber").await;
    scene.works("video").await;
    scene.nothing_left_but_for(&["video"]).await;
    scene.close().await;
}
