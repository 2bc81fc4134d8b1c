//! With script off: the same questions, the same answers, the same silence.

use crate::driver::present;
use crate::scene::Scene;
use crate::support::export;
use serde_json::json;

impl Scene {
    /// Waits until the whole page is there and shows this state. The tree can be asked also where script is off.
    async fn shows(&self, state: &str) {
        self.browser.state(state).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn refusing_works_and_nothing_leaves() {
    if !present() {
        return;
    }
    let scene = Scene::open().await;
    scene.browser.scripts(false).await;
    scene.browser.goto(&scene.demo.site).await;
    scene.shows("neutral").await;
    scene.nothing_left_but_for(&[]).await;
    scene.cookies_are_exempt_but_for(&[]).await;
    scene.browser.shot("noscript-asked").await;
    scene.browser.click(".n button[value=refuse]").await;
    scene.shows("red").await;
    for page in ["/phare", "/en/", "/"] {
        scene.browser.goto(&format!("{}{page}", scene.demo.site)).await;
        scene.shows("red").await;
    }
    scene.nothing_left_but_for(&[]).await;
    scene.cookies_are_exempt_but_for(&[]).await;
    scene.browser.scripts(true).await;
    scene.storage_is_empty().await;
    assert_eq!(export(&scene.demo.store)[0]["event"], json!("refused"));
    scene.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn accepting_works_and_what_needs_no_script_loads() {
    if !present() {
        return;
    }
    let scene = Scene::open().await;
    scene.browser.scripts(false).await;
    scene.browser.goto(&format!("{}/en/", scene.demo.site)).await;
    scene.browser.click(".n button[value=accept]").await;
    scene.shows("green").await;
    assert!(scene.browser.client.current_url().await.unwrap().path() == "/en/", "back on the page it was given on");
    scene.browser.until("document.readyState === 'complete'").await;
    scene.browser.linger().await;
    let received = scene.received().await;
    for name in ["metrics", "ads", "social", "video"] {
        assert!(received.iter().any(|(party, _, requests)| party == name && *requests > 0), "{name}: {received:?}");
    }
    // Withdrawing takes one click as well.
    scene.browser.click(".y button[value=refuse]").await;
    scene.shows("red").await;
    scene.browser.linger().await;
    scene.forget().await;
    scene.browser.goto(&scene.demo.site).await;
    scene.nothing_left_but_for(&[]).await;
    scene.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn choosing_works_in_the_settings() {
    if !present() {
        return;
    }
    let scene = Scene::open().await;
    scene.browser.scripts(false).await;
    scene.browser.goto(&scene.demo.site).await;
    scene.choose(&["social"]).await;
    scene.shows("amber").await;
    scene.nothing_left_but_for(&["social"]).await;
    // The comments are there, and their form works without script too.
    let form = scene.browser.client.form(fantoccini::Locator::Css("#comments form")).await.unwrap();
    form.set_by_name("name", "Ada").await.unwrap();
    form.set_by_name("text", "Without a script.").await.unwrap();
    let button = scene.browser.client.find(fantoccini::Locator::Css("#comments form button")).await.unwrap();
    scene.browser.run("document.querySelector('#comments form button').scrollIntoView({block: 'center'})").await;
    button.click().await.unwrap();
    scene
        .browser
        .until("document.querySelector('#comments')?.textContent.includes('Without a script.') === true")
        .await;
    scene.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_placeholder_allows_just_what_it_needs() {
    if !present() {
        return;
    }
    let scene = Scene::open().await;
    scene.browser.scripts(false).await;
    scene.browser.goto(&scene.demo.site).await;
    scene.browser.click(".n button[value=refuse]").await;
    scene.shows("red").await;
    scene.browser.click_in("#comments bandeau-embed", "button[value=allow]").await;
    scene.shows("amber").await;
    scene.nothing_left_but_for(&["social"]).await;
    scene.close().await;
}
