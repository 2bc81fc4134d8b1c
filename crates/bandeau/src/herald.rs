//! Says in the book what went live, behind everything else: no page waits for it, and a store that is away is asked again
//! until it answers. Versions are said in the order in which they went live.

use crate::cause::chain;
use crate::config::Config;
use crate::house::Estate;
use crate::{clock, counters, mechanism};
use bandeau_ledger::{Ledger, Published, Version};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;

/// How long is waited before the store is asked again: at first, and at most.
const PAUSE: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(30));

/// Tells what went live.
pub(crate) struct Herald(mpsc::UnboundedSender<Live>);

/// What went live, and when.
struct Live {
    estate: Arc<Estate>,
    config: Config,
    at: u64,
}

impl Herald {
    /// Starts on Tokio; it ends with the last word once the herald is dropped, or with the process.
    pub(crate) fn new(ledger: Ledger) -> Self {
        let (told, mut heard) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            while let Some(live) = heard.recv().await {
                say(&ledger, live).await;
            }
        });
        Self(told)
    }

    /// An estate is live from this moment on.
    pub(crate) fn tell(&self, estate: &Arc<Estate>, config: Config) {
        // Nobody hears it only once the house is closed.
        let _ = self.0.send(Live { estate: Arc::clone(estate), config, at: clock::millis() });
    }
}

async fn say(ledger: &Ledger, live: Live) {
    let at = live.at;
    // All pages in all languages take a moment to draw.
    let made = tokio::task::spawn_blocking(move || mechanism::version(&live.estate, &live.config)).await;
    let version: Arc<Version> = match made {
        Ok(Ok(version)) => Arc::new(version),
        Ok(Err(error)) => return fail(&error.to_string()),
        Err(error) => return fail(&error.to_string()),
    };
    let mut pause = PAUSE.0;
    let mut said = None;
    loop {
        match ledger.publish(&version, at).await {
            Ok(Published::Live(manifest)) => {
                counters::mechanism("published");
                tracing::info!(%manifest, "this version of notice, policy and configuration is archived and logged");
                return;
            }
            Ok(Published::Same(_)) => return counters::mechanism("same"),
            Err(error) => {
                counters::mechanism("failed");
                let why = chain(&error);
                if said.as_ref() != Some(&why) {
                    tracing::warn!(why, "what is live could not be archived; it is tried again");
                    said = Some(why);
                }
            }
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(PAUSE.1);
    }
}

fn fail(why: &str) {
    counters::mechanism("failed");
    tracing::error!(why, "what is live could not be drawn, and is not archived");
}
