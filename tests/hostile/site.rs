//! The server of the hostile pages: HTTP by hand, since most of what it says no sound library would. It keeps a log of
//! what it was asked. It does not know the auditor.

use crate::odd;
use crate::pages::{Body, PAGES};
use crate::traps::BANNERS;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// What was asked for, by `host/path` without the query.
pub(crate) type Log = Arc<Mutex<HashMap<String, u64>>>;

/// The head of a request, as far as anybody here cares.
pub(crate) struct Asked {
    /// With the query.
    pub(crate) target: String,
    /// The first label of the host.
    pub(crate) name: String,
    /// Where this server listens.
    pub(crate) port: u16,
}

impl Asked {
    /// Without the query and the slash before it.
    pub(crate) fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default().trim_start_matches('/')
    }
}

/// An honest page: a picture, a cookie, a title. What is before and after the hostile ones.
pub(crate) const GOOD: &str = "<!doctype html><html lang=en><title>Good</title><h1>A good page</h1><p>Nothing happens here.\
    <script>document.cookie = 'good=1; path=/'; new Image().src = '/pixel?good'</script>";

/// Starts it.
pub(crate) async fn serve() -> (u16, Log) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let log = Log::default();
    let kept = log.clone();
    tokio::spawn(async move {
        loop {
            let Ok((stream, _)) = listener.accept().await else {
                // Out of files for a moment: what is open will end.
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
                continue;
            };
            let log = log.clone();
            tokio::spawn(async move {
                // Whoever hangs up has had enough.
                let _ = answer(stream, port, &log).await;
            });
        }
    });
    (port, kept)
}

async fn answer(mut stream: TcpStream, port: u16, log: &Log) -> std::io::Result<()> {
    let mut head = Vec::new();
    let mut chunk = [0; 4096];
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        match stream.read(&mut chunk).await? {
            0 => return Ok(()),
            // Somebody begins TLS, which is not spoken here.
            _ if chunk[0] == 0x16 && head.is_empty() => return Ok(()),
            // A cookie jar of 180 × 4 kB comes back with every request.
            _ if head.len() > 4 << 20 => return Ok(()),
            read => head.extend_from_slice(&chunk[..read]),
        }
    }
    let head = String::from_utf8_lossy(&head);
    let target = head.split_whitespace().nth(1).unwrap_or_default().to_owned();
    let host = head.lines().find_map(|line| line.strip_prefix("Host: ")).unwrap_or_default();
    let asked = Asked { target, name: host.split(['.', ':']).next().unwrap_or_default().to_owned(), port };
    *log.lock().unwrap().entry(format!("{}/{}", asked.name, asked.path())).or_default() += 1;
    respond(&mut stream, &asked).await?;
    stream.shutdown().await
}

async fn respond(stream: &mut TcpStream, asked: &Asked) -> std::io::Result<()> {
    if odd::site(stream, asked).await? {
        return Ok(());
    }
    match asked.path() {
        "" | "good" => html(stream, GOOD.as_bytes()).await,
        "pixel" | "favicon.ico" | "tiny" => whole(stream, "200 OK", "text/plain", "", b"tiny").await,
        "breaker.js" => {
            let script = b"oninstall = () => skipWaiting(); onactivate = () => clients.claim(); onfetch = event => event.respondWith(new Promise(() => 0))";
            whole(stream, "200 OK", "text/javascript", "Service-Worker-Allowed: /\r\n", script).await
        }
        path => {
            if let Some((_, question)) = BANNERS.iter().find(|(name, _)| *name == path) {
                let page = format!("<!doctype html><html lang=en><title>{path}</title><p>Words.{question}");
                return html(stream, page.as_bytes()).await;
            }
            match PAGES.iter().find(|page| page.name == path).map(|page| &page.body) {
                Some(Body::Html(markup)) => {
                    let page = format!("<!doctype html><html lang=en><title>{path}</title><body>{markup}");
                    html(stream, page.as_bytes()).await
                }
                Some(Body::Script(script)) => {
                    let page =
                        format!("<!doctype html><html lang=en><title>{path}</title><p>Words.<script>{script}</script>");
                    html(stream, page.as_bytes()).await
                }
                Some(Body::Odd) => odd::page(stream, asked).await,
                None => whole(stream, "404 Not Found", "text/html", "", b"<title>Not here</title>").await,
            }
        }
    }
}

pub(crate) async fn html(stream: &mut TcpStream, body: &[u8]) -> std::io::Result<()> {
    whole(stream, "200 OK", "text/html; charset=utf-8", "", body).await
}

/// An answer with its length. `more` are header lines, each with its end.
pub(crate) async fn whole(
    stream: &mut TcpStream,
    status: &str,
    kind: &str,
    more: &str,
    body: &[u8],
) -> std::io::Result<()> {
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\nCache-Control: no-store\r\n{more}Connection: close\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(body).await
}
