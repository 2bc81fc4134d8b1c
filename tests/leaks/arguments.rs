//! What can be said on the command line, so that others can be measured with the same vectors.

use crate::standing::{Clicks, Standing};
use clap::Parser;
use std::path::PathBuf;

/// Measures what leaks from a page in six standings, with real vectors in a real browser.
///
/// Without arguments: Bandeau before the suite's own site.
#[derive(Debug, Parser)]
#[command(name = "leaks")]
pub(crate) struct Arguments {
    /// Only vectors with this in their name, as with every test of cargo's.
    pub(crate) filter: Option<String>,
    /// Measure what stands at this address before the suite's site, such as another proxy or a plugin.
    #[arg(long, value_name = "URL", requires = "site_port", conflicts_with = "inject")]
    pub(crate) url: Option<String>,
    /// Serve the suite's site on this port of 127.0.0.1.
    #[arg(long, value_name = "PORT")]
    pub(crate) site_port: Option<u16>,
    /// Put what this file holds first into every head, and measure that: a tool for the browser, no gateway.
    #[arg(long, value_name = "FILE")]
    pub(crate) inject: Option<PathBuf>,
    /// What to click to accept everything: a selector, or several joined by " >> ".
    #[arg(long, value_name = "CSS")]
    accept: Option<String>,
    /// What to click to refuse everything.
    #[arg(long, value_name = "CSS")]
    refuse: Option<String>,
    /// What to click to allow social networks alone.
    #[arg(long, value_name = "CSS")]
    partial: Option<String>,
    /// What to click to take back what was accepted.
    #[arg(long, value_name = "CSS")]
    withdraw: Option<String>,
    /// Only these vectors: group/name, with * for anything.
    #[arg(long, value_name = "GLOB")]
    pub(crate) vectors: Option<String>,
    /// Only these standings: none, refused, partial, accepted, withdrawn, gpc.
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub(crate) standings: Vec<Standing>,
    /// Only without the gateway: whether every vector fires.
    #[arg(long)]
    pub(crate) direct: bool,
    /// Bandeau without its first script, and vectors of kind contact alone.
    #[arg(long)]
    pub(crate) no_script: bool,
    /// Bandeau with what this file holds after `listen` and `upstream`, in place of the suite's own configuration.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["url", "inject"])]
    pub(crate) config: Option<PathBuf>,
    /// Bandeau with a configuration that `bandeau learn` makes of one walk over all vectors; it is written here.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["url", "inject", "config"])]
    pub(crate) learnt: Option<PathBuf>,
    /// Write what was found here, as JSON.
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,
    /// Only serve the site and the third parties, to look at by hand.
    #[arg(long)]
    pub(crate) serve: bool,
    /// The command that starts Chromium.
    #[arg(long, value_name = "COMMAND")]
    pub(crate) browser: Option<String>,
    // What people pass to every test of cargo's.
    #[arg(long, hide = true)]
    pub(crate) list: bool,
    #[arg(long, hide = true)]
    nocapture: bool,
    #[arg(long, hide = true)]
    test_threads: Option<u32>,
}

impl Arguments {
    /// What to click.
    pub(crate) fn clicks(&self) -> Clicks {
        let given = Clicks {
            accept: self.accept.clone(),
            refuse: self.refuse.clone(),
            partial: self.partial.clone(),
            withdraw: self.withdraw.clone(),
            ours: false,
        };
        let some =
            given.accept.is_some() || given.refuse.is_some() || given.partial.is_some() || given.withdraw.is_some();
        if some || self.inject.is_some() { given } else { Clicks::ours() }
    }

    /// Whether a vector is meant.
    pub(crate) fn meant(&self, group: &str, name: &str) -> bool {
        let path = format!("{group}/{name}");
        self.filter.as_ref().is_none_or(|filter| path.contains(filter.as_str()) || "leaks".contains(filter.as_str()))
            && self.vectors.as_ref().is_none_or(|glob| matches(glob, &path) || matches(glob, name))
    }
}

/// `*` stands for any run of characters.
fn matches(glob: &str, text: &str) -> bool {
    match glob.split_once('*') {
        None => glob == text,
        Some((front, rest)) => text
            .strip_prefix(front)
            .is_some_and(|text| (0..=text.len()).any(|at| text.is_char_boundary(at) && matches(rest, &text[at..]))),
    }
}
