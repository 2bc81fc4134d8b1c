//! Where a walk gets its pages from: it makes the list, or it follows the one that makes it.

use super::list::Maker;
use super::page::{Left, Shared};
use crate::browser::{self, Fault};
use crate::crawl::{self, Fetch, Frontier, Lead, Next, Robots, Scope, Survey};
use crate::seen::From;
use std::time::Duration;
use tokio::task::JoinHandle;
use url::Url;

/// Where the pages of a walk come from.
pub(super) enum Source {
    Make(Box<Make>),
    Follow(usize),
}

/// Makes the list.
pub(super) struct Make {
    maker: Maker,
    frontier: Frontier,
    survey: Option<JoinHandle<Surveyed>>,
    fetch: Option<Fetch>,
    heeds: bool,
    pub(super) notes: Vec<String>,
}

type Surveyed = Result<(Survey, Fetch), Fault>;

impl Make {
    /// Begins the list with what was asked for, and reads meanwhile what the site says of itself.
    pub(super) fn begin(shared: &Shared, maker: Maker) -> Self {
        let plan = &shared.plan;
        let limits = &plan.limits;
        let scope = Scope { pages: limits.pages, depth: limits.depth, robots: limits.robots };
        let mut frontier = Frontier::new(plan.site.clone(), scope);
        frontier.offer(&plan.start, From::Start, 0);
        for url in &plan.named {
            frontier.offer(url, From::Named, 0);
        }
        let options = options(&plan.browser, &plan.resolve, plan.insecure);
        let (start, site) = (plan.start.clone(), plan.site.clone());
        let survey = tokio::spawn(async move {
            let fetch = Fetch::start(&options).await?;
            Ok((crawl::survey(&fetch, &start, &site).await, fetch))
        });
        Self { maker, frontier, survey: Some(survey), fetch: None, heeds: limits.robots, notes: Vec::new() }
    }

    async fn next(&mut self, shared: &Shared, first: bool) -> Option<Lead> {
        // The start page needs nobody's leave; what comes after it may.
        if !first && let Some(survey) = &mut self.survey {
            let surveyed = survey.await.ok().and_then(Result::ok);
            self.survey = None;
            self.learn(shared, surveyed);
        }
        loop {
            match self.frontier.pop() {
                Next::Page(lead) => {
                    self.maker.foresee(self.frontier.foreseen());
                    self.maker.push(lead.clone());
                    return Some(lead);
                }
                Next::Robots(url) => {
                    let robots = match &self.fetch {
                        Some(fetch) => crawl::rules(fetch, &url).await,
                        None => Robots::read(None, b""),
                    };
                    self.know(shared, &url, robots);
                }
                Next::Nothing => {
                    self.notes.append(&mut self.frontier.notes());
                    return None;
                }
            }
        }
    }

    fn learn(&mut self, shared: &Shared, surveyed: Option<(Survey, Fetch)>) {
        let Some((mut survey, fetch)) = surveyed else {
            self.notes
                .push("robots.txt and the sitemap could not be read: the browser that fetches them failed".to_owned());
            return;
        };
        if self.heeds {
            self.notes.append(&mut survey.notes);
        }
        self.fetch = Some(fetch);
        self.know(shared, &shared.plan.start, survey.robots);
        for page in &survey.pages {
            // How far it is from the start page nobody said: as far as a link there.
            self.frontier.offer(page, From::Sitemap, 1);
        }
    }

    fn know(&mut self, shared: &Shared, at: &Url, robots: Robots) {
        if self.heeds
            && let Some(delay) = robots.delay()
        {
            let least = Duration::from_millis(shared.plan.limits.delay);
            if delay > least {
                let host = at.host_str().unwrap_or_default();
                self.notes.push(format!("robots.txt of {host} asks for {} s between two pages", delay.as_secs_f32()));
            }
            shared.pace.slow(at, delay);
        }
        self.frontier.know(at, robots);
    }

    fn found(&mut self, left: &Left) {
        if let Ok(landed) = Url::parse(&left.landed) {
            self.frontier.landed(&landed);
        }
        for link in left.links.iter().filter_map(|link| Url::parse(link).ok()) {
            self.frontier.offer(&link, From::Link, left.depth + 1);
        }
        self.maker.foresee(self.frontier.foreseen());
    }
}

impl Drop for Make {
    fn drop(&mut self) {
        // It holds a browser, and nobody is left who reads what it finds.
        if let Some(survey) = &self.survey {
            survey.abort();
        }
    }
}

impl Source {
    /// The next page.
    pub(super) async fn next(&mut self, shared: &Shared, first: bool) -> Option<Lead> {
        match self {
            Self::Make(make) => make.next(shared, first).await,
            Self::Follow(at) => {
                let lead = shared.list.at(*at).await?;
                *at += 1;
                Some(lead)
            }
        }
    }

    /// Says what a page that was left linked to.
    pub(super) fn found(&mut self, left: &Left) {
        if let Self::Make(make) = self {
            make.found(left);
        }
    }

    /// What an auditor should know of the list.
    pub(super) fn notes(&mut self) -> Vec<String> {
        match self {
            Self::Make(make) => std::mem::take(&mut make.notes),
            Self::Follow(_) => Vec::new(),
        }
    }
}

/// How the browser that fetches is started: with the names and certificates of the others.
fn options(browser: &browser::Options, resolve: &[String], insecure: bool) -> browser::Options {
    let mut options = browser.clone();
    if !resolve.is_empty() {
        options.flags.push(format!("--host-resolver-rules={}", resolve.join(",")));
    }
    if insecure {
        options.flags.push("--ignore-certificate-errors".to_owned());
    }
    options
}
