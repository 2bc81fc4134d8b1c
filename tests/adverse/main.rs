//! Rewriting against the browser's own parser: thousands of damaged pages, and what Chromium would fetch of each before
//! and after. Rewriting alone is tested: no policy header is sent and no script is ours. What a script does when it runs
//! is not the rewriter's business, so the scripts in these pages do nothing.
//!
//! `BANDEAU_MUTATIONS` says how many pages there are, `BANDEAU_SEED` which.
#![allow(missing_docs, unreachable_pub, clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

#[path = "../browser/driver.rs"]
#[allow(dead_code)]
mod driver;
#[path = "../support/mod.rs"]
mod support;

mod door;
mod mutate;
mod seeds;
mod server;
mod trial;

use mutate::Dice;
use trial::Trial;

fn number(name: &str, otherwise: u64) -> u64 {
    #[expect(clippy::disallowed_methods, reason = "tests ask how long to run")]
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(otherwise)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rewriting_agrees_with_the_browser_on_what_would_be_fetched() {
    if !driver::present() {
        return;
    }
    let (count, seed) = (number("BANDEAU_MUTATIONS", 10_000), number("BANDEAU_SEED", 3));
    println!("{count} pages from seed {seed}");
    let mut dice = Dice(seed);
    let mut trial = Trial::start().await;
    let mut left = usize::try_from(count).unwrap();
    while left > 0 {
        let size = left.min(1000);
        trial.pages((0..size).map(|_| mutate::page(&mut dice, trial::inputs())).collect()).await;
        left -= size;
    }
    trial.close().await;
}
