//! Identifiers that go from the site to others, in every form, and values that are none.

use super::{judged, of};
use crate::fixture::Walk;
use crate::judge::Level;
use crate::seen::{Outcome, Request, Sent, Standing};

const MARK: &str = "a1b2c3d4";

fn share(kept: &str, change: impl FnOnce(&mut Request)) -> Vec<(String, Level)> {
    let walk = Walk::new(Standing::Before)
        .cookie("www.site.test", "visitor", kept)
        .request_as("https://nobody.test/p?a=1", change);
    of(&judged([walk]), "identifier-shared")
}

#[test]
fn it_is_found_wherever_and_however_it_travels() {
    let expected = [("nobody.test".to_owned(), Level::Error)];
    for (how, text) in [
        ("as it is", "a1b2c3d4"),
        ("within a word", "uid_a1b2c3d4_x"),
        ("percent-encoded", "%61%31b2c3d4"),
        ("percent-encoded twice", "%2561%2531b2c3d4"),
        ("Base64", "YTFiMmMzZDQ="),
        ("Base64 within JSON", "eyJpZCI6ImExYjJjM2Q0In0="),
        ("hex", "6131623263336434"),
        ("MD5", "22c14f311a60486b36f79f3bc962be66"),
        ("SHA-1", "28f7fde4c0ae8badc391b5c71819ff59f8444724"),
        ("SHA-256", "7dcf407fa84a0e0519c7991154c4148de0244d7589020c0d9842db9efad82094"),
    ] {
        let url = format!("https://nobody.test/p?id={text}");
        assert_eq!(share(MARK, |request| request.url = url), expected, "{how}, in the address");
        let body = format!("{{\"id\":\"{text}\"}}");
        assert_eq!(share(MARK, |request| request.body = Some(body)), expected, "{how}, in the body");
    }
    let cookie = |request: &mut Request| request.cookies = vec![Sent { name: "uid".into(), value: MARK.into() }];
    assert_eq!(share(MARK, cookie), expected, "in a cookie");
    let part = |request: &mut Request| request.url = "https://nobody.test/?cid=432198765".into();
    assert_eq!(share("GA1.1.432198765.1790000000", part), expected, "a part of a value");
    let whole = |request: &mut Request| request.url = "https://nobody.test/?cid=1234567890.1790000000".into();
    assert_eq!(share("GA1.1.1234567890.1790000000", whole), expected, "a number that looks like a time");
    let walk = Walk::new(Standing::Before)
        .entry("https://www.site.test", "visitor", "{\"id\":\"a1b2c3d4\"}")
        .request("https://nobody.test/?id=a1b2c3d4");
    assert_eq!(of(&judged([walk]), "identifier-shared"), expected, "from a storage");
}

#[test]
fn what_tells_nobody_apart_is_not_shared() {
    for value in ["1790000000", "true", "en-US", "2026-11-22", "1.22.333", "accepted", "20261122", "abcdefgh"] {
        let url = format!("https://nobody.test/p?v={value}");
        assert_eq!(share(value, |request| request.url = url), [], "{value}");
    }
    assert_eq!(share(MARK, |request| request.url = "https://nobody.test/p?id=a1b2c3d5".into()), []);
    assert_eq!(
        share(MARK, |request| request.url = "https://www.site.test/p?id=a1b2c3d4".into()),
        [],
        "the site itself"
    );
    let blocked = |request: &mut Request| {
        request.url = "https://nobody.test/p?id=a1b2c3d4".into();
        request.outcome = Outcome::Blocked("csp".into());
    };
    assert_eq!(share(MARK, blocked), [], "it did not leave");
}

#[test]
fn the_answer_is_no_number_of_the_visitor() {
    let walk = Walk::new(Standing::Before)
        .cookie("www.site.test", "euconsent-v2", "CP1x2y3z4w5v6u7t8s9r")
        .request("https://nobody.test/?gdpr_consent=CP1x2y3z4w5v6u7t8s9r");
    assert_eq!(of(&judged([walk]), "identifier-shared"), []);
}

#[test]
fn what_two_visitors_have_in_common_is_no_number() {
    let walk = |standing, value: &str| {
        Walk::new(standing).cookie("www.site.test", "build", value).request(&format!("https://nobody.test/?v={value}"))
    };
    let same = judged([walk(Standing::Before, MARK), walk(Standing::Gpc, MARK)]);
    assert_eq!(of(&same, "identifier-shared"), []);
    let other = judged([walk(Standing::Before, MARK), walk(Standing::Gpc, "e5f6a7b8")]);
    assert_eq!(of(&other, "identifier-shared").len(), 1);
    let back = judged([walk(Standing::Accepted, MARK), walk(Standing::Withdrawn, MARK)]);
    let errors = of(&back, "identifier-shared").into_iter().filter(|(_, level)| *level == Level::Error);
    assert_eq!(errors.count(), 1, "one visitor, who took it back");
}

#[test]
fn after_an_acceptance_only_others_are_worth_a_note() {
    let to = |url: &str| {
        let walk = Walk::new(Standing::Accepted).cookie("www.site.test", "_count", MARK).request(url);
        of(&judged([walk]), "identifier-shared")
    };
    assert_eq!(to("https://count.test/?id=a1b2c3d4"), [], "its own number");
    assert_eq!(to("https://ads.test/?id=a1b2c3d4"), [("ads.test/accepted".to_owned(), Level::Note)]);
    let early = Walk::new(Standing::Before).cookie("www.site.test", "_count", MARK);
    let early = judged([early.request("https://count.test/?id=a1b2c3d4")]);
    assert_eq!(of(&early, "identifier-shared").len(), 1, "nobody had agreed");
}
