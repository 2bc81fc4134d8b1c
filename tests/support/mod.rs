//! What whole-house tests share: the gateway and the demo as child processes, and a plain HTTP client.
//! Everything listens on the loopback, on ports nobody uses, and ends with the test.
#![allow(dead_code, missing_docs, unreachable_pub, clippy::unwrap_used, clippy::expect_used)]

pub mod cluster;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt as _, Full};
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;
use std::collections::HashMap;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// The binary under test.
pub const BANDEAU: &str = env!("CARGO_BIN_EXE_bandeau");

/// A port nobody listens on now, and nobody comes to meanwhile: below those the system gives to connections and to whoever
/// asks for any, and each only once.
pub fn port() -> u16 {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    loop {
        // Programs that run beside this one begin elsewhere.
        let at = std::process::id().wrapping_mul(97).wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed));
        let port = 11_000 + (at % 21_000) as u16;
        if std::net::TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

/// A child process that ends with its owner.
pub struct Process(pub Child);

impl Process {
    pub fn spawn(command: &mut Command) -> Self {
        Self(command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}")))
    }

    /// Asks it to end, as an operator does, and waits.
    pub fn stop(&mut self) -> std::process::ExitStatus {
        let _ = Command::new("kill").args(["-TERM", &self.0.id().to_string()]).status();
        self.0.wait().unwrap()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Waits until something listens on a port.
pub fn wait_for(port: u16) {
    let start = Instant::now();
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(start.elapsed() < Duration::from_secs(30), "nothing listens on port {port} after 30 s");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// The demo as a user starts it.
pub struct Demo {
    pub process: Process,
    pub port: u16,
    /// `http://newsroom.localhost:PORT`.
    pub site: String,
    /// The same site without the gateway, such as `http://127.0.0.1:PORT`.
    pub upstream: String,
    /// Origin of the witness.
    pub witness: String,
    /// Origins of the third parties, by name.
    pub parties: HashMap<String, String>,
    /// URL of the store.
    pub store: String,
}

impl Demo {
    pub fn start() -> Self {
        let port = port();
        let mut command = Command::new(BANDEAU);
        command.args(["demo", "--listen", &format!("127.0.0.1:{port}")]).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut process = Process::spawn(&mut command);
        let mut lines = BufReader::new(process.0.stdout.take().unwrap()).lines();
        let (mut witness, mut upstream) = (String::new(), String::new());
        let (mut parties, mut store) = (HashMap::new(), String::new());
        for line in lines.by_ref().map_while(Result::ok) {
            let words: Vec<&str> = line.split_whitespace().collect();
            match words.as_slice() {
                ["The", "witness:", url, ..] => witness = url.trim_end_matches('/').to_owned(),
                ["third", "party", url, name] => {
                    parties.insert(name.trim_matches(['(', ')']).to_owned(), url.trim_end_matches('/').to_owned());
                }
                ["Without", "gateway:", url, ..] => upstream = url.trim_end_matches('/').to_owned(),
                ["The", "records:", .., url] => store = (*url).to_owned(),
                ["Open", ..] => break,
                _ => {}
            }
        }
        // The pipe stays open as long as the process: nothing more is written to it.
        std::mem::forget(lines);
        wait_for(port);
        Self { process, port, site: format!("http://newsroom.localhost:{port}"), upstream, witness, parties, store }
    }
}

/// A gateway with a configuration of the test's own, in a directory of its own.
pub struct Gateway {
    pub process: Process,
    pub dir: tempfile::TempDir,
    pub port: u16,
}

impl Gateway {
    /// Starts one before `upstream`; `more` is the rest of the configuration, after `listen` and `upstream`.
    pub fn start(upstream: &str, more: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let port = port();
        let text = format!("listen = \"127.0.0.1:{port}\"\nupstream = \"{upstream}\"\n{more}");
        std::fs::write(dir.path().join("bandeau.toml"), text).unwrap();
        Self::restart(dir, port)
    }

    /// Starts one again in the same directory.
    pub fn restart(dir: tempfile::TempDir, port: u16) -> Self {
        let log = std::fs::File::create(dir.path().join("log")).unwrap();
        let mut command = Command::new(BANDEAU);
        command.args(["serve", "--config", "bandeau.toml"]).current_dir(dir.path()).stderr(log);
        let process = Process::spawn(&mut command);
        wait_for(port);
        Self { process, dir, port }
    }

    pub fn log(&self) -> String {
        std::fs::read_to_string(self.dir.path().join("log")).unwrap()
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }
}

/// A `[site]` and services that tests of plain HTTP use: host `127.0.0.1`, purposes `social` and `advertising`,
/// comments closed until `social` is granted.
pub const CONFIG: &str = r##"
[site]
name = "Test"
hosts = ["127.0.0.1"]
controller = "Tests"
privacy = "/privacy"
languages = ["en", "fr"]

[[service]]
id = "site"
purpose = "technical"
cookies = ["session"]

[[service]]
id = "forum"
purpose = "social"
hosts = ["social.test"]
cookies = ["forum_*"]

[[service]]
id = "adnet"
purpose = "advertising"
hosts = ["ads.test"]
cookies = ["_ad"]

[[feature]]
id = "comments"
needs = ["social"]
routes = ["POST /comments", "GET /comments/*"]
embeds = ["#comments"]
"##;

/// A client that follows nothing and keeps no cookies.
pub fn client() -> Client<HttpConnector, Full<Bytes>> {
    Client::builder(TokioExecutor::new()).build(HttpConnector::new())
}

/// Sends a request and reads the whole answer.
pub async fn send(request: Request<Full<Bytes>>) -> (http::response::Parts, Bytes) {
    let response: Response<_> = client().request(request).await.unwrap();
    let (head, body) = response.into_parts();
    (head, body.collect().await.unwrap().to_bytes())
}

/// Gets a URL with these headers.
pub async fn get(url: &str, headers: &[(&str, &str)]) -> (http::response::Parts, String) {
    let mut request = Request::get(url);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let (head, body) = send(request.body(Full::default()).unwrap()).await;
    (head, String::from_utf8_lossy(&body).into_owned())
}

/// Posts a form as the notice does without script, from the same origin.
pub async fn post(url: &str, form: &str, headers: &[(&str, &str)]) -> (http::response::Parts, String) {
    let mut request = Request::post(url)
        .header("content-type", "application/x-www-form-urlencoded")
        .header("sec-fetch-site", "same-origin");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let (head, body) = send(request.body(Full::from(form.to_owned())).unwrap()).await;
    (head, String::from_utf8_lossy(&body).into_owned())
}

/// The hash of the notice a page shows.
pub fn notice(html: &str) -> String {
    let start = html.find("data-notice=\"").expect("the page has a notice") + 13;
    html[start..start + 64].to_owned()
}

/// The value of the consent cookie an answer sets, as a `Cookie` pair.
pub fn consent(head: &http::response::Parts) -> Option<String> {
    let lines = head.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap());
    let line = lines.into_iter().find(|line| line.starts_with("bandeau=") || line.starts_with("__Host-bandeau="))?;
    line.split(';').next().map(str::to_owned)
}

/// The records of a store, by the command that exports them.
pub fn export(store: &str) -> Vec<serde_json::Value> {
    let output = Command::new(BANDEAU).args(["export", "--store", store]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The store of a gateway's directory.
pub fn store(dir: &Path) -> String {
    let path: PathBuf = dir.join("bandeau.db");
    format!("sqlite:{}", path.display())
}
