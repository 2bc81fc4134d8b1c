//! The log held against the book: read from every gateway at the end, and its checkpoints read while gateways die.
//! The tree that is served must be the tree each of those checkpoints spoke of, and hold each record once.

use crate::check::Figures;
use crate::dice::Dice;
use crate::proof;
use crate::receipt::{Hash, Receipt, Why};
use crate::told::Told;
use crate::tree::{self, Checkpoint, LogKey, TILE, Tree};
use crate::visitor::Place;
use crate::wire::Wire;
use std::collections::{BTreeMap, HashMap};
use std::time::{Duration, Instant};

const LOG: &str = "/.well-known/bandeau/log/";

/// How long a record may take into the log once nothing dies any more.
const PATIENCE: Duration = Duration::from_secs(60);

/// The published keys of one gateway: the log's, and the one of receipts in base64.
async fn keys(wire: &Wire, url: &str) -> Result<(String, String), Why> {
    let text = fetch(wire, url, "keys").await?;
    let text = String::from_utf8(text).map_err(|error| error.to_string())?;
    let mut lines = text.lines();
    let (head, log, receipt) = (lines.next(), lines.next(), lines.next());
    match (head, log.and_then(|line| line.strip_prefix("log ")), receipt.and_then(|line| line.strip_prefix("receipt ")))
    {
        (Some("bandeau keys v1"), Some(log), Some(receipt)) => Ok((log.to_owned(), receipt.to_owned())),
        _ => Err(format!("these are no keys: {text:?}")),
    }
}

async fn fetch(wire: &Wire, url: &str, path: &str) -> Result<Vec<u8>, Why> {
    match wire.get(url, &format!("{LOG}{path}")).await {
        Some((head, body)) if head.status == 200 => Ok(body.to_vec()),
        Some((head, _)) => Err(format!("{} for {path}", head.status)),
        None => Err(format!("no answer for {path}")),
    }
}

async fn checkpoint(wire: &Wire, url: &str, key: &LogKey) -> Result<Checkpoint, Why> {
    let note = fetch(wire, url, "checkpoint").await?;
    key.open(&String::from_utf8(note).map_err(|error| error.to_string())?)
}

/// Reads the checkpoint of one gateway until the place closes. What is served and is none is a breach; a gateway that
/// is dead or has no tree yet serves nothing.
pub(crate) async fn watch(place: Place, node: usize, wire: Wire, mut dice: Dice) {
    let url = &place.urls[node];
    let mut key = None;
    while *place.open.borrow() {
        tokio::time::sleep(dice.pause(10..60)).await;
        let Some(key) = &key else {
            if let Ok((vkey, _)) = keys(&wire, url).await {
                match LogKey::parse(&vkey) {
                    Ok(read) => key = Some(read),
                    Err(why) => return place.told.breach(why),
                }
            }
            continue;
        };
        if let Ok(note) = fetch(&wire, url, "checkpoint").await {
            match key.open(&String::from_utf8_lossy(&note)) {
                Ok(checkpoint) => place.told.saw(node, checkpoint),
                Err(why) => place.told.breach(format!("a checkpoint: {why}")),
            }
        }
    }
}

/// Every entry of a tree of this size, and every tile over it held against what they come to.
async fn entries(wire: &Wire, url: &str, size: u64) -> Result<Vec<Vec<u8>>, Why> {
    let mut found = Vec::new();
    for index in 0..size.div_ceil(TILE) {
        let bundle = fetch(wire, url, &tree::path("entries", index, size)).await?;
        found.extend(tree::entries(&bundle)?);
    }
    if found.len() as u64 != size {
        return Err(format!("{} entries in bundles of a tree of {size}", found.len()));
    }
    let mut hashes: Vec<Hash> = found.iter().map(|entry| tree::leaf(entry)).collect();
    for level in 0u8.. {
        if hashes.is_empty() {
            break;
        }
        for (index, tile) in hashes.chunks(TILE as usize).enumerate() {
            let path = tree::path(&level.to_string(), index as u64, hashes.len() as u64);
            if fetch(wire, url, &path).await? != tile.concat() {
                return Err(format!("{path} does not hold the hashes of what is under it"));
            }
        }
        hashes = tree::above(&hashes);
    }
    Ok(found)
}

/// Waits until the log of a gateway has placed the whole book, and reads it.
async fn settled(wire: &Wire, url: &str, key: &LogKey, book: &[Receipt]) -> Result<(Checkpoint, Vec<Vec<u8>>), Why> {
    let start = Instant::now();
    loop {
        let read = async {
            let head = checkpoint(wire, url, key).await?;
            let entries = entries(wire, url, head.size).await?;
            let records = entries.iter().filter(|entry| entry.first() == Some(&1)).count();
            if records < book.len() {
                Err(format!("{records} of {} records in the log", book.len()))
            } else {
                Ok((head, entries))
            }
        };
        match read.await {
            Err(why) if start.elapsed() > PATIENCE => return Err(format!("{url}: {why}")),
            Err(_) => tokio::time::sleep(Duration::from_millis(300)).await,
            found => return found,
        }
    }
}

/// Holds the logs of these gateways against the book and against every checkpoint that was seen.
pub(crate) async fn hold(urls: &[String], wire: &Wire, told: &Told, book: &[Receipt], figures: &mut Figures) {
    let mut logs = Vec::new();
    for url in urls {
        match read(wire, url, told, book).await {
            Ok(log) => logs.push(log),
            Err(why) => return told.breach(why),
        }
    }
    let Some((head, entries, key)) = logs.iter().max_by_key(|(head, ..)| head.size) else { return };
    if logs.iter().any(|(_, other, _)| !entries.starts_with(other)) {
        return told.breach("two gateways serve different logs");
    }
    figures.leaves += once(told, entries, book);
    figures.checkpoints += history(told, entries, head);
    figures.proofs += proof::some(urls, wire, told, key).await;
}

type Log = (Checkpoint, Vec<Vec<u8>>, LogKey);

async fn read(wire: &Wire, url: &str, told: &Told, book: &[Receipt]) -> Result<Log, Why> {
    let found = keys(wire, url).await?;
    let published = told.inside().keys.get_or_insert_with(|| found.clone()).clone();
    if found != published {
        return Err(format!("{url} publishes {found:?}, others {published:?}"));
    }
    if let Some(other) = book.iter().find(|record| record.key() != published.1) {
        return Err(format!("signed by another key than the published one: {}", other.0));
    }
    let key = LogKey::parse(&published.0)?;
    let (head, entries) = settled(wire, url, &key, book).await?;
    Ok((head, entries, key))
}

/// Each record is one leaf, and each leaf of a record is one of the book's. Returns how many.
fn once(told: &Told, entries: &[Vec<u8>], book: &[Receipt]) -> u64 {
    let mut count: HashMap<&[u8], u64> = HashMap::new();
    for entry in entries.iter().filter(|entry| entry.first() == Some(&1)) {
        *count.entry(entry).or_default() += 1;
    }
    let mut placed = 0;
    for record in book {
        match record.entry().map(|entry| count.remove(entry.as_slice())) {
            Ok(Some(1)) => placed += 1,
            Ok(Some(times)) => told.breach(format!("{times} times in the log: {}", record.0)),
            Ok(None) => told.breach(format!("not in the log: {}", record.0)),
            Err(why) => told.breach(format!("{why}: {}", record.0)),
        }
    }
    if !count.is_empty() {
        told.breach(format!("{} leaves of records that are not in the book", count.len()));
    }
    placed
}

/// Every checkpoint that was ever seen is the root of the tree as it was then. Returns how many there were.
fn history(told: &Told, entries: &[Vec<u8>], head: &Checkpoint) -> u64 {
    let mut sizes: BTreeMap<u64, Vec<Hash>> = BTreeMap::new();
    let seen = told.inside().seen.clone();
    let mut newest: HashMap<usize, u64> = HashMap::new();
    for one in &seen {
        let before = newest.insert(one.node, one.checkpoint.size).unwrap_or_default();
        if before > one.checkpoint.size {
            told.breach(format!("gateway {} went back from {before} to {}", one.node, one.checkpoint.size));
        }
    }
    let all = seen.iter().map(|one| &one.checkpoint).chain([head]);
    all.for_each(|one| sizes.entry(one.size).or_default().push(one.root));
    let (mut tree, mut held) = (Tree::default(), 0);
    for size in 0..=entries.len() as u64 {
        for root in sizes.remove(&size).into_iter().flatten() {
            held += 1;
            if root != tree.root() {
                told.breach(format!("the tree forked: another root at size {size}"));
            }
        }
        if let Some(entry) = entries.get(size as usize) {
            tree.push(tree::leaf(entry));
        }
    }
    if let Some((size, _)) = sizes.pop_last() {
        told.breach(format!("a checkpoint of {size} was seen, and the log ends at {}", entries.len()));
    }
    held
}
