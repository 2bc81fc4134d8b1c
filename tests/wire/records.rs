//! What an operator does with records, by the commands alone: exports that others read and that go on after an
//! interruption, erasure beside a running gateway, and a log that begins anew.

use crate::raw::{DECISION, PAGE, accept, shown, until};
use crate::site::Site;
use crate::support::{BANDEAU, CONFIG, Gateway, export, get, post, store};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn run(dir: &Path, args: &[&str]) -> Output {
    Command::new(BANDEAU).args(args).current_dir(dir).stdin(std::process::Stdio::null()).output().unwrap()
}

/// Runs a command that must end with this code; returns what it said.
fn says(dir: &Path, code: i32, args: &[&str]) -> String {
    let output = run(dir, args);
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert_eq!(output.status.code(), Some(code), "{args:?}: {said}");
    said
}

async fn open(config: &str) -> (Site, Gateway) {
    let site = Site::page("<!doctype html><title>t</title><p>the text").await;
    let gateway = Gateway::start(&site.url, config);
    (site, gateway)
}

async fn refuse(gateway: &Gateway, notice: &str) {
    let (head, _) = post(&gateway.url(DECISION), &format!("notice={notice}&answer=refuse"), &[PAGE]).await;
    assert_eq!(head.status, 303);
}

/// Waits until the log has so many records, and returns them with their proofs.
async fn proved(gateway: &Gateway, count: usize) -> Vec<Value> {
    let store = store(gateway.dir.path());
    let all = || -> Vec<Value> {
        let text = run(Path::new("."), &["export", "--proofs", "--store", &store]).stdout;
        String::from_utf8(text).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    };
    until("every record has its proof", || async {
        let all = all();
        all.len() == count && all.iter().all(|record| record["proof"].is_string())
    })
    .await;
    all()
}

fn text<'v>(record: &'v Value, member: &str) -> &'v str {
    record[member].as_str().unwrap()
}

/// The interpreter of `.venv`, when it knows the package.
fn python() -> Option<PathBuf> {
    let python = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.venv/bin/python");
    let known = Command::new(&python).args(["-c", "import pyld"]).output().is_ok_and(|out| out.status.success());
    #[allow(clippy::disallowed_methods)]
    let must = std::env::var("CI").is_ok();
    assert!(known || !must, "pyld is not installed in .venv, and CI is set");
    if !known {
        eprintln!("SKIPPED: pyld is not installed in .venv (the test command of the README installs it)");
    }
    known.then_some(python)
}

const TOLD: &str = r#"
[site]
name = "Test"
hosts = ["127.0.0.1"]
controller = "Tests SA"
privacy = "https://www.tests.example/privacy"
languages = ["fr"]
country = "FR"

[[service]]
id = "forum"
purpose = "social"
controller = "Forum AG"
privacy = "https://forum.example/privacy"
retention = "13 mois"
data = ["ip-address", "comments", "social-interactions"]
hosts = ["social.test"]
cookies = ["forum_*"]

[[service]]
id = "adnet"
purpose = "advertising"
data = ["browsing", "identity"]
hosts = ["ads.test"]
"#;

#[tokio::test(flavor = "multi_thread")]
async fn linked_data_is_read_by_others_and_loses_nothing() {
    let (_site, gateway) = open(TOLD).await;
    accept(&gateway).await;
    refuse(&gateway, &shown(&gateway).await).await;
    let dir = gateway.dir.path();
    until("both are recorded", || async { export(&store(dir)).len() == 2 }).await;
    says(dir, 0, &["export", "--format", "jsonld", "--output", "told.jsonld"]);
    says(dir, 0, &["export", "--format", "jsonld", "--output", "bare.jsonld", "--store", &store(dir)]);
    let told: Value = serde_json::from_str(&std::fs::read_to_string(dir.join("told.jsonld")).unwrap()).unwrap();
    let record = &told["@graph"][0];
    assert_eq!(record["dpv:hasDataController"]["dpv:hasName"], "Tests SA");
    assert_eq!(record["dpv:hasJurisdiction"]["@id"], "loc:FR");
    let recipient = record["dpv:hasProcess"].as_array().unwrap().iter().find_map(|process| {
        (process["dpv:hasPurpose"]["dct:identifier"] == "social").then_some(&process["dpv:hasRecipient"][0])
    });
    assert_eq!(recipient.unwrap()["dpv:hasName"], "Forum AG");
    // Another configuration asks another notice: nothing of it is said of this record.
    let other = TOLD.replace("Forum AG", "Forum GmbH");
    std::fs::write(
        dir.join("other.toml"),
        format!("listen = \"127.0.0.1:1\"\nupstream = \"http://127.0.0.1:2\"\n{other}"),
    )
    .unwrap();
    let other = run(dir, &["export", "--format", "jsonld", "--config", "other.toml"]).stdout;
    assert!(!String::from_utf8(other).unwrap().contains("Forum"));
    let Some(python) = python() else { return };
    for (file, how) in [("told.jsonld", "told"), ("bare.jsonld", "bare")] {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/wire/linked.py");
        let output = Command::new(&python).arg(script).arg(dir.join(file)).arg(how).output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{file}: {said}{}", String::from_utf8_lossy(&output.stderr));
        let counts: Vec<u32> = said.split_whitespace().map(|count| count.parse().unwrap()).collect();
        assert!(counts[0] == 2 && counts[1] > 40, "{said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_goes_on_where_it_was_interrupted() {
    const RECORDS: usize = 2300;
    let (_site, gateway) = open(CONFIG).await;
    let notice = shown(&gateway).await;
    for _ in 0..RECORDS {
        refuse(&gateway, &notice).await;
    }
    let Gateway { mut process, dir, .. } = gateway;
    process.stop();
    let args = ["export", "--output", "all.jsonl", "--proofs"];
    let mut child = Command::new(BANDEAU).args(args).current_dir(dir.path()).spawn().unwrap();
    until("it has begun", || async { dir.path().join("all.jsonl.part.state").exists() }).await;
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(2));
    assert!(!dir.path().join("all.jsonl").exists());
    let said = says(dir.path(), 2, &["export", "--output", "all.jsonl"]);
    assert!(said.contains("of another export"), "{said}");
    let said = says(dir.path(), 0, &args);
    let after = |count: u32| said.contains(&format!("Going on after {count} records"));
    assert!((after(1000) || after(2000)) && said.contains("2300 records written"), "{said}");
    let whole = run(dir.path(), &["export", "--proofs"]).stdout;
    assert!(std::fs::read(dir.path().join("all.jsonl")).unwrap() == whole, "it is the same as in one piece");
    assert!(!dir.path().join("all.jsonl.part").exists());
    let said = says(dir.path(), 2, &args);
    assert!(said.contains("there already"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_and_parts_of_the_book() {
    let (_site, gateway) = open(CONFIG).await;
    accept(&gateway).await;
    refuse(&gateway, &shown(&gateway).await).await;
    let dir = gateway.dir.path();
    until("both are recorded", || async { export(&store(dir)).len() == 2 }).await;
    let table = String::from_utf8(run(dir, &["export", "--format", "csv"]).stdout).unwrap();
    let rows: Vec<&str> = table.split_terminator("\r\n").collect();
    assert!(rows.len() == 3 && rows[1].contains(",given,settings,en,") && rows[2].contains(",refused,"), "{table}");
    // A pseudonym as the table has it is one that can be asked for.
    let pseudonym = rows[1].split(',').nth(10).unwrap();
    let one = run(dir, &["export", "--pseudonym", pseudonym]).stdout;
    assert_eq!(String::from_utf8(one).unwrap().lines().count(), 1);
    let lines =
        |args: &[&str]| String::from_utf8(run(dir, &[&["export"], args].concat()).stdout).unwrap().lines().count();
    assert_eq!((lines(&["--since", "2020-01-01"]), lines(&["--until", "2020-01-01T00:00:00Z"])), (2, 0));
    for wrong in
        [&["--since", "yesterday"][..], &["--pseudonym", "12"], &["--format", "xml"], &["--format", "csv", "--proofs"]]
    {
        says(dir, 2, &[&["export"], wrong].concat());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_visitor_is_erased_beside_a_running_gateway() {
    let (_site, gateway) = open(CONFIG).await;
    let notice = shown(&gateway).await;
    let first = accept(&gateway).await;
    // The same visitor again, and two others.
    let answer = format!("notice={notice}&answer=refuse");
    post(&gateway.url(DECISION), &answer, &[PAGE, ("cookie", &first)]).await;
    accept(&gateway).await;
    accept(&gateway).await;
    let all = proved(&gateway, 4).await;
    let dir = gateway.dir.path();
    let mine: Vec<&Value> = all.iter().filter(|record| record["pseudonym"] == all[0]["pseudonym"]).collect();
    assert_eq!(mine.len(), 2);

    let code = text(mine[0], "code");
    let said = says(dir, 0, &["erase", "--code", code, "--dry-run"]);
    assert!(said.contains("2 records of one visitor") && said.contains("dry run"), "{said}");
    let said = says(dir, 2, &["erase", "--code", code]);
    assert!(said.contains("say --yes"), "nobody can be asked here: {said}");
    assert_eq!(export(&store(dir)).len(), 4);
    let said = says(dir, 0, &["erase", "--code", code, "--yes"]);
    assert!(said.contains("2 records erased") && said.contains("What stays"), "{said}");
    assert!(!said.contains(text(mine[0], "pseudonym")), "no more is said of the visitor than counts and times");
    for file in std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()) {
        let Ok(bytes) = std::fs::read(&file) else { continue };
        for member in ["pseudonym", "salt"] {
            let hex = text(mine[0], member);
            let raw: Vec<u8> =
                (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect();
            let holds = |part: &[u8]| bytes.windows(part.len()).any(|window| window == part);
            assert!(!holds(&raw) && !holds(hex.as_bytes()), "{member} is still in {}", file.display());
        }
    }
    let said = says(dir, 1, &["erase", "--code", code, "--yes"]);
    assert!(said.contains("no such record"), "{said}");

    let rest = proved(&gateway, 2).await;
    std::fs::write(dir.join("receipt.json"), rest[0].to_string()).unwrap();
    let changed = rest[0].to_string().replacen("\"grant\"", "\"refuse\"", 1);
    std::fs::write(dir.join("changed.json"), changed).unwrap();
    says(dir, 2, &["erase", "--receipt", "changed.json", "--yes"]);
    let said = says(dir, 0, &["erase", "--receipt", "receipt.json", "--only", "--yes"]);
    assert!(said.contains("1 record erased") && said.contains("a cookie in a browser stands until"), "{said}");
    says(dir, 0, &["erase", "--pseudonym", text(&rest[1], "pseudonym"), "--yes"]);
    assert!(export(&store(dir)).is_empty());
    // The gateway goes on, and its log with it.
    accept(&gateway).await;
    let last = proved(&gateway, 1).await;
    // Four records before it, and the version that is live.
    assert!(text(&last[0], "proof").contains("\nindex 5\n"), "what was erased keeps its place");
    for wrong in [
        &["erase"][..],
        &["erase", "--code", "x"],
        &["erase", "--expired", "--only"],
        &["erase", "--expired", "--code", code],
    ] {
        says(dir, 2, wrong);
    }
    let (head, _) = get(&gateway.url("/"), &[PAGE]).await;
    assert_eq!(head.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_old_is_erased_by_hand() {
    let (_site, gateway) = open(&format!("[book]\nretain = \"1s\"\n{CONFIG}")).await;
    accept(&gateway).await;
    refuse(&gateway, &shown(&gateway).await).await;
    let store = store(gateway.dir.path());
    let Gateway { mut process, dir, .. } = gateway;
    process.stop();
    assert!(export(&store).len() <= 2);
    tokio::time::sleep(std::time::Duration::from_millis(1100)).await;
    let said = says(dir.path(), 0, &["erase", "--expired", "--dry-run"]);
    assert!(said.contains("By the clock of this machine it is") && said.contains("dry run"), "{said}");
    says(dir.path(), 0, &["erase", "--expired", "--yes"]);
    let left = export(&store);
    assert_eq!((left.len(), &left[0]["event"]), (1, &Value::from("given")), "what still stands is kept");
    says(dir.path(), 0, &["erase", "--expired"]);
}

/// A file of the first version is read by no command but the one that is named, which makes it one of today's.
#[test]
fn an_old_file_becomes_one_of_todays_by_hand() {
    let dir = tempfile::tempdir().unwrap();
    let old = Path::new(env!("CARGO_MANIFEST_DIR")).join("../ledger/tests/files/book-v1.db");
    std::fs::copy(old, dir.path().join("bandeau.db")).unwrap();
    let config = format!("listen = \"127.0.0.1:1\"\nupstream = \"http://127.0.0.1:2\"\n{CONFIG}");
    std::fs::write(dir.path().join("bandeau.toml"), config).unwrap();
    let said = says(dir.path(), 2, &["export"]);
    assert!(said.contains("bandeau erase --expired"), "{said}");
    says(dir.path(), 2, &["erase", "--pseudonym", &"21".repeat(16), "--store", "sqlite:bandeau.db", "--yes"]);
    says(dir.path(), 0, &["erase", "--pseudonym", &"22".repeat(16), "--yes"]);
    assert_eq!(export(&store(dir.path())).len(), 11);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_begins_anew_under_the_next_name() {
    let (_site, gateway) = open(CONFIG).await;
    accept(&gateway).await;
    accept(&gateway).await;
    let before = proved(&gateway, 2).await;
    let Gateway { mut process, dir, port } = gateway;
    process.stop();
    let said = says(dir.path(), 2, &["restart-log"]);
    assert!(said.contains("/log/2") && said.contains("say --yes"), "{said}");
    assert!(dir.path().join("bandeau.db.checkpoint").exists(), "nothing was done");
    says(dir.path(), 0, &["restart-log", "--yes"]);
    assert!(dir.path().join("bandeau.db.checkpoint.old").exists());
    let gateway = Gateway::restart(dir, port);
    let after = proved(&gateway, 2).await;
    for (before, after) in before.iter().zip(&after) {
        assert_eq!(text(after, "log"), format!("{}/2", text(before, "log")));
        assert!(before["signature"] == after["signature"] && before["salt"] == after["salt"]);
    }
    accept(&gateway).await;
    proved(&gateway, 3).await;
    let Gateway { mut process, dir, .. } = gateway;
    process.stop();
    assert!(says(dir.path(), 0, &["restart-log", "--yes"]).contains("/log/3 now"));
}
