//! The tokenizer tests of html5lib, which every browser's parser passes: what the rewriter reads as a start tag is what
//! they say is one, and none of their inputs hides what stands behind it, at any chunking. The tests are data that lies
//! beside the project; without it these are skipped, and that is said.
#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout)]

mod support;

use lol_html::{HtmlRewriter, Settings, element};
use serde_json::Value;
use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};
use support::{page_plan, run};

/// Where the data lies: where `BANDEAU_DATA` says, or in `shared/data` beside a folder above this one.
#[expect(clippy::disallowed_methods, reason = "tests ask where they run")]
fn data() -> Option<PathBuf> {
    let given = std::env::var("BANDEAU_DATA").ok().map(PathBuf::from);
    let above = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().map(|dir| dir.join("shared/data"));
    let found = given.into_iter().chain(above).map(|dir| dir.join("html5lib-tokenizer")).find(|dir| dir.is_dir());
    assert!(found.is_some() || std::env::var("CI").is_err(), "the tokenizer tests are not there, and CI is set");
    if found.is_none() {
        println!("SKIPPED: html5lib-tokenizer is not there; BANDEAU_DATA says where it is");
    }
    found
}

/// A start tag: its name, and its attributes as they come to stand.
type Tag = (String, BTreeMap<String, String>);

struct Case {
    name: String,
    /// What stands before the input, so that the rewriter is in the state the case begins in.
    before: &'static str,
    input: String,
    tags: Vec<Tag>,
}

/// The escapes of a doubly escaped string undone; nothing where a half of a pair stands alone, which no page in any
/// encoding can contain.
fn unescape(text: &str) -> Option<String> {
    let mut units: Vec<u16> = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find("\\u") {
        units.extend(rest[..at].encode_utf16());
        units.push(u16::from_str_radix(rest.get(at + 2..at + 6)?, 16).ok()?);
        rest = &rest[at + 6..];
    }
    units.extend(rest.encode_utf16());
    String::from_utf16(&units).ok()
}

/// A tag that puts the rewriter into a state: the states the tree builder of a browser puts its tokenizer into.
fn opener(state: &str, last: &str) -> Option<&'static str> {
    match (state, last) {
        ("Data state", _) => Some(""),
        ("PLAINTEXT state", _) => Some("<plaintext>"),
        ("RCDATA state", "" | "title") => Some("<title>"),
        ("RCDATA state", "textarea") => Some("<textarea>"),
        ("RAWTEXT state", "" | "style") => Some("<style>"),
        ("RAWTEXT state", "xmp") => Some("<xmp>"),
        ("Script data state", "" | "script") => Some("<script>"),
        ("CDATA section state", _) => Some("<svg><![CDATA["),
        _ => None,
    }
}

/// Every case once for each state it begins in, and how many are left out for which reason.
fn cases(dir: &Path) -> (Vec<Case>, BTreeMap<&'static str, usize>) {
    let (mut cases, mut left) = (Vec::new(), BTreeMap::new());
    let mut files: Vec<_> = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    for file in files.iter().filter(|file| file.extension().is_some_and(|end| end == "test")) {
        let read: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
        let tests = read["tests"].as_array().or(read["xmlViolationTests"].as_array()).unwrap();
        for test in tests {
            let twice = test["doubleEscaped"].as_bool().unwrap_or_default();
            let text = |value: &Value| {
                let text = value.as_str().unwrap_or_default();
                if twice { unescape(text) } else { Some(text.to_owned()) }
            };
            let tags: Option<Vec<Tag>> = test["output"]
                .as_array()
                .unwrap()
                .iter()
                .filter(|token| token[0] == "StartTag")
                .map(|token| {
                    let all = token[2].as_object().unwrap().iter();
                    let all = all.map(|(name, value)| Some((text(&Value::from(name.as_str()))?, text(value)?)));
                    Some((text(&token[1])?, all.collect::<Option<_>>()?))
                })
                .collect();
            let states = test["initialStates"].as_array().cloned().unwrap_or_else(|| vec!["Data state".into()]);
            for state in states {
                let before = opener(state.as_str().unwrap(), test["lastStartTag"].as_str().unwrap_or_default());
                let (Some(input), Some(tags)) = (text(&test["input"]), tags.clone()) else {
                    *left.entry("half of a surrogate pair, which no page can contain").or_default() += 1;
                    continue;
                };
                let Some(before) = before else {
                    *left.entry("a state no tree builder makes after that tag").or_default() += 1;
                    continue;
                };
                let file = file.file_name().unwrap().to_string_lossy();
                let name = format!("{file}: {} ({state})", test["description"]);
                cases.push(Case { name, before, input, tags });
            }
        }
    }
    (cases, left)
}

/// The start tags the rewriter sees, as the gate reads them: names in lower case, entities decoded, the first of two
/// attributes of one name.
fn tags(pieces: &[&[u8]]) -> Vec<Tag> {
    let mut found = Vec::new();
    // HTML §13.2.3.5 and the null character of §13.2.5: the rewriter leaves both, and neither can be part of an address
    // that names a host.
    let same = |text: String| text.replace("\r\n", "\n").replace('\r', "\n").replace('\0', "\u{fffd}");
    let look = element!("*", |el| {
        let mut all = BTreeMap::new();
        for one in el.attributes() {
            let value = htmlize::unescape_attribute(same(one.value())).into_owned();
            all.entry(same(one.name())).or_insert(value);
        }
        found.push((same(el.tag_name()), all));
        Ok(())
    });
    let mut rewriter =
        HtmlRewriter::new(Settings::new().with_strict(true).append_element_content_handler(look), |_: &[u8]| {});
    for piece in pieces {
        rewriter.write(piece).unwrap();
    }
    rewriter.end().unwrap();
    found
}

fn bytes(text: &str) -> Vec<&[u8]> {
    text.as_bytes().chunks(1).collect()
}

/// Elements whose content the tests read as markup, for they have no tree builder, and browsers as text.
const TEXT: [&str; 10] =
    ["script", "style", "title", "textarea", "xmp", "iframe", "noembed", "noframes", "noscript", "plaintext"];

#[test]
fn start_tags_are_read_as_browsers_read_them() {
    let Some(dir) = data() else { return };
    let (cases, mut left) = cases(&dir);
    let (mut same, mut wrong) = (0, Vec::new());
    for case in &cases {
        if case.tags.iter().any(|(name, _)| TEXT.contains(&name.as_str())) {
            *left.entry("an element whose content is text to browsers").or_default() += 1;
            continue;
        }
        let page = format!("{}{}", case.before, case.input);
        let ours = case.before.matches('<').count().min(1);
        let whole = tags(&[page.as_bytes()]);
        let read = &whole[ours..];
        if read != case.tags {
            wrong.push(format!(
                "{}\n  input    {:?}\n  expected {:?}\n  read     {read:?}",
                case.name, case.input, case.tags
            ));
            continue;
        }
        assert_eq!(whole, tags(&bytes(&page)), "one byte at a time: {}", case.name);
        // Long inputs are many characters of one kind: some cuts tell as much as all.
        for cut in (0..page.len()).step_by(1 + page.len() / 64) {
            let (start, end) = page.as_bytes().split_at(cut);
            assert_eq!(whole, tags(&[start, end]), "cut at {cut}: {}", case.name);
        }
        same += 1;
    }
    println!(
        "tokenizer tests: {same} of {} read alike at every cut, {} otherwise; left out: {left:?}",
        cases.len(),
        wrong.len()
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(same > 6000, "only {same} cases");
}

/// Ends whatever an input may have begun.
const ENDS: &str = "x'>x\">-->]]></title></textarea></style></xmp></iframe></noembed></noframes></noscript></script>\
                    <script></script><!---->";

#[test]
fn no_input_hides_what_stands_around_it() {
    let Some(dir) = data() else { return };
    let (cases, left) = cases(&dir);
    let plan = page_plan(None);
    let (mut clean, mut plain, mut cut, mut seen) = (0, 0, 0, HashSet::new());
    for case in &cases {
        let held = "<img src=//ads.test/x><link rel=preconnect href=//ads.test>";
        let page = format!("<p>{held}{}{}{ENDS}{held}", case.before, case.input);
        if !seen.insert(page.clone()) {
            continue;
        }
        let whole = run(&plan, "text/html; charset=utf-8", &[page.as_bytes()]);
        assert_eq!(whole, run(&plan, "text/html; charset=utf-8", &bytes(&page)), "{}", case.name);
        let Ok((out, _)) = whole else {
            cut += 1;
            continue;
        };
        let out = String::from_utf8(out).unwrap();
        if page.contains("<plaintext>") {
            plain += 1;
        } else {
            assert!(
                !out.contains("src=//ads.test") && !out.contains("href=//ads.test"),
                "{}\n{page:?}\n{out:?}",
                case.name
            );
            clean += 1;
        }
        let again = run(&plan, "text/html; charset=utf-8", &[out.as_bytes()]).unwrap();
        assert_eq!(again.1.held, 0, "{}: something held is left\n{out:?}", case.name);
    }
    println!("as pages: {clean} with nothing held left, {plain} end in plain text, {cut} withheld; left out: {left:?}");
    assert!(clean > 6000, "only {clean} pages");
}
