//! One pass: every vector in a tab of its own, several at once, and what was seen of each. It judges nothing.

use crate::chrome::{Chrome, Tab};
use crate::site::Site;
use crate::standing::signal;
use crate::tracker::{Log, Tracker};
use crate::vector::{Kind, Vector};
use futures_util::{StreamExt as _, stream};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// So many tabs at once.
const TABS: usize = 8;
/// A page that should do something gets so long, from when it was asked for.
const BOUND: Duration = Duration::from_millis(4500);
/// A page that should contact somebody gets so long before it is left, which may be what it waits for.
const UNFIRED: Duration = Duration::from_millis(1750);
/// A page that should do nothing is given at least so long after it has loaded.
const QUIET: Duration = Duration::from_millis(350);
/// The same, after it was left.
const AFTER: Duration = Duration::from_millis(250);
/// No visit takes longer, whatever hangs.
const AT_MOST: Duration = Duration::from_secs(20);

/// What was seen of one vector in one pass.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sight {
    /// What reached the third party.
    pub(crate) log: Log,
    /// What was found in the browser afterwards, or told by the page, or sent to the site.
    pub(crate) kept: BTreeSet<String>,
    /// What exempt things worked; none when the page never said.
    pub(crate) exempt: Option<BTreeSet<String>>,
    /// Errors that no script caught.
    pub(crate) errors: Vec<String>,
    /// From asking for the page to the first contact or report.
    pub(crate) took: Duration,
    /// Why it could not be measured.
    pub(crate) fault: Option<String>,
}

impl Sight {
    /// Whether the vector did what it is there to do.
    pub(crate) fn fired(&self, kind: Kind) -> bool {
        match kind {
            Kind::Contact => !self.log.empty(),
            Kind::Store | Kind::Read => !self.kept.is_empty(),
        }
    }
}

pub(crate) type Sights = BTreeMap<String, Sight>;

/// Everything outside the browser.
pub(crate) struct World {
    pub(crate) site: Arc<Site>,
    pub(crate) trackers: BTreeMap<String, Tracker>,
    pub(crate) cdn: Tracker,
    pub(crate) social: Tracker,
    pub(crate) elsewhere: Tracker,
}

/// One pass.
pub(crate) struct Pass<'a> {
    pub(crate) world: &'a World,
    pub(crate) chrome: &'a Chrome,
    /// Where the visitor finds the site.
    pub(crate) base: String,
    pub(crate) gpc: bool,
    /// What was seen without a gateway, when that is known: it says how long to wait.
    pub(crate) direct: Option<&'a Sights>,
    /// Whether vectors are expected to do what they are there to do.
    pub(crate) open: bool,
    /// Whether social networks are allowed.
    pub(crate) social: bool,
    /// Tabs that are free.
    pub(crate) tabs: Mutex<Vec<Tab>>,
}

impl Pass<'_> {
    /// Visits all of them.
    pub(crate) async fn all(&self, vectors: &[&Vector]) -> Sights {
        self.world.site.moved(&self.base);
        let visits = vectors.iter().map(|&vector| async move {
            // Absence may be the machine's fault, so it is looked at again; presence never is, and stays.
            let mut sight = self.one(vector).await;
            for _ in 0..2 {
                if self.satisfied(vector, &sight) {
                    break;
                }
                let again = self.one(vector).await;
                sight = if sight.fired(vector.kind) && sight.fault.is_none() { sight.also(again) } else { again };
            }
            (vector.name.clone(), sight)
        });
        let mut sights: Sights = stream::iter(visits).buffer_unordered(TABS).collect().await;
        let tabs = std::mem::take(&mut *self.tabs.lock().unwrap());
        for tab in tabs {
            tab.close().await;
        }
        // What comes later, when a page is left or from a worker, counts as well.
        tokio::time::sleep(2 * AFTER).await;
        for vector in vectors.iter().filter(|_| !self.open) {
            let log = self.world.trackers[&vector.name].log();
            if let Some(sight) = sights.get_mut(&vector.name).filter(|sight| sight.log.empty()) {
                sight.log = log;
            }
        }
        sights
    }

    /// A tab: one that is free, or a new one.
    async fn tab(&self) -> Result<Tab, String> {
        let free = self.tabs.lock().unwrap().pop();
        match free {
            Some(tab) => Ok(tab),
            None => self.chrome.tab(false).await,
        }
    }

    /// Whether nothing is missing that should be there.
    fn satisfied(&self, vector: &Vector, sight: &Sight) -> bool {
        let fired = sight.fired(vector.kind);
        if sight.fault.is_some() {
            return false;
        }
        let exempt = self.direct.and_then(|direct| direct.get(&vector.name)).and_then(|direct| direct.exempt.as_ref());
        let works = match (exempt, &sight.exempt) {
            (Some(_), None) => false,
            (Some(direct), Some(here)) => {
                direct.iter().all(|fact| fact == "social" && !self.social || here.contains(fact))
            }
            (None, here) => here.is_some() || !vector.exempt,
        };
        works && (fired || !self.expects(vector))
    }

    async fn one(&self, vector: &Vector) -> Sight {
        self.world.site.forget(&vector.name);
        let tracker = &self.world.trackers[&vector.name];
        tracker.forget();
        let tab = if vector.window { self.chrome.tab(true).await } else { self.tab().await };
        let tab = match tab {
            Ok(tab) => tab,
            Err(fault) => return Sight { fault: Some(fault), ..Sight::default() },
        };
        let mut sight = Sight::default();
        let start = Instant::now();
        // On every tenth page or so the visitor leaves by a link: the same ones in every pass.
        let leaves = vector.exempt && vector.name.bytes().map(u32::from).sum::<u32>().is_multiple_of(10);
        match tokio::time::timeout(AT_MOST, self.visit(vector, &tab, &mut sight, leaves)).await {
            Ok(visited) => sight.fault = visited.err(),
            Err(_) => sight.fault = Some(format!("the visit took more than {AT_MOST:?}")),
        }
        sight.errors = tab.errors();
        // A tab in which something went wrong is not used again.
        if sight.fault.is_some() || vector.window {
            tab.close().await;
        } else {
            tab.tidy().await;
            self.tabs.lock().unwrap().push(tab);
        }
        sight.log = tracker.log();
        sight.took = sight.log.first.map_or(sight.took, |first| first.saturating_duration_since(start));
        self.hear(vector, &mut sight).await;
        sight
    }

    async fn visit(&self, vector: &Vector, tab: &Tab, sight: &mut Sight, leaves: bool) -> Result<(), String> {
        self.prepare(vector, tab).await?;
        let start = Instant::now();
        tab.goto(&format!("{}{}", self.base, vector.path()), Duration::from_secs(3)).await?;
        if vector.click {
            tab.click("#go", Duration::from_secs(2)).await.or_else(|e| if self.open { Err(e) } else { Ok(()) })?;
        }
        if vector.manifest {
            // Held, it may never be answered: what counts is what is asked for.
            let asked = tab.call("Page.getAppManifest", serde_json::json!({}));
            let _ = tokio::time::timeout(Duration::from_secs(1), asked).await;
        }
        self.stay(vector, start).await;
        sight.took = start.elapsed();
        if leaves {
            self.leave(vector, tab, sight).await;
        }
        if vector.noscript {
            tab.call("Emulation.setScriptExecutionDisabled", serde_json::json!({ "value": false })).await?;
        }
        // What stays in the browser is looked for from another page of the site. Contacts need none: a page is
        // left for the next vector's or with its tab, and what it does then is counted at the end of the pass.
        let late = self.expects(vector) && vector.kind == Kind::Contact && self.unfired(vector);
        if vector.kind == Kind::Contact && !late {
            return Ok(());
        }
        tab.goto(&format!("{}/neutral", self.base), Duration::from_secs(4)).await?;
        let left = Instant::now();
        while left.elapsed() < AFTER || late && self.unfired(vector) && left.elapsed() < BOUND {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        if late { Ok(()) } else { self.look(vector, tab, sight).await }
    }

    /// Whether a vector should get through: in the open, unless it uses what nobody declared.
    fn expects(&self, vector: &Vector) -> bool {
        self.open && !(vector.stray && self.direct.is_some())
    }

    async fn prepare(&self, vector: &Vector, tab: &Tab) -> Result<(), String> {
        if self.gpc {
            signal(tab).await?;
        }
        if !vector.seeds.is_empty() {
            tab.blank(true).await?;
            tab.goto(&format!("{}/__blank", self.base), Duration::from_secs(3)).await?;
            tab.blank(false).await?;
            let seed = include_str!("seed.js").replace("{{name}}", &vector.name);
            let done = tab.look(&seed.replace("{{seeds}}", &vector.seeds.join(" "))).await?;
            if done != Value::Bool(true) {
                return Err(format!("could not be seeded: {done}"));
            }
        }
        if vector.noscript {
            tab.call("Emulation.setScriptExecutionDisabled", serde_json::json!({ "value": true })).await?;
        }
        Ok(())
    }

    fn unfired(&self, vector: &Vector) -> bool {
        self.world.trackers[&vector.name].log().empty()
    }

    /// Stays on the page: until it has done everything where that is expected, else as long as it would have
    /// needed three times over.
    async fn stay(&self, vector: &Vector, start: Instant) {
        let direct = self.direct.and_then(|direct| direct.get(&vector.name));
        let reports = vector.exempt && direct.is_none_or(|direct| direct.exempt.is_some());
        let expected = self.expects(vector);
        let needed = direct.map_or(Duration::ZERO, |direct| direct.took * 3).min(Duration::from_millis(1500));
        let least = start.elapsed() + Duration::from_millis(vector.wait);
        let quiet = (start.elapsed() + QUIET).max(needed).max(least);
        loop {
            let (heard, now) = (self.world.site.heard(&vector.name), start.elapsed());
            let said = !reports || heard.exempt.is_some();
            let done = match vector.kind {
                Kind::Contact if expected => !self.unfired(vector) || now > least + UNFIRED,
                Kind::Store | Kind::Read if expected => !vector.reports() || !heard.seen.is_empty(),
                Kind::Contact => now >= quiet,
                Kind::Store | Kind::Read => {
                    now >= quiet && (!vector.reports() || !heard.seen.is_empty() || now > quiet * 2)
                }
            };
            if done && said && now >= least || now > BOUND + Duration::from_millis(vector.wait) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(15)).await;
        }
    }

    /// Leaves by an ordinary link to another site.
    async fn leave(&self, vector: &Vector, tab: &Tab, sight: &mut Sight) {
        if tab.click("#lk-out", Duration::from_secs(2)).await.is_err() {
            return;
        }
        let start = Instant::now();
        while start.elapsed() < Duration::from_secs(3) {
            if self.world.elsewhere.asked(&vector.name) {
                sight.kept_exempt("link");
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Looks into the browser from a page of the same origin, past everything the page's scripts changed.
    async fn look(&self, vector: &Vector, tab: &Tab, sight: &mut Sight) -> Result<(), String> {
        let kind = vector.kind.as_str();
        let script = include_str!("look.js").replace("{{name}}", &vector.name).replace("{{kind}}", kind);
        let script = script.replace("{{key}}", &vector.key());
        let start = Instant::now();
        loop {
            let seen = tab.look(&script).await?;
            let found: BTreeSet<String> = strings(&seen["found"]);
            let mut kept = if vector.kind == Kind::Store { found } else { BTreeSet::new() };
            if vector.kind == Kind::Store {
                kept.extend(self.cookie(vector).await?);
            }
            // What was swept a moment later did not stay.
            if kept.is_empty() || self.open || start.elapsed() > Duration::from_millis(1200) {
                sight.kept.extend(kept);
                strings(&seen["kept"]).iter().for_each(|fact| sight.kept_exempt(fact));
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    async fn cookie(&self, vector: &Vector) -> Result<Option<String>, String> {
        let key = vector.key();
        let bare = |name: &str| name.trim_start_matches("__Host-").trim_start_matches("__Secure-").to_owned();
        let found = self.chrome.cookies().await?.into_iter().find(|(name, _)| bare(name) == key);
        Ok(found.map(|(name, _)| format!("cookie {name}")))
    }

    /// What the site heard. A report may still be on its way when the page is left.
    async fn hear(&self, vector: &Vector, sight: &mut Sight) {
        let heard = self.world.site.heard(&vector.name);
        if vector.kind != Kind::Contact {
            let told = heard.seen.iter().filter_map(|text| vector.told(text));
            sight.kept.extend(told.map(|text| format!("read {text}")));
            if heard.cookie {
                sight.kept.insert("the site received the cookie".to_owned());
            }
        }
        if let Some(exempt) = heard.exempt {
            // An image can be shown without its host being asked: what the hosts say counts.
            let (cdn, social) = (self.world.cdn.asked(&vector.name), self.world.social.asked(&vector.name));
            let true_of = |fact: &&String| (*fact != "cdn" || cdn) && (*fact != "social" || social);
            exempt.iter().filter(true_of).for_each(|fact| sight.kept_exempt(fact));
        } else {
            sight.exempt = None;
        }
    }
}

impl Sight {
    /// This one, with what worked only when it was looked at again.
    fn also(self, again: Self) -> Self {
        let log = if self.log.empty() { again.log } else { self.log };
        Self { log, kept: &self.kept | &again.kept, exempt: again.exempt.or(self.exempt), ..self }
    }

    fn kept_exempt(&mut self, fact: &str) {
        self.exempt.get_or_insert_default().insert(fact.to_owned());
    }
}

fn strings(value: &Value) -> BTreeSet<String> {
    value.as_array().into_iter().flatten().filter_map(|one| one.as_str().map(str::to_owned)).collect()
}
