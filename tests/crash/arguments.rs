//! What can be said on the command line: which store is broken, how often and from which seed.

use clap::Parser;

/// Breaks a running gateway under load and counts what is lost.
///
/// Without arguments: forty kills on SQLite, which is what every run of all tests affords.
#[derive(Debug, Parser)]
#[command(name = "crash")]
pub(crate) struct Arguments {
    /// `sqlite` or `cluster`; anything else is the name of another test.
    what: Option<String>,
    /// On SQLite: how often a gateway is killed.
    #[arg(long, value_name = "NUMBER", default_value_t = 40)]
    pub(crate) kills: u32,
    /// On SQLite: how many gateways are broken at once, each with a store of its own.
    #[arg(long, value_name = "NUMBER", default_value_t = 4)]
    pub(crate) lanes: u32,
    /// On a cluster: for how long it is broken.
    #[arg(long, value_name = "NUMBER", default_value_t = 2.0)]
    pub(crate) minutes: f64,
    /// On a cluster: only this event, again and again, such as `failover`.
    #[arg(long, value_name = "EVENT")]
    pub(crate) only: Option<String>,
    /// Makes the same choices again; when they fall still depends on the machine.
    #[arg(long, value_name = "NUMBER")]
    pub(crate) seed: Option<u64>,
    /// Keep the folder of every gateway, to look at.
    #[arg(long)]
    pub(crate) keep: bool,
    // What people pass to every test of cargo's.
    #[arg(long, hide = true)]
    pub(crate) list: bool,
    #[arg(long, hide = true)]
    nocapture: bool,
    #[arg(long, hide = true)]
    test_threads: Option<u32>,
}

/// What is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Subject {
    /// One gateway on one file, several times over.
    Sqlite,
    /// Three gateways on a primary with two standbys.
    Cluster,
}

impl Arguments {
    /// What is meant, if anything here is.
    pub(crate) fn subject(&self) -> Option<Subject> {
        match self.what.as_deref() {
            None | Some("sqlite") => Some(Subject::Sqlite),
            Some("cluster") => Some(Subject::Cluster),
            Some(filter) => "crash".contains(filter).then_some(Subject::Sqlite),
        }
    }
}
