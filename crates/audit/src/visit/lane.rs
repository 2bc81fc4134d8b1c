//! One walk: the way to its standing, then every page of the list; after an acceptance also the way back, and every page
//! again.

use super::Progress;
use super::choice;
use super::lead::Source;
use super::page::{Shared, Walker, millis};
use crate::banner::Wish;
use crate::crawl::Lead;
use crate::seen::{Banner, From, Run, Standing, Way};
use std::sync::Arc;

/// What came of a walk.
#[derive(Debug, Default)]
pub(super) struct Walked {
    pub(super) runs: Vec<Run>,
    pub(super) notes: Vec<String>,
    pub(super) browser: String,
    /// The way to change a choice, where one was found.
    pub(super) way: Option<Way>,
    /// Every layer of the notice, from a browser that was thrown away.
    pub(super) question: Option<Banner>,
}

/// Looks through the notice in a browser of its own.
pub(super) async fn question(shared: Arc<Shared>) -> Walked {
    let mut walked = Walked::default();
    match shared.stop.or(choice::explore(Arc::clone(&shared))).await {
        Some(Ok(banner)) => walked.question = banner,
        Some(Err(why)) => walked.notes.push(format!("the layers of the notice were not looked at: {why}")),
        None => {}
    }
    walked
}

/// Walks in one standing, and in the one that continues it where that is asked for too.
pub(super) async fn walk(shared: Arc<Shared>, standing: Standing, mut source: Source) -> Walked {
    let mut walked = Walked::default();
    let mut walker = match Walker::start(Arc::clone(&shared), standing).await {
        Ok(walker) => walker,
        Err(fault) => {
            let began = millis(shared.began.elapsed());
            walked.runs.push(Run { reached: false, fault: Some(fault.to_string()), ..Run::new(standing, began) });
            ended(&shared, walked.runs.last());
            return walked;
        }
    };
    let asked = |standing| shared.plan.standings.contains(&standing);
    // Withdrawing takes an acceptance; where only that was asked for, the pages between are left out.
    let between = standing != Standing::Withdrawn;
    if !between {
        walker.run.standing = Standing::Accepted;
    }
    let reached = reach(&mut walker).await;
    if between && (reached || shared.plan.anyway) {
        crawl(&mut walker, &mut source).await;
    }
    walked.notes.append(&mut source.notes());
    if standing == Standing::Accepted {
        // Whoever makes the list has made it.
        source = Source::Follow(0);
    }
    let wanted = !between || (standing == Standing::Accepted && asked(Standing::Withdrawn));
    let accepted = walker.run.reached && !walker.over && shared.stop.why().is_none();
    let turned = wanted && (accepted || shared.plan.anyway);
    if turned {
        back(&mut walker, &mut source, &mut walked, accepted, between).await;
    }
    let (run, mut notes, browser) = walker.finish().await;
    if wanted && !turned {
        // The browser had no second standing: all that happened in it belongs to the first.
        let withdrawn = never(&run, &shared, between);
        if between {
            ended(&shared, Some(&run));
            walked.runs.push(run);
        }
        ended(&shared, Some(&withdrawn));
        walked.runs.push(withdrawn);
    } else {
        ended(&shared, Some(&run));
        walked.runs.push(run);
    }
    walked.notes.append(&mut notes);
    walked.browser = browser;
    walked
}

/// The way to the standing of the run.
async fn reach(walker: &mut Walker) -> bool {
    let wish = match walker.run.standing {
        Standing::Before | Standing::Gpc => return true,
        Standing::Refused => Wish::Refuse,
        Standing::Accepted | Standing::Withdrawn => Wish::Accept,
    };
    let lead = start(&walker.shared);
    let result = walker.choose(&lead, wish).await;
    settle(walker, result.map(drop))
}

/// A withdrawal that was not tried, because nothing was accepted.
fn never(run: &Run, shared: &Shared, between: bool) -> Run {
    let (banner, steps) = if between { Default::default() } else { (run.banner.clone(), run.steps.clone()) };
    let fault = Some(nothing(run.fault.clone()));
    let next = Run::new(Standing::Withdrawn, millis(shared.began.elapsed()));
    Run { reached: false, fault, banner, steps, ..next }
}

fn nothing(fault: Option<String>) -> String {
    let why = fault.unwrap_or_else(|| "the audit was interrupted".to_owned());
    format!("nothing was accepted that could be taken back: {why}")
}

/// The way back from an acceptance, and the walk after it.
async fn back(walker: &mut Walker, source: &mut Source, walked: &mut Walked, accepted: bool, between: bool) {
    let fault = walker.run.fault.clone();
    let banner = walker.run.banner.clone();
    let run = walker.turn(Standing::Withdrawn).await;
    if between {
        ended(&walker.shared, Some(&run));
        walked.runs.push(run);
    } else {
        walker.run.banner = banner;
        walker.run.steps = run.steps;
    }
    if accepted {
        let lead = start(&walker.shared);
        let (result, way) = walker.withdraw(&lead).await;
        walked.way = way;
        settle(walker, result.map(drop));
    } else {
        settle(walker, Err(nothing(fault)));
    }
    if walker.run.reached || walker.shared.plan.anyway {
        crawl(walker, source).await;
    }
    walked.notes.append(&mut source.notes());
}

fn settle(walker: &mut Walker, result: Result<(), String>) -> bool {
    if let Err(why) = result {
        walker.run.reached = false;
        walker.run.chosen = 0;
        walker.run.fault.get_or_insert(why);
    }
    walker.run.reached
}

/// Every page of the list.
async fn crawl(walker: &mut Walker, source: &mut Source) {
    let shared = Arc::clone(&walker.shared);
    let chooses = !matches!(walker.run.standing, Standing::Before | Standing::Gpc);
    let mut first = true;
    while !walker.over {
        // The browser may have ended on the way to the standing, too.
        if std::mem::take(&mut walker.emptied) && !again(walker).await {
            break;
        }
        let Some(next) = shared.stop.or(source.next(&shared, first)).await else { break };
        let Some(lead) = next else { return };
        first = false;
        let left = match lead.from {
            From::Start if !chooses => walker.meet(&lead).await,
            _ => walker.page(&lead).await,
        };
        source.found(&left);
    }
    if let Some(why) = shared.stop.why() {
        walker.run.fault.get_or_insert(why);
    }
}

/// Goes back to the standing in a browser that lost its profile.
async fn again(walker: &mut Walker) -> bool {
    let standing = walker.run.standing.as_str();
    walker.notes.push(format!("{standing}: the browser ended and was started again with an empty profile"));
    let (chosen, banner) = (walker.run.chosen, walker.run.banner.clone());
    let reached = match walker.run.standing {
        Standing::Before | Standing::Gpc => true,
        // What was taken back cannot be taken back again without beginning anew, and what a second refusal leads through
        // would count as what came after the first.
        Standing::Withdrawn | Standing::Refused => false,
        Standing::Accepted => reach(walker).await,
    };
    // The choice of the run is the first one; the second only restores it.
    walker.run.chosen = chosen;
    walker.run.banner = banner;
    if !reached {
        walker.run.reached = true;
        walker.run.fault.get_or_insert_with(|| "the browser ended, and what was chosen with it".to_owned());
    }
    reached
}

fn start(shared: &Shared) -> Lead {
    Lead { url: shared.plan.start.clone(), from: From::Start, depth: 0 }
}

fn ended(shared: &Shared, run: Option<&Run>) {
    if let Some(run) = run {
        (shared.told)(Progress::Ended { standing: run.standing, fault: run.fault.clone() });
    }
}
