//! What the recorder heard and what the network log says, made into one account. Where both tell of a request it is one;
//! what only the log tells of is added; what only the recorder tells of did not go out, unless the network service itself
//! said that it did. At the end come order and numbers.

use super::Gathered;
use super::desk::Desk;
use super::jar::{Jar, Place};
use super::line::Line;
use super::text::{address, cut, host, text};
use super::traffic::{Hop, Traffic};
use super::wire::{Contact, Log, Wire, names};
use crate::seen::{Connection, Cookie, Initiator, Moment, Outcome, Request, Setter, Target};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// How long after a page has given way to the next its last requests still begin, in milliseconds.
const LATE: u64 = 500;
/// How far behind the log may be while the browser runs, in milliseconds: it is written in portions.
const BEHIND: u64 = 2000;

/// When which visit and moment began, and when its document came.
#[derive(Debug, Default)]
pub(super) struct Walk {
    pub(super) steps: Vec<Place>,
    pub(super) came: HashMap<usize, u64>,
}

impl Walk {
    pub(super) fn place(&self, at: u64) -> Place {
        let step = self.steps.iter().rev().find(|step| step.at <= at);
        Place { at, ..step.copied().unwrap_or(Place { visit: 0, at, moment: Moment::Loading }) }
    }

    /// Where a request belongs that no document was seen making: to the page before, while the next is on its way. A
    /// small page has loaded before the last word of the one before it goes out.
    fn late(&self, at: u64, turned: bool, farewell: bool) -> Place {
        let place = self.place(at);
        let coming = self.came.get(&place.visit).is_none_or(|came| at <= came + LATE);
        let before = place.moment == Moment::Loading || (farewell && place.moment != Moment::Leaving);
        if place.visit > 0 && before && coming {
            return Place { visit: place.visit - 1, moment: Moment::Leaving, ..place };
        }
        if turned && place.visit == 0 && coming {
            return Place { moment: Moment::Leaving, ..place };
        }
        place
    }
}

impl Desk {
    /// Compares with the log; `ended` says that nothing more will be written to it.
    pub(super) fn settle(&mut self, log: &mut Log, ended: bool) {
        let clock = &self.clock;
        #[expect(clippy::cast_precision_loss, reason = "milliseconds of a run")]
        let date = if clock.date() > 0.0 { clock.date() - clock.now() as f64 / 1000.0 } else { 0.0 };
        let ticks = |ticks| clock.ticks(ticks);
        let (traffic, jar, walk, limit) = (&mut self.traffic, &mut self.jar, &self.walk, self.limit);
        let (owed, foretold, turned) = (&mut self.owed, &mut self.foretold, self.turns > 0);
        Ledger { traffic, jar, walk, ticks: &ticks, date, limit, owed, foretold, turned }.settle(log, ended);
    }

    /// Whether a request was handed out before the turn, as the network log had it: it began by then. The two clocks are
    /// one, and the log rounds to milliseconds.
    pub(super) fn told(&mut self, params: &Value) -> bool {
        let asked = &params["request"];
        let key = (cut(text(asked, "method"), 32), address(text(asked, "url")));
        let ticks = params["timestamp"].as_f64().unwrap_or(f64::INFINITY) * 1000.0;
        match self.foretold.get_mut(&key) {
            Some((count @ 1.., newest)) if ticks <= *newest + 5.0 => {
                *count -= 1;
                true
            }
            _ => false,
        }
    }

    /// The network log could not be read: what only it tells of is not known.
    pub(super) fn lost(&mut self, error: &std::io::Error) {
        self.notes.insert(format!("the network log of the browser could not be read: {error}"));
    }

    /// Everything that was gathered, as it is handed out.
    pub(super) fn hand(&mut self, contacts: Vec<Contact>, browser: String) -> Gathered {
        let (more, lost) = (self.jar.more, self.store.more);
        let (mut cookies, storage) = (self.jar.turn(), self.store.turn());
        let requests = order(self.traffic.turn(), &mut cookies);
        let connections = connections(contacts, &requests, &self.walk, &|ticks| self.clock.ticks(ticks));
        let mut notes: Vec<String> = self.notes.iter().cloned().collect();
        if more > 0 {
            notes.push(format!("{more} cookies beyond what is kept were not recorded"));
        }
        if lost > 0 {
            notes.push(format!("{lost} entries of storage beyond 500 of one origin and kind were not recorded"));
        }
        Gathered { began: self.clock.from(), requests, cookies, storage, connections, browser, notes }
    }
}

/// What the log is read with.
pub(super) struct Ledger<'a> {
    pub(super) traffic: &'a mut Traffic,
    pub(super) jar: &'a mut Jar,
    pub(super) walk: &'a Walk,
    /// The browser's ticks as time of the run.
    pub(super) ticks: &'a dyn Fn(f64) -> i64,
    /// Seconds since 1970 at the beginning of the run; 0 where they are not known.
    pub(super) date: f64,
    /// How many requests are kept for each visit.
    pub(super) limit: u32,
    /// Requests of earlier runs of which the log had not told.
    pub(super) owed: &'a mut HashMap<(String, String), u32>,
    /// Requests of which only the log has told: how many, and when the last began, in ticks.
    pub(super) foretold: &'a mut HashMap<(String, String), (u32, f64)>,
    /// Whether there were earlier runs in the same browser.
    pub(super) turned: bool,
}

impl Ledger<'_> {
    /// Compares with the log; `ended` says that nothing more will be written to it.
    pub(super) fn settle(&mut self, log: &mut Log, ended: bool) {
        let wires = log.take(ended);
        self.foretold.clear();
        let mut waiting: HashMap<(String, String), Waiting> = HashMap::new();
        for (number, hop) in self.traffic.hops.iter().enumerate() {
            let alike = waiting.entry((hop.request.method.clone(), hop.request.url.clone())).or_default();
            let place = if hop.heard { &mut alike.heard } else { &mut alike.others };
            place.insert((hop.request.at, number));
        }
        let (mut wired, mut tried) = (HashSet::new(), HashSet::new());
        for wire in wires.into_iter().filter(|wire| !wire.own && wire.url.contains("://")) {
            if !wire.sent {
                tried.insert((wire.method, wire.url));
                continue;
            }
            let at = u64::try_from((self.ticks)(wire.ticks)).unwrap_or_default();
            let key = (wire.method.clone(), wire.url.clone());
            if (self.ticks)(wire.ticks) < 0 && owes(self.owed, &key) {
                continue;
            }
            let hop = match waiting.get_mut(&key).and_then(|waiting| waiting.nearest(at)) {
                Some(hop) => hop,
                // It was told of before the turn, and went out after it.
                None if owes(self.owed, &key) => continue,
                None if self.traffic.dropped(&wire.method, &wire.url) => continue,
                None => match self.add(&wire, at) {
                    Some(hop) => {
                        let (count, newest) = self.foretold.entry(key).or_default();
                        (*count, *newest) = (*count + 1, newest.max(wire.ticks));
                        hop
                    }
                    None => continue,
                },
            };
            wired.insert(hop);
            self.confirm(hop, &wire);
        }
        self.owed.clear();
        for (at, hop) in self.traffic.hops.iter().enumerate() {
            if !ended && !wired.contains(&at) && hop.outcome().left() {
                *self.owed.entry((hop.request.method.clone(), hop.request.url.clone())).or_default() += 1;
            }
        }
        if ended {
            self.foretold.clear();
        }
        let last = u64::try_from((self.ticks)(log.last)).unwrap_or_default();
        for (at, hop) in self.traffic.hops.iter_mut().enumerate() {
            let sure = ended || hop.request.at + BEHIND < last;
            let key = || (hop.request.method.clone(), hop.request.url.clone());
            if !sure || hop.heard || wired.contains(&at) || (tried.contains(&key()) && !hop.answered) {
                continue;
            }
            match &mut hop.failed {
                Some((_, blocked @ None)) => *blocked = Some(String::new()),
                Some(_) => {}
                None if hop.answered => hop.local = true,
                None => hop.failed = Some(("never sent".to_owned(), Some(String::new()))),
            }
        }
    }

    /// A request of which only the log tells.
    fn add(&mut self, wire: &Wire, at: u64) -> Option<usize> {
        // What a script sends is told of by its page, unless that is gone.
        let place = self.walk.late(at, self.turned, wire.dest == "empty");
        if !self.traffic.admit(place.visit, self.limit, &wire.method, &wire.url) {
            return None;
        }
        let kind = match wire.dest.as_str() {
            "script" => "Script",
            "image" => "Image",
            "style" => "Stylesheet",
            "font" => "Font",
            "audio" | "video" | "track" => "Media",
            "document" | "iframe" | "frame" => "Document",
            "empty" if wire.method == "POST" => "Ping",
            "empty" => "Fetch",
            _ => "Other",
        };
        let mut hop = Hop::new(Request {
            visit: place.visit,
            at,
            moment: place.moment,
            url: wire.url.clone(),
            method: wire.method.clone(),
            kind: kind.to_owned(),
            frame: wire.referrer.clone().unwrap_or_default(),
            target: Target::Other,
            initiator: Initiator { kind: "other".to_owned(), ..Initiator::default() },
            redirect: None,
            outcome: Outcome::Open,
            status: None,
            remote: None,
            cookies: Vec::new(),
            set: Vec::new(),
            referrer: wire.referrer.clone(),
            body: None,
        });
        hop.answered = wire.status.is_some();
        Some(self.traffic.push(hop))
    }

    /// The log says that a request went out: with which cookies, and what its answer set, where nobody else has said.
    fn confirm(&mut self, at: usize, wire: &Wire) {
        let Some(hop) = self.traffic.hops.get_mut(at) else { return };
        if !hop.heard {
            hop.heard = true;
            hop.request.cookies.clone_from(&wire.cookies);
            hop.request.referrer = wire.referrer.clone().or_else(|| hop.request.referrer.take());
        }
        hop.request.status = hop.request.status.or(wire.status);
        if !hop.request.set.is_empty() || wire.set.is_empty() {
            return;
        }
        #[expect(clippy::cast_precision_loss, reason = "milliseconds of a run")]
        let now = if self.date > 0.0 { self.date + hop.request.at as f64 / 1000.0 } else { 0.0 };
        hop.request.set = names(&wire.set, &wire.url, now);
        let place = Place { visit: hop.request.visit, at: hop.request.at, moment: hop.request.moment };
        for line in wire.set.iter().filter_map(|line| Line::read(line, &wire.url, now)) {
            self.jar.witness(line, Setter::Answer(at), place);
        }
    }
}

/// Requests alike that the log has yet to tell of: when each began, and its number.
#[derive(Default)]
struct Waiting {
    /// Of these the network service itself said that they went out.
    heard: BTreeSet<(u64, usize)>,
    others: BTreeSet<(u64, usize)>,
}

impl Waiting {
    /// The one that began nearest to a time, and waits no longer.
    fn nearest(&mut self, at: u64) -> Option<usize> {
        let all = if self.heard.is_empty() { &mut self.others } else { &mut self.heard };
        let (before, after) = (all.range(..(at, 0)).next_back(), all.range((at, 0)..).next());
        let (began, _) = before.into_iter().chain(after).min_by_key(|(began, _)| began.abs_diff(at)).copied()?;
        // Those of one moment in the order in which they were told of.
        let near = all.range((began, 0)..).next().copied()?;
        all.remove(&near);
        Some(near.1)
    }
}

/// Whether a request of an earlier run is still to be told of by the log; each is told of once.
fn owes(owed: &mut HashMap<(String, String), u32>, key: &(String, String)) -> bool {
    let Some(count @ 1..) = owed.get_mut(key) else { return false };
    *count -= 1;
    true
}

/// Requests in the order of sending, and everything that names them by number.
pub(super) fn order(hops: Vec<Hop>, cookies: &mut [Cookie]) -> Vec<Request> {
    let mut sorted: Vec<usize> = (0..hops.len()).collect();
    // A redirect follows what it was redirected from, also within one millisecond: the order is stable.
    sorted.sort_by_key(|at| hops[*at].request.at);
    let mut places = vec![0; hops.len()];
    for (new, old) in sorted.iter().enumerate() {
        places[*old] = new;
    }
    for setter in cookies.iter_mut().flat_map(|cookie| &mut cookie.setters) {
        if let Setter::Answer(at) = setter {
            *at = places.get(*at).copied().unwrap_or_default();
        }
    }
    let mut requests: Vec<(usize, Request)> = hops
        .into_iter()
        .enumerate()
        .map(|(old, hop)| {
            let outcome = hop.outcome();
            let redirect = hop.request.redirect.map(|from| places[from]);
            (places[old], Request { outcome, redirect, ..hop.request })
        })
        .collect();
    requests.sort_by_key(|(place, _)| *place);
    requests.into_iter().map(|(_, request)| request).collect()
}

/// Each host once for each port; looked up only where it was never connected to.
pub(super) fn connections(
    contacts: Vec<Contact>,
    requests: &[Request],
    walk: &Walk,
    ticks: &dyn Fn(f64) -> i64,
) -> Vec<Connection> {
    let asked: HashSet<String> =
        requests.iter().filter(|request| request.outcome.left()).map(|r| host(&r.url)).collect();
    let mut first: BTreeMap<(String, u16), u64> = BTreeMap::new();
    for contact in contacts {
        let at = u64::try_from(ticks(contact.ticks)).unwrap_or_default();
        let known = first.entry((contact.host, contact.port)).or_insert(at);
        *known = at.min(*known);
    }
    let mut all = Vec::new();
    for ((host, port), at) in &first {
        if *port == 0 && first.range((host.clone(), 1)..=(host.clone(), u16::MAX)).next().is_some() {
            continue;
        }
        let (visit, request) = (walk.place(*at).visit, asked.contains(host));
        all.push(Connection { host: host.clone(), port: *port, at: *at, visit, request });
    }
    all.sort_by_key(|connection| connection.at);
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_requests_alike_the_nearest_is_taken_first_those_that_were_heard() {
        let mut waiting = Waiting { heard: [(10, 3), (30, 1)].into(), others: [(20, 0), (20, 2)].into() };
        let taken = [21, 21, 21, 5, 5].map(|at| waiting.nearest(at));
        assert_eq!(taken, [Some(1), Some(3), Some(0), Some(2), None]);
    }

    #[test]
    fn what_a_page_sends_while_it_goes_is_its_own_however_soon_the_next_has_loaded() {
        let step = |visit, at, moment| Place { visit, at, moment };
        let steps = vec![
            step(0, 0, Moment::Loading),
            step(0, 50, Moment::Waiting),
            step(1, 1_000, Moment::Loading),
            step(1, 1_030, Moment::Waiting),
            step(1, 1_300, Moment::Leaving),
        ];
        let walk = Walk { steps, came: [(0, 20), (1, 1_010)].into() };
        let told = |at, farewell| {
            let place = walk.late(at, false, farewell);
            (place.visit, place.moment)
        };
        let gone = (0, Moment::Leaving);
        assert_eq!([told(1_005, false), told(1_005, true), told(1_040, true)], [gone; 3]);
        assert_eq!([told(1_040, false), told(1_299, true)], [(1, Moment::Waiting), gone]);
        assert_eq!([told(1_310, true), told(40, true)], [(1, Moment::Leaving), (0, Moment::Loading)]);
        let walk = Walk { steps: walk.steps[..4].to_vec(), ..walk };
        assert_eq!(walk.late(1_511, false, true).moment, Moment::Waiting, "the page itself, through a worker");
    }
}
