//! The way back to a choice: what on a page leads there, tried in the order of likelihood, and refusing there.

use super::notice::Notice;
use super::page::{Frame, Look, Raw};
use super::tools::tools;
use super::walk::{LAYER, PAUSE};
use super::words::{Back, words};
use super::{Done, Hand, Wish};
use crate::browser::Fault;
use crate::seen::{Role, Step, Way};
use serde_json::json;
use std::time::{Duration, Instant};

/// How many things that may lead back are tried.
const TRIES: usize = 3;

/// How long something may take to slide in from the edge.
const EDGE: Duration = Duration::from_millis(800);

/// A control that may lead back.
struct Lead {
    frame: Frame,
    index: usize,
    /// A tool's own; then by its words.
    likely: (bool, Back),
    text: String,
    url: String,
}

/// How likely a control leads back to a choice.
fn lead(raw: &Raw) -> Option<(bool, Back)> {
    if !raw.enabled || raw.kind == "switch" {
        return None;
    }
    let role = raw.rule.as_ref().map(|(_, role)| role.as_str());
    if role == Some("withdraw") {
        return Some((true, Back::Withdraws));
    }
    let ruled = role == Some("reopen");
    let said = words().back(&raw.text).or_else(|| words().back(&raw.label));
    (ruled || said.is_some()).then(|| (ruled, said.unwrap_or(Back::Opens)))
}

impl Hand {
    /// Everything that may lead back, the likeliest first.
    async fn leads(&self) -> Result<Vec<Lead>, Fault> {
        let mut leads = Vec::new();
        let frames = self.frames().await?;
        self.reveal(&frames).await?;
        for frame in frames {
            let Some(look) = self.ask::<Look>(frame.world, "hand.look()").await? else { continue };
            for (index, raw) in look.controls.iter().enumerate() {
                let Some(likely) = lead(raw) else { continue };
                let text = raw.words().to_owned();
                leads.push(Lead { frame: frame.clone(), index, likely, text, url: look.url.clone() });
            }
        }
        leads.sort_by_key(|lead| std::cmp::Reverse(lead.likely));
        Ok(leads)
    }

    /// Clicks what leads back; the notice that came, or nothing.
    async fn follow(&self, lead: &Lead, steps: &mut Vec<Step>) -> Result<Option<Notice>, Fault> {
        let Some(aim) = self.aim(&lead.frame, lead.index).await? else { return Ok(None) };
        let at = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.mouse(aim).await?;
        steps.push(Step { at, role: Role::Settings, text: lead.text.clone(), url: lead.url.clone() });
        self.rest(LAYER).await
    }

    async fn address(&self) -> Result<String, Fault> {
        let address = self.within("location.href").await?;
        Ok(address.and_then(|address| address.as_str().map(str::to_owned)).unwrap_or_default())
    }

    /// Goes back to where a lead led away from.
    async fn back(&self, to: &str) -> Result<(), Fault> {
        self.command("Page.navigate", &json!({ "url": to })).await?;
        let end = Instant::now() + LAYER;
        while Instant::now() < end {
            tokio::time::sleep(PAUSE).await;
            let ready = self.within("document.readyState === 'complete' && location.href").await?;
            if ready.is_some_and(|ready| ready.as_str() == Some(to)) {
                break;
            }
        }
        Ok(())
    }

    /// Finds the way back and takes everything back there.
    pub(super) async fn withdraw(&self, steps: &mut Vec<Step>) -> Result<(Done, Option<Way>), Fault> {
        let began = steps.len();
        let way = |text: &str, steps: &[Step], visible| Way {
            text: text.to_owned(),
            clicks: u32::try_from(steps.len() - began).unwrap_or(u32::MAX),
            visible,
        };
        let start = self.address().await?;
        // It may be asked again at once, or never have gone.
        if let Some(notice) = self.sight(true).await? {
            let done = self.through(notice, Wish::Refuse, steps).await?;
            return Ok((done, Some(way("", steps, true))));
        }
        let mut why = "nothing on the page leads back to the choice".to_owned();
        for turn in 0..TRIES {
            let mut leads = self.leads().await?;
            if leads.is_empty() {
                // Some show themselves only to a mouse at the edge of the window.
                let edge = self.within("({ x: innerWidth / 2, y: innerHeight - 3 })").await?.unwrap_or_default();
                let params = json!({ "type": "mouseMoved", "x": edge["x"], "y": edge["y"] });
                self.command("Input.dispatchMouseEvent", &params).await?;
                tokio::time::sleep(EDGE).await;
                leads = self.leads().await?;
            }
            let Some(lead) = leads.get(turn) else { break };
            steps.truncate(began);
            if let Some(notice) = self.follow(lead, steps).await? {
                match self.through(notice, Wish::Refuse, steps).await? {
                    Done::NoWay(stuck) => why = stuck,
                    done => return Ok((done, Some(way(&lead.text, steps, true)))),
                }
            } else if lead.likely.1 == Back::Withdraws {
                return Ok((Done::Did, Some(way(&lead.text, steps, true))));
            }
            // A page about cookies may hold what the first page only leads to.
            if self.address().await? != start {
                if let Some(done) = self.further(steps).await? {
                    return Ok((done, Some(way(&lead.text, steps, true))));
                }
                self.back(&start).await?;
            }
        }
        steps.truncate(began);
        self.by_script(steps, why).await
    }

    /// On a page that a lead led to: one more lead.
    async fn further(&self, steps: &mut Vec<Step>) -> Result<Option<Done>, Fault> {
        let leads = self.leads().await?;
        let Some(lead) = leads.first() else { return Ok(None) };
        match self.follow(lead, steps).await? {
            Some(notice) => self.through(notice, Wish::Refuse, steps).await.map(Some),
            None => Ok((lead.likely.1 == Back::Withdraws).then_some(Done::Did)),
        }
    }

    /// The last resort: what a tool's documentation tells a page to call.
    async fn by_script(&self, steps: &mut Vec<Step>, why: String) -> Result<(Done, Option<Way>), Fault> {
        for tool in tools().iter().filter(|tool| !tool.call.is_empty()) {
            let there = format!("typeof window[{}] !== 'undefined'", json!(tool.object));
            if self.within(&there).await?.and_then(|there| there.as_bool()) != Some(true) {
                continue;
            }
            self.within(&format!("try {{ {}; }} catch {{}} 0", tool.call)).await?;
            let Some(notice) = self.wait(Duration::from_secs(3)).await? else { continue };
            let began = steps.len();
            let done = self.through(notice, Wish::Refuse, steps).await?;
            let clicks = u32::try_from(steps.len() - began).unwrap_or(u32::MAX);
            return Ok((done, Some(Way { text: tool.call.clone(), clicks, visible: false })));
        }
        Ok((Done::NoWay(why), None))
    }
}
