//! A browser and a few small sites for it: any name below `localhost` is a site of its own here.

use bandeau_audit::banner::Hand;
use bandeau_audit::browser::{Browser, Event, Options};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

/// Pages by host name and path: `newsroom /`.
type Pages = Arc<Mutex<HashMap<String, String>>>;

pub(crate) struct Stage {
    browser: Browser,
    port: u16,
    pages: Pages,
    /// Kept, so that the browser has somebody to speak to.
    _events: mpsc::UnboundedReceiver<Event>,
}

impl Stage {
    /// Nothing where there is no browser; on the machine that decides there must be one.
    pub(crate) async fn open() -> Option<Self> {
        let options = Options { program: None, flags: vec!["--disable-site-isolation-trials".to_owned()] };
        let (browser, events) = match Browser::start(&options).await {
            Ok(started) => started,
            Err(fault) => {
                assert!(option_env!("CI").is_none(), "{fault}");
                eprintln!("NOT TESTED: {fault}");
                return None;
            }
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let pages = Pages::default();
        let served = pages.clone();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let served = served.clone();
                tokio::spawn(async move {
                    let (mut asked, mut chunk) = (Vec::new(), [0; 4096]);
                    while !asked.windows(4).any(|end| end == b"\r\n\r\n") {
                        match stream.read(&mut chunk).await {
                            Ok(read @ 1..) => asked.extend_from_slice(&chunk[..read]),
                            _ => return,
                        }
                    }
                    let asked = String::from_utf8_lossy(&asked).into_owned();
                    let path = asked.split(' ').nth(1).unwrap_or("/").split('?').next().unwrap_or("/").to_owned();
                    let host = asked.to_lowercase();
                    let host = host.split("host: ").nth(1).and_then(|host| host.split('.').next()).unwrap_or_default();
                    let page = served.lock().unwrap().get(&format!("{host} {path}")).cloned();
                    let status = if page.is_some() { "200 OK" } else { "404 Not Found" };
                    let page = page.unwrap_or_default();
                    let answer = format!(
                        "HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\n\
                         Connection: close\r\n\r\n{page}",
                        page.len()
                    );
                    let _ = stream.write_all(answer.as_bytes()).await;
                });
            }
        });
        Some(Self { browser, port, pages, _events: events })
    }

    /// Puts a page on a site. `PORT` in it is ours.
    pub(crate) fn put(&self, host: &str, path: &str, page: &str) {
        let page = page.replace("PORT", &self.port.to_string());
        let page = format!("<!doctype html><meta charset=utf-8><title>Title</title>{page}");
        self.pages.lock().unwrap().insert(format!("{host} {path}"), page);
    }

    /// A tab with a page that consists of this.
    pub(crate) async fn show(&self, page: &str) -> Hand {
        self.put("newsroom", "/", page);
        self.visit("newsroom", "/").await
    }

    /// A tab with a page that was put there.
    pub(crate) async fn visit(&self, host: &str, path: &str) -> Hand {
        self.tab(&format!("http://{host}.localhost:{}{path}", self.port)).await
    }

    /// A tab with an address.
    pub(crate) async fn tab(&self, address: &str) -> Hand {
        let target = self.browser.call("Target.createTarget", &json!({ "url": "about:blank" })).await.unwrap();
        let attach = json!({ "targetId": target["targetId"], "flatten": true });
        let session = self.browser.call("Target.attachToTarget", &attach).await.unwrap();
        let page = self.browser.session(session["sessionId"].as_str().unwrap());
        page.call("Page.enable", &json!({})).await.unwrap();
        page.call("Page.navigate", &json!({ "url": address })).await.unwrap();
        let hand = Hand { page, began: Instant::now() };
        until(&hand, "document.readyState === 'complete' && location.href !== 'about:blank'").await;
        hand
    }
}

/// What an expression comes to in the page.
pub(crate) async fn value(hand: &Hand, expression: &str) -> Value {
    let params = json!({ "expression": expression, "returnByValue": true });
    hand.page.call("Runtime.evaluate", &params).await.map(|mut said| said["result"]["value"].take()).unwrap_or_default()
}

/// Waits until an expression is true in the page.
pub(crate) async fn until(hand: &Hand, expression: &str) {
    for _ in 0..200 {
        if value(hand, expression).await == true {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{expression} was never true");
}

/// How long a notice that must be there may take, and one that must not be there is waited for.
pub(crate) const SOON: Duration = Duration::from_millis(1500);
