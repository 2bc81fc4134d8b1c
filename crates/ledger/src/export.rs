//! Reading the book out: one receipt document a line, oldest first. Opens the store read-only, needs
//! neither the key nor the gateway, and does not disturb a gateway that writes.

use crate::address::Address;
use crate::error::Error;
use crate::store::Fault;
use std::io::Write;

/// Records read at a time. Each portion is its own read transaction, so that a long export does not keep
/// the gateway's log from being folded back.
const PORTION: u32 = 1000;

/// Writes every record that is in the store when the call begins as JSON Lines, oldest first, each line a
/// [`crate::ReceiptDocument`], and returns how many. Reports records done and in all after each portion.
///
/// # Errors
/// When the URL names no store ([`Error::BadStore`]), the store cannot be read ([`Error::Unreadable`]),
/// or `out` fails ([`Error::Output`]).
pub fn export(store: &str, out: &mut dyn Write, progress: &mut dyn FnMut(u64, u64)) -> Result<u64, Error> {
    let mut store = Address::parse(store)?.reader();
    store.ready()?;
    let origin = store.head()?.origin;
    let (total, last) = store.extent()?;
    let (mut done, mut after) = (0, 0);
    progress(done, total);
    loop {
        let portion = store.read(after, PORTION)?;
        let Some(newest) = portion.last() else { break };
        after = newest.seq;
        for stored in portion.into_iter().take_while(|stored| stored.seq <= last) {
            serde_json::to_writer(&mut *out, &stored.document(&origin)).map_err(|error| Error::Output(error.into()))?;
            out.write_all(b"\n").map_err(Error::Output)?;
            done += 1;
        }
        progress(done, total);
        if after >= last {
            break;
        }
    }
    out.flush().map_err(Error::Output)?;
    Ok(done)
}

impl From<Fault> for Error {
    fn from(Fault(why): Fault) -> Self {
        Self::Unreadable { why }
    }
}
