//! A real browser: Chromium, driven through ChromeDriver (W3C WebDriver), a fresh profile for each test.

use crate::support::{Process, port, wait_for};
use fantoccini::elements::Element;
use fantoccini::wd::WebDriverCompatibleCommand;
use fantoccini::{Client, ClientBuilder, Locator};
use serde_json::{Value, json};
use std::os::unix::process::CommandExt as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How long a condition may take to come true on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long nothing must happen before we believe that nothing does.
const QUIET: Duration = Duration::from_millis(900);

/// Where the settings are open: the layer over the page, or the page of their own.
pub const SETTINGS: &str = "(document.querySelector('bandeau-notice')?.shadowRoot.querySelector('#settings:popover-open') \
    ?? (location.pathname.endsWith('/bandeau/settings') ? document.querySelector('main form') : null))";

/// A browser with an empty profile.
pub struct Browser {
    pub client: Client,
    // Ends after the client: it owns the browser's processes.
    _driver: Driver,
}

/// ChromeDriver and every browser it started.
struct Driver(Process);

impl Drop for Driver {
    fn drop(&mut self) {
        // Its process group: a test that fails leaves no browser behind.
        let _ =
            Command::new("kill").args(["-KILL", "--", &format!("-{}", self.0.0.id())]).stderr(Stdio::null()).status();
    }
}

/// Whether a browser can be had. Where CI runs it must be; elsewhere its absence is said.
pub fn present() -> bool {
    let found = Command::new("chromedriver").arg("--version").stdout(Stdio::null()).status().is_ok_and(|s| s.success());
    #[expect(clippy::disallowed_methods, reason = "tests ask where they run")]
    let ci = std::env::var("CI").is_ok();
    assert!(found || !ci, "chromedriver is not installed, and CI is set");
    if !found {
        eprintln!("SKIPPED: chromedriver is not installed (Debian: apt-get install chromium chromium-driver)");
    }
    found
}

impl Browser {
    pub async fn start() -> Self {
        Self::with(&[]).await
    }

    /// A browser with these switches beside the usual ones.
    pub async fn with(more: &[&str]) -> Self {
        let mut refused = Vec::new();
        // On a machine under load a browser may be too slow for ChromeDriver to meet it.
        while refused.len() < 3 {
            match Self::meet(more).await {
                Ok(browser) => return browser,
                Err(error) => refused.push(error.to_string()),
            }
        }
        panic!("no browser session: {refused:?}");
    }

    async fn meet(more: &[&str]) -> Result<Self, fantoccini::error::NewSessionError> {
        let port = port();
        let mut command = Command::new("chromedriver");
        command.args([format!("--port={port}"), "--log-level=SEVERE".to_owned()]);
        command.stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
        let driver = Driver(Process::spawn(&mut command));
        wait_for(port);
        let flags = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            // With frames in processes of their own, leaving a page that has some can hang ChromeDriver.
            "--disable-site-isolation-trials",
            "--disable-dev-shm-usage",
            // Chromium connects ahead to where earlier pages of a site went, before it has asked for the page.
            "--disable-features=LoadingPredictorUseLocalPredictions",
            "--window-size=1280,1000",
        ];
        let flags: Vec<&str> = flags.iter().chain(more).copied().collect();
        // Waiting is ours: ChromeDriver's own waits for frames of other processes, sometimes for ever.
        let capabilities = json!({ "goog:chromeOptions": { "args": flags }, "pageLoadStrategy": "none" });
        let Value::Object(capabilities) = capabilities else { unreachable!() };
        let url = format!("http://127.0.0.1:{port}");
        let client = ClientBuilder::new(hyper_util::client::legacy::connect::HttpConnector::new())
            .capabilities(capabilities)
            .connect(&url)
            .await?;
        Ok(Self { client, _driver: driver })
    }

    /// Ends the browser.
    pub async fn close(self) {
        let _ = self.client.clone().close().await;
    }

    /// A command of the DevTools protocol.
    pub async fn devtools(&self, method: &str, parameters: Value) -> Value {
        let command = DevTools { method: method.to_owned(), parameters };
        self.client.issue_cmd(command).await.unwrap_or_else(|error| panic!("{method}: {error}"))
    }

    pub async fn scripts(&self, on: bool) {
        self.devtools("Emulation.setScriptExecutionDisabled", json!({ "value": !on })).await;
    }

    /// Goes to a page and waits until it has loaded.
    pub async fn goto(&self, url: &str) {
        let before = self.run("return performance.timeOrigin").await;
        self.client.goto(url).await.unwrap_or_else(|error| panic!("{url}: {error}"));
        self.until(&format!("performance.timeOrigin !== {before} && document.readyState === 'complete'")).await;
    }

    pub async fn run(&self, script: &str) -> Value {
        self.client.execute(script, vec![]).await.unwrap_or_else(|error| panic!("{script}: {error}"))
    }

    /// Runs a script that ends in a promise.
    pub async fn settle(&self, expression: &str) -> Value {
        let script = format!(
            "const done = arguments[arguments.length - 1]; ({expression}).then(done, (e) => done('error ' + e));"
        );
        self.client.execute_async(&script, vec![]).await.unwrap_or_else(|error| panic!("{expression}: {error}"))
    }

    /// Waits until a script returns true. Pages may come and go meanwhile.
    pub async fn until(&self, condition: &str) {
        let start = Instant::now();
        let script = format!("return {condition}");
        while self.client.execute(&script, vec![]).await.ok() != Some(Value::Bool(true)) {
            if start.elapsed() > PATIENCE {
                let html = self.client.source().await.unwrap_or_default();
                panic!("not true after {PATIENCE:?}: {condition}\n{}", html.chars().take(3000).collect::<String>());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Waits until the page has loaded and shows this state.
    pub async fn state(&self, state: &str) {
        let shown = format!(
            "document.readyState === 'complete' && document.querySelector('bandeau-notice')?.dataset.state === '{state}'"
        );
        self.until(&shown).await;
    }

    /// Gives the page time to do what it should not.
    pub async fn linger(&self) {
        tokio::time::sleep(QUIET).await;
    }

    /// An element inside the notice.
    pub async fn inside(&self, selector: &str) -> Element {
        let start = Instant::now();
        loop {
            match self.look("bandeau-notice", selector).await {
                Ok(element) => return element,
                Err(error) if start.elapsed() > PATIENCE => panic!("{selector} in the notice: {error}"),
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
    }

    async fn look(&self, host: &str, selector: &str) -> Result<Element, fantoccini::error::CmdError> {
        let root = self.client.find(Locator::Css(host)).await?.shadow_root().await?;
        root.find(Locator::Css(selector)).await
    }

    /// Clicks an element inside the notice, as a visitor does: it must be there to be clicked.
    pub async fn click(&self, selector: &str) {
        let element = self.inside(selector).await;
        self.hit(element, selector).await;
    }

    /// Clicks what is in sight, with a mouse. ChromeDriver's own click takes words in a slot for something that lies over
    /// the button they stand in.
    async fn hit(&self, element: Element, what: &str) {
        let place = "const target = arguments[0]; target.scrollIntoView({ block: 'nearest', behavior: 'instant' }); \
            const r = target.getBoundingClientRect(), x = r.left + r.width / 2, y = r.top + r.height / 2; \
            let at = document.elementFromPoint(x, y); \
            for (let inner; (inner = at?.shadowRoot?.elementFromPoint(x, y)) && inner !== at;) at = inner; \
            const hit = at?.outerHTML.slice(0, 80); \
            while (at && at !== target) at = at.assignedSlot ?? at.parentNode ?? at.host; \
            return at ? [x, y] : `${hit} lies over it`";
        let start = Instant::now();
        let place = loop {
            let place = self.client.execute(place, vec![serde_json::to_value(&element).unwrap()]).await;
            let place = place.unwrap_or_else(|error| panic!("{what} cannot be clicked: {error}"));
            if place.is_array() {
                break place;
            }
            assert!(start.elapsed() < Duration::from_secs(5), "{what} cannot be clicked: {place}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        };
        for kind in ["mouseMoved", "mousePressed", "mouseReleased"] {
            let button = if kind == "mouseMoved" { "none" } else { "left" };
            let event = json!({ "type": kind, "x": place[0], "y": place[1], "button": button, "clickCount": 1 });
            self.devtools("Input.dispatchMouseEvent", event).await;
        }
    }

    /// Opens the settings as a visitor does: by the link of the first layer, else by the band.
    pub async fn settings(&self) {
        let asked =
            self.run("return document.querySelector('bandeau-notice[data-ask]:not([data-small])') !== null").await;
        self.click(if asked == Value::Bool(true) { ".n a.c" } else { ".t" }).await;
        self.until(&format!("document.readyState === 'complete' && {SETTINGS} !== null")).await;
    }

    /// Clicks an element of the settings.
    pub async fn press(&self, selector: &str) {
        let page = self.run("return document.querySelector('bandeau-notice') === null").await == Value::Bool(true);
        let element = match page {
            true => self.client.find(Locator::Css(selector)).await,
            false => self.look("bandeau-notice", &format!("#settings {selector}")).await,
        };
        let element = element.unwrap_or_else(|error| panic!("{selector} in the settings: {error}"));
        self.hit(element, selector).await;
    }

    /// Presses a key, wherever the focus is.
    pub async fn key(&self, key: &str, code: u32) {
        self.keys(key, code, 0).await;
    }

    /// Presses a key with these modifiers of the DevTools protocol (8: Shift).
    pub async fn keys(&self, key: &str, code: u32, modifiers: u32) {
        let text = match key {
            "Enter" => "\r",
            " " => " ",
            _ => "",
        };
        let kind = if text.is_empty() { "rawKeyDown" } else { "keyDown" };
        for kind in [kind, "keyUp"] {
            let event = json!({ "type": kind, "key": key, "code": key, "windowsVirtualKeyCode": code, "modifiers": modifiers,
                "text": if kind == "keyUp" { "" } else { text } });
            self.devtools("Input.dispatchKeyEvent", event).await;
        }
    }

    /// Clicks an element inside a placeholder or another shadow host.
    pub async fn click_in(&self, host: &str, selector: &str) {
        let start = Instant::now();
        let element = loop {
            match self.look(host, selector).await {
                Ok(element) => break element,
                Err(error) if start.elapsed() > PATIENCE => panic!("{host} {selector}: {error}"),
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        };
        self.client
            .execute("arguments[0].scrollIntoView({block: 'center'})", vec![serde_json::to_value(&element).unwrap()])
            .await
            .ok();
        element.click().await.unwrap_or_else(|error| panic!("{host} {selector} cannot be clicked: {error}"));
    }

    /// The names of all cookies the browser holds, of every host.
    pub async fn cookies(&self) -> Vec<(String, String)> {
        let all = self.devtools("Network.getAllCookies", json!({})).await;
        let text = |cookie: &Value, key: &str| cookie[key].as_str().unwrap_or_default().to_owned();
        all["cookies"].as_array().unwrap().iter().map(|cookie| (text(cookie, "domain"), text(cookie, "name"))).collect()
    }

    /// Everything script can find in this origin's storage.
    pub async fn storage(&self) -> Vec<String> {
        // Where the reader was before a reload is kept until our script has brought them back.
        self.until("sessionStorage.getItem('bandeau-place') === null").await;
        let found = self
            .settle(
                "(async () => [...Object.keys(localStorage), ...Object.keys(sessionStorage), \
                 ...(await indexedDB.databases()).map((d) => d.name), ...(await caches.keys())])()",
            )
            .await;
        found
            .as_array()
            .unwrap_or_else(|| panic!("{found}"))
            .iter()
            .map(|key| key.as_str().unwrap().to_owned())
            .collect()
    }

    /// Saves what is seen, where `BANDEAU_SHOTS` names a directory.
    pub async fn shot(&self, name: &str) {
        #[expect(clippy::disallowed_methods, reason = "tests ask where to put pictures")]
        if let Ok(dir) = std::env::var("BANDEAU_SHOTS") {
            let _ = std::fs::create_dir_all(&dir);
            let png = self.client.screenshot().await.unwrap();
            std::fs::write(format!("{dir}/{name}.png"), png).unwrap();
        }
    }
}

#[derive(Debug)]
struct DevTools {
    method: String,
    parameters: Value,
}

impl WebDriverCompatibleCommand for DevTools {
    fn endpoint(&self, base: &url::Url, session: Option<&str>) -> Result<url::Url, url::ParseError> {
        base.join(&format!("session/{}/goog/cdp/execute", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &url::Url) -> (http::Method, Option<String>) {
        (http::Method::POST, Some(json!({ "cmd": self.method, "params": self.parameters }).to_string()))
    }
}
