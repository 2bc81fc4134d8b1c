//! One trial: a browser, the servers, and what is asked of them about each batch of pages.

use crate::door;
use crate::driver::Browser;
use crate::mutate::{Dice, shrink};
use crate::server::Servers;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// So many pages are loaded at once.
const FRAMES: usize = 100;

/// Of the pages as they were written, one in so many is loaded too: the control that the recorder works.
const CONTROL: usize = 20;

/// The inputs of html5lib's tokenizer tests, where they lie beside the project.
pub fn inputs() -> &'static [String] {
    static INPUTS: OnceLock<Vec<String>> = OnceLock::new();
    INPUTS.get_or_init(|| {
        #[expect(clippy::disallowed_methods, reason = "tests ask where they run")]
        let given = std::env::var("BANDEAU_DATA").ok().map(PathBuf::from);
        let above = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().map(|dir| dir.join("shared/data"));
        let dir = given.into_iter().chain(above).map(|dir| dir.join("html5lib-tokenizer")).find(|dir| dir.is_dir());
        let files =
            ["test1.test", "test2.test", "test4.test", "domjs.test", "escapeFlag.test", "contentModelFlags.test"];
        let read = |dir: &PathBuf, file: &str| -> Value {
            serde_json::from_str(&std::fs::read_to_string(dir.join(file)).unwrap()).unwrap()
        };
        let tests = |dir: PathBuf| files.map(|file| read(&dir, file)["tests"].as_array().unwrap().clone()).concat();
        let found = dir.map(tests).unwrap_or_default();
        println!("{} inputs of html5lib among the pieces", found.len());
        found.iter().filter_map(|test| test["input"].as_str().map(str::to_owned)).collect()
    })
}

pub struct Trial {
    browser: Browser,
    servers: Servers,
    dice: Dice,
    counts: BTreeMap<&'static str, u64>,
    faults: Vec<String>,
}

fn texts(value: &Value) -> BTreeSet<String> {
    value.as_array().into_iter().flatten().filter_map(|text| text.as_str().map(str::to_owned)).collect()
}

/// Counts pages that lost something that is allowed, without a reason that is known.
const MORE: &str = "held more than they must, without a known reason";

impl Trial {
    pub async fn start() -> Self {
        let servers = Servers::start().await;
        let (site, held, others) = (servers.site, servers.held, servers.others);
        let rules = format!(
            "--host-resolver-rules=MAP page.localhost 127.0.0.1:{site}, MAP page.localhost. 127.0.0.1:{site}, \
             MAP fine.localhost 127.0.0.1:{site}, MAP fine.localhost. 127.0.0.1:{site}, \
             MAP *.localhost 127.0.0.1:{held}, MAP * 127.0.0.1:{others}"
        );
        let browser = Browser::with(&[&rules]).await;
        browser.goto("http://page.localhost/").await;
        Self { browser, servers, dice: Dice(1), counts: BTreeMap::new(), faults: Vec::new() }
    }

    fn count(&mut self, what: &'static str, by: usize) {
        *self.counts.entry(what).or_default() += by as u64;
    }

    /// Rewrites pages whole and cut, and asks everything about them.
    pub async fn pages(&mut self, originals: Vec<String>) {
        let mut embeds = Vec::new();
        let mut rewritten = Vec::new();
        for page in &originals {
            let whole = door::run(page, std::iter::empty());
            let cuts: Vec<usize> = (0..page.len()).map(|_| self.dice.below(12)).collect();
            let parts = door::run(page, cuts.iter().copied());
            assert_eq!(whole, parts, "the chunks {cuts:?} made a difference to {page:?}");
            embeds.push(whole.as_ref().is_ok_and(|(_, tally)| tally.placeholders > 0));
            rewritten.push(whole.ok().map(|(bytes, _)| bytes));
        }
        self.count("pages", originals.len());
        self.count("withheld", rewritten.iter().filter(|page| page.is_none()).count());
        {
            let mut shelf = self.servers.shelf.lock().unwrap();
            (shelf.originals, shelf.rewritten) = (originals, rewritten);
        }
        self.parse(&embeds).await;
        self.load().await;
    }

    /// The trees: nothing held may be left, and what is allowed stays.
    async fn parse(&mut self, embeds: &[bool]) {
        for from in (0..embeds.len()).step_by(200) {
            let to = (from + 200).min(embeds.len());
            let all = self.browser.settle(&format!("compare({from}, {to})")).await;
            for (at, found) in all.as_array().unwrap_or_else(|| panic!("{all}")).iter().enumerate() {
                let at = from + at;
                self.count("that would fetch what is held", usize::from(!texts(&found["before"]["held"]).is_empty()));
                if found["after"].is_null() {
                    continue;
                }
                let held = texts(&found["after"]["held"]);
                if !held.is_empty() {
                    self.fault(at, "held", format!("{held:?}")).await;
                    continue;
                }
                if embeds[at] {
                    self.count("with a placeholder, not compared", 1);
                    continue;
                }
                let (before, after) = (texts(&found["before"]["found"]), texts(&found["after"]["found"]));
                let (original, out) = self.servers.shelf.lock().unwrap().pair(at);
                match reason(&before, &after, &original, &out) {
                    Ok(reason) => self.count(reason, 1),
                    // Too much held is no leak. It is rare, and must stay so: see `close`.
                    Err(difference) if after.is_subset(&before) => {
                        self.count(MORE, 1);
                        println!("held more than it must: {difference}\n    page    {original:?}");
                    }
                    Err(difference) => self.fault(at, "allowed", difference).await,
                }
            }
        }
    }

    async fn frames(&mut self, paths: &[String]) -> (Vec<Value>, crate::server::Record) {
        self.servers.take();
        let found = self.browser.settle(&format!("load({}, 4000)", json!(paths))).await;
        let found = found.as_array().unwrap_or_else(|| panic!("{found}")).clone();
        (found, self.servers.take())
    }

    /// The network: no rewritten page makes a contact; pages as they were do.
    async fn load(&mut self) {
        let count = self.servers.shelf.lock().unwrap().originals.len();
        for from in (0..count).step_by(FRAMES) {
            let range = from..(from + FRAMES).min(count);
            let paths: Vec<String> = range.clone().map(|at| format!("/d/{at}")).collect();
            let (found, record) = self.frames(&paths).await;
            for (at, found) in range.zip(&found) {
                let held = texts(&found["held"]);
                if !held.is_empty() {
                    self.fault(at, "live", format!("{held:?}")).await;
                }
            }
            if record.connections > 0 {
                self.blame(&paths, record).await;
            }
        }
        let control: Vec<String> = (0..count).step_by(CONTROL).map(|at| format!("/o/{at}")).collect();
        for paths in control.chunks(FRAMES) {
            let (_, record) = self.frames(paths).await;
            self.count("control: pages loaded as they were", paths.len());
            self.count("control: contacts they made", usize::try_from(record.connections).unwrap());
        }
        println!("{} pages, {} faults", self.counts["pages"], self.faults.len());
        // What these still have under way is not the next batch's.
        self.browser.linger().await;
        self.servers.take();
    }

    /// Finds out which of these pages made a contact. The browser has business of its own now and then, so a page is to
    /// blame that does it twice, and a batch that does it twice without one is a fault too.
    async fn blame(&mut self, paths: &[String], record: crate::server::Record) {
        let mut guilty = false;
        for path in paths {
            let alone = std::slice::from_ref(path);
            if self.frames(alone).await.1.connections == 0 {
                continue;
            }
            let (_, record) = self.frames(alone).await;
            if record.connections > 0 {
                guilty = true;
                let at: usize = path.trim_start_matches("/d/").parse().unwrap();
                self.fault(at, "contact", record.seen.join(" | ")).await;
            }
        }
        if !guilty && self.frames(paths).await.1.connections > 0 {
            self.count("faults", 1);
            self.faults.push(format!("contacts by none of a batch alone: {:?}", record.seen));
        } else if !guilty {
            self.count("contacts that were not made again by the same pages", 1);
            println!("not made again: {:?}", record.seen);
        }
    }

    /// Notes a page that fails, made as small as it gets.
    async fn fault(&mut self, at: usize, what: &'static str, detail: String) {
        self.count("faults", 1);
        if self.faults.len() >= 25 {
            return;
        }
        let page = self.servers.shelf.lock().unwrap().originals[at].clone();
        let small = if what == "contact" {
            page.clone()
        } else {
            let browser = &self.browser;
            shrink(&page, async |html: &str| fails(browser, html, what).await).await
        };
        let out = door::run(&small, std::iter::empty()).map(|(out, _)| String::from_utf8_lossy(&out).into_owned());
        let fault = format!("{what}: {detail}\n    page    {small:?}\n    written {out:?}");
        println!("{fault}");
        self.faults.push(fault);
    }

    /// Says what was counted; fails when anything was wrong.
    pub async fn close(self) {
        self.browser.close().await;
        for (what, count) in &self.counts {
            println!("  {count:>8} {what}");
        }
        assert!(self.faults.is_empty(), "{} faults", self.faults.len());
        let more = self.counts.get(MORE).copied().unwrap_or_default();
        assert!(more * 1000 <= self.counts["pages"], "{more} damaged pages lost something that is allowed");
        let control = self.counts.get("control: contacts they made").copied().unwrap_or_default();
        assert!(control > 0, "the recorder saw nothing of pages as they were");
    }
}

/// Why the allowed loads of a page are what they are after rewriting.
///
/// # Errors
/// When nothing explains the difference.
fn reason(
    before: &BTreeSet<String>,
    after: &BTreeSet<String>,
    original: &str,
    out: &str,
) -> Result<&'static str, String> {
    let (lost, new): (Vec<_>, Vec<_>) = (before.difference(after).collect(), after.difference(before).collect());
    if lost.is_empty() && new.is_empty() {
        return Ok("whose allowed loads are the same");
    }
    // Found only inside of what is kept or dropped whole: where it cannot be read safely, it is dropped.
    let whole = ["noscript: ", "srcdoc: ", "data: ", "svg style: ", "rules "];
    let part = |text: &&String| whole.iter().any(|start| text.starts_with(start));
    if new.is_empty() && lost.iter().all(part) {
        return Ok("explained: a part that cannot be read safely was dropped whole");
    }
    // An address with escapes after `@import` is judged as the browser's look ahead reads it too.
    if new.is_empty() && lost.iter().all(|text| part(text) || text.starts_with("import ")) && original.contains('\\') {
        return Ok("explained: an @import that reads as a held address where escapes are not known");
    }
    // Without its late base, what it would have moved to a held host stays on the site.
    let lower = (original.to_ascii_lowercase(), out.to_ascii_lowercase());
    if out.contains("data-bandeau-href") && lower.0.contains("<base") {
        return Ok("explained: a held base was taken out, so relative addresses lead elsewhere, where they may");
    }
    // What may be SVG is read in both ways, and nothing held may be in either.
    let sheet = |text: &&String| part(text) || text.starts_with("css ") || text.starts_with("import ");
    if new.is_empty() && lost.iter().all(sheet) && (lower.0.contains("<svg") || lower.0.contains("<math")) {
        return Ok("explained: a style sheet that may stand in SVG was held in one of two readings");
    }
    if new.is_empty() && (lower.0.contains("'=") || lower.0.contains("\"=")) {
        return Ok("explained: an element with an attribute that begins with = was taken out whole");
    }
    let imports = |text: &&String| text.contains("import ");
    if out.contains("@held") && lost.iter().all(imports) && new.iter().all(imports) {
        return Ok("explained: an @import inside of a text was taken for one, as browsers do that look ahead");
    }
    // What does not end inside of it would, without script, have swallowed what follows.
    if empty(&lower.1) > empty(&lower.0) {
        return Ok("explained: an unfinished noscript was emptied, and what follows it stands");
    }
    // A second body gives the first what it has not; an address that was taken from it is one of these.
    if lost.is_empty() && new.iter().all(|text| text.starts_with("body.background ")) {
        return Ok("explained: a held background was taken out, and that of a second body counts");
    }
    if new.is_empty() && original.contains('\u{feff}') {
        return Ok("explained: an address after a byte order mark was held, though it leads nowhere");
    }
    Err(format!("lost {lost:?}, new {new:?}"))
}

/// How many `<noscript>` in a page, in lower case, hold nothing.
fn empty(page: &str) -> usize {
    let starts = page.match_indices("<noscript").map(|(at, _)| &page[at + "<noscript".len()..]);
    let inside = |rest: &'_ str| rest.split_once("</noscript").map_or(rest.len(), |(inside, _)| inside.len());
    starts.filter(|rest| rest.find('>').is_some_and(|at| at + 1 == inside(rest))).count()
}

/// Whether a page fails in the same way when only its tree is looked at.
async fn fails(browser: &Browser, html: &str, what: &str) -> bool {
    let Ok((out, tally)) = door::run(html, std::iter::empty()) else { return false };
    let out = json!(String::from_utf8_lossy(&out));
    let found = browser.run(&format!("return [parse({}), parse({out})]", json!(html))).await;
    let held = !texts(&found[1]["held"]).is_empty();
    if what == "allowed" {
        let (before, after) = (texts(&found[0]["found"]), texts(&found[1]["found"]));
        !held && tally.placeholders == 0 && reason(&before, &after, html, out.as_str().unwrap_or_default()).is_err()
    } else {
        held
    }
}
