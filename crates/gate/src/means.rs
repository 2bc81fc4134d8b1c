//! The means of enforcement that an operator may switch, and those that are always on: filtering cookies, the
//! lock and rewriting have no switch. It does not know what any of them does.

use bandeau_consent::HostPattern;

/// Whether pages carry a `Connection-Allowlist`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Connections {
    /// They do, and browsers that know it enforce it.
    #[default]
    On,
    /// They do not.
    Off,
    /// They carry the form that only reports.
    Report,
}

/// Which inline scripts and event handlers that name a host of a held service do not run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Inline {
    /// Those with a word by which scripts reach past the lock.
    #[default]
    Hold,
    /// Those with a word by which scripts load in any way.
    HoldAll,
    /// None: the head and the first script hold what they do.
    Pass,
}

/// Which means are used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Means {
    /// The list of connections.
    pub connections: Connections,
    /// Whether a script of ours runs before the page's own.
    pub script: bool,
    /// Which inline scripts and handlers that name a held host are held.
    pub inline: Inline,
    /// Hosts the site links to, which stay reachable by a click without our script.
    pub links: Vec<HostPattern>,
    /// Whether browsers are asked to report what the lock stopped.
    pub reports: bool,
}

impl Default for Means {
    fn default() -> Self {
        Self { connections: Connections::On, script: true, inline: Inline::Hold, links: Vec::new(), reports: false }
    }
}
