//! One gateway as a process that is killed and started again: its folder, its address, its log.
//!
//! It listens on a loopback address of its own. On the one that clients leave from, one of their connections may sit
//! on the gateway's port while it is dead, and the next start would fail for a reason that is the test's.

use crate::support::cluster::signal;
use crate::support::{BANDEAU, Process};
use crate::told::now;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

/// How long a gateway may take to listen. On an idle machine it takes a twentieth of a second.
const PATIENCE: Duration = Duration::from_secs(30);

/// What is declared: two purposes to ask about.
const CONFIG: &str = r#"
[site]
name = "Test"
hosts = ["gateway.test"]
controller = "Tests"
privacy = "/privacy"
languages = ["en"]

[[service]]
id = "forum"
purpose = "social"
hosts = ["social.test"]

[[service]]
id = "adnet"
purpose = "advertising"
hosts = ["ads.test"]
"#;

/// The host visitors ask for, wherever the gateway listens.
pub(crate) const HOST: &str = "gateway.test";

/// A gateway.
pub(crate) struct Node {
    pub(crate) name: String,
    dir: PathBuf,
    address: SocketAddr,
    process: Option<Process>,
    /// When it was started last, in milliseconds since 1970.
    since: u64,
}

impl Node {
    /// One that has not been started: `number` tells its address from others', `book` is the `[book]` table.
    pub(crate) fn new(name: &str, number: u8, dir: &Path, site: &str, book: &str) -> Self {
        std::fs::create_dir_all(dir).unwrap();
        let address = SocketAddr::from((Ipv4Addr::new(127, 0, 2, number), crate::support::port()));
        let text = format!("listen = \"{address}\"\nupstream = \"{site}\"\n{book}\n{CONFIG}");
        std::fs::write(dir.join("bandeau.toml"), text).unwrap();
        Self { name: name.to_owned(), dir: dir.to_owned(), address, process: None, since: 0 }
    }

    /// Where it is spoken to.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Its folder.
    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    /// When it was started last, in milliseconds since 1970, if it runs.
    pub(crate) fn since(&self) -> Option<u64> {
        self.process.as_ref().map(|_| self.since)
    }

    /// Starts it and does not wait.
    pub(crate) fn launch(&mut self) {
        self.since = now();
        let log = OpenOptions::new().append(true).create(true).open(self.dir.join("log")).unwrap();
        let mut command = Command::new(BANDEAU);
        command.args(["serve", "--config", "bandeau.toml"]).current_dir(&self.dir).stderr(log);
        self.process = Some(Process::spawn(&mut command));
    }

    /// Waits until it listens. A gateway that ends by itself, or does not come, is a breach.
    pub(crate) async fn ready(&mut self) -> Result<(), String> {
        let start = Instant::now();
        while tokio::net::TcpStream::connect(self.address).await.is_err() {
            self.alive()?;
            if start.elapsed() > PATIENCE {
                return Err(format!("{} does not listen after {PATIENCE:?}: {}", self.name, self.last()));
            }
            tokio::time::sleep(Duration::from_millis(4)).await;
        }
        Ok(())
    }

    /// Whether it still runs, if it was started: nobody but us ends it.
    pub(crate) fn alive(&mut self) -> Result<(), String> {
        let ended = self.process.as_mut().and_then(|process| process.0.try_wait().ok().flatten());
        match ended {
            Some(status) => Err(format!("{} ended by itself with {status}: {}", self.name, self.last())),
            None => Ok(()),
        }
    }

    /// SIGKILL.
    pub(crate) fn kill(&mut self) {
        // Dropping a process kills it and waits.
        self.process = None;
    }

    /// Stops it where it stands, or lets it go on.
    pub(crate) fn freeze(&self, still: bool) {
        if let Some(process) = &self.process {
            signal(if still { "STOP" } else { "CONT" }, &[process.0.id()]);
        }
    }

    /// Leaves behind what a write that was torn in the middle leaves: half a line at the end of every spool and, where
    /// nobody else uses the file, half a frame at the end of SQLite's log. It must be dead.
    pub(crate) fn tear(&self, book: &Path) {
        for entry in std::fs::read_dir(book).into_iter().flatten().flatten() {
            let name = entry.file_name();
            let half: &[u8] = match name.to_str() {
                Some(name) if name.ends_with(".spool") => b"{\"format\":\"bandeau spool v1\",\"id\":\"0199a0",
                Some(name) if name.ends_with("-wal") => &[0x5a; 3000],
                _ => continue,
            };
            if let Ok(mut file) = OpenOptions::new().append(true).open(entry.path()) {
                let _ = file.write_all(half);
            }
        }
    }

    /// Its records as documents, one a line, by the command that exports them.
    pub(crate) fn export(&self) -> Result<Vec<serde_json::Value>, String> {
        let output = Command::new(BANDEAU)
            .args(["export", "--config", "bandeau.toml"])
            .current_dir(&self.dir)
            .output()
            .map_err(|error| error.to_string())?;
        if !output.status.success() {
            return Err(format!("{}: the export failed: {}", self.name, String::from_utf8_lossy(&output.stderr)));
        }
        let text = String::from_utf8(output.stdout).map_err(|error| error.to_string())?;
        text.lines().map(|line| serde_json::from_str(line).map_err(|error| error.to_string())).collect()
    }

    /// The end of its log.
    pub(crate) fn last(&self) -> String {
        let text = std::fs::read_to_string(self.dir.join("log")).unwrap_or_default();
        text.lines().rev().take(5).collect::<Vec<_>>().into_iter().rev().collect::<Vec<_>>().join(" | ")
    }
}
