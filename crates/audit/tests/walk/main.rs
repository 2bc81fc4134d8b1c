//! The walk before a real browser and a small server: what is asked of a site, in which order and how often, and what comes
//! of pages that misbehave. Without Chromium the tests say so and are passed over; where `CI` is set they fail.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

mod hostile;
mod plan;
mod server;
mod standings;
mod survey;

/// Whether a browser can be had. Where CI runs it must be; elsewhere its absence is said.
async fn browser() -> bool {
    let found = bandeau_audit::browser::find(None).await.is_ok();
    assert!(found || std::env::var_os("CI").is_none(), "there is no Chromium, and CI is set");
    if !found {
        eprintln!("NOT TESTED: no Chromium here (Debian: apt-get install chromium)");
    }
    found
}
