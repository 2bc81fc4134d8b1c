//! The outsider's check of a receipt (docs/spec/record.md): what holds, what does not, and what cannot be decided with
//! what is at hand. Needs the receipt and, to say whose it is, the keys the site publishes; no book, no clock, no network.

mod keys;
mod paper;

pub use keys::{Keys, NoKeys};
pub use paper::NoReceipt;

use crate::code::Code;
use crate::log::Checkpoint;
use crate::log::note::Note;
use crate::log::{Entry, NoteError, Proof, ProofError, commitment, included, leaf_hash};
use crate::row::Row;
use crate::signer::holds;
use bandeau_consent::{Digest, RecordId, Salt};
use ed25519_dalek::VerifyingKey;
use paper::{Logged, Paper};

/// What is checked of a receipt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum What {
    /// The signature fits what the receipt says and the key in it.
    Signature,
    /// The key in it is one of the site's for receipts.
    Key,
    /// The short code is that of the salt.
    Code,
    /// The log it names is the site's.
    Log,
    /// The proof leads from the record to the root of the log at the size it names.
    Place,
    /// The site's log signed that size and root.
    Checkpoint,
}

impl What {
    /// Its name, for programs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Signature => "signature",
            Self::Key => "key",
            Self::Code => "code",
            Self::Log => "log",
            Self::Place => "place",
            Self::Checkpoint => "checkpoint",
        }
    }
}

/// What came of one check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// It holds.
    Hold,
    /// It does not hold, and why.
    Fail(String),
    /// It cannot be decided, and what is missing.
    Open(Gap),
}

/// What is missing to decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Gap {
    /// The keys of the site were not given.
    Keys,
    /// The log has not placed the record.
    Place,
}

/// What came of all checks together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// Everything holds.
    Hold,
    /// Something does not.
    Fail,
    /// Nothing fails, but not everything can be decided.
    Open,
}

/// What a receipt says and what came of checking it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// What was recorded, as the receipt says: true only as far as the signature holds.
    pub row: Row,
    /// The record of the same pseudonym before it.
    pub previous: Option<RecordId>,
    /// Of the second version: the short code and the log it names.
    pub logged: Option<(String, String)>,
    /// Where the proof says the record stands, and the head of the log it leads to.
    pub place: Option<(u64, Checkpoint)>,
    /// Each check and what came of it, in the order of [`What`].
    pub findings: Vec<(What, Finding)>,
}

impl Report {
    /// What came of it all.
    pub fn verdict(&self) -> Verdict {
        let any = |wanted: fn(&Finding) -> bool| self.findings.iter().any(|(_, finding)| wanted(finding));
        match () {
            () if any(|finding| matches!(finding, Finding::Fail(_))) => Verdict::Fail,
            () if any(|finding| matches!(finding, Finding::Open(_))) => Verdict::Open,
            () => Verdict::Hold,
        }
    }

    fn judge(&mut self, what: What, result: Result<(), String>) {
        self.findings.push((what, result.map_or_else(Finding::Fail, |()| Finding::Hold)));
    }

    fn leave(&mut self, what: What, gap: Gap) {
        self.findings.push((what, Finding::Open(gap)));
    }
}

/// Checks one receipt, of either version. Without keys it is checked against the key inside; whose that is stays open.
///
/// # Errors
/// When the text is no receipt of a version known here.
pub fn receipt(text: &[u8], keys: Option<&Keys>) -> Result<Report, NoReceipt> {
    let Paper { row, previous, key, signature, logged } = Paper::read(text)?;
    let leaf = row.leaf(previous);
    let mut report = Report { row, previous, logged: None, place: None, findings: Vec::new() };
    let fits = VerifyingKey::from_bytes(&key).is_ok_and(|key| holds(&key, leaf, &signature));
    let changed = "it was changed since it was signed, or this key never signed it";
    report.judge(What::Signature, fits.then_some(()).ok_or(changed.to_owned()));
    match keys {
        None => report.leave(What::Key, Gap::Keys),
        Some(keys) => {
            let own = keys.receipts.contains(&key);
            report
                .judge(What::Key, own.then_some(()).ok_or("it is signed with another key than the site's".to_owned()));
        }
    }
    if let Some(logged) = logged {
        place(&mut report, &logged, leaf, keys);
        report.logged = Some((logged.code, logged.log));
    }
    Ok(report)
}

fn place(report: &mut Report, logged: &Logged, leaf: Digest, keys: Option<&Keys>) {
    let own = Code::of(Salt(logged.salt)).to_string() == logged.code;
    report
        .judge(What::Code, own.then_some(()).ok_or_else(|| format!("{} is the code of another receipt", logged.code)));
    match keys.map(|keys| keys.log.origin()) {
        None => report.leave(What::Log, Gap::Keys),
        Some(origin) => {
            let other = || format!("it names {}, and the keys are those of {origin}", logged.log);
            report.judge(What::Log, (origin == logged.log).then_some(()).ok_or_else(other));
        }
    }
    let Some(proof) = &logged.proof else {
        report.leave(What::Place, Gap::Place);
        report.leave(What::Checkpoint, Gap::Place);
        return;
    };
    let read = proof.parse::<Proof>().and_then(|proof| Ok((head(&proof.note)?, proof)));
    let (head, proof) = match read {
        Ok(read) => read,
        Err(error) => {
            report.judge(What::Place, Err(error.to_string()));
            report.judge(What::Checkpoint, Err("the proof holds no head of the log that could be read".to_owned()));
            return;
        }
    };
    let entry = Entry::Record(commitment(&logged.salt, leaf)).bytes();
    let there = included(leaf_hash(&entry), proof.index, &proof.hashes, &head);
    let index = proof.index;
    let lost =
        if index >= head.size { ProofError::Beyond { index, size: head.size } } else { ProofError::Entry { index } };
    report.judge(What::Place, there.then_some(()).ok_or(lost.to_string()));
    match keys {
        None => report.leave(What::Checkpoint, Gap::Keys),
        Some(keys) => {
            let opened = keys.log.open(&proof.note).map_err(|error| error.to_string());
            report.judge(What::Checkpoint, opened.map(|_| ()));
        }
    }
    report.place = Some((index, head));
}

/// The head that a note is about, whoever signed it.
fn head(note: &str) -> Result<Checkpoint, NoteError> {
    Checkpoint::parse(Note::parse(note)?.text)
}
