//! What the witness remembers: who opened a connection and what each request carried.
//!
//! This room does not know pages or routes. Its memory is bounded: the counters stay exact, old requests go.

use super::text;
use http::{Request, header};
use serde_json::{Value, json};
use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// Requests kept per third party.
pub(super) const KEPT: usize = 500;
/// Browsers told apart; the ones after that are counted together.
const VIEWERS: usize = 64;
/// Characters kept of any one header or path.
const WIDE: usize = 2048;

/// One request, as it arrived.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    pub(super) at: u64,
    pub(super) method: String,
    pub(super) path: String,
    pub(super) host: String,
    pub(super) referer: String,
    pub(super) cookie: String,
    pub(super) agent: String,
}

/// What one browser, or all of them, did to one third party.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Count {
    /// TCP connections, the ones on which nothing was ever said included.
    pub(super) connections: u64,
    /// Requests.
    pub(super) requests: u64,
}

#[derive(Debug, Default)]
struct Shelf {
    count: Count,
    spoken: u64,
    viewers: HashMap<String, Count>,
    seen: VecDeque<Seen>,
}

#[derive(Debug, Default)]
struct Upstream {
    cookies: String,
    requests: u64,
    viewers: HashMap<String, (String, u64)>,
}

/// A connection, and in which epoch of the log it was last counted as one that spoke.
#[derive(Debug, Clone, Default)]
pub(super) struct Link(Arc<AtomicU64>);

/// One third party as it stands in the log.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) name: &'static str,
    pub(super) origin: String,
    pub(super) count: Count,
    /// Newest last.
    pub(super) seen: Vec<Seen>,
}

/// The log of all third parties and of the newsroom.
#[derive(Debug)]
pub(super) struct Log {
    start: Instant,
    // Invariant: at least 1 and rising, so that a fresh `Link` (0) was counted in none.
    epoch: AtomicU64,
    parties: Vec<(&'static str, String)>,
    shelves: Vec<Mutex<Shelf>>,
    upstream: Mutex<Upstream>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A panic while counting leaves at worst a wrong count, which is better than a dead demo.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn viewer<'a, V: Default>(viewers: &'a mut HashMap<String, V>, agent: &str) -> &'a mut V {
    let key = if viewers.contains_key(agent) || viewers.len() < VIEWERS { agent } else { "" };
    viewers.entry(key.to_owned()).or_default()
}

impl Log {
    /// An empty log of these third parties (name, origin).
    pub(super) fn new(parties: Vec<(&'static str, String)>) -> Self {
        let shelves = parties.iter().map(|_| Mutex::default()).collect();
        Self { start: Instant::now(), epoch: AtomicU64::new(1), parties, shelves, upstream: Mutex::default() }
    }

    /// Third party number `at` was connected to.
    pub(super) fn connected(&self, at: usize) -> Link {
        if let Some(shelf) = self.shelves.get(at) {
            lock(shelf).count.connections += 1;
        }
        Link::default()
    }

    /// Third party number `at` received a request on a connection.
    pub(super) fn heard<B>(&self, at: usize, link: &Link, request: &Request<B>) {
        let Some(shelf) = self.shelves.get(at) else { return };
        let headers = request.headers();
        let wide = |name| text::short(&text::line(headers, name), WIDE);
        let seen = Seen {
            at: u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX),
            method: request.method().to_string(),
            path: text::short(request.uri().path_and_query().map_or("/", |path| path.as_str()), WIDE),
            host: wide(header::HOST),
            referer: wide(header::REFERER),
            cookie: wide(header::COOKIE),
            agent: wide(header::USER_AGENT),
        };
        let mut shelf = lock(shelf);
        let epoch = self.epoch.load(Ordering::Relaxed);
        let before = link.0.swap(epoch, Ordering::Relaxed);
        shelf.count.requests += 1;
        let own = viewer(&mut shelf.viewers, &seen.agent);
        own.requests += 1;
        if before != epoch {
            own.connections += 1;
            shelf.spoken += 1;
            // A connection from before the last reset that speaks again is one again.
            shelf.count.connections = shelf.count.connections.max(shelf.spoken);
        }
        if shelf.seen.len() == KEPT {
            shelf.seen.pop_front();
        }
        shelf.seen.push_back(seen);
    }

    /// The newsroom served a page: which cookies came with the request.
    pub(super) fn page(&self, headers: &http::HeaderMap) {
        let cookies = text::short(&text::line(headers, header::COOKIE), WIDE);
        let agent = text::short(&text::line(headers, header::USER_AGENT), WIDE);
        let mut upstream = lock(&self.upstream);
        upstream.requests += 1;
        let own = viewer(&mut upstream.viewers, &agent);
        *own = (cookies.clone(), own.1 + 1);
        upstream.cookies = cookies;
    }

    /// Forgets everything.
    pub(super) fn reset(&self) {
        self.epoch.fetch_add(1, Ordering::Relaxed);
        for shelf in &self.shelves {
            *lock(shelf) = Shelf::default();
        }
        *lock(&self.upstream) = Upstream::default();
    }

    /// Every third party, for one browser or for all. Connections on which nothing was said cannot be told
    /// apart and are everyone's.
    pub(super) fn read(&self, agent: Option<&str>) -> Vec<Entry> {
        let one = |((name, origin), shelf): (&(&'static str, String), &Mutex<Shelf>)| {
            let shelf = lock(shelf);
            let count = match agent {
                None => shelf.count,
                Some(agent) => {
                    let own = shelf.viewers.get(agent).copied().unwrap_or_default();
                    let silent = shelf.count.connections.saturating_sub(shelf.spoken);
                    Count { connections: own.connections + silent, ..own }
                }
            };
            let fits = |seen: &&Seen| agent.is_none_or(|agent| seen.agent == agent);
            Entry { name, origin: origin.clone(), count, seen: shelf.seen.iter().filter(fits).cloned().collect() }
        };
        self.parties.iter().zip(&self.shelves).map(one).collect()
    }

    /// The cookies on the newsroom's last page request, and how many pages there were.
    pub(super) fn upstream(&self, agent: Option<&str>) -> (String, u64) {
        let upstream = lock(&self.upstream);
        match agent {
            None => (upstream.cookies.clone(), upstream.requests),
            Some(agent) => upstream.viewers.get(agent).cloned().unwrap_or_default(),
        }
    }

    /// All of it as JSON.
    pub(super) fn json(&self, agent: Option<&str>) -> Value {
        let request = |seen: &Seen| {
            json!({
                "at_ms": seen.at, "method": seen.method, "path": seen.path, "host": seen.host,
                "referer": seen.referer, "cookie": seen.cookie, "user_agent": seen.agent,
            })
        };
        let party = |entry: &Entry| {
            json!({
                "name": entry.name, "origin": entry.origin, "connections": entry.count.connections,
                "received": entry.count.requests, "requests": entry.seen.iter().map(request).collect::<Vec<_>>(),
            })
        };
        let (cookies, requests) = self.upstream(agent);
        let parties: Vec<Value> = self.read(agent).iter().map(party).collect();
        json!({ "parties": parties, "upstream": { "cookies": cookies, "requests": requests } })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log() -> Log {
        Log::new(vec![("ads", "http://ads.localhost:1".to_owned())])
    }

    fn request(agent: &str) -> Request<()> {
        Request::get("/p.gif?id=7").header("user-agent", agent).header("cookie", "a=1").body(()).unwrap()
    }

    #[test]
    fn a_silent_connection_is_seen() {
        let log = log();
        log.connected(0);
        assert_eq!(log.read(None)[0].count, Count { connections: 1, requests: 0 });
        assert_eq!(log.read(Some("fox"))[0].count, Count { connections: 1, requests: 0 });
    }

    #[test]
    fn browsers_are_told_apart() {
        let log = log();
        let (fox, owl) = (log.connected(0), log.connected(0));
        log.heard(0, &fox, &request("fox"));
        log.heard(0, &fox, &request("fox"));
        log.heard(0, &owl, &request("owl"));
        assert_eq!(log.read(None)[0].count, Count { connections: 2, requests: 3 });
        assert_eq!(log.read(Some("fox"))[0].count, Count { connections: 1, requests: 2 });
        assert_eq!(log.read(Some("owl"))[0].seen.len(), 1);
        let first = &log.json(None)["parties"][0]["requests"][0];
        assert_eq!((first["path"].as_str(), first["cookie"].as_str()), (Some("/p.gif?id=7"), Some("a=1")));
    }

    #[test]
    fn memory_is_bounded_and_counters_are_exact() {
        let log = log();
        let link = log.connected(0);
        for at in 0..(KEPT + 20) {
            log.heard(0, &link, &request(&format!("agent {at}")));
        }
        let entry = &log.read(None)[0];
        assert_eq!((entry.seen.len(), entry.count.requests), (KEPT, KEPT as u64 + 20));
        assert_eq!(entry.seen[0].agent, "agent 20");
        assert!(lock(&log.shelves[0]).viewers.len() <= VIEWERS + 1);
        let long = Request::get(format!("/{}", "x".repeat(9000))).body(()).unwrap();
        log.heard(0, &link, &long);
        assert_eq!(log.read(None)[0].seen[KEPT - 1].path.len(), WIDE);
    }

    #[test]
    fn a_reset_forgets_and_open_connections_count_again_once_they_speak() {
        let log = log();
        let link = log.connected(0);
        log.heard(0, &link, &request("fox"));
        log.page(request("fox").headers());
        log.reset();
        assert_eq!(log.read(None)[0].count, Count::default());
        assert_eq!(log.upstream(Some("fox")), (String::new(), 0));
        log.heard(0, &link, &request("fox"));
        log.heard(0, &link, &request("fox"));
        assert_eq!(log.read(None)[0].count, Count { connections: 1, requests: 2 });
    }
}
