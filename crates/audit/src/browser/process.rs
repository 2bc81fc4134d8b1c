//! The browser as a process: which program it is, how it is started, and that it ends, with its profile, when nobody holds
//! it any more. Knows no message.

use super::{Fault, Profile};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::io::AsyncWriteExt as _;
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

/// What Debian and others call it.
const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/// What a browser that is looked through, not lived in, does without.
const FLAGS: [&str; 17] = [
    "--headless",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--disable-sync",
    "--disable-extensions",
    "--disable-dev-shm-usage",
    "--mute-audio",
    "--hide-scrollbars",
    // Some consent tools hide from a browser that says a machine drives it, and a visitor's says nothing of the kind.
    "--disable-blink-features=AutomationControlled",
    "--force-color-profile=srgb",
    "--metrics-recording-only",
    "--remote-debugging-pipe",
];

/// The browser reads commands as its third file and writes answers to its fourth. Redirections of the shell put our pipes
/// there; then the shell is the browser.
const HAND_OVER: &str = "exec \"$0\" \"$@\" 3<&0 4>&1 </dev/null >/dev/null 2>&1";

/// The browser that was named, or the first of the usual names that the shell knows.
///
/// # Errors
/// When there is none; the error says how to get one.
pub async fn find(named: Option<&Path>) -> Result<PathBuf, Fault> {
    let names: Vec<&Path> = named.map_or_else(|| NAMES.iter().map(Path::new).collect(), |named| vec![named]);
    for name in names {
        let mut ask = Command::new("/bin/sh");
        ask.args(["-c", "command -v \"$0\""]).arg(name);
        ask.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        if ask.status().await.is_ok_and(|status| status.success()) {
            return Ok(name.to_owned());
        }
    }
    Err(Fault::Absent(match named {
        Some(named) => format!("there is no browser named {}", named.display()),
        None => "no browser was found: install Chromium (Debian: apt-get install chromium), or name one with --browser"
            .to_owned(),
    }))
}

/// What it would tell sites it is if it drew a window: a headless browser says so, and some tools then ask no question.
/// Nothing where the program does not tell its version.
pub(super) async fn agent(program: &Path) -> Option<String> {
    let mut ask = Command::new(program);
    ask.arg("--version").stdin(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
    let said = timeout(Duration::from_secs(5), ask.output()).await.ok()?.ok()?;
    let said = String::from_utf8_lossy(&said.stdout).into_owned();
    let major = said.split_whitespace().find_map(|word| word.split_once('.')?.0.parse::<u32>().ok())?;
    Some(format!(
        "--user-agent=Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{major}.0.0.0 Safari/537.36"
    ))
}

/// Starts the program with a profile, and with our pipes in its hands.
pub(super) fn spawn(
    program: &Path,
    flags: &[String],
    profile: &Profile,
) -> std::io::Result<(Child, ChildStdin, ChildStdout)> {
    let mut command = Command::new("/bin/sh");
    command.arg("-c").arg(HAND_OVER).arg(program).args(FLAGS).args(flags);
    // Chromium has no sandbox for root.
    if std::fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0) {
        command.arg("--no-sandbox");
    }
    command.arg(format!("--user-data-dir={}", profile.path().display())).arg("about:blank");
    // What it puts beside its profile, and leaves there when it is killed, goes with the profile.
    command.env("TMPDIR", profile.path());
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true);
    // What is typed to end us ends us, and the browser through us: of what it is about to say nothing is lost.
    command.process_group(0);
    let mut child = command.spawn()?;
    let (Some(stdin), Some(stdout)) = (child.stdin.take(), child.stdout.take()) else {
        return Err(std::io::Error::other("its pipes are not there"));
    };
    Ok((child, stdin, stdout))
}

/// Holds the process and its profile until nobody holds the browser.
pub(super) async fn keep(
    open: Open,
    mut child: Child,
    mut stdin: ChildStdin,
    mut commands: mpsc::UnboundedReceiver<Vec<u8>>,
    mut ended: oneshot::Receiver<()>,
    profile: Profile,
) {
    loop {
        let command = tokio::select! {
            command = commands.recv() => command,
            _ = &mut ended => None,
            // It ended by itself: its profile goes at once, and not when somebody next wants something of it.
            _ = child.wait() => None,
        };
        let Some(command) = command else { break };
        let written = async {
            stdin.write_all(&command).await?;
            stdin.flush().await
        };
        tokio::select! {
            written = written => if written.is_err() { break },
            _ = &mut ended => break,
        }
    }
    // Without its pipe it ends by itself, and its own processes with it; if it does not, it is ended.
    drop(stdin);
    if timeout(Duration::from_secs(3), child.wait()).await.is_err() {
        let _ = child.kill().await;
    }
    // Processes of its own may outlive it for a moment, and make directories anew: the profile has to stay gone.
    let mut calm = 0;
    for _ in 0..80 {
        if profile.gone() {
            calm += 1;
        } else {
            profile.remove();
            calm = 0;
        }
        if calm == 20 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    drop((profile, open));
}

/// How many browsers have not ended yet.
static OPEN: AtomicU64 = AtomicU64::new(0);

/// One of them.
pub(super) struct Open;

impl Open {
    pub(super) fn new() -> Self {
        OPEN.fetch_add(1, Ordering::Relaxed);
        Self
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        OPEN.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Waits until every browser that nobody holds any more has ended and its profile is gone, but no longer than `limit`. Who
/// ends the process without it may leave both behind.
pub async fn quiet(limit: Duration) {
    let wait = async {
        while OPEN.load(Ordering::Relaxed) > 0 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let _ = timeout(limit, wait).await;
}
