//! Where records wait for the writer, in the order they came, and where the numbers about the book are
//! kept. The lock is held for moments only and never during I/O, so nobody who hands in a record waits.

use crate::error::Error;
use crate::state::{State, Status};
use bandeau_consent::{Receipt, Record};
use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// How many noted records are kept in memory. Beyond it the oldest is dropped and counted.
pub(crate) const NOTES: usize = 100_000;

/// How many appends may wait.
const APPENDS: usize = 4096;

/// Whoever waits for a receipt.
pub(crate) type Answer = oneshot::Sender<Result<Receipt, Error>>;

/// What became of a record that takes effect whatever becomes of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Noted {
    /// It is durable in the store.
    Written(Box<Receipt>),
    /// It is durable on this node's disk and goes to the store when that opens again.
    Spooled,
    /// It is in memory only: neither store nor disk took it yet.
    Held,
}

/// Whoever waits to hear that a noted record is durable.
pub(crate) type Told = oneshot::Sender<Noted>;

/// A record on its way into the store.
pub(crate) enum Item {
    /// Somebody waits for the receipt, and nothing was granted before.
    Append(Record, Answer),
    /// It must not be lost, whether somebody waits or not.
    Note(Record, Told),
}

impl Item {
    pub(crate) fn record(&self) -> &Record {
        match self {
            Self::Append(record, _) | Self::Note(record, _) => record,
        }
    }
}

/// What the writer takes at once.
pub(crate) struct Turn {
    pub(crate) items: Vec<Item>,
    /// The book is being closed; with no items left, this was the last turn.
    pub(crate) closing: bool,
}

pub(crate) struct Queue {
    inside: Mutex<Inside>,
    /// Rung when there is something for the writer.
    bell: Condvar,
    /// Rung when the writer has stopped.
    end: Condvar,
}

struct Inside {
    items: VecDeque<Item>,
    notes: usize,
    /// Notes the writer has taken and not settled.
    taken: usize,
    /// How many items are taken at once, whatever is asked.
    most: usize,
    /// Notes spooled or held by the writer.
    kept: u64,
    closing: bool,
    stopped: bool,
    state: State,
}

impl Queue {
    pub(crate) fn new() -> Self {
        let inside = Inside {
            items: VecDeque::new(),
            notes: 0,
            taken: 0,
            most: usize::MAX,
            kept: 0,
            closing: false,
            stopped: false,
            state: State::new(),
        };
        Self { inside: Mutex::new(inside), bell: Condvar::new(), end: Condvar::new() }
    }

    /// A panic elsewhere leaves plain numbers and lists behind, which stay usable.
    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Hands in a record whose receipt is awaited.
    pub(crate) fn append(&self, record: Record, answer: Answer) -> Result<(), Error> {
        let mut inside = self.inside();
        if inside.closing || inside.stopped {
            return Err(Error::Closed { why: "the gateway is stopping".to_owned() });
        }
        let waiting = inside.items.len() - inside.notes;
        if waiting >= APPENDS {
            return Err(Error::Busy { waiting });
        }
        inside.items.push_back(Item::Append(record, answer));
        self.bell.notify_one();
        Ok(())
    }

    /// Hands in a record that must not be lost; counted as lost where nobody is there to take it.
    pub(crate) fn note(&self, record: Record, told: Told) {
        let mut inside = self.inside();
        if inside.stopped {
            inside.state.dropped += 1;
            return;
        }
        if inside.notes >= NOTES
            && let Some(oldest) = inside.items.iter().position(|item| matches!(item, Item::Note(..)))
        {
            inside.items.remove(oldest);
            inside.notes -= 1;
            inside.state.dropped += 1;
        }
        inside.notes += 1;
        inside.items.push_back(Item::Note(record, told));
        self.bell.notify_one();
    }

    /// Says how many items are taken at once at most; one at least.
    pub(crate) fn share(&self, most: usize) {
        self.inside().most = most.max(1);
    }

    /// Whether the writer is gone.
    pub(crate) fn stopped(&self) -> bool {
        self.inside().stopped
    }

    /// Takes back that a record was lost: it is in the spool after all.
    pub(crate) fn saved(&self, count: u64) {
        let mut inside = self.inside();
        inside.state.dropped = inside.state.dropped.saturating_sub(count);
    }

    /// Waits for items, the end or this long, and takes up to so many.
    pub(crate) fn take(&self, most: usize, wait: Duration) -> Turn {
        let until = Instant::now() + wait;
        let mut inside = self.inside();
        while inside.items.is_empty() && !inside.closing {
            let Some(left) = until.checked_duration_since(Instant::now()).filter(|left| !left.is_zero()) else { break };
            inside = self.bell.wait_timeout(inside, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        let count = inside.items.len().min(most).min(inside.most);
        let items: Vec<Item> = inside.items.drain(..count).collect();
        let taken = items.iter().filter(|item| matches!(item, Item::Note(..))).count();
        inside.notes -= taken;
        inside.taken = taken;
        Turn { items, closing: inside.closing }
    }

    /// How many records the writer keeps elsewhere, after a turn.
    pub(crate) fn settle(&self, kept: u64) {
        let mut inside = self.inside();
        inside.taken = 0;
        inside.kept = kept;
    }

    /// Counts records newly made durable.
    pub(crate) fn wrote(&self, count: u64) {
        self.inside().state.written += count;
    }

    /// Counts something else.
    pub(crate) fn count(&self, count: impl FnOnce(&mut State)) {
        count(&mut self.inside().state);
    }

    /// Counts records given up.
    pub(crate) fn dropped(&self, count: u64) {
        self.inside().state.dropped += count;
    }

    /// Says how the store stands; returns whether that is news.
    pub(crate) fn report(&self, status: Status) -> bool {
        let mut inside = self.inside();
        let news = inside.state.status != status;
        inside.state.status = status;
        news
    }

    pub(crate) fn state(&self) -> State {
        let inside = self.inside();
        State { backlog: (inside.notes + inside.taken) as u64 + inside.kept, ..inside.state.clone() }
    }

    /// Asks the writer to finish.
    pub(crate) fn close(&self) {
        self.inside().closing = true;
        self.bell.notify_all();
    }

    /// The writer is gone, however that came. Whoever still waits is answered by the drop.
    pub(crate) fn stop(&self) {
        let mut inside = self.inside();
        inside.stopped = true;
        inside.state.status = Status::Closed { why: "the writer has stopped".to_owned() };
        inside.state.dropped += inside.notes as u64;
        inside.notes = 0;
        inside.items.clear();
        self.end.notify_all();
    }

    /// Waits for the writer to be gone, at most this long; returns whether it is.
    pub(crate) fn ended(&self, wait: Duration) -> bool {
        let waited = self.end.wait_timeout_while(self.inside(), wait, |inside| !inside.stopped);
        waited.unwrap_or_else(PoisonError::into_inner).0.stopped
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::record;

    #[test]
    fn no_more_are_taken_than_may_share() {
        let queue = Queue::new();
        let mut told = Vec::new();
        for number in 0..5 {
            let (answer, receipt) = oneshot::channel();
            queue.append(record(number, 1), answer).unwrap();
            told.push(receipt);
        }
        let take = |most| queue.take(most, Duration::ZERO).items.len();
        assert_eq!(take(2), 2);
        queue.share(0);
        assert_eq!(take(2), 1);
        queue.share(7);
        assert_eq!(take(1), 1);
        assert_eq!(take(7), 1);
    }
}
