//! Serving: from a configuration to an open door, and back.

use crate::cause::chain;
use crate::config::Config;
use crate::herald::Herald;
use crate::house::{Estate, House};
use crate::keys::Secret;
use crate::proxy::Proxy;
use crate::{admin, clock, config, learn, listen, witness};
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;

/// An open house.
pub(crate) struct Open {
    listeners: Vec<TcpListener>,
    house: Arc<House>,
    config: Config,
    signals: Signals,
}

/// What the process is asked from outside. Heard before the door opens: a SIGHUP nobody hears ends a process.
struct Signals {
    interrupt: Signal,
    terminate: Signal,
    hangup: Signal,
}

impl Signals {
    fn new() -> io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hangup: signal(SignalKind::hangup())?,
        })
    }
}

fn context(what: impl std::fmt::Display) -> impl FnOnce(io::Error) -> io::Error {
    move |error| io::Error::new(error.kind(), format!("{what}: {error}"))
}

/// Opens the book and the listeners.
///
/// # Errors
/// When an address cannot be listened on, or the secret cannot be read or made.
pub(crate) async fn open(config: Config, secret: Option<Secret>) -> io::Result<Open> {
    let signals = Signals::new()?;
    let secret = match secret {
        Some(secret) => secret,
        None => {
            let path = &config.book.key;
            Secret::open(path).map_err(context(format_args!("the secret {}", path.display())))?
        }
    };
    let house = House::new(&config, &secret).map_err(|error| io::Error::other(chain(&error)))?;
    if let bandeau_ledger::Status::Closed { why } = house.ledger.state().status {
        tracing::error!(why, "the book is closed: pages are served and refusals work, but nobody can accept");
    }
    let mut listeners = Vec::new();
    for address in &config.listen {
        let listener = TcpListener::bind(address).await;
        listeners.push(listener.map_err(context(format_args!("cannot listen on {address}")))?);
    }
    Ok(Open { listeners, house: Arc::new(house), config, signals })
}

impl Open {
    /// Where visitors come in.
    pub(crate) fn addresses(&self) -> Vec<SocketAddr> {
        self.listeners.iter().filter_map(|listener| listener.local_addr().ok()).collect()
    }

    /// Serves until it is asked to stop. `file` is read again at SIGHUP.
    ///
    /// # Errors
    /// When TLS cannot be set up or metrics cannot be served.
    pub(crate) async fn run(self, file: Option<&Path>) -> io::Result<()> {
        let Self { listeners, house, config, signals } = self;
        let tls = config.tls.as_ref().map(listen::acceptor).transpose().map_err(context("TLS"))?;
        if let Some(address) = config.admin {
            let listener =
                TcpListener::bind(address).await.map_err(context(format_args!("cannot listen on {address}")))?;
            if let Some(handle) = admin::recorder() {
                tokio::spawn(admin::serve(listener, handle, Arc::clone(&house)));
            }
        }
        let herald = Herald::new(house.ledger.clone());
        herald.tell(&house.estate.load_full(), config.clone());
        let (close, closing) = watch::channel(false);
        let proxy = Arc::new(Proxy::new(Arc::clone(&house)));
        let served = tokio::spawn(listen::serve(listeners, tls, proxy, config.limits.clone(), closing));
        let heeding = tokio::spawn(heed(Arc::clone(&house)));
        let learning = tokio::spawn(learn::attend(Arc::clone(&house)));
        warn(&config);
        if !config.book.witnesses.is_empty() {
            tokio::spawn(witness::attend(Arc::clone(&house), config.book.witnesses.clone()));
        }
        wait(signals, &house, &herald, file).await;
        heeding.abort();
        learning.abort();
        tracing::info!("closing: no new connections, open requests may end");
        let _ = close.send(true);
        let _ = served.await;
        learn::keep(&house).await;
        let ledger = house.ledger.clone();
        // Flushing waits for the disk.
        let _ = tokio::task::spawn_blocking(move || ledger.close()).await;
        Ok(())
    }
}

/// Says aloud that strangers pass.
fn warn(config: &Config) {
    if config.policy.draft().unknown == bandeau_consent::Unknown::Learn {
        let file = config.learning.file.display();
        tracing::warn!(%file, "unknown = \"learn\": strangers pass to be noted, but for who has refused. Not for the public");
    }
}

/// Learns about once a second whose grants were taken back by a receipt, perhaps through another node.
async fn heed(house: Arc<House>) {
    loop {
        house.heed();
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

/// Waits for the end, reading the configuration again whenever asked to.
async fn wait(mut signals: Signals, house: &House, herald: &Herald, file: Option<&Path>) {
    loop {
        tokio::select! {
            _ = signals.interrupt.recv() => return,
            _ = signals.terminate.recv() => return,
            _ = signals.hangup.recv() => reload(house, herald, file),
        }
    }
}

/// Swaps the estate whole, or keeps the one that runs. What was opened or set up at the start stays until the
/// next: addresses, TLS, the store, and the limits of connections and of waiting for the site.
fn reload(house: &House, herald: &Herald, file: Option<&Path>) {
    let Some(file) = file else {
        return;
    };
    let read = std::fs::read_to_string(file).map_err(|error| vec![format!("{}: {error}", file.display())]);
    let parsed = read.and_then(|text| {
        config::parse(&text)
            .map_err(|faults| faults.iter().map(|fault| fault.line(&file.display().to_string(), &text)).collect())
    });
    match parsed {
        Ok(config) => {
            let config = Config { changed: clock::changed(file), ..config };
            let estate = Arc::new(Estate::new(&config));
            tracing::info!(policy = %config.policy.hash(), "the configuration was read again");
            warn(&config);
            // Told first: no record of it is older than it is.
            herald.tell(&estate, config);
            house.estate.store(estate);
        }
        Err(faults) => {
            for fault in faults {
                tracing::error!("{fault}");
            }
            tracing::error!("the configuration that runs is kept");
        }
    }
}
