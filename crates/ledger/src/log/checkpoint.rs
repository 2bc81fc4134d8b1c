//! The head of the tree as text: whose log, how many entries, which root (tlog-checkpoint). Knows no signatures.

use crate::log::error::NoteError;
use crate::log::text::{armor, hash, number};
use bandeau_consent::Digest;
use std::fmt;

/// The head of a log at one size.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Whose log it is.
    pub origin: String,
    /// How many entries it holds.
    pub size: u64,
    /// The root of the tree over them.
    pub root: Digest,
}

impl Checkpoint {
    /// Reads the text of a checkpoint, without signatures. Extension lines are passed over: nobody can check what they
    /// say, so nothing here depends on them.
    ///
    /// # Errors
    /// [`NoteError::Body`], saying which line is not as it must be.
    pub fn parse(text: &str) -> Result<Self, NoteError> {
        let Some(text) = text.strip_suffix('\n') else {
            return Err(NoteError::Body("its last line does not end"));
        };
        let mut lines = text.split('\n');
        let (origin, size, root) = (lines.next(), lines.next(), lines.next());
        let origin = origin.filter(|line| !line.is_empty()).ok_or(NoteError::Body("the first line names no log"))?;
        if text.chars().any(|letter| letter < ' ' && letter != '\n') {
            return Err(NoteError::Body("it holds control characters"));
        }
        let size = size.and_then(number).ok_or(NoteError::Body("the second line is no number of entries"))?;
        let root = root.and_then(hash).ok_or(NoteError::Body("the third line is no hash in base64"))?;
        if lines.any(str::is_empty) {
            return Err(NoteError::Body("a line is empty"));
        }
        Ok(Self { origin: origin.to_owned(), size, root })
    }
}

/// The text that is signed.
impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\n{}\n{}", self.origin, self.size, armor(self.root.0))
    }
}
