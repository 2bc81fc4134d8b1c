//! The thread beside the writer: gives entries their place in the log, shows checkpoints, ends what has run out,
//! erases what is too old, and follows who took everything back by a receipt. Knows neither SQL nor who asks.
//!
//! Every node has one. Which of them sequences is settled by the store for a term at a time; the others look.

use crate::chores::{end, weed};
use crate::erase::before;
use crate::guard::{Guard, Shelf};
use crate::ledger::{Options, Shared};
use crate::log::grow::grow;
use crate::log::tiles::Tiles;
use crate::log::{Checkpoint, Entry, leaf_hash};
use crate::store::{Fault, Head, Sequencer, Step, Store};
use crate::watch::Watch;
use bandeau_consent::Digest;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How often the log grows, at most.
const PACE: Duration = Duration::from_millis(200);

/// How many entries get their place in one transaction.
const MOST: u32 = 4096;
const LEAST: u32 = 64;

/// How many batches before anything else is seen to.
const BATCHES: usize = 8;

/// How long a node may sequence before it must say that it is still there.
const TERM: Duration = Duration::from_secs(3);

/// How often everything is compared again, and who took back what is read.
const LOOK: Duration = Duration::from_secs(1);

/// How often all who took everything back are read again, and how far back it is read in between (milliseconds).
const WHOLE: Duration = Duration::from_secs(600);
const RECENT: u64 = 900_000;

/// How often records are looked through for what has run out or is too old.
const CHORE: Duration = Duration::from_millis(if cfg!(test) { 100 } else { 20_000 });

/// How many portions of records are ended or erased before the log grows again.
const PORTIONS: usize = 8;

/// How long the keeper leaves the store to others after each portion.
const BREATH: Duration = Duration::from_millis(5);

/// A revocation is heeded as long as any consent cookie can live (RFC 6265bis §5.5: 400 days).
const HEED: u64 = 400 * 86_400_000;

pub(crate) struct Keeper {
    store: Box<dyn Store>,
    shared: Arc<Shared>,
    options: Options,
    node: String,
    watch: Watch,
    /// When the thread began: time that only runs on.
    start: Instant,
    /// What was erased may still be in the store's files.
    stale: bool,
    looked: Option<Instant>,
    /// When all who took everything back were last read.
    heeded: Option<Instant>,
    /// How many entries get their place at once.
    most: u32,
    done: Option<Instant>,
    /// What was last complained about.
    why: Option<String>,
}

/// Makes the tree longer, as long as it is the one that was shown.
pub(crate) struct Placer<'g>(pub(crate) &'g Guard);

impl Sequencer for Placer<'_> {
    fn step(&mut self, tiles: &mut dyn Tiles, head: &Head, entries: &[Entry]) -> Result<Option<Step>, Fault> {
        let before = self.0.open(head)?;
        self.0.compare(tiles, head)?;
        if entries.is_empty() {
            return Ok(None);
        }
        let leaves: Vec<Digest> = entries.iter().map(|entry| leaf_hash(&entry.bytes())).collect();
        let size = before.map_or(0, |before| before.size);
        let growth = grow(tiles, size, &leaves)?;
        let head = Checkpoint { origin: head.origin.clone(), size: growth.size, root: growth.root };
        let note = self.0.log(&head.origin)?.sign(&head);
        Ok(Some(Step { size: growth.size, note, tiles: growth.tiles }))
    }
}

impl Keeper {
    pub(crate) fn new(store: Box<dyn Store>, shared: Arc<Shared>, options: Options) -> Self {
        let node = (options.name)().to_string();
        let mut clock = options.local.clone().unwrap_or_default().into_os_string();
        clock.push(".clock");
        let (watch, start) = (Watch::new(clock.into()), Instant::now());
        Self {
            store,
            shared,
            options,
            node,
            watch,
            start,
            stale: false,
            looked: None,
            heeded: None,
            most: MOST,
            done: None,
            why: None,
        }
    }

    /// Works until the book is closed.
    pub(crate) fn run(mut self) {
        let mut pause = PACE;
        while !self.shared.stop.wait(pause) {
            pause = match self.turn() {
                Ok(()) => {
                    if self.why.take().is_some() {
                        tracing::info!("the log goes on");
                    }
                    PACE
                }
                Err(Fault(why)) => {
                    if self.why.as_ref() != Some(&why) {
                        tracing::warn!(why, "the log does not grow; it is tried again");
                        self.why = Some(why);
                    }
                    (pause * 2).min(Duration::from_secs(1))
                }
            };
        }
        // What was written last gets its place before the gateway goes, if that is quick.
        let _ = self.turn();
    }

    fn turn(&mut self) -> Result<(), Fault> {
        let fresh = self.store.ready()?;
        let due = |since: Option<Instant>, every| since.is_none_or(|since: Instant| since.elapsed() >= every);
        if fresh || due(self.looked, LOOK) {
            self.looked = None;
            self.shared.guard.check(&mut *self.store)?;
            self.heed(fresh)?;
            self.looked = Some(Instant::now());
        }
        let leads = self.store.lead(&self.node, TERM)?;
        self.shared.lead(leads);
        if leads {
            self.place()?;
        }
        let head = self.store.head()?;
        if let Some(checkpoint) = self.shared.guard.open(&head)? {
            // Another node may have made it longer.
            self.shared.guard.compare(&mut Shelf(&mut *self.store), &head)?;
            self.shared.guard.show(&head, checkpoint)?;
        }
        if leads && due(self.done, CHORE) {
            let done = match self.believed()? {
                Some(now) => self.chores(now)?,
                // It is looked at again after a while.
                None => true,
            };
            // What is left over is done after the log has grown.
            self.done = done.then(Instant::now);
        }
        Ok(())
    }

    /// Gives what waits its place, a few batches at a time, so that a long backlog keeps nothing else waiting. A store that
    /// fails is given less at once: it may have been too slow for as much.
    fn place(&mut self) -> Result<(), Fault> {
        for _ in 0..BATCHES {
            let placed = self.store.sequence(self.most, &mut Placer(&self.shared.guard)).inspect_err(|_| {
                self.most = (self.most / 2).max(LEAST);
            })?;
            if placed < self.most as usize || self.shared.stop.wait(BREATH) {
                break;
            }
            self.most = (self.most * 2).min(MOST);
        }
        Ok(())
    }

    /// Who took everything back by a receipt: all of them now and then, and what is new in between, with room for clocks
    /// of nodes that differ.
    fn heed(&mut self, fresh: bool) -> Result<(), Fault> {
        let all = fresh || self.heeded.is_none_or(|heeded| heeded.elapsed() >= WHOLE);
        let since = (self.options.now)().saturating_sub(if all { HEED } else { RECENT });
        let revoked = self.store.revoked(since)?;
        if all {
            self.shared.revoked.set(revoked);
            self.heeded = Some(Instant::now());
        } else {
            self.shared.revoked.add(&revoked);
        }
        Ok(())
    }

    /// The time, if the clock can be believed. Whatever is done by age goes by this very time: the clock may jump right
    /// after it was looked at.
    fn believed(&mut self) -> Result<Option<u64>, Fault> {
        let now = (self.options.now)();
        let store = &mut self.store;
        let newest = || -> Result<Option<u64>, Fault> {
            let (_, last) = store.extent()?;
            Ok(store.read(last - 1, 1)?.pop().map(|stored| stored.row.at))
        };
        let believed = self.watch.look(now, self.start.elapsed(), newest)?;
        let jumps = self.watch.jumps;
        self.shared.queue.count(|state| state.jumps = jumps);
        Ok(believed.then_some(now))
    }

    /// Ends what has run out and erases what is too old, a portion at a time, so that nobody waits long. Returns whether
    /// all is done.
    fn chores(&mut self, now: u64) -> Result<bool, Fault> {
        let mut erased = 0;
        let mut left = PORTIONS;
        while left > 0 && !self.shared.stop.wait(BREATH) {
            let ended = end(&mut *self.store, &self.shared.signer, now)?;
            let gone = match self.options.retain {
                Some(retain) => weed(&mut *self.store, before(retain, now), now)?,
                None => 0,
            };
            self.shared.queue.count(|state| {
                state.expired += ended;
                state.erased += gone;
            });
            erased += gone;
            if ended + gone == 0 {
                break;
            }
            left -= 1;
        }
        if erased > 0 {
            tracing::info!(erased, "records older than book.retain were erased");
        }
        self.stale |= self.store.forget(now.saturating_sub(HEED))? || erased > 0;
        if self.stale {
            // Whoever reads just then is in the way: it is tried again.
            self.stale = !self.store.scrub()?;
        }
        Ok(left > 0)
    }
}
