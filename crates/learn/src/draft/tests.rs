//! What a draft does to a file: nothing of a person's changes, nothing is offered twice, and what nobody touched grows.

use super::*;
use crate::gather::Hints;
use crate::notebook::{Notebook, Sight, What};
use crate::sort::{Known, sort};

const FILE: &str = "# My own words.\nlisten = \"127.0.0.1:1\" # here\n\n[site]\nlanguages = [ \"fr\" ]\n\n[policy]\nunknown = \"learn\" # for a week\n\n# Ours\n[[service]]\nid = \"own\"\npurpose = \"technical\"\ncookies = [\"session\"]\n";

fn book(sights: &[(What, Option<&str>)]) -> Notebook {
    let mut book = Notebook::default();
    for (what, by) in sights {
        let by = by.map(str::to_owned);
        book.note(&Sight { what: what.clone(), kind: "script".into(), by, page: Some("/".into()) });
    }
    book
}

fn host(name: &str) -> (What, Option<&'static str>) {
    (What::Host(name.into(), "/a.js".into()), None)
}

fn learn(text: &str, sights: &[(What, Option<&str>)]) -> Merged {
    learn_with(text, sights, &[])
}

fn learn_with(text: &str, sights: &[(What, Option<&str>)], exempt: &[String]) -> Merged {
    let sorted = sort(&book(sights), &Known { entries: &[], exempt }, &Hints::new());
    merge(text, &sorted, "learned.json", exempt).unwrap()
}

fn first() -> Vec<(What, Option<&'static str>)> {
    vec![
        host("ads.strange.test"),
        (What::Cookie("st_id".into()), Some("ads.strange.test")),
        (What::Cookie("lang".into()), None),
    ]
}

#[test]
fn a_draft_stands_beside_what_was_there_and_twice_is_once() {
    let once = learn(FILE, &first());
    let kept = FILE.replace("\"learn\"", "\"hold\"");
    assert!(once.text.starts_with(&kept), "{}", once.text);
    let doc: DocumentMut = once.text.parse().unwrap();
    let services = doc["service"].as_array_of_tables().unwrap();
    assert_eq!(services.len(), 3);
    assert_eq!(services.get(1).unwrap()["purpose"].as_str(), Some("advertising"));
    assert_eq!(services.get(1).unwrap()["cookies"].as_array().unwrap().len(), 1);
    assert!(doc["purpose"].as_array_of_tables().unwrap().get(0).unwrap().contains_key("fr"));
    assert!(!once.text.contains("[purpose.en]"), "the site speaks French alone");
    assert_eq!(once.asks.len(), 2);
    let twice = learn(&once.text, &first());
    assert_eq!(twice.text, once.text);
    assert!(twice.added.is_empty() && twice.left.is_empty(), "{twice:?}");
}

#[test]
fn what_nobody_touched_grows_and_stays_untouched() {
    let once = learn(FILE, &first());
    let mut more = first();
    more.extend([host("b.strange.test"), (What::Cookie("st_two".into()), Some("b.strange.test"))]);
    let grown = learn(&once.text, &more);
    let doc: DocumentMut = grown.text.parse().unwrap();
    let table = doc["service"].as_array_of_tables().unwrap().get(1).unwrap().clone();
    assert_eq!(table["hosts"].as_array().unwrap().len(), 2, "{}", grown.text);
    assert_eq!(table["cookies"].as_array().unwrap().len(), 2);
    more.push(host("c.strange.test"));
    let again = learn(&grown.text, &more);
    assert!(again.text.contains("\n    \"c.strange.test\",\n"), "{}", again.text);
    assert_eq!(learn(&again.text, &more).text, again.text);
}

#[test]
fn what_a_person_edited_renamed_or_deleted_stays_so() {
    let once = learn(FILE, &first());
    let mut more = first();
    more.push(host("b.strange.test"));
    // Edited: another purpose.
    let edited = once.text.replace("\"advertising\"", "\"audience-plus\"");
    let after = learn(&edited, &more);
    assert!(after.text.contains("# bandeau learn: to be added to hosts? \"b.strange.test\""), "{}", after.text);
    assert!(!after.text.contains("\n    \"b.strange.test\""));
    assert_eq!(without_learn(&after.text).len(), without_learn(&edited).len() + 1, "one line more and no other");
    assert_eq!(learn(&after.text, &more).text, after.text, "offered once");
    // Renamed: found by its domain.
    let renamed = once.text.replace("id = \"strange-test\"", "id = \"my-ads\"");
    let after = learn(&renamed, &more);
    assert!(after.text.contains("to be added to hosts? \"b.strange.test\""), "{}", after.text);
    assert_eq!(after.text.matches("\n[[service]]").count(), 3);
    // Deleted, with its comments.
    let start = once.text.find("\n# strange.test, found in").unwrap();
    let end = start + once.text[start..].find("[[service]]").unwrap();
    let end = end + once.text[end + 5..].find("\n# ").unwrap() + 5;
    let deleted = format!("{}{}", &once.text[..start], &once.text[end..]);
    let after = learn(&deleted, &more);
    assert_eq!(after.text.matches("\n[[service]]").count(), 2, "{}", after.text);
    assert_eq!(after.left.len(), 1, "and it is said: {after:?}");
    assert_eq!(learn(&after.text, &more).text, after.text);
}

/// The lines before what the draft remembers.
fn without_learn(text: &str) -> Vec<&str> {
    text.split("\n[learn]").next().unwrap().lines().collect()
}

#[test]
fn a_name_a_person_took_out_of_a_list_does_not_come_back() {
    let once = learn(FILE, &first());
    let at = once.text.find("    \"lang\",\n").unwrap();
    let taken = format!("{}{}", &once.text[..at], &once.text[at + "    \"lang\",\n".len()..]);
    assert_eq!(learn(&taken, &first()).text, taken);
}

#[test]
fn a_file_that_cannot_be_read_is_not_written() {
    assert!(matches!(merge("a = [", &[], "x", &[]), Err(BadFile::Toml(_))));
    assert!(matches!(merge("service = []", &[], "x", &[]), Err(BadFile::Shape("service", _))));
    let read = merge("[policy]\nunknown = \"pass\"\n", &[], "x", &[]).unwrap();
    assert_eq!(read.text, "[policy]\nunknown = \"pass\"\n", "what a person lets pass is theirs to decide");
}

#[test]
fn a_table_that_became_exempt_does_not_grow() {
    let once = learn(FILE, &first());
    let mut more = first();
    more.push(host("b.strange.test"));
    let after = learn_with(&once.text, &more, &["advertising".to_owned()]);
    assert!(!after.text.contains("\n    \"b.strange.test\""), "{}", after.text);
    assert!(after.text.contains("to be added to hosts? \"b.strange.test\""), "{}", after.text);
    let unsorted = ["unsorted".to_owned()];
    assert!(matches!(merge(FILE, &[], "x", &unsorted), Err(BadFile::Exempt)));
}

#[test]
fn a_comment_behind_the_last_item_stays() {
    let once = learn(FILE, &first());
    let last = "    \"ads.strange.test\",\n";
    assert!(once.text.contains(last), "{}", once.text);
    let mine = once.text.replace(last, "    \"ads.strange.test\", # Jo asked for it\n    # ask Kim\n");
    let mine = mine.replace("\n]\n[learn.wrote]", " # mine\n]\n[learn.wrote]");
    let mut more = first();
    more.push(host("b.strange.test"));
    let grown = learn(&mine, &more);
    for kept in
        ["\"ads.strange.test\", # Jo asked for it\n    # ask Kim\n    # ", " # mine\n    \"host b.strange.test\""]
    {
        assert!(grown.text.contains(kept), "{kept} in {}", grown.text);
    }
    assert!(grown.text.contains("\n    \"b.strange.test\",\n]"), "{}", grown.text);
    assert_eq!(learn(&grown.text, &more).text, grown.text);
}

#[test]
fn many_hosts_of_one_domain_are_the_domain() {
    let sights: Vec<_> = ["a", "b", "c", "d", "e"].iter().map(|name| host(&format!("{name}x.many.test"))).collect();
    let once = learn(FILE, &sights);
    assert!(
        once.text.contains("    \"*.many.test\",\n") && !once.text.contains("    \"ax.many.test\""),
        "{}",
        once.text
    );
    assert_eq!(learn(&once.text, &sights).text, once.text);
}
