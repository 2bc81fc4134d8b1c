//! The demo with a browser before it, and the witness beside it.

use crate::driver::Browser;
use crate::support::{Demo, get};
use serde_json::Value;

/// The cookies that are exempt on the demo, our own included.
const EXEMPT: [&str; 4] = ["session", "stats_id", "theme", "bandeau"];

/// The marks the demo's page carries when a third party's thing works.
pub const PARTIES: [&str; 6] = ["tags", "metrics", "profile", "ads", "social", "video"];

pub struct Scene {
    pub demo: Demo,
    pub browser: Browser,
}

impl Scene {
    pub async fn open() -> Self {
        Self { demo: Demo::start(), browser: Browser::start().await }
    }

    pub async fn close(self) {
        self.browser.close().await;
    }

    /// Goes to a page of the site and waits until it has done what it does first-party.
    pub async fn visit(&self, path: &str, state: &str) {
        self.browser.goto(&format!("{}{path}", self.demo.site)).await;
        self.browser.state(state).await;
    }

    /// Waits until this works in the page.
    pub async fn works(&self, name: &str) {
        self.browser.until(&format!("document.documentElement.dataset.{name} === 'on'")).await;
    }

    pub async fn log(&self) -> Value {
        let port = self.demo.witness.rsplit(':').next().unwrap();
        let (_, text) = get(&format!("http://127.0.0.1:{port}/log.json"), &[]).await;
        serde_json::from_str(&text).unwrap()
    }

    /// What each third party has received since the witness was emptied: name, connections, requests.
    pub async fn received(&self) -> Vec<(String, u64, u64)> {
        let log = self.log().await;
        let number = |party: &Value, key: &str| party[key].as_u64().unwrap();
        log["parties"]
            .as_array()
            .unwrap()
            .iter()
            .map(|party| {
                (party["name"].as_str().unwrap().to_owned(), number(party, "connections"), number(party, "received"))
            })
            .collect()
    }

    pub async fn forget(&self) {
        let port = self.demo.witness.rsplit(':').next().unwrap();
        crate::support::post(&format!("http://127.0.0.1:{port}/reset"), "", &[]).await;
    }

    /// No third party but these has received a request or as much as a connection.
    pub async fn nothing_left_but_for(&self, allowed: &[&str]) {
        self.browser.linger().await;
        for (name, connections, requests) in self.received().await {
            if !allowed.contains(&name.as_str()) {
                assert_eq!((connections, requests), (0, 0), "{name} received {}", self.log().await);
            }
        }
    }

    /// The browser holds no cookie but the exempt ones, and these.
    pub async fn cookies_are_exempt_but_for(&self, allowed: &[&str]) {
        let found = self.browser.cookies().await;
        for (domain, name) in &found {
            let exempt = domain == "newsroom.localhost" && EXEMPT.contains(&name.as_str());
            assert!(exempt || allowed.contains(&name.as_str()), "{domain} {name} among {found:?}");
        }
    }

    /// The browser keeps nothing in storage for the site.
    pub async fn storage_is_empty(&self) {
        assert_eq!(self.browser.storage().await, Vec::<String>::new());
    }

    /// Answers on the first layer, with one click.
    pub async fn answer(&self, answer: &str, state: &str) {
        self.browser.click(&format!(".n button[value={answer}]")).await;
        self.browser.state(state).await;
    }

    /// Takes everything back from the band, with one click.
    pub async fn withdraw(&self) {
        self.browser.click(".y button[value=refuse]").await;
        self.browser.state("red").await;
    }

    /// Chooses these purposes in the settings, and no others, by hand.
    pub async fn choose(&self, purposes: &[&str]) {
        self.browser.settings().await;
        for purpose in purposes {
            self.browser.press(&format!("input[type=checkbox][name='choice.{purpose}']")).await;
        }
        self.browser.press("button[value=choose]").await;
    }
}
