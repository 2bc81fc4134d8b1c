//! The book opened for reading only, for whoever gathers evidence: records with their proofs, versions of the mechanism,
//! and what the archive holds. Needs no key, may run beside gateways, and changes nothing. Every call blocks.

use crate::address::Address;
use crate::document::ReceiptDocument;
use crate::error::Error;
use crate::guard::{Shelf, Shown};
use crate::log::{Checkpoint, Entry, Proof, tree};
use crate::mechanism::Manifest;
use crate::served::{Ask, newest, prove};
use crate::store::{Fault, Sought, Store};
use bandeau_consent::{Digest, Pseudonym};

/// The book, for reading.
pub struct Reading {
    store: Box<dyn Store>,
    origin: String,
    /// The newest checkpoint in the store, as it was signed; nobody has checked the signature here.
    shown: Option<Shown>,
}

/// What the archive holds by a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Held {
    /// What the name says.
    Whole(Vec<u8>),
    /// Something else: it was changed.
    Changed(Vec<u8>),
    /// Nothing.
    Nothing,
}

impl Reading {
    /// Opens the store named by a URL such as `sqlite:bandeau.db`.
    ///
    /// # Errors
    /// When the URL names no store ([`Error::BadStore`]) or it cannot be read ([`Error::Unreadable`]).
    pub fn open(store: &str) -> Result<Self, Error> {
        let mut store = Address::parse(store)?.reader();
        store.ready()?;
        let head = store.head()?;
        let shown = match checkpoint(&head.note)? {
            Some(newest) => {
                let witnessed = head.witnessed.as_deref().map(checkpoint).transpose()?.flatten();
                Some(Shown { head: newest, note: head.note, witnessed: witnessed.zip(head.witnessed) })
            }
            None => None,
        };
        Ok(Self { store, origin: head.origin, shown })
    }

    /// What the log is called.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The newest checkpoint as it stands in the store, if there is one.
    pub fn checkpoint(&self) -> Option<&str> {
        self.shown.as_ref().map(|shown| shown.note.as_str())
    }

    /// A receipt, with its proof once the log has placed it.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn receipt(&mut self, ask: Ask) -> Result<Option<ReceiptDocument>, Error> {
        let Some(stored) = newest(&mut *self.store, ask)? else { return Ok(None) };
        Ok(Some(prove(&mut *self.store, stored, self.shown.as_ref(), &self.origin)?))
    }

    /// All receipts of a visitor, oldest first, a thousand at most.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn chain(&mut self, pseudonym: Pseudonym) -> Result<Vec<ReceiptDocument>, Error> {
        let found = self.store.find(&Sought::Pseudonym(pseudonym))?;
        let prove = |stored| prove(&mut *self.store, stored, self.shown.as_ref(), &self.origin);
        Ok(found.into_iter().map(prove).collect::<Result<_, _>>()?)
    }

    /// That an entry is under the checkpoint; nothing while the log has not placed it.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn proof(&mut self, entry: &Entry) -> Result<Option<Proof>, Error> {
        let Some(shown) = &self.shown else { return Ok(None) };
        let Some(index) = self.store.index(entry)? else { return Ok(None) };
        let Some((size, note)) = shown.over(index) else { return Ok(None) };
        let hashes = tree::inclusion(&mut Shelf(&mut *self.store), index, size)?;
        Ok(Some(Proof { index, hashes, note: note.to_owned() }))
    }

    /// The version of the mechanism that was live at a time (milliseconds since 1970): since when, and the SHA-256 of
    /// its manifest.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn version(&mut self, at: u64) -> Result<Option<(u64, Digest)>, Error> {
        Ok(self.store.version(at.min(u64::MAX >> 1))?)
    }

    /// A manifest of the archive; nothing where it is not there, was changed, or cannot be read.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn manifest(&mut self, name: Digest) -> Result<Option<Manifest>, Error> {
        Ok(match self.archived(name)? {
            Held::Whole(bytes) => Manifest::parse(&bytes),
            Held::Changed(_) | Held::Nothing => None,
        })
    }

    /// What the archive holds by this name, compared with it.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn archived(&mut self, name: Digest) -> Result<Held, Error> {
        Ok(match self.store.archived(name)? {
            Some(bytes) if Digest::of(&bytes) == name => Held::Whole(bytes),
            Some(bytes) => Held::Changed(bytes),
            None => Held::Nothing,
        })
    }
}

/// The checkpoint a note holds, its signatures unseen; nothing where there is no note yet.
fn checkpoint(note: &str) -> Result<Option<Checkpoint>, Fault> {
    let Some((text, _)) = note.split_once("\n\n") else { return Ok(None) };
    Checkpoint::parse(&format!("{text}\n")).map(Some).map_err(|error| Fault::new(error.to_string()))
}
