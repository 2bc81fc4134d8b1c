//! What the book asks of a store. One implementation keeps rows in SQLite; the conformance tests in
//! `trial` hold for any.

use crate::row::Row;
use crate::signer::Signer;
use bandeau_consent::RecordId;

/// Keeps rows, in commit order, and never changes one.
pub(crate) trait Store: Send {
    /// Makes the store ready, or says why it is not. Called before every batch and about once a second,
    /// so it must be cheap while nothing has changed.
    fn ready(&mut self) -> Result<(), Fault>;

    /// Keeps all rows in one transaction, in this order, and returns only when they are durable; one
    /// outcome a row. After a fault none may be relied on, and only a fault of the commit itself may
    /// leave them in the store all the same.
    fn write(&mut self, rows: &[Row], signer: &Signer) -> Result<Vec<Outcome>, Fault>;
}

/// What became of one row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It is durable, newly.
    Write(Place),
    /// It was in the store already.
    Know(Place),
    /// Another row has its name.
    Clash,
}

/// Where a row is: what it follows, and the signature over both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) previous: Option<RecordId>,
    pub(crate) signature: [u8; 64],
}

/// Why a store could not do it, for the operator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault(pub(crate) String);

impl Fault {
    pub(crate) fn new(why: impl Into<String>) -> Self {
        Self(why.into())
    }
}
