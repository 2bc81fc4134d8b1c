//! A recorder: a host on a port of its own that writes down every connection and every request before it answers. It knows
//! no page and no audit; what it answers is asked of whoever started it.

use crate::owner;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

/// A connection nothing is said on is closed after so long.
const IDLE: Duration = Duration::from_secs(90);
/// A head or a body beyond this is nobody's here.
const WIDE: usize = 1 << 20;

/// One request, as it came.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    /// Milliseconds since 1970.
    pub(crate) at: u64,
    /// Whose browser it came from.
    pub(crate) profile: String,
    /// The name of the recorder: `ads`.
    pub(crate) party: String,
    pub(crate) method: String,
    /// Scheme, host and port, as the `Host` header says.
    pub(crate) origin: String,
    /// Path and query.
    pub(crate) target: String,
    /// The `Cookie` header's pairs, in order.
    pub(crate) cookies: Vec<(String, String)>,
    pub(crate) referrer: Option<String>,
    pub(crate) gpc: bool,
    pub(crate) body: String,
    /// What the answer set: whole `Set-Cookie` lines.
    pub(crate) set: Vec<String>,
}

impl Entry {
    pub(crate) fn url(&self) -> String {
        format!("{}{}", self.origin, self.target)
    }

    pub(crate) fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }
}

/// A connection, whether anything was said on it or not.
#[derive(Debug, Clone)]
pub(crate) struct Contact {
    pub(crate) profile: String,
    /// Name and port of the recorder.
    pub(crate) party: String,
    pub(crate) port: u16,
}

/// What all recorders of one scene have written down.
#[derive(Debug, Default)]
pub(crate) struct Log {
    pub(crate) entries: Vec<Entry>,
    pub(crate) contacts: Vec<Contact>,
}

/// What one request is answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) media: &'static str,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn new(media: &'static str, body: impl Into<Vec<u8>>) -> Self {
        Self { status: 200, media, headers: Vec::new(), body: body.into() }
    }

    pub(crate) fn status(status: u16) -> Self {
        Self { status, ..Self::new("text/plain", "") }
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

/// What answers.
pub(crate) type Route = Arc<dyn Fn(&Entry) -> Answer + Send + Sync>;

/// The time, in milliseconds since 1970.
#[expect(clippy::disallowed_methods, reason = "logs and audits tell the time by the clock of the same machine")]
pub(crate) fn now() -> u64 {
    u64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis()).unwrap()
}

/// A port of the loopback for a recorder that is started once every address is known.
pub(crate) async fn bind() -> (TcpListener, u16) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    (listener, port)
}

/// Records and answers until the program ends.
pub(crate) fn record(listener: TcpListener, party: &str, log: &Arc<Mutex<Log>>, route: Route) {
    let (party, log) = (party.to_owned(), Arc::clone(log));
    tokio::spawn(async move {
        while let Ok((stream, peer)) = listener.accept().await {
            let recorder = Recorder { party: party.clone(), log: Arc::clone(&log), route: Arc::clone(&route) };
            tokio::spawn(async move {
                let ours = stream.local_addr().map_or(0, |at| at.port());
                let profile = tokio::task::spawn_blocking(move || owner::profile(peer.port(), ours)).await.unwrap();
                let contact = Contact { profile: profile.clone(), party: recorder.party.clone(), port: ours };
                recorder.log.lock().unwrap().contacts.push(contact);
                recorder.speak(stream, &profile).await
            });
        }
    });
}

struct Recorder {
    party: String,
    log: Arc<Mutex<Log>>,
    route: Route,
}

impl Recorder {
    /// One connection, request after request.
    async fn speak(&self, mut stream: TcpStream, profile: &str) -> Option<()> {
        let mut bytes = Vec::new();
        loop {
            let end = loop {
                if let Some(at) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
                    break at + 4;
                }
                more(&mut stream, &mut bytes).await?;
            };
            let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
            bytes.drain(..end);
            let length = field(&head, "content-length").and_then(|text| text.parse().ok()).unwrap_or(0);
            while bytes.len() < length {
                more(&mut stream, &mut bytes).await?;
            }
            let body = String::from_utf8_lossy(&bytes[..length]).into_owned();
            bytes.drain(..length);
            let mut entry = self.read(&head, body, profile);
            let answer = (self.route)(&entry);
            entry.set =
                answer.headers.iter().filter(|(name, _)| *name == "Set-Cookie").map(|(_, v)| v.clone()).collect();
            self.log.lock().unwrap().entries.push(entry);
            if let Some(key) = field(&head, "sec-websocket-key") {
                return hold(&mut stream, &key).await;
            }
            let bodiless = head.starts_with("HEAD ");
            stream.write_all(&spell(&answer, bodiless)).await.ok()?;
        }
    }

    fn read(&self, head: &str, body: String, profile: &str) -> Entry {
        let mut line = head.lines().next().unwrap_or_default().split(' ');
        let (method, target) = (line.next().unwrap_or_default(), line.next().unwrap_or_default());
        let scheme = if field(head, "sec-websocket-key").is_some() { "ws" } else { "http" };
        let cookies = field(head, "cookie").unwrap_or_default();
        let pairs = cookies.split("; ").filter_map(|pair| pair.split_once('='));
        Entry {
            at: now(),
            profile: profile.to_owned(),
            party: self.party.clone(),
            method: method.to_owned(),
            origin: format!("{scheme}://{}", field(head, "host").unwrap_or_default()),
            target: target.to_owned(),
            cookies: pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
            referrer: field(head, "referer"),
            gpc: field(head, "sec-gpc").as_deref() == Some("1"),
            body,
            set: Vec::new(),
        }
    }
}

async fn more(stream: &mut TcpStream, bytes: &mut Vec<u8>) -> Option<()> {
    let mut chunk = [0; 4096];
    match timeout(IDLE, stream.read(&mut chunk)).await {
        Ok(Ok(read @ 1..)) if bytes.len() < WIDE => bytes.extend_from_slice(&chunk[..read]),
        _ => return None,
    }
    Some(())
}

/// A header's value.
fn field(head: &str, name: &str) -> Option<String> {
    head.lines().skip(1).find_map(|line| {
        let (key, value) = line.split_once(':')?;
        key.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
    })
}

/// Answers are kept by nobody, so that what is asked for twice is heard twice.
fn spell(answer: &Answer, bodiless: bool) -> Vec<u8> {
    let Answer { status, media, headers, body } = answer;
    let mut head = format!(
        "HTTP/1.1 {status} X\r\nContent-Type: {media}\r\nContent-Length: {}\r\nCache-Control: no-store\r\n",
        body.len()
    );
    headers.iter().for_each(|(name, value)| head += &format!("{name}: {value}\r\n"));
    let mut bytes = (head + "\r\n").into_bytes();
    if !bodiless {
        bytes.extend_from_slice(body);
    }
    bytes
}

/// Takes a WebSocket (RFC 6455 §4.2.2), and reads whatever comes until it ends.
async fn hold(stream: &mut TcpStream, key: &str) -> Option<()> {
    let accept = derive_accept_key(key.as_bytes());
    let head = format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.ok()?;
    let mut bytes = Vec::new();
    loop {
        bytes.clear();
        more(stream, &mut bytes).await?;
    }
}
