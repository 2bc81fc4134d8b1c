//! The one thread that touches store and spool: takes what waits, writes it in one transaction, and
//! answers only afterwards. Knows neither SQL nor who asks.
//!
//! Records reach the store in the order they came: first what was spooled, then what is held in memory,
//! then what waits. So a record never follows one that was decided after it.

use crate::error::Error;
use crate::guard::Guard;
use crate::ledger::Shared;
use crate::queue::{Answer, Item, NOTES, Noted, Queue, Told};
use crate::row::Row;
use crate::signer::Signer;
use crate::spool::{Halt, Spool};
use crate::state::Status;
use crate::store::{Fault, Outcome, Place, Store};
use bandeau_consent::{Receipt, Record};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The most records in one transaction: enough to share a sync among a crowd, little enough to be quick.
const BATCH: usize = 256;

/// How often an idle writer looks at the store.
const LOOK: Duration = Duration::from_secs(1);

/// The first and the longest pause after a fault.
const PAUSE: (Duration, Duration) = (Duration::from_millis(250), Duration::from_secs(1));

pub(crate) struct Writer {
    store: Box<dyn Store>,
    guard: Arc<Guard>,
    spool: Arc<Spool>,
    signer: Signer,
    queue: Arc<Queue>,
    /// When the store's log was last compared with what was shown.
    looked: Option<Instant>,
    /// Noted rows that neither store nor spool took, oldest first. Invariant: at most [`NOTES`].
    held: VecDeque<Row>,
    /// The store is faulty and is left alone for a while.
    pause: Option<Pause>,
    /// When the spool last could not be used, until it can be again.
    spoiled: Option<Instant>,
}

struct Pause {
    why: String,
    until: Instant,
    length: Duration,
}

/// Tells whoever waits that the thread is gone, also when it panics.
struct Exit(Arc<Queue>);

impl Drop for Exit {
    fn drop(&mut self) {
        self.0.stop();
    }
}

impl Writer {
    pub(crate) fn new(store: Box<dyn Store>, shared: &Shared) -> Self {
        Self {
            store,
            guard: Arc::clone(&shared.guard),
            spool: Arc::clone(&shared.spool),
            signer: shared.signer.clone(),
            queue: Arc::clone(&shared.queue),
            looked: None,
            held: VecDeque::new(),
            pause: None,
            spoiled: None,
        }
    }

    /// The first attempt, before the thread starts, so that the state is true from the beginning.
    pub(crate) fn begin(&mut self) {
        self.queue.settle(self.spool.waiting());
        let ready = self.look();
        self.judge(&ready);
    }

    /// Works until the book is closed.
    pub(crate) fn run(self) {
        let _exit = Exit(Arc::clone(&self.queue));
        // Moved, so that the store is closed before the exit is told.
        let mut writer = self;
        loop {
            let turn = writer.queue.take(BATCH, writer.rest());
            let last = turn.closing && turn.items.is_empty();
            writer.work(turn.items, turn.closing);
            writer.queue.settle(writer.spool.waiting() + writer.held.len() as u64);
            if last {
                break;
            }
        }
        if !writer.held.is_empty() {
            writer.queue.dropped(writer.held.len() as u64);
            tracing::error!(lost = writer.held.len(), "noted records were lost: neither store nor spool took them");
        }
    }

    /// How long to wait when nothing comes.
    fn rest(&self) -> Duration {
        match &self.pause {
            Some(pause) => pause.until.saturating_duration_since(Instant::now()),
            None if self.behind() && self.usable() => Duration::ZERO,
            None => LOOK,
        }
    }

    /// Whether noted records wait outside the queue.
    fn behind(&self) -> bool {
        self.spool.waiting() > 0 || !self.held.is_empty()
    }

    /// Whether the spool may be tried: not right after it failed, since a full disk fails every time.
    fn usable(&self) -> bool {
        self.spoiled.is_none_or(|since| since.elapsed() >= LOOK)
    }

    /// One turn: the store is tried unless it is left alone; what it does not take is answered or kept.
    fn work(&mut self, mut items: Vec<Item>, closing: bool) {
        if closing && self.behind() {
            // There may be no time to replay: what nobody waits for goes to disk first, behind the rest.
            self.hold(items.drain(..), "the gateway is stopping", true);
        }
        let result = match &self.pause {
            Some(pause) if pause.until > Instant::now() => Err(Fault::new(pause.why.clone())),
            _ => {
                let result = self.attempt(&mut items);
                self.judge(&result);
                result
            }
        };
        if let Err(Fault(why)) = result {
            self.hold(items.drain(..), &why, closing);
        }
    }

    /// Makes the store ready, and sees that its log is the one that was shown.
    fn look(&mut self) -> Result<(), Fault> {
        let fresh = self.store.ready()?;
        if fresh || self.looked.is_none_or(|looked| looked.elapsed() >= LOOK) {
            self.looked = None;
            self.guard.check(&mut *self.store)?;
            self.looked = Some(Instant::now());
        }
        Ok(())
    }

    fn attempt(&mut self, items: &mut Vec<Item>) -> Result<(), Fault> {
        self.look()?;
        self.replay()?;
        self.unload()?;
        self.write(items)
    }

    /// Writes what was spooled.
    fn replay(&mut self) -> Result<(), Fault> {
        if self.spool.waiting() == 0 || !self.usable() {
            return Ok(());
        }
        let Self { store, spool, signer, queue, .. } = self;
        let drained = spool.drain(signer, |rows| {
            let outcomes = store.write(rows, signer)?;
            tally(queue, &outcomes, |_| true);
            Ok(())
        });
        match drained {
            Ok(unread) => {
                self.spoiled = None;
                tracing::info!("the spool was replayed");
                if unread > 0 {
                    self.queue.dropped(unread);
                    tracing::warn!(unread, "lines of the spool could not be read and were set aside");
                }
                Ok(())
            }
            Err(Halt::Store(fault)) => Err(fault),
            // No reason to stop the living: it is tried again later.
            Err(Halt::Spool(error)) => {
                self.spoil(&error);
                Ok(())
            }
        }
    }

    /// Writes what is held in memory.
    fn unload(&mut self) -> Result<(), Fault> {
        while !self.held.is_empty() {
            let rows: Vec<Row> = self.held.iter().take(BATCH).cloned().collect();
            let outcomes = self.store.write(&rows, &self.signer)?;
            tally(&self.queue, &outcomes, |_| true);
            self.held.drain(..rows.len());
        }
        Ok(())
    }

    /// Writes one batch and answers it. After a fault the items are still there.
    fn write(&mut self, items: &mut Vec<Item>) -> Result<(), Fault> {
        // Whoever stopped waiting was granted nothing; a record would say otherwise.
        items.retain(|item| !matches!(item, Item::Append(_, answer) if answer.is_closed()));
        if items.is_empty() {
            return Ok(());
        }
        let rows: Vec<Row> = items.iter().map(|item| Row::from(item.record())).collect();
        let outcomes = self.store.write(&rows, &self.signer)?;
        tally(&self.queue, &outcomes, |at| matches!(items[at], Item::Note(..)));
        for (item, outcome) in items.drain(..).zip(outcomes) {
            match item {
                Item::Append(record, answer) => reply(record, answer, outcome),
                Item::Note(record, told) => tell(record, told, outcome),
            }
        }
        Ok(())
    }

    /// Says how the store stands, and leaves a faulty one alone for a while.
    fn judge(&mut self, result: &Result<(), Fault>) {
        match result {
            Ok(()) => {
                self.pause = None;
                if self.queue.report(Status::Open) {
                    tracing::info!("the book is open again");
                }
            }
            Err(Fault(why)) => {
                let length = self.pause.as_ref().map_or(PAUSE.0, |pause| (pause.length * 2).min(PAUSE.1));
                self.pause = Some(Pause { why: why.clone(), until: Instant::now() + length, length });
                if self.queue.report(Status::Closed { why: why.clone() }) {
                    tracing::warn!(why, "the book is closed; refusals are kept, grants fail");
                }
            }
        }
    }

    /// Answers who waits, and keeps the rest: in the spool, or in memory while that fails too.
    fn hold(&mut self, items: impl Iterator<Item = Item>, why: &str, urgent: bool) {
        let mut waiting = Vec::new();
        for item in items {
            match item {
                Item::Append(_, answer) => {
                    // Nobody there any more is no fault.
                    let _ = answer.send(Err(Error::Closed { why: why.to_owned() }));
                }
                Item::Note(record, told) => {
                    self.held.push_back(Row::from(&record));
                    waiting.push(told);
                }
            }
        }
        if self.held.is_empty() || !(urgent || self.usable()) {
            self.bound();
            return;
        }
        match self.spool.append(self.held.iter(), &self.signer) {
            Ok(()) => {
                self.held.clear();
                self.spoiled = None;
                for told in waiting {
                    let _ = told.send(Noted::Spooled);
                }
            }
            Err(error) => self.spoil(&error),
        }
        self.bound();
    }

    fn bound(&mut self) {
        let over = self.held.len().saturating_sub(NOTES);
        if over > 0 {
            self.held.drain(..over);
            self.queue.dropped(over as u64);
            tracing::error!(lost = over, "noted records were lost: too many wait in memory");
        }
    }

    fn spoil(&mut self, error: &std::io::Error) {
        if self.spoiled.replace(Instant::now()).is_none() {
            tracing::warn!(%error, "the spool cannot be used; it is tried again");
        }
    }
}

/// Counts what was written, and of the clashes those nobody is told about otherwise.
fn tally(queue: &Queue, outcomes: &[Outcome], untold: impl Fn(usize) -> bool) {
    queue.wrote(outcomes.iter().filter(|outcome| matches!(outcome, Outcome::Write(_))).count() as u64);
    let clash = |&(at, outcome): &(usize, &Outcome)| *outcome == Outcome::Clash && untold(at);
    let clashes = outcomes.iter().enumerate().filter(clash).count() as u64;
    if clashes > 0 {
        queue.dropped(clashes);
        tracing::error!(clashes, "noted records were not written: the book holds others of the same names");
    }
}

fn reply(record: Record, answer: Answer, outcome: Outcome) {
    let id = record.id;
    // Whoever left in this moment has a record and no grant, as documented at `Ledger::append`.
    let _ = answer.send(attest(record, outcome).ok_or(Error::Conflict(id)));
}

fn tell(record: Record, told: Told, outcome: Outcome) {
    let noted = attest(record, outcome).map_or(Noted::Held, |receipt| Noted::Written(Box::new(receipt)));
    let _ = told.send(noted);
}

fn attest(record: Record, outcome: Outcome) -> Option<Receipt> {
    match outcome {
        Outcome::Write(Place { previous, salt, signature }) | Outcome::Know(Place { previous, salt, signature }) => {
            #[expect(clippy::disallowed_methods, reason = "the one place that knows the store has synced")]
            let receipt = Receipt::attest(record, previous, salt, signature);
            Some(receipt)
        }
        Outcome::Clash | Outcome::Erase => None,
    }
}
