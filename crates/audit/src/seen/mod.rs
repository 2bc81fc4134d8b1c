//! What was seen, as data: the words of the witness, and the format of the JSON file. Nothing here judges, and nothing
//! here knows a browser.
//!
//! Times are milliseconds: [`Audit::started`] since 1970, every `at` since the beginning of its [`Run`].

mod banner;
mod kept;
mod request;
mod visit;

pub use banner::{Banner, Control, How, Layer, Rect, Role, Step, Way};
pub use kept::{Cookie, Entry, Kind, SameSite, Setter};
pub use request::{Connection, Initiator, Outcome, Request, Sent, Target};
pub use visit::{End, From, Moment, Picture, Visit};

use serde::{Deserialize, Serialize};

/// The version of the format; raised when a reader of the old one would misunderstand the new.
pub const FORMAT: u32 = 1;

/// One audit of one site.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Audit {
    /// [`FORMAT`] of whoever wrote it.
    pub format: u32,
    /// Version of Bandeau.
    pub version: String,
    /// What the browser calls itself.
    pub browser: String,
    /// The address that was asked for.
    pub site: String,
    /// Hosts that count as the site itself: those of its registrable domain, and those the operator named (a leading `*.`
    /// means every host below).
    pub own: Vec<String>,
    /// When it began, in milliseconds since 1970.
    pub started: u64,
    /// How long it took, in milliseconds.
    pub took: u64,
    /// Under which limits.
    pub limits: Limits,
    /// Why it ended early, where it did: what is here was gathered until then.
    pub interrupted: Option<String>,
    /// Each standing that was walked through.
    pub runs: Vec<Run>,
    /// What DNS says of every host that was asked for: its aliases in order. Hosts without an alias are left out.
    #[serde(default)]
    pub aliases: std::collections::BTreeMap<String, Vec<String>>,
    /// What an auditor should know: pages left out by robots.txt, limits that were met, faults of the browser.
    pub notes: Vec<String>,
}

/// Under which limits an audit ran.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Pages for each standing, at most.
    pub pages: u32,
    /// Links followed one after the other from the start page, at most.
    pub depth: u32,
    /// How long every page is watched after it has loaded, in milliseconds.
    pub wait: u64,
    /// How long a page may take to load, in milliseconds.
    pub patience: u64,
    /// The least time between two pages of one host, in milliseconds.
    pub delay: u64,
    /// Requests kept in full for each page, at most; more are counted in [`Visit::more`].
    pub requests: u32,
    /// Whether robots.txt was heeded.
    pub robots: bool,
}

/// Where the visitor stood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// A fresh profile, and nothing touched.
    Before,
    /// Everything refused on the first page.
    Refused,
    /// Everything accepted on the first page.
    Accepted,
    /// Everything accepted, then taken back.
    Withdrawn,
    /// A fresh profile, nothing touched, and `Sec-GPC: 1` with every request.
    Gpc,
}

impl Standing {
    /// All of them, in the order of a report.
    pub const ALL: [Self; 5] = [Self::Before, Self::Refused, Self::Accepted, Self::Withdrawn, Self::Gpc];

    /// Its name in files and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Before => "before",
            Self::Refused => "refused",
            Self::Accepted => "accepted",
            Self::Withdrawn => "withdrawn",
            Self::Gpc => "gpc",
        }
    }
}

/// One walk through the site in one standing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Run {
    /// Where the visitor stood.
    pub standing: Standing,
    /// Milliseconds since [`Audit::started`] at which it began.
    pub began: u64,
    /// Whether the standing was reached: a refusal that could not be clicked was none, and whatever follows is of somebody
    /// who was only asked.
    pub reached: bool,
    /// Why it was not, or why the run ended early.
    pub fault: Option<String>,
    /// When the choice of this standing had taken effect: what is older belongs to the way there. 0 where nothing is
    /// chosen.
    pub chosen: u64,
    /// The question as it was met on the first page.
    pub banner: Option<Banner>,
    /// What was clicked to get there, in order.
    pub steps: Vec<Step>,
    /// Every page, in the order of visiting.
    pub visits: Vec<Visit>,
    /// Every request, in the order of sending.
    pub requests: Vec<Request>,
    /// Every cookie: one entry for each name, domain and path that was set or came to be in the browser.
    pub cookies: Vec<Cookie>,
    /// Every entry of every other storage.
    pub storage: Vec<Entry>,
    /// Hosts the browser connected to or looked up, from its network log: also those without a request.
    pub connections: Vec<Connection>,
}

impl Run {
    /// A walk of which nothing has been seen yet.
    pub(crate) fn new(standing: Standing, began: u64) -> Self {
        Self {
            standing,
            began,
            reached: true,
            fault: None,
            chosen: 0,
            banner: None,
            steps: Vec::new(),
            visits: Vec::new(),
            requests: Vec::new(),
            cookies: Vec::new(),
            storage: Vec::new(),
            connections: Vec::new(),
        }
    }
}
