//! Who is who: the site itself, its services, and strangers. Says whose a host, a cookie or an entry is, and on whose word;
//! what the law makes of it it does not know.

mod cookies;
mod directory;
mod known;
mod lists;
pub(crate) mod name;
pub(crate) mod table;

pub use cookies::{BadCookies, CookieReport};
pub use directory::Directory;
pub(crate) use directory::{Subject, Weight};
pub use known::Known;
pub use lists::ListReport;

use serde::{Deserialize, Serialize};

/// Somebody who was contacted, or who keeps something: all hosts of one registrable domain, or of one service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Party {
    /// The registrable domain; the host where there is none.
    pub domain: String,
    /// Whether it is the site itself.
    pub own: bool,
    /// Hosts that were contacted, sorted.
    pub hosts: Vec<String>,
    /// The service, where it is known.
    pub service: Option<Service>,
    /// Every word on what it is, the best first.
    pub words: Vec<Word>,
    /// A host of the site's that is an alias of this party, or leads to it by redirects, with the chain.
    pub cloaks: Vec<Cloak>,
    /// Requests that left the machine to it, by standing, in the order of [`Standing::ALL`](crate::seen::Standing::ALL).
    /// Those before a choice took effect are not of its standing, as in [`Total`](crate::judge::Total).
    pub requests: [u64; 5],
}

/// A known service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// Its name in the catalogue.
    pub id: String,
    /// For people.
    pub name: String,
    /// Who answers for it.
    pub controller: String,
    /// Its category in the catalogue (`audience`, `advertising`, `fonts`…).
    pub category: String,
    /// Whether it follows people: everything but what a page needs for itself.
    pub tracker: bool,
}

/// What somebody says of a party.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Word {
    /// Who says so: `catalogue`, `list easyprivacy.txt`, `cookie database`.
    pub source: String,
    /// What it says: a category, or the rule of the list.
    pub says: String,
    /// Whether that means that it follows people.
    pub tracker: bool,
}

/// A party behind a name of the site's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Cloak {
    /// The name of the site's.
    pub host: String,
    /// What it stands for or where it leads, in order.
    pub chain: Vec<String>,
    /// Whether by DNS; otherwise by redirects.
    pub alias: bool,
}
