//! JSON Lines: one receipt document a line, oldest first. Nothing is left out, so what is exported can be verified, and
//! holds what visitors have: salts and codes.

use super::Form;
use crate::document::ReceiptDocument;
use crate::error::Error;

pub(super) struct Lines;

impl Form for Lines {
    fn begin(&self, _out: &mut Vec<u8>) {}

    fn record(&self, document: &ReceiptDocument, _first: bool, out: &mut Vec<u8>) -> Result<(), Error> {
        serde_json::to_writer(&mut *out, document).map_err(|error| Error::Output(error.into()))?;
        out.push(b'\n');
        Ok(())
    }

    fn end(&self, _out: &mut Vec<u8>) {}
}
