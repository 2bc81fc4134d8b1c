//! What visitors meet: no shift, no extra request, equal buttons, keys that never consent, clear failures.

use crate::driver::{SETTINGS, present};
use crate::scene::Scene;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn the_notice_shifts_nothing_and_asks_for_nothing() {
    if !present() {
        return;
    }
    let scene = Scene::open().await;
    scene.browser.devtools(
        "Page.addScriptToEvaluateOnNewDocument",
        json!({ "source": "window.shift = 0; new PerformanceObserver((list) => { for (const e of list.getEntries()) { window.shift += e.value; (window.shifted ??= []).push(...e.sources.map((s) => [s.node?.nodeName, s.node?.className, JSON.stringify(s.previousRect), JSON.stringify(s.currentRect)].join(' '))); } }).observe({type: 'layout-shift', buffered: true});" }),
    ).await;
    scene.visit("/", "neutral").await;
    scene.browser.linger().await;
    let shifted = scene.browser.run("return window.shifted ?? []").await;
    assert_eq!(scene.browser.run("return window.shift").await, json!(0), "{shifted}");
    let own = "return performance.getEntriesByType('resource').filter((e) => e.name.includes('/.well-known/bandeau/')).length";
    assert_eq!(scene.browser.run(own).await, json!(0));
    scene.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn accepting_and_refusing_weigh_the_same() {
    if !present() {
        return;
    }
    let scene = Scene::open().await;
    for (width, height) in [(1280, 900), (390, 844), (320, 640)] {
        scene.browser.client.set_window_size(width, height).await.unwrap();
        scene.visit("/", "neutral").await;
        let weights = scene
            .browser
            .run(
                "return [...document.querySelector('bandeau-notice').shadowRoot.querySelectorAll('.n button[name=answer], .n a.c')].map((b) => { \
                 const s = getComputedStyle(b), r = b.getBoundingClientRect(); \
                 return [b.localName, s.fontSize, s.fontWeight, s.color, s.backgroundColor, s.borderTopWidth, Math.round(r.height), b.value === '' ? 0 : Math.round(r.width), r.bottom <= innerHeight].join(); })",
            )
            .await;
        let weights = weights.as_array().unwrap();
        assert_eq!(weights.len(), 3, "{weights:?}");
        assert_eq!(weights[0], weights[1], "at {width} px");
        assert!(
            weights.iter().all(|weight| weight.as_str().unwrap().ends_with("true")),
            "all in sight at {width} px: {weights:?}"
        );
        scene.browser.shot(&format!("notice-{width}")).await;
    }
    scene.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_on_beforehand_and_escape_answers_nothing() {
    if !present() {
        return;
    }
    let scene = Scene::open().await;
    scene.visit("/", "neutral").await;
    scene.browser.settings().await;
    assert_eq!(
        scene.browser.run(&format!("return {SETTINGS}.querySelectorAll('input[type=checkbox]:checked').length")).await,
        json!(0)
    );
    scene.browser.shot("settings").await;
    scene.browser.key("Escape", 27).await;
    scene.browser.run("document.body.click(); window.scrollTo(0, 2000)").await;
    scene.browser.linger().await;
    scene.visit("/phare", "neutral").await;
    scene.nothing_left_but_for(&[]).await;
    scene.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_book_is_said_where_it_matters() {
    use std::os::unix::fs::PermissionsExt as _;
    if !present() {
        return;
    }
    let scene = Scene::open().await;
    let path = scene.demo.store.strip_prefix("sqlite:").unwrap().to_owned();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o444)).unwrap();
    scene.visit("/", "neutral").await;
    scene.browser.click(".n button[value=accept]").await;
    scene
        .browser
        .until("(document.querySelector('bandeau-notice').shadowRoot.querySelector('.n [role=status]')?.textContent ?? '').length > 20")
        .await;
    scene.browser.shot("book-closed").await;
    scene.visit("/phare", "neutral").await;
    scene.nothing_left_but_for(&[]).await;
    scene.answer("refuse", "red").await;
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    let start = std::time::Instant::now();
    while crate::support::export(&scene.demo.store).is_empty() {
        assert!(start.elapsed().as_secs() < 20, "the refusal was never recorded");
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    scene.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_notice_speaks_the_language_of_the_page() {
    if !present() {
        return;
    }
    let scene = Scene::open().await;
    for (page, language, word) in [("/", "fr", "Tout refuser"), ("/en/", "en", "Reject all")] {
        scene.visit(page, "neutral").await;
        let text = scene.browser.inside(".n button[value=refuse]").await.text().await.unwrap();
        assert_eq!(text, word);
        let said = scene.browser.run("return document.querySelector('bandeau-notice').lang").await;
        assert_eq!(said, json!(language));
    }
    scene.close().await;
}
