//! The browser's network log, read in a stream: which requests really went out, with which cookies, and which hosts were
//! looked up or connected to, with or without a request. It is the outsider of the recorder: beacons of a page that is
//! going, preconnects and WebRTC are told of nowhere else.
//!
//! The format is one event per line after a head that numbers their kinds. Knows no page.

use super::line::Line;
use super::text::{VALUE, address, cut, text};
use crate::seen::Sent;
use serde_json::Value;
use std::collections::{HashMap, HashSet};
use std::io::{BufRead as _, BufReader, Read as _, Seek as _, SeekFrom};
use std::path::Path;

/// Lines longer than this are passed over: none that is read here comes near.
const LONGEST: u64 = 1 << 20;
/// Hosts and requests kept, at most.
const MOST: usize = 200_000;

/// A request as it stands in the log.
#[derive(Debug, Clone, Default)]
pub(super) struct Wire {
    /// In the browser's ticks, in milliseconds.
    pub(super) ticks: f64,
    pub(super) url: String,
    pub(super) method: String,
    /// Whether its head went out.
    pub(super) sent: bool,
    pub(super) cookies: Vec<Sent>,
    pub(super) referrer: Option<String>,
    /// What it was fetched for: `Sec-Fetch-Dest`.
    pub(super) dest: String,
    pub(super) status: Option<u16>,
    /// `Set-Cookie` lines of the answer.
    pub(super) set: Vec<String>,
    /// Whether the browser made it for itself.
    pub(super) own: bool,
}

/// A host that was looked up (port 0) or connected to.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Contact {
    pub(super) ticks: f64,
    pub(super) host: String,
    pub(super) port: u16,
}

/// Reads the log from where it was read last.
#[derive(Debug, Default)]
pub(super) struct Log {
    offset: u64,
    kinds: HashMap<u64, &'static str>,
    /// Which request a number of the log is of.
    open: HashMap<u64, usize>,
    /// Numbers that are of the browser itself.
    inner: HashSet<u64>,
    /// Hosts and ports that were asked for something, and whether by the browser itself alone.
    asked: HashMap<(String, u16), bool>,
    pub(super) wires: Vec<Wire>,
    pub(super) contacts: Vec<Contact>,
    /// When the last event was, in ticks.
    pub(super) last: f64,
}

const KINDS: [&str; 13] = [
    "URL_REQUEST_START_JOB",
    "HTTP_TRANSACTION_SEND_REQUEST_HEADERS",
    "HTTP_TRANSACTION_HTTP2_SEND_REQUEST_HEADERS",
    "HTTP_TRANSACTION_QUIC_SEND_REQUEST_HEADERS",
    "HTTP_TRANSACTION_READ_RESPONSE_HEADERS",
    "HTTP_STREAM_JOB_CONTROLLER",
    "HTTP_STREAM_JOB_CONTROLLER_BOUND",
    "HOST_RESOLVER_MANAGER_REQUEST",
    "HOST_RESOLVER_MANAGER_JOB",
    "DNS_TRANSACTION",
    "UDP_CONNECT",
    "UDP_BYTES_SENT",
    "REQUEST_ALIVE",
];

impl Log {
    /// Reads what was written since.
    ///
    /// # Errors
    /// When the file cannot be read or is no network log.
    pub(super) fn read(&mut self, path: &Path) -> std::io::Result<()> {
        let mut file = std::fs::File::open(path)?;
        file.seek(SeekFrom::Start(self.offset))?;
        let mut lines = BufReader::new(file);
        let mut line = Vec::new();
        loop {
            line.clear();
            let read = lines.by_ref().take(LONGEST).read_until(b'\n', &mut line)? as u64;
            if line.last() != Some(&b'\n') {
                if read < LONGEST {
                    // Half a line: the browser is still writing it, or ended in the midst of it.
                    return Ok(());
                }
                self.offset += read + u64::try_from(lines.skip_until(b'\n')?).unwrap_or_default();
                continue;
            }
            self.offset += read;
            self.line(&line);
        }
    }

    /// Takes what was read of requests. Those that have not gone out may yet: unless the log has ended they are told of
    /// again with what is read next. What comes back to those that have gone out is nobody's any more.
    pub(super) fn take(&mut self, ended: bool) -> Vec<Wire> {
        let taken = std::mem::take(&mut self.wires);
        for (source, old) in std::mem::take(&mut self.open) {
            if let Some(wire) = taken.get(old).filter(|wire| !ended && !wire.sent) {
                self.open.insert(source, self.wires.len());
                self.wires.push(wire.clone());
            }
        }
        taken
    }

    /// Another browser begins another log; what was read stays.
    pub(super) fn rest(&mut self) {
        let (wires, contacts) = (std::mem::take(&mut self.wires), std::mem::take(&mut self.contacts));
        *self = Self { wires, contacts, ..Self::default() };
    }

    fn line(&mut self, line: &[u8]) {
        let line = line.trim_ascii_end();
        let line = line.strip_suffix(b",").unwrap_or(line);
        if self.kinds.is_empty() {
            // The head: `{"constants":{…},`.
            let head = [line, b"}"].concat();
            if let Ok(head) = serde_json::from_slice::<Value>(&head) {
                for kind in KINDS {
                    if let Some(number) = head["constants"]["logEventTypes"][kind].as_u64() {
                        self.kinds.insert(number, kind);
                    }
                }
            }
            return;
        }
        if let Ok(event) = serde_json::from_slice::<Value>(line) {
            self.event(&event);
        }
    }

    fn event(&mut self, event: &Value) {
        let ticks = event["time"].as_str().and_then(|time| time.parse::<f64>().ok()).unwrap_or_default();
        self.last = self.last.max(ticks);
        let Some(kind) = event["type"].as_u64().and_then(|number| self.kinds.get(&number)) else { return };
        let Some(source) = event["source"]["id"].as_u64() else { return };
        let (ends, params) = (event["phase"] == 2, &event["params"]);
        match *kind {
            "URL_REQUEST_START_JOB" if !ends => self.start(source, ticks, params),
            "HTTP_TRANSACTION_READ_RESPONSE_HEADERS" => self.answer(source, params),
            "HTTP_STREAM_JOB_CONTROLLER" if !ends => self.stream(source, ticks, params),
            "HTTP_STREAM_JOB_CONTROLLER_BOUND" => {
                let other = params["source_dependency"]["id"].as_u64().unwrap_or_default();
                if self.inner.contains(&other) {
                    self.inner.insert(source);
                }
            }
            "HOST_RESOLVER_MANAGER_REQUEST" | "HOST_RESOLVER_MANAGER_JOB" if !ends => self.lookup(ticks, params),
            "DNS_TRANSACTION" if !ends => self.name(ticks, text(params, "hostname")),
            // What looks names up talks to one other end; what a page talks through (WebRTC) says whom it sends to.
            "UDP_CONNECT" => drop(self.inner.insert(source)),
            "UDP_BYTES_SENT" if !self.inner.contains(&source) => self.send_to(ticks, text(params, "address")),
            "REQUEST_ALIVE" if ends => {
                self.open.remove(&source);
            }
            kind if kind.ends_with("SEND_REQUEST_HEADERS") => self.send(source, params),
            _ => {}
        }
    }

    /// A request begins, or what it was redirected to.
    fn start(&mut self, source: u64, ticks: f64, params: &Value) {
        let top = text(params, "network_isolation_key");
        let page = text(params, "request_type") == "main frame";
        let own = !page && (text(params, "initiator") == "not an origin" && (top.starts_with("null") || service(top)));
        if own {
            self.inner.insert(source);
        }
        if let Some(place) = place(text(params, "url")).filter(|_| self.asked.len() < MOST) {
            *self.asked.entry(place).or_insert(true) &= own;
        }
        if self.wires.len() >= MOST {
            return;
        }
        self.open.insert(source, self.wires.len());
        let (url, method) = (address(text(params, "url")), cut(text(params, "method"), 32));
        self.wires.push(Wire { ticks, url, method, own, ..Wire::default() });
    }

    fn send(&mut self, source: u64, params: &Value) {
        let Some(wire) = self.open.get(&source).and_then(|wire| self.wires.get_mut(*wire)) else { return };
        // A request that is sent again, as after a lost connection, is still one.
        wire.sent = true;
        wire.cookies.clear();
        for (name, value) in headers(params) {
            match name.as_str() {
                "cookie" => {
                    let pairs = value.split(';').map(str::trim).filter(|pair| !pair.is_empty());
                    let pairs = pairs.map(|pair| pair.split_once('=').unwrap_or(("", pair)));
                    wire.cookies
                        .extend(pairs.map(|(name, value)| Sent { name: cut(name, VALUE), value: cut(value, VALUE) }));
                }
                "referer" => wire.referrer = Some(address(value)),
                "sec-fetch-dest" => wire.dest = cut(value, 32),
                _ => {}
            }
        }
    }

    fn answer(&mut self, source: u64, params: &Value) {
        let Some(wire) = self.open.get(&source).and_then(|wire| self.wires.get_mut(*wire)) else { return };
        let first = params["headers"][0].as_str().unwrap_or_default();
        wire.status = first.split(' ').nth(1).and_then(|status| status.parse().ok());
        wire.set = headers(params)
            .filter(|(name, _)| name == "set-cookie")
            .map(|(_, value)| cut(value, 3 * VALUE))
            .take(200)
            .collect();
    }

    /// A connection is asked for, with a request or ahead of one.
    fn stream(&mut self, source: u64, ticks: f64, params: &Value) {
        let Some(place) = place(text(params, "url")) else { return };
        // A connection is begun before the log says for which request.
        let own = self.inner.contains(&source) || self.asked.get(&place) == Some(&true);
        let (host, port) = place;
        if !own && self.contacts.len() < MOST {
            self.contacts.push(Contact { ticks, host, port });
        }
    }

    /// A name was asked for, by whomever: names of the browser's own services are those it has made requests to.
    fn name(&mut self, ticks: f64, name: &str) {
        let name = name.trim_end_matches('.').to_ascii_lowercase();
        let own = || self.wires.iter().take(64).any(|wire| wire.own && super::text::host(&wire.url) == name);
        if name.contains('.') && !name.starts_with('_') && !own() && self.contacts.len() < MOST {
            self.contacts.push(Contact { ticks, host: name, port: 0 });
        }
    }

    fn send_to(&mut self, ticks: f64, address: &str) {
        let Ok(to) = address.parse::<std::net::SocketAddr>() else { return };
        let contact = Contact { ticks, host: to.ip().to_string(), port: to.port() };
        let known =
            self.contacts.iter().rev().take(64).any(|known| (&known.host, known.port) == (&contact.host, contact.port));
        if !to.ip().is_multicast() && !known && self.contacts.len() < MOST {
            self.contacts.push(contact);
        }
    }

    fn lookup(&mut self, ticks: f64, params: &Value) {
        let top = text(params, "network_anonymization_key");
        if top.is_empty() || top.starts_with("null") || service(top) || self.contacts.len() >= MOST {
            return;
        }
        let named = text(params, "host");
        let bare = named.split_once("://").map_or(named, |(_, rest)| rest);
        let Ok(url) = url::Url::parse(&format!("http://{bare}/")) else { return };
        if let Some(host) = url.host_str() {
            self.contacts.push(Contact { ticks, host: host.to_owned(), port: 0 });
        }
    }
}

/// Whether something is of the browser's account service, which no page makes it ask.
fn service(top: &str) -> bool {
    top.starts_with("https://google.com") || top.starts_with("chrome")
}

/// The host and port of an address.
fn place(url: &str) -> Option<(String, u16)> {
    let url = url::Url::parse(url).ok()?;
    Some((url.host_str()?.to_owned(), url.port_or_known_default()?))
}

fn headers(params: &Value) -> impl Iterator<Item = (String, &str)> {
    let lines = params["headers"].as_array().into_iter().flatten().filter_map(Value::as_str);
    lines.filter_map(|line| {
        // Pseudo-headers of HTTP/2 begin with a colon.
        let (name, value) = line.split_once(": ")?;
        Some((name.to_ascii_lowercase(), value))
    })
}

/// The names that lines set, for a list.
pub(super) fn names(set: &[String], url: &str, now: f64) -> Vec<String> {
    set.iter().filter_map(|line| Line::read(line, url, now)).map(|line| line.name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn tell(log: &mut Log, source: u64, kind: u64, params: &Value) {
        let event = json!({ "time": "1", "type": kind, "source": { "id": source }, "phase": 1, "params": params });
        log.event(&event);
    }

    #[test]
    fn an_answer_to_what_was_taken_is_given_to_nobody_else() {
        let mut log = Log::default();
        log.kinds.extend((0..).zip(KINDS));
        let start = |url: &str| json!({ "url": url, "method": "GET", "initiator": "http://a.localhost" });
        let head = json!({ "headers": ["Cookie: a=1"] });
        let back = json!({ "headers": ["HTTP/1.1 204 No Content", "Set-Cookie: b=2"] });
        tell(&mut log, 1, 0, &start("http://a.localhost/sent"));
        tell(&mut log, 1, 1, &head);
        tell(&mut log, 2, 0, &start("http://a.localhost/waits"));
        let first = log.take(false);
        assert_eq!(first.iter().map(|wire| wire.sent).collect::<Vec<_>>(), [true, false]);
        tell(&mut log, 3, 0, &start("http://b.localhost/other"));
        tell(&mut log, 1, 4, &back);
        tell(&mut log, 2, 1, &head);
        let second = log.take(true);
        let told: Vec<_> = second.iter().map(|wire| (wire.url.as_str(), wire.sent, wire.status)).collect();
        assert_eq!(told, [("http://a.localhost/waits", true, None), ("http://b.localhost/other", false, None)]);
        assert!(log.wires.is_empty() && log.open.is_empty());
    }
}
