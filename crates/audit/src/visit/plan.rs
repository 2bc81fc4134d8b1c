//! What an audit is asked to do, what it says meanwhile, and how it is ended early.

use crate::browser;
use crate::crawl::Site;
use crate::seen::{End, Limits, Standing};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use url::Url;

/// What an audit is asked to do.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Where to begin.
    pub start: Url,
    /// What counts as the site.
    pub site: Site,
    /// Pages to visit whatever else is found, at most as many as the limit allows.
    pub named: Vec<Url>,
    /// Standings to walk through. [`Standing::Withdrawn`] continues [`Standing::Accepted`].
    pub standings: Vec<Standing>,
    /// Under which limits.
    pub limits: Limits,
    /// Which browser, with which further flags.
    pub browser: browser::Options,
    /// Rules for names, as Chromium takes them: `MAP name 127.0.0.1:8080`.
    pub resolve: Vec<String>,
    /// Whether certificates nobody vouches for are taken.
    pub insecure: bool,
    /// Browsers that walk at the same time, at most.
    pub parallel: usize,
    /// How long gathering may take; what was gathered until then is the audit.
    pub time: Duration,
    /// Whether pages are visited also where the standing was not reached, as whoever could not choose would see them.
    pub anyway: bool,
    /// What time it is, in milliseconds since 1970.
    pub started: u64,
    /// Version of Bandeau.
    pub version: String,
}

/// What an audit says while it runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// What one walk is about to do.
    Doing {
        /// Which walk.
        standing: Standing,
        /// In a few words: `refuses`, or the address of a page.
        what: String,
    },
    /// A page was visited.
    Visited {
        /// In which walk.
        standing: Standing,
        /// Its address.
        url: String,
        /// How it ended.
        end: End,
        /// Requests of this walk until now.
        requests: usize,
        /// Pages of this walk until now.
        done: u32,
        /// Pages of this walk, as far as is known.
        of: u32,
    },
    /// A walk is over.
    Ended {
        /// Which walk.
        standing: Standing,
        /// Why its standing was not reached, or why it ended early.
        fault: Option<String>,
    },
}

/// Ends an audit early, from outside; clones are one.
#[derive(Debug, Clone)]
pub struct Stop(Arc<watch::Sender<Option<String>>>);

impl Default for Stop {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(None)))
    }
}

impl Stop {
    /// Ends gathering. The first reason is the one that is said.
    pub fn now(&self, why: &str) {
        self.0.send_if_modified(|reason| {
            let first = reason.is_none();
            if first {
                *reason = Some(why.to_owned());
            }
            first
        });
    }

    /// Why it was ended, where it was.
    pub fn why(&self) -> Option<String> {
        self.0.borrow().clone()
    }

    /// Waits until it is ended.
    pub async fn reached(&self) {
        // The sender is our own and cannot be gone.
        let _ = self.0.subscribe().wait_for(Option::is_some).await;
    }

    /// Does something, unless it is ended meanwhile.
    pub(super) async fn or<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            biased;
            () = self.reached() => None,
            done = work => Some(done),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_first_reason_stays_and_ends_what_is_under_way() {
        let stop = Stop::default();
        assert_eq!(stop.why(), None);
        assert_eq!(stop.or(async { 7 }).await, Some(7));
        let other = stop.clone();
        let (ended, ()) = tokio::join!(stop.or(std::future::pending::<()>()), async {
            other.now("interrupted");
            other.now("too late");
        });
        assert_eq!(ended, None);
        assert_eq!(stop.why().as_deref(), Some("interrupted"));
        assert_eq!(stop.or(async { 7 }).await, None);
    }
}
