//! Pages, as they were visited.

use serde::{Deserialize, Serialize};

/// One page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Visit {
    /// The address that was asked for.
    pub url: String,
    /// Where it led, after redirects.
    pub landed: String,
    /// How it was found.
    pub from: From,
    /// Links away from the start page.
    pub depth: u32,
    /// When it was asked for.
    pub at: u64,
    /// How long it took to load, in milliseconds, where it did.
    pub loaded: Option<u64>,
    /// The status of the document, where there was one.
    pub status: Option<u16>,
    /// Its title.
    pub title: String,
    /// Its `lang`.
    pub language: String,
    /// How it ended.
    pub end: End,
    /// Requests beyond the limit, which are only counted.
    pub more: u64,
    /// Dialogs, downloads and windows the page opened, which were closed: in words, at most ten and a count.
    pub odd: Vec<String>,
    /// Links of the page to the site itself that have no scheme but `http` or `https`, without fragments.
    pub links: Vec<String>,
    /// What it looked like at the end.
    pub picture: Option<Picture>,
}

impl Visit {
    /// Whether the site's page was there to look at: it was watched, and was no answer of a fault or a refusal (RFC 9110
    /// §15.5 and §15.6).
    pub(crate) fn shown(&self) -> bool {
        matches!(self.end, End::Complete | End::Slow) && self.status.is_none_or(|status| status < 400)
    }
}

/// How a page was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum From {
    /// It is the address that was given.
    Start,
    /// The operator named it.
    Named,
    /// It stands in a sitemap.
    Sitemap,
    /// Another page links to it.
    Link,
}

/// How a visit ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum End {
    /// It loaded, and was watched as long as the others.
    Complete,
    /// It did not load in time, and was watched until then.
    Slow,
    /// The address gave a file to keep, not a page.
    Download,
    /// It could not be opened: the browser's reason.
    Failed(String),
    /// It made the browser stop answering or end.
    Broken(String),
    /// The audit was interrupted.
    Interrupted,
}

/// In which moment of a visit something happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Moment {
    /// Before the page's load event.
    Loading,
    /// After it.
    Waiting,
    /// While the question was looked for, and between the first click on it and the end of the standing's change.
    Choosing,
    /// While the page was left.
    Leaving,
}

/// A picture: a name within [`Run`](super::Run), and the bytes beside it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Picture {
    /// The media type.
    pub kind: String,
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
    /// The bytes in Base64.
    pub data: String,
}
