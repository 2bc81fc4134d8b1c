//! The configuration: one TOML file, read once into what the house runs on. Everything that is wrong with
//! it is said at once, with line and column, what was read and what would be accepted.
//!
//! [`raw`] is the shape of the file; [`read`] makes sense of it. Words of purposes come from the banner,
//! facts about services from the catalogue; this room adds no rule about any of them.

mod fault;
mod keep;
mod policy;
mod read;
mod redact;
mod signals;
mod span;
mod theme;

pub(crate) mod catalog;
pub(crate) mod raw;

pub(crate) use fault::Fault;
pub(crate) use redact::redact;

use crate::clock;
use crate::learn::Learning;
use bandeau_consent::{Digest, Hasher, Policy};
use bandeau_gate::Means;
use bandeau_ledger::log::WitnessKey;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use url::Url;

/// The configuration `bandeau init` writes.
pub(crate) const TEMPLATE: &str = include_str!("template.toml");

/// What the house runs on.
#[derive(Debug, Clone)]
pub(crate) struct Config {
    /// Where it listens for visitors.
    pub(crate) listen: Vec<SocketAddr>,
    /// The site it stands before: scheme, host and port.
    pub(crate) upstream: Url,
    /// Proxies that are trusted to say whether the visitor speaks TLS and from where.
    pub(crate) trust: Vec<IpAddr>,
    /// Certificate and key, where it speaks TLS itself.
    pub(crate) tls: Option<Tls>,
    /// The site, as the notice names it.
    pub(crate) site: bandeau_banner::Site,
    /// Where records go and for how long.
    pub(crate) book: Book,
    /// Bounds of time and size.
    pub(crate) limits: Limits,
    /// Where metrics are served, if anywhere.
    pub(crate) admin: Option<SocketAddr>,
    /// Whether rewritten pages are compressed for the visitor.
    pub(crate) compress: bool,
    /// By which means it is enforced.
    pub(crate) means: Arc<Means>,
    /// Whether pages may be kept by shared caches that tell variants apart.
    pub(crate) variants: bool,
    /// Whether `/.well-known/gpc.json` is answered here.
    pub(crate) gpc_file: bool,
    /// What browsers are told to clear when something is taken back: `cache`, `storage`.
    pub(crate) clear: Vec<String>,
    /// What scripts of a page are told of the answer.
    pub(crate) signals: bandeau_banner::Signals,
    /// What is learnt from traffic.
    pub(crate) learning: Learning,
    /// The country whose law applies, if it is said.
    pub(crate) country: Option<String>,
    /// What is asked and enforced.
    pub(crate) policy: Arc<Policy>,
    /// The digest of the text it was read from.
    pub(crate) digest: Digest,
    /// That text.
    pub(crate) text: Arc<str>,
    /// When the file last changed, in seconds since the epoch, where there is a file.
    pub(crate) changed: Option<u64>,
}

/// Files of the certificate chain and its key, in PEM.
#[derive(Debug, Clone)]
pub(crate) struct Tls {
    pub(crate) cert: PathBuf,
    pub(crate) key: PathBuf,
}

/// Where records go and for how long.
#[derive(Debug, Clone)]
pub(crate) struct Book {
    /// The store, such as `sqlite:bandeau.db`.
    pub(crate) store: String,
    /// The file of the secret key; made at the first start.
    pub(crate) key: PathBuf,
    /// What this node's own files are called, where the store is no file.
    pub(crate) local: Option<PathBuf>,
    /// What the log is called: the site's first host, and where it is served.
    pub(crate) origin: String,
    /// How long a choice stands.
    pub(crate) keep: Duration,
    /// How long its record is kept; for good if not said.
    pub(crate) retain: Option<Duration>,
    /// Who else signs the log.
    pub(crate) witnesses: Vec<Witness>,
}

/// Somebody who signs the log as well.
#[derive(Debug, Clone)]
pub(crate) struct Witness {
    /// Where it is asked: the submission prefix (C2SP tlog-witness).
    pub(crate) url: String,
    /// What it signs with.
    pub(crate) key: WitnessKey,
}

impl Book {
    pub(crate) fn options(&self) -> bandeau_ledger::Options {
        bandeau_ledger::Options {
            origin: self.origin.clone(),
            local: self.local.clone(),
            retain: self.retain,
            now: clock::millis,
            name: clock::name,
        }
    }
}

/// Bounds of time and size.
#[derive(Debug, Clone)]
pub(crate) struct Limits {
    /// For connecting to the site.
    pub(crate) connect: Duration,
    /// For the site to begin its answer.
    pub(crate) answer: Duration,
    /// For a body to move, in either direction.
    pub(crate) idle: Duration,
    /// For a visitor to send the head of a request.
    pub(crate) head: Duration,
    /// Bytes of a request's head.
    pub(crate) header_bytes: usize,
    /// Connections at once.
    pub(crate) connections: usize,
}

impl Config {
    /// What the configuration comes to, a line each.
    pub(crate) fn outline(&self) -> Vec<String> {
        let policy = &self.policy;
        let names = |purposes: Vec<&str>| if purposes.is_empty() { "none".to_owned() } else { purposes.join(", ") };
        let draft = policy.draft();
        let told = self.signals.outline();
        let mut lines = vec![
            format!(
                "site      {} for {}",
                self.upstream,
                draft.hosts.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
            ),
            format!("asked     {}", names(policy.asked().map(|purpose| purpose.id.as_str()).collect())),
            format!("exempt    {}", names(policy.exempt().map(|purpose| purpose.id.as_str()).collect())),
            format!("services  {}, features {}", draft.services.len(), draft.features.len()),
            format!(
                "book      {}, choices stand {} days",
                bandeau_ledger::shown_store(&self.book.store),
                self.book.keep.as_secs() / 86_400
            ),
        ];
        lines.extend(told.iter().map(|line| format!("signals   {line}")));
        lines
    }
}

/// Reads a configuration.
///
/// # Errors
/// Everything that is wrong with it.
pub(crate) fn parse(text: &str) -> Result<Config, Vec<Fault>> {
    let digest = Hasher::new("bandeau configuration v1").field(text).finish();
    read::read(text).map(|config| Config { digest, text: text.into(), ..config })
}
