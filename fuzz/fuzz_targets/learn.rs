//! Reports, lists of names, notebooks and audits of any bytes: nothing panics, what is noted stays bounded, is written as it
//! reads again, and a draft made of it is TOML in which nothing seen became a key or ended a line.
#![no_main]

use bandeau_learn::gather::{self, Hints};
use bandeau_learn::sort::{Known, sort};
use bandeau_learn::{Notebook, draft, report};
use libfuzzer_sys::fuzz_target;

const FILE: &str = "# A person's.\n[[service]]\nid = \"own\"\ncookies = [\"session\"]\n";
const KINDS: [&str; 3] = ["application/csp-report", "application/reports+json", "application/json"];

fuzz_target!(|data: &[u8]| {
    let mut book = Notebook::default();
    for kind in KINDS {
        if let Ok(sights) = report::read(kind, data, |host| host == "news.test") {
            sights.iter().for_each(|sight| book.note(sight));
        }
    }
    let text = String::from_utf8_lossy(data);
    if let Ok(read) = Notebook::read(&text) {
        book.merge(&read);
    }
    if let Ok((read, _)) = gather::read(&text) {
        book.merge(&read);
    }
    let written = book.text().unwrap();
    assert!(written.len() < 4 << 20);
    assert_eq!(Notebook::read(&written).unwrap(), book, "written as it reads again");
    drafted(&book);
});

fn drafted(book: &Notebook) {
    let known = Known { entries: &[], exempt: &[] };
    let once = draft::merge(FILE, &sort(book, &known, &Hints::new()), "seen", &[]).unwrap();
    assert!(once.text.starts_with(FILE), "a person's words stay");
    let tables = |text: &str| text.lines().filter(|line| line.starts_with("[[service]]")).count();
    let added = once.added.len();
    assert_eq!(tables(&once.text), 1 + added, "one table for each that was added: {}", once.text);
    let twice = draft::merge(&once.text, &sort(book, &known, &Hints::new()), "seen", &[]).unwrap();
    assert_eq!(twice.text, once.text, "twice is once");
}
