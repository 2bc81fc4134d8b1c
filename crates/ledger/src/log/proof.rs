//! A proof on its own: where an entry stands, the hashes from there to the root, and the signed head, as one text that is
//! checked without a network (tlog-proof).

use crate::log::check::included;
use crate::log::checkpoint::Checkpoint;
use crate::log::error::ProofError;
use crate::log::hash::leaf_hash;
use crate::log::key::LogKey;
use crate::log::text::{armor, hash, number, unarmor};
use bandeau_consent::Digest;
use std::fmt;
use std::str::FromStr;

/// The first line.
const FORMAT: &str = "c2sp.org/tlog-proof@v1";
/// The hashes from any leaf to the root of the largest tree there can be.
const LONGEST: usize = 64;

/// That one entry is in a signed tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// Where it stands, counted from 0.
    pub index: u64,
    /// From the leaf's sibling up to the root's child.
    pub hashes: Vec<Digest>,
    /// The signed checkpoint, as the log wrote it.
    pub note: String,
}

impl Proof {
    /// Checks that the log with this key signed a tree that holds this entry at this place, and returns that tree's head.
    ///
    /// # Errors
    /// Says what does not hold.
    pub fn verify(&self, entry: &[u8], key: &LogKey) -> Result<Checkpoint, ProofError> {
        let head = key.open(&self.note)?;
        let index = self.index;
        if index >= head.size {
            return Err(ProofError::Beyond { index, size: head.size });
        }
        if !included(leaf_hash(entry), index, &self.hashes, &head) {
            return Err(ProofError::Entry { index });
        }
        Ok(head)
    }
}

/// Reads the text. Its extra data is passed over: nobody signed it.
impl FromStr for Proof {
    type Err = ProofError;

    fn from_str(text: &str) -> Result<Self, ProofError> {
        let (head, note) =
            text.split_once("\n\n").ok_or(ProofError::Text("no empty line stands before a checkpoint"))?;
        let mut lines = head.split('\n').peekable();
        if lines.next() != Some(FORMAT) {
            return Err(ProofError::Text("the first line is not c2sp.org/tlog-proof@v1"));
        }
        if let Some(extra) = lines.next_if(|line| line.starts_with("extra ")) {
            unarmor(&extra["extra ".len()..]).ok_or(ProofError::Text("the extra data are not in base64"))?;
        }
        let index = lines.next().and_then(|line| line.strip_prefix("index ")).and_then(number);
        let index = index.ok_or(ProofError::Text("no line says the index of the entry"))?;
        let hashes: Option<Vec<Digest>> = lines.map(hash).collect();
        let hashes = hashes.ok_or(ProofError::Text("a line of the proof is no hash in base64"))?;
        if hashes.len() > LONGEST {
            return Err(ProofError::Text("it is longer than any tree is high"));
        }
        Ok(Self { index, hashes, note: note.to_owned() })
    }
}

impl fmt::Display for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{FORMAT}\nindex {}", self.index)?;
        self.hashes.iter().try_for_each(|hash| writeln!(f, "{}", armor(hash.0)))?;
        write!(f, "\n{}", self.note)
    }
}
