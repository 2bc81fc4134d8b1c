//! Rows into the database: a whole batch in two exchanges, one that looks and one that keeps and commits.
//!
//! What is looked at is kept true by constraints and not by locks: whoever writes the same record, or for the same
//! visitor, at the same moment meets a number that is taken, and begins again with what is there by then.

use super::link::{Ask, Failure, Link, WORK};
use super::read::{bytes, perhaps};
use super::sql;
use crate::code::Code;
use crate::log::{Entry, commitment};
use crate::row::{EXPIRY, RECEIPT, Row};
use crate::signer::Signer;
use crate::store::{Fault, Outcome, Place, salt};
use bandeau_consent::{Digest, RecordId, Salt};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::time::Duration;
use tokio_postgres::types::ToSql;

type Name = [u8; 16];

/// What a statement is given, and the two together.
type Params<'a> = Vec<Box<dyn ToSql + Sync + 'a>>;
type Kept<'a> = (&'static str, Params<'a>);

/// Keeps all rows, in this order.
pub(super) fn rows(link: &mut Link, rows: &[Row], signer: &Signer, seat: i64) -> Result<Vec<Outcome>, Failure> {
    let key = enrol(link, signer)?;
    let mut batch = Batch::look(link, rows)?;
    let outcomes = rows.iter().map(|row| batch.keep(row, signer)).collect::<Result<Vec<_>, Failure>>()?;
    batch.commit(link, key, seat)?;
    Ok(outcomes)
}

/// The number of the signer's key in this database.
fn enrol(link: &mut Link, signer: &Signer) -> Result<i64, Failure> {
    let key = signer.verifying_key();
    if let Some((known, number)) = link.signer
        && known == key
    {
        return Ok(number);
    }
    let mut found = link.one(sql::SIGNER, &[&&key[..]])?;
    if found.is_empty() {
        link.one(sql::ENROL, &[&&key[..]])?;
        found = link.one(sql::SIGNER, &[&&key[..]])?;
    }
    let row = found.first().ok_or_else(|| Fault::new("the key is not there after it was written"))?;
    let number = row.try_get(0)?;
    link.signer = Some((key, number));
    Ok(number)
}

/// What is known of a record by its name.
#[derive(Clone)]
struct Known {
    previous: Option<RecordId>,
    leaf: Digest,
    salt: Salt,
}

/// A record to be kept.
struct Fresh<'r> {
    row: &'r Row,
    seq: i64,
    turn: i64,
    place: Place,
    leaf: Digest,
    handle: Name,
    choices: String,
    body: [u8; Entry::LENGTH],
}

/// The newest grant of a visitor.
#[derive(Clone, Copy, PartialEq)]
struct Stand {
    id: Name,
    at: i64,
    until: i64,
}

/// A batch: what is there, and what comes to it.
#[derive(Default)]
struct Batch<'r> {
    known: HashMap<Name, Known>,
    erased: HashSet<Name>,
    newest: HashMap<Name, (i64, RecordId)>,
    numbers: Vec<i64>,
    fresh: Vec<Fresh<'r>>,
    /// Where visitors stand, and where they stood when this began.
    stands: BTreeMap<Name, Stand>,
    stood: BTreeMap<Name, Stand>,
    revoked: BTreeMap<Name, i64>,
}

impl<'r> Batch<'r> {
    /// Begins the transaction and looks at everything the rows are about.
    fn look(link: &mut Link, rows: &[Row]) -> Result<Self, Failure> {
        let ids: Vec<&[u8]> = rows.iter().map(|row| &row.id.0[..]).collect();
        let visitors: BTreeSet<&[u8]> = rows.iter().map(|row| &row.pseudonym.0[..]).collect();
        let visitors: Vec<&[u8]> = visitors.into_iter().collect();
        let count = i64::try_from(rows.len()).map_err(|error| Fault(error.to_string()))?;
        // Erased after known: what is erased in between is found by the second. Numbers after the newest: whoever
        // follows a record has a higher number than that.
        let found = link.all(&[
            (sql::BEGIN, &[]),
            (sql::KNOWN, &[&ids]),
            (sql::ERASED, &[&ids]),
            (sql::NEWEST, &[&visitors]),
            (sql::STANDING, &[&visitors]),
            (sql::NUMBERS, &[&count]),
        ])?;
        let [_, known, erased, newest, standing, numbers] = &found[..] else {
            return Err(Failure::Act(Fault::new("the store answers other than asked")));
        };
        let mut batch = Self::default();
        for row in known {
            let (previous, leaf) = (perhaps(row, 1)?.map(RecordId), Digest(bytes(row, 2)?));
            batch.known.insert(bytes(row, 0)?, Known { previous, leaf, salt: Salt(bytes(row, 3)?) });
        }
        for row in erased {
            batch.erased.insert(bytes(row, 0)?);
        }
        for row in newest {
            batch.newest.insert(bytes(row, 0)?, (row.try_get(1)?, RecordId(bytes(row, 2)?)));
        }
        for row in standing {
            let stand = Stand { id: bytes(row, 1)?, at: row.try_get(2)?, until: row.try_get(3)? };
            batch.stood.insert(bytes(row, 0)?, stand);
        }
        batch.stands = batch.stood.clone();
        batch.numbers = numbers.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?;
        batch.numbers.sort_unstable_by(|one, other| other.cmp(one));
        Ok(batch)
    }

    fn keep(&mut self, row: &'r Row, signer: &Signer) -> Result<Outcome, Failure> {
        if let Some(Known { previous, leaf, salt }) = self.known.get(&row.id.0).cloned() {
            // The signature is made anew, not read: with the same key it is the same (RFC 8032), and after a change of
            // key the receipt is of the key the gateway has now.
            let place = || Place { previous, salt, signature: signer.sign(leaf) };
            return Ok(if row.leaf(previous) == leaf { Outcome::Know(place()) } else { Outcome::Clash });
        }
        if self.erased.contains(&row.id.0) {
            return Ok(Outcome::Erase);
        }
        let (turn, previous) = match self.newest.get(&row.pseudonym.0) {
            Some((turn, id)) => (turn + 1, Some(*id)),
            None => (1, None),
        };
        let leaf = row.leaf(previous);
        let place = Place { previous, salt: salt()?, signature: signer.sign(leaf) };
        let seq = self.numbers.pop().ok_or_else(|| Fault::new("the store gives too few numbers"))?;
        self.known.insert(row.id.0, Known { previous, leaf, salt: place.salt });
        self.newest.insert(row.pseudonym.0, (turn, row.id));
        self.note(row);
        self.fresh.push(Fresh {
            row,
            seq,
            turn,
            leaf,
            handle: Code::of(place.salt).handle().0,
            choices: serde_json::to_string(&row.choices).map_err(|error| Fault(error.to_string()))?,
            body: Entry::Record(commitment(&place.salt.0, leaf)).bytes(),
            place: place.clone(),
        });
        Ok(Outcome::Write(place))
    }

    /// Follows where the visitor stands: a grant stands until it runs out, or until something newer takes it away.
    fn note(&mut self, row: &Row) {
        if row.source.starts_with("once") {
            return;
        }
        let (visitor, at) = (row.pseudonym.0, row.at.cast_signed());
        let stand = self.stands.get(&visitor);
        if row.grants() {
            if stand.is_none_or(|stand| at >= stand.at) {
                self.stands.insert(visitor, Stand { id: row.id.0, at, until: row.until().cast_signed() });
            }
            return;
        }
        // What has run out ends only what has; what was decided ends what was decided before.
        let expiry = row.source == EXPIRY;
        if stand.is_some_and(|stand| if expiry { stand.until <= at } else { stand.at <= at }) {
            self.stands.remove(&visitor);
        }
        if row.source == RECEIPT {
            let last = self.revoked.entry(visitor).or_insert(at);
            *last = at.max(*last);
        }
    }

    /// Keeps what came to it, and commits. Where nothing did, it still waits until what was found is safe.
    fn commit(mut self, link: &mut Link, key: i64, seat: i64) -> Result<(), Failure> {
        if self.fresh.is_empty() {
            return link.all(&[(sql::MARK, &[&seat]), (sql::COMMIT, &[])]).map(drop);
        }
        // By visitor, so that two batches that meet in several never wait for each other in a ring.
        self.fresh.sort_by_key(|one| (one.row.pseudonym.0, one.seq));
        // One exchange: where a statement fails, the server takes those behind it, the commit too, for a rollback.
        let mut asks = self.records(&key);
        asks.extend(self.standing());
        asks.push((sql::COMMIT, Vec::new()));
        let params: Vec<Vec<&(dyn ToSql + Sync)>> =
            asks.iter().map(|(_, params)| params.iter().map(|one| &**one as &(dyn ToSql + Sync)).collect()).collect();
        let asks: Vec<Ask<'_>> = asks.iter().zip(&params).map(|((sql, _), params)| (*sql, &params[..])).collect();
        link.all(&asks).map(drop)
    }

    fn records<'a>(&'a self, key: &'a i64) -> Vec<Kept<'a>> {
        let fresh = &self.fresh;
        let seqs: Vec<i64> = fresh.iter().map(|one| one.seq).collect();
        let bodies = bytes_of(fresh, |one| &one.body);
        let previous: Vec<Option<&[u8]>> =
            fresh.iter().map(|one| one.place.previous.as_ref().map(|id| &id.0[..])).collect();
        let numbers = |of: fn(&Fresh<'_>) -> i64| fresh.iter().map(of).collect::<Vec<i64>>();
        let rows: Vec<&Row> = fresh.iter().map(|one| one.row).collect();
        let texts = |of: fn(&Row) -> &str| rows.iter().map(|row| of(row)).collect::<Vec<&str>>();
        let choices: Vec<&str> = fresh.iter().map(|one| one.choices.as_str()).collect();
        let kept: Params<'a> = vec![
            Box::new(seqs.clone()),
            Box::new(bytes_of(fresh, |one| &one.row.id.0)),
            Box::new(bytes_of(fresh, |one| &one.row.pseudonym.0)),
            Box::new(numbers(|one| one.turn)),
            Box::new(previous),
            Box::new(numbers(|one| one.row.at.cast_signed())),
            Box::new(texts(|row| &row.event)),
            Box::new(bytes_of(fresh, |one| &one.row.notice.0)),
            Box::new(bytes_of(fresh, |one| &one.row.policy.0)),
            Box::new(texts(|row| &row.language)),
            Box::new(texts(|row| &row.source)),
            Box::new(numbers(|one| one.row.keep.cast_signed())),
            Box::new(choices),
            Box::new(bytes_of(fresh, |one| &one.leaf.0)),
            Box::new(bytes_of(fresh, |one| &one.place.signature)),
            Box::new(bytes_of(fresh, |one| &one.place.salt.0)),
            Box::new(bytes_of(fresh, |one| &one.handle)),
            Box::new(*key),
        ];
        vec![(sql::KEEP, kept), (sql::WAIT, vec![Box::new(seqs), Box::new(bodies)])]
    }

    /// Only what changed.
    fn standing(&self) -> Vec<Kept<'_>> {
        let mut asks: Vec<Kept<'_>> = Vec::new();
        let risen: Vec<_> =
            self.stands.iter().filter(|(visitor, stand)| self.stood.get(*visitor) != Some(stand)).collect();
        let fallen: Vec<&[u8]> = self
            .stood
            .keys()
            .filter(|visitor| !self.stands.contains_key(*visitor))
            .map(|visitor| &visitor[..])
            .collect();
        if !risen.is_empty() {
            let visitors: Vec<&[u8]> = risen.iter().map(|(visitor, _)| &visitor[..]).collect();
            let ids: Vec<&[u8]> = risen.iter().map(|(_, stand)| &stand.id[..]).collect();
            let ats: Vec<i64> = risen.iter().map(|(_, stand)| stand.at).collect();
            let untils: Vec<i64> = risen.iter().map(|(_, stand)| stand.until).collect();
            asks.push((sql::STAND, vec![Box::new(visitors), Box::new(ids), Box::new(ats), Box::new(untils)]));
        }
        if !fallen.is_empty() {
            asks.push((sql::FALL, vec![Box::new(fallen)]));
        }
        if !self.revoked.is_empty() {
            let visitors: Vec<&[u8]> = self.revoked.keys().map(|visitor| &visitor[..]).collect();
            let ats: Vec<i64> = self.revoked.values().copied().collect();
            asks.push((sql::REVOKE, vec![Box::new(visitors), Box::new(ats)]));
        }
        asks
    }
}

/// One column of bytes.
fn bytes_of<'a>(fresh: &'a [Fresh<'_>], of: impl Fn(&'a Fresh<'_>) -> &'a [u8]) -> Vec<&'a [u8]> {
    fresh.iter().map(of).collect()
}

/// Erases records with their salts.
pub(super) fn erase(link: &mut Link, ids: &[RecordId], seat: i64) -> Result<u64, Failure> {
    let ids: Vec<&[u8]> = ids.iter().map(|id| &id.0[..]).collect();
    let mut found = link.all(&[(sql::BEGIN, &[]), (sql::ERASE, &[&ids])])?;
    let gone = found.pop().unwrap_or_default();
    let ids = gone.iter().map(|row| bytes::<16>(row, 0)).collect::<Result<Vec<_>, _>>()?;
    let visitors = gone.iter().map(|row| bytes::<16>(row, 1)).collect::<Result<Vec<_>, _>>()?;
    let ids: Vec<&[u8]> = ids.iter().map(|id| &id[..]).collect();
    let visitors: Vec<&[u8]> = visitors.iter().map(|visitor| &visitor[..]).collect();
    link.all(&[(sql::FORGET, &[&ids]), (sql::CEASE, &[&visitors, &ids]), (sql::MARK, &[&seat])])?;
    link.one(sql::COMMIT, &[])?;
    Ok(gone.len() as u64)
}

/// Keeps what is named by its own digest.
pub(super) fn archive(link: &mut Link, contents: &[(Digest, &[u8])], seat: i64) -> Result<(), Failure> {
    let names: Vec<&[u8]> = contents.iter().map(|(name, _)| &name.0[..]).collect();
    let bytes: Vec<&[u8]> = contents.iter().map(|(_, bytes)| *bytes).collect();
    // A second more for each MiB.
    let size: usize = bytes.iter().map(|bytes| bytes.len()).sum();
    link.begin(Some(WORK + Duration::from_secs((size >> 20) as u64)));
    link.all(&[(sql::BEGIN, &[]), (sql::ARCHIVE, &[&names, &bytes]), (sql::MARK, &[&seat])])?;
    link.one(sql::COMMIT, &[]).map(drop)
}

/// Which row is written by whoever makes a version live: one for all, below those of handles.
const TURN: i64 = -1;

/// Says that a version is live, once, and behind the one it is to follow; false where that is another.
pub(super) fn live(link: &mut Link, at: u64, manifest: Digest, after: Option<Digest>) -> Result<bool, Failure> {
    let (one, last) = (1_i64, i64::MAX);
    // All write the same row first, so they come one after the other, and each sees what the one before it did.
    link.all(&[(sql::BEGIN, &[]), (sql::MARK, &[&TURN])])?;
    let found = link.all(&[(sql::LIVES, &[&&manifest.0[..]]), (sql::THEN, &[&last]), (sql::NUMBERS, &[&one])])?;
    let [there, newest, numbers] = &found[..] else {
        return Err(Failure::Act(Fault::new("the store answers other than asked")));
    };
    // A version says when it went live, so none is live twice; one whose answer was lost comes again.
    let known = !there.is_empty();
    let newest = newest.first().map(|row| bytes::<32>(row, 1)).transpose()?.map(Digest);
    let follows = newest == after;
    if !known && follows {
        let number: i64 = numbers.first().ok_or_else(|| Fault::new("the store gives too few numbers"))?.try_get(0)?;
        let body = Entry::Mechanism(manifest).bytes();
        link.one(sql::LIVE, &[&number, &at.cast_signed(), &&manifest.0[..]])?;
        link.one(sql::WAIT, &[&vec![number], &vec![&body[..]]])?;
    }
    link.one(sql::COMMIT, &[])?;
    Ok(known || follows)
}
