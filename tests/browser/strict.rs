//! Under policies of the site's own that refuse nearly everything, and with script off: every layer of every layout is
//! shown, has its style and works, and no policy is broken by us.

use crate::access::LAYOUTS;
use crate::driver::{Browser, present};
use crate::newsstand::laid;
use crate::site::{Site, page};
use crate::support::{Gateway, export, store};
use serde_json::json;

/// A name, and what the site sends.
const POLICIES: [(&str, &str); 5] = [
    ("none", ""),
    (
        "nonce only",
        "default-src 'self'; script-src 'nonce-abc'; style-src 'nonce-abc'; object-src 'none'; base-uri 'none'",
    ),
    (
        "strict-dynamic",
        "script-src 'nonce-abc' 'strict-dynamic'; style-src 'self' 'nonce-abc'; object-src 'none'; base-uri 'none'",
    ),
    (
        "trusted types",
        "script-src 'nonce-abc' 'strict-dynamic'; require-trusted-types-for 'script'; trusted-types 'none'; base-uri 'none'",
    ),
    ("files only", "default-src 'self'; script-src 'self'; style-src 'self'; require-trusted-types-for 'script'"),
];

/// Notes every violation, in every page.
const WATCH: &str = "window.broken = []; addEventListener('securitypolicyviolation', (e) => broken.push([e.effectiveDirective, e.blockedURI, e.sample, e.sourceFile, e.lineNumber].join(' ')), true); \
    addEventListener('error', (e) => broken.push('error ' + e.message), true);";

struct Press {
    _site: Site,
    gateway: Gateway,
}

impl Press {
    async fn open(layout: &str, policy: &'static str) -> Self {
        let site = Site::start(move |_| {
            let mut answer = page(
                "<!doctype html><html lang=en><meta charset=utf-8><title>t</title><body><h1>strict</h1>\
                 <div id=comments>Comments.</div>",
            );
            if !policy.is_empty() {
                let value = http::HeaderValue::from_static(policy);
                answer.headers_mut().insert("content-security-policy", value);
            }
            answer
        })
        .await;
        let gateway = Gateway::start(&site.url, &laid(layout));
        Self { _site: site, gateway }
    }

    async fn visit(&self, browser: &Browser, state: &str) {
        if state == "neutral" {
            browser.devtools("Network.clearBrowserCookies", json!({})).await;
        }
        browser.goto(&format!("http://news.localhost:{}/", self.gateway.port)).await;
        shows(browser, state).await;
    }

    /// Waits for the record of a decision: its event and where it was given.
    async fn recorded(&self, count: usize) -> (String, String) {
        let start = std::time::Instant::now();
        loop {
            if let Some(record) = export(&store(self.gateway.dir.path())).get(count - 1) {
                let text = |key: &str| record[key].as_str().unwrap().to_owned();
                return (text("event"), text("source"));
            }
            assert!(start.elapsed().as_secs() < 20, "{count} decisions were never recorded");
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
    }
}

/// Waits until the page shows this state. DevTools asks the tree also where script is off.
async fn shows(browser: &Browser, state: &str) {
    browser
        .until(&format!("document.readyState === 'complete' && document.querySelector('bandeau-notice')?.dataset.state === '{state}'"))
        .await;
}

/// The style is not only there, it acts.
async fn styled(browser: &Browser, selector: &str, property: &str, value: &str) {
    let look = format!(
        "getComputedStyle(document.querySelector('bandeau-notice').shadowRoot.querySelector('{selector}')).{property} === '{value}'"
    );
    browser.until(&look).await;
}

async fn unbroken(browser: &Browser, scripts: bool, at: &str) {
    if scripts {
        assert_eq!(browser.run("return window.broken").await, json!([]), "{at}");
    }
}

/// Everything a visitor does, one after the other.
async fn works(browser: &Browser, press: &Press, scripts: bool, at: &str) {
    press.visit(browser, "neutral").await;
    styled(browser, ".n", "display", "block").await;
    styled(browser, ".n button[value=accept]", "borderTopWidth", "2px").await;
    browser.until("getComputedStyle(document.querySelector('bandeau-notice')).position === 'fixed'").await;
    unbroken(browser, scripts, at).await;
    browser.click(".n button[value=refuse]").await;
    shows(browser, "red").await;
    styled(browser, ".t", "backgroundColor", "rgb(165, 38, 29)").await;
    assert_eq!(press.recorded(1).await, ("refused".into(), "banner".into()), "{at}");
    // The settings, from the band.
    browser.settings().await;
    unbroken(browser, scripts, at).await;
    browser.press("input[role=switch][name='choice.social']").await;
    browser.press("button[value=choose]").await;
    shows(browser, "amber").await;
    assert_eq!(press.recorded(2).await, ("given".into(), "settings".into()), "{at}");
    unbroken(browser, scripts, at).await;
    // Withdrawn with one click, and allowed again at a placeholder.
    browser.click(".y button[value=refuse]").await;
    shows(browser, "red").await;
    assert_eq!(press.recorded(3).await, ("withdrawn".into(), "withdrawal".into()), "{at}");
    let look = "getComputedStyle(document.querySelector('bandeau-embed').shadowRoot.querySelector('.e')).borderTopStyle === 'solid'";
    browser.until(look).await;
    browser.click_in("bandeau-embed", "button[value=allow]").await;
    shows(browser, "amber").await;
    assert_eq!(press.recorded(4).await, ("given".into(), "embed".into()), "{at}");
    press.visit(browser, "neutral").await;
    // And from the first layer, to the settings and to everything.
    browser.settings().await;
    browser.press("button[value=choose]").await;
    shows(browser, "red").await;
    press.visit(browser, "neutral").await;
    browser.click(".n button[value=accept]").await;
    shows(browser, "green").await;
    styled(browser, ".t", "backgroundColor", "rgb(26, 107, 63)").await;
    unbroken(browser, scripts, at).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_layer_works_under_strict_policies() {
    if !present() {
        return;
    }
    let browser = Browser::start().await;
    browser.devtools("Page.addScriptToEvaluateOnNewDocument", json!({ "source": WATCH })).await;
    for (turn, (name, policy)) in POLICIES.into_iter().enumerate() {
        let layout = LAYOUTS[turn % LAYOUTS.len()];
        works(&browser, &Press::open(layout, policy).await, true, &format!("{name}, {layout}")).await;
    }
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_layer_works_without_script() {
    if !present() {
        return;
    }
    let browser = Browser::start().await;
    browser.scripts(false).await;
    // Each layout without a policy, each policy in some layout.
    let rounds = LAYOUTS
        .into_iter()
        .map(|layout| (layout, POLICIES[0]))
        .chain(LAYOUTS.into_iter().cycle().zip(POLICIES.into_iter().skip(1)));
    for (layout, (name, policy)) in rounds {
        works(&browser, &Press::open(layout, policy).await, false, &format!("{name}, {layout}, no script")).await;
    }
    browser.close().await;
}
