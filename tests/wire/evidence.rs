//! Evidence: what went live is archived once, and what a person was shown comes out again as it was, or it is said loudly
//! that it does not. An outsider's script checks every pack; a real browser takes the pictures where there is one.

use crate::raw::{Counted, DECISION, PAGE, json, until};
use crate::site::Site;
use crate::support::{BANDEAU, CONFIG, Gateway, Process, consent, get, notice, port, post, wait_for};
use serde_json::{Value, json};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

const HTML: &str = "<!doctype html><title>t</title><p>the text";

/// What SQLite in Python says to a statement, or to several, about the book of a directory.
fn sql(dir: &Path, statement: &str) -> Value {
    let script = "import json, sqlite3, sys\nbook = sqlite3.connect('bandeau.db', timeout=20)\n\
                  rows = book.execute(sys.argv[1]).fetchall()\nbook.commit()\nprint(json.dumps(rows))";
    let output = Command::new("python3").args(["-c", script, statement]).current_dir(dir).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// How many versions are live in the book, and have their place in the log.
fn versions(dir: &Path) -> (u64, u64) {
    let live = sql(dir, "SELECT count(*) FROM live");
    let logged = sql(dir, "SELECT count(*) FROM entry WHERE hex(substr(body, 1, 1)) = '02'");
    (live[0][0].as_u64().unwrap(), logged[0][0].as_u64().unwrap())
}

async fn live(gateway: &Gateway, count: u64) {
    until(&format!("{count} versions are in the log"), || async { versions(gateway.dir.path()) == (count, count) })
        .await;
}

/// Decides in a language, and returns the receipt and the cookie.
async fn decide(gateway: &Gateway, language: &str, answer: &str, cookie: &str) -> (Value, String) {
    let headers = [("accept-language", language), ("cookie", cookie), PAGE];
    let (_, html) = get(&gateway.url("/"), &headers).await;
    let body = json!({ "notice": notice(&html), "answer": answer, "source": "banner" });
    let (head, said) = json(gateway, &body, &[("cookie", cookie)]).await;
    assert_eq!(head.status, 200, "{said}");
    (said["receipt"].clone(), consent(&head).unwrap_or_default())
}

fn name(receipt: &Value) -> String {
    receipt["id"].as_str().unwrap().to_owned()
}

fn evidence(dir: &Path, arguments: &[&str]) -> Output {
    Command::new(BANDEAU).arg("evidence").args(arguments).current_dir(dir).output().unwrap()
}

/// The exit code, and all that was said.
fn said(output: &Output) -> (i32, String) {
    (output.status.code().unwrap(), String::from_utf8_lossy(&output.stderr).into_owned())
}

/// What the script in a pack finds.
fn check(pack: &Path) -> (i32, String) {
    let output = Command::new("python3").arg("check.py").current_dir(pack).output().unwrap();
    (output.status.code().unwrap(), String::from_utf8_lossy(&output.stdout).into_owned())
}

fn reload(gateway: &Gateway, more: &str) {
    let file = gateway.dir.path().join("bandeau.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text + more).unwrap();
    assert!(Command::new("kill").args(["-HUP", &gateway.process.0.id().to_string()]).status().unwrap().success());
}

/// Waits until the log has every record, so that each has a proof.
async fn settled(gateway: &Gateway) {
    until("nothing waits for its place", || async {
        sql(gateway.dir.path(), "SELECT count(*) FROM pending")[0][0] == 0
    })
    .await;
}

const NEW: &str = "\n[texts.fr.notice]\ntitle = \"D'autres mots\"\n";

#[tokio::test(flavor = "multi_thread")]
async fn an_old_record_comes_with_the_old_words() {
    let site = Site::page(HTML).await;
    let gateway = Gateway::start(&site.url, CONFIG);
    let dir = gateway.dir.path();
    live(&gateway, 1).await;
    let (old, cookie) = decide(&gateway, "fr", "accept", "").await;
    let (english, _) = decide(&gateway, "en", "accept", "").await;
    reload(&gateway, NEW);
    live(&gateway, 2).await;
    let (new, _) = decide(&gateway, "fr", "accept", "").await;
    let notice = crate::support::notice(&get(&gateway.url("/"), &[("accept-language", "fr"), PAGE]).await.1);
    let form = format!("notice={notice}&answer=refuse&source=withdrawal");
    post(&gateway.url(DECISION), &form, &[PAGE, ("cookie", &cookie)]).await;
    until("the withdrawal is there", || async {
        sql(dir, "SELECT count(*) FROM record WHERE event = 'withdrawn'")[0][0] == 1
    })
    .await;
    settled(&gateway).await;

    let read = |pack: &str, file: &str| std::fs::read_to_string(dir.join(pack).join(file)).unwrap();
    for (receipt, pack, title, records) in
        [(&old, "old", "votre choix", 2), (&english, "english", "your choice", 1), (&new, "new", "D'autres mots", 1)]
    {
        let output = evidence(dir, &["--id", &name(receipt), "--output", pack, "--no-screenshots"]);
        assert_eq!(said(&output).0, 0, "{}", said(&output).1);
        let (words, index) = (read(pack, "notice.txt"), read(pack, "index.html"));
        assert!(words.contains(title), "{pack}: {words}");
        assert_eq!(words.contains("D'autres mots"), pack == "new", "{pack}: {words}");
        assert!(index.contains("Everything that was checked holds"), "{pack}");
        assert_eq!(std::fs::read_dir(dir.join(pack).join("records")).unwrap().count(), records, "{pack}");
        let (code, found) = check(&dir.join(pack));
        assert_eq!(code, 0, "{pack}: {found}");
        let document: bandeau_ledger::ReceiptDocument = serde_json::from_str(&read(pack, "receipt.json")).unwrap();
        document.verify().unwrap();
        assert!(document.placed.unwrap().proof.is_some(), "{pack}");
    }
    assert!(read("old", "index.html").contains("took back"), "what came later is in it");

    // The program and the site's published keys say the same as the script and the pack's own.
    let (_, keys) = get(&gateway.url("/.well-known/bandeau/log/keys"), &[]).await;
    assert_eq!(read("old", "keys.txt"), keys);
    let mut command = Command::new(BANDEAU);
    command.args(["verify", "old/receipt.json", "--keys", "old/keys.txt"]).current_dir(dir);
    assert!(command.stdout(Stdio::null()).status().unwrap().success());

    // A file that was changed on the way is found by whoever has the pack.
    let file = dir.join("old/mechanism/fr/notice.fields");
    std::fs::write(&file, read("old", "mechanism/fr/notice.fields").replace("choix", "choiz")).unwrap();
    let (code, found) = check(&dir.join("old"));
    assert!(code == 1 && found.contains("DOES NOT HOLD"), "{found}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_is_found_by_its_name_its_code_and_its_receipt() {
    let site = Site::page(HTML).await;
    let gateway = Gateway::start(&site.url, CONFIG);
    let dir = gateway.dir.path();
    live(&gateway, 1).await;
    let (receipt, _) = decide(&gateway, "fr", "accept", "").await;
    settled(&gateway).await;
    let read = |pack: &str, file: &str| std::fs::read_to_string(dir.join(pack).join(file)).unwrap();
    let take =
        |how: &str, what: &str, pack: &str| said(&evidence(dir, &[how, what, "--output", pack, "--no-screenshots"]));
    std::fs::write(dir.join("receipt.json"), receipt.to_string()).unwrap();
    let code = receipt["code"].as_str().unwrap().to_lowercase();
    for (how, what, pack) in
        [("--id", name(&receipt).as_str(), "id"), ("--receipt", "receipt.json", "file"), ("--code", &code, "code.zip")]
    {
        assert_eq!(take(how, what, pack).0, 0, "{how}: {}", take(how, what, "again").1);
    }
    let unpack = "import sys, zipfile; zipfile.ZipFile('code.zip').extractall('.')";
    assert!(Command::new("python3").args(["-c", unpack]).current_dir(dir).status().unwrap().success());
    assert_eq!(read("code", "receipt.json"), read("id", "receipt.json"));
    assert_eq!(read("file", "receipt.json"), read("id", "receipt.json"));
    assert_eq!(check(&dir.join("code")).0, 0);

    let mut forged = receipt.clone();
    forged["at"] = json!(receipt["at"].as_u64().unwrap() + 1);
    std::fs::write(dir.join("forged.json"), forged.to_string()).unwrap();
    let (code, told) = take("--receipt", "forged.json", "forged");
    assert!(code == 1 && told.contains("NOT the one in the book"), "{code} {told}");

    // Nothing is overwritten, and nobody is there whom nobody knows.
    let (code, told) = take("--id", &name(&receipt), "id");
    assert!(code == 2 && told.contains("already"), "{code} {told}");
    let (code, told) = take("--id", &"0".repeat(32), "none");
    assert!(code == 2 && told.contains("no such record") && !dir.join("none").exists(), "{code} {told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_archive_is_found_out() {
    let site = Site::page(HTML).await;
    let gateway = Gateway::start(&site.url, CONFIG);
    let dir = gateway.dir.path();
    live(&gateway, 1).await;
    let (receipt, _) = decide(&gateway, "fr", "accept", "").await;
    settled(&gateway).await;
    let digest = receipt["notice"].as_str().unwrap();
    sql(
        dir,
        &format!(
            "UPDATE archive SET content = CAST(replace(content, 'Tout', 'Rien') AS BLOB) WHERE hex(name) = upper('{digest}')"
        ),
    );
    let take = |pack: &str| said(&evidence(dir, &["--id", &name(&receipt), "--output", pack, "--no-screenshots"]));
    let (code, told) = take("words");
    assert!(code == 1 && told.contains("TAMPERED WITH") && told.contains("fr/notice.fields"), "{code} {told}");
    assert!(told.contains("do NOT have the hash"), "{told}");
    assert!(!dir.join("words/mechanism/fr/notice.fields").exists() && !dir.join("words/notice.txt").exists());
    assert!(dir.join("words/changed/fr/notice.fields").exists(), "what is there instead can be looked at");
    let index = std::fs::read_to_string(dir.join("words/index.html")).unwrap();
    assert!(index.contains("TAMPERED WITH") && !index.contains("Everything that was checked holds"));
    assert_eq!(check(&dir.join("words")).0, 1);

    // A manifest that is changed names nothing any more, and none fits the record.
    sql(
        dir,
        "UPDATE archive SET content = CAST(replace(content, 'mechanism v1', 'mechanism v9') AS BLOB) WHERE name IN (SELECT manifest FROM live)",
    );
    let (code, told) = take("manifest");
    assert!(code == 1 && told.contains("NO version in the archive") && told.contains("TAMPERED WITH"), "{code} {told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_live_is_published_once() {
    let site = Site::page(HTML).await;
    let gateway = Gateway::start(&site.url, CONFIG);
    live(&gateway, 1).await;
    // Read again and unchanged; then by another process.
    reload(&gateway, "");
    until("it was read again", || async { gateway.log().contains("read again") }).await;
    let Gateway { mut process, dir, port: at } = gateway;
    process.stop();
    let gateway = Gateway::restart(dir, at);
    reload(&gateway, NEW);
    live(&gateway, 2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_three_nodes_one_publishes() {
    let site = Site::page(HTML).await;
    let dir = tempfile::tempdir().unwrap();
    let node = |at: usize| {
        let port = port();
        let text = format!(
            "listen = \"127.0.0.1:{port}\"\nupstream = \"{}\"\n[book]\nlocal = \"node-{at}\"\n{CONFIG}",
            site.url
        );
        std::fs::write(dir.path().join(format!("{at}.toml")), text).unwrap();
        let mut command = Command::new(BANDEAU);
        command.args(["serve", "--config", &format!("{at}.toml")]).current_dir(dir.path()).stderr(Stdio::null());
        (Process::spawn(&mut command), port)
    };
    // The first makes the secret and the store.
    let first = node(0);
    wait_for(first.1);
    let others = [node(1), node(2)];
    others.iter().for_each(|(_, port)| wait_for(*port));
    until("a version is in the log", || async { versions(dir.path()) == (1, 1) }).await;
    for (process, _) in [first].into_iter().chain(others) {
        let mut process = process;
        process.stop();
    }
    assert_eq!(versions(dir.path()), (1, 1), "nobody published it again");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_is_away_is_asked_again() {
    let site = Site::page(HTML).await;
    let counted = Counted::start(&site.url, &format!("[book]\nstore = \"sqlite:missing/bandeau.db\"\n{CONFIG}"));
    let gateway = &counted.gateway;
    until("it was tried", || async { counted.number("bandeau_mechanism_total", &["failed"]).await >= 1.0 }).await;
    let (head, html) = get(&gateway.url("/"), &[PAGE]).await;
    assert!(head.status == 200 && html.contains("the text"), "pages do not wait for it");
    std::fs::create_dir(gateway.dir.path().join("missing")).unwrap();
    counted.counts("bandeau_mechanism_total", &["published"], 1).await;
    assert_eq!(versions(&gateway.dir.path().join("missing")).0, 1);
}

/// Width and height of a PNG (PNG, "IHDR").
fn size(file: &Path) -> (u32, u32) {
    let bytes = std::fs::read(file).unwrap();
    assert_eq!(&bytes[1..4], b"PNG", "{}", file.display());
    let number = |at: usize| u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap());
    (number(16), number(20))
}

#[tokio::test(flavor = "multi_thread")]
async fn pictures_are_of_the_version_that_was_live() {
    let there = Command::new("chromium").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    if !there.is_ok_and(|status| status.success()) {
        eprintln!("NOT TESTED: pictures, because Chromium is not installed (Debian: apt-get install chromium)");
        return;
    }
    let site = Site::page(HTML).await;
    let gateway = Gateway::start(&site.url, CONFIG);
    let dir = gateway.dir.path();
    live(&gateway, 1).await;
    let (old, _) = decide(&gateway, "fr", "accept", "").await;
    reload(&gateway, NEW);
    live(&gateway, 2).await;
    settled(&gateway).await;
    let output = evidence(dir, &["--id", &name(&old), "--output", "old", "--all-languages"]);
    assert_eq!(said(&output).0, 0, "{}", said(&output).1);
    assert_eq!(said(&evidence(dir, &["--version", "--output", "new"])).0, 0);
    for pack in ["old", "new"] {
        for language in ["fr", "en"] {
            let picture = |name: &str| dir.join(format!("{pack}/pictures/{language}-{name}.png"));
            assert_eq!(size(&picture("first-desktop")), (1280, 800));
            assert_eq!(size(&picture("first-phone")), (780, 1688), "390 by 844, two pixels for each");
            assert!(size(&picture("settings-desktop")).0 == 1280 && size(&picture("settings-phone")).0 == 780);
        }
    }
    let bytes = |file: &str| std::fs::read(dir.join(file)).unwrap();
    assert_ne!(
        bytes("old/pictures/fr-first-phone.png"),
        bytes("new/pictures/fr-first-phone.png"),
        "the title is another"
    );
    assert_eq!(bytes("old/pictures/en-first-phone.png"), bytes("new/pictures/en-first-phone.png"));
    assert_eq!(check(&dir.join("new")).0, 0);
    assert!(!dir.join("new/receipt.json").exists() && !dir.join("new/records").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_browser_the_pack_says_so_and_an_interrupted_one_is_not_there() {
    let site = Site::page(HTML).await;
    let gateway = Gateway::start(&site.url, CONFIG);
    let dir = gateway.dir.path();
    live(&gateway, 1).await;
    let (code, told) = said(&evidence(dir, &["--version", "--output", "plain", "--browser", "/nowhere/chromium"]));
    assert!(code == 1 && told.contains("no browser named /nowhere/chromium"), "{code} {told}");
    let index = std::fs::read_to_string(dir.join("plain/index.html")).unwrap();
    assert!(index.contains("Pictures are missing"), "the pack says it too");
    assert_eq!(check(&dir.join("plain")).0, 0, "everything else is there");

    // A browser that never answers, and does not end by itself either.
    let stuck = dir.join("stuck");
    std::fs::write(&stuck, "#!/bin/sh\necho $$ > stuck.pid\nexec sleep 600\n").unwrap();
    std::fs::set_permissions(&stuck, std::fs::Permissions::from_mode(0o755)).unwrap();
    let mut command = Command::new(BANDEAU);
    command.args(["evidence", "--version", "--output", "half", "--browser", "./stuck"]).current_dir(dir);
    let mut process = Process::spawn(command.stderr(Stdio::null()));
    let pid = dir.join("stuck.pid");
    until("the browser was started", || async { std::fs::read_to_string(&pid).is_ok_and(|text| text.ends_with('\n')) })
        .await;
    let status = process.stop();
    assert_eq!(status.code(), Some(2), "it was ended, and says so");
    let pid = std::fs::read_to_string(&pid).unwrap();
    assert!(!Path::new("/proc").join(pid.trim()).exists(), "the browser ended with it");
    let left: Vec<_> = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(!left.iter().any(|name| name.to_string_lossy().contains("half")), "{left:?}");
}
