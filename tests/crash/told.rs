//! What visitors were told: every decision that was acknowledged, and how many were sent at all. What is remembered
//! here is what must be in the book at the end.

use crate::receipt::Receipt;
use crate::tree::Checkpoint;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

/// How many breaches are kept in words; the others are counted.
const KEPT: usize = 20;

/// A decision acknowledged without a receipt, in what is known of its record.
#[derive(Debug, Clone)]
pub(crate) struct Fact {
    /// Of a visitor who had granted something; others have one that nobody is told.
    pub(crate) pseudonym: Option<String>,
    pub(crate) event: &'static str,
    /// When it was sent and when it was answered, in milliseconds since 1970: it was decided between them.
    pub(crate) sent: u64,
    pub(crate) answered: u64,
}

/// The time, in milliseconds since 1970.
#[expect(clippy::disallowed_methods, reason = "records tell the time by the clock of the same machine")]
pub(crate) fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() as u64
}

/// A checkpoint as it was served.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) node: usize,
    pub(crate) checkpoint: Checkpoint,
}

#[derive(Default)]
pub(crate) struct Inside {
    pub(crate) receipts: Vec<Receipt>,
    pub(crate) facts: Vec<Fact>,
    /// Decisions sent, whatever came back.
    pub(crate) sent: u64,
    /// Answers with another status than success.
    pub(crate) declined: u64,
    /// Decisions sent to which no answer came.
    pub(crate) unanswered: u64,
    /// Every checkpoint a node served, each once in a row, in the order they were seen.
    pub(crate) seen: Vec<Seen>,
    /// The log's verifier key and the key of receipts, once they were read.
    pub(crate) keys: Option<(String, String)>,
    pub(crate) breaches: Vec<String>,
    pub(crate) more: usize,
}

/// The memory of one store's visitors.
#[derive(Default)]
pub(crate) struct Told(Mutex<Inside>);

impl Told {
    pub(crate) fn inside(&self) -> MutexGuard<'_, Inside> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Something that must not be.
    pub(crate) fn breach(&self, what: impl Into<String>) {
        let (mut inside, what) = (self.inside(), what.into());
        if inside.breaches.len() < KEPT {
            println!("BREACH: {what}");
            inside.breaches.push(what);
        } else {
            inside.more += 1;
        }
    }

    /// How many breaches there are.
    pub(crate) fn breaches(&self) -> usize {
        let inside = self.inside();
        inside.breaches.len() + inside.more
    }

    /// How many decisions were acknowledged.
    pub(crate) fn acknowledged(&self) -> u64 {
        let inside = self.inside();
        (inside.receipts.len() + inside.facts.len()) as u64
    }

    /// A checkpoint a node served just now.
    pub(crate) fn saw(&self, node: usize, checkpoint: Checkpoint) {
        let mut inside = self.inside();
        let last = inside.seen.iter().rev().find(|seen| seen.node == node);
        if last.is_none_or(|seen| seen.checkpoint != checkpoint) {
            inside.seen.push(Seen { node, checkpoint });
        }
    }
}
