//! Requests, from the moment the browser tells of them until what became of them is known. The protocol tells of one
//! request in several events from two processes, whose order is not fixed: what the page asked for, what really went out
//! with which cookies (`…ExtraInfo`), what came back, and how it ended. They are joined by the request's name and, where it
//! was redirected, by the number of the hop.
//!
//! Knows no sockets: [`settle`](super::settle) compares what is here with the browser's network log.

use super::jar::Place;
use super::text::{LONG, VALUE, address, cut, header, text};
use crate::seen::{Initiator, Outcome, Request, Sent, Target};
use serde_json::Value;
use std::collections::hash_map::DefaultHasher;
use std::collections::{HashMap, HashSet, VecDeque};
use std::hash::{Hash as _, Hasher as _};

/// Details kept of requests nobody has told of yet, at most.
const EARLY: usize = 512;
/// Scripts in a stack, at most.
const STACK: usize = 32;

/// Where a request was made.
#[derive(Debug, Clone)]
pub(super) struct Origin {
    pub(super) place: Place,
    pub(super) frame: String,
    pub(super) target: Target,
}

/// One request on its way.
#[derive(Debug)]
pub(super) struct Hop {
    pub(super) request: Request,
    /// Whether the network service will tell details of it, where it has said.
    extra: Option<bool>,
    /// Whether it has told what went out.
    pub(super) heard: bool,
    told: bool,
    pub(super) answered: bool,
    pub(super) local: bool,
    /// Why it failed, and the browser's word for stopping it.
    pub(super) failed: Option<(String, Option<String>)>,
}

/// All hops of one request, and details waiting for theirs.
#[derive(Debug, Default)]
struct Chain {
    hops: Vec<usize>,
    sent: VecDeque<Value>,
    told: VecDeque<Value>,
}

#[derive(Debug, Default)]
pub(super) struct Traffic {
    pub(super) hops: Vec<Hop>,
    chains: HashMap<String, Chain>,
    early: VecDeque<String>,
    counts: HashMap<usize, u64>,
    /// Requests beyond the limit, as numbers made of method and address: enough to know them again.
    dropped: HashMap<u64, u32>,
    /// Details still to come of hops that were handed out: of what went out, and of what came back.
    left: HashMap<String, [usize; 2]>,
}

/// An answer whose head came to a hop: for the jar.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) hop: usize,
    pub(super) told: Value,
}

impl Hop {
    pub(super) fn new(request: Request) -> Self {
        Self { request, extra: None, heard: false, told: false, answered: false, local: false, failed: None }
    }

    /// What became of it, by all that was told.
    pub(super) fn outcome(&self) -> Outcome {
        match &self.failed {
            Some((reason, Some(blocked))) if !self.heard && !self.answered => {
                Outcome::Blocked(if blocked.is_empty() { reason.clone() } else { blocked.clone() })
            }
            Some(_) if self.local && !self.heard => Outcome::Local,
            Some((reason, blocked)) => Outcome::Failed(match blocked {
                Some(blocked) if !blocked.is_empty() => blocked.clone(),
                _ => reason.clone(),
            }),
            None if self.local && !self.heard => Outcome::Local,
            None if self.answered => Outcome::Answered,
            None => Outcome::Open,
        }
    }
}

fn mark(method: &str, url: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    (method, url).hash(&mut hasher);
    hasher.finish()
}

impl Traffic {
    /// Whether one more request of this visit is kept.
    pub(super) fn admit(&mut self, visit: usize, limit: u32, method: &str, url: &str) -> bool {
        let count = self.counts.entry(visit).or_default();
        *count += 1;
        if *count <= u64::from(limit) {
            return true;
        }
        *self.dropped.entry(mark(method, url)).or_default() += 1;
        false
    }

    /// Whether a request of the network log is one that was counted but not kept; each is known again once.
    pub(super) fn dropped(&mut self, method: &str, url: &str) -> bool {
        match self.dropped.get_mut(&mark(method, url)) {
            Some(count @ 1..) => {
                *count -= 1;
                true
            }
            _ => false,
        }
    }

    /// Whether it is known of every recent request how it went out.
    pub(super) fn quiet(&self) -> bool {
        let known = |hop: &Hop| hop.heard || hop.local || hop.failed.is_some();
        self.hops.iter().rev().take(64).all(known)
    }

    /// How many requests of a visit were beyond the limit.
    pub(super) fn more(&self, visit: usize, limit: u32) -> u64 {
        self.counts.get(&visit).map_or(0, |count| count.saturating_sub(u64::from(limit)))
    }

    /// The last hop of a request.
    pub(super) fn last(&mut self, id: &str) -> Option<&mut Hop> {
        let hop = *self.chains.get(id)?.hops.last()?;
        self.hops.get_mut(hop)
    }

    /// A request begins, or a redirect of one; answers that are known with it. Nothing where it is not kept.
    pub(super) fn begin(&mut self, id: &str, origin: &Origin, said: &Value) -> Option<(usize, Vec<Answer>)> {
        let asked = &said["request"];
        let previous = self.chains.get(id).and_then(|chain| chain.hops.last().copied());
        let redirect = previous.filter(|_| said["redirectResponse"].is_object());
        if let Some(hop) = redirect.and_then(|hop| self.hops.get_mut(hop)) {
            hop.extra = Some(said["redirectHasExtraInfo"].as_bool().unwrap_or_default());
            hop.answer(&said["redirectResponse"]);
        }
        let place = origin.place;
        let request = Request {
            visit: place.visit,
            at: place.at,
            moment: place.moment,
            url: address(text(asked, "url")),
            method: cut(text(asked, "method"), 32),
            kind: said["type"].as_str().unwrap_or("Other").to_owned(),
            frame: address(&origin.frame),
            target: origin.target,
            initiator: initiator(&said["initiator"]),
            redirect,
            outcome: Outcome::Open,
            status: None,
            remote: None,
            cookies: Vec::new(),
            set: Vec::new(),
            referrer: header(&asked["headers"], "referer").map(address),
            body: asked["postData"].as_str().map(|body| cut(body, LONG)),
        };
        let hop = self.push(Hop::new(request));
        self.chains.entry(id.to_owned()).or_default().hops.push(hop);
        Some((hop, self.join(id)))
    }

    pub(super) fn push(&mut self, hop: Hop) -> usize {
        self.hops.push(hop);
        self.hops.len() - 1
    }

    /// Details of what went out, or of what came back, from the network service.
    pub(super) fn detail(&mut self, id: &str, back: bool, said: Value) -> Vec<Answer> {
        if let Some(left @ 1..) = self.left.get_mut(id).map(|left| &mut left[usize::from(back)]) {
            *left -= 1;
            return Vec::new();
        }
        if !self.chains.contains_key(id) {
            self.early.push_back(id.to_owned());
            if self.early.len() > EARLY
                && let Some(old) = self.early.pop_front()
                && self.chains.get(&old).is_some_and(|chain| chain.hops.is_empty())
            {
                self.chains.remove(&old);
            }
        }
        let chain = self.chains.entry(id.to_owned()).or_default();
        let queue = if back { &mut chain.told } else { &mut chain.sent };
        // Nobody is redirected more often; a longer queue is of something we do not understand.
        if queue.len() < 64 {
            queue.push_back(said);
        }
        self.join(id)
    }

    /// Gives waiting details to the hops they are of.
    fn join(&mut self, id: &str) -> Vec<Answer> {
        let mut answers = Vec::new();
        let Some(chain) = self.chains.get_mut(id) else { return answers };
        for at in &chain.hops {
            let Some(hop) = self.hops.get_mut(*at) else { continue };
            if hop.extra == Some(false) {
                continue;
            }
            if !hop.heard {
                match chain.sent.pop_front() {
                    Some(said) => hop.send(&said),
                    // Later details are of this hop, too, unless it has none.
                    None if hop.extra.is_none() => break,
                    None => {}
                }
            }
            if !hop.told
                && let Some(told) = chain.told.pop_front()
            {
                hop.told = true;
                if let Some(status) = told["statusCode"].as_u64() {
                    hop.request.status = u16::try_from(status).ok();
                }
                answers.push(Answer { hop: *at, told });
            }
        }
        answers
    }

    /// The head of an answer, as the page got it.
    pub(super) fn respond(&mut self, id: &str, said: &Value) -> Vec<Answer> {
        if let Some(hop) = self.last(id) {
            // What left nothing for the network service to tell of may still have left: the network log knows.
            if let Some(extra) = said["hasExtraInfo"].as_bool() {
                hop.extra = Some(extra);
            }
            hop.answer(&said["response"]);
            if hop.request.kind == "Other"
                && let Some(kind) = said["type"].as_str()
            {
                hop.request.kind = kind.to_owned();
            }
        }
        self.join(id)
    }

    pub(super) fn fail(&mut self, id: &str, said: &Value) {
        let Some(hop) = self.last(id) else { return };
        // A second word on it, after it was stopped, says less.
        if hop.failed.is_some() {
            return;
        }
        let mut blocked = said["blockedReason"].as_str().map(str::to_owned);
        let cors = text(&said["corsErrorStatus"], "corsError");
        if blocked.is_none() && !cors.is_empty() {
            blocked = Some(format!("cors: {cors}"));
        }
        let reason = if said["canceled"].as_bool() == Some(true) { "canceled" } else { text(said, "errorText") };
        hop.failed = Some((reason.to_owned(), blocked));
    }

    /// A request was handed out already: the details of its first hop are nobody's.
    pub(super) fn skip(&mut self, id: &str) {
        let mut left = [1, 1];
        if let Some(chain) = self.chains.get_mut(id) {
            for (left, queue) in left.iter_mut().zip([&mut chain.sent, &mut chain.told]) {
                *left -= usize::from(queue.pop_front().is_some());
            }
        }
        self.left.insert(id.to_owned(), left);
    }

    /// Hands out everything, and forgets all but what came of requests that nobody has told of yet, and how much is still
    /// to come of those that are handed out: a redirect that follows has details of its own.
    pub(super) fn turn(&mut self) -> Vec<Hop> {
        let hops = std::mem::take(&mut self.hops);
        let (mut chains, early) = (std::mem::take(&mut self.chains), std::mem::take(&mut self.early));
        let mut left = HashMap::new();
        for (id, chain) in &chains {
            let open = chain.hops.iter().filter_map(|at| hops.get(*at));
            let open = open.filter(|hop| hop.extra != Some(false) && hop.failed.is_none());
            let [sent, told] =
                open.fold([0, 0], |[sent, told], hop| [sent + usize::from(!hop.heard), told + usize::from(!hop.told)]);
            if sent + told > 0 {
                left.insert(id.clone(), [sent, told]);
            }
        }
        chains.retain(|_, chain| chain.hops.is_empty());
        *self = Self { chains, early, left, ..Self::default() };
        hops
    }
}

impl Hop {
    /// What really went out.
    fn send(&mut self, said: &Value) {
        self.heard = true;
        let empty = Vec::new();
        let sent = said["associatedCookies"].as_array().unwrap_or(&empty).iter();
        let sent = sent.filter(|cookie| cookie["blockedReasons"].as_array().is_none_or(Vec::is_empty));
        self.request.cookies = sent
            .map(|cookie| Sent {
                name: cut(text(&cookie["cookie"], "name"), VALUE),
                value: cut(text(&cookie["cookie"], "value"), VALUE),
            })
            .collect();
        if let Some(referrer) = header(&said["headers"], "referer") {
            self.request.referrer = Some(address(referrer));
        }
    }

    fn answer(&mut self, response: &Value) {
        self.answered = true;
        let cached = ["fromDiskCache", "fromServiceWorker", "fromPrefetchCache", "fromEarlyHints"];
        self.local |= cached.iter().any(|key| response[*key].as_bool() == Some(true));
        if self.request.status.is_none() {
            self.request.status = response["status"].as_u64().and_then(|status| u16::try_from(status).ok());
        }
        if let Some(remote) = response["remoteIPAddress"].as_str().filter(|remote| !remote.is_empty()) {
            let remote = remote.trim_matches(['[', ']']);
            self.request.remote = Some(remote.to_owned());
        }
    }
}

/// Who caused a request, with every script on the way.
fn initiator(said: &Value) -> Initiator {
    let mut all = Vec::new();
    let mut known = HashSet::new();
    let mut line = said["lineNumber"].as_u64();
    let mut first = said["url"].as_str().map(str::to_owned);
    let mut stack = &said["stack"];
    while stack.is_object() && all.len() < STACK {
        for frame in stack["callFrames"].as_array().into_iter().flatten() {
            let url = text(frame, "url");
            if url.is_empty() {
                continue;
            }
            if first.is_none() {
                first = Some(url.to_owned());
                line = frame["lineNumber"].as_u64();
            }
            if all.len() < STACK && known.insert(url) {
                all.push(address(url));
            }
        }
        stack = &stack["parent"];
    }
    let line = line.and_then(|line| u32::try_from(line + 1).ok()).unwrap_or_default();
    let url = first.map(|url| address(&url)).unwrap_or_default();
    Initiator { kind: text(said, "type").to_owned(), line: if url.is_empty() { 0 } else { line }, url, stack: all }
}
