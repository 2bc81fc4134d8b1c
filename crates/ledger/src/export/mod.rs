//! Reading the book out, a portion at a time: as documents that verify, as a table, or as linked data. Opens the store
//! read-only, needs neither the key nor the gateway, and does not disturb a gateway that writes.
//!
//! Knows no files: whoever asks says where the text goes, and may stop after any portion and go on later from the
//! [`Place`] it had come to.

mod csv;
mod jsonl;
mod jsonld;

use crate::address::Address;
use crate::document::ReceiptDocument;
use crate::error::Error;
use crate::guard::Shown;
use crate::log::Checkpoint;
use crate::log::note::Note;
use crate::served::prove;
use crate::store::{Fault, Sought, Store, Stored};
use bandeau_consent::{Notice, Pseudonym};
use serde::{Deserialize, Serialize};
use std::io::Write;

/// Records read at a time. Each portion is its own read transaction, so that a long export does not keep
/// the gateway's log from being folded back.
const PORTION: u32 = 1000;

/// How many records one question for a visitor is answered with.
const ANSWERED: usize = 1000;

/// How an export is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// JSON Lines: each line a document that verifies offline.
    #[default]
    JsonLines,
    /// A table (RFC 4180), for people.
    Csv,
    /// Linked data: consent records of ISO/IEC TS 27560:2023 in the profile of the W3C Data Privacy Vocabulary.
    JsonLd,
}

/// What is exported, and how.
#[derive(Debug, Clone, Default)]
pub struct Wish {
    /// How it is written.
    pub format: Format,
    /// Whether each document carries the proof that it is under the newest checkpoint in the store. JSON Lines only.
    pub proofs: bool,
    /// Records decided at this time or later, in milliseconds since 1970.
    pub since: Option<u64>,
    /// Records decided before this time, in milliseconds since 1970.
    pub until: Option<u64>,
    /// Records of one visitor.
    pub pseudonym: Option<Pseudonym>,
    /// What is known beside the records, for linked data.
    pub context: Context,
}

/// What the records do not say themselves and whoever runs the site knows.
#[derive(Debug, Clone, Default)]
pub struct Context {
    /// What was put to visitors. It is told of a record only where the notice is the very one that was answered.
    pub notices: Vec<Notice>,
    /// Where a visitor takes everything back: an absolute URL.
    pub settings: Option<String>,
    /// The country whose law applies: two capitals of ISO 3166.
    pub country: Option<String>,
}

/// How far an export has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Place {
    /// The number of the last record that was looked at.
    after: i64,
    /// The number of the last record there was when it began.
    last: i64,
    /// How many records were looked at.
    pub seen: u64,
    /// How many were written.
    pub written: u64,
    /// Whether it is whole.
    pub whole: bool,
}

/// An export under way.
pub struct Export {
    store: Box<dyn Store>,
    wish: Wish,
    form: Box<dyn Form>,
    origin: String,
    /// What records are proved to be under.
    shown: Option<Shown>,
    /// The records of the one visitor, where there are few.
    few: Option<Vec<Stored>>,
    total: u64,
    place: Place,
}

/// How records become text.
trait Form: Send {
    /// What stands before the first record.
    fn begin(&self, out: &mut Vec<u8>);

    /// One record; `first` where none stands before it.
    fn record(&self, document: &ReceiptDocument, first: bool, out: &mut Vec<u8>) -> Result<(), Error>;

    /// What stands after the last.
    fn end(&self, out: &mut Vec<u8>);
}

impl Export {
    /// Opens a store for reading.
    ///
    /// # Errors
    /// When the URL names no store ([`Error::BadStore`]) or the store cannot be read ([`Error::Unreadable`]).
    pub fn open(store: &str, wish: Wish) -> Result<Self, Error> {
        let mut store = Address::parse(store)?.reader();
        store.ready()?;
        let head = store.head()?;
        let shown = match wish.proofs && !head.note.is_empty() {
            true => Some(shown(head.witnessed.as_ref().unwrap_or(&head.note))?),
            false => None,
        };
        let (mut total, last) = store.extent()?;
        let few = match &wish.pseudonym {
            Some(one) => Some(store.find(&Sought::Pseudonym(*one))?).filter(|few| few.len() < ANSWERED),
            None => None,
        };
        if let Some(few) = &few {
            total = few.len() as u64;
        }
        let form: Box<dyn Form> = match wish.format {
            Format::JsonLines => Box::new(jsonl::Lines),
            Format::Csv => Box::new(csv::Table),
            Format::JsonLd => Box::new(jsonld::Graph::new(&wish.context)),
        };
        let place = Place { last, ..Place::default() };
        Ok(Self { store, wish, form, origin: head.origin, shown, few, total, place })
    }

    /// How many records there are to look at.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// How far it has come.
    pub fn place(&self) -> Place {
        self.place
    }

    /// Goes on where an export of the same store with the same wish had come to.
    pub fn resume(&mut self, place: Place) {
        self.place = place;
    }

    /// Adds the text of the next portion; once the place is whole there is none.
    ///
    /// # Errors
    /// When the store cannot be read. The place is then as it was.
    pub fn portion(&mut self, out: &mut Vec<u8>) -> Result<(), Error> {
        if self.place.whole {
            return Ok(());
        }
        if self.place == (Place { last: self.place.last, ..Place::default() }) {
            self.form.begin(out);
        }
        let mut place = self.place;
        let last = place.last;
        let found = match &self.few {
            Some(few) => few.iter().filter(|stored| stored.seq > place.after).cloned().collect(),
            None => self.store.read(place.after, PORTION)?,
        };
        let whole = self.few.is_some() || found.last().is_none_or(|newest| newest.seq >= last);
        for stored in found.into_iter().take_while(|stored| stored.seq <= last) {
            place.after = stored.seq;
            place.seen += 1;
            if self.wants(&stored) {
                let document = match &self.shown {
                    Some(shown) => prove(&mut *self.store, stored, Some(shown), &self.origin)?,
                    None => stored.document(&self.origin),
                };
                self.form.record(&document, place.written == 0, out)?;
                place.written += 1;
            }
        }
        place.whole = whole;
        if whole {
            self.form.end(out);
        }
        self.place = place;
        Ok(())
    }

    fn wants(&self, stored: &Stored) -> bool {
        let (wish, row) = (&self.wish, &stored.row);
        wish.since.is_none_or(|since| row.at >= since)
            && wish.until.is_none_or(|until| row.at < until)
            && wish.pseudonym.is_none_or(|one| row.pseudonym == one)
    }
}

/// Writes every record that is in the store when the call begins as JSON Lines, oldest first, each line a
/// [`crate::ReceiptDocument`], and returns how many. Reports records done and in all after each portion.
///
/// # Errors
/// When the URL names no store ([`Error::BadStore`]), the store cannot be read ([`Error::Unreadable`]),
/// or `out` fails ([`Error::Output`]).
pub fn export(store: &str, out: &mut dyn Write, progress: &mut dyn FnMut(u64, u64)) -> Result<u64, Error> {
    let mut export = Export::open(store, Wish::default())?;
    progress(0, export.total());
    let mut text = Vec::new();
    while !export.place().whole {
        export.portion(&mut text)?;
        out.write_all(&text).map_err(Error::Output)?;
        text.clear();
        progress(export.place().seen, export.total());
    }
    out.flush().map_err(Error::Output)?;
    Ok(export.place().written)
}

/// The checkpoint in the store, as it stands there. Who signed it is for whoever checks a proof to see.
fn shown(note: &str) -> Result<Shown, Error> {
    let unreadable = |error: crate::log::NoteError| Error::Unreadable { why: format!("its checkpoint: {error}") };
    let text = Note::parse(note).map_err(unreadable)?.text;
    Ok(Shown { head: Checkpoint::parse(text).map_err(unreadable)?, note: note.to_owned(), witnessed: None })
}

impl From<Fault> for Error {
    fn from(Fault(why): Fault) -> Self {
        Self::Unreadable { why }
    }
}

#[cfg(test)]
mod tests;
