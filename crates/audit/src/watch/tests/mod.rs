//! The recorder before a real browser and real sites: what it says is compared with what the sites themselves wrote down.

mod odd;
mod runs;
mod site;
mod walk;

use super::{Gathered, Options, Watch};
use crate::seen::{Limits, Request};
use site::Site;
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(15);

fn options() -> Options {
    let limits = Limits { pages: 1, depth: 1, wait: 0, patience: 15_000, delay: 0, requests: 1000, robots: true };
    Options {
        browser: Default::default(),
        gpc: false,
        resolve: Vec::new(),
        insecure: false,
        limits,
        netlog: Some(1 << 30),
    }
}

/// A browser, where there is one; its absence is said, not hidden.
async fn watch(options: &Options) -> Option<Watch> {
    match Watch::start(options, Instant::now()).await {
        Ok(watch) => Some(watch),
        Err(crate::browser::Fault::Absent(why)) => {
            eprintln!("NOT TESTED: {why}");
            None
        }
        Err(fault) => panic!("{fault}"),
    }
}

/// Everything that left, as the recorder says it, in the words of the site.
fn left(gathered: &Gathered) -> Vec<(String, String, String)> {
    let mut all: Vec<_> = gathered.requests.iter().filter(|request| request.outcome.left()).map(plain).collect();
    all.sort();
    all
}

fn plain(request: &Request) -> (String, String, String) {
    let url = url::Url::parse(&request.url).unwrap();
    let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
    let place = format!("{}{}{query}", url.host_str().unwrap(), url.path());
    let cookies: Vec<_> = request.cookies.iter().map(|cookie| format!("{}={}", cookie.name, cookie.value)).collect();
    (request.method.clone(), place, cookies.join("; "))
}

/// The same as the site wrote it down.
fn came(site: &Site) -> Vec<(String, String, String)> {
    let mut all: Vec<_> = site.came().into_iter().map(|came| (came.method, came.place, came.cookies)).collect();
    all.sort();
    all
}

fn find<'a>(gathered: &'a Gathered, end: &str) -> &'a Request {
    let found = gathered.requests.iter().find(|request| request.url.ends_with(end));
    found.unwrap_or_else(|| panic!("no request for {end}: {:#?}", gathered.requests))
}
