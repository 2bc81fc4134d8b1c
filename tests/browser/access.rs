//! Keys and voices: the order of the focus and its return, keys that never answer, names and states as the browser tells
//! them to assistive technology. What machines find by rules is in `tests/access`.

use crate::driver::{Browser, SETTINGS, present};
use crate::newsstand::laid;
use crate::site::{Site, page};
use crate::support::{Gateway, export, store};
use serde_json::{Value, json};

pub const LAYOUTS: [&str; 3] = ["bar", "card", "dialog"];

/// A page of the site's behind a gateway with one layout, and a browser that others share.
pub struct Paper<'a> {
    _site: Site,
    pub gateway: Gateway,
    pub browser: &'a Browser,
}

impl<'a> Paper<'a> {
    pub async fn open(browser: &'a Browser, layout: &str) -> Self {
        Self::with(browser, layout, "").await
    }

    /// With more of the configuration, of tables that are not begun yet.
    pub async fn with(browser: &'a Browser, layout: &str, more: &str) -> Self {
        let site = Site::start(|seen| {
            let rtl = seen.path().starts_with("/ar");
            let links: String = (0..40).map(|at| format!("<p><a id=link{at} href=#>line {at}</a> and more of it</p>")).collect();
            page(format!(
                "<!doctype html><html lang={}><meta charset=utf-8><meta name=viewport content='width=device-width'><title>t</title>\
                 <style>iframe {{ max-width: 100% }}</style>\
                 <body><main><h1>long</h1>{links}<iframe src='http://video.localhost:9/film' width=560 height=315></iframe>\
                 <div id=comments>Comments.</div><p><a id=last href=#>last</a></main>",
                if rtl { "ar dir=rtl" } else { "en" }
            ))
        })
        .await;
        let gateway = Gateway::start(&site.url, &format!("{}{more}", laid(layout)));
        Self { _site: site, gateway, browser }
    }

    /// Goes to a page as somebody who has never been here.
    pub async fn visit(&self, path: &str) {
        self.browser.devtools("Network.clearBrowserCookies", json!({})).await;
        self.come(path, "neutral").await;
    }

    pub async fn come(&self, path: &str, state: &str) {
        self.browser.goto(&format!("http://news.localhost:{}{path}", self.gateway.port)).await;
        self.browser.state(state).await;
    }

    pub fn records(&self) -> Vec<Value> {
        export(&store(self.gateway.dir.path()))
    }

    /// Waits until so many decisions are recorded, and gives the last.
    pub async fn recorded(&self, count: usize) -> Value {
        let start = std::time::Instant::now();
        loop {
            if let Some(last) = self.records().get(count - 1) {
                return last.clone();
            }
            assert!(start.elapsed().as_secs() < 20, "{count} decisions were never recorded");
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
    }

    pub async fn read(&self, expression: &str) -> Value {
        self.browser.run(&format!("return {expression}")).await
    }

    /// Opens the settings as a layer, by the keyboard, and waits until it is shown.
    pub async fn layer(&self) {
        let opener = "[...document.querySelector('bandeau-notice').shadowRoot.querySelectorAll('.n a.c, .t')].find((at) => at.checkVisibility())";
        self.browser.run(&format!("{opener}.focus()")).await;
        self.browser.key("Enter", 13).await;
        self.browser.until(&format!("{SETTINGS} !== null")).await;
        assert_eq!(self.read(&format!("{SETTINGS}.matches('.o[popover]')")).await, json!(true), "a layer, not a page");
    }

    /// Nobody answered: no cookie of ours, no record, and the question stands.
    async fn unanswered(&self, after: &str) {
        self.browser.linger().await;
        let cookies = self.browser.cookies().await;
        assert!(cookies.iter().all(|(_, name)| !name.contains("bandeau")), "{after}: {cookies:?}");
        assert_eq!(self.records(), Vec::<Value>::new(), "{after}");
    }
}

/// What has the focus, in a word.
const FOCUS: &str = "(() => { let at = document.activeElement; while (at.shadowRoot?.activeElement) at = at.shadowRoot.activeElement; \
    return at.value || at.id || (at.matches('.n .s') ? 'text' : at.matches('.m a') ? 'privacy' : at.matches('a.c') ? 'choose' : \
    at.matches('.t') ? 'band' : at.matches('.z') ? 'cross' : at.localName) })()";

#[tokio::test(flavor = "multi_thread")]
async fn the_focus_goes_through_the_notice_and_on() {
    if !present() {
        return;
    }
    let browser = Browser::start().await;
    for layout in LAYOUTS {
        let paper = Paper::open(&browser, layout).await;
        for path in ["/", "/ar"] {
            paper.visit(path).await;
            let mut order = Vec::new();
            for _ in 0..7 {
                browser.key("Tab", 9).await;
                order.push(paper.read(FOCUS).await);
            }
            assert_eq!(order, ["text", "privacy", "accept", "refuse", "choose", "link0", "link1"], "{layout} {path}");
            for back in ["link0", "choose", "refuse"] {
                browser.keys("Tab", 9, 8).await;
                assert_eq!(paper.read(FOCUS).await, json!(back), "{layout} {path}: no trap");
            }
        }
    }
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_settings_take_the_focus_and_give_it_back() {
    if !present() {
        return;
    }
    let browser = Browser::start().await;
    for layout in LAYOUTS {
        let paper = Paper::open(&browser, layout).await;
        paper.visit("/").await;
        for close in ["Escape", "cross"] {
            paper.layer().await;
            assert_eq!(paper.read(FOCUS).await, json!("o"), "{layout}: on the heading");
            if close == "Escape" {
                browser.key("Escape", 27).await;
            } else {
                browser.press(".z").await;
            }
            browser.until(&format!("{SETTINGS} === null")).await;
            assert_eq!(paper.read(FOCUS).await, json!("choose"), "{layout}: back after {close}");
        }
        paper.unanswered("closing the settings").await;
    }
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn escape_answers_nothing_anywhere() {
    if !present() {
        return;
    }
    let browser = Browser::start().await;
    for layout in LAYOUTS {
        let paper = Paper::open(&browser, layout).await;
        // Nowhere, then on each stop of the first layer.
        for tabs in 0..6 {
            paper.visit("/").await;
            for _ in 0..tabs {
                browser.key("Tab", 9).await;
            }
            browser.key("Escape", 27).await;
        }
        paper.visit("/").await;
        paper.layer().await;
        browser.run(&format!("{SETTINGS}.querySelector('input[role=switch]').focus()")).await;
        browser.key(" ", 32).await;
        browser.key("Escape", 27).await;
        browser.key("Escape", 27).await;
        paper.unanswered("Escape in the layer").await;
        // The band reopens what Escape made small, if it did: the question still stands.
        paper.come("/", "neutral").await;
        assert_eq!(paper.read("document.querySelector('bandeau-notice').hasAttribute('data-ask')").await, json!(true));
        browser.goto(&format!("http://news.localhost:{}/.well-known/bandeau/settings", paper.gateway.port)).await;
        browser.run("document.querySelector('input[role=switch]').focus()").await;
        browser.key("Escape", 27).await;
        paper.unanswered("Escape on the page of settings").await;
    }
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn enter_in_a_switch_saves_what_is_chosen_and_no_more() {
    if !present() {
        return;
    }
    let browser = Browser::start().await;
    let paper = Paper::open(&browser, "bar").await;
    for (count, (layer, flip)) in [(true, false), (true, true), (false, false), (false, true)].into_iter().enumerate() {
        paper.visit("/").await;
        if layer {
            paper.layer().await;
        } else {
            browser
                .goto(&format!("http://news.localhost:{}/.well-known/bandeau/settings?back=/", paper.gateway.port))
                .await;
        }
        browser.run(&format!("{SETTINGS}.querySelector('input[role=switch][name=\"choice.media\"]').focus()")).await;
        if flip {
            browser.key(" ", 32).await;
        }
        browser.key("Enter", 13).await;
        browser.state(if flip { "amber" } else { "red" }).await;
        let record = paper.recorded(count + 1).await;
        assert_eq!(record["source"], "settings", "{record}");
        assert_eq!(record["event"], if flip { "given" } else { "refused" }, "{record}");
        assert!(!record["choices"].to_string().contains("\"social\":\"grant\""), "{record}");
    }
    browser.close().await;
}

/// The nodes of the accessibility tree as role, name and what else is said of them.
async fn voices(browser: &Browser) -> Vec<(String, String, Value)> {
    browser.devtools("Accessibility.enable", json!({})).await;
    let tree = browser.devtools("Accessibility.getFullAXTree", json!({})).await;
    let said = tree["nodes"].as_array().unwrap().iter().filter(|node| node["ignored"] == json!(false));
    said.map(|node| {
        let text = |key: &str| node[key]["value"].as_str().unwrap_or_default().to_owned();
        let mut more = json!({ "description": text("description") });
        for property in node["properties"].as_array().into_iter().flatten() {
            more[property["name"].as_str().unwrap()] = property["value"]["value"].clone();
        }
        (text("role"), text("name"), more)
    })
    .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn names_and_states_are_told() {
    if !present() {
        return;
    }
    let browser = Browser::start().await;
    let paper = Paper::open(&browser, "card").await;
    paper.visit("/").await;
    let found = |all: &[(String, String, Value)], role: &str, name: &str| {
        all.iter()
            .filter(|(r, n, _)| r == role && n.starts_with(name))
            .map(|(.., more)| more.clone())
            .collect::<Vec<_>>()
    };
    let first = voices(&browser).await;
    let title = paper.read("document.querySelector('bandeau-notice').shadowRoot.querySelector('h2').textContent").await;
    let choose =
        paper.read("document.querySelector('bandeau-notice').shadowRoot.querySelector('a.c').textContent").await;
    for (role, name) in [
        ("region", title.as_str().unwrap()),
        ("group", title.as_str().unwrap()),
        ("button", "Accept all"),
        ("button", "Reject all"),
        ("link", choose.as_str().unwrap()),
        ("heading", title.as_str().unwrap()),
    ] {
        assert_eq!(found(&first, role, name).len(), 1, "{role} {name}: {first:#?}");
    }
    assert!(!found(&first, "status", "").is_empty(), "a place for messages is there before there is one");
    assert_eq!(found(&first, "status", "")[0]["live"], "polite");
    for layer in [true, false] {
        if layer {
            paper.layer().await;
        } else {
            browser.goto(&format!("http://news.localhost:{}/.well-known/bandeau/settings", paper.gateway.port)).await;
        }
        browser
            .run(&format!("{SETTINGS}.querySelector('input[name=\"choice.media\"][role=switch]').checked = true"))
            .await;
        let all = voices(&browser).await;
        if layer {
            assert_eq!(found(&all, "dialog", "").len(), 1);
            assert_ne!(all.iter().find(|(role, ..)| role == "dialog").unwrap().1, "", "the dialog has a name");
        }
        let switches: Vec<_> = all.iter().filter(|(role, ..)| role == "switch").collect();
        assert_eq!(switches.len(), 3, "{all:#?}");
        for (_, name, more) in &switches {
            let on = name.contains("ideo");
            assert_eq!(more["checked"], if on { "true" } else { "false" }, "{name}");
            assert!(!name.is_empty() && more["description"] != "", "{name} {more}");
        }
        assert!(!found(&all, "status", "").is_empty());
    }
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_are_put_where_they_are_announced() {
    if !present() {
        return;
    }
    let browser = Browser::start().await;
    // A store that cannot be opened: nobody can accept.
    let paper = Paper::with(&browser, "bar", "[book]\nstore = \"sqlite:missing/bandeau.db\"\n").await;
    for place in [".n", "#settings", "embed"] {
        paper.visit("/").await;
        let status = match place {
            "embed" => {
                browser.click_in("bandeau-embed", "button[value=allow]").await;
                "document.querySelector('bandeau-embed').shadowRoot.querySelector('[role=status]')".to_owned()
            }
            ".n" => {
                browser.click(".n button[value=accept]").await;
                "document.querySelector('bandeau-notice').shadowRoot.querySelector('.n [role=status]')".to_owned()
            }
            _ => {
                paper.layer().await;
                browser.press("button[value=accept]").await;
                format!("{SETTINGS}.querySelector('[role=status]')")
            }
        };
        browser.until(&format!("{status}.textContent.length > 20")).await;
        let all = voices(&browser).await;
        assert!(all.iter().any(|(role, _, more)| role == "status" && more["live"] == "polite"), "{place}: {all:#?}");
        let seen = format!(
            "(() => {{ const r = {status}.getBoundingClientRect(); return r.height > 10 && r.bottom <= innerHeight + 1 }})()"
        );
        assert!(place == "embed" || paper.read(&seen).await == json!(true), "{place}: the message is in sight");
    }
    browser.close().await;
}
