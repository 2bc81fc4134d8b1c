//! Proofs of inclusion as receipts carry them (C2SP tlog-proof), checked by arithmetic of our own (RFC 9162 §2.1.3.2).

use crate::receipt::{Hash, Receipt, Why};
use crate::told::Told;
use crate::tree::{self, LogKey};
use base64::{Engine as _, engine::general_purpose::STANDARD};

/// Checks the proof of every record of the book. Returns how many hold.
pub(crate) fn every(told: &Told, book: &[Receipt], key: &LogKey) -> u64 {
    let mut held = 0;
    for record in book {
        match check(record, key) {
            Ok(()) => held += 1,
            Err(why) => told.breach(format!("its proof: {why}: {}", record.0)),
        }
    }
    held
}

fn check(record: &Receipt, key: &LogKey) -> Result<(), Why> {
    let text = record.0["proof"].as_str().ok_or("there is none")?;
    let (body, note) = text.split_once("\n\n").ok_or("no checkpoint in it")?;
    let mut lines = body.lines();
    if lines.next() != Some("c2sp.org/tlog-proof@v1") {
        return Err("it is of another kind".to_owned());
    }
    let mut lines = lines.skip_while(|line| line.starts_with("extra "));
    let index = lines.next().and_then(|line| line.strip_prefix("index ")).ok_or("no index in it")?;
    let index = index.parse::<u64>().map_err(|error| error.to_string())?;
    let hash = |line: &str| -> Result<Hash, Why> {
        let bytes = STANDARD.decode(line).map_err(|error| error.to_string())?;
        bytes.try_into().map_err(|_| "a hash has 32 bytes".to_owned())
    };
    let hashes = lines.map(hash).collect::<Result<Vec<_>, _>>()?;
    let head = key.open(note)?;
    let root = tree::included(tree::leaf(&record.entry()?), index, head.size, &hashes);
    if root == Some(head.root) { Ok(()) } else { Err("it leads to another root".to_owned()) }
}
