//! What a witness is asked and what comes of its answer (C2SP tlog-witness). Knows no HTTP: the house carries question
//! and answer.

use crate::error::Error;
use crate::guard::{Shelf, Shown};
use crate::ledger::Ledger;
use crate::log::{NoteError, WitnessKey, accept, request, tree};
use std::sync::Arc;

/// A checkpoint on its way through the witnesses.
#[derive(Debug, Clone)]
pub struct Cosigning {
    shown: Arc<Shown>,
    note: String,
    signed: bool,
}

impl Cosigning {
    /// How many entries it is over.
    pub fn size(&self) -> u64 {
        self.shown.head.size
    }

    /// Puts the answer of one witness under the checkpoint.
    ///
    /// # Errors
    /// When the answer holds no signature by this witness, or one that does not hold.
    pub fn answer(&mut self, answer: &str, key: &WitnessKey) -> Result<(), NoteError> {
        self.note = accept(&self.note, answer, std::slice::from_ref(key))?;
        self.signed = true;
        Ok(())
    }
}

impl Ledger {
    /// The newest checkpoint, if witnesses have not signed it and it is this node's turn to ask them.
    pub fn cosigning(&self) -> Option<Cosigning> {
        let shown = self.shared().guard.shown().filter(|_| self.shared().leads())?;
        let signed = shown.witnessed.as_ref().is_some_and(|(head, _)| head.size >= shown.head.size);
        (!signed).then(|| Cosigning { note: shown.note.clone(), shown, signed: false })
    }

    /// The body of the request to a witness that last signed a tree of this size.
    ///
    /// # Errors
    /// When the store is away, slow or overrun.
    pub async fn question(&self, cosigning: &Cosigning, old: u64) -> Result<String, Error> {
        let (size, note) = (cosigning.size(), cosigning.shown.note.clone());
        let proof = match old {
            0 => Vec::new(),
            _ if old >= size => Vec::new(),
            _ => self.shelves().ask(move |store| tree::consistency(&mut Shelf(store), old, size)).await?,
        };
        Ok(request(old, &proof, &note))
    }

    /// Keeps what the witnesses signed.
    ///
    /// # Errors
    /// When the store is away, slow or overrun.
    pub async fn cosigned(&self, cosigning: Cosigning) -> Result<(), Error> {
        if !cosigning.signed {
            return Ok(());
        }
        let Cosigning { shown, note, .. } = cosigning;
        self.readers().ask(move |store| store.witness(shown.head.size, &note)).await
    }
}
