//! Appends to the tree: which tiles change, and what the new root is. Nothing is written here.

use crate::log::tiles::{HASH, SPAN, Tiles, WIDTH, fold};
use crate::log::tree::root;
use crate::store::Fault;
use bandeau_consent::Digest;

/// What appending came to. Each tile is whole, from its first hash to its last, and named once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Growth {
    pub(crate) size: u64,
    pub(crate) root: Digest,
    pub(crate) tiles: Vec<Tile>,
}

/// One tile as it stands after appending.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tile {
    pub(crate) level: u8,
    pub(crate) index: u64,
    pub(crate) hashes: Vec<u8>,
}

/// Appends leaves to the tree of the first `size` entries. A tile that comes wider than that tree is cut to it: what a
/// batch that failed left behind does not count.
pub(crate) fn grow(tiles: &mut dyn Tiles, size: u64, leaves: &[Digest]) -> Result<Growth, Fault> {
    let grown = size.checked_add(leaves.len() as u64).ok_or_else(|| Fault::new("the log is full"))?;
    let mut changed = Vec::new();
    let mut row: Vec<u8> = leaves.iter().flat_map(|leaf| leaf.0).collect();
    for level in 0..SPAN {
        if row.is_empty() {
            break;
        }
        let count = size >> (SPAN * level);
        let (first, kept) = (count / WIDTH, (count % WIDTH) as usize * HASH);
        let mut hashes = edge(tiles, level, first, kept)?;
        hashes.append(&mut row);
        for (index, hashes) in (first..).zip(hashes.chunks(WIDTH as usize * HASH)) {
            // A partial tile is not hashed into the level above (tlog-tiles, "Partial Tiles").
            if hashes.len() == WIDTH as usize * HASH {
                row.extend(fold(hashes).0);
            }
            changed.push(Tile { level, index, hashes: hashes.to_vec() });
        }
    }
    let root = root(&mut Over { changed: &changed, tiles }, grown)?;
    Ok(Growth { size: grown, root, tiles: changed })
}

/// The hashes at the right edge of a level that stay.
fn edge(tiles: &mut dyn Tiles, level: u8, index: u64, kept: usize) -> Result<Vec<u8>, Fault> {
    if kept == 0 {
        return Ok(Vec::new());
    }
    let mut hashes = tiles.hashes(level, index)?;
    if hashes.len() < kept {
        return Err(Fault::new(format!("tile {level}/{index} of the log is missing or too short")));
    }
    hashes.truncate(kept);
    Ok(hashes)
}

/// Changed tiles before those that are kept.
struct Over<'a> {
    changed: &'a [Tile],
    tiles: &'a mut dyn Tiles,
}

impl Tiles for Over<'_> {
    fn hashes(&mut self, level: u8, index: u64) -> Result<Vec<u8>, Fault> {
        match self.changed.iter().find(|tile| (tile.level, tile.index) == (level, index)) {
            Some(tile) => Ok(tile.hashes.clone()),
            None => self.tiles.hashes(level, index),
        }
    }
}
