//! The recorder: everything Chromium says of a page becomes [`seen`](crate::seen), with no miss and no invention. One
//! [`Watch`] is one browser with one profile and one page tab; every frame, worker and window it comes to is attached to
//! before it runs, and the browser's own network log is compared with what was heard.
//!
//! It knows no site, no banner and no order of pages: whoever holds it says which visit and which moment what follows
//! belongs to, and clicks through [`Watch::page`].

mod clock;
mod desk;
mod hook;
mod jar;
mod line;
mod page;
mod pump;
mod settle;
mod store;
mod target;
mod text;
mod traffic;
mod wire;

#[cfg(test)]
mod tests;

use crate::browser::{self, Browser, Fault, Profile, Session};
use crate::seen::{Connection, Cookie, End, Entry, Limits, Moment, Picture, Request};
use desk::Desk;
use serde_json::json;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::watch as flag;
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// How a site is watched.
#[derive(Debug, Clone)]
pub struct Options {
    /// Which browser, with which further flags.
    pub browser: browser::Options,
    /// Whether every request says `Sec-GPC: 1`, and `navigator.globalPrivacyControl` is true.
    pub gpc: bool,
    /// Rules for names, as Chromium takes them: `MAP name 127.0.0.1:8080`.
    pub resolve: Vec<String>,
    /// Whether certificates nobody vouches for are taken.
    pub insecure: bool,
    /// How many requests are kept for each visit ([`Limits::requests`]).
    pub limits: Limits,
    /// Whether the browser keeps a log of its network, and how many bytes it may have before [`Watch::renew`] starts another
    /// browser. Without, [`Gathered::connections`] stays empty, and so does what only the log tells of: beacons of a page
    /// that is going, cookies of workers' requests and of WebSockets.
    pub netlog: Option<u64>,
}

/// What became of a navigation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrival {
    /// How it ended: `Complete`, `Slow`, `Download`, `Failed` or `Broken`. After `Broken` call [`Watch::renew`].
    pub end: End,
    /// The address of the page, after redirects; the one asked for where there is none.
    pub landed: String,
    /// The status of the document, where there was one.
    pub status: Option<u16>,
    /// When the load event came, in milliseconds after the navigation began.
    pub loaded: Option<u64>,
}

/// What a page looks like.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Look {
    /// Where it is: scripts may have led elsewhere since it arrived.
    pub address: String,
    /// Its title, cut at 512 characters.
    pub title: String,
    /// Its `lang`, cut at 64 characters.
    pub language: String,
    /// Where its links lead: absolute `http` and `https` addresses without fragments, to any host, each once, at most
    /// 2,000.
    pub links: Vec<String>,
    /// The window as it is: a JPEG of some 60 kB at most.
    pub picture: Option<Picture>,
    /// Whether the page did not answer in time: it hangs, and [`Watch::renew`] gives another.
    pub hung: bool,
}

/// What was gathered since the beginning or the last [`Watch::turn`]. Every `at` is in milliseconds since then.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Gathered {
    /// When it began, in milliseconds since the `began` of [`Watch::start`].
    pub began: u64,
    /// In the order of sending.
    pub requests: Vec<Request>,
    /// One for each name, domain, path and partition.
    pub cookies: Vec<Cookie>,
    /// Every entry of other storage.
    pub storage: Vec<Entry>,
    /// Hosts of the network log.
    pub connections: Vec<Connection>,
    /// What the browser calls itself.
    pub browser: String,
    /// What an auditor should know.
    pub notes: Vec<String>,
}

/// A browser that is watched. It ends with this, also where [`Watch::end`] is not called.
#[derive(Debug)]
pub struct Watch {
    options: Options,
    browser: Browser,
    desk: Arc<Mutex<Desk>>,
    pump: JoinHandle<()>,
    change: flag::Receiver<u64>,
    log: wire::Log,
    room: Profile,
    starts: u32,
}

impl Watch {
    /// Starts a browser with an empty profile and one tab, everything of which is watched from before it runs. Times
    /// count from `began`.
    ///
    /// # Errors
    /// When there is no browser, or it does not start.
    pub async fn start(options: &Options, began: Instant) -> Result<Self, Fault> {
        let mut name = [0; 8];
        let random = getrandom::fill(&mut name).map_err(|error| std::io::Error::other(error.to_string()));
        let fail = |source| Fault::Start { program: PathBuf::from("chromium"), source };
        random.map_err(fail)?;
        let name = format!("_{:016x}", u64::from_be_bytes(name));
        let sessions = target::Sessions::new(&name, options.gpc);
        let desk = Arc::new(Mutex::new(Desk::new(began, options.limits.requests, sessions)));
        let room = Profile::new().map_err(fail)?;
        let (browser, pump, change) = pump::start(options, &room.path().join("net.0"), &desk).await?;
        let log = wire::Log::default();
        let mut watch = Self { options: options.clone(), browser, desk, pump, change, log, room, starts: 1 };
        watch.tab().await?;
        // The window the browser began with went before any page: nobody's page opened it.
        watch.desk().odd.clear();
        Ok(watch)
    }

    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Opens a page tab and closes every other, and waits until it answers: then it has heard everything it was told.
    async fn tab(&mut self) -> Result<(), Fault> {
        {
            let mut desk = self.desk();
            (desk.page, desk.ready) = (desk::Page::default(), false);
        }
        let blank = json!({ "url": "about:blank" });
        let made = self.browser.call("Target.createTarget", &blank).await?;
        let target = made["targetId"].as_str().unwrap_or_default().to_owned();
        self.until(Duration::from_secs(20), |desk| desk.sessions.of(&target).is_some()).await;
        {
            let mut desk = self.desk();
            let session = desk.sessions.of(&target).cloned().ok_or(Fault::Gone)?;
            desk.page = desk::Page { target, session, ..desk::Page::default() };
        }
        let (page, frame) = (self.page(), self.frame());
        page.within(Duration::from_secs(20), "Runtime.evaluate", &json!({ "expression": "1" })).await?;
        let pages = json!({ "filter": [{ "type": "page" }] });
        let open = self.browser.call("Target.getTargets", &pages).await?;
        for target in open["targetInfos"].as_array().into_iter().flatten() {
            if target["targetId"] != frame.as_str() {
                let close = json!({ "targetId": target["targetId"] });
                let _ = timeout(page::ANSWER, self.browser.call("Target.closeTarget", &close)).await;
            }
        }
        self.desk().ready = true;
        if self.options.gpc {
            let native = "(Object.getOwnPropertyDescriptor(Navigator.prototype, 'globalPrivacyControl')?.get + '').includes('[native')";
            let native = page::ask(&self.page(), &self.frame(), native).await;
            if native.is_ok_and(|native| native != true) {
                let orders = self.desk().sessions.sign();
                pump::obey(&self.browser, &self.desk, orders);
            }
        }
        Ok(())
    }

    /// Waits until the desk says so, or the time is over, or the browser has ended.
    async fn until(&self, limit: Duration, mut what: impl FnMut(&Desk) -> bool) {
        let mut change = self.change.clone();
        let wait = async {
            loop {
                {
                    change.borrow_and_update();
                    let desk = self.desk();
                    if desk.gone || what(&desk) {
                        return;
                    }
                }
                if change.changed().await.is_err() {
                    return;
                }
            }
        };
        let _ = timeout(limit, wait).await;
    }

    /// The session of the page tab: for clicks and for questions to the page. It changes with [`Watch::renew`].
    pub fn page(&self) -> Session {
        self.browser.session(&self.desk().page.session)
    }

    /// The page's outermost frame, as `Page.createIsolatedWorld` wants it.
    pub fn frame(&self) -> String {
        self.desk().page.target.clone()
    }

    /// What follows belongs to this visit (an index of the run's visits), and to its [`Moment::Loading`]. Requests of
    /// documents of an earlier visit are still counted to theirs, as [`Moment::Leaving`].
    pub fn visit(&self, index: usize) {
        self.desk().step(index, Moment::Loading);
    }

    /// What follows belongs to this moment. The load event ends [`Moment::Loading`] by itself.
    pub fn moment(&self, moment: Moment) {
        let mut desk = self.desk();
        let visit = desk.place.0;
        desk.step(visit, moment);
    }

    /// Watches for that long; shorter where the page breaks or the browser ends meanwhile.
    pub async fn rest(&self, wait: Duration) {
        self.until(wait, |desk| desk.page.broken.is_some()).await;
    }

    /// Why the page is broken, where it is: it crashed while it was watched. [`Watch::renew`] gives another.
    pub fn broken(&self) -> Option<String> {
        let desk = self.desk();
        desk.page.broken.clone().or_else(|| desk.gone.then(|| "the browser ended".to_owned()))
    }

    /// How many requests of a visit were beyond the limit, and dialogs, downloads and windows in words: at most ten and a
    /// count.
    pub fn odd(&self, visit: usize) -> (u64, Vec<String>) {
        let desk = self.desk();
        (desk.traffic.more(visit, desk.limit), desk.odd(visit))
    }

    /// How many requests were seen since the beginning or the last turn.
    pub fn count(&self) -> usize {
        self.desk().traffic.hops.len()
    }

    /// Whether the browser's network log is larger than it may get. [`Watch::renew`] then starts another browser, and the
    /// file goes.
    pub fn full(&self) -> bool {
        let size = || std::fs::metadata(self.file()).map_or(0, |file| file.len());
        self.options.netlog.is_some_and(|most| size() > most)
    }

    /// Where the browser writes its network log.
    fn file(&self) -> PathBuf {
        self.room.path().join(format!("net.{}", self.starts - 1))
    }

    /// Closes the page and opens another in the same profile, so that cookies stay; where the browser itself is gone, or
    /// its log is [full](Watch::full), starts another with an empty profile, and says so in a note and with `false`.
    ///
    /// # Errors
    /// When no browser can be started any more.
    pub async fn renew(&mut self) -> Result<bool, Fault> {
        let full = self.full();
        if !self.desk().gone && !full {
            // A page that hangs hears nothing; its process ends without being asked.
            let _ = self.page().tell("Page.crash", &json!({}));
            if self.tab().await.is_ok() {
                return Ok(true);
            }
        }
        self.again(if full { "the browser's network log was full" } else { "the browser ended" }).await?;
        Ok(false)
    }

    /// Another browser.
    async fn again(&mut self, why: &str) -> Result<(), Fault> {
        self.close().await;
        let _ = self.read(true, false, |_, _| ());
        {
            let mut desk = self.desk();
            desk.notes.insert(format!("{why}; another was started, and cookies and storage were lost"));
            (desk.page, desk.ready, desk.gone) = (desk::Page::default(), false, false);
        }
        let (path, read) = (self.room.path().join(format!("net.{}", self.starts)), self.file());
        (self.browser, self.pump, self.change) = pump::start(&self.options, &path, &self.desk).await?;
        self.log.rest();
        self.starts += 1;
        // It can be large.
        let _ = std::fs::remove_file(read);
        self.tab().await
    }

    /// Asks the browser to end, and waits for it.
    async fn close(&mut self) {
        let _ = timeout(Duration::from_secs(3), self.browser.call("Browser.close", &json!({}))).await;
        if timeout(Duration::from_secs(5), &mut self.pump).await.is_err() {
            self.pump.abort();
        }
    }

    /// Reads the network log as far as it is written and compares, then lets something be done with the desk: nothing is
    /// heard in between. Where it must be `calm`, and a request is just on its way, nothing is done.
    fn read<T>(&mut self, ended: bool, calm: bool, then: impl FnOnce(&mut Desk, &mut wire::Log) -> T) -> Option<T> {
        let read = self.options.netlog.map(|_| self.log.read(&self.file()));
        let mut desk = self.desk.lock().unwrap_or_else(PoisonError::into_inner);
        if calm && !desk.traffic.quiet() {
            return None;
        }
        match read {
            Some(Ok(())) => desk.settle(&mut self.log, ended),
            Some(Err(error)) => desk.lost(&error),
            None => {}
        }
        Some(then(&mut desk, &mut self.log))
    }

    /// Waits for the last of what was begun.
    async fn last(&self) {
        // What the network service has done is written within moments.
        self.rest(Duration::from_millis(300)).await;
        // A request that is just on its way is told of with its cookies.
        self.until(Duration::from_secs(1), |desk| desk.traffic.quiet()).await;
    }

    fn hand(&mut self, turn: bool, calm: bool) -> Option<Gathered> {
        let name = self.browser.name();
        self.read(!turn, calm, |desk, log| {
            let gathered = desk.hand(std::mem::take(&mut log.contacts), name);
            if turn {
                desk.turn();
            }
            gathered
        })
    }

    /// Hands out what was gathered, and begins anew while the browser stays as it is: for a standing that continues
    /// another, as a withdrawal after an acceptance. Visits and times begin at 0. Cookies and entries that are still there
    /// appear in what is gathered next with [`Setter::Unseen`](crate::seen::Setter::Unseen), visit 0 and `at` 0, and
    /// `stays` says whether they are still there at its end; what is written again gets its setter besides. The page
    /// stays open: what its document asks for later is of visit 0 and [`Moment::Leaving`].
    pub async fn turn(&mut self) -> Gathered {
        self.sweep().await;
        self.last().await;
        // What the page did until it answers comes before the answer.
        let ask = json!({ "expression": "1" });
        let _ = self.page().within(Duration::from_secs(1), "Runtime.evaluate", &ask).await;
        self.rest(Duration::from_millis(50)).await;
        // A page that asks without end is not waited for without end.
        let end = Instant::now() + Duration::from_secs(1);
        while let Some(left) = end.checked_duration_since(Instant::now()) {
            self.until(left, |desk| desk.traffic.quiet()).await;
            if let Some(gathered) = self.hand(true, true) {
                return gathered;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        self.hand(true, false).unwrap_or_default()
    }

    /// Leaves the page that is still open, ends the browser and hands out what was gathered. Does not sweep: the page is
    /// swept before. What it sends when it is left is of its visit and [`Moment::Leaving`].
    pub async fn end(mut self) -> Gathered {
        self.moment(Moment::Leaving);
        let blank = json!({ "url": "about:blank" });
        let left = self.page().within(Duration::from_secs(2), "Page.navigate", &blank).await;
        if left.is_ok() {
            self.until(Duration::from_secs(3), |desk| desk.page.url.starts_with("about:")).await;
            self.last().await;
        }
        self.close().await;
        self.hand(false, false).unwrap_or_default()
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        // It holds the browser.
        self.pump.abort();
    }
}
