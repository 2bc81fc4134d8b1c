//! Requests and connections, as they went out or were stopped.

use super::Moment;
use serde::{Deserialize, Serialize};

/// One request. A redirect begins another, which names the one before.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// Which of [`Run::visits`](super::Run::visits) it belongs to.
    pub visit: usize,
    /// When.
    pub at: u64,
    /// In which moment of the visit.
    pub moment: Moment,
    /// The whole address, without its fragment; cut at 4,096 characters.
    pub url: String,
    /// The method.
    pub method: String,
    /// What it was for, as the browser names it: `Document`, `Script`, `Image`, `Fetch`, `Ping`, `WebSocket`, `Preflight`…
    pub kind: String,
    /// The address of the document or worker that made it.
    pub frame: String,
    /// What kind of place that is.
    pub target: Target,
    /// What caused it.
    pub initiator: Initiator,
    /// The request it was redirected from: an index of the same list.
    pub redirect: Option<usize>,
    /// What became of it.
    pub outcome: Outcome,
    /// The status of the answer, where there was one.
    pub status: Option<u16>,
    /// The address of the other end.
    pub remote: Option<String>,
    /// Cookies that travelled with it.
    pub cookies: Vec<Sent>,
    /// Names of cookies its answer set.
    pub set: Vec<String>,
    /// The `Referer` that was sent.
    pub referrer: Option<String>,
    /// The body, where there was one: cut at 4,096 characters.
    pub body: Option<String>,
}

/// A cookie that travelled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Sent {
    /// Its name.
    pub name: String,
    /// Its value, cut at 1,024 characters.
    pub value: String,
}

/// In what kind of place a request was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Target {
    /// The page.
    Page,
    /// A frame in it.
    Frame,
    /// A worker, of whatever kind but the next.
    Worker,
    /// A service worker.
    ServiceWorker,
    /// A window the page opened.
    Window,
    /// Something else: prerendering, an old page still sending.
    Other,
}

/// What caused a request.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Initiator {
    /// The browser's word: `parser`, `script`, `preload`, `other`…
    pub kind: String,
    /// The script, style sheet or document, where it is known.
    pub url: String,
    /// The line in it, from 1; 0 where it is not known.
    pub line: u32,
    /// Addresses of all scripts on the way to it, the innermost first, each once.
    pub stack: Vec<String>,
}

/// What became of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Fate"))]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// It went out and was answered.
    Answered,
    /// It was answered by the browser's cache, or by a service worker: nothing went out.
    Local,
    /// It went out, or tried to, and failed: the browser's reason.
    Failed(String),
    /// The browser stopped it before it went out (`csp`, `mixed-content`, `inspector`…).
    Blocked(String),
    /// Nothing was heard of it before its page was left. It is taken to have gone out.
    Open,
}

impl Outcome {
    /// Whether something left the machine, or tried to.
    pub fn left(&self) -> bool {
        !matches!(self, Self::Local | Self::Blocked(_))
    }
}

/// A host that was connected to or looked up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Connection {
    /// The host, without a port.
    pub host: String,
    /// The port; 0 where it was only looked up.
    pub port: u16,
    /// When it was first seen.
    pub at: u64,
    /// Which visit it belongs to, by its time.
    pub visit: usize,
    /// Whether a request of the same host was seen too. Where not, it was a preconnect, a prefetch or the like.
    pub request: bool,
}
