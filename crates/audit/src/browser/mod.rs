//! A real browser: Chromium, spoken to over its DevTools protocol. Commands and answers go through two pipes
//! (`--remote-debugging-pipe`), so no port is opened, nobody else on the machine can speak to it, and it ends with us
//! however we end.
//!
//! Messages are JSON as they come: an event of a newer protocol is passed on, not dropped. This room knows no site, no
//! standing and no judgement.

mod process;
mod profile;

pub use process::{find, quiet};
pub(crate) use profile::Profile;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncBufRead, AsyncBufReadExt as _, AsyncReadExt as _, BufReader};
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

/// How long the browser may take to answer anything, where nothing else is said.
const PATIENCE: Duration = Duration::from_secs(30);

/// Messages longer than this are passed over: a page can make an address of any length, and no picture comes near.
const LONGEST: u64 = 64 << 20;

/// Why the browser did not do it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// There is none.
    #[error("{0}")]
    Absent(String),
    /// It did not start.
    #[error("{program} cannot be started")]
    Start {
        /// The file.
        program: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// It ended.
    #[error("the browser ended before it answered")]
    Gone,
    /// It did not answer in time.
    #[error("the browser did not answer {method} within {limit:?}")]
    Silent {
        /// The command.
        method: String,
        /// How long was waited.
        limit: Duration,
    },
    /// It refused.
    #[error("the browser refused {method}: {why}")]
    Refused {
        /// The command.
        method: String,
        /// In its words.
        why: String,
    },
}

/// How a browser is started.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The program; nothing finds one by its usual names.
    pub program: Option<PathBuf>,
    /// More flags: `--host-resolver-rules=…`, `--log-net-log=…`.
    pub flags: Vec<String>,
}

/// Something the browser said of itself, as it came.
#[derive(Debug)]
pub struct Event {
    /// The session it happened in; none for the browser as a whole.
    pub session: Option<String>,
    /// `Network.requestWillBeSent` and so on.
    pub method: String,
    /// What it says.
    pub params: Value,
}

/// A running browser with a profile of its own, which ends when the last handle is dropped.
#[derive(Clone, Debug)]
pub struct Browser(Arc<Inside>);

#[derive(Debug)]
struct Inside {
    to: mpsc::UnboundedSender<Vec<u8>>,
    open: Mutex<Option<HashMap<u64, oneshot::Sender<Value>>>>,
    next: AtomicU64,
    name: Mutex<String>,
    // Ends the task that holds the process and the profile.
    _end: oneshot::Sender<()>,
}

/// A target that was attached to: a page, a frame, a worker.
#[derive(Clone, Debug)]
pub struct Session {
    browser: Browser,
    id: String,
}

impl Browser {
    /// Starts one with an empty profile; what it says of itself comes through the second.
    ///
    /// # Errors
    /// When there is none or it does not start.
    pub async fn start(options: &Options) -> Result<(Self, mpsc::UnboundedReceiver<Event>), Fault> {
        let program = find(options.program.as_deref()).await?;
        let fail = |source| Fault::Start { program: program.clone(), source };
        let profile = Profile::new().map_err(fail)?;
        profile.prefer().map_err(fail)?;
        let mut flags = options.flags.clone();
        flags.extend(process::agent(&program).await);
        let (child, stdin, stdout) = process::spawn(&program, &flags, &profile).map_err(fail)?;
        let (to, commands) = mpsc::unbounded_channel();
        let (told, events) = mpsc::unbounded_channel();
        let (end, ended) = oneshot::channel();
        let inside = Inside {
            to,
            open: Mutex::new(Some(HashMap::new())),
            next: AtomicU64::new(1),
            name: Mutex::default(),
            _end: end,
        };
        let browser = Self(Arc::new(inside));
        let inside = Arc::downgrade(&browser.0);
        tokio::spawn(async move {
            let mut answers = BufReader::new(stdout);
            let mut message = Vec::new();
            while next(&mut answers, &mut message).await {
                let Some(inside) = inside.upgrade() else { break };
                if let Ok(value) = serde_json::from_slice(&message) {
                    inside.hear(value, &told);
                }
            }
            // Whoever waits learns that nobody answers any more.
            if let Some(inside) = inside.upgrade() {
                inside.lock().take();
            }
        });
        tokio::spawn(process::keep(process::Open::new(), child, stdin, commands, ended, profile));
        let version = browser.call("Browser.getVersion", &json!({})).await?;
        *browser.0.name.lock().unwrap_or_else(PoisonError::into_inner) =
            version["product"].as_str().unwrap_or_default().to_owned();
        Ok((browser, events))
    }

    /// What it calls itself.
    pub fn name(&self) -> String {
        self.0.name.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// A command to the browser as a whole, and its answer.
    ///
    /// # Errors
    /// When it refuses, does not answer within 30 s, or has ended.
    pub async fn call(&self, method: &str, params: &Value) -> Result<Value, Fault> {
        self.ask(None, method, params, PATIENCE).await
    }

    /// The session of an attached target.
    pub fn session(&self, id: &str) -> Session {
        Session { browser: self.clone(), id: id.to_owned() }
    }

    async fn ask(&self, session: Option<&str>, method: &str, params: &Value, limit: Duration) -> Result<Value, Fault> {
        let id = self.0.next.fetch_add(1, Ordering::Relaxed);
        let (answer, answered) = oneshot::channel();
        match self.0.lock().as_mut() {
            Some(open) => open.insert(id, answer),
            None => return Err(Fault::Gone),
        };
        self.0.send(id, session, method, params)?;
        let Ok(answer) = timeout(limit, answered).await else {
            self.0.lock().as_mut().map(|open| open.remove(&id));
            return Err(Fault::Silent { method: method.to_owned(), limit });
        };
        let mut answer = answer.map_err(|_| Fault::Gone)?;
        match answer["error"]["message"].as_str() {
            Some(why) => Err(Fault::Refused { method: method.to_owned(), why: why.to_owned() }),
            None => Ok(answer["result"].take()),
        }
    }
}

impl Session {
    /// Its name.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The browser it belongs to.
    pub fn browser(&self) -> &Browser {
        &self.browser
    }

    /// A command and its answer.
    ///
    /// # Errors
    /// When the browser refuses, does not answer within 30 s, or has ended.
    pub async fn call(&self, method: &str, params: &Value) -> Result<Value, Fault> {
        self.within(PATIENCE, method, params).await
    }

    /// A command and its answer, within a time.
    ///
    /// # Errors
    /// When the browser refuses, does not answer in time, or has ended.
    pub async fn within(&self, limit: Duration, method: &str, params: &Value) -> Result<Value, Fault> {
        self.browser.ask(Some(&self.id), method, params, limit).await
    }

    /// A command whose answer nobody waits for.
    ///
    /// # Errors
    /// When the browser has ended.
    pub fn tell(&self, method: &str, params: &Value) -> Result<(), Fault> {
        let id = self.browser.0.next.fetch_add(1, Ordering::Relaxed);
        self.browser.0.send(id, Some(&self.id), method, params)
    }
}

impl Inside {
    fn lock(&self) -> std::sync::MutexGuard<'_, Option<HashMap<u64, oneshot::Sender<Value>>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn send(&self, id: u64, session: Option<&str>, method: &str, params: &Value) -> Result<(), Fault> {
        let mut message = json!({ "id": id, "method": method, "params": params });
        if let Some(session) = session {
            message["sessionId"] = json!(session);
        }
        let mut bytes = message.to_string().into_bytes();
        bytes.push(0);
        self.to.send(bytes).map_err(|_| Fault::Gone)
    }

    /// An answer goes to whoever waits for it, and anything else to whoever listens.
    fn hear(&self, mut message: Value, told: &mpsc::UnboundedSender<Event>) {
        if let Some(id) = message["id"].as_u64() {
            if let Some(answer) = self.lock().as_mut().and_then(|open| open.remove(&id)) {
                let _ = answer.send(message);
            }
            return;
        }
        let Some(method) = message["method"].as_str().map(str::to_owned) else { return };
        let session = message["sessionId"].as_str().map(str::to_owned);
        let _ = told.send(Event { session, method, params: message["params"].take() });
    }
}

/// Reads one message, without its end; false where there is none any more.
async fn next(from: &mut (impl AsyncBufRead + Unpin), into: &mut Vec<u8>) -> bool {
    loop {
        into.clear();
        into.shrink_to(1 << 20);
        if !matches!((&mut *from).take(LONGEST).read_until(0, into).await, Ok(1..)) {
            return false;
        }
        if into.last() == Some(&0) {
            into.pop();
            return true;
        }
        // Too long, or the end: what is left of it is passed over.
        loop {
            let Ok(part @ [_, ..]) = from.fill_buf().await else { return false };
            let (end, length) = (part.iter().position(|byte| *byte == 0), part.len());
            from.consume(end.map_or(length, |end| end + 1));
            if end.is_some() {
                break;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[tokio::test]
    async fn a_browser_answers_and_ends() {
        let Ok((browser, mut events)) = Browser::start(&Options::default()).await else {
            eprintln!("NOT TESTED: no Chromium here (Debian: apt-get install chromium)");
            return;
        };
        assert!(browser.name().starts_with("Chrom") || browser.name().contains("Headless"), "{}", browser.name());
        let target = browser.call("Target.createTarget", &json!({ "url": "about:blank" })).await.unwrap();
        let attach = json!({ "targetId": target["targetId"], "flatten": true });
        let session = browser.call("Target.attachToTarget", &attach).await.unwrap();
        let session = browser.session(session["sessionId"].as_str().unwrap());
        let said = session.call("Runtime.evaluate", &json!({ "expression": "6 * 7" })).await.unwrap();
        assert_eq!(said["result"]["value"], 42);
        let said = session.call("Runtime.evaluate", &json!({ "expression": "navigator.userAgent" })).await.unwrap();
        let agent = said["result"]["value"].as_str().unwrap();
        assert!(agent.contains(" Chrome/") && !agent.contains("Headless"), "{agent}");
        let odd = session.call("Runtime.nothing", &json!({})).await;
        assert!(matches!(odd, Err(Fault::Refused { .. })), "{odd:?}");
        let hung = json!({ "expression": "for (;;);" });
        let hung = session.within(Duration::from_millis(300), "Runtime.evaluate", &hung).await;
        assert!(matches!(hung, Err(Fault::Silent { .. })), "{hung:?}");
        drop((browser, session));
        // The channel closes with the process.
        let closed = async { while events.recv().await.is_some() {} };
        timeout(Duration::from_secs(20), closed).await.unwrap();
    }

    #[tokio::test]
    async fn a_message_nobody_could_hold_is_passed_over() {
        let mut bytes = vec![b'x'; usize::try_from(LONGEST).unwrap() + 5];
        bytes.extend(b"\0after\0rest");
        let (mut from, mut into) = (bytes.as_slice(), Vec::new());
        assert!(next(&mut from, &mut into).await);
        assert_eq!(into, b"after");
        assert!(!next(&mut from, &mut into).await);
    }

    #[tokio::test]
    async fn a_browser_that_is_not_there_is_named() {
        let fault = find(Some(Path::new("/nowhere/chromium"))).await.unwrap_err();
        assert!(fault.to_string().contains("/nowhere/chromium"), "{fault}");
    }
}
