//! `bandeau verify` as an outsider runs it: files, exit codes, words, and JSON that says the same as the library.

use crate::raw::{DECISION, PAGE, shown};
use crate::receipts::{FIRST, KEYS, SECOND, cases};
use crate::site::Site;
use crate::support::{BANDEAU, CONFIG, Gateway, consent, get, post};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

struct Said {
    exit: i32,
    out: String,
    err: String,
}

/// Runs it in a directory, with this on standard input.
fn verify(dir: &Path, args: &[&str], input: &str) -> Said {
    let mut command = Command::new(BANDEAU);
    command.arg("verify").args(args).current_dir(dir);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // It may have ended before it read anything.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let output = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Said { exit: output.status.code().unwrap(), out: text(output.stdout), err: text(output.stderr) }
}

fn place() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (name, text) in [("first.json", FIRST), ("second.json", SECOND), ("keys", KEYS)] {
        fs::write(dir.path().join(name), text).unwrap();
    }
    dir
}

/// Every case of the vectors, each in a file of its own, by groups that share their keys: one process a group.
#[test]
fn it_says_of_every_case_what_is_so() {
    let dir = place();
    let mut groups: BTreeMap<Option<String>, Vec<_>> = BTreeMap::new();
    cases().into_iter().for_each(|case| groups.entry(case.keys.clone()).or_default().push(case));
    for (keys, cases) in groups {
        let mut args = vec!["--json".to_owned()];
        if let Some(keys) = keys {
            fs::write(dir.path().join("given"), keys).unwrap();
            args.extend(["--keys".to_owned(), "given".to_owned()]);
        }
        for (at, case) in cases.iter().enumerate() {
            fs::write(dir.path().join(format!("{at}.json")), &case.receipt).unwrap();
            args.push(format!("{at}.json"));
        }
        let said = verify(dir.path(), &args.iter().map(String::as_str).collect::<Vec<_>>(), "");
        let lines: Vec<Value> = said.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(lines.len(), cases.len(), "{}{}", said.out, said.err);
        for (line, case) in lines.iter().zip(&cases) {
            assert_eq!(line["verdict"], case.verdict.as_str(), "{}", case.name);
            let checks = line["checks"].as_array().map(Vec::as_slice).unwrap_or_default();
            let text = |value: &Value| value.as_str().unwrap().to_owned();
            let found: BTreeMap<_, _> = checks.iter().map(|c| (text(&c["check"]), text(&c["finding"]))).collect();
            assert_eq!(found, case.checks, "{}", case.name);
        }
        let fails = cases.iter().any(|case| case.verdict == "fails");
        let open = cases.iter().any(|case| case.verdict != "holds");
        assert_eq!(said.exit, if fails { 1 } else { 2 * i32::from(open) });
    }
}

#[test]
fn it_says_it_in_words() {
    let dir = place();
    let said = verify(dir.path(), &["second.json", "--keys", "keys"], "");
    assert_eq!(said.exit, 0, "{}{}", said.out, said.err);
    for words in [
        "second.json: everything holds",
        "2026-11-18 11:06:40.123 UTC",
        "Something was allowed that was not allowed before.",
        "social",
        "audience-plus",
        "e5242926b06b7308b3d73d280337d07c152476c68fecfc6aee465bbf98bfabf8",
        "180 days",
        "T6J3-ZCC0-5QR8-3MXG",
        "entry 6, counted from 0, of a log of 11 entries",
        "11 entries, with the root",
        "52009fd480afaa8de95a9cc08f315990a4ec100b5129caa8ce90cead8da9a15e",
        "What this shows",
        "What it does not show",
        "Who the visitor is",
    ] {
        assert!(said.out.contains(words), "{words}: {}", said.out);
    }
    let first = verify(dir.path(), &["first.json", "--keys", "keys"], "");
    assert!(first.exit == 0 && first.out.contains("in no log"), "{}", first.out);
    fs::write(dir.path().join("bad.json"), SECOND.replace("\"refuse\"", "\"grant\"")).unwrap();
    let bad = verify(dir.path(), &["bad.json", "second.json", "--keys", "keys"], "");
    assert_eq!(bad.exit, 1);
    assert!(bad.out.contains("FAILS") && bad.out.contains("bad.json: something does not hold"), "{}", bad.out);
    assert!(bad.out.contains("second.json: everything holds"), "the rest is said all the same: {}", bad.out);
    assert_eq!(bad.out.matches("What this shows").count(), 1, "nothing is shown by what does not hold");
}

#[test]
fn without_keys_it_says_how_to_get_them() {
    let dir = place();
    let said = verify(dir.path(), &["second.json"], "");
    assert_eq!(said.exit, 2);
    let curl = "curl -fsS https://www.newsroom.test/.well-known/bandeau/log/keys -o keys";
    assert!(said.out.contains(curl) && said.out.contains("Whose key signed it is not shown"), "{}", said.out);
    let odd = SECOND.replace("www.newsroom.test/.well-known/bandeau/log\",\"proof", "x;rm -rf $HOME/log\",\"proof");
    assert_ne!(odd, SECOND);
    let said = verify(dir.path(), &["-"], &odd);
    assert!(said.out.contains("https://SITE/"), "nothing of a receipt gets into a command: {}", said.out);
    fs::write(dir.path().join("page"), "<!doctype html><title>404</title>").unwrap();
    let said = verify(dir.path(), &["second.json", "--keys", "page"], "");
    assert!(said.exit == 2 && said.err.contains("no file of keys"), "{}", said.err);
    let said = verify(dir.path(), &["missing.json", "--keys", "keys"], "");
    assert!(said.exit == 2 && said.err.contains("missing.json"), "{}", said.err);
}

#[test]
fn an_export_is_checked_line_by_line() {
    let dir = place();
    let lines: String = (0..40).map(|at| if at % 2 == 0 { FIRST } else { SECOND }).collect();
    let good = verify(dir.path(), &["-", "--keys", "keys"], &lines);
    assert_eq!(
        (good.exit, good.out.as_str()),
        (0, "-: of 40 receipts 40 hold, 0 do not, 0 cannot be decided, 0 cannot be read.\n")
    );
    let bad = format!("{lines}{}\n{{}}\n\u{1b}[2J\n", SECOND.trim_end().replace("\"fr\"", "\"en\""));
    let bad = verify(dir.path(), &["-", "--keys", "keys"], &bad);
    assert_eq!(bad.exit, 1);
    assert!(
        bad.out.contains("-:41: something does not hold") && bad.out.contains("-:42: cannot be decided"),
        "{}",
        bad.out
    );
    assert!(
        bad.out.contains("40 hold, 1 do not, 0 cannot be decided, 2 cannot be read") && !bad.out.contains('\u{1b}'),
        "{}",
        bad.out
    );
    let open = verify(dir.path(), &["-"], &lines);
    assert_eq!((open.exit, open.out.matches("curl").count()), (2, 1), "what is so of all is said once: {}", open.out);
    let keys = verify(dir.path(), &["second.json", "--keys", "-"], KEYS);
    assert_eq!(keys.exit, 0, "{}", keys.err);
    assert_eq!(verify(dir.path(), &["-", "--keys", "-"], "").exit, 2);
    let pretty = serde_json::to_string_pretty(&serde_json::from_str::<Value>(SECOND).unwrap()).unwrap();
    assert_eq!(verify(dir.path(), &["-", "--keys", "keys"], &pretty).exit, 0, "one may stand over many lines");
    assert_eq!(verify(dir.path(), &["-", "--keys", "keys"], "").exit, 2, "nothing holds of nothing");
}

/// What is told to visitors who trust no program of ours works as it stands there.
#[test]
fn the_check_by_hand_says_the_same() {
    let manual = include_str!("../../docs/receipt.md");
    let program = manual.split("```python\n").nth(1).unwrap().split("```").next().unwrap();
    let there = |program: &str| Command::new(program).arg("--help").output().is_ok();
    if !there("python3") || !there("openssl") {
        eprintln!("SKIPPED: python3 or openssl is not installed");
        return;
    }
    let check = |receipt: &str, keys: &str| {
        let dir = tempfile::tempdir().unwrap();
        for (name, text) in [("check.py", program), ("receipt.json", receipt), ("keys", keys)] {
            fs::write(dir.path().join(name), text).unwrap();
        }
        let output = Command::new("python3").arg("check.py").current_dir(dir.path()).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let out = String::from_utf8(output.stdout).unwrap();
        out.lines().map(|line| line.ends_with(": True")).collect::<Vec<_>>()
    };
    assert_eq!(check(SECOND, KEYS), [true, true, true, true]);
    assert_eq!(check(&SECOND.replace("refuse", "grant"), KEYS), [true, false, false, true]);
    assert_eq!(check(&SECOND.replace("\\n11\\n", "\\n12\\n"), KEYS), [true, true, true, false]);
}

/// From the answer to the outsider: a visitor takes the receipt and the keys from a running site, and it holds without one.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_site_gives_out_holds_without_it() {
    let site = Site::page("<!doctype html><title>t</title><p>x").await;
    let gateway = Gateway::start(&site.url, CONFIG);
    let form = format!("notice={}&answer=accept&source=banner", shown(&gateway).await);
    let (head, _) = post(&gateway.url(DECISION), &form, &[PAGE]).await;
    let cookie = consent(&head).unwrap();
    let start = std::time::Instant::now();
    let receipt = loop {
        let (head, text) = get(&gateway.url("/.well-known/bandeau/receipt.json"), &[("cookie", &cookie)]).await;
        assert_eq!(head.status, 200, "{text}");
        if serde_json::from_str::<Value>(&text).unwrap()["proof"].is_string() {
            break text;
        }
        assert!(start.elapsed().as_secs() < 20, "the log never placed it: {text}\n{}", gateway.log());
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    };
    let (_, keys) = get(&gateway.url("/.well-known/bandeau/log/keys"), &[]).await;
    let (head, page) = get(&gateway.url("/.well-known/bandeau/verify"), &[PAGE]).await;
    assert_eq!(head.status, 200);
    assert!(
        head.headers
            .get_all("content-security-policy")
            .iter()
            .any(|lock| lock.to_str().unwrap().contains("default-src 'none'"))
    );
    for file in page.split('"').filter(|part| part.starts_with("verify.")) {
        assert_eq!(get(&gateway.url(&format!("/.well-known/bandeau/{file}")), &[]).await.0.status, 200, "{file}");
    }
    let store = crate::support::store(gateway.dir.path());
    let exported = Command::new(BANDEAU).args(["export", "--store", &store]).output().unwrap();
    drop((gateway, site));
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("receipt.json"), &receipt).unwrap();
    fs::write(dir.path().join("keys"), &keys).unwrap();
    let said = verify(dir.path(), &["receipt.json", "--keys", "keys"], "");
    assert!(said.exit == 0 && said.out.contains("everything holds"), "{}{}", said.out, said.err);
    // An export says what is recorded; where the log has it, a receipt says that is asked for.
    let exported = String::from_utf8(exported.stdout).unwrap();
    let said = verify(dir.path(), &["-", "--json", "--keys", "keys"], &exported);
    let line: Value = serde_json::from_str(said.out.trim()).unwrap();
    assert_eq!(line["record"]["id"], serde_json::from_str::<Value>(&receipt).unwrap()["id"]);
    for (check, what) in line["checks"].as_array().unwrap().iter().zip(["signature", "key", "code", "log"]) {
        assert_eq!((&check["check"], &check["finding"]), (&Value::from(what), &Value::from("holds")), "{line}");
    }
}
