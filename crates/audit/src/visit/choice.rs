//! The way to a standing: the question is looked for on the start page, and answered, or an answer is taken back.

use super::page::{Left, Opened, Shared, Walker, millis};
use crate::banner::{Done, Hand, Wish};
use crate::browser::Fault;
use crate::crawl::Lead;
use crate::seen::{Banner, End, Moment, Role, Way};
use crate::watch::Watch;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::time::timeout;

/// How long a notice is waited for, at least: many come late on purpose.
const NOTICE: Duration = Duration::from_secs(6);

/// How long clicking through a notice may take.
const CLICKS: Duration = Duration::from_secs(60);

impl Walker {
    fn hand(&self) -> Hand {
        Hand { page: self.watch.page(), began: self.began }
    }

    /// Visits the start page as every other, and looks for the question meanwhile. Nothing is touched.
    pub(super) async fn meet(&mut self, lead: &Lead) -> Left {
        let mut opened = self.open(lead).await;
        if opened.lives() {
            let hand = self.hand();
            let within = self.shared.wait().max(NOTICE);
            let stop = self.shared.stop.clone();
            let (found, ()) = tokio::join!(stop.or(find(&hand, within)), self.rest(&mut opened));
            match found {
                Some(Ok(banner)) => self.run.banner = banner,
                None => {}
                Some(Err(why)) => self.notes.push(format!("{}: {why}", self.run.standing.as_str())),
            }
        }
        self.close(opened).await
    }

    /// Opens the start page and answers the question there. Says why the standing was not reached, where it was not.
    pub(super) async fn choose(&mut self, lead: &Lead, wish: Wish) -> Result<Left, String> {
        let mut opened = self.open(lead).await;
        if !opened.lives() {
            let why = unopened(&opened);
            self.close(opened).await;
            return Err(why);
        }
        self.watch.moment(Moment::Choosing);
        let done = self.answer(wish).await;
        self.settle(&mut opened).await;
        let left = self.close(opened).await;
        let clicked = match wish {
            Wish::Accept => Role::Accept,
            Wish::Refuse => Role::Refuse,
        };
        match done {
            Ok(()) => Ok(left),
            Err(why) => self.heeded(lead, clicked, why).await,
        }
    }

    /// An answer counts by what comes of it: where the button was pressed and the notice stayed, but does not come back
    /// with the next page, it was heeded. Some tools keep it on purpose until the page is left.
    async fn heeded(&mut self, lead: &Lead, clicked: Role, why: String) -> Result<Left, String> {
        let pressed = self.run.steps.iter().any(|step| step.role == clicked || step.role == Role::Save);
        if !pressed || self.over || self.shared.stop.why().is_some() {
            return Err(why);
        }
        let mut opened = self.open(lead).await;
        let found = if opened.lives() {
            self.watch.moment(Moment::Choosing);
            let (hand, stop) = (self.hand(), self.shared.stop.clone());
            let found = stop.or(find(&hand, self.shared.wait().max(NOTICE))).await;
            found.unwrap_or_else(|| Err(String::new()))
        } else {
            Err(String::new())
        };
        self.settle(&mut opened).await;
        let left = self.close(opened).await;
        match found {
            Ok(None) => {
                let standing = self.run.standing.as_str();
                let note =
                    format!("{standing}: {why}; with the next page it did not come back, so the answer was taken");
                self.notes.push(note);
                Ok(left)
            }
            _ => Err(why),
        }
    }

    async fn answer(&mut self, wish: Wish) -> Result<(), String> {
        let hand = self.hand();
        let stop = self.shared.stop.clone();
        let Some(found) = stop.or(find(&hand, self.shared.wait().max(NOTICE))).await else {
            return Err("the audit was interrupted".to_owned());
        };
        self.run.banner = found?;
        if self.run.banner.is_none() {
            return Err("no notice was found on the start page".to_owned());
        }
        self.say(match wish {
            Wish::Accept => "accepts",
            Wish::Refuse => "refuses",
        });
        let mut steps = Vec::new();
        let done = self.within(hand.choose(wish, &mut steps)).await;
        self.run.steps.append(&mut steps);
        said(done?, "the notice went away before it could be answered")
    }

    /// Clicks, within bounds.
    async fn within<T>(&self, clicks: impl Future<Output = Result<T, Fault>>) -> Result<T, String> {
        match self.shared.stop.or(timeout(CLICKS, clicks)).await {
            None => Err("the audit was interrupted".to_owned()),
            Some(Err(_)) => Err(format!("the notice was not answered within {} s", CLICKS.as_secs())),
            Some(Ok(Err(fault))) => Err(fault.to_string()),
            Some(Ok(Ok(done))) => Ok(done),
        }
    }

    /// Opens the start page and takes back there what was chosen.
    pub(super) async fn withdraw(&mut self, lead: &Lead) -> (Result<Left, String>, Option<Way>) {
        let mut opened = self.open(lead).await;
        if !opened.lives() {
            let why = unopened(&opened);
            self.close(opened).await;
            return (Err(why), None);
        }
        self.watch.moment(Moment::Choosing);
        self.say("takes everything back");
        let hand = self.hand();
        let mut steps = Vec::new();
        let (done, way) = match self.within(hand.change(&mut steps)).await {
            Ok((done, way)) => (said(done, "no way to change the choice was found on the start page"), way),
            Err(why) => (Err(why), None),
        };
        self.run.steps.append(&mut steps);
        self.settle(&mut opened).await;
        let left = self.close(opened).await;
        let result = match done {
            Ok(()) => Ok(left),
            Err(why) => self.heeded(lead, Role::Refuse, why).await,
        };
        (result, way)
    }

    /// An answer may take effect only with the next page: what this one still does belongs to the way there.
    async fn settle(&mut self, opened: &mut Opened) {
        self.rest(opened).await;
        self.run.chosen = millis(self.began.elapsed());
    }
}

/// Opens the start page in a browser that is thrown away, and looks through every layer of the notice there.
pub(super) async fn explore(shared: Arc<Shared>) -> Result<Option<Banner>, String> {
    let began = Instant::now();
    let watch = Watch::start(&shared.options(false, false), began).await.map_err(|fault| fault.to_string())?;
    let start = &shared.plan.start;
    shared.pace.turn(start).await;
    let arrival = watch.open(start.as_str(), shared.patience()).await;
    if !matches!(arrival.end, End::Complete | End::Slow) {
        return Ok(None);
    }
    let hand = Hand { page: watch.page(), began };
    let Some(mut banner) = find(&hand, shared.wait().max(NOTICE)).await? else { return Ok(None) };
    let whole = banner.clone();
    match timeout(CLICKS, hand.explore(&mut banner)).await {
        Ok(Ok(())) => Ok(Some(banner)),
        // What was measured before stays.
        _ => Ok(Some(whole)),
    }
}

async fn find(hand: &Hand, within: Duration) -> Result<Option<Banner>, String> {
    match timeout(within + Duration::from_secs(10), hand.find(within)).await {
        Ok(Ok(banner)) => Ok(banner),
        Ok(Err(fault)) => Err(format!("the notice could not be looked for: {fault}")),
        Err(_) => Err("the page did not answer while the notice was looked for".to_owned()),
    }
}

fn said(done: Done, gone: &str) -> Result<(), String> {
    match done {
        Done::Did => Ok(()),
        Done::NoWay(why) => Err(why),
        Done::NoBanner => Err(gone.to_owned()),
    }
}

fn unopened(opened: &Opened) -> String {
    match opened.end() {
        End::Failed(why) => format!("the start page could not be opened: {why}"),
        End::Broken(why) => format!("the start page broke: {why}"),
        End::Download => "the start page is a file, not a page".to_owned(),
        _ => "the audit was interrupted".to_owned(),
    }
}
