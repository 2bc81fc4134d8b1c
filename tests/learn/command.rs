//! `bandeau learn` on the command line: what it begins, what it refuses, what it leaves alone.

use crate::newsroom::bandeau;

const SEEN: &str = r#"{"format":1,"hosts":{"ads.strange.test":{"count":2,"kinds":{"script":2},"by":{},"pages":{"/":2}},
    "cdn.matomo.cloud":{"count":1,"kinds":{"script":1},"by":{},"pages":{"/":1}}},
    "cookies":{"lang":{"count":1,"kinds":{"set":1},"by":{},"pages":{"/":1}}},"storage":{},"left":0}"#;

#[test]
fn a_configuration_is_begun_checked_and_grown() {
    let dir = tempfile::tempdir().unwrap();
    let read = || std::fs::read_to_string(dir.path().join("bandeau.toml")).unwrap();
    std::fs::write(dir.path().join("one.json"), SEEN).unwrap();
    let (code, said) = bandeau(dir.path(), &["learn", "one.json"]);
    assert!(code == 2 && said.contains("--site"), "{said}");
    let begin = ["learn", "one.json", "--site", "https://www.example.org/"];
    let (code, said) = bandeau(dir.path(), &[&begin[..], &["--dry-run"]].concat());
    assert!(code == 0 && said.contains("www.example.org"), "{said}");
    assert!(!dir.path().join("bandeau.toml").exists(), "a dry run writes nothing");
    let (code, said) = bandeau(dir.path(), &begin);
    assert_eq!(code, 0, "{said}");
    assert!(read().contains("use = \"matomo-cloud\"") && read().contains("\"ads.strange.test\""), "{}", read());
    let (code, said) = bandeau(dir.path(), &["check", "--no-dns"]);
    assert!(code == 0 && said.contains("HEED: service unsorted-names is not sorted"), "{said}");
    // Another node saw something else: the sum of both.
    std::fs::write(dir.path().join("two.json"), SEEN.replace("ads.strange", "cdn.strange")).unwrap();
    let (_, said) = bandeau(dir.path(), &["learn", "one.json", "two.json", "--out", "next.toml"]);
    assert!(!read().contains("cdn.strange.test"), "{said}");
    let next = std::fs::read_to_string(dir.path().join("next.toml")).unwrap();
    assert!(next.contains("    \"cdn.strange.test\",\n"), "{said}\n{next}");
    assert_eq!(next.matches("\nid = \"strange-test\"").count(), 1);
}

#[test]
fn what_cannot_be_read_is_not_written() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("bandeau.toml");
    std::fs::write(dir.path().join("one.json"), SEEN).unwrap();
    for text in ["listen = [", "upstream = \"http://127.0.0.1:1\"\nstray = 1\n"] {
        std::fs::write(&file, text).unwrap();
        let (code, said) = bandeau(dir.path(), &["learn", "one.json"]);
        assert!(code == 2 && said.contains("nothing was written") && said.contains("bandeau.toml:"), "{said}");
        assert_eq!(std::fs::read_to_string(&file).unwrap(), text);
    }
    for (name, text) in [("bad.json", "{}"), ("other.json", "{\"format\":9}"), ("text.json", "no")] {
        std::fs::write(dir.path().join(name), text).unwrap();
        let (code, said) = bandeau(dir.path(), &["learn", name, "--config", "none.toml", "--site", "a.test"]);
        assert!(code == 2 && said.contains(name), "{said}");
    }
}
