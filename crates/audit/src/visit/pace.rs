//! How often a host is asked for a page: one clock for all walks, so that five standings are no five robots.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::time::{Instant, sleep_until};
use url::Url;

/// When each host may be asked next.
#[derive(Debug)]
pub(super) struct Pace {
    least: Duration,
    hosts: Mutex<HashMap<String, Host>>,
}

#[derive(Debug)]
struct Host {
    delay: Duration,
    last: Option<Instant>,
}

impl Pace {
    pub(super) fn new(least: Duration) -> Self {
        Self { least, hosts: Mutex::default() }
    }

    /// Says that a host asks for a longer delay.
    pub(super) fn slow(&self, url: &Url, delay: Duration) {
        self.host(url, |host| host.delay = host.delay.max(delay));
    }

    /// Waits until the host may be asked, and counts that as asking.
    pub(super) async fn turn(&self, url: &Url) {
        let turn = self.host(url, |host| {
            let now = Instant::now();
            let turn = host.last.map_or(now, |last| now.max(last + host.delay));
            host.last = Some(turn);
            turn
        });
        sleep_until(turn).await;
    }

    fn host<T>(&self, url: &Url, act: impl FnOnce(&mut Host) -> T) -> T {
        let name = url.host_str().unwrap_or_default().to_owned();
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        act(hosts.entry(name).or_insert(Host { delay: self.least, last: None }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn turns_of_one_host_keep_their_distance_and_other_hosts_do_not_wait() {
        let pace = Pace::new(Duration::from_secs(1));
        let url = |text: &str| Url::parse(text).unwrap();
        let (a, b) = (url("https://a.example/x"), url("https://b.example/"));
        let began = Instant::now();
        tokio::join!(pace.turn(&a), pace.turn(&a), pace.turn(&b), pace.turn(&a));
        assert_eq!(began.elapsed().as_secs(), 2);
        pace.slow(&a, Duration::from_secs(5));
        pace.slow(&a, Duration::from_secs(3));
        pace.turn(&a).await;
        assert_eq!(began.elapsed().as_secs(), 7);
        pace.turn(&b).await;
        assert_eq!(began.elapsed().as_secs(), 7);
    }
}
