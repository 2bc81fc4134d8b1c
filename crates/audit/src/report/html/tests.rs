//! The page under foreign words, and before a real browser: nothing a site says may open a tag, nothing is fetched, nothing
//! is wider than a phone, and everything can be read.

use super::*;
use crate::browser::{Browser, Options};
use crate::report::{compare, sample};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::Duration;

/// Every tag with the names of its attributes, in order. Only what stands between `<` and `>` is looked at, so that a letter
/// that slipped through shows as a tag or as an attribute more.
fn skeleton(page: &str) -> Vec<String> {
    let mut out = Vec::new();
    let body = page.replace(STYLE, "").replace(SCRIPT, "");
    for part in body.split('<').skip(1) {
        let (tag, _) = part.split_once('>').expect("a tag is closed");
        let mut shape = String::new();
        for (at, piece) in tag.split('"').enumerate() {
            if at % 2 == 0 {
                shape += piece;
            }
        }
        out.push(shape);
    }
    out
}

/// Whether every element that is opened is closed, in order.
fn balanced(page: &str) {
    let mut open: Vec<String> = Vec::new();
    for tag in skeleton(page) {
        let name: String =
            tag.trim_start_matches('/').chars().take_while(|letter| letter.is_ascii_alphanumeric()).collect();
        match tag {
            _ if tag.starts_with('!') || ["meta", "br", "img"].contains(&&*name) || tag.ends_with('/') => {}
            _ if tag.starts_with('/') => assert_eq!(open.pop(), Some(name), "at {tag}"),
            _ => open.push(name),
        }
    }
    assert!(open.is_empty(), "left open: {open:?}");
}

fn said(text: &str) -> String {
    let newspaper = serde_json::to_string(&sample::newspaper(false, 1)).unwrap();
    let marker = serde_json::to_string(sample::NASTY).unwrap();
    let word = serde_json::to_string(text).unwrap();
    // Where it is a part of a longer text, too.
    let report = newspaper.replace(&marker[1..marker.len() - 1], &word[1..word.len() - 1]);
    html(&Report::parse(report.as_bytes()).unwrap(), None)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn foreign_words_change_no_tag(text in ".{1,200}") {
        // Sorted, as a word may come before or after others in a table.
        let [mut these, mut those] = [skeleton(&said(&text)), skeleton(&said("x"))];
        these.sort_unstable();
        those.sort_unstable();
        prop_assert!(these == those, "{text:?} makes other tags");
    }
}

/// Every text of the format, by the names that lead to it; which of them a site may choose is found out by trying.
fn places(value: &Value, at: &str, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => fields.iter().for_each(|(name, value)| places(value, &format!("{at}/{name}"), found)),
        Value::Array(list) => list.iter().for_each(|value| places(value, &format!("{at}/-"), found)),
        Value::String(_) => _ = found.insert(at.to_owned()),
        _ => {}
    }
}

fn spoil(value: &mut Value, at: &str, which: &BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            fields.iter_mut().for_each(|(name, value)| spoil(value, &format!("{at}/{name}"), which));
        }
        Value::Array(list) => list.iter_mut().for_each(|value| spoil(value, &format!("{at}/-"), which)),
        Value::String(text) if which.contains(at) => *text = sample::NASTY.to_owned(),
        _ => {}
    }
}

#[test]
fn a_report_of_nothing_but_hostile_words_is_harmless() {
    let good = serde_json::to_value(sample::newspaper(true, 1)).unwrap();
    let mut all = BTreeSet::new();
    places(&good, "", &mut all);
    let free: BTreeSet<String> = all
        .into_iter()
        .filter(|place| {
            let mut one = good.clone();
            spoil(&mut one, "", &BTreeSet::from([place.clone()]));
            serde_json::from_value::<Report>(one).is_ok()
        })
        .collect();
    assert!(free.len() > 70, "only {} texts can be chosen", free.len());
    let mut hostile = good.clone();
    spoil(&mut hostile, "", &free);
    let hostile: Report = serde_json::from_value(hostile).unwrap();
    let old = serde_json::from_value(good).unwrap();
    let page = html(&hostile, Some(&compare(&old, &hostile)));
    balanced(&page);
    let known = skeleton(&html(&sample::newspaper(true, 1), Some(&compare(&old, &sample::newspaper(true, 1)))));
    let known: BTreeSet<&str> = known.iter().flat_map(|tag| tag.split_whitespace()).collect();
    for tag in skeleton(&page) {
        for piece in tag.split_whitespace() {
            assert!(known.contains(piece), "{piece:?} in <{tag}>");
        }
    }
}

#[test]
fn every_kind_of_report_is_a_whole_page() {
    let (news, quiet, empty) = (sample::newspaper(true, 2), sample::quiet(), sample::empty());
    for (report, says) in [
        (&news, "breaks 5 of the 9 rules"),
        (&quiet, "No notice was seen on the first page, and no third party is contacted"),
        (&empty, "No page of www.newsroom.example could be looked at"),
    ] {
        for older in [None, Some(&news), Some(&empty)] {
            let comparison = older.map(|older| compare(older, report));
            let page = html(report, comparison.as_ref());
            balanced(&page);
            assert!(page.contains(says), "{says}");
            assert_eq!(page.contains("What changed"), older.is_some());
        }
    }
}

#[test]
fn long_tables_and_many_pictures_are_bounded_and_say_so() {
    let mut report = sample::newspaper(true, 1);
    let cookie = report.audit.runs[0].cookies[0].clone();
    report.audit.runs[0]
        .cookies
        .extend((0..700).map(|at| crate::seen::Cookie { name: format!("c{at}"), ..cookie.clone() }));
    let huge = crate::seen::Picture { data: "A".repeat(PICTURES - 10), ..sample::picture(4, 4, false) };
    report.audit.runs[0].visits[0].picture = Some(huge);
    let page = html(&report, None);
    assert!(page.contains("The first 500 of 704 rows"));
    assert!(page.contains("no more room for pictures"));
    assert!(page.len() < PICTURES + (4 << 20), "{} bytes", page.len());
    let odd = |kind: &str, data: &str| crate::seen::Picture {
        kind: kind.to_owned(),
        data: data.to_owned(),
        width: 1,
        height: 1,
    };
    for picture in [odd("image/svg+xml", "AAAA"), odd("image/png", "AA\" onload=\"x"), odd("image/png", "")] {
        report.audit.runs[0].visits[0].picture = Some(picture);
        assert!(html(&report, None).contains("The picture cannot be shown."));
    }
}

#[test]
fn ten_and_ten_thousand_requests_make_a_picture_of_one_size() {
    let picture = |dense| {
        let page = html(&sample::newspaper(false, dense), None);
        let (_, rest) = page.split_once("<svg class=\"chart\"").unwrap();
        rest.split_once("</svg>").unwrap().0.len()
    };
    let (few, many) = (picture(1), picture(300));
    assert!(many < 60_000, "{many} bytes");
    assert!(few * 2 < many * 3 && few > 3_000, "{few} and {many} bytes");
}

/// What is wrong with the page before a browser: widths, names of parts, contrasts (WCAG 2.2, 1.4.3).
const LOOK: &str = r##"(() => {
  const wrong = [], seen = new Set();
  if (document.documentElement.scrollWidth > innerWidth) wrong.push("wider than the window: " + document.documentElement.scrollWidth);
  for (const one of document.querySelectorAll("[id]")) { if (seen.has(one.id)) wrong.push("twice: " + one.id); seen.add(one.id); }
  for (const one of document.querySelectorAll("a[href^='#']")) if (!seen.has(one.getAttribute("href").slice(1))) wrong.push("leads nowhere: " + one.getAttribute("href"));
  for (const one of document.querySelectorAll("table")) {
    if (!one.caption || !one.caption.textContent) wrong.push("a table without a caption");
    for (const head of one.querySelectorAll("th")) if (!head.scope) wrong.push("a head without a scope: " + head.textContent);
  }
  let level = 0;
  for (const one of document.querySelectorAll("h1,h2,h3,h4")) { const at = +one.tagName[1]; if (at > level + 1) wrong.push("a level left out: " + one.textContent); level = at; }
  for (const one of document.querySelectorAll("img:not([alt]),svg:not([aria-hidden]):not([aria-label]):not([aria-labelledby])")) wrong.push("without a name: " + one.outerHTML.slice(0, 60));
  const numbers = (text) => text.match(/[\d.]+/g).map(Number);
  const light = ([r, g, b]) => { const [x, y, z] = [r, g, b].map((v) => (v /= 255) <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4); return .2126 * x + .7152 * y + .0722 * z; };
  const behind = (one) => { for (; one; one = one.parentElement) { const c = numbers(getComputedStyle(one).backgroundColor); if (c.length < 4 || c[3] > 0) return c; } return [255, 255, 255]; };
  let texts = 0;
  for (const one of document.querySelectorAll("body *")) {
    if (one.closest(".buttons svg,script,style,svg title,svg desc") || ![...one.childNodes].some((n) => n.nodeType === 3 && n.data.trim())) continue;
    const style = getComputedStyle(one), ink = numbers(one.namespaceURI.endsWith("svg") ? style.fill : style.color);
    const [a, b] = [light(ink), light(behind(one))].sort((x, y) => y - x);
    texts++;
    if ((a + .05) / (b + .05) < 4.5) wrong.push("faint: " + one.tagName + " " + one.className + " " + one.textContent.slice(0, 30));
  }
  if (texts < 50) wrong.push("only " + texts + " texts were looked at");
  return wrong.slice(0, 20);
})()"##;

const USE: &str = r##"(() => {
  const box = document.querySelector("#parties .filter input, #cookies .filter input");
  if (!box) return "no filter";
  const rows = [...box.closest("section").querySelectorAll("tbody tr")];
  const left = () => rows.filter((row) => !row.hidden).length;
  const all = left();
  box.value = "c17"; box.dispatchEvent(new Event("input"));
  const some = left();
  box.value = ""; box.dispatchEvent(new Event("input"));
  box.closest("section").querySelector("thead button").click();
  const head = box.closest("section").querySelector("th[aria-sort]");
  return [all, some, left(), head && head.getAttribute("aria-sort")].join(" ");
})()"##;

async fn evaluate(session: &crate::browser::Session, script: &str) -> Value {
    let asked = json!({ "expression": script, "returnByValue": true });
    let said = session.call("Runtime.evaluate", &asked).await.unwrap();
    assert!(said["exceptionDetails"].is_null(), "{}", said["exceptionDetails"]);
    said["result"]["value"].clone()
}

#[tokio::test]
async fn a_browser_finds_nothing_wrong_with_it() {
    let Ok((browser, mut events)) = Browser::start(&Options::default()).await else {
        eprintln!("NOT TESTED: no Chromium here (Debian: apt-get install chromium)");
        return;
    };
    let target = browser.call("Target.createTarget", &json!({ "url": "about:blank" })).await.unwrap();
    let attach = json!({ "targetId": target["targetId"], "flatten": true });
    let attached = browser.call("Target.attachToTarget", &attach).await.unwrap();
    let session = browser.session(attached["sessionId"].as_str().unwrap());
    for domain in ["Log", "Network", "Page", "Runtime"] {
        session.call(&format!("{domain}.enable"), &json!({})).await.unwrap();
    }
    let folder = tempfile::tempdir().unwrap();
    let mut news = sample::newspaper(true, 2);
    let cookie = news.audit.runs[0].cookies[0].clone();
    news.audit.runs[0]
        .cookies
        .extend((0..20).map(|at| crate::seen::Cookie { name: format!("c{at}"), ..cookie.clone() }));
    let comparison = compare(&sample::quiet(), &news);
    for (name, page) in [
        ("news", html(&news, Some(&comparison))),
        ("quiet", html(&sample::quiet(), None)),
        ("empty", html(&sample::empty(), None)),
    ] {
        let file = folder.path().join(format!("{name}.html"));
        std::fs::write(&file, page).unwrap();
        for (width, scheme) in [(360, "light"), (1280, "dark")] {
            let metrics = json!({ "width": width, "height": 800, "deviceScaleFactor": 1, "mobile": false });
            session.call("Emulation.setDeviceMetricsOverride", &metrics).await.unwrap();
            let media = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
            session.call("Emulation.setEmulatedMedia", &media).await.unwrap();
            let url = url::Url::from_file_path(&file).unwrap();
            session.call("Page.navigate", &json!({ "url": url.as_str() })).await.unwrap();
            loaded(&mut events).await;
            let wrong = evaluate(&session, LOOK).await;
            assert_eq!(wrong, json!([]), "{name}, {width}, {scheme}");
        }
        if name == "news" {
            assert_eq!(evaluate(&session, USE).await, json!("24 1 24 ascending"));
        }
    }
}

/// Waits for the page; until then nothing may be fetched but the page and its own pictures, and nothing complained of.
async fn loaded(events: &mut tokio::sync::mpsc::UnboundedReceiver<crate::browser::Event>) {
    let wait = async {
        while let Some(event) = events.recv().await {
            match &*event.method {
                "Network.requestWillBeSent" => {
                    let url = event.params["request"]["url"].as_str().unwrap();
                    assert!(url.starts_with("file:") || url.starts_with("data:"), "{url} was fetched");
                }
                "Log.entryAdded" | "Runtime.exceptionThrown" => panic!("the browser complains: {}", event.params),
                "Page.loadEventFired" => return,
                _ => {}
            }
        }
        panic!("the browser ended");
    };
    tokio::time::timeout(Duration::from_secs(60), wait).await.expect("the page loads");
}

#[test]
fn a_cookie_of_the_site_is_whose_the_judge_says() {
    let mut report = sample::newspaper(false, 1);
    let cell = |report: &Report| {
        let page = html(report, None);
        let (_, row) = page.split_once("<th scope=\"row\"><code>_ga</code>").unwrap();
        row.split_once("</td>").unwrap().0.to_owned()
    };
    assert!(cell(&report).contains("tracker</span><br><small>Google Analytics</small>"), "{}", cell(&report));
    report.judgement.lent.clear();
    assert!(cell(&report).contains("the site</span>"), "{}", cell(&report));
}
