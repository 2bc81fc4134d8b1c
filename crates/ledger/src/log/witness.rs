//! A second signature, by somebody who saw the log grow: what is asked of a witness (tlog-witness) and what its answer
//! is worth (tlog-cosignature, Ed25519). Knows no HTTP and no clock.

use crate::log::error::NoteError;
use crate::log::note::{Line, Name, Note, lines};
use crate::log::text::armor;
use bandeau_consent::Digest;
use ed25519_dalek::Signature;
use std::fmt;

/// The type of a cosignature with a time (signed-note, "Signature types").
const KIND: u8 = 0x04;
/// The year 10,000, in seconds since the epoch. What is later is no time in seconds, though perhaps one in another unit.
const LAST: u64 = 253_402_300_800;

/// The body of an `add-checkpoint` request: the size the witness last signed, the proof from there on, and the note.
pub fn request(old: u64, proof: &[Digest], note: &str) -> String {
    let proof: String = proof.iter().map(|hash| armor(hash.0) + "\n").collect();
    format!("old {old}\n{proof}\n{note}")
}

/// The public key of one witness.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WitnessKey(Name);

impl WitnessKey {
    /// Reads `name+id+base64`.
    ///
    /// # Errors
    /// [`NoteError::Key`], saying what is wrong with it.
    pub fn parse(vkey: &str) -> Result<Self, NoteError> {
        Name::parse(vkey, KIND).map(Self)
    }

    /// What the witness is called.
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// When this witness signed the note, in seconds since the epoch by its own clock; nothing when it did not.
    ///
    /// # Errors
    /// When the note is none, or a line under this key does not hold.
    pub fn seen(&self, note: &str) -> Result<Option<u64>, NoteError> {
        let note = Note::parse(note)?;
        let mut seen = None;
        for line in note.lines.iter().filter(|line| self.0.wrote(line)) {
            seen = seen.max(Some(self.check(note.text, line)?));
        }
        Ok(seen)
    }

    /// The time a line says, once its signature holds.
    fn check(&self, text: &str, line: &Line<'_>) -> Result<u64, NoteError> {
        let name = || self.0.name.clone();
        let (time, signature) = line
            .signature
            .split_first_chunk::<8>()
            .and_then(|(time, rest)| Some((u64::from_be_bytes(*time), Signature::from_slice(rest).ok()?)))
            .ok_or_else(|| NoteError::Signature { name: name() })?;
        if !(1..LAST).contains(&time) {
            return Err(NoteError::Time { name: name() });
        }
        // tlog-cosignature, "Ed25519 signed message".
        let message = format!("cosignature/v1\ntime {time}\n{text}");
        let fits = self.0.key.verify_strict(message.as_bytes(), &signature).is_ok();
        if fits { Ok(time) } else { Err(NoteError::Signature { name: name() }) }
    }
}

/// `name+id+base64`.
impl fmt::Display for WitnessKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.vkey(KIND))
    }
}

/// Puts what witnesses answered under the note: the lines of known keys, once each key, in place of what stood there of
/// the same key. Lines of unknown keys are passed over, as the format asks.
///
/// # Errors
/// When the answer is not made of signature lines, when a line of a known key does not hold, and when no line is of a
/// known key.
pub fn accept(note: &str, answer: &str, keys: &[WitnessKey]) -> Result<String, NoteError> {
    let note = Note::parse(note)?;
    let mut seen: Vec<(&WitnessKey, u64, &str)> = Vec::new();
    let answer = lines(answer)?;
    for line in &answer {
        let Some(key) = keys.iter().find(|key| key.0.wrote(line)) else { continue };
        let time = key.check(note.text, line)?;
        match seen.iter_mut().find(|(other, ..)| *other == key) {
            Some(other) if other.1 < time => *other = (key, time, line.whole),
            Some(_) => {}
            None => seen.push((key, time, line.whole)),
        }
    }
    if seen.is_empty() {
        let names: Vec<&str> = keys.iter().map(WitnessKey::name).collect();
        return Err(NoteError::Unsigned { name: names.join(", ") });
    }
    let kept = note.lines.iter().filter(|line| !seen.iter().any(|(key, ..)| key.0.wrote(line)));
    let lines: Vec<&str> = kept.map(|line| line.whole).chain(seen.iter().map(|(.., line)| *line)).collect();
    Ok(format!("{}\n{}\n", note.text, lines.join("\n")))
}
