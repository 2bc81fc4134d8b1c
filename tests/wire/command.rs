//! The commands an operator runs, and the signal that reads the configuration again.

use crate::raw::{PAGE, shown, until};
use crate::site::Site;
use crate::support::{BANDEAU, CONFIG, Gateway, get, notice};
use std::path::Path;
use std::process::{Command, Output};

fn run(dir: &Path, args: &[&str]) -> Output {
    Command::new(BANDEAU).args(args).current_dir(dir).output().unwrap()
}

fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn err(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn what_init_writes_is_what_check_likes() {
    let dir = tempfile::tempdir().unwrap();
    let init = run(dir.path(), &["init", "mine.toml"]);
    assert_eq!(init.status.code(), Some(0), "{}", err(&init));
    assert!(out(&init).contains("mine.toml"));
    let check = run(dir.path(), &["check", "--no-dns", "--config", "mine.toml"]);
    assert_eq!(check.status.code(), Some(0), "{}{}", out(&check), err(&check));
    assert!(out(&check).contains("nothing is wrong"));

    std::fs::write(dir.path().join("mine.toml"), "my own words").unwrap();
    let again = run(dir.path(), &["init", "mine.toml"]);
    assert_eq!(again.status.code(), Some(2));
    assert!(err(&again).contains("there already"), "{}", err(&again));
    assert_eq!(std::fs::read_to_string(dir.path().join("mine.toml")).unwrap(), "my own words");
}

#[test]
fn a_theme_nobody_can_read_is_found() {
    let dir = tempfile::tempdir().unwrap();
    let check = |more: &str| {
        std::fs::write(dir.path().join("bandeau.toml"), format!("{BARE}{more}")).unwrap();
        let check = run(dir.path(), &["check", "--no-dns"]);
        (check.status.code(), out(&check))
    };
    let (code, said) = check("[theme]\nlight = { button = \"#9ad\" }\n");
    assert_eq!(code, Some(1), "{said}");
    assert!(
        said.contains(":11:1: theme.light: label on button has a contrast of") && said.contains("at least 4.5"),
        "{said}"
    );
    let (code, said) = check("[theme]\nlayout = \"card\"\nlight = { button = \"#0a4b78\" }\nlogo = \"/logo.svg\"\n");
    assert_eq!(code, Some(0), "{said}");
    for (wrong, says) in [
        ("[theme]\nlayout = \"wall\"\n", "\"bar\", \"card\" or \"dialog\""),
        ("[theme]\nlogo = \"https://cdn.test/x.svg\"\n", "path on the site"),
        ("[theme]\nlight = { glow = \"#fff\" }\n", "paper, ink"),
        ("[theme]\nfont = \"x;}\"\n", "list of fonts"),
        ("[texts.en.notice]\nacept = \"Yes\"\n", "texts.en.notice.acept"),
        ("[texts.en.notice]\naccept = \"Yes {you}\"\n", "{you}"),
        ("[texts.tlh.notice]\naccept = \"luq\"\n", "not a language we speak"),
    ] {
        let (code, said) = check(wrong);
        assert!(code == Some(1) && said.contains(says), "{wrong}: {said}");
    }
}

const BARE: &str = r#"listen = "127.0.0.1:1"
upstream = "http://127.0.0.1:2"

[site]
name = "Test"
hosts = ["www.test.example"]
controller = "Tests"
privacy = "/privacy"
languages = ["en"]

"#;

/// Each line that is wrong says so.
const TEN: &str = r##"listen = "here"
upstream = "ftp://127.0.0.1:21/"
colour = "green"

[site]
name = "Test"
hosts = ["https://127.0.0.1"]
controller = "Tests"
privacy = "privacy"
languages = ["tlh"]
country = "France"

[book]
keep = "2y"

[limits]
answer = "soon"
header_bytes = 3

[[service]]
id = "forum"
purpose = "social"
hosts = ["*.co.uk"]
"##;

#[test]
fn all_mistakes_are_named_at_once() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("bandeau.toml"), TEN).unwrap();
    let check = run(dir.path(), &["check", "--config", "bandeau.toml"]);
    let text = out(&check);
    assert_eq!(check.status.code(), Some(1), "{text}");
    let wrong = [1, 2, 3, 7, 9, 10, 11, 14, 17, 18, 23];
    for line in wrong {
        let named = text.lines().filter(|said| said.starts_with(&format!("bandeau.toml:{line}:"))).count();
        assert_eq!(named, 1, "line {line}: {text}");
    }
    assert_eq!(text.lines().filter(|said| said.starts_with("bandeau.toml:")).count(), wrong.len(), "{text}");
    assert!(text.contains("\"colour\" is not a key"), "{text}");

    let serve = run(dir.path(), &["serve", "--config", "bandeau.toml"]);
    assert_eq!(serve.status.code(), Some(2));
    for line in wrong {
        assert!(err(&serve).contains(&format!("bandeau.toml:{line}:")), "line {line}: {}", err(&serve));
    }
    assert!(!dir.path().join("bandeau.db").exists() && !dir.path().join("bandeau.key").exists());
}

#[test]
fn keys_nobody_knows_are_named_wherever_they_are() {
    let dir = tempfile::tempdir().unwrap();
    for (after, more, wrong) in [
        ("", "colour = 1", "colour = 1"),
        ("name = \"Test\"", "colour = 1", "colour = 1"),
        ("id = \"forum\"", "host = [\"a.test\"]", "host = [\"a.test\"]"),
        ("id = \"comments\"", "route = \"/comments\"", "route = \"/comments\""),
        ("cookies = [\"_ad\"]", "[colours]\nred = 1", "[colours]"),
        ("cookies = [\"_ad\"]", "[book]\nshop = 1", "shop = 1"),
    ] {
        let text = format!("upstream = \"http://127.0.0.1:1\"\n{CONFIG}");
        let text = text.replacen(&format!("{after}\n"), &format!("{after}\n{more}\n"), 1);
        let line = text.lines().position(|line| line == wrong).unwrap() + 1;
        std::fs::write(dir.path().join("bandeau.toml"), &text).unwrap();
        let check = run(dir.path(), &["check", "--config", "bandeau.toml"]);
        let said = out(&check);
        assert_eq!(check.status.code(), Some(1), "{wrong}: {said}");
        assert!(said.contains(&format!("bandeau.toml:{line}:")), "{wrong}, in line {line}: {said}");
        let key = wrong.trim_matches(['[', ']']).split(' ').next().unwrap();
        assert!(said.contains(key), "{key}: {said}");
    }
}

#[test]
fn a_file_that_is_not_there_says_how_to_get_one() {
    let dir = tempfile::tempdir().unwrap();
    for verb in ["check", "serve"] {
        let output = run(dir.path(), &[verb, "--config", "none.toml"]);
        assert_eq!(output.status.code(), Some(2), "{verb}");
        assert!(err(&output).contains("bandeau init none.toml"), "{verb}: {}", err(&output));
    }
    let output = run(dir.path(), &["export", "--store", "sqlite:none.db"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(!dir.path().join("none.db").exists(), "reading makes no store");
}

fn hang_up(gateway: &Gateway) {
    let status = Command::new("kill").args(["-HUP", &gateway.process.0.id().to_string()]).status().unwrap();
    assert!(status.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signal_swaps_the_policy_and_a_broken_file_keeps_it() {
    let site = Site::page("<!doctype html><title>t</title><p>x").await;
    let gateway = Gateway::start(&site.url, CONFIG);
    let file = gateway.dir.path().join("bandeau.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    let before = shown(&gateway).await;
    assert_eq!(get(&gateway.url("/news"), &[PAGE]).await.0.status, 200);

    let more = "\n[[feature]]\nid = \"news\"\nneeds = [\"advertising\"]\nroutes = [\"GET /news\"]\n";
    std::fs::write(&file, text.replace("Tests", "Others") + more).unwrap();
    hang_up(&gateway);
    until("the new policy is in force", || async { get(&gateway.url("/news"), &[PAGE]).await.0.status == 403 }).await;
    let after = shown(&gateway).await;
    assert_ne!(before, after, "another notice is put");

    std::fs::write(&file, "upstream = 3\nnonsense = true\n").unwrap();
    hang_up(&gateway);
    until("the broken file is noticed", || async { gateway.log().contains("the configuration that runs is kept") })
        .await;
    let log = gateway.log();
    assert!(log.contains("bandeau.toml:1:") && log.contains("bandeau.toml:2:"), "{log}");
    let (head, html) = get(&gateway.url("/"), &[PAGE]).await;
    assert_eq!((head.status.as_u16(), notice(&html)), (200, after));
    assert_eq!(get(&gateway.url("/news"), &[PAGE]).await.0.status, 403);
}

#[test]
fn the_catalogue_is_searched_and_shown() {
    let dir = tempfile::tempdir().unwrap();
    let all = run(dir.path(), &["services"]);
    assert_eq!(all.status.code(), Some(0));
    let (all, lines) = (out(&all), out(&all).lines().count());
    assert!(lines > 150, "{lines} lines");
    let column = all.lines().next().unwrap().find("CATEGORY").unwrap();
    let matomo = all.lines().find(|line| line.starts_with("matomo ")).unwrap();
    assert_eq!(&matomo[column..column + 8], "audience", "columns stand under their heads: {matomo}");

    // A name typed whole is meant, although it occurs elsewhere too.
    let whole = out(&run(dir.path(), &["services", "Matomo"]));
    for part in ["use = \"matomo\"", "_pk_id.*", "13 months", "/matomo.php", "source", "checked", "matomo-cloud"] {
        assert!(whole.contains(part), "{part}: {whole}");
    }
    // What one entry alone has shows it whole: here, a host.
    let tube = out(&run(dir.path(), &["services", "youtube-nocookie"]));
    assert!(tube.contains("use = \"youtube\""), "{tube}");
    // A category is a table.
    let paid = out(&run(dir.path(), &["services", "PAYMENT"]));
    assert!(paid.lines().count() > 3 && paid.lines().any(|line| line.starts_with("stripe ")), "{paid}");

    let none = run(dir.path(), &["services", "matommo"]);
    assert_eq!(none.status.code(), Some(1));
    assert!(out(&none).contains("near it: matomo"), "{}", out(&none));
}

#[test]
fn the_catalogue_is_read_by_machines() {
    let dir = tempfile::tempdir().unwrap();
    let output = run(dir.path(), &["services", "--json", "matomo"]);
    let found: serde_json::Value = serde_json::from_str(&out(&output)).unwrap();
    let matomo = found.as_array().unwrap().iter().find(|one| one["use"] == "matomo").unwrap();
    assert_eq!(matomo["cookies"]["_pk_id.*"], "13 months");
    assert_eq!(matomo["purposes"], serde_json::json!(["audience"]));
    let none = run(dir.path(), &["services", "--json", "zzzzzz"]);
    assert_eq!((out(&none).trim(), none.status.code()), ("[]", Some(1)));
}

/// Names in both forms, and what is wrong with each.
const NAMES: &str = r#"upstream = "http://127.0.0.1:81"
[site]
name = "Test"
hosts = ["127.0.0.1"]
controller = "Tests"
privacy = "/privacy"
[[service]]
id = "a"
purpose = "social"
cookies = { "good" = "13 months", "bad name" = "1 day" }
storage = ["fine", "b d"]
[[service]]
id = "b"
purpose = "social"
cookies = "neither"
[[service]]
id = "c"
purpose = "social"
category = "social"
source = "https://example.org/"
checked = "2026-01-01"
samples = { match = [], miss = [] }
[[service]]
use = "matommo"
"#;

#[test]
fn names_and_times_are_blamed_where_they_stand() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("bandeau.toml"), NAMES).unwrap();
    let check = run(dir.path(), &["check", "--no-dns"]);
    let text = out(&check);
    assert_eq!(check.status.code(), Some(1), "{text}");
    for said in [
        "bandeau.toml:10:35: service.cookies: \"bad name\" is not a name",
        "bandeau.toml:11:20: service.storage: \"b d\" is not a name",
        "bandeau.toml:15:11: service: invalid type: string \"neither\", expected a list of names, or a table of names",
        "bandeau.toml:19:12: service.category: belongs to the catalogue",
        "bandeau.toml:20:10: service.source: belongs to the catalogue",
        "bandeau.toml:21:11: service.checked: belongs to the catalogue",
        "bandeau.toml:22:11: service.samples: belongs to the catalogue",
        "bandeau.toml:24:7: service.use: \"matommo\" is not in the catalogue",
    ] {
        assert!(text.lines().any(|line| line.starts_with(said)), "{said}: {text}");
    }
    assert!(text.contains("such as matomo"), "{text}");
}
