//! How the book stands, for health pages and metrics: numbers and a reason, no identities.

/// Whether records can be written now, as of the last attempt or the last look (at most a second ago).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Status {
    /// Records are written.
    Open,
    /// Nothing can be written; the book is retried.
    Closed {
        /// Why, for the operator.
        why: String,
    },
}

/// How the book stands. Counts run from the start of the process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    /// Whether records can be written.
    pub status: Status,
    /// Noted records that are not in the store yet: waiting, spooled or held in memory.
    pub backlog: u64,
    /// Noted records given up: over the bound, unreadable in the spool, or named like another.
    pub dropped: u64,
    /// Records newly made durable.
    pub written: u64,
    /// Grants that ran out and were recorded as such.
    pub expired: u64,
    /// Records erased because they were older than they are kept.
    pub erased: u64,
    /// How often the clock was not where it should be, so that nothing was ended or erased by age.
    pub jumps: u64,
    /// How many entries the newest checkpoint is over; nothing before the first.
    pub log: Option<u64>,
}

impl State {
    pub(crate) fn new() -> Self {
        Self { status: Status::Open, backlog: 0, dropped: 0, written: 0, expired: 0, erased: 0, jumps: 0, log: None }
    }

    /// Whether records can be written.
    pub fn is_open(&self) -> bool {
        self.status == Status::Open
    }
}
