//! After a decision: other tabs, pages that come back, and what the browser is told to clear.

use crate::driver::{Browser, present};
use crate::scene::Scene;
use crate::support::{CONFIG, Gateway};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

#[tokio::test(flavor = "multi_thread")]
async fn other_tabs_follow_a_decision() {
    if !present() {
        return;
    }
    let scene = Scene::open().await;
    scene.visit("/phare", "neutral").await;
    let first = scene.browser.client.window().await.unwrap();
    let second = scene.browser.client.new_window(true).await.unwrap();
    scene.browser.client.switch_to_window(second.handle).await.unwrap();
    scene.visit("/", "neutral").await;
    scene.answer("refuse", "red").await;
    scene.browser.client.switch_to_window(first).await.unwrap();
    scene.browser.state("red").await;
    scene.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn going_back_shows_where_the_visitor_stands_now() {
    if !present() {
        return;
    }
    let scene = Scene::open().await;
    scene.visit("/", "neutral").await;
    scene.answer("accept", "green").await;
    scene.visit("/phare", "green").await;
    scene.withdraw().await;
    scene.browser.linger().await;
    scene.forget().await;
    scene.browser.client.back().await.unwrap();
    scene.browser.until("location.pathname === '/'").await;
    scene.browser.state("red").await;
    scene.nothing_left_but_for(&[]).await;
    scene.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn withdrawing_in_one_tab_empties_the_others() {
    if !present() {
        return;
    }
    let scene = Scene::open().await;
    scene.visit("/", "neutral").await;
    scene.answer("accept", "green").await;
    scene.works("ads").await;
    let first = scene.browser.client.window().await.unwrap();
    let second = scene.browser.client.new_window(true).await.unwrap();
    scene.browser.client.switch_to_window(second.handle).await.unwrap();
    scene.visit("/phare", "green").await;
    scene.withdraw().await;
    scene.browser.client.switch_to_window(first).await.unwrap();
    scene.browser.state("red").await;
    scene.browser.linger().await;
    scene.forget().await;
    scene.nothing_left_but_for(&[]).await;
    scene.cookies_are_exempt_but_for(&[]).await;
    scene.storage_is_empty().await;
    scene.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_kept_whole_by_the_browser_is_asked_for_again() {
    if !present() {
        return;
    }
    let scene = Scene::open().await;
    // Notes in the window's name, which outlives a reload, that the page came back as it was.
    let note = "addEventListener('pageshow', (e) => { if (e.persisted) window.name = 'kept'; })";
    scene.browser.devtools("Page.addScriptToEvaluateOnNewDocument", json!({ "source": note })).await;
    // A page without embeds: those can keep a browser from keeping it.
    scene.visit("/confidentialite", "neutral").await;
    scene.answer("accept", "green").await;
    scene.browser.run("location.href = '/phare'").await;
    scene.browser.until("location.pathname === '/phare'").await;
    scene.browser.state("green").await;
    // As a tab without a script would: nobody tells the page that was left.
    scene.browser.scripts(false).await;
    scene.browser.click(".y button[value=refuse]").await;
    scene
        .browser
        .until("location.pathname === '/phare' && document.querySelector('bandeau-notice')?.dataset.state === 'red'")
        .await;
    scene.browser.scripts(true).await;
    scene.browser.run("history.go(-2)").await;
    scene.browser.until("location.pathname === '/confidentialite'").await;
    scene.browser.state("red").await;
    println!("kept by the browser: {}", scene.browser.run("return window.name").await);
    scene.close().await;
}

/// A site that answers everything with one page.
async fn page(html: &'static str) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let _ = stream.read(&mut [0; 16 << 10]).await;
                let head = format!(
                    "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
                    html.len()
                );
                let _ = stream.write_all(&[head.as_bytes(), html.as_bytes()].concat()).await;
            });
        }
    });
    url
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_browser_is_told_to_clear_is_gone_and_the_refusal_stands() {
    if !present() {
        return;
    }
    let site = page("<!doctype html><title>t</title><p>x").await;
    let theme = "[[service]]\nid = \"look\"\npurpose = \"technical\"\nstorage = [\"theme\"]\ncookies = [\"own\"]\n";
    for (clear, left) in [("[]", 4), ("[\"cache\", \"storage\"]", 0)] {
        let gateway = Gateway::start(&site, &format!("[policy]\nclear = {clear}\n{CONFIG}{theme}"));
        let browser = Browser::start().await;
        browser.goto(&gateway.url("/")).await;
        browser.click(".n button[value=accept]").await;
        browser.state("green").await;
        let keep = "(async () => { localStorage.theme = sessionStorage.theme = 'dark'; document.cookie = 'own=1; path=/'; \
            document.cookie = 'forum_x=1; path=/'; await caches.open('theme'); \
            await new Promise((done) => indexedDB.open('theme').onsuccess = (e) => { e.target.result.close(); done(); }); \
            return 'kept'; })()";
        assert_eq!(browser.settle(keep).await, json!("kept"));
        assert_eq!(browser.storage().await.len(), 4);
        browser.click(".y button[value=refuse]").await;
        browser.state("red").await;
        assert_eq!(browser.storage().await.len(), left, "{clear}");
        let mut cookies: Vec<String> = browser.cookies().await.into_iter().map(|(_, name)| name).collect();
        cookies.sort();
        assert_eq!(cookies, ["bandeau", "own"], "the refusal is there, and the visitor is not logged out");
        browser.goto(&gateway.url("/")).await;
        browser.state("red").await;
        browser.close().await;
    }
}
