//! One audit of hostile pages: which pages it is given, how long it may take, what became of it. Does not judge.

use crate::pages::{PAGES, Page};
use crate::process::{self, Look};
use crate::site::Log;
use crate::traps::{BANNERS, SITES};
use crate::{Arguments, tls};
use serde_json::Value;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// The program under test.
const BANDEAU: &str = env!("CARGO_BIN_EXE_bandeau");

/// What starting a browser, reading robots.txt, and writing the report may take, for every standing.
const START: Duration = Duration::from_secs(30);

/// What a visit may take beyond patience and wait: looking, sweeping, and a new tab where the old one is lost.
const SLACK: Duration = Duration::from_secs(15);

/// What is done to an audit while it runs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Blow {
    /// Nothing.
    None,
    /// The page's process is killed, as when it crashes.
    Renderer,
    /// The whole browser is killed.
    Browser,
    /// The operator presses Ctrl-C.
    Interrupt,
}

/// One audit.
pub(crate) struct Plan {
    pub(crate) name: String,
    pub(crate) start: String,
    pub(crate) pages: Vec<(String, &'static Page)>,
    /// A good page that is visited after all others, where there is one.
    pub(crate) last: Option<String>,
    pub(crate) standings: &'static str,
    pub(crate) count: u32,
    pub(crate) blow: Blow,
    /// Whether the site cannot be reached at all, which the command says instead of a report.
    pub(crate) dead: bool,
}

/// What became of it.
pub(crate) struct Ended {
    /// None where it had to be killed.
    pub(crate) status: Option<ExitStatus>,
    pub(crate) took: Duration,
    pub(crate) limit: Duration,
    pub(crate) look: Look,
    /// Processes and files that were left behind.
    pub(crate) left: Vec<String>,
    pub(crate) audit: Option<Value>,
    pub(crate) said: String,
    pub(crate) out: PathBuf,
}

/// All audits that were asked for.
pub(crate) fn plans(arguments: &Arguments, port: u16) -> Vec<Plan> {
    let url = |path: &str| format!("http://hostile.localhost:{port}/{path}");
    let mut plans = Vec::new();
    let mut groups: Vec<&str> = PAGES.iter().map(|page| page.group).collect();
    groups.dedup();
    for group in groups {
        let of = |page: &&'static Page| page.group == group && (arguments.wanted(group) || arguments.wanted(page.name));
        let pages: Vec<_> = PAGES.iter().filter(of).map(|page| (url(page.name), page)).collect();
        if !pages.is_empty() {
            let count = u32::try_from(pages.len()).unwrap() + 2;
            plans.push(Plan { pages, count, last: Some(url("good?after")), ..plan(group, url("good?start")) });
        }
    }
    for (name, _) in BANNERS.iter().filter(|(name, _)| arguments.wanted("banner") || arguments.wanted(name)) {
        let standings = "before,refused,accepted,withdrawn,gpc";
        plans.push(Plan { standings, last: Some(url("good?after")), ..plan(name, url(name)) });
    }
    for name in SITES.iter().filter(|name| arguments.wanted(name)) {
        plans.push(Plan { count: 4, ..plan(name, format!("http://{name}.localhost:{port}/good")) });
    }
    let blows =
        [("renderer-killed", Blow::Renderer), ("browser-killed", Blow::Browser), ("interrupted", Blow::Interrupt)];
    for (name, blow) in blows.into_iter().filter(|(name, _)| arguments.wanted(name)) {
        let page = PAGES.iter().find(|page| page.name == "head").unwrap();
        let last = (blow != Blow::Interrupt).then(|| url("good?after"));
        plans.push(Plan { pages: vec![(url("head"), page)], last, blow, ..plan(name, url("good?start")) });
    }
    for (name, start) in tls::dead(port).into_iter().filter(|(name, _)| arguments.wanted(name)) {
        plans.push(Plan { dead: true, count: 1, ..plan(name, start) });
    }
    plans
}

fn plan(name: &str, start: String) -> Plan {
    let (pages, last) = (Vec::new(), None);
    Plan { name: name.to_owned(), start, pages, last, standings: "before", count: 3, blow: Blow::None, dead: false }
}

impl Plan {
    fn command(&self, arguments: &Arguments, out: &std::path::Path, temporary: &std::path::Path) -> Command {
        let mut command = Command::new(BANDEAU);
        command.arg("audit").arg(&self.start).arg("--out").arg(out).args(["--standings", self.standings]);
        command.args(["--pages", &self.count.to_string(), "--delay", "0", "--fail-on", "never"]);
        command.args(["--wait", &arguments.wait.to_string(), "--patience", &arguments.patience.to_string()]);
        for page in self.pages.iter().map(|(url, _)| url).chain(&self.last) {
            command.args(["--page", page]);
        }
        command.env("TMPDIR", temporary).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// The most it may take: every standing may start a browser, and every page may take all its time.
    fn limit(&self, arguments: &Arguments) -> Duration {
        let standings = u32::try_from(self.standings.split(',').count()).unwrap();
        (START + (arguments.patience() + arguments.wait() + SLACK) * (self.count + 1)) * standings
    }
}

/// Does one.
pub(crate) async fn run(plan: &Plan, arguments: &Arguments, log: &Log) -> Ended {
    let kept = tempfile::tempdir().unwrap();
    let root = if arguments.keep { kept.keep() } else { kept.path().to_owned() };
    let (out, temporary) = (root.join("out"), root.join("tmp"));
    std::fs::create_dir(&temporary).unwrap();
    let mut command = plan.command(arguments, &out, &temporary);
    if arguments.keep {
        println!("{command:?}");
    }
    let (start, limit) = (Instant::now(), plan.limit(arguments));
    let mut child = command.spawn().unwrap();
    let said = [listen(child.stdout.take()), listen(child.stderr.take())];
    let (status, look) = watch(&mut child, plan, log, limit).await;
    let took = start.elapsed();
    let mut left: Vec<String> = Vec::new();
    // A process that was told to end may need a moment for it.
    for _ in 0..100 {
        left = process::marked(&temporary).iter().map(|id| format!("process {id}")).collect();
        if left.is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    process::end(&process::marked(&temporary), "-KILL");
    left.extend(
        std::fs::read_dir(&temporary).unwrap().flatten().map(|entry| format!("file {}", entry.path().display())),
    );
    let written = std::fs::read(out.join("audit.json")).ok();
    let report: Option<Value> = written.and_then(|bytes| serde_json::from_slice(&bytes).ok());
    let audit = report.map(|mut report| report["audit"].take());
    let said = said.map(|said| said.join().unwrap_or_default()).join("\n");
    Ended { status, took, limit, look, left, audit, said, out }
}

/// Reads what a process says, so that it is never stopped by a full pipe.
fn listen(from: Option<impl std::io::Read + Send + 'static>) -> std::thread::JoinHandle<String> {
    std::thread::spawn(move || {
        let mut text = Vec::new();
        let _ = from.unwrap().read_to_end(&mut text);
        String::from_utf8_lossy(&text).into_owned()
    })
}

async fn watch(child: &mut Child, plan: &Plan, log: &Log, limit: Duration) -> (Option<ExitStatus>, Look) {
    let (start, mut most, mut struck) = (Instant::now(), Look::default(), false);
    let mut waiting = 0;
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return (Some(status), most);
        }
        if start.elapsed() > limit {
            let _ = child.kill();
            let _ = child.wait();
            return (None, most);
        }
        let look = process::look(child.id());
        most.own = most.own.max(look.own);
        most.others = most.others.max(look.others);
        let rendering = process::kind(&look.children, "renderer");
        // The page that never loads has been asked for, and is waited for.
        waiting += u32::from(log.lock().unwrap().contains_key("hostile/head"));
        if !struck && plan.blow != Blow::None && waiting > 10 {
            match plan.blow {
                Blow::Renderer => process::end(&rendering, "-KILL"),
                Blow::Browser => process::end(&process::kind(&look.children, "browser"), "-KILL"),
                _ => process::end(&[child.id()], "-INT"),
            }
            struck = true;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
