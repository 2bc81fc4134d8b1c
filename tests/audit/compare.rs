//! The comparison: what the recorders wrote down against what the audit says, both ways. What was logged and not found is
//! missed; what was found and not logged is invented. It knows no browser and judges nothing.

use crate::claim::{Claim, Run, Sent};
use crate::means::{self, Kept, Origins};
use crate::party::{Contact, Entry, Log};
use std::collections::{BTreeMap, BTreeSet};

/// Standings that share a profile: one is reached from the other.
const LANES: [&[&str]; 4] = [&["before"], &["refused"], &["accepted", "withdrawn"], &["gpc"]];

/// What an audit asks for before it looks at pages.
const BESIDE: [&str; 2] = ["/robots.txt", "/sitemap.xml"];

/// So many milliseconds around the moment at which one standing gives way to the next, a request may be of either.
const TURN: u64 = 2_000;

/// A beacon of a page that is being left: the browser's network log alone tells of it, and leaves bodies out. The request
/// itself is compared as every other.
pub(crate) const LEAVING: &str = "/leave";

/// A cookie that a frame's script tries to keep: where the browser does not let it, no line of any log says that it tried.
const SCRIPTED: &str = "adjs";

/// One list against another.
#[derive(Debug, Clone, Default)]
pub(crate) struct Diff {
    pub(crate) logged: usize,
    pub(crate) found: usize,
    pub(crate) missed: Vec<String>,
    pub(crate) invented: Vec<String>,
}

/// Each as often as it is in the list.
fn counted(list: Vec<String>) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    list.into_iter().for_each(|one| *counts.entry(one).or_default() += 1);
    counts
}

impl Diff {
    pub(crate) fn new(logged: Vec<String>, found: Vec<String>) -> Self {
        let mut diff = Self { logged: logged.len(), found: found.len(), ..Self::default() };
        let (logged, found) = (counted(logged), counted(found));
        let beyond = |these: &BTreeMap<String, usize>, those: &BTreeMap<String, usize>| -> Vec<String> {
            let more = these.iter().filter_map(|(one, count)| {
                let more = count.saturating_sub(those.get(one).copied().unwrap_or_default());
                (more > 0).then(|| if more == 1 { one.clone() } else { format!("{one} ({more} times)") })
            });
            more.collect()
        };
        diff.missed = beyond(&logged, &found);
        diff.invented = beyond(&found, &logged);
        diff
    }

    pub(crate) fn faults(&self) -> usize {
        self.missed.len() + self.invented.len()
    }
}

/// What came of one standing.
#[derive(Debug, Clone)]
pub(crate) struct Match {
    pub(crate) standing: String,
    /// Requests by method, address and cookies; cookies that were kept and that were not; and so on.
    pub(crate) parts: [(&'static str, Diff); 7],
}

impl Match {
    fn faults(&self) -> usize {
        self.parts.iter().map(|(_, diff)| diff.faults()).sum()
    }
}

/// What came of one audit.
pub(crate) struct Outcome {
    pub(crate) matches: Vec<Match>,
    /// Requests of browsers that no standing belongs to: those that only looked at the notice.
    pub(crate) beside: usize,
    pub(crate) faults: Vec<String>,
}

/// Compares an audit with what was logged during it.
pub(crate) fn compare(claim: &Claim, log: &Log, origins: &Origins) -> Outcome {
    let mut profiles: BTreeSet<&str> = log.contacts.iter().map(|contact| contact.profile.as_str()).collect();
    let mut lanes: Vec<Vec<Run<'_>>> =
        LANES.iter().map(|lane| lane.iter().filter_map(|standing| claim.run(standing)).collect()).collect();
    // A standing that was not reached was not walked through either, and shares its profile with nobody.
    lanes.iter_mut().for_each(|runs| runs.retain(|run| !run.pages().is_empty()));
    lanes.retain(|runs| !runs.is_empty());
    let mut outcome = Outcome { matches: Vec::new(), beside: 0, faults: Vec::new() };
    // Which profile walked in which standing is not written anywhere: the pairs that fit best are taken first. That hides
    // nothing: two that do not agree are counted as they are, whoever is paired with whom.
    while let Some((lane, profile, matches)) = best(claim, &lanes, &profiles, log, origins) {
        if matches[0].standing == "gpc" && !all(log, profile, signals) {
            let without = of(log, profile).filter(|entry| !signals(entry));
            let without = without.map(|entry| format!("{} {}", entry.method, entry.url()));
            outcome.faults.push(format!("gpc: without the signal: {}", without.collect::<Vec<_>>().join(", ")));
        }
        if matches[0].standing != "gpc" && !all(log, profile, |entry| !entry.gpc) {
            outcome.faults.push(format!("{}: with Sec-GPC", matches[0].standing));
        }
        outcome.matches.extend(matches);
        profiles.remove(profile);
        lanes.remove(lane);
    }
    for runs in &lanes {
        outcome.faults.push(format!("{}: no browser walked in it", runs[0].standing()));
    }
    outcome.beside = log.entries.iter().filter(|entry| profiles.contains(entry.profile.as_str())).count();
    outcome.matches.sort_by_key(|one| LANES.concat().iter().position(|standing| *standing == one.standing));
    outcome
}

fn of<'a>(log: &'a Log, profile: &'a str) -> impl Iterator<Item = &'a Entry> {
    log.entries.iter().filter(move |entry| entry.profile == profile && !beside(entry))
}

/// Whether a request says what one of that standing must. No page sees a preflight, and this browser cannot be told to put a
/// header on the handshake of a WebSocket.
fn signals(entry: &Entry) -> bool {
    entry.gpc || entry.method == "OPTIONS" || entry.origin.starts_with("ws:")
}

fn beside(entry: &Entry) -> bool {
    entry.party == "site" && BESIDE.contains(&entry.path())
}

fn all(log: &Log, profile: &str, what: impl Fn(&Entry) -> bool) -> bool {
    of(log, profile).all(what)
}

type Best<'a> = (usize, &'a str, Vec<Match>);

fn best<'a>(
    claim: &Claim,
    lanes: &[Vec<Run<'_>>],
    profiles: &BTreeSet<&'a str>,
    log: &'a Log,
    origins: &Origins,
) -> Option<Best<'a>> {
    let pairs = (0..lanes.len()).flat_map(|lane| profiles.iter().map(move |profile| (lane, *profile)));
    let one = |(lane, profile): (usize, &'a str)| {
        let matches = lane_match(claim, &lanes[lane], profile, log, origins);
        (lane, profile, matches)
    };
    pairs.map(one).min_by_key(|(_, _, matches)| matches.iter().map(Match::faults).sum::<usize>())
}

/// What was logged of one profile, parted by the standings it walked in: each ends where the next is said to begin. Right at
/// that moment a request may be sent in one and come in the other; it belongs to the one that tells of it.
fn part<'a>(claim: &Claim, runs: &[Run<'_>], entries: Vec<&'a Entry>) -> Vec<Vec<&'a Entry>> {
    let begins: Vec<u64> = runs.iter().map(|run| claim.started() + run.began()).collect();
    let key = |entry: &Entry| spell(&entry.method, &entry.url(), &entry.cookies);
    let said =
        |run: &Run<'_>| counted(run.sent().iter().map(|one| spell(&one.method, &one.url, &one.cookies)).collect());
    let said: Vec<BTreeMap<String, usize>> = runs.iter().map(said).collect();
    let mut parts: Vec<Vec<&Entry>> = vec![Vec::new(); runs.len()];
    let mut near = Vec::new();
    for entry in entries {
        let side = begins.iter().skip(1).filter(|begin| entry.at >= **begin).count();
        let border = begins.iter().enumerate().skip(1).find(|(_, begin)| entry.at.abs_diff(**begin) < TURN);
        match border {
            Some((later, _)) => near.push((entry, side, later)),
            None => parts[side].push(entry),
        }
    }
    for (entry, side, later) in near {
        let other = if side == later { later - 1 } else { later };
        let key_of = key(entry);
        let wants = |side: usize, parts: &[Vec<&Entry>]| {
            let has = parts[side].iter().filter(|one| key(one) == key_of).count();
            said[side].get(&key_of).copied().unwrap_or_default() > has
        };
        let to = if !wants(side, &parts) && wants(other, &parts) { other } else { side };
        parts[to].push(entry);
    }
    parts.iter_mut().for_each(|part| part.sort_by_key(|entry| entry.at));
    parts
}

/// One profile against the standings it is said to have walked in.
fn lane_match(claim: &Claim, runs: &[Run<'_>], profile: &str, log: &Log, origins: &Origins) -> Vec<Match> {
    let contacts: Vec<&Contact> = log.contacts.iter().filter(|contact| contact.profile == profile).collect();
    let parts = part(claim, runs, of(log, profile).collect());
    let mut matches = Vec::new();
    for (at, run) in runs.iter().enumerate() {
        let entries = &parts[at];
        let kept = keeps(entries, origins);
        let hosts: BTreeSet<&str> = of(log, profile).map(|entry| entry.party.as_str()).collect();
        let sent = run.sent();
        let mut requests = Diff::new(
            entries.iter().map(|entry| spell(&entry.method, &entry.url(), &entry.cookies)).collect(),
            sent.iter().map(|sent| spell(&sent.method, &sent.url, &sent.cookies)).collect(),
        );
        for invented in &mut requests.invented {
            let same = |sent: &&Sent| *invented == spell(&sent.method, &sent.url, &sent.cookies);
            if let Some(sent) = sent.iter().find(same) {
                *invented += &format!(" {}", sent.outcome);
            }
        }
        let said = run.cookies();
        let said_kept: BTreeSet<Kept> = said
            .iter()
            .filter(|cookie| !cookie.refused)
            .map(|cookie| ("cookie".to_owned(), cookie.host.clone(), cookie.name.clone()))
            .collect();
        let stored: BTreeSet<Kept> = run.storage().into_iter().collect();
        let [mut cookies, mut storage] = [true, false].map(|cookie| {
            let logged = kept.iter().filter(|(kind, ..)| (kind == "cookie") == cookie);
            Diff::new(
                logged.map(words).collect(),
                if cookie { &said_kept } else { &stored }.iter().map(words).collect(),
            )
        });
        let (away, open) = turned(entries);
        let said_away = said.iter().filter(|cookie| cookie.refused && cookie.name != SCRIPTED);
        let said_away = said_away.map(|cookie| ("cookie".to_owned(), cookie.host.clone(), cookie.name.clone()));
        let mut refused = Diff::new(
            away.iter().map(words).collect(),
            said_away.collect::<BTreeSet<Kept>>().iter().map(words).collect(),
        );
        // What nobody could have brought back is there or was refused: it must be said, whichever it was.
        let either: Vec<String> = open.iter().map(words).collect();
        for one in &either {
            let told = cookies.invented.contains(one) || refused.invented.contains(one);
            if !told {
                cookies.missed.push(one.clone());
            }
        }
        cookies.invented.retain(|one| !either.contains(one));
        refused.invented.retain(|one| !either.contains(one));
        if at > 0 {
            // What an earlier standing left is rightly still there, whether it was used again or not.
            let left: BTreeSet<String> = keeps(&parts[at - 1], origins).iter().map(words).collect();
            cookies.invented.retain(|one| !left.contains(one));
            storage.invented.retain(|one| !left.contains(one));
        }
        // A connection may serve both standings of a profile, so these are looked at once for both.
        let connections = if at == 0 { meet(&contacts, &hosts, runs, origins) } else { Diff::default() };
        let bodies = Diff::new(
            entries
                .iter()
                .filter(|one| !one.body.is_empty() && one.path() != LEAVING)
                .map(|one| format!("{} {}", one.url(), one.body))
                .collect(),
            sent.iter()
                .filter(|one| !one.body.is_empty() && !one.url.ends_with(LEAVING))
                .map(|one| format!("{} {}", one.url, one.body))
                .collect(),
        );
        let referrer = |url: &str, from: &Option<String>| from.as_ref().map(|from| format!("{url} from {from}"));
        let referrers = Diff::new(
            entries.iter().filter_map(|one| referrer(&one.url(), &one.referrer)).collect(),
            sent.iter().filter_map(|one| referrer(&one.url, &one.referrer)).collect(),
        );
        matches.push(Match {
            standing: run.standing(),
            parts: [
                ("requests", requests),
                ("cookies", cookies),
                ("refused", refused),
                ("storage", storage),
                ("connections", connections),
                ("bodies", bodies),
                ("referrers", referrers),
            ],
        });
    }
    matches
}

fn words((kind, whose, name): &Kept) -> String {
    format!("{kind} {name} of {whose}")
}

fn spell(method: &str, url: &str, cookies: &[(String, String)]) -> String {
    let mut cookies: Vec<String> = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
    cookies.sort();
    format!("{method} {url} [{}]", cookies.join("; "))
}

/// Cookies that were set and did not come back though the same was asked for again; and those that had no chance to.
fn turned(entries: &[&Entry]) -> (BTreeSet<Kept>, BTreeSet<Kept>) {
    let (mut away, mut open) = (BTreeSet::new(), BTreeSet::new());
    for (at, entry) in entries.iter().enumerate() {
        let again = |later: &Entry| later.party == entry.party && later.path() == entry.path();
        let asked = entries[at + 1..].iter().any(|later| again(later));
        let back = |name: &str| {
            let here = entries.iter().filter(|later| later.party == entry.party);
            here.into_iter().any(|later| later.cookies.iter().any(|(known, _)| known == name))
        };
        for cookie in means::set(entry).filter(|(_, _, name)| !back(name)) {
            if asked {
                away.insert(cookie)
            } else {
                open.insert(cookie)
            };
        }
    }
    let open = &open - &away;
    (away, open)
}

fn keeps(entries: &[&Entry], origins: &Origins) -> BTreeSet<Kept> {
    entries.iter().flat_map(|entry| means::effects(entry, origins)).collect()
}

/// Who was connected to, and whether anything was asked for there.
fn meet(contacts: &[&Contact], spoken: &BTreeSet<&str>, runs: &[Run<'_>], origins: &Origins) -> Diff {
    let words =
        |host: &str, port: u64, spoken| format!("{host}:{port} {}", if spoken { "spoken to" } else { "silent" });
    let host = |contact: &&Contact| {
        let name = means::host(&origins[&contact.party]);
        words(name, u64::from(contact.port), spoken.contains(contact.party.as_str()))
    };
    let logged: BTreeSet<String> = contacts.iter().map(host).collect();
    let mut said: BTreeMap<(String, u64), bool> = BTreeMap::new();
    for (host, port, request) in runs.iter().flat_map(|run| run.connections()) {
        *said.entry((host, port)).or_default() |= request;
    }
    let found = said.iter().map(|((host, port), spoken)| words(host, *port, *spoken));
    Diff::new(logged.into_iter().collect(), found.collect())
}
