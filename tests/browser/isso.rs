//! A real comment engine behind the gateway: Isso, as the site's own. Closed until social networks are
//! granted, in the page and on its routes; open after; closed again.

use crate::driver::{Browser, present};
use crate::support::{Gateway, Process, get, port, wait_for};
use serde_json::json;
use std::path::PathBuf;
use std::process::{Command, Stdio};

const CONFIG: &str = r##"
[site]
name = "Isso Demo"
hosts = ["127.0.0.1"]
controller = "Tests"
privacy = "/privacy"
languages = ["en"]

[[service]]
use = "isso"

[[feature]]
id = "comments"
needs = ["social"]
routes = ["/new", "GET /?uri=*", "/id/*", "/count", "/preview", "/config", "GET /js/*"]
embeds = ["#isso-thread"]
"##;

/// Isso's program, where the test command installed it.
fn isso() -> Option<PathBuf> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../.venv/bin/isso");
    #[expect(clippy::disallowed_methods, reason = "tests ask where they run")]
    let ci = std::env::var("CI").is_ok();
    assert!(path.exists() || !ci, "Isso is not installed in .venv, and CI is set");
    if !path.exists() {
        eprintln!("SKIPPED: Isso is not installed in .venv (the test command of the README installs it)");
        return None;
    }
    Some(path)
}

/// Isso on a port of its own, believing that it is reached through the gateway.
fn engine(program: PathBuf, port: u16, front: u16, dir: &std::path::Path) -> Process {
    let config = format!(
        "[general]\ndbpath = {}/comments.db\nhost = http://127.0.0.1:{front}\n[server]\nlisten = http://127.0.0.1:{port}\n\
         [guard]\nenabled = false\n",
        dir.display()
    );
    let path = dir.join("isso.cfg");
    std::fs::write(&path, config).unwrap();
    let mut command = Command::new(program);
    command.arg("-c").arg(path).arg("run").stdout(Stdio::null()).stderr(Stdio::null());
    let process = Process::spawn(&mut command);
    wait_for(port);
    process
}

#[tokio::test(flavor = "multi_thread")]
async fn comments_open_with_their_purpose_and_close_with_it() {
    let Some(program) = isso().filter(|_| present()) else {
        return;
    };
    let upstream = port();
    let gateway = Gateway::start(&format!("http://127.0.0.1:{upstream}"), CONFIG);
    let _engine = engine(program, upstream, gateway.port, gateway.dir.path());
    let browser = Browser::start().await;
    let page = gateway.url("/demo/index.html");

    browser.goto(&page).await;
    browser.state("neutral").await;
    assert_eq!(browser.run("return document.querySelectorAll('#isso-thread bandeau-embed').length").await, json!(1));
    assert_eq!(browser.run("return document.querySelectorAll('.isso-postbox').length").await, json!(0));
    browser.shot("isso-closed").await;
    for (route, accept, word) in [
        ("/?uri=%2Fdemo%2F", "application/json", "\"error\":\"closed\""),
        ("/new?uri=%2Fdemo%2F", "text/html", "<!doctype html>"),
    ] {
        let (head, body) = get(&gateway.url(route), &[("accept", accept)]).await;
        assert_eq!(head.status, 403, "{route}");
        assert!(body.to_lowercase().contains(word), "{route}: {body}");
    }

    browser.click_in("#isso-thread bandeau-embed", "button[value=allow]").await;
    browser.until("document.querySelector('.isso-postbox .isso-textarea') !== null").await;
    // Isso's own way to write: an editable element and a form of its own.
    browser
        .run(
            "const box = document.querySelector('.isso-postbox'), area = box.querySelector('.isso-textarea'); \
             area.focus(); if ('value' in area) area.value = 'A comment through the gate.'; \
             else { area.innerHTML = 'A comment through the gate.'; area.classList.remove('isso-placeholder'); } \
             area.dispatchEvent(new Event('input', {bubbles: true})); \
             const name = box.querySelector('[name=author]'); if (name) name.value = 'Ada';",
        )
        .await;
    // By script: what Isso still loads moves the button about.
    browser.run("document.querySelector('.isso-postbox input[type=submit]').click()").await;
    browser
        .until("[...document.querySelectorAll('#isso-root .isso-comment')].some((c) => c.textContent.includes('A comment through the gate.'))")
        .await;
    browser.shot("isso-open").await;

    // It is really kept by the engine: a new load shows it.
    browser.goto(&page).await;
    browser
        .until("[...document.querySelectorAll('#isso-root .isso-comment')].some((c) => c.textContent.includes('A comment through the gate.'))")
        .await;

    browser.click(".y button[value=refuse]").await;
    browser.state("red").await;
    browser.until("document.querySelectorAll('#isso-thread bandeau-embed').length === 1").await;
    assert_eq!(browser.run("return document.querySelectorAll('#isso-root').length").await, json!(0));
    let status = browser.settle("fetch('/?uri=%2Fdemo%2Findex.html').then((r) => r.status)").await;
    assert_eq!(status, json!(403));
    let names: Vec<String> = browser.cookies().await.into_iter().map(|(_, name)| name).collect();
    assert!(!names.iter().any(|name| name.starts_with("isso-")), "{names:?}");
    browser.close().await;
}
