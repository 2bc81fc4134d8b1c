//! What the book answers: the log's checkpoint, tiles and keys, receipts with their proofs, and taking everything back
//! by a receipt. Each question goes to the store by the readers; none is asked while a page is served.

use crate::code::Code;
use crate::document::ReceiptDocument;
use crate::error::Error;
use crate::guard::{Shelf, Shown};
use crate::ledger::Ledger;
use crate::log::{Proof, TilePath, What, bundle, tree};
use crate::row::RECEIPT;
use crate::store::{Fault, Outcome, Sought, Store, Stored};
use bandeau_consent::{Event, Pseudonym, RecordId};
use base64::{Engine as _, engine::general_purpose::STANDARD};

/// How a receipt is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ask {
    /// By its short code.
    Code(Code),
    /// By the name of its record.
    Id(RecordId),
    /// The newest of a visitor.
    Newest(Pseudonym),
}

/// What taking everything back came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Withdrawn {
    /// It is recorded now; this is whose it was.
    Recorded(Pseudonym, Box<ReceiptDocument>),
    /// Nothing was granted any more.
    Nothing(Pseudonym),
    /// There is no such record: it was never there, or it was erased.
    Unknown,
}

impl Ledger {
    /// The newest checkpoint, signed; nothing before the first. It was safe on this node's disk before.
    pub fn checkpoint(&self) -> Option<String> {
        self.shared().guard.shown().map(|shown| shown.note.clone())
    }

    /// The newest checkpoint that witnesses signed as well, if any did.
    pub fn witnessed(&self) -> Option<String> {
        self.shared().guard.shown()?.witnessed.as_ref().map(|(_, note)| note.clone())
    }

    /// The public keys, as text: whoever keeps them can check everything later without us.
    pub fn keys(&self) -> String {
        let receipt = STANDARD.encode(self.shared().signer.verifying_key());
        let log = self.shared().guard.log(&self.origin()).map(|signer| signer.vkey()).unwrap_or_default();
        format!("bandeau keys v1\nlog {log}\nreceipt {receipt}\n")
    }

    /// What the log is called.
    pub(crate) fn origin(&self) -> String {
        self.shared().guard.origin().unwrap_or_else(|| self.options().origin.clone())
    }

    /// A tile of the tree that the newest checkpoint is over; nothing where that tree has no such tile.
    ///
    /// # Errors
    /// When the store is away, slow or overrun.
    pub async fn tile(&self, path: TilePath) -> Result<Option<Vec<u8>>, Error> {
        let Some(shown) = self.shared().guard.shown() else { return Ok(None) };
        let Some(width) = there(&path, shown.head.size) else { return Ok(None) };
        self.shelves()
            .ask(move |store| match path.what {
                What::Hashes { level } => {
                    let mut hashes = store.tile(level, path.index)?;
                    if hashes.len() < usize::from(width) * 32 {
                        return Err(Fault::new(format!("{path} is shorter than the log is long")));
                    }
                    hashes.truncate(usize::from(width) * 32);
                    Ok(Some(hashes))
                }
                What::Entries => {
                    let entries = store.entries(path.index * 256, u32::from(width))?;
                    if entries.len() < usize::from(width) {
                        return Err(Fault::new(format!("{path} is shorter than the log is long")));
                    }
                    let bytes: Vec<[u8; 33]> = entries.iter().map(crate::log::Entry::bytes).collect();
                    Ok(bundle(&bytes))
                }
            })
            .await
    }

    /// A receipt, with its proof once the log has placed it.
    ///
    /// # Errors
    /// When the store is away, slow or overrun.
    pub async fn receipt(&self, ask: Ask) -> Result<Option<ReceiptDocument>, Error> {
        let shown = self.shared().guard.shown();
        let origin = self.origin();
        self.readers()
            .ask(move |store| {
                let found = newest(store, ask)?;
                found.map(|stored| prove(store, stored, shown.as_deref(), &origin)).transpose()
            })
            .await
    }

    /// Takes back everything that whoever has this code granted, in whatever browser.
    ///
    /// # Errors
    /// When the store is away, slow or overrun: then nothing is recorded.
    pub async fn withdraw(&self, code: Code) -> Result<Withdrawn, Error> {
        let (signer, options) = (self.shared().signer.clone(), self.options().clone());
        let (origin, id, now) = (self.origin(), (options.name)(), (options.now)());
        let done = self
            .readers()
            .ask(move |store| {
                let Some(one) = newest(store, Ask::Code(code))? else { return Ok(Withdrawn::Unknown) };
                let pseudonym = one.row.pseudonym;
                let all = store.find(&Sought::Pseudonym(pseudonym))?;
                let mut answers = all.iter().rev().filter(|stored| !stored.row.source.starts_with("once"));
                let Some(last) = answers.next() else { return Ok(Withdrawn::Nothing(pseudonym)) };
                // Behind a refusal a browser may still hold the cookie of a grant: the answer may have been lost.
                let holds = |stored: &Stored| stored.row.grants() && stored.row.until() > now;
                let withdrawn = last.row.source == RECEIPT;
                if withdrawn || !last.row.grants() && !answers.any(holds) {
                    return Ok(Withdrawn::Nothing(pseudonym));
                }
                // A clock that is behind must not date it before what it takes back.
                let row = last.row.ended(id, now.max(last.row.at), Event::Withdrawn, RECEIPT);
                let outcomes = store.write(std::slice::from_ref(&row), &signer)?;
                if !matches!(outcomes[..], [Outcome::Write(_) | Outcome::Know(_)]) {
                    return Err(Fault::new("the withdrawal could not be named"));
                }
                let stored = newest(store, Ask::Id(id))?.ok_or_else(|| Fault::new("the withdrawal is not there"))?;
                Ok(Withdrawn::Recorded(pseudonym, Box::new(prove(store, stored, None, &origin)?)))
            })
            .await?;
        if let Withdrawn::Recorded(pseudonym, _) = &done {
            // Here at once; on other nodes with their next look.
            self.shared().revoked.add(&[*pseudonym]);
        }
        Ok(done)
    }
}

/// How wide a tile is in a tree of this size; nothing where it has none, or a narrower one than was asked for.
fn there(path: &TilePath, size: u64) -> Option<u16> {
    let height = match path.what {
        What::Hashes { level } => 8_u32.checked_mul(u32::from(level))?,
        What::Entries => 0,
    };
    let hashes = size.checked_shr(height)?;
    let left = hashes.checked_sub(path.index.checked_mul(256)?)?;
    let width = path.width.unwrap_or(256);
    (u64::from(width) <= left).then_some(width)
}

pub(crate) fn newest(store: &mut dyn Store, ask: Ask) -> Result<Option<Stored>, Fault> {
    let sought = match ask {
        Ask::Code(code) => Sought::Handle(code.handle()),
        Ask::Id(id) => Sought::Id(id),
        Ask::Newest(pseudonym) => Sought::Pseudonym(pseudonym),
    };
    Ok(store.find(&sought)?.pop())
}

/// The document of a record, with the proof that it is under a checkpoint, if it is.
pub(crate) fn prove(
    store: &mut dyn Store,
    stored: Stored,
    shown: Option<&Shown>,
    origin: &str,
) -> Result<ReceiptDocument, Fault> {
    let index = store.index(&stored.entry())?;
    let mut document = stored.document(shown.map_or(origin, |shown| &shown.head.origin));
    if let Some(index) = index
        && let Some((size, note)) = shown.and_then(|shown| shown.over(index))
    {
        let hashes = tree::inclusion(&mut Shelf(store), index, size)?;
        document.prove(&Proof { index, hashes, note: note.to_owned() });
    }
    Ok(document)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_tiles_of_the_tree_are_there() {
        // C2SP tlog-tiles, "Partial Tiles": a tree of size 70,000.
        for (path, width) in [
            ("tile/0/272", Some(256)),
            ("tile/0/273", None),
            ("tile/0/273.p/112", Some(112)),
            ("tile/0/273.p/113", None),
            ("tile/0/000.p/5", Some(5)),
            ("tile/1/000", Some(256)),
            ("tile/1/001.p/17", Some(17)),
            ("tile/2/000.p/1", Some(1)),
            ("tile/2/000.p/2", None),
            ("tile/8/000.p/1", None),
            ("tile/63/000.p/1", None),
            ("tile/entries/273.p/112", Some(112)),
            ("tile/entries/274.p/1", None),
        ] {
            assert_eq!(there(&path.parse().unwrap(), 70_000), width, "{path}");
        }
    }
}
