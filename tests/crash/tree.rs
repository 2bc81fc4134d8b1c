//! The log as an outsider sees it: checkpoints, tiles and bundles of entries read over HTTP and judged by arithmetic of
//! our own (RFC 6962 §2.1; C2SP signed-note, tlog-checkpoint and tlog-tiles). Knows none of the gateway's code.

use crate::receipt::{Hash, Why, signed};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use sha2::{Digest as _, Sha256};

/// How many hashes or entries a full tile holds.
pub(crate) const TILE: u64 = 256;

/// The hash of an entry's leaf.
pub(crate) fn leaf(entry: &[u8]) -> Hash {
    Sha256::new().chain_update([0]).chain_update(entry).finalize().into()
}

fn node(left: &Hash, right: &Hash) -> Hash {
    Sha256::new().chain_update([1]).chain_update(left).chain_update(right).finalize().into()
}

/// A tree that grows by one leaf at a time and knows its root after each.
#[derive(Debug, Default, Clone)]
pub(crate) struct Tree {
    size: u64,
    /// The roots of the perfect trees it is made of, the largest first.
    peaks: Vec<Hash>,
}

impl Tree {
    pub(crate) fn push(&mut self, leaf: Hash) {
        let mut hash = leaf;
        // Each one at the end of the old size in binary is a peak of the same height as what is carried.
        for _ in 0..self.size.trailing_ones() {
            if let Some(left) = self.peaks.pop() {
                hash = node(&left, &hash);
            }
        }
        self.peaks.push(hash);
        self.size += 1;
    }

    pub(crate) fn root(&self) -> Hash {
        let mut peaks = self.peaks.iter().rev();
        let Some(last) = peaks.next() else { return Sha256::digest([]).into() };
        peaks.fold(*last, |right, left| node(left, &right))
    }
}

/// The hashes of every level above the leaves that tiles hold: each 256 of one level make one of the next.
pub(crate) fn above(hashes: &[Hash]) -> Vec<Hash> {
    let root = |tile: &[Hash]| {
        let mut tree = Tree::default();
        tile.iter().for_each(|hash| tree.push(*hash));
        tree.root()
    };
    hashes.chunks_exact(TILE as usize).map(root).collect()
}

/// A signed statement of how large the log is and what is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Checkpoint {
    pub(crate) size: u64,
    pub(crate) root: Hash,
}

/// The key of a log, from its verifier key: name, eight digits and the key, with `+` between.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LogKey {
    name: String,
    id: [u8; 4],
    key: String,
}

impl LogKey {
    pub(crate) fn parse(vkey: &str) -> Result<Self, Why> {
        let mut parts = vkey.splitn(3, '+');
        let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(format!("{vkey:?} is no verifier key"));
        };
        let bytes = STANDARD.decode(key).map_err(|error| error.to_string())?;
        let hash = Sha256::new().chain_update(name).chain_update("\n").chain_update(&bytes).finalize();
        let number = u32::from_be_bytes([hash[0], hash[1], hash[2], hash[3]]);
        if format!("{number:08x}") != id || bytes.len() != 33 || bytes[0] != 1 {
            return Err(format!("{vkey:?} is no Ed25519 key of its own name"));
        }
        Ok(Self { name: name.to_owned(), id: number.to_be_bytes(), key: STANDARD.encode(&bytes[1..]) })
    }

    /// Reads a checkpoint this log has signed.
    pub(crate) fn open(&self, note: &str) -> Result<Checkpoint, Why> {
        let (text, signatures) = note.split_once("\n\n").ok_or("a checkpoint without signatures")?;
        let text = format!("{text}\n");
        let prefix = format!("\u{2014} {} ", self.name);
        let ours = signatures.lines().find_map(|line| line.strip_prefix(&prefix)).ok_or("no signature of the log's")?;
        let bytes = STANDARD.decode(ours).map_err(|error| error.to_string())?;
        let (id, signature) = bytes.split_at_checked(4).ok_or("a short signature")?;
        if id != self.id {
            return Err("a signature by another key of the same name".to_owned());
        }
        signed(&self.key, text.as_bytes(), &STANDARD.encode(signature))
            .map_err(|why| format!("the checkpoint: {why}"))?;
        let lines: Vec<&str> = text.lines().collect();
        let [origin, size, root, ..] = lines.as_slice() else { return Err("a checkpoint has three lines".to_owned()) };
        if *origin != self.name {
            return Err(format!("a checkpoint of {origin:?}"));
        }
        let root = STANDARD.decode(root).map_err(|error| error.to_string())?;
        Ok(Checkpoint {
            size: size.parse().map_err(|_| format!("{size:?} is no size"))?,
            root: root.try_into().map_err(|_| "a root has 32 bytes")?,
        })
    }
}

/// The path of a tile of a tree of this size: `what` is `entries` or a level, and `count` how many the level has.
pub(crate) fn path(what: &str, index: u64, count: u64) -> String {
    let mut rest = index;
    let mut spelt = format!("{:03}", rest % 1000);
    while rest >= 1000 {
        rest /= 1000;
        spelt = format!("x{:03}/{spelt}", rest % 1000);
    }
    let width = (count - index * TILE).min(TILE);
    let partial = if width == TILE { String::new() } else { format!(".p/{width}") };
    format!("tile/{what}/{spelt}{partial}")
}

/// The entries of a bundle: each its length as two bytes, big-endian, then itself.
pub(crate) fn entries(mut bundle: &[u8]) -> Result<Vec<Vec<u8>>, Why> {
    let mut found = Vec::new();
    while let Some((length, rest)) = bundle.split_at_checked(2) {
        let length = usize::from(u16::from_be_bytes([length[0], length[1]]));
        let (entry, rest) = rest.split_at_checked(length).ok_or("a bundle that breaks off")?;
        found.push(entry.to_vec());
        bundle = rest;
    }
    if bundle.is_empty() { Ok(found) } else { Err("a bundle that breaks off".to_owned()) }
}

/// The root that a proof of inclusion leads to from a leaf at this index of a tree of this size; none if the proof is
/// too short or too long (RFC 9162 §2.1.3.2).
pub(crate) fn included(leaf: Hash, index: u64, size: u64, proof: &[Hash]) -> Option<Hash> {
    let (mut place, mut last) = (index, size.checked_sub(1)?);
    if place > last {
        return None;
    }
    let mut root = leaf;
    for other in proof {
        if last == 0 {
            return None;
        }
        if place & 1 == 1 || place == last {
            root = node(other, &root);
            while place & 1 == 0 && place != 0 {
                (place, last) = (place >> 1, last >> 1);
            }
        } else {
            root = node(&root, other);
        }
        (place, last) = (place >> 1, last >> 1);
    }
    (last == 0).then_some(root)
}
