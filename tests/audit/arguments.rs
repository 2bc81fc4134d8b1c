//! What can be said on the command line.

use clap::Parser;
use std::path::PathBuf;

/// Audits sites whose third parties record everything, and compares.
#[derive(Debug, Parser)]
#[command(name = "audit")]
pub(crate) struct Arguments {
    /// Only sites with this in their name, as with every test of cargo's.
    pub(crate) filter: Option<String>,
    /// Only these standings, as `bandeau audit` takes them.
    #[arg(long, value_name = "NAMES")]
    pub(crate) standings: Option<String>,
    /// How many lanes each audit walks in beside each other.
    #[arg(long, value_name = "NUMBER", default_value = "2")]
    pub(crate) parallel: u32,
    /// How long each page is watched.
    #[arg(long, value_name = "TIME", default_value = "1500ms")]
    pub(crate) wait: String,
    /// Keep what the audits wrote, and the logs, below this directory.
    #[arg(long, value_name = "DIR")]
    pub(crate) keep: Option<PathBuf>,
    /// Only serve the sites, to look at by hand.
    #[arg(long)]
    pub(crate) serve: bool,
    // What people pass to every test of cargo's.
    #[arg(long, hide = true)]
    pub(crate) list: bool,
    #[arg(long, hide = true)]
    nocapture: bool,
    #[arg(long, hide = true)]
    test_threads: Option<u32>,
}

impl Arguments {
    /// Whether a site is meant.
    pub(crate) fn meant(&self, site: &str) -> bool {
        self.filter.as_ref().is_none_or(|filter| site.contains(filter.as_str()) || "audit".contains(filter.as_str()))
    }
}
