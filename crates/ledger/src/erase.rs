//! Erasing by hand: the records of one visitor or one alone, and all that is too old. Works beside a running gateway:
//! every step is one transaction of the store. Knows neither who asks nor what they are told.

use crate::address::Address;
use crate::chores;
use crate::code::Code;
use crate::error::Error;
use crate::row::Row;
use crate::signer::Signer;
use crate::store::{Sought, Store};
use bandeau_consent::{Pseudonym, RecordId};
use std::time::Duration;

/// Whose records are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// Those of who has this short code.
    Code(Code),
    /// Those of who this record is of.
    Id(RecordId),
    /// Those of this pseudonym.
    Visitor(Pseudonym),
}

/// A store from which something is erased.
pub struct Eraser {
    store: Box<dyn Store>,
    /// Whether what was erased has left no copy in what records are found by.
    drawn: bool,
}

impl Eraser {
    /// Opens a store; one of an older version becomes one of today's. `look` opens it for reading only, and then nothing
    /// can be erased. `origin` is what its log is called if it has none yet.
    ///
    /// # Errors
    /// When the URL names no store ([`Error::BadStore`]) or the store cannot be opened ([`Error::Unreadable`]); it is
    /// not made.
    pub fn open(store: &str, origin: &str, look: bool) -> Result<Self, Error> {
        let address = Address::parse(store)?;
        address.found()?;
        let mut store = if look { address.reader() } else { address.store(origin) };
        store.ready()?;
        Ok(Self { store, drawn: false })
    }

    /// The record a visitor is known by here, if it is in the store; by a pseudonym, the visitor's newest.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn find(&mut self, whose: Whose) -> Result<Option<Row>, Error> {
        let sought = match whose {
            Whose::Code(code) => Sought::Handle(code.handle()),
            Whose::Id(id) => Sought::Id(id),
            Whose::Visitor(pseudonym) => Sought::Pseudonym(pseudonym),
        };
        Ok(self.store.find(&sought)?.pop().map(|stored| stored.row))
    }

    /// The records of one visitor, oldest first, a thousand at most.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn visitor(&mut self, pseudonym: Pseudonym) -> Result<Vec<Row>, Error> {
        Ok(self.store.find(&Sought::Pseudonym(pseudonym))?.into_iter().map(|stored| stored.row).collect())
    }

    /// Erases records for good, with their salts; returns how many were there. They are out of every file once
    /// [`Eraser::scrub`] says so.
    ///
    /// # Errors
    /// When the store cannot be written: then all are there as before.
    pub fn erase(&mut self, ids: &[RecordId]) -> Result<u64, Error> {
        self.drawn = false;
        Ok(self.store.erase(ids)?)
    }

    /// Erases every record of one visitor, however many there are; returns how many there were.
    ///
    /// # Errors
    /// When the store cannot be written: some may then be erased, and asking again erases the rest.
    pub fn clear(&mut self, pseudonym: Pseudonym) -> Result<u64, Error> {
        let mut gone = 0;
        self.drawn = false;
        loop {
            let ids: Vec<RecordId> = self.visitor(pseudonym)?.iter().map(|row| row.id).collect();
            if ids.is_empty() {
                return Ok(gone);
            }
            gone += self.store.erase(&ids)?;
        }
    }

    /// Takes what was erased out of wherever the store still holds it; false while somebody is in the way, and then it is
    /// worth asking again.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn scrub(&mut self) -> Result<bool, Error> {
        if !self.drawn {
            self.store.redraw()?;
            self.drawn = true;
        }
        Ok(self.store.scrub()?)
    }

    /// How many records the store has.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn total(&mut self) -> Result<u64, Error> {
        Ok(self.store.extent()?.0)
    }

    /// How many grants have run out by `now` without a record that says so, and how many records are older than they are
    /// kept; counted up to `most` each.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn due(&mut self, retain: Option<Duration>, now: u64, most: u32) -> Result<(u64, u64), Error> {
        let lapsed = self.store.lapsed(now, most)?.len() as u64;
        let aged = match retain {
            Some(retain) => self.store.aged(before(retain, now), now, most)?.len() as u64,
            None => 0,
        };
        Ok((lapsed, aged))
    }

    /// Records that some grants have run out; returns how many, 0 once all is done.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn end(&mut self, signer: &Signer, now: u64) -> Result<u64, Error> {
        Ok(chores::end(&mut *self.store, signer, now)?)
    }

    /// Erases some records older than they are kept; returns how many, 0 once all is done.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn weed(&mut self, retain: Duration, now: u64) -> Result<u64, Error> {
        self.drawn = false;
        Ok(chores::weed(&mut *self.store, before(retain, now), now)?)
    }
}

/// What was decided before this is too old.
pub(crate) fn before(retain: Duration, now: u64) -> u64 {
    now.saturating_sub(u64::try_from(retain.as_millis()).unwrap_or(u64::MAX))
}
