//! Signed notes: a text, an empty line, and a line for each signature (signed-note). Cuts them and puts them together,
//! and reads the names that keys go by. Does not check signatures: see `key` and `witness`.

use crate::log::error::NoteError;
use crate::log::text::{armor, is_name, unarmor};
use ed25519_dalek::VerifyingKey;
use sha2::{Digest as _, Sha256};

/// How many signature lines a note may have. The format asks for at least 16.
const LINES: usize = 64;
/// What a signature line begins with: an em dash and a space.
const MARK: &str = "\u{2014} ";

/// A note, cut into its parts.
pub(crate) struct Note<'a> {
    /// What is signed, its last line ended.
    pub(crate) text: &'a str,
    pub(crate) lines: Vec<Line<'a>>,
}

/// One signature line.
pub(crate) struct Line<'a> {
    /// The whole line, without its end.
    pub(crate) whole: &'a str,
    pub(crate) name: &'a str,
    pub(crate) id: [u8; 4],
    pub(crate) signature: Vec<u8>,
}

impl<'a> Note<'a> {
    /// Cuts a note. The last empty line parts text and signatures, since a text may hold empty lines itself.
    pub(crate) fn parse(note: &'a str) -> Result<Self, NoteError> {
        if note.chars().any(|letter| letter < ' ' && letter != '\n') {
            return Err(NoteError::Note("it holds control characters"));
        }
        let at = note.rfind("\n\n").ok_or(NoteError::Note("no empty line parts the text from signatures"))?;
        let lines = lines(&note[at + 2..])?;
        if lines.is_empty() {
            return Err(NoteError::Note("it bears no signature"));
        }
        Ok(Self { text: &note[..=at], lines })
    }
}

/// Reads signature lines, each ended, and nothing else.
pub(crate) fn lines(text: &str) -> Result<Vec<Line<'_>>, NoteError> {
    let mut lines = Vec::new();
    for whole in text.split_inclusive('\n') {
        if lines.len() == LINES {
            return Err(NoteError::Note("it bears too many signatures"));
        }
        lines.push(line(whole).ok_or(NoteError::Note("what follows the text is no signature line"))?);
    }
    Ok(lines)
}

fn line(ended: &str) -> Option<Line<'_>> {
    let whole = ended.strip_suffix('\n')?;
    let (name, code) = whole.strip_prefix(MARK)?.split_once(' ')?;
    let bytes = unarmor(code)?;
    let (id, signature) = bytes.split_first_chunk::<4>()?;
    if !is_name(name) || signature.is_empty() {
        return None;
    }
    Some(Line { whole, name, id: *id, signature: signature.to_vec() })
}

/// An Ed25519 public key with its name and what it signs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Name {
    pub(crate) name: String,
    pub(crate) id: [u8; 4],
    pub(crate) key: VerifyingKey,
}

impl Name {
    pub(crate) fn new(name: &str, kind: u8, key: VerifyingKey) -> Result<Self, NoteError> {
        if !is_name(name) {
            return Err(NoteError::Key("its name is empty or holds spaces, plus signs or control characters"));
        }
        // Anybody can sign for a key of small order.
        if key.is_weak() {
            return Err(NoteError::Key("it is no Ed25519 public key that binds anybody"));
        }
        let hash = Sha256::new().chain_update(name).chain_update([b'\n', kind]).chain_update(key.as_bytes()).finalize();
        Ok(Self { name: name.to_owned(), id: [hash[0], hash[1], hash[2], hash[3]], key })
    }

    /// Reads `name+id+base64`, as verifier keys are handed around.
    pub(crate) fn parse(vkey: &str, kind: u8) -> Result<Self, NoteError> {
        let mut parts = vkey.splitn(3, '+');
        let (Some(name), Some(id), Some(code)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(NoteError::Key("expected name, id and key, with plus signs between"));
        };
        let bytes = unarmor(code).ok_or(NoteError::Key("the key is not in base64"))?;
        let Some((&[read], key)) = bytes.split_first_chunk::<1>() else {
            return Err(NoteError::Key("the key is empty"));
        };
        if read != kind {
            return Err(NoteError::Key("it is for signatures of another type"));
        }
        let key = <[u8; 32]>::try_from(key).ok().and_then(|key| VerifyingKey::from_bytes(&key).ok());
        let named = Self::new(name, kind, key.ok_or(NoteError::Key("it is no Ed25519 public key"))?)?;
        if named.hex() != id {
            return Err(NoteError::Key("its id is not the one of its name and key"));
        }
        Ok(named)
    }

    /// `name+id+base64`.
    pub(crate) fn vkey(&self, kind: u8) -> String {
        let bytes: Vec<u8> = [kind].into_iter().chain(*self.key.as_bytes()).collect();
        format!("{}+{}+{}", self.name, self.hex(), armor(bytes))
    }

    /// The line that bears this signature, ended.
    pub(crate) fn line(&self, signature: &[u8]) -> String {
        format!("{MARK}{} {}\n", self.name, armor([&self.id, signature].concat()))
    }

    /// Whether a line says that it is of this key. Name and id together say so, neither does alone.
    pub(crate) fn wrote(&self, line: &Line<'_>) -> bool {
        line.name == self.name && line.id == self.id
    }

    fn hex(&self) -> String {
        self.id.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}
