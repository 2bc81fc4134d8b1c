//! The recorder: everything Chromium says of a page becomes [`seen`](crate::seen), with no miss and no invention. One
//! [`Watch`] is one browser with one profile and one page tab; every frame, worker and window it comes to is attached to
//! before it runs.
//!
//! It knows no site, no banner and no order of pages: whoever holds it says which visit and which moment what follows
//! belongs to, and clicks through [`Watch::page`].

use crate::browser::{self, Fault, Session};
use crate::seen::{Connection, Cookie, End, Entry, Limits, Moment, Picture, Request};
use std::time::{Duration, Instant};

/// How a site is watched.
#[derive(Debug, Clone)]
pub struct Options {
    /// Which browser, with which further flags.
    pub browser: browser::Options,
    /// Whether every request says `Sec-GPC: 1`, and `navigator.globalPrivacyControl` is true.
    pub gpc: bool,
    /// Rules for names, as Chromium takes them: `MAP name 127.0.0.1:8080`.
    pub resolve: Vec<String>,
    /// Whether certificates nobody vouches for are taken.
    pub insecure: bool,
    /// How many requests are kept for each visit ([`Limits::requests`]).
    pub limits: Limits,
    /// Whether the browser keeps a log of its connections, from which [`Gathered::connections`] is read.
    pub netlog: bool,
}

/// What became of a navigation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrival {
    /// How it ended: `Complete`, `Slow`, `Download`, `Failed` or `Broken`. After `Broken` call [`Watch::renew`].
    pub end: End,
    /// The address of the page, after redirects; the one asked for where there is none.
    pub landed: String,
    /// The status of the document, where there was one.
    pub status: Option<u16>,
    /// When the load event came, in milliseconds after the navigation began.
    pub loaded: Option<u64>,
}

/// What a page looks like.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Look {
    /// Its title, cut at 512 characters.
    pub title: String,
    /// Its `lang`, cut at 64 characters.
    pub language: String,
    /// Where its links lead: absolute `http` and `https` addresses without fragments, to any host, each once, at most
    /// 2,000.
    pub links: Vec<String>,
    /// The window as it is.
    pub picture: Option<Picture>,
    /// Whether the page did not answer in time: it hangs, and [`Watch::renew`] gives another.
    pub hung: bool,
}

/// What was gathered since the beginning or the last [`Watch::turn`]. Every `at` is in milliseconds since then.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Gathered {
    /// When it began, in milliseconds since the `began` of [`Watch::start`].
    pub began: u64,
    /// In the order of sending.
    pub requests: Vec<Request>,
    /// One for each name, domain, path and partition.
    pub cookies: Vec<Cookie>,
    /// Every entry of other storage.
    pub storage: Vec<Entry>,
    /// Hosts of the network log. Empty from [`Watch::turn`]: the log is read once the browser has ended, by
    /// [`Watch::end`], which hands out those of earlier turns in [`Gathered::earlier`].
    pub connections: Vec<Connection>,
    /// Connections of earlier turns of the same watch, in their order.
    pub earlier: Vec<Vec<Connection>>,
    /// What the browser calls itself.
    pub browser: String,
    /// What an auditor should know.
    pub notes: Vec<String>,
}

/// A browser that is watched.
#[derive(Debug)]
pub struct Watch {
    page: Session,
}

impl Watch {
    /// Starts a browser with an empty profile and one tab, everything of which is watched from before it runs. Times
    /// count from `began`.
    ///
    /// # Errors
    /// When there is no browser, or it does not start.
    pub async fn start(_options: &Options, _began: Instant) -> Result<Self, Fault> {
        Err(Fault::Gone)
    }

    /// The session of the page tab: for clicks and for questions to the page. It changes with [`Watch::renew`].
    pub fn page(&self) -> Session {
        self.page.clone()
    }

    /// What follows belongs to this visit (an index of the run's visits), and to its [`Moment::Loading`]. Requests of
    /// documents of an earlier visit are still counted to theirs, as [`Moment::Leaving`].
    pub fn visit(&self, _index: usize) {}

    /// What follows belongs to this moment. The load event ends [`Moment::Loading`] by itself.
    pub fn moment(&self, _moment: Moment) {}

    /// Opens an address in the page tab and waits until it has loaded, failed, become a download, broken, or until
    /// `patience` is over; never longer than that and 3 s more.
    pub async fn open(&self, _url: &str, _patience: Duration) -> Arrival {
        Arrival { end: End::Failed(String::new()), landed: String::new(), status: None, loaded: None }
    }

    /// Looks at the page: title, language, links and picture, each within 5 s.
    pub async fn look(&self) -> Look {
        Look::default()
    }

    /// Watches for that long; shorter where the browser ends meanwhile.
    pub async fn rest(&self, _wait: Duration) {}

    /// Gathers what the browser keeps: cookies, and every storage of every origin that was seen. To be called at the end
    /// of each visit, before the page is left, and once more before [`Watch::turn`] and [`Watch::end`]. Takes 10 s at
    /// most.
    pub async fn sweep(&self) {}

    /// How many requests of a visit were beyond the limit, and dialogs, downloads and windows in words: at most ten and a
    /// count.
    pub fn odd(&self, _visit: usize) -> (u64, Vec<String>) {
        (0, Vec::new())
    }

    /// How many requests were seen since the beginning or the last turn.
    pub fn count(&self) -> usize {
        0
    }

    /// Closes the page and opens another in the same profile, so that cookies stay; where the browser itself is gone,
    /// starts another with an empty profile, and says so in a note and with `false`.
    ///
    /// # Errors
    /// When no browser can be started any more.
    pub async fn renew(&mut self) -> Result<bool, Fault> {
        Ok(true)
    }

    /// Hands out what was gathered, and begins anew while the browser stays as it is: for a standing that continues
    /// another, as a withdrawal after an acceptance. Visits and times begin at 0. Cookies and entries that are still there
    /// appear in what is gathered next with [`Setter::Unseen`](crate::seen::Setter::Unseen), visit 0 and `at` 0, and
    /// `stays` says whether they are still there at its end; what is written again gets its setter besides.
    pub async fn turn(&mut self) -> Gathered {
        Gathered::default()
    }

    /// Ends the browser and hands out what was gathered.
    pub async fn end(self) -> Gathered {
        Gathered::default()
    }
}
