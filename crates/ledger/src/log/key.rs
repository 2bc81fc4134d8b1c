//! Who signs heads of the log, and how anybody checks it: Ed25519 over the text of the note (signed-note, type 0x01).
//! Knows neither entries nor where the seed is kept.

use crate::log::checkpoint::Checkpoint;
use crate::log::error::NoteError;
use crate::log::note::{Name, Note};
use ed25519_dalek::{Signature, Signer as _, SigningKey};
use std::fmt;

/// The type of a plain Ed25519 signature (signed-note, "Signature types").
const KIND: u8 = 0x01;

/// Signs the heads of one log. The key is wiped from memory when dropped.
#[derive(Clone)]
pub struct LogSigner {
    key: SigningKey,
    name: Name,
}

impl LogSigner {
    /// Makes the key of 32 secret random bytes, for the log with this origin; it is the key's name too.
    ///
    /// # Errors
    /// [`NoteError::Key`] when the origin is empty or holds spaces, plus signs or control characters.
    pub fn new(seed: [u8; 32], origin: &str) -> Result<Self, NoteError> {
        let key = SigningKey::from_bytes(&seed);
        let name = Name::new(origin, KIND, key.verifying_key())?;
        Ok(Self { key, name })
    }

    /// Whose log it is.
    pub fn origin(&self) -> &str {
        &self.name.name
    }

    /// The public key as text, `name+id+base64`, for whoever checks.
    pub fn vkey(&self) -> String {
        self.name.vkey(KIND)
    }

    /// The public key.
    pub fn key(&self) -> LogKey {
        LogKey(self.name.clone())
    }

    /// The whole note: the checkpoint and the signature over it.
    pub fn sign(&self, head: &Checkpoint) -> String {
        let text = head.to_string();
        let signature = self.key.sign(text.as_bytes()).to_bytes();
        format!("{text}\n{}", self.name.line(&signature))
    }
}

impl fmt::Debug for LogSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LogSigner({}, secret)", self.name.name)
    }
}

/// The public key of one log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogKey(Name);

impl LogKey {
    /// Reads `name+id+base64`.
    ///
    /// # Errors
    /// [`NoteError::Key`], saying what is wrong with it.
    pub fn parse(vkey: &str) -> Result<Self, NoteError> {
        Name::parse(vkey, KIND).map(Self)
    }

    /// Whose log it is.
    pub fn origin(&self) -> &str {
        &self.0.name
    }

    /// Reads a note once its signature holds and its checkpoint is of this log. Signatures of unknown keys are passed
    /// over; one by this key that does not fit makes the note worthless, whatever else it bears.
    ///
    /// # Errors
    /// Says what does not hold.
    pub fn open(&self, note: &str) -> Result<Checkpoint, NoteError> {
        let note = Note::parse(note)?;
        let mut signed = false;
        for line in note.lines.iter().filter(|line| self.0.wrote(line)) {
            let fits = Signature::from_slice(&line.signature)
                .is_ok_and(|signature| self.0.key.verify_strict(note.text.as_bytes(), &signature).is_ok());
            if !fits {
                return Err(NoteError::Signature { name: self.0.name.clone() });
            }
            signed = true;
        }
        if !signed {
            return Err(NoteError::Unsigned { name: self.0.name.clone() });
        }
        let head = Checkpoint::parse(note.text)?;
        if head.origin != self.0.name {
            return Err(NoteError::Origin { read: head.origin, expected: self.0.name.clone() });
        }
        Ok(head)
    }
}

/// `name+id+base64`.
impl fmt::Display for LogKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.vkey(KIND))
    }
}
