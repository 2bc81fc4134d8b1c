//! Chromium, spoken to over its DevTools protocol without a driver between: a fresh profile, one WebSocket, a
//! session for each tab. It knows no vector and no standing.

use base64::Engine as _;
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot};
use tokio_tungstenite::tungstenite::{Message, protocol::WebSocketConfig};

/// How long one command may take.
const PATIENCE: Duration = Duration::from_secs(8);
/// What the browser is started with. Vectors open windows and play sounds without a click, as pages that were
/// clicked on may; reports of the browser's own go out at once instead of after a minute.
const FLAGS: &[&str] = &[
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    "--disable-renderer-backgrounding",
    "--disable-popup-blocking",
    "--autoplay-policy=no-user-gesture-required",
    "--short-reporting-delay",
    // It does not connect ahead to where earlier pages of a site went: that is its guess, and no vector's doing.
    "--disable-features=LocalNetworkAccessChecks,BlockInsecurePrivateNetworkRequests,LoadingPredictorUseLocalPredictions",
    "--renderer-process-limit=4",
    "--mute-audio",
    "--window-size=1000,800",
    "--remote-debugging-port=0",
];

type Answer = Result<Value, String>;

/// What the browser said about one tab.
#[derive(Debug, Default)]
struct Told {
    loads: u64,
    errors: Vec<String>,
}

struct Wire {
    next: AtomicU64,
    out: mpsc::UnboundedSender<Message>,
    waiting: Mutex<HashMap<u64, oneshot::Sender<Answer>>>,
    tabs: Mutex<HashMap<String, Told>>,
}

/// A browser, until it is dropped.
pub(crate) struct Chrome {
    wire: Arc<Wire>,
    _group: Group,
    _profile: tempfile::TempDir,
}

/// The browser's processes: all of them end with this, however the run ends.
struct Group(Child);

impl Drop for Group {
    fn drop(&mut self) {
        let _ = Command::new("kill").args(["-KILL", "--", &format!("-{}", self.0.id())]).stderr(Stdio::null()).status();
        let _ = self.0.wait();
    }
}

/// A tab.
pub(crate) struct Tab {
    wire: Arc<Wire>,
    target: String,
    session: String,
}

/// The command that starts Chromium, if there is one.
pub(crate) fn find() -> Option<String> {
    let names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
    let works = |name: &&str| {
        Command::new(name)
            .arg("--version")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|s| s.success())
    };
    names.into_iter().find(works).map(str::to_owned)
}

impl Chrome {
    /// Starts one with an empty profile.
    pub(crate) async fn start(program: &str) -> Self {
        let profile = tempfile::tempdir().unwrap();
        let mut command = Command::new(program);
        command.args(FLAGS).arg(format!("--user-data-dir={}", profile.path().display())).arg("about:blank");
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
        let group = Group(command.spawn().unwrap_or_else(|error| panic!("{program}: {error}")));
        let file = profile.path().join("DevToolsActivePort");
        let start = Instant::now();
        let address = loop {
            let text = std::fs::read_to_string(&file).unwrap_or_default();
            if let Some((port, path)) = text.trim().split_once('\n') {
                break format!("ws://127.0.0.1:{port}{path}");
            }
            assert!(start.elapsed() < Duration::from_secs(30), "{program} opened no DevTools port within 30 s");
            tokio::time::sleep(Duration::from_millis(25)).await;
        };
        let config = WebSocketConfig::default().max_message_size(None).max_frame_size(None);
        let connected = tokio_tungstenite::connect_async_with_config(&address, Some(config), false).await;
        let (socket, _) = connected.unwrap_or_else(|error| panic!("{address}: {error}"));
        let (mut sink, mut stream) = socket.split();
        let (out, mut queue) = mpsc::unbounded_channel();
        let wire = Arc::new(Wire { next: AtomicU64::new(1), out, waiting: Mutex::default(), tabs: Mutex::default() });
        tokio::spawn(async move {
            while let Some(message) = queue.recv().await {
                if sink.send(message).await.is_err() {
                    break;
                }
            }
        });
        let own = Arc::clone(&wire);
        tokio::spawn(async move {
            while let Some(Ok(message)) = stream.next().await {
                if let Ok(value) = message.to_text().map(serde_json::from_str::<Value>)
                    && let Ok(value) = value
                {
                    own.take(&value);
                }
            }
        });
        Self { wire, _group: group, _profile: profile }
    }

    /// Opens a tab that nothing was in before; in a window of its own it is in front, which costs more.
    pub(crate) async fn tab(&self, window: bool) -> Result<Tab, String> {
        let open = json!({ "url": "about:blank", "newWindow": window });
        let target = text(&self.wire.call(None, "Target.createTarget", open).await?, "targetId");
        let attach = json!({ "targetId": target, "flatten": true });
        let session = text(&self.wire.call(None, "Target.attachToTarget", attach).await?, "sessionId");
        let tab = Tab { wire: Arc::clone(&self.wire), target, session };
        tab.call("Page.enable", json!({})).await?;
        tab.call("Runtime.enable", json!({})).await?;
        tab.call("Emulation.setFocusEmulationEnabled", json!({ "enabled": true })).await?;
        Ok(tab)
    }

    /// All cookies the browser holds: name and value.
    pub(crate) async fn cookies(&self) -> Result<Vec<(String, String)>, String> {
        let all = self.wire.call(None, "Storage.getCookies", json!({})).await?;
        let cookies = all["cookies"].as_array().cloned().unwrap_or_default();
        Ok(cookies.iter().map(|cookie| (text(cookie, "name"), text(cookie, "value"))).collect())
    }
}

impl Wire {
    async fn call(&self, session: Option<&str>, method: &str, params: Value) -> Answer {
        let answer = self.send(session, method, params);
        match tokio::time::timeout(PATIENCE, answer).await {
            Ok(Ok(answer)) => answer.map_err(|error| format!("{method}: {error}")),
            Ok(Err(_)) => Err(format!("{method}: the browser has gone")),
            Err(_) => Err(format!("{method}: no answer within {PATIENCE:?}")),
        }
    }

    fn send(&self, session: Option<&str>, method: &str, params: Value) -> oneshot::Receiver<Answer> {
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let mut message = json!({ "id": id, "method": method, "params": params });
        if let Some(session) = session {
            message["sessionId"] = json!(session);
        }
        let (sender, receiver) = oneshot::channel();
        self.waiting.lock().unwrap().insert(id, sender);
        let _ = self.out.send(Message::text(message.to_string()));
        receiver
    }

    fn take(&self, message: &Value) {
        if let Some(id) = message["id"].as_u64() {
            let Some(sender) = self.waiting.lock().unwrap().remove(&id) else { return };
            let error = &message["error"]["message"];
            let answer = if error.is_null() { Ok(message["result"].clone()) } else { Err(error.to_string()) };
            let _ = sender.send(answer);
            return;
        }
        let session = text(message, "sessionId");
        let params = &message["params"];
        match message["method"].as_str() {
            Some("Page.loadEventFired") => self.tell(&session, |told| told.loads += 1),
            Some("Runtime.exceptionThrown") => {
                let details = &params["exceptionDetails"];
                let words = details["exception"]["description"].as_str().or(details["exception"]["value"].as_str());
                let words = words.or(details["text"].as_str()).unwrap_or_default();
                let first = words.lines().next().unwrap_or_default().to_owned();
                self.tell(&session, |told| told.errors.push(first));
            }
            Some("Page.javascriptDialogOpening") => {
                drop(self.send(Some(&session), "Page.handleJavaScriptDialog", json!({ "accept": true })));
            }
            Some("Fetch.requestPaused") => {
                let body = base64::engine::general_purpose::STANDARD.encode("<!doctype html><title>blank</title>");
                let headers = json!([{ "name": "Content-Type", "value": "text/html" }]);
                let answer = json!({
                    "requestId": params["requestId"], "responseCode": 200, "responseHeaders": headers, "body": body,
                });
                drop(self.send(Some(&session), "Fetch.fulfillRequest", answer));
            }
            _ => {}
        }
    }

    fn tell(&self, session: &str, what: impl FnOnce(&mut Told)) {
        what(self.tabs.lock().unwrap().entry(session.to_owned()).or_default());
    }
}

impl Tab {
    /// A command for this tab.
    pub(crate) async fn call(&self, method: &str, params: Value) -> Answer {
        self.wire.call(Some(&self.session), method, params).await
    }

    /// Goes to a page and waits until it has loaded, or this long.
    pub(crate) async fn goto(&self, url: &str, bound: Duration) -> Result<(), String> {
        let before = self.loads();
        let navigated = self.call("Page.navigate", json!({ "url": url })).await;
        // A page that answers 204, or that goes elsewhere at once, ends the navigation with an error of its own.
        navigated.map(drop).or_else(|error| if error.contains("no answer") { Err(error) } else { Ok(()) })?;
        let start = Instant::now();
        while self.loads() == before && start.elapsed() < bound {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        Ok(())
    }

    fn loads(&self) -> u64 {
        self.wire.tabs.lock().unwrap().get(&self.session).map_or(0, |told| told.loads)
    }

    /// The errors no script of its pages caught since this was asked last.
    pub(crate) fn errors(&self) -> Vec<String> {
        let mut tabs = self.wire.tabs.lock().unwrap();
        tabs.get_mut(&self.session).map(|told| std::mem::take(&mut told.errors)).unwrap_or_default()
    }

    /// What an expression comes to in the page's own world, promises awaited.
    pub(crate) async fn eval(&self, expression: &str) -> Answer {
        self.evaluate(json!({ "expression": expression, "awaitPromise": true, "returnByValue": true })).await
    }

    /// The same in a world of its own, where the page's scripts have changed nothing.
    pub(crate) async fn look(&self, expression: &str) -> Answer {
        let world = self.call("Page.createIsolatedWorld", json!({ "frameId": self.target })).await?;
        let context = world["executionContextId"].clone();
        let what = json!({
            "expression": expression, "awaitPromise": true, "returnByValue": true, "contextId": context,
        });
        self.evaluate(what).await
    }

    async fn evaluate(&self, what: Value) -> Answer {
        let answer = self.call("Runtime.evaluate", what).await?;
        let thrown = &answer["exceptionDetails"];
        if thrown.is_null() { Ok(answer["result"]["value"].clone()) } else { Err(thrown.to_string()) }
    }

    /// Answers every request of this tab for `/__blank` itself, so that nothing of the site's or of a gateway's
    /// is in that page; or stops doing so.
    pub(crate) async fn blank(&self, on: bool) -> Result<(), String> {
        let patterns = json!({ "patterns": [{ "urlPattern": "*/__blank" }] });
        let done =
            if on { self.call("Fetch.enable", patterns).await } else { self.call("Fetch.disable", json!({})).await };
        done.map(drop)
    }

    /// Clicks an element as a visitor does, once it is there, also inside open shadow roots.
    pub(crate) async fn click(&self, selector: &str, bound: Duration) -> Result<(), String> {
        let find = format!(
            "(() => {{ const find = (root) => {{ const hit = root.querySelector({selector}); if (hit) return hit; \
             for (const at of root.querySelectorAll('*')) {{ const deep = at.shadowRoot && find(at.shadowRoot); \
             if (deep) return deep; }} return null; }}; const hit = find(document); if (!hit) return null; \
             hit.scrollIntoView({{block: 'nearest', behavior: 'instant'}}); const r = hit.getBoundingClientRect(); \
             return r.width > 0 && r.height > 0 ? [r.x + r.width / 2, r.y + r.height / 2] : null; }})()",
            selector = json!(selector)
        );
        let (start, mut last) = (Instant::now(), Value::Null);
        loop {
            let place = self.eval(&find).await.unwrap_or_default();
            // Twice in the same place: what slides in has come to rest.
            if place.is_array() && place == last {
                break;
            }
            if start.elapsed() > bound {
                return Err(format!("nothing that can be clicked is at {selector:?} after {bound:?}"));
            }
            last = place;
            tokio::time::sleep(Duration::from_millis(40)).await;
        }
        for kind in ["mousePressed", "mouseReleased"] {
            let event = json!({ "type": kind, "x": last[0], "y": last[1], "button": "left", "clickCount": 1 });
            self.call("Input.dispatchMouseEvent", event).await?;
        }
        Ok(())
    }

    /// Closes the windows it opened.
    pub(crate) async fn tidy(&self) {
        let close = |target: &str| json!({ "targetId": target });
        let all = self.wire.call(None, "Target.getTargets", json!({})).await.unwrap_or_default();
        for target in all["targetInfos"].as_array().into_iter().flatten() {
            if text(target, "openerId") == self.target {
                let _ = self.wire.call(None, "Target.closeTarget", close(&text(target, "targetId"))).await;
            }
        }
    }

    /// Closes the tab and the windows it opened.
    pub(crate) async fn close(self) {
        self.tidy().await;
        let _ = self.wire.call(None, "Target.closeTarget", json!({ "targetId": self.target })).await;
        self.wire.tabs.lock().unwrap().remove(&self.session);
    }
}

fn text(value: &Value, key: &str) -> String {
    value[key].as_str().unwrap_or_default().to_owned()
}
