//! Sites for tests: one listener that answers for every name on loopback, and writes down what really came. It knows
//! nothing of the recorder, so that the two can be compared.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// What came.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Came {
    pub(super) method: String,
    /// Host and path.
    pub(super) place: String,
    pub(super) cookies: String,
    pub(super) gpc: bool,
    pub(super) body: String,
}

/// What is answered: a status, header lines and a body. `PORT` stands for the port.
#[derive(Debug, Clone)]
pub(super) struct Page {
    status: u16,
    head: String,
    body: String,
}

pub(super) fn html(body: &str) -> Page {
    Page { status: 200, head: "Content-Type: text/html\r\n".to_owned(), body: body.to_owned() }
}

pub(super) fn script(body: &str) -> Page {
    Page { status: 200, head: "Content-Type: text/javascript\r\n".to_owned(), body: body.to_owned() }
}

pub(super) fn status(status: u16) -> Page {
    Page { status, head: String::new(), body: String::new() }
}

impl Page {
    pub(super) fn with(mut self, header: &str) -> Self {
        self.head += header;
        self.head += "\r\n";
        self
    }
}

pub(super) struct Site {
    pub(super) port: u16,
    came: Arc<Mutex<Vec<Came>>>,
    task: tokio::task::JoinHandle<()>,
}

impl Site {
    pub(super) async fn new(pages: Vec<(&str, Page)>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let pages: Arc<HashMap<String, Page>> =
            Arc::new(pages.into_iter().map(|(place, page)| (place.to_owned(), page)).collect());
        let came = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&came);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, port, Arc::clone(&pages), Arc::clone(&log)));
            }
        });
        Self { port, came, task }
    }

    pub(super) fn url(&self, place: &str) -> String {
        let (host, path) = place.split_once('/').unwrap();
        format!("http://{host}:{}/{path}", self.port)
    }

    pub(super) fn came(&self) -> Vec<Came> {
        self.came.lock().unwrap().clone()
    }

    /// Waits until something came, 10 s at most.
    pub(super) async fn wait(&self, place: &str) {
        for _ in 0..200 {
            if self.came().iter().any(|came| came.place == place) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{place} never came: {:#?}", self.came());
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(mut stream: TcpStream, port: u16, pages: Arc<HashMap<String, Page>>, log: Arc<Mutex<Vec<Came>>>) {
    let mut bytes = Vec::new();
    let mut part = [0; 8192];
    let head = loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break end;
        }
        match stream.read(&mut part).await {
            Ok(read @ 1..) => bytes.extend_from_slice(&part[..read]),
            _ => return,
        }
    };
    let text = String::from_utf8_lossy(&bytes[..head]).into_owned();
    let mut lines = text.lines();
    let mut first = lines.next().unwrap_or_default().split(' ');
    let (method, path) = (first.next().unwrap_or_default().to_owned(), first.next().unwrap_or_default().to_owned());
    let headers: HashMap<String, String> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let value = |name: &str| headers.get(name).cloned().unwrap_or_default();
    let length: usize = value("content-length").parse().unwrap_or_default();
    while bytes.len() < head + 4 + length {
        match stream.read(&mut part).await {
            Ok(read @ 1..) => bytes.extend_from_slice(&part[..read]),
            _ => return,
        }
    }
    let host = value("host");
    let place = format!("{}{path}", host.split(':').next().unwrap_or_default());
    let body = String::from_utf8_lossy(&bytes[head + 4..]).into_owned();
    log.lock().unwrap().push(Came {
        method: method.clone(),
        place: place.clone(),
        cookies: value("cookie"),
        gpc: value("sec-gpc") == "1",
        body,
    });
    let bare = place.split('?').next().unwrap_or_default();
    let page = pages.get(bare).cloned().unwrap_or_else(|| status(404));
    if page.head.contains("Never: answer") {
        // Until the browser goes, or a test's longest wait is over.
        let _ = tokio::time::timeout(Duration::from_secs(60), stream.read(&mut part)).await;
        return;
    }
    let (head, body) = (page.head.replace("PORT", &port.to_string()), page.body.replace("PORT", &port.to_string()));
    let length = body.len();
    let answer =
        format!("HTTP/1.1 {} X\r\n{head}Content-Length: {length}\r\nConnection: close\r\n\r\n{body}", page.status);
    let _ = stream.write_all(answer.as_bytes()).await;
    let _ = stream.shutdown().await;
}
