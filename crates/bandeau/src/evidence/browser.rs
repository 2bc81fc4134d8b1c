//! A real browser that draws archived pages: Chromium, spoken to over its DevTools protocol. Commands and answers go
//! through two pipes (`--remote-debugging-pipe`), so no port is opened, nobody else on the machine can speak to it, and it
//! ends with us however we end. It reaches no network: every request is answered here or refused.

use crate::cause::chain;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

/// What Debian and others call it.
const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/// How long the browser may take to start, and to answer anything.
const PATIENCE: Duration = Duration::from_secs(45);

/// How often it is asked whether the work goes on.
const GLANCE: Duration = Duration::from_millis(100);

const FLAGS: [&str; 15] = [
    "--headless",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-extensions",
    "--disable-dev-shm-usage",
    "--mute-audio",
    "--hide-scrollbars",
    "--force-color-profile=srgb",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--no-proxy-server",
    "--remote-debugging-pipe",
];

/// The browser reads commands as its third file and writes answers to its fourth. Redirections of the shell put our pipes
/// there; then the shell is the browser.
const HAND_OVER: &str = "exec \"$0\" \"$@\" 3<&0 4>&1 </dev/null >/dev/null 2>&1";

/// Why there is no picture, in words for whoever typed the command.
pub(super) struct Fault(pub(super) String);

/// What the archive answers a request with: a media type and the bytes.
pub(super) type Shelf = BTreeMap<String, (String, Vec<u8>)>;

/// How a page is looked at.
pub(super) struct Look {
    pub(super) width: u32,
    pub(super) height: u32,
    /// Pixels of the picture for each of the page's.
    pub(super) scale: u32,
    pub(super) phone: bool,
    /// The whole page, not only what the window shows.
    pub(super) whole: bool,
}

/// A browser with one tab.
pub(super) struct Browser<'s> {
    child: Child,
    to: Option<ChildStdin>,
    from: mpsc::Receiver<Value>,
    next: u64,
    session: Option<String>,
    loads: u64,
    shelf: &'s Shelf,
    stop: &'s AtomicBool,
    /// What it calls itself.
    pub(super) name: String,
    // Removed after the browser has ended: fields are dropped in order.
    _profile: Profile,
}

struct Profile(PathBuf);

impl Drop for Profile {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// The browser that was named, or the first of the usual names that the shell knows.
pub(super) fn find(named: Option<&Path>) -> Result<PathBuf, Fault> {
    let known = |name: &&Path| {
        let mut ask = Command::new("/bin/sh");
        ask.args(["-c", "command -v \"$0\""])
            .arg(name)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        ask.status().is_ok_and(|status| status.success())
    };
    match named {
        Some(named) => Some(named)
            .filter(known)
            .map(Path::to_owned)
            .ok_or_else(|| Fault(format!("there is no browser named {}", named.display()))),
        None => NAMES.iter().map(Path::new).find(known).map(Path::to_owned).ok_or_else(|| {
            Fault(
                "no browser was found: install Chromium (Debian: apt-get install chromium), name one with --browser, or \
                 leave the pictures out with --no-screenshots"
                    .to_owned(),
            )
        }),
    }
}

impl<'s> Browser<'s> {
    /// Starts one with an empty profile. Requests of its pages are answered from the shelf, by their whole address.
    pub(super) fn start(program: &Path, shelf: &'s Shelf, stop: &'s AtomicBool) -> Result<Self, Fault> {
        let profile = Profile::new()?;
        let mut command = Command::new("/bin/sh");
        command.arg("-c").arg(HAND_OVER).arg(program).args(FLAGS);
        // Chromium has no sandbox for root. What it draws is ours, and it reaches no network.
        if std::fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0) {
            command.arg("--no-sandbox");
        }
        command.arg(format!("--user-data-dir={}", profile.0.display())).arg("about:blank");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let fail =
            |error: &dyn std::error::Error| Fault(format!("{} cannot be started: {}", program.display(), chain(error)));
        let mut child = command.spawn().map_err(|error| fail(&error))?;
        let to = child.stdin.take();
        let (told, from) = mpsc::channel();
        if let Some(answers) = child.stdout.take() {
            std::thread::spawn(move || {
                let mut answers = BufReader::new(answers);
                let mut message = Vec::new();
                while matches!(answers.read_until(0, &mut message), Ok(1..)) {
                    let text = message.strip_suffix(&[0]).unwrap_or(&message);
                    if let Ok(value) = serde_json::from_slice(text)
                        && told.send(value).is_err()
                    {
                        break;
                    }
                    message.clear();
                }
            });
        }
        let name = String::new();
        let mut browser =
            Self { child, to, from, next: 0, session: None, loads: 0, shelf, stop, name, _profile: profile };
        browser.begin()?;
        Ok(browser)
    }

    fn begin(&mut self) -> Result<(), Fault> {
        let version = self.call("Browser.getVersion", &json!({}))?;
        self.name = text(&version["product"]);
        let target = self.call("Target.createTarget", &json!({ "url": "about:blank" }))?;
        let attach = json!({ "targetId": target["targetId"], "flatten": true });
        let session = self.call("Target.attachToTarget", &attach)?;
        self.session = Some(text(&session["sessionId"]));
        self.call("Page.enable", &json!({}))?;
        self.call("Fetch.enable", &json!({ "patterns": [{ "urlPattern": "*" }] }))?;
        let light = json!({ "features": [{ "name": "prefers-color-scheme", "value": "light" },
            { "name": "prefers-reduced-motion", "value": "reduce" }] });
        self.call("Emulation.setEmulatedMedia", &light)?;
        Ok(())
    }

    /// The picture of a page, as PNG.
    pub(super) fn picture(&mut self, url: &str, look: &Look) -> Result<Vec<u8>, Fault> {
        let mut size = json!({ "width": look.width, "height": look.height, "deviceScaleFactor": look.scale, "mobile": look.phone });
        self.call("Emulation.setDeviceMetricsOverride", &size)?;
        let before = self.loads;
        let went = self.call("Page.navigate", &json!({ "url": url }))?;
        if let Some(error) = went["errorText"].as_str().filter(|error| !error.is_empty()) {
            return Err(Fault(format!("the browser could not open {url}: {error}")));
        }
        let until = Instant::now() + PATIENCE;
        while self.loads == before {
            self.hear(until)?;
        }
        let wide = self.painted()?;
        if wide != Some(u64::from(look.width)) {
            return Err(Fault(format!("the browser did not draw {} pixels wide", look.width)));
        }
        if look.whole {
            // A window as high as the page: what sticks to its foot stands at the foot of the page.
            let layout = self.call("Page.getLayoutMetrics", &json!({}))?;
            let high = layout["cssContentSize"]["height"].as_f64().unwrap_or_default().ceil();
            size["height"] = json!(high.max(f64::from(look.height)) as u64);
            self.call("Emulation.setDeviceMetricsOverride", &size)?;
            self.painted()?;
        }
        let shot = json!({ "format": "png" });
        let shot = self.call("Page.captureScreenshot", &shot)?;
        STANDARD.decode(text(&shot["data"])).map_err(|error| Fault(format!("the browser's picture is none: {error}")))
    }

    /// Two frames after everything is there, so that what was laid out is painted; how wide the window is.
    fn painted(&mut self) -> Result<Option<u64>, Fault> {
        let painted = "document.fonts.ready.then(() => new Promise((done) => \
                       requestAnimationFrame(() => requestAnimationFrame(() => done(innerWidth)))))";
        let wide = self.call("Runtime.evaluate", &json!({ "expression": painted, "awaitPromise": true }))?;
        Ok(wide["result"]["value"].as_u64())
    }

    /// A command and its answer. Whatever the pages ask for meanwhile is answered too.
    fn call(&mut self, method: &str, params: &Value) -> Result<Value, Fault> {
        let id = self.send(method, params)?;
        let until = Instant::now() + PATIENCE;
        loop {
            let Some(message) = self.hear(until)?.filter(|message| message["id"] == id) else { continue };
            if let Some(error) = message["error"]["message"].as_str() {
                return Err(Fault(format!("the browser refused {method}: {error}")));
            }
            return Ok(message["result"].clone());
        }
    }

    fn send(&mut self, method: &str, params: &Value) -> Result<u64, Fault> {
        self.next += 1;
        let mut message = json!({ "id": self.next, "method": method, "params": params });
        if let Some(session) = &self.session {
            message["sessionId"] = json!(session);
        }
        let mut bytes = message.to_string().into_bytes();
        bytes.push(0);
        let sent = self.to.as_mut().map(|to| to.write_all(&bytes).and_then(|()| to.flush()));
        match sent {
            Some(Ok(())) => Ok(self.next),
            _ => Err(gone()),
        }
    }

    /// The next message, once requests and loads are dealt with; nothing where it was one of these.
    fn hear(&mut self, until: Instant) -> Result<Option<Value>, Fault> {
        if self.stop.load(Ordering::SeqCst) {
            return Err(Fault("interrupted".to_owned()));
        }
        let message = match self.from.recv_timeout(GLANCE) {
            Ok(message) => message,
            Err(RecvTimeoutError::Timeout) if Instant::now() < until => return Ok(None),
            Err(RecvTimeoutError::Timeout) => {
                return Err(Fault(format!("the browser did not answer within {} s", PATIENCE.as_secs())));
            }
            Err(RecvTimeoutError::Disconnected) => return Err(gone()),
        };
        match message["method"].as_str() {
            Some("Page.loadEventFired") => self.loads += 1,
            Some("Fetch.requestPaused") => self.answer(&message["params"])?,
            _ => return Ok(Some(message)),
        }
        Ok(None)
    }

    /// From the archive, or not at all.
    fn answer(&mut self, paused: &Value) -> Result<(), Fault> {
        let url = text(&paused["request"]["url"]);
        match self.shelf.get(&url) {
            Some((kind, bytes)) => {
                let reply = json!({
                    "requestId": paused["requestId"],
                    "responseCode": 200,
                    "responseHeaders": [{ "name": "Content-Type", "value": kind }],
                    "body": STANDARD.encode(bytes),
                });
                self.send("Fetch.fulfillRequest", &reply)?;
            }
            None => {
                let refusal = json!({ "requestId": paused["requestId"], "errorReason": "BlockedByClient" });
                self.send("Fetch.failRequest", &refusal)?;
            }
        }
        Ok(())
    }
}

fn gone() -> Fault {
    Fault("the browser ended before it answered: try it with `chromium --headless --dump-dom about:blank`".to_owned())
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

impl Drop for Browser<'_> {
    fn drop(&mut self) {
        // Without its pipe it ends by itself, and its own processes with it; if it does not, it is ended.
        self.to = None;
        let until = Instant::now() + Duration::from_secs(3);
        while Instant::now() < until {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Profile {
    fn new() -> Result<Self, Fault> {
        let mut name = [0; 8];
        let made = getrandom::fill(&mut name).map_err(std::io::Error::other).and_then(|()| {
            let path = std::env::temp_dir().join(format!("bandeau-evidence-{:016x}", u64::from_be_bytes(name)));
            std::fs::DirBuilder::new().mode(0o700).create(&path).map(|()| Self(path))
        });
        made.map_err(|error| Fault(format!("the browser has no place for its profile: {error}")))
    }
}
