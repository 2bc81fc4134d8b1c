//! The case: an audit with everything in it attributed, once, so that every rule reads the same answers. Indices of the
//! audit are foreign and are never trusted. What a rule is it does not know.

use crate::seen::{Audit, Cookie, Entry, Request, Run, Setter, Standing};
use crate::who::name::{self, Own};
use crate::who::{Directory, Subject, table};
use std::collections::HashMap;
use std::rc::Rc;

/// Redirects that are followed back, at most: an audit that was tampered with may go in circles.
const HOPS: usize = 32;

/// An audit, attributed.
pub(crate) struct Case<'a> {
    pub(crate) audit: &'a Audit,
    pub(crate) known: &'a Directory,
    pub(crate) own: Own,
    pub(crate) walks: Vec<Walk<'a>>,
}

/// A run, attributed: whose each of its things is, by the same index.
pub(crate) struct Walk<'a> {
    pub(crate) run: &'a Run,
    pub(crate) requests: Vec<Rc<Subject>>,
    pub(crate) cookies: Vec<Rc<Subject>>,
    pub(crate) entries: Vec<Rc<Subject>>,
    pub(crate) connections: Vec<Rc<Subject>>,
    /// Whether what nobody chose yet is looked for here.
    fresh: bool,
}

/// Where in the visitor's choice something happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Phase {
    /// Nothing had been chosen.
    Before,
    /// Everything had been refused.
    Refused,
    /// Everything had been taken back.
    Withdrawn,
}

impl<'a> Case<'a> {
    pub(crate) fn new(audit: &'a Audit, known: &'a Directory) -> Self {
        let mut case = Self { audit, known, own: Own::new(&audit.site, &audit.own), walks: Vec::new() };
        let untouched = |run: &Run| matches!(run.standing, Standing::Before | Standing::Gpc);
        // Where nobody walked untouched, the way to a choice still shows what came before it.
        let any = audit.runs.iter().any(untouched);
        case.walks = audit.runs.iter().map(|run| case.walk(run, untouched(run) || !any)).collect();
        case
    }

    /// The run of a standing.
    pub(crate) fn walk_of(&self, standing: Standing) -> Option<&Walk<'a>> {
        self.walks.iter().find(|walk| walk.run.standing == standing)
    }

    fn walk(&self, run: &'a Run, fresh: bool) -> Walk<'a> {
        let mut seen: HashMap<(&str, &str, &str), Rc<Subject>> = HashMap::new();
        let requests: Vec<_> = run
            .requests
            .iter()
            .map(|request| {
                let page = run.visits.get(request.visit).map_or("", |visit| visit.landed.as_str());
                let key = (request.url.as_str(), request.kind.as_str(), page);
                Rc::clone(seen.entry(key).or_insert_with(|| Rc::new(self.sent(request, page))))
            })
            .collect();
        let cookies = run.cookies.iter().map(|cookie| Rc::new(self.cookie(cookie, &requests))).collect();
        let entries = run.storage.iter().map(|entry| Rc::new(self.entry(entry, &requests))).collect();
        let connections = run.connections.iter().map(|one| {
            let host = name::plain(&one.host);
            Rc::new(self.known.host(&host, self.own.has(&host)))
        });
        Walk { run, connections: connections.collect(), requests, cookies, entries, fresh }
    }

    /// Whose a request is, through whatever name it hides behind.
    fn sent(&self, request: &Request, page: &str) -> Subject {
        let page = name::host(page).unwrap_or_else(|| self.own.domain().to_owned());
        let Some(host) = name::host(&request.url) else { return Subject::stranger(self.own.domain(), true) };
        let own = self.own.has(&host);
        let subject = self.known.request(request, &page, own, None);
        if !own || subject.tracker() {
            return subject;
        }
        let hidden = self.foreign(&host).filter_map(|alias| {
            let behind = self.known.request(request, &page, false, Some(alias));
            behind.tracker().then_some(behind).or_else(|| self.kin(alias))
        });
        hidden.into_iter().next().unwrap_or(subject)
    }

    /// The names a host of the site's stands for that are not the site's.
    pub(crate) fn foreign<'b>(&'b self, host: &str) -> impl Iterator<Item = &'b String> {
        let chain = self.audit.aliases.get(host).into_iter().flatten();
        chain.filter(|alias| !self.own.has(&name::plain(alias)) && !table::hosting(&name::plain(alias)))
    }

    /// A tracker that has another host of the same registrable domain.
    fn kin(&self, alias: &str) -> Option<Subject> {
        let host = name::plain(alias);
        let known = self.known.akin(&host).filter(|known| known.service.tracker)?;
        let at = known.hosts.first()?.host().to_owned();
        let subject = self.known.host(&at, false);
        Some(Subject { domain: name::domain(&host).to_owned(), ..subject })
    }

    /// Whose a cookie is: by its name where it is the site's own, else by its domain, else by who wrote it.
    fn cookie(&self, cookie: &Cookie, requests: &[Rc<Subject>]) -> Subject {
        let host = name::plain(&cookie.domain);
        let site = self.own.domain();
        if self.own.has(&host) {
            let named = self.known.cookie(&cookie.name, site);
            // A name that only the database has may be many people's: who wrote it is surer.
            let sure = named.as_ref().is_some_and(|subject| subject.choice || !subject.hearsay());
            let writer = || cookie.setters.iter().find_map(|setter| self.writer(setter, requests));
            let found = if sure { named } else { writer().or(named) };
            return found.unwrap_or_else(|| Subject::stranger(site, true));
        }
        let by = |setter: &Setter| match setter {
            Setter::Answer(at) => requests.get(*at).filter(|one| one.domain == name::domain(&host)),
            _ => None,
        };
        let mut subject = cookie
            .setters
            .iter()
            .find_map(by)
            .map_or_else(|| self.known.host(&host, false), |subject| subject.as_ref().clone());
        self.known.foreign(&mut subject, &cookie.name);
        subject
    }

    fn entry(&self, entry: &Entry, requests: &[Rc<Subject>]) -> Subject {
        let site = self.own.domain();
        let host = name::host(&entry.origin).unwrap_or_else(|| name::plain(&entry.origin));
        if !self.own.has(&host) {
            let same = requests.iter().find(|one| one.domain == name::domain(&host) && one.service.is_some());
            return same.map_or_else(|| self.known.host(&host, false), |subject| subject.as_ref().clone());
        }
        let named = self.known.key(&entry.key, site);
        named.or_else(|| self.writer(&entry.setter, requests)).unwrap_or_else(|| Subject::stranger(site, true))
    }

    /// The third party that wrote something into the site's own store: the answer that set it, a tracker among the scripts
    /// that led to it, or else the innermost script. What a script of the site's own wrote is the site's.
    fn writer(&self, setter: &Setter, requests: &[Rc<Subject>]) -> Option<Subject> {
        match setter {
            Setter::Answer(at) => {
                requests.get(*at).filter(|one| !one.own || one.tracker()).map(|one| one.as_ref().clone())
            }
            Setter::Script { stack, .. } => {
                let of = |url: &String| {
                    let page = self.own.domain();
                    let host = name::host(url)?;
                    let request = crate::judge::marks::script(url);
                    Some(self.known.request(&request, page, self.own.has(&host), None))
                };
                let all: Vec<Subject> = stack.iter().filter_map(of).collect();
                let tracker = all.iter().position(Subject::tracker);
                let at = tracker.or_else(|| all.first().filter(|one| !one.own).map(|_| 0));
                at.and_then(|at| all.into_iter().nth(at))
            }
            Setter::Unseen => None,
        }
    }
}

impl Walk<'_> {
    /// Where in the visitor's choice a moment of this run lies; nothing for what belongs to an acceptance, or to a choice
    /// that could not be made.
    pub(crate) fn phase(&self, at: u64) -> Option<Phase> {
        let clicked = self.run.steps.first().map_or(u64::MAX, |step| step.at);
        match self.run.standing {
            _ if self.fresh && at < clicked && (self.run.chosen == 0 || at < self.run.chosen) => Some(Phase::Before),
            Standing::Refused if self.run.reached && at >= self.run.chosen => Some(Phase::Refused),
            Standing::Withdrawn if self.run.reached && at >= self.run.chosen => Some(Phase::Withdrawn),
            _ => None,
        }
    }

    /// The request a request was redirected from, and so on, the nearest first.
    pub(crate) fn chain(&self, request: usize) -> Vec<usize> {
        let before = |at: &usize| self.run.requests.get(*at).and_then(|request| request.redirect);
        let chain = std::iter::successors(before(&request), before);
        chain.take(HOPS).take_while(|at| *at < self.run.requests.len()).collect()
    }

    /// Whether a moment counts for the standing of this run: what is older than its choice belongs to the way there. Where
    /// the choice could not be made everything counts, and is of somebody who was only asked.
    pub(crate) fn counts(&self, at: u64) -> bool {
        !self.run.reached || at >= self.run.chosen
    }

    /// Pages that were there to look at in this standing. The page a choice is made on shows the way to it, and an answer of
    /// 400 and above shows a fault or a wall, not the site.
    pub(crate) fn pages(&self) -> usize {
        self.run.visits.iter().filter(|visit| self.counts(visit.at) && visit.shown()).count()
    }

    /// Whether at least one page was there to look at.
    pub(crate) fn looked(&self) -> bool {
        self.pages() > 0
    }

    /// The address of a page.
    pub(crate) fn page(&self, visit: usize) -> Option<&str> {
        let visit = self.run.visits.get(visit)?;
        Some(if visit.landed.is_empty() { &visit.url } else { &visit.landed })
    }
}
