//! The walk: visits the pages of a site in every standing, each with a browser of its own, and puts together what was seen.
//! It decides when and where; what a page did is `watch`'s to say, which button is which `banner`'s, which page is next
//! `crawl`'s. It judges nothing.

mod choice;
mod lane;
mod lead;
mod list;
mod pace;
mod page;
mod plan;

pub use plan::{Plan, Progress, Stop};

use crate::browser::{self, Fault};
use crate::seen::{Audit, Banner, FORMAT, Run, Standing};
use lane::Walked;
use lead::{Make, Source};
use list::{List, Maker};
use pace::Pace;
use page::{Shared, millis};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

/// How long walks may take to end once they are to end. What they gathered is lost after that.
const GRACE: Duration = Duration::from_secs(60);

/// Why there is no audit.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Trouble {
    /// There is no browser, or none that starts.
    #[error(transparent)]
    Browser(#[from] Fault),
    /// The start page cannot be opened.
    #[error("{url} cannot be opened: {why}")]
    Unreachable {
        /// Its address.
        url: String,
        /// The browser's reason.
        why: String,
    },
}

/// Walks through a site as it was planned, tells meanwhile how far it is, and hands out what was seen. An end ahead of time
/// loses nothing that was gathered until then.
///
/// # Errors
/// When there is no browser, or the start page cannot be opened at all.
pub async fn audit(plan: Plan, told: impl Fn(Progress) + Send + Sync + 'static, stop: Stop) -> Result<Audit, Trouble> {
    // Said before anything else is begun.
    browser::find(plan.browser.program.as_deref()).await?;
    let standings = order(&plan.standings);
    let Some(&leader) = standings.first() else { return Ok(put(&plan, Vec::new(), 0, None)) };
    let (list, maker) = List::new();
    let shared = Arc::new(Shared {
        pace: Pace::new(Duration::from_millis(plan.limits.delay)),
        stop: stop.clone(),
        list,
        told: Box::new(told),
        began: Instant::now(),
        leader,
        dead: Mutex::default(),
        plan,
    });
    let walks = go(&shared, &standings, maker);
    tokio::pin!(walks);
    let limit = shared.plan.time;
    let walked = tokio::select! {
        walked = &mut walks => walked,
        () = sleep(limit) => {
            stop.now(&format!("the time limit of {} was reached", minutes(limit)));
            walks.await
        }
    };
    let dead = shared.dead.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some(why) = dead {
        return Err(Trouble::Unreachable { url: shared.plan.start.to_string(), why });
    }
    // One walk without a browser is a fault of that walk; none with one is none at all.
    if !walked.is_empty() && walked.iter().all(|walked| walked.browser.is_empty()) {
        let why = walked.iter().flat_map(|walked| &walked.runs).find_map(|run| run.fault.clone());
        return Err(Trouble::Browser(Fault::Absent(why.unwrap_or_else(|| "no browser did anything".to_owned()))));
    }
    Ok(put(&shared.plan, walked, millis(shared.began.elapsed()), stop.why()))
}

/// The standings to walk through, each once, in their order.
fn order(asked: &[Standing]) -> Vec<Standing> {
    Standing::ALL.into_iter().filter(|standing| asked.contains(standing)).collect()
}

/// Every walk, as many beside each other as was asked for; the one that makes the list begins.
async fn go(shared: &Arc<Shared>, standings: &[Standing], maker: Maker) -> Vec<Walked> {
    let room = Arc::new(Semaphore::new(shared.plan.parallel.max(1)));
    let mut source = Some(Source::Make(Box::new(Make::begin(shared, maker))));
    let mut walks = JoinSet::new();
    let mut walked = Vec::new();
    for (at, &standing) in standings.iter().enumerate() {
        // Whoever withdraws has accepted before, in the same browser.
        if standing == Standing::Withdrawn && standings.contains(&Standing::Accepted) {
            continue;
        }
        let Some(Ok(permit)) = shared.stop.or(Arc::clone(&room).acquire_owned()).await else { break };
        let source = source.take().unwrap_or(Source::Follow(0));
        let walk = lane::walk(Arc::clone(shared), standing, source);
        walks.spawn(async move {
            let walked = walk.await;
            drop(permit);
            walked
        });
        if at == 0 {
            let Some(Ok(permit)) = shared.stop.or(Arc::clone(&room).acquire_owned()).await else { break };
            let walk = lane::question(Arc::clone(shared));
            walks.spawn(async move {
                let walked = walk.await;
                drop(permit);
                walked
            });
        }
    }
    loop {
        let next = if shared.stop.why().is_some() {
            timeout(GRACE, walks.join_next()).await
        } else {
            match shared.stop.or(walks.join_next()).await {
                Some(next) => Ok(next),
                None => continue,
            }
        };
        match next {
            Ok(Some(Ok(one))) => walked.push(one),
            Ok(Some(Err(fault))) => {
                walked.push(Walked { notes: vec![format!("a walk failed: {fault}")], ..Walked::default() })
            }
            Ok(None) => return walked,
            Err(_) => {
                walks.abort_all();
                let note = "a walk did not end in time, and what it gathered is lost".to_owned();
                walked.push(Walked { notes: vec![note], ..Walked::default() });
                return walked;
            }
        }
    }
}

/// What was seen, put together.
fn put(plan: &Plan, walked: Vec<Walked>, took: u64, interrupted: Option<String>) -> Audit {
    let mut audit = Audit {
        format: FORMAT,
        version: plan.version.clone(),
        browser: String::new(),
        site: plan.start.to_string(),
        own: plan.site.own().to_vec(),
        started: plan.started,
        took,
        limits: plan.limits.clone(),
        interrupted,
        runs: Vec::new(),
        aliases: BTreeMap::new(),
        notes: Vec::new(),
    };
    let (mut question, mut way) = (None, None);
    for mut one in walked {
        audit.runs.append(&mut one.runs);
        audit.notes.append(&mut one.notes);
        if audit.browser.is_empty() {
            audit.browser = one.browser;
        }
        question = question.or(one.question);
        way = way.or(one.way);
    }
    audit.runs.sort_by_key(|run| run.standing);
    if let Some(question) = question {
        complete(&mut audit.runs, question);
    }
    for banner in audit.runs.iter_mut().filter_map(|run| run.banner.as_mut()) {
        banner.change = banner.change.take().or_else(|| way.clone());
    }
    lacks(plan, &mut audit);
    let mut seen = std::collections::HashSet::new();
    audit.notes.retain(|note| seen.insert(note.clone()));
    audit
}

/// Puts every layer of the notice where it was met first; when it was seen there stays.
fn complete(runs: &mut [Run], question: Banner) {
    if let Some(run) = runs.first_mut() {
        let after = run.banner.as_ref().map_or(question.after, |banner| banner.after);
        run.banner = Some(Banner { after, ..question });
    }
}

/// Says what is not in an audit.
fn lacks(plan: &Plan, audit: &mut Audit) {
    for standing in order(&plan.standings) {
        match audit.runs.iter().find(|run| run.standing == standing) {
            None => audit.notes.push(format!("{}: not begun", standing.as_str())),
            Some(run) if !run.reached && !plan.anyway => {
                let why = run.fault.as_deref().unwrap_or("the standing was not reached");
                let note = format!("{}: no pages were visited, because {why}", standing.as_str());
                audit.notes.push(note);
            }
            Some(_) => {}
        }
    }
    let first = audit.runs.first().and_then(|run| run.visits.first());
    if let Some(landed) = first.and_then(|visit| url::Url::parse(&visit.landed).ok())
        && landed.host_str().is_some_and(|host| !plan.site.holds(host))
    {
        let host = landed.host_str().unwrap_or_default();
        let note =
            format!("the address led to {host}, which does not count as the site: name it with --host, or audit it");
        audit.notes.push(note);
    }
}

fn minutes(time: Duration) -> String {
    match time.as_secs() {
        seconds if seconds % 60 == 0 => format!("{} min", seconds / 60),
        seconds => format!("{seconds} s"),
    }
}
