//! What must hold at the end: each acknowledged decision in the book exactly once, every receipt sound, no name twice,
//! every record after the one before it.

use crate::receipt::Receipt;
use crate::told::{Fact, Told};
use serde_json::Value;
use std::collections::{BTreeSet, HashMap, HashSet};

/// What was found, in numbers.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Figures {
    pub(crate) acknowledged: u64,
    pub(crate) records: u64,
    pub(crate) lost: u64,
    pub(crate) twice: u64,
    pub(crate) receipts: u64,
    pub(crate) leaves: u64,
    pub(crate) proofs: u64,
    pub(crate) checkpoints: u64,
}

impl Figures {
    pub(crate) fn add(&mut self, other: &Self) {
        self.acknowledged += other.acknowledged;
        self.records += other.records;
        self.lost += other.lost;
        self.twice += other.twice;
        self.receipts += other.receipts;
        self.leaves += other.leaves;
        self.proofs += other.proofs;
        self.checkpoints += other.checkpoints;
    }

    /// As one line says it.
    pub(crate) fn words(&self) -> String {
        let Self { acknowledged, records, lost, twice, receipts, leaves, proofs, checkpoints } = self;
        format!(
            "{acknowledged} acknowledged, {records} records, {lost} lost, {twice} twice, {receipts} receipts verified, \
             {leaves} leaves each once, {proofs} proofs, {checkpoints} checkpoints consistent"
        )
    }
}

/// The acknowledged decisions of which no record was exported.
fn missing(told: &Told, book: &[Receipt]) -> Vec<String> {
    let inside = told.inside();
    let held: HashSet<&str> = book.iter().map(Receipt::id).collect();
    let named: HashSet<&str> = inside.receipts.iter().map(Receipt::id).collect();
    let absent = inside.receipts.iter().filter(|receipt| !held.contains(receipt.id()));
    let mut lost: Vec<String> = absent.map(|receipt| receipt.0.to_string()).collect();
    let mut rest = Rest::new(book.iter().filter(|record| !named.contains(record.id())));
    // Those of whom it is known whose they are first; then, whoever must be found earliest first.
    let mut facts: Vec<&Fact> = inside.facts.iter().collect();
    facts.sort_by_key(|fact| (fact.pseudonym.is_none(), fact.answered));
    lost.extend(facts.into_iter().filter(|fact| !rest.take(fact)).map(|fact| format!("{fact:?}")));
    lost
}

/// Records nobody has a receipt of, by what they are and when they were decided.
struct Rest<'b> {
    times: BTreeSet<(&'b str, u64, &'b str)>,
    own: BTreeSet<(&'b str, &'b str, u64, &'b str)>,
    whose: HashMap<&'b str, &'b str>,
}

impl<'b> Rest<'b> {
    fn new(records: impl Iterator<Item = &'b Receipt>) -> Self {
        let mut rest = Self { times: BTreeSet::new(), own: BTreeSet::new(), whose: HashMap::new() };
        for record in records {
            let (event, at) =
                (record.0["event"].as_str().unwrap_or_default(), record.0["at"].as_u64().unwrap_or_default());
            rest.times.insert((event, at, record.id()));
            rest.own.insert((record.pseudonym(), event, at, record.id()));
            rest.whose.insert(record.id(), record.pseudonym());
        }
        rest
    }

    /// Takes the earliest record that may be the one of this fact; no two facts have the same.
    fn take(&mut self, fact: &Fact) -> bool {
        let (from, to) = (fact.sent, fact.answered + 1);
        let found = match &fact.pseudonym {
            Some(own) => {
                let range = (own.as_str(), fact.event, from, "")..(own.as_str(), fact.event, to, "");
                self.own.range(range).next().map(|(_, event, at, id)| (*event, *at, *id))
            }
            None => self.times.range((fact.event, from, "")..(fact.event, to, "")).next().copied(),
        };
        let Some((event, at, id)) = found else { return false };
        self.times.remove(&(event, at, id));
        self.own.remove(&(self.whose[id], event, at, id));
        true
    }
}

/// Whether everything acknowledged is there already: what was spooled reaches the book a little later.
pub(crate) fn whole(told: &Told, export: &[Value]) -> bool {
    let book: Vec<Receipt> = export.iter().cloned().map(Receipt).collect();
    missing(told, &book).is_empty()
}

/// Holds a book against what was told.
pub(crate) fn book(told: &Told, export: Vec<Value>) -> (Figures, Vec<Receipt>) {
    let book: Vec<Receipt> = export.into_iter().map(Receipt).collect();
    let mut figures = Figures { acknowledged: told.acknowledged(), records: book.len() as u64, ..Figures::default() };
    for lost in missing(told, &book) {
        figures.lost += 1;
        told.breach(format!("lost: {lost}"));
    }
    let mut by_name: HashMap<&str, &Receipt> = HashMap::new();
    for record in &book {
        if by_name.insert(record.id(), record).is_some() {
            figures.twice += 1;
            told.breach(format!("twice in the book: {}", record.0));
        }
    }
    let receipts = told.inside().receipts.clone();
    let mut names = HashSet::new();
    for receipt in &receipts {
        if !names.insert(receipt.id()) {
            told.breach(format!("two decisions were told the same name: {}", receipt.0));
        }
        match by_name.get(receipt.id()) {
            // What is the same to the last member is verified with the book.
            Some(record) if record.same(receipt) => figures.receipts += 1,
            Some(record) => told.breach(format!("the book says {}, the visitor was told {}", record.0, receipt.0)),
            None => verify(told, receipt),
        }
    }
    book.iter().for_each(|record| verify(told, record));
    bound(told, &book, &mut figures);
    chain(told, &book);
    (figures, book)
}

fn verify(told: &Told, document: &Receipt) {
    if let Err(why) = document.verify() {
        told.breach(format!("{why}: {}", document.0));
    }
}

/// No decision was recorded under two names: there are no more records than decisions were sent. A decision declined
/// with 503 may have left two, what could not be granted and what it took away.
fn bound(told: &Told, book: &[Receipt], figures: &mut Figures) {
    let most = {
        let inside = told.inside();
        inside.sent + inside.declined
    };
    let over = (book.len() as u64).saturating_sub(most);
    if over > 0 {
        figures.twice += over;
        told.breach(format!("{} records of {most} decisions", book.len()));
    }
}

/// The records of a pseudonym are one line: one has none before it, every other follows one of them, and no two follow
/// the same. In which order the store gave them numbers does not matter.
fn chain(told: &Told, book: &[Receipt]) {
    let mut after: HashMap<(&str, Option<&str>), &Receipt> = HashMap::new();
    let names: HashSet<(&str, &str)> = book.iter().map(|record| (record.pseudonym(), record.id())).collect();
    for record in book {
        let (pseudonym, previous) = (record.pseudonym(), record.0["previous"].as_str());
        if let Some(other) = after.insert((pseudonym, previous), record) {
            told.breach(format!("two records follow the same one: {} and {}", other.0, record.0));
        }
        if previous.is_some_and(|previous| !names.contains(&(pseudonym, previous))) {
            told.breach(format!("follows a record that is not there: {}", record.0));
        }
    }
}
