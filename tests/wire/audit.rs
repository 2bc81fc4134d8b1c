//! `bandeau audit` as it is typed: what it writes, how it ends, and what it says when it cannot. What it finds out is the
//! business of `tests/audit`. Without Chromium the tests that need it say so; where `CI` is set they fail.

use crate::site::{Site, empty, page};
use crate::support::BANDEAU;
use http::StatusCode;
use serde_json::Value;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// Waits that suit a site on the same machine.
const QUICK: [&str; 9] = ["--ignore-robots", "--wait", "300ms", "--delay", "0", "--patience", "20s", "--pages", "3"];

fn chromium() -> bool {
    let ask = Command::new("sh").args(["-c", "command -v chromium || command -v google-chrome"]).output().unwrap();
    assert!(ask.status.success() || std::env::var_os("CI").is_none(), "there is no Chromium, and CI is set");
    if !ask.status.success() {
        eprintln!("NOT TESTED: no Chromium here (Debian: apt-get install chromium)");
    }
    ask.status.success()
}

/// Runs beside the site, which is served meanwhile.
async fn audit(dir: &Path, args: &[&str]) -> Output {
    let (dir, args) = (dir.to_owned(), args.iter().map(|&arg| arg.to_owned()).collect::<Vec<_>>());
    let run = move || Command::new(BANDEAU).arg("audit").args(args).current_dir(dir).output().unwrap();
    tokio::task::spawn_blocking(run).await.unwrap()
}

fn said(output: &Output) -> (i32, String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
}

fn json(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

fn names(dir: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(dir).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

async fn site() -> Site {
    Site::start(|seen| match seen.path() {
        "/" => page("<title>Front</title><p>Words. <a href=/a>A</a>"),
        "/a" => page("<title>A</title>"),
        _ => empty(StatusCode::NOT_FOUND),
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_done_is_said_and_leaves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    for (args, says) in [
        (
            vec!["http://gazette.localhost:9/", "--browser", "/nowhere/chrome"],
            "there is no browser named /nowhere/chrome",
        ),
        (vec!["ftp://gazette.example/"], "expected something like https://www.example.org/"),
        (vec!["https://gazette.example/", "--list", "gone.txt"], "cannot read gone.txt"),
        (vec!["https://gazette.example/", "--compare", "gone.json"], "cannot read gone.json"),
        (vec!["--again", "gone.json"], "cannot read gone.json"),
        (vec!["https://gazette.example/", "--config", "gone.toml"], "cannot read gone.toml"),
        (vec![], "required"),
    ] {
        let (code, _, err) = said(&audit(dir.path(), &args).await);
        assert_eq!(code, 2, "{args:?}: {err}");
        assert!(err.contains(says), "{args:?}: {err}");
    }
    if chromium() {
        let (code, _, err) = said(&audit(dir.path(), &["http://gazette.localhost:9/"]).await);
        assert!(code == 2 && err.contains("http://gazette.localhost:9/ cannot be opened"), "{err}");
    }
    assert!(names(dir.path()).is_empty(), "{:?}", names(dir.path()));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_audit_is_written_judged_again_and_compared() {
    if !chromium() {
        return;
    }
    let (site, dir) = (site().await, tempfile::tempdir().unwrap());
    let url = site.url.replace("127.0.0.1", "gazette.localhost");
    let args = [&[url.as_str(), "--out", "one"][..], &QUICK].concat();
    let (code, out, err) = said(&audit(dir.path(), &args).await);
    assert!(code == 0 || code == 1, "{out}{err}");
    assert_eq!(names(&dir.path().join("one")), ["audit.json", "junit.xml", "report.html", "report.sarif"]);
    assert!(out.contains("one/report.html") && out.contains("bandeau learn one/audit.json"), "{out}");
    assert!(err.contains("before: 1 of"), "{err}");
    let whole = json(&dir.path().join("one/audit.json"));
    let runs = whole["audit"]["runs"].as_array().unwrap();
    assert_eq!(runs.len(), 5);
    let paths: Vec<_> =
        runs[0]["visits"].as_array().unwrap().iter().map(|visit| visit["title"].as_str().unwrap()).collect();
    assert_eq!(paths, ["Front", "A"]);
    assert_eq!(whole["audit"]["interrupted"], Value::Null);

    let before = site.seen().len();
    let (again, _, err) = said(&audit(dir.path(), &["--again", "one/audit.json", "--out", "two"]).await);
    assert_eq!(again, code, "{err}");
    assert_eq!(site.seen().len(), before);
    assert_eq!(json(&dir.path().join("two/audit.json")), whole);

    let compare = ["--again", "one/audit.json", "--out", "two", "--compare", "one/audit.json", "--fail-on", "new-note"];
    let (code, out, err) = said(&audit(dir.path(), &compare).await);
    assert_eq!(code, 0, "nothing is new: {out}{err}");
    assert!(names(&dir.path().join("two")).contains(&"compare.json".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_audit_is_written_too() {
    if !chromium() {
        return;
    }
    let (site, dir) = (site().await, tempfile::tempdir().unwrap());
    let url = site.url.replace("127.0.0.1", "gazette.localhost");
    let mut child = Command::new(BANDEAU)
        .args(["audit", &url, "--out", "x", "--wait", "60s", "--standings", "before", "--parallel", "2"])
        .current_dir(dir.path())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Until the first page is there, and is being watched. Another browser looks for the notice on it, before or after.
    while site.seen().iter().filter(|seen| seen.path() == "/").count() < 2 {
        assert!(child.try_wait().unwrap().is_none(), "it ended by itself");
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    let begun = std::time::Instant::now();
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let lines: Vec<String> = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap).collect();
    let code = child.wait().unwrap().code();
    assert!(code == Some(0) || code == Some(1), "{code:?} {lines:?}");
    assert!(begun.elapsed().as_secs() < 50, "it watched the page to its end: {lines:?}");
    assert!(lines.iter().any(|line| line.contains("Interrupted")), "{lines:?}");
    let whole = json(&dir.path().join("x/audit.json"));
    assert_eq!(whole["audit"]["interrupted"], "it was interrupted");
    assert!(!whole["audit"]["runs"][0]["requests"].as_array().unwrap().is_empty());
}
