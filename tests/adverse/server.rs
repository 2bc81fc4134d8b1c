//! Two servers on the loopback: one that has the pages and answers for every host that is allowed, and a recorder that
//! stands for every other host there is and counts who comes by. Neither sends a policy: what is tested is rewriting.

use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// What is served now.
#[derive(Default)]
pub struct Shelf {
    /// Under `/o/N`, as the site wrote them.
    pub originals: Vec<String>,
    /// Under `/d/N`, as they come out of the door; nothing for those withheld.
    pub rewritten: Vec<Option<Vec<u8>>>,
}

impl Shelf {
    /// One page, as it was written and as it came out.
    pub fn pair(&self, at: usize) -> (String, String) {
        let out = self.rewritten[at].as_deref().unwrap_or_default();
        (self.originals[at].clone(), String::from_utf8_lossy(out).into_owned())
    }
}

/// What the recorder has seen.
#[derive(Default)]
pub struct Record {
    pub connections: u64,
    /// The first bytes of each, as text.
    pub seen: Vec<String>,
}

pub struct Servers {
    pub shelf: Arc<Mutex<Shelf>>,
    record: Arc<Mutex<Record>>,
    pub site: u16,
    /// For the hosts that are named here.
    pub held: u16,
    /// For every other host there is.
    pub others: u16,
}

impl Servers {
    pub async fn start() -> Self {
        let (shelf, record) = (Arc::<Mutex<Shelf>>::default(), Arc::<Mutex<Record>>::default());
        let site = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let held = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let others = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = |listener: &TcpListener| listener.local_addr().unwrap().port();
        let servers = Self { shelf, record, site: port(&site), held: port(&held), others: port(&others) };
        let shelved = Arc::clone(&servers.shelf);
        tokio::spawn(async move {
            while let Ok((stream, _)) = site.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&shelved)));
            }
        });
        for (listener, named) in [(held, true), (others, false)] {
            let recorded = Arc::clone(&servers.record);
            tokio::spawn(async move {
                while let Ok((stream, _)) = listener.accept().await {
                    tokio::spawn(note(stream, Arc::clone(&recorded), named));
                }
            });
        }
        servers
    }

    /// What came by since the last time this was asked.
    pub fn take(&self) -> Record {
        std::mem::take(&mut self.record.lock().unwrap())
    }
}

/// Counts a connection. For a host that is named here it is one too many as it is; the browser has business of its own
/// with others, which is known by the name in its TLS hello, or left without a word.
async fn note(mut stream: TcpStream, record: Arc<Mutex<Record>>, named: bool) {
    record.lock().unwrap().connections += u64::from(named);
    let mut first = [0; 2048];
    let read = stream.read(&mut first).await.unwrap_or(0);
    let makers = [&b".googleapis.com"[..], b".google.com"];
    let own = read == 0 || makers.iter().any(|name| first.windows(name.len()).any(|part| part == *name));
    if !named && own {
        return;
    }
    record.lock().unwrap().connections += u64::from(!named);
    record.lock().unwrap().seen.push(String::from_utf8_lossy(&first[..read]).into_owned());
    let _ = stream.write_all(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n").await;
}

async fn serve(mut stream: TcpStream, shelf: Arc<Mutex<Shelf>>) {
    let mut read = Vec::new();
    loop {
        while let Some(end) = read.windows(4).position(|four| four == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&read[..end]).into_owned();
            read.drain(..end + 4);
            let (kind, body) = answer(head.split(' ').nth(1).unwrap_or("/"), &shelf.lock().unwrap());
            let head = format!(
                "HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nCache-Control: no-store\r\n\r\n",
                body.len()
            );
            if stream.write_all(head.as_bytes()).await.is_err() || stream.write_all(&body).await.is_err() {
                return;
            }
        }
        let mut more = [0; 4096];
        match stream.read(&mut more).await {
            // Who speaks TLS waits for an answer it cannot get here.
            Ok(count) if count > 0 && (!read.is_empty() || more[0] != 0x16) => read.extend(&more[..count]),
            _ => return,
        }
    }
}

fn answer(path: &str, shelf: &Shelf) -> (&'static str, Vec<u8>) {
    let number = |start: &str| path.strip_prefix(start).and_then(|rest| rest.parse::<usize>().ok());
    if path == "/" {
        let page = concat!("<!doctype html><title>adverse</title><script>", include_str!("walk.js"), "</script>");
        return ("text/html; charset=utf-8", page.into());
    }
    if let Some(original) = number("/o/").and_then(|at| shelf.originals.get(at)) {
        return ("text/html; charset=utf-8", original.clone().into_bytes());
    }
    if let Some(rewritten) = number("/d/").and_then(|at| shelf.rewritten.get(at)) {
        return ("text/html; charset=utf-8", rewritten.clone().unwrap_or_default());
    }
    if let Some((from, to)) = path.strip_prefix("/pairs/").and_then(|range| range.split_once('-')) {
        let range = from.parse::<usize>().unwrap()..to.parse::<usize>().unwrap();
        let text = |page: &Option<Vec<u8>>| page.as_ref().map(|page| String::from_utf8_lossy(page).into_owned());
        let pairs: Vec<_> = range.map(|at| (&shelf.originals[at], text(&shelf.rewritten[at]))).collect();
        return ("application/json", serde_json::to_vec(&pairs).unwrap());
    }
    ("text/plain", Vec::new())
}
