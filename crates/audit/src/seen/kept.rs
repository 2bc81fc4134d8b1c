//! What was kept in the browser: cookies and every other storage.

use super::Moment;
use serde::{Deserialize, Serialize};

/// One cookie.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Cookie {
    /// Its name.
    pub name: String,
    /// Its last value, cut at 1,024 characters.
    pub value: String,
    /// The host, with a leading dot where hosts below see it too.
    pub domain: String,
    /// The path.
    pub path: String,
    /// Its lifetime from the moment it was set, in seconds; nothing where it ends with the session.
    pub lifetime: Option<u64>,
    /// `Secure`.
    pub secure: bool,
    /// `HttpOnly`.
    pub http_only: bool,
    /// `SameSite`.
    pub same_site: SameSite,
    /// `Partitioned`: the site it is kept under.
    pub partition: Option<String>,
    /// Which visit saw it first.
    pub visit: usize,
    /// When it was first seen.
    pub at: u64,
    /// In which moment.
    pub moment: Moment,
    /// Who set it, each once, in the order in which they did.
    pub setters: Vec<Setter>,
    /// Whether it was still there at the end of the run.
    pub stays: bool,
    /// Why the browser did not keep it, where it did not.
    pub refused: Option<String>,
}

/// Who wrote something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Setter {
    /// The answer to a request: an index of [`Run::requests`](super::Run::requests).
    Answer(usize),
    /// A script, with the addresses on the way to it, the innermost first, and the document it ran in.
    Script {
        /// Addresses of scripts, each once; empty where it stands in the document itself.
        stack: Vec<String>,
        /// The document.
        frame: String,
    },
    /// It came to be there, and nobody was seen writing it.
    Unseen,
}

/// `SameSite`, as set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum SameSite {
    /// Only with requests of the site itself.
    Strict,
    /// With navigations too.
    Lax,
    /// Always.
    None,
    /// It was not said.
    Unset,
}

/// One entry of a storage.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Of what kind.
    pub kind: Kind,
    /// The origin it belongs to.
    pub origin: String,
    /// The key, database, cache or file; for a cache with the address, after a space.
    pub key: String,
    /// The last value, cut at 1,024 characters; empty where it is not text.
    pub value: String,
    /// How long the value is, in UTF-16 units or bytes, where it is known.
    pub size: u64,
    /// Which visit saw it first.
    pub visit: usize,
    /// When it was first seen.
    pub at: u64,
    /// In which moment.
    pub moment: Moment,
    /// Who wrote it.
    pub setter: Setter,
    /// Whether it was still there at the end of the run.
    pub stays: bool,
}

/// Kinds of storage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// `localStorage`.
    Local,
    /// `sessionStorage`.
    Session,
    /// IndexedDB: one entry for each object store, the key being `database/store`.
    Indexed,
    /// Cache Storage.
    Cache,
    /// The origin private file system.
    Files,
    /// A registered service worker: the key is its script.
    ServiceWorker,
    /// Shared Storage, interest groups and other storages of advertising.
    Shared,
}
