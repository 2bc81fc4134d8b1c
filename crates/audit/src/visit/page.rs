//! One walk in one browser, page by page. Every step is bounded: whatever a page does, the walk goes on or ends.

use super::list::List;
use super::pace::Pace;
use super::{Plan, Progress, Stop};
use crate::browser::Fault;
use crate::crawl::Lead;
use crate::seen::{End, From, Run, Standing, Visit};
use crate::watch::{Arrival, Gathered, Look, Options, Watch};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::time::timeout;
use url::Url;

/// How much longer than it was given anything may take before it is given up.
const GRACE: Duration = Duration::from_secs(8);

/// How large the network log of one browser may get, in bytes: some 70,000 requests.
const LARGEST: u64 = 1 << 30;
/// How long a page may take to be looked at, and its storage to be read.
const LOOK: Duration = Duration::from_secs(25);

/// What all walks of an audit share.
pub(super) struct Shared {
    pub(super) plan: Plan,
    pub(super) stop: Stop,
    pub(super) pace: Pace,
    pub(super) list: List,
    pub(super) told: Box<dyn Fn(Progress) + Send + Sync>,
    pub(super) began: Instant,
    /// The walk that makes the list.
    pub(super) leader: Standing,
    /// Why the site cannot be reached at all.
    pub(super) dead: Mutex<Option<String>>,
}

impl Shared {
    pub(super) fn wait(&self) -> Duration {
        Duration::from_millis(self.plan.limits.wait)
    }

    pub(super) fn patience(&self) -> Duration {
        Duration::from_millis(self.plan.limits.patience)
    }

    /// How a browser of this audit is started.
    pub(super) fn options(&self, gpc: bool, netlog: bool) -> Options {
        Options {
            browser: self.plan.browser.clone(),
            gpc,
            resolve: self.plan.resolve.clone(),
            insecure: self.plan.insecure,
            limits: self.plan.limits.clone(),
            netlog: netlog.then_some(LARGEST),
        }
    }
}

/// One browser, and the run that is made with it.
pub(super) struct Walker {
    pub(super) shared: Arc<Shared>,
    pub(super) watch: Watch,
    pub(super) run: Run,
    pub(super) notes: Vec<String>,
    /// When the run began.
    pub(super) began: Instant,
    /// Whether the browser ended, and another with an empty profile took its place: no choice stands any more.
    pub(super) emptied: bool,
    /// Whether no browser is left to go on with.
    pub(super) over: bool,
}

/// A page that was opened.
pub(super) struct Opened {
    lead: Lead,
    at: u64,
    arrival: Arrival,
}

impl Opened {
    /// Whether there is a page to look at.
    pub(super) fn lives(&self) -> bool {
        matches!(self.arrival.end, End::Complete | End::Slow)
    }

    pub(super) fn end(&self) -> &End {
        &self.arrival.end
    }

    fn stop(&mut self) {
        self.arrival.end = End::Interrupted;
    }
}

/// A page that was left.
#[derive(Debug, Default)]
pub(super) struct Left {
    pub(super) landed: String,
    /// Where it links to, on whatever site.
    pub(super) links: Vec<String>,
    pub(super) depth: u32,
}

impl Walker {
    /// Starts a browser for a standing.
    ///
    /// # Errors
    /// When it does not start.
    pub(super) async fn start(shared: Arc<Shared>, standing: Standing) -> Result<Self, Fault> {
        let began = Instant::now();
        let watch = Watch::start(&shared.options(standing == Standing::Gpc, true), began).await?;
        let run = Run::new(standing, millis(began - shared.began));
        Ok(Self { shared, watch, run, notes: Vec::new(), began, emptied: false, over: false })
    }

    /// Opens a page when its host may be asked.
    pub(super) async fn open(&mut self, lead: &Lead) -> Opened {
        self.say(lead.url.as_str());
        let shared = Arc::clone(&self.shared);
        let waited = shared.stop.or(shared.pace.turn(&lead.url)).await;
        let at = millis(self.began.elapsed());
        let url = lead.url.as_str();
        let nothing = |end| Arrival { end, landed: url.to_owned(), status: None, loaded: None };
        let arrival = match waited {
            None => nothing(End::Interrupted),
            Some(()) => {
                let mut arrival = self.arrive(url).await;
                // The page before it would not go.
                let slow = arrival.as_ref().is_some_and(|arrival| arrival.end == End::Slow);
                if slow && self.watch.barred() && shared.stop.why().is_none() {
                    if let Some(before) = self.run.visits.last_mut() {
                        before.odd.push("it did not give way to the next page, and was closed".to_owned());
                    }
                    self.renew().await;
                    arrival = self.arrive(url).await;
                }
                arrival.unwrap_or_else(|| nothing(End::Interrupted))
            }
        };
        Opened { lead: lead.clone(), at, arrival }
    }

    /// Goes to an address, for as long as a page may take; none where the audit was stopped.
    async fn arrive(&mut self, url: &str) -> Option<Arrival> {
        self.watch.visit(self.run.visits.len());
        let patience = self.shared.patience();
        let arrival = self.shared.stop.or(timeout(patience + GRACE, self.watch.open(url, patience))).await?;
        let late = || End::Broken("the browser did not answer in time".to_owned());
        Some(arrival.unwrap_or_else(|_| Arrival { end: late(), landed: url.to_owned(), status: None, loaded: None }))
    }

    /// Watches a page that has loaded for as long as the others. One that has not has had its time.
    pub(super) async fn rest(&self, opened: &mut Opened) {
        if *opened.end() == End::Complete {
            let wait = self.shared.wait();
            if self.shared.stop.or(timeout(wait + GRACE, self.watch.rest(wait))).await.is_none() {
                opened.stop();
            }
        }
    }

    /// Looks at a page and leaves it.
    pub(super) async fn close(&mut self, mut opened: Opened) -> Left {
        if let (true, Some(why)) = (opened.lives(), self.watch.broken()) {
            opened.arrival.end = End::Broken(why);
        }
        let look = match opened.end() {
            End::Complete | End::Slow => match timeout(LOOK, self.watch.look()).await {
                Ok(look) => look,
                Err(_) => Look { hung: true, ..Look::default() },
            },
            _ => Look::default(),
        };
        if look.hung {
            opened.arrival.end = End::Broken("the page stopped answering".to_owned());
        }
        let broken = matches!(opened.end(), End::Broken(_));
        if !broken && timeout(LOOK, self.watch.sweep()).await.is_err() {
            opened.arrival.end = End::Broken("what it keeps could not be read in time".to_owned());
        }
        let left = self.record(opened, look);
        // A page that did not load in time may be too busy to give way to the next.
        let busy = matches!(self.run.visits.last(), Some(Visit { end: End::Broken(_) | End::Slow, .. }));
        // After a stop no other page comes.
        if (busy || self.watch.full()) && self.shared.stop.why().is_none() {
            self.renew().await;
        }
        left
    }

    /// Visits a page: opens it, watches it, looks at it.
    pub(super) async fn page(&mut self, lead: &Lead) -> Left {
        let mut opened = self.open(lead).await;
        self.rest(&mut opened).await;
        self.close(opened).await
    }

    /// Writes a visit down, and tells of it.
    fn record(&mut self, opened: Opened, look: Look) -> Left {
        let Opened { lead, at, arrival } = opened;
        let first = self.run.visits.is_empty() && lead.from == From::Start;
        if let (true, true, End::Failed(why)) = (first, self.run.standing == self.shared.leader, &arrival.end) {
            *self.shared.dead.lock().unwrap_or_else(PoisonError::into_inner) = Some(why.clone());
            self.shared.stop.now("the site cannot be reached");
        }
        let (more, odd) = self.watch.odd(self.run.visits.len());
        let site = &self.shared.plan.site;
        let own =
            |link: &&String| Url::parse(link).is_ok_and(|url| url.host_str().is_some_and(|host| site.holds(host)));
        self.run.visits.push(Visit {
            url: lead.url.to_string(),
            landed: arrival.landed.clone(),
            from: lead.from,
            depth: lead.depth,
            at,
            loaded: arrival.loaded,
            status: arrival.status,
            title: look.title,
            language: look.language,
            end: arrival.end.clone(),
            more,
            odd,
            links: look.links.iter().filter(own).cloned().collect(),
            picture: look.picture,
        });
        let done = u32::try_from(self.run.visits.len()).unwrap_or(u32::MAX);
        (self.shared.told)(Progress::Visited {
            standing: self.run.standing,
            url: lead.url.to_string(),
            end: arrival.end,
            requests: self.watch.count(),
            done,
            of: done.max(self.shared.list.foreseen() + self.way()),
        });
        Left { landed: arrival.landed, links: look.links, depth: lead.depth }
    }

    /// Visits on the way to the standing, before those of the list.
    fn way(&self) -> u32 {
        u32::from(!matches!(self.run.standing, Standing::Before | Standing::Gpc))
    }

    /// A page in place of one that broke, in the same profile where that can be.
    async fn renew(&mut self) {
        match timeout(Duration::from_secs(30), self.watch.renew()).await {
            Ok(Ok(true)) => {}
            Ok(Ok(false)) => self.emptied = true,
            Ok(Err(fault)) => self.end_early(&format!("the browser ended and did not start again: {fault}")),
            Err(_) => self.end_early("the browser ended and did not start again in time"),
        }
    }

    fn end_early(&mut self, why: &str) {
        self.over = true;
        self.run.fault.get_or_insert_with(|| why.to_owned());
    }

    /// Tells what is about to be done.
    pub(super) fn say(&self, what: &str) {
        (self.shared.told)(Progress::Doing { standing: self.run.standing, what: what.to_owned() });
    }

    /// Begins the run of another standing with the browser as it is, and hands out the one before.
    pub(super) async fn turn(&mut self, standing: Standing) -> Run {
        let next = Run::new(standing, millis(self.shared.began.elapsed()));
        let gathered = self.watch.turn().await;
        self.began = Instant::now();
        let mut run = std::mem::replace(&mut self.run, next);
        self.fill(&mut run, gathered);
        run
    }

    /// Ends the browser, and hands out the run, what an auditor should know, and the browser's name.
    pub(super) async fn finish(self) -> (Run, Vec<String>, String) {
        let Self { watch, mut run, mut notes, .. } = self;
        let Ok(mut gathered) = timeout(Duration::from_secs(30), watch.end()).await else {
            run.fault.get_or_insert_with(|| "the browser did not hand out what was gathered".to_owned());
            return (run, notes, String::new());
        };
        let name = std::mem::take(&mut gathered.browser);
        notes.append(&mut gathered.notes);
        put(&mut run, gathered);
        (run, notes, name)
    }

    fn fill(&mut self, run: &mut Run, mut gathered: Gathered) {
        self.notes.append(&mut gathered.notes);
        put(run, gathered);
    }
}

fn put(run: &mut Run, gathered: Gathered) {
    run.requests = gathered.requests;
    run.cookies = gathered.cookies;
    run.storage = gathered.storage;
    run.connections = gathered.connections;
}

pub(super) fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
