//! The way through the layers of a notice: which control comes next, the click on it, and what came of the click.

use super::notice::{Notice, Part};
use super::page::Frame;
use super::{Done, Hand, Wish};
use crate::browser::Fault;
use crate::seen::{Role, Step};
use std::time::{Duration, Instant};

/// Clicks on the way to a choice, switches not counted. Whoever needs more has hidden it.
const CLICKS: usize = 6;

/// Switches turned on the way, at most.
const SWITCHES: usize = 60;

/// Between two looks.
pub(super) const PAUSE: Duration = Duration::from_millis(100);

/// How often it is looked whether a notice stands still.
const STILL: usize = 8;

/// How long a click may take to show.
const ANSWER: Duration = Duration::from_millis(1200);

/// How long the whole way may take; a page whose switches answer slowly is given up then.
const LONGEST: Duration = Duration::from_secs(60);

/// How long a layer may take to come or to go.
pub(super) const LAYER: Duration = Duration::from_secs(4);

/// What is clicked next.
enum Next<'a> {
    /// This switch.
    Turn(&'a Part),
    /// This control; it should end it.
    End(&'a Part),
    /// This control, which leads to another layer.
    Open(&'a Part),
    /// Nothing: why.
    Stuck(String),
}

/// What was clicked on the way, so that nothing is clicked twice.
#[derive(Debug, Default)]
struct Way {
    done: Vec<(Role, String)>,
    clicks: usize,
    turned: Vec<String>,
    /// Whether the wish was told to a control that grants or refuses all.
    told: bool,
}

impl Way {
    fn knows(&self, part: &Part) -> bool {
        self.done.iter().any(|(role, text)| *role == part.control.role && *text == part.control.text)
    }

    /// The control of a role that was not clicked yet.
    fn fresh<'a>(&self, notice: &'a Notice, role: Role) -> Option<&'a Part> {
        notice.best(role).filter(|part| !self.knows(part))
    }

    fn next<'a>(&self, notice: &'a Notice, wish: Wish) -> Next<'a> {
        let (role, on) = match wish {
            Wish::Accept => (Role::Accept, false),
            Wish::Refuse => (Role::Refuse, true),
        };
        if !self.told {
            if let Some(part) = self.fresh(notice, role) {
                return Next::End(part);
            }
            if notice.best(Role::Save).is_some() {
                let left = |part: &&Part| !self.turned.contains(&place(part));
                if let Some(part) = notice.switches(on).find(left) {
                    return Next::Turn(part);
                }
            }
        }
        // Whoever has told all leaves by keeping it, or else by closing.
        let switched = notice.controls.iter().any(|part| part.control.role == Role::Switch);
        if let Some(part) = self.fresh(notice, Role::Save).filter(|_| self.told || switched) {
            return Next::End(part);
        }
        if self.told {
            return match self.fresh(notice, Role::Close) {
                Some(part) => Next::End(part),
                None => Next::Stuck("it was clicked, and the notice stayed".to_owned()),
            };
        }
        match self.fresh(notice, Role::Settings) {
            Some(part) => Next::Open(part),
            None => Next::Stuck(match wish {
                Wish::Accept => "nothing was found that accepts everything".to_owned(),
                Wish::Refuse => "nothing was found that refuses everything".to_owned(),
            }),
        }
    }
}

/// A switch is known by where it stands in the notice: many have the same words.
fn place(part: &Part) -> String {
    format!("{} {} {}", part.index, part.control.element, part.control.text)
}

impl Hand {
    /// Waits until a notice is to be seen.
    pub(super) async fn wait(&self, within: Duration) -> Result<Option<Notice>, Fault> {
        let end = Instant::now() + within;
        let mut looks = 0_u32;
        loop {
            // Closed trees cost a picture of the whole page: not at every look.
            let late = Instant::now() >= end;
            let found = self.sight(late || looks % 8 == 7).await?;
            if found.is_some() || late {
                return Ok(found);
            }
            looks += 1;
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Waits until a notice is to be seen and stands still: one that slides in is measured and clicked where it comes to rest.
    pub(super) async fn rest(&self, within: Duration) -> Result<Option<Notice>, Fault> {
        let Some(mut notice) = self.wait(within).await? else { return Ok(None) };
        let first = notice.now;
        for _ in 0..STILL {
            tokio::time::sleep(2 * PAUSE).await;
            let Some(after) = self.sight(false).await? else { break };
            let same = after.places() == notice.places();
            notice = after;
            if same {
                break;
            }
        }
        notice.now = first;
        Ok(Some(notice))
    }

    /// A click on a control, noted; a control the mouse does not reach is clicked by script.
    pub(super) async fn click(
        &self,
        frame: &Frame,
        part: &Part,
        url: &str,
        steps: &mut Vec<Step>,
    ) -> Result<(), Fault> {
        let aim = self.aim(frame, part.index).await?;
        let at = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        let mut text = part.control.text.clone();
        match aim {
            Some(aim) => self.mouse(aim).await?,
            None => {
                text += BY_SCRIPT;
                self.press(frame, part.index).await?;
            }
        }
        steps.push(Step { at, role: part.control.role, text, url: url.to_owned() });
        Ok(())
    }

    async fn press(&self, frame: &Frame, index: usize) -> Result<(), Fault> {
        self.ask::<bool>(frame.world, &format!("hand.press({index})")).await.map(|_| ())
    }

    /// The mouse clicked, and nothing came of it: once more, as a person would, and then by script, which is noted.
    async fn again(&self, notice: &Notice, part: &Part, tries: u32, steps: &mut [Step]) -> Result<(), Fault> {
        let Some(same) = notice.controls.iter().find(|other| other.control.text == part.control.text) else {
            return Ok(());
        };
        if let (1, Some(aim)) = (tries, self.aim(&notice.frame, same.index).await?) {
            return self.mouse(aim).await;
        }
        self.press(&notice.frame, same.index).await?;
        if let Some(step) = steps.last_mut().filter(|step| !step.text.ends_with(BY_SCRIPT)) {
            step.text += BY_SCRIPT;
        }
        Ok(())
    }

    /// Clicks a control of a notice and waits until something came of it: the notice as it is then, or nothing where it went
    /// away. `leave`: whether it is expected to.
    async fn act(
        &self,
        notice: &Notice,
        part: &Part,
        leave: bool,
        steps: &mut Vec<Step>,
    ) -> Result<Option<Notice>, Fault> {
        self.click(&notice.frame, part, &notice.url, steps).await?;
        let (face, began) = (notice.face(), Instant::now());
        let (mut tries, mut gone, mut last) = (0, 0, None);
        while began.elapsed() < LAYER {
            tokio::time::sleep(PAUSE).await;
            match self.sight(gone == 2).await?.filter(|after| after.follows(notice)) {
                // A layer that gives way to another is away for a moment.
                None if leave && gone == 2 => return Ok(None),
                None => gone += 1,
                Some(after) if after.face() != face && !leave => return Ok(Some(after)),
                Some(after) => {
                    gone = 0;
                    let moved = after.face() != face;
                    if after.mark == notice.mark && !moved && tries < 2 && began.elapsed() > ANSWER * (tries + 1) {
                        tries += 1;
                        self.again(&after, part, tries, steps).await?;
                    }
                    // Another layer came instead, or it stays and is to be left by another control.
                    if (moved || after.mark != notice.mark) && began.elapsed() > ANSWER {
                        return Ok(Some(after));
                    }
                    last = Some(after);
                }
            }
        }
        Ok(if gone > 0 { None } else { last })
    }

    /// Clicks through a notice until the wish is fulfilled.
    pub(super) async fn through(&self, mut notice: Notice, wish: Wish, steps: &mut Vec<Step>) -> Result<Done, Fault> {
        let (mut way, began) = (Way::default(), Instant::now());
        loop {
            if began.elapsed() > LONGEST {
                return Ok(Done::NoWay(format!("it was not done after {LONGEST:?}")));
            }
            let (part, leave) = match way.next(&notice, wish) {
                Next::Stuck(why) => return Ok(Done::NoWay(why)),
                Next::Turn(part) if way.turned.len() < SWITCHES => {
                    way.turned.push(place(part));
                    (part, false)
                }
                Next::End(part) if way.clicks < CLICKS => (part, true),
                Next::Open(part) if way.clicks < CLICKS => (part, false),
                _ => return Ok(Done::NoWay(format!("more than {CLICKS} clicks, or {SWITCHES} switches, are needed"))),
            };
            if part.control.role != Role::Switch {
                way.done.push((part.control.role, part.control.text.clone()));
                way.clicks += 1;
            }
            way.told |= matches!(part.control.role, Role::Accept | Role::Refuse);
            let ends = leave && (way.told || part.control.role == Role::Save);
            match self.act(&notice, part, leave, steps).await? {
                Some(after) => notice = after,
                None if ends => return Ok(Done::Did),
                None => return Ok(Done::NoWay("the notice went away before anything was chosen".to_owned())),
            }
        }
    }

    /// Opens layer after layer until one refuses everything, and counts.
    pub(super) async fn layers(&self, banner: &mut crate::seen::Banner) -> Result<(), Fault> {
        let Some(mut notice) = self.rest(LAYER).await? else { return Ok(()) };
        let (mut way, mut steps) = (Way::default(), Vec::new());
        // A first layer that refuses has a second too, whose switches may be on beforehand.
        while way.clicks < 3 {
            let Some(part) = way.fresh(&notice, Role::Settings) else { break };
            way.done.push((part.control.role, part.control.text.clone()));
            way.clicks += 1;
            let Some(after) = self.act(&notice, part, false, &mut steps).await? else { break };
            if after.face() == notice.face() {
                break;
            }
            notice = self.rest(LAYER).await?.unwrap_or(after);
            let clicks = u32::try_from(way.clicks).unwrap_or(u32::MAX);
            banner.layers.push(self.layer(&notice, clicks).await?);
            let from = |more: Option<u32>| more.map(|more| more.saturating_add(clicks));
            banner.accept = banner.accept.or_else(|| from(notice.accepts()));
            banner.refuse = banner.refuse.or_else(|| from(notice.refuses()));
            if banner.refuse.is_some() {
                break;
            }
        }
        Ok(())
    }
}

/// What is added to the words of a step that the mouse could not do.
const BY_SCRIPT: &str = " (by script: the mouse did not reach it)";
