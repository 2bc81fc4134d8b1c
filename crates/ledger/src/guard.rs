//! The last checkpoint this node signed or showed, in a file of its own beside the spool. A store that contradicts it
//! was rolled back, replaced or forked: the book stays closed on it, and says what can be done.
//!
//! What makes this safe is the order: a checkpoint is in this file, synced, before anybody outside sees it. Knows no
//! clock and no thread.

use crate::disk;
use crate::log::{Checkpoint, LogSigner, tiles, tree};
use crate::signer::Signer;
use crate::store::{Fault, Head, Store};
use std::fs;
use std::io::ErrorKind;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A checkpoint that may be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Shown {
    pub(crate) head: Checkpoint,
    /// As it was signed.
    pub(crate) note: String,
    /// The newest checkpoint that witnesses signed as well, which is older while the log grows.
    pub(crate) witnessed: Option<(Checkpoint, String)>,
}

impl Shown {
    /// The checkpoint to prove an entry by: that of the witnesses where it is over the entry, else the newest.
    pub(crate) fn over(&self, index: u64) -> Option<(u64, &str)> {
        let witnessed = self.witnessed.as_ref().map(|(head, note)| (head.size, note.as_str()));
        let newest = Some((self.head.size, self.note.as_str()));
        [witnessed, newest].into_iter().flatten().find(|(size, _)| index < *size)
    }
}

/// Compares every store with what was shown before.
pub(crate) struct Guard {
    path: PathBuf,
    signer: Signer,
    /// Locked for moments only: whoever asks what is shown never waits for a disk.
    shown: Mutex<Option<Arc<Shown>>>,
    /// Held while the file is written.
    turn: Mutex<()>,
    /// What the log is called, as the store last said.
    origin: Mutex<Option<String>>,
}

/// Tiles as a store has them.
pub(crate) struct Shelf<'s>(pub(crate) &'s mut dyn Store);

impl tiles::Tiles for Shelf<'_> {
    fn hashes(&mut self, level: u8, index: u64) -> Result<Vec<u8>, Fault> {
        self.0.tile(level, index)
    }
}

impl Guard {
    pub(crate) fn new(path: PathBuf, signer: Signer) -> Self {
        Self { path, signer, shown: Mutex::default(), turn: Mutex::default(), origin: Mutex::default() }
    }

    fn inside(&self) -> MutexGuard<'_, Option<Arc<Shown>>> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What may be shown: the newest checkpoint that is safe in the file.
    pub(crate) fn shown(&self) -> Option<Arc<Shown>> {
        self.inside().clone()
    }

    /// Looks at the store's log: it is signed by us, its tiles make the root that is signed, and it extends what was
    /// shown. Returns the head and its checkpoint, if there is one.
    pub(crate) fn check(&self, store: &mut dyn Store) -> Result<(Head, Option<Checkpoint>), Fault> {
        // Before the head is read: another thread may make the log longer and show that in between.
        let shown = self.last()?;
        let head = store.head()?;
        let checkpoint = self.open(&head)?;
        if let Some(checkpoint) = &checkpoint
            && tree::root(&mut Shelf(store), head.size)? != checkpoint.root
        {
            return Err(Fault::new(format!(
                "the log in the store is damaged: its tiles do not make the root that was signed over its {} entries. \
                 Restore the store from a copy that is whole",
                head.size
            )));
        }
        self.extends(shown.as_deref(), &mut Shelf(store), &head)?;
        *self.origin.lock().unwrap_or_else(PoisonError::into_inner) = Some(head.origin.clone());
        Ok((head, checkpoint))
    }

    /// What the log is called, once a store has said so.
    pub(crate) fn origin(&self) -> Option<String> {
        self.origin.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The checkpoint of a head, once its signature holds.
    pub(crate) fn open(&self, head: &Head) -> Result<Option<Checkpoint>, Fault> {
        if head.note.is_empty() && head.size == 0 {
            return Ok(None);
        }
        let signer = self.log(&head.origin)?;
        let checkpoint = signer.key().open(&head.note).map_err(|error| {
            Fault::new(format!(
                "the log in the store is not signed with this gateway's secret ({error}). Give every node the secret \
                 file the log was begun with. If that is lost: `bandeau restart-log` goes on with a log of another name"
            ))
        })?;
        if checkpoint.size != head.size {
            let (size, signed) = (head.size, checkpoint.size);
            return Err(Fault::new(format!("the log in the store has {size} entries and {signed} are signed")));
        }
        Ok(Some(checkpoint))
    }

    /// Whether a head extends what was shown; a fault that says what to do if it does not.
    pub(crate) fn compare(&self, tiles: &mut dyn tiles::Tiles, head: &Head) -> Result<(), Fault> {
        self.extends(self.last()?.as_deref(), tiles, head)
    }

    fn extends(&self, shown: Option<&Shown>, tiles: &mut dyn tiles::Tiles, head: &Head) -> Result<(), Fault> {
        let Some(Shown { head: before, .. }) = shown else { return Ok(()) };
        let wrong = if before.origin != head.origin {
            format!("it is the log {:?}, and this gateway showed {:?}", head.origin, before.origin)
        } else if head.size < before.size {
            format!("it has {} entries, and this gateway showed a checkpoint over {}", head.size, before.size)
        } else if tree::root(tiles, before.size)? != before.root {
            format!("its first {} entries are others than those this gateway signed for", before.size)
        } else {
            return Ok(());
        };
        Err(Fault::new(format!(
            "the log in the store contradicts the last checkpoint shown ({}): {wrong}. The store was rolled back or \
             replaced, and going on would fork the log. Restore the store as it was. If it is lost: `bandeau restart-log` \
             goes on with what is there as a log of another name",
            self.path.display()
        )))
    }

    /// Makes a head the one that is shown: into the file first, then to whoever asks.
    pub(crate) fn show(&self, head: &Head, checkpoint: Checkpoint) -> Result<(), Fault> {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let shown = self.shown();
        let same = shown.as_ref().is_some_and(|shown| shown.note == head.note);
        let seen = shown.as_ref().and_then(|shown| shown.witnessed.as_ref());
        if same && seen.map(|(_, note)| note) == head.witnessed.as_ref() {
            return Ok(());
        }
        if shown.as_ref().is_some_and(|shown| shown.head.size > checkpoint.size) {
            return Ok(());
        }
        if !same {
            disk::replace(&self.path, &head.note).map_err(|error| self.fault(&error))?;
        }
        let key = self.log(&head.origin)?.key();
        let witnessed = head.witnessed.as_ref().and_then(|note| Some((key.open(note).ok()?, note.clone())));
        *self.inside() = Some(Arc::new(Shown { head: checkpoint, note: head.note.clone(), witnessed }));
        Ok(())
    }

    /// What was shown last, from memory or from the file of an earlier run.
    fn last(&self) -> Result<Option<Arc<Shown>>, Fault> {
        if let Some(shown) = self.shown() {
            return Ok(Some(shown));
        }
        let note = match fs::read_to_string(&self.path) {
            Ok(note) => note,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(self.fault(&error)),
        };
        // The first line of a note is the origin (C2SP tlog-checkpoint).
        let origin = note.lines().next().unwrap_or_default();
        let head = self.log(origin)?.key().open(&note).map_err(|error| {
            Fault::new(format!(
                "{} is no checkpoint this gateway signed ({error}): it was changed, or the secret was. Restore it",
                self.path.display()
            ))
        })?;
        // Another thread may have shown something newer meanwhile.
        Ok(Some(Arc::clone(self.inside().get_or_insert_with(|| Arc::new(Shown { head, note, witnessed: None })))))
    }

    pub(crate) fn log(&self, origin: &str) -> Result<LogSigner, Fault> {
        self.signer.log(origin).map_err(|error| Fault::new(format!("{origin:?} cannot name a log: {error}")))
    }

    fn fault(&self, error: &std::io::Error) -> Fault {
        Fault::new(format!("{}: {error}", self.path.display()))
    }
}
