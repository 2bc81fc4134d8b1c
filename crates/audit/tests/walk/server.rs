//! A web server for tests, on loopback, that remembers what it was asked. Every name under `.localhost` leads to it, so
//! that one server is a site and its third parties.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout};

/// What came in.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) host: String,
    pub(crate) path: String,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) at: Instant,
}

impl Asked {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(String::as_str).unwrap_or_default()
    }
}

/// What goes out.
#[derive(Debug, Clone)]
pub(crate) enum Reply {
    /// A status, headers, a body.
    Full(u16, Vec<(&'static str, String)>, Vec<u8>),
    /// Nothing, ever.
    Silence,
}

impl Reply {
    pub(crate) fn html(body: impl Into<String>) -> Self {
        Self::Full(200, vec![("Content-Type", "text/html; charset=utf-8".to_owned())], body.into().into_bytes())
    }

    pub(crate) fn kind(kind: &str, body: impl Into<Vec<u8>>) -> Self {
        Self::Full(200, vec![("Content-Type", kind.to_owned())], body.into())
    }

    pub(crate) fn missing() -> Self {
        Self::Full(404, Vec::new(), b"no".to_vec())
    }

    pub(crate) fn to(address: &str) -> Self {
        Self::Full(302, vec![("Location", address.to_owned())], Vec::new())
    }
}

type Answer = dyn Fn(&Asked, u16) -> Reply + Send + Sync;

/// Ends when dropped.
pub(crate) struct Server {
    pub(crate) port: u16,
    asked: Arc<Mutex<Vec<Asked>>>,
    task: JoinHandle<()>,
}

impl Server {
    /// Answers every request as it is told to; the second argument is the port.
    pub(crate) async fn start(answer: impl Fn(&Asked, u16) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (log, answer): (_, Arc<Answer>) = (Arc::clone(&asked), Arc::new(answer));
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (log, answer) = (Arc::clone(&log), Arc::clone(&answer));
                tokio::spawn(async move {
                    let _ = timeout(Duration::from_secs(120), serve(stream, &log, &*answer, port)).await;
                });
            }
        });
        Self { port, asked, task }
    }

    /// Everything that came in, in its order.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// Paths that one host was asked for, in their order, but icons.
    pub(crate) fn paths(&self, host: &str) -> Vec<String> {
        let asked = self.asked().into_iter().filter(|asked| asked.host == host && asked.path != "/favicon.ico");
        asked.map(|asked| asked.path).collect()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(stream: TcpStream, log: &Mutex<Vec<Asked>>, answer: &Answer, port: u16) -> std::io::Result<()> {
    let (read, mut write) = stream.into_split();
    let mut read = BufReader::new(read);
    loop {
        let mut line = String::new();
        if read.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        let path = line.split(' ').nth(1).unwrap_or_default().to_owned();
        let mut headers = BTreeMap::new();
        loop {
            let mut line = String::new();
            read.read_line(&mut line).await?;
            let Some((name, value)) = line.trim_end().split_once(": ") else { break };
            headers.insert(name.to_ascii_lowercase(), value.to_owned());
        }
        let length = headers.get("content-length").and_then(|length| length.parse().ok()).unwrap_or(0_u64);
        tokio::io::copy(&mut (&mut read).take(length), &mut tokio::io::sink()).await?;
        let host = headers.get("host").map(|host| host.split(':').next().unwrap_or_default().to_owned());
        let asked = Asked { host: host.unwrap_or_default(), path, headers, at: Instant::now() };
        log.lock().unwrap().push(asked.clone());
        match answer(&asked, port) {
            Reply::Silence => sleep(Duration::from_secs(100)).await,
            Reply::Full(status, headers, body) => {
                let mut head = format!("HTTP/1.1 {status} x\r\nContent-Length: {}\r\n", body.len());
                for (name, value) in headers {
                    head.push_str(&format!("{name}: {value}\r\n"));
                }
                head.push_str("\r\n");
                write.write_all(head.as_bytes()).await?;
                write.write_all(&body).await?;
                write.flush().await?;
            }
        }
    }
}
