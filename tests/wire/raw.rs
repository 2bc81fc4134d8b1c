//! Bytes on a connection, numbers at the admin's address, and other things every room here needs.

use crate::support::Gateway;
use std::future::Future;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// Whatever takes longer than this does not happen any more.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// Awaits something that must happen.
pub(crate) async fn soon<T>(what: &str, future: impl Future<Output = T>) -> T {
    match tokio::time::timeout(PATIENCE, future).await {
        Ok(value) => value,
        Err(_) => panic!("{what}: not within {PATIENCE:?}"),
    }
}

/// Waits until a condition holds.
pub(crate) async fn until<F: Future<Output = bool>>(what: &str, mut holds: impl FnMut() -> F) {
    soon(what, async {
        while !holds().await {
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
    })
    .await;
}

/// Sends bytes to the gateway and reads all it answers until it hangs up.
pub(crate) async fn talk(port: u16, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    // The gateway may hang up in the middle of what it does not like.
    let _ = stream.write_all(bytes).await;
    hear(&mut stream).await
}

/// Reads until the gateway hangs up.
pub(crate) async fn hear(stream: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    let mut chunk = [0; 4096];
    soon("the gateway hangs up", async {
        while let Ok(count @ 1..) = stream.read(&mut chunk).await {
            answer.extend(&chunk[..count]);
        }
    })
    .await;
    String::from_utf8_lossy(&answer).into_owned()
}

/// The status of the first answer in what was heard.
pub(crate) fn status(answer: &str) -> u16 {
    let word = answer.split(' ').nth(1).unwrap_or_else(|| panic!("no answer: {answer:?}"));
    word.parse().unwrap_or_else(|_| panic!("no status: {answer:?}"))
}

/// A gateway whose numbers can be read.
pub(crate) struct Counted {
    pub(crate) gateway: Gateway,
    admin: u16,
}

impl Counted {
    /// Starts one. `more` begins with tables.
    pub(crate) fn start(upstream: &str, more: &str) -> Self {
        let admin = crate::support::port();
        let more = format!("[admin]\nlisten = \"127.0.0.1:{admin}\"\n{more}");
        let gateway = Gateway::start(upstream, &more);
        crate::support::wait_for(admin);
        Self { gateway, admin }
    }

    /// The sum of the numbers of this name whose labels include all of these words.
    pub(crate) async fn number(&self, name: &str, labels: &[&str]) -> f64 {
        let (head, text) = crate::support::get(&format!("http://127.0.0.1:{}/metrics", self.admin), &[]).await;
        assert_eq!(head.status, 200);
        text.lines()
            .filter(|line| line.split(['{', ' ']).next() == Some(name))
            .filter(|line| labels.iter().all(|label| line.contains(&format!("\"{label}\""))))
            .filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok())
            .sum()
    }

    /// Waits until bad input of visitors of this kind was counted so often.
    pub(crate) async fn bad(&self, kind: &str, count: u32) {
        self.counts("bandeau_bad_input_total", &["visitor", kind], count).await;
    }

    /// Waits until a number has this value.
    pub(crate) async fn counts(&self, name: &str, labels: &[&str], count: u32) {
        until(&format!("{name} {labels:?} is {count}"), || async {
            self.number(name, labels).await == f64::from(count)
        })
        .await;
    }
}

/// The most memory a process has had so far, in MiB.
pub(crate) fn peak(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1024
}

/// Where answers are posted.
pub(crate) const DECISION: &str = "/.well-known/bandeau/decision";

/// What a browser sends with every form and link.
pub(crate) const PAGE: (&str, &str) = ("accept", "text/html");

/// The hash of the notice that the site's front page shows.
pub(crate) async fn shown(gateway: &Gateway) -> String {
    let (_, html) = crate::support::get(&gateway.url("/"), &[PAGE]).await;
    crate::support::notice(&html)
}

/// Posts JSON as the script of the notice does.
pub(crate) async fn json(
    gateway: &Gateway,
    body: &serde_json::Value,
    headers: &[(&str, &str)],
) -> (http::response::Parts, serde_json::Value) {
    let mut request = http::Request::post(gateway.url(DECISION))
        .header("content-type", "application/json")
        .header("sec-fetch-site", "same-origin")
        .header("accept", "application/json");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let (head, body) = crate::support::send(request.body(body.to_string().into()).unwrap()).await;
    let text = String::from_utf8_lossy(&body);
    (head, serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text:?}")))
}

/// Accepts everything and returns the consent cookie.
pub(crate) async fn accept(gateway: &Gateway) -> String {
    let notice = shown(gateway).await;
    let (head, answer) = json(gateway, &serde_json::json!({ "notice": notice, "answer": "accept" }), &[]).await;
    assert_eq!(head.status, 200, "{answer}");
    crate::support::consent(&head).unwrap()
}

/// The lines an answer sets cookies with.
pub(crate) fn set(head: &http::response::Parts) -> Vec<String> {
    head.headers.get_all("set-cookie").iter().map(|line| line.to_str().unwrap().to_owned()).collect()
}

/// Whether an answer takes a cookie away.
pub(crate) fn takes(head: &http::response::Parts, name: &str) -> bool {
    set(head).iter().any(|line| line.starts_with(&format!("{name}=;")) && line.contains("Max-Age=0"))
}
