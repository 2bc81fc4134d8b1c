//! A third party that counts what reaches it: connections, requests and datagrams, on one port of its own.
//! It answers whatever is asked, so that nothing a page does stops at an error. It knows no page and no policy.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream, UdpSocket};

/// What reached one third party since it was last emptied.
#[derive(Debug, Clone, Default)]
pub(crate) struct Log {
    pub(crate) connections: u32,
    pub(crate) datagrams: u32,
    /// Method and target of each request.
    pub(crate) requests: Vec<String>,
    /// When the first of all this came.
    pub(crate) first: Option<Instant>,
}

impl Log {
    pub(crate) fn empty(&self) -> bool {
        self.connections == 0 && self.datagrams == 0
    }

    /// What came, in words.
    pub(crate) fn words(&self) -> String {
        let mut words = format!("{} connections", self.connections);
        if self.datagrams > 0 {
            words += &format!(", {} datagrams", self.datagrams);
        }
        if let Some(first) = self.requests.first() {
            words += &format!(", {} requests: {first}", self.requests.len());
        }
        words
    }
}

/// A third party.
#[derive(Debug, Clone)]
pub(crate) struct Tracker {
    pub(crate) port: u16,
    log: Arc<Mutex<Log>>,
}

impl Tracker {
    /// Listens on a free port, for TCP and UDP.
    pub(crate) async fn start() -> Self {
        let (tcp, udp) = pair().await;
        let tracker = Self { port: tcp.local_addr().unwrap().port(), log: Arc::default() };
        let own = tracker.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = tcp.accept().await {
                own.note(|log| log.connections += 1);
                let own = own.clone();
                tokio::spawn(async move {
                    let _ = tokio::time::timeout(Duration::from_secs(20), own.answer(stream)).await;
                });
            }
        });
        // What speaks UDP tries one address only, and that may be the other loopback, where there is one.
        let other = UdpSocket::bind(("::1", tracker.port)).await.ok();
        for udp in std::iter::once(udp).chain(other) {
            let own = tracker.clone();
            tokio::spawn(async move {
                let mut datagram = [0; 2048];
                while udp.recv_from(&mut datagram).await.is_ok() {
                    own.note(|log| log.datagrams += 1);
                }
            });
        }
        tracker
    }

    fn note(&self, what: impl FnOnce(&mut Log)) {
        let mut log = self.log.lock().unwrap();
        log.first.get_or_insert_with(Instant::now);
        what(&mut log);
    }

    /// What it has received.
    pub(crate) fn log(&self) -> Log {
        self.log.lock().unwrap().clone()
    }

    /// Whether a request for something has come.
    pub(crate) fn asked(&self, for_what: &str) -> bool {
        self.log.lock().unwrap().requests.iter().any(|request| request.split(['?', '/', ' ']).any(|p| p == for_what))
    }

    /// Forgets what it has received.
    pub(crate) fn forget(&self) {
        *self.log.lock().unwrap() = Log::default();
    }

    async fn answer(&self, mut stream: TcpStream) -> Option<()> {
        let mut head = Vec::new();
        while !head.windows(4).any(|end| end == b"\r\n\r\n") && head.len() < 65536 {
            let mut chunk = [0; 4096];
            match stream.read(&mut chunk).await {
                Ok(read @ 1..) => head.extend_from_slice(&chunk[..read]),
                _ => return None,
            }
        }
        let line = String::from_utf8_lossy(&head).lines().next().unwrap_or_default().to_owned();
        let line = line.rsplit_once(' ').map_or(line.clone(), |(front, _)| front.to_owned());
        let path = line.split([' ', '?']).nth(1).unwrap_or("/").to_owned();
        self.log.lock().unwrap().requests.push(line);
        let (content_type, body) = content(&path);
        let answer = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\nContent-Length: {}\r\nAccess-Control-Allow-Origin: *\r\n\
             Access-Control-Allow-Headers: *\r\nAccess-Control-Allow-Private-Network: true\r\nCache-Control: no-store\r\n\
             Connection: close\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(answer.as_bytes()).await.ok()?;
        stream.shutdown().await.ok()
    }
}

/// Both kinds of socket on one port.
async fn pair() -> (TcpListener, UdpSocket) {
    for _ in 0..64 {
        let tcp = TcpListener::bind("127.0.0.1:0").await.unwrap();
        if let Ok(udp) = UdpSocket::bind(tcp.local_addr().unwrap()).await {
            return (tcp, udp);
        }
    }
    panic!("no port is free for both TCP and UDP");
}

/// Something of the kind the name promises, and of no effect.
fn content(path: &str) -> (&'static str, &'static str) {
    match path.rsplit('.').next().unwrap_or_default() {
        "js" | "mjs" => ("text/javascript", "globalThis.__lk = 1;\n"),
        "css" => ("text/css", "x-none{color:red}\n"),
        "html" => ("text/html", "<!doctype html><title>tracker</title><p>tracker"),
        "json" => ("application/json", "{}"),
        "txt" => ("text/plain", "tracker"),
        "events" => ("text/event-stream", "data: x\n\n"),
        "vtt" => ("text/vtt", "WEBVTT\n"),
        _ => (
            "image/svg+xml",
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"4\" height=\"4\"><g id=\"a\"><path d=\"M0 0h4v4z\"/></g></svg>",
        ),
    }
}
