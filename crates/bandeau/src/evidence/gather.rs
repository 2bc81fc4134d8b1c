//! What the book says of one record, and whether it holds: the receipt with its proof, the version of the mechanism it
//! names, that version's files, and the visitor's other records. Everything is compared with its digest on the way.

use super::Findings;
use crate::clock::moment;
use bandeau_consent::{Digest, Notice, RecordId};
use bandeau_ledger::log::{Entry, LogKey, Proof};
use bandeau_ledger::{Ask, Code, Error, Held, Manifest, Reading, ReceiptDocument, verify};
use std::collections::BTreeMap;

/// How many versions are looked through for the notice of a record.
const VERSIONS: usize = 10_000;

/// Which record.
pub(super) enum Sought {
    Id(RecordId),
    Code(Code),
    /// One that somebody holds.
    Document(Box<ReceiptDocument>),
    /// None: the version that is live now.
    Newest,
}

/// The keys that what is gathered must fit.
#[derive(Default)]
pub(super) struct Keys {
    pub(super) receipt: Option<[u8; 32]>,
    pub(super) log: Option<LogKey>,
}

/// A version out of the archive.
pub(super) struct Mechanism {
    pub(super) name: Digest,
    pub(super) manifest: Manifest,
    pub(super) bytes: Vec<u8>,
    pub(super) proof: Option<Proof>,
    /// The files whose bytes are what their names say.
    pub(super) files: BTreeMap<String, Vec<u8>>,
    /// Those that were changed since, as they are.
    pub(super) changed: BTreeMap<String, Vec<u8>>,
}

/// Everything that belongs to one record, or to the version that is live.
pub(super) struct Case {
    pub(super) record: Option<ReceiptDocument>,
    pub(super) chain: Vec<ReceiptDocument>,
    pub(super) mechanism: Option<Mechanism>,
    /// The notice out of the archive: in the record's language, or in the site's first one.
    pub(super) notice: Option<Notice>,
    pub(super) origin: String,
    pub(super) checkpoint: Option<String>,
    pub(super) keys: Keys,
}

/// Gathers; what does not hold goes into the findings. Nothing where there is no such record.
pub(super) fn gather(
    reading: &mut Reading,
    sought: &Sought,
    keys: Keys,
    findings: &mut Findings,
) -> Result<Option<Case>, Error> {
    let record = match sought {
        Sought::Id(id) => reading.receipt(Ask::Id(*id))?,
        Sought::Code(code) => reading.receipt(Ask::Code(*code))?,
        Sought::Document(held) => presented(reading, held, findings)?,
        Sought::Newest => None,
    };
    if record.is_none() && !matches!(sought, Sought::Newest) {
        return Ok(None);
    }
    let chain = match &record {
        Some(record) => reading.chain(record.row.pseudonym)?,
        None => Vec::new(),
    };
    if let Some(record) = &record {
        signed(record, &keys, findings);
        placed(record, &keys, findings);
        linked(&chain, &keys, findings);
    }
    let named = version(reading, record.as_ref(), findings)?;
    let mechanism = match named {
        Some(name) => unpack(reading, name, &keys, findings)?,
        None => None,
    };
    let notice = match (&record, &mechanism) {
        (Some(record), Some(mechanism)) => said(record, mechanism, findings),
        (None, Some(mechanism)) => first(mechanism),
        _ => None,
    };
    let (origin, checkpoint) = (reading.origin().to_owned(), reading.checkpoint().map(str::to_owned));
    Ok(Some(Case { record, chain, mechanism, notice, origin, checkpoint, keys }))
}

/// A receipt somebody holds, as the book has it; itself where the book has it no more.
fn presented(
    reading: &mut Reading,
    held: &ReceiptDocument,
    findings: &mut Findings,
) -> Result<Option<ReceiptDocument>, Error> {
    let Some(kept) = reading.receipt(Ask::Id(held.row.id))? else {
        findings.note(
            "The book does not hold this record: it was erased, or never there. What follows is the receipt as it was \
             presented.",
        );
        return Ok(Some(held.clone()));
    };
    let same = kept.leaf() == held.leaf() && kept.signature == held.signature;
    findings.check(same, "The receipt that was presented is the one in the book.", || {
        "The receipt that was presented is NOT the one in the book, although it has the same name. What follows is the \
         one in the book."
            .to_owned()
    });
    Ok(Some(kept))
}

fn signed(record: &ReceiptDocument, keys: &Keys, findings: &mut Findings) {
    let Some(key) = &keys.receipt else {
        findings.fail("The book's key is not here, so the signature over the record could not be checked.");
        return;
    };
    match verify(record, key) {
        Ok(()) => findings.hold("The record is signed with the book's key, and nothing in it was changed."),
        Err(error) => findings.fail(&format!("The record's signature does NOT hold: {}.", crate::cause::chain(&error))),
    }
}

fn placed(record: &ReceiptDocument, keys: &Keys, findings: &mut Findings) {
    let text = record.placed.as_ref().and_then(|placed| placed.proof.as_ref());
    let Some((text, entry)) = text.zip(record.entry()) else {
        findings.fail(
            "The log has not given the record its place yet, so there is no proof that it is in it. Gather again in a \
             few seconds.",
        );
        return;
    };
    let proof = text.parse::<Proof>().ok();
    prove("The record", proof.as_ref(), &entry, keys, findings);
}

/// Says whether an entry is under a signed checkpoint.
fn prove(what: &str, proof: Option<&Proof>, entry: &Entry, keys: &Keys, findings: &mut Findings) {
    let (Some(proof), Some(key)) = (proof, &keys.log) else {
        findings
            .fail(&format!("{what}'s place in the log could not be checked: its proof or the log's key is not here."));
        return;
    };
    match proof.verify(&entry.bytes(), key) {
        Ok(head) => findings.hold(&format!(
            "{what} is entry {} of the log, whose signed checkpoint is over {} entries.",
            proof.index, head.size
        )),
        Err(error) => {
            findings.fail(&format!("{what}'s proof does NOT hold: {}.", crate::cause::chain(&error)));
        }
    }
}

/// Every record of the visitor is signed, and names the one before.
fn linked(chain: &[ReceiptDocument], keys: &Keys, findings: &mut Findings) {
    let Some(key) = &keys.receipt else { return };
    let broken = chain.iter().filter(|record| verify(record, key).is_err()).count();
    let mut before: Option<RecordId> = None;
    let mut gaps = 0;
    for record in chain {
        gaps += usize::from(record.previous != before);
        before = Some(record.row.id);
    }
    let count = chain.len();
    findings.check(
        broken == 0,
        &format!("The visitor has {count} record(s) in the book; every signature holds."),
        || format!("Of the visitor's {count} records {broken} have a signature that does NOT hold."),
    );
    if gaps > 0 {
        findings.note(
            "Some of the visitor's records do not name the one before them as it stands here: one between them was \
             erased, or ran out of the time it is kept.",
        );
    }
}

/// The version a record names: the one that was live when it was made, else the nearest that has its notice.
fn version(
    reading: &mut Reading,
    record: Option<&ReceiptDocument>,
    findings: &mut Findings,
) -> Result<Option<Digest>, Error> {
    let mut all: Vec<(u64, Digest)> = Vec::new();
    let mut before = Some(u64::MAX);
    while let Some(at) = before.filter(|_| all.len() < VERSIONS) {
        let Some(found) = reading.version(at)? else { break };
        before = found.0.checked_sub(1);
        all.push(found);
    }
    let Some(record) = record else {
        if all.is_empty() {
            findings.fail("The archive holds no version of the mechanism.");
        }
        return Ok(all.first().map(|(_, name)| *name));
    };
    let at = record.row.at;
    let live = all.iter().find(|(since, _)| *since <= at).map(|(_, name)| *name);
    all.sort_by_key(|(since, name)| (Some(*name) != live, since.abs_diff(at)));
    let mut worded = None;
    for (since, name) in all {
        let Some(manifest) = reading.manifest(name)? else { continue };
        if manifest.notices.get(&record.row.language).map(|name| name.0) != Some(record.row.notice) {
            continue;
        }
        // The same words may have stood under two policies.
        if manifest.policy == record.row.policy {
            worded = Some((since, name));
            break;
        }
        worded = worded.or(Some((since, name)));
    }
    match worded {
        Some((_, name)) if Some(name) == live => {
            findings.hold("The notice that the record names is that of the version which was live when it was made.");
        }
        Some((since, _)) => findings.note(&format!(
            "The notice that the record names is that of the version of {}; when the record was made, another was live in \
             the book. That is so where nobody answered (a choice that ran out, a withdrawal by receipt), and where several \
             nodes take a new configuration one after the other.",
            moment(since)
        )),
        None => findings.fail(
            "NO version in the archive has the notice that the record names: what this person was shown CANNOT be shown \
             here. If a version follows, it is the one that was live at that time, and its words are NOT those of the record.",
        ),
    }
    Ok(worded.map(|(_, name)| name).or(live))
}

/// A version with all its files, each compared with its name.
fn unpack(
    reading: &mut Reading,
    name: Digest,
    keys: &Keys,
    findings: &mut Findings,
) -> Result<Option<Mechanism>, Error> {
    let bytes = match reading.archived(name)? {
        Held::Whole(bytes) => bytes,
        Held::Changed(_) => {
            findings.fail("The archive was TAMPERED WITH: the version's manifest is not what its hash says.");
            return Ok(None);
        }
        Held::Nothing => {
            findings.fail("The archive was TAMPERED WITH: the version's manifest is not there.");
            return Ok(None);
        }
    };
    let Some(manifest) = Manifest::parse(&bytes) else {
        findings.fail("The version's manifest cannot be read by this program.");
        return Ok(None);
    };
    let entry = Entry::Mechanism(name);
    let proof = reading.proof(&entry)?;
    prove("The version's manifest", proof.as_ref(), &entry, keys, findings);
    let (mut files, mut changed, mut wrong) = (BTreeMap::new(), BTreeMap::new(), Vec::new());
    for (file, says) in &manifest.files {
        match reading.archived(says.sha256)? {
            Held::Whole(bytes) if bytes.len() as u64 == says.size => {
                files.insert(file.clone(), bytes);
            }
            Held::Whole(bytes) | Held::Changed(bytes) => {
                wrong.push(file.as_str());
                changed.insert(file.clone(), bytes);
            }
            Held::Nothing => wrong.push(file.as_str()),
        }
    }
    let count = manifest.files.len();
    findings.check(wrong.is_empty(), &format!("All {count} files of the version are what their hashes say."), || {
        format!("The archive was TAMPERED WITH: not what their hashes say, or not there: {}.", wrong.join(", "))
    });
    Ok(Some(Mechanism { name, manifest, bytes, proof, files, changed }))
}

/// The words of a version's notice in the site's first language.
fn first(mechanism: &Mechanism) -> Option<Notice> {
    let language = mechanism.manifest.languages.first()?;
    Notice::parse(mechanism.files.get(&format!("{language}/notice.fields"))?)
}

/// The words of the notice, once their digest is the one in the record.
fn said(record: &ReceiptDocument, mechanism: &Mechanism, findings: &mut Findings) -> Option<Notice> {
    let row = &record.row;
    let words = mechanism.files.get(&format!("{}/notice.fields", row.language));
    let same = words.is_some_and(|bytes| Digest::of(bytes) == row.notice);
    findings.check(same, "The words of the notice have the hash that is in the record: this is what was put to the person.", || {
        "The words of the notice do NOT have the hash that is in the record: what this person was shown is not shown here."
            .to_owned()
    });
    let policy = mechanism.files.get("policy.fields");
    let held = policy.is_some_and(|bytes| Digest::of(bytes) == row.policy);
    findings.check(held, "The policy has the hash that is in the record: this is what was enforced.", || {
        "The policy of this version does NOT have the hash that is in the record.".to_owned()
    });
    words.filter(|_| same).and_then(|bytes| Notice::parse(bytes))
}
