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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::hash::leaf_hash;
    use crate::log::tree::inclusion;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    /// Tiles as a store keeps them, and perhaps wider than the tree whose size was signed.
    #[derive(Default)]
    struct Shelf(BTreeMap<(u8, u64), Vec<u8>>);

    impl Tiles for Shelf {
        fn hashes(&mut self, level: u8, index: u64) -> Result<Vec<u8>, Fault> {
            Ok(self.0.get(&(level, index)).cloned().unwrap_or_default())
        }
    }

    impl Shelf {
        fn keep(&mut self, growth: &Growth) {
            for tile in &growth.tiles {
                self.0.insert((tile.level, tile.index), tile.hashes.clone());
            }
        }
    }

    fn leaves(from: u64, count: u64) -> Vec<Digest> {
        (from..from + count).map(|at| leaf_hash(&at.to_be_bytes())).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        /// Batches make no difference; a tile is told if and only if it changed, once and whole.
        #[test]
        fn what_changed_is_told_once(sizes in prop::collection::vec(0_u64..700, 1..5)) {
            let (mut shelf, mut size) = (Shelf::default(), 0);
            for count in sizes {
                let before = shelf.0.clone();
                let growth = grow(&mut shelf, size, &leaves(size, count)).unwrap();
                size += count;
                prop_assert_eq!(growth.size, size);
                shelf.keep(&growth);
                let changed: Vec<_> = shelf.0.iter().filter(|(at, hashes)| before.get(at) != Some(hashes)).map(|(at, _)| *at).collect();
                let mut told: Vec<_> = growth.tiles.iter().map(|tile| (tile.level, tile.index)).collect();
                told.sort_unstable();
                prop_assert_eq!(told, changed);
                let mut whole = Shelf::default();
                let at_once = grow(&mut whole, 0, &leaves(0, size)).unwrap();
                whole.keep(&at_once);
                prop_assert_eq!(at_once.root, growth.root);
                prop_assert_eq!(&whole.0, &shelf.0);
            }
        }

        /// What a batch that was not signed left on the shelf does not count.
        #[test]
        fn wider_tiles_are_cut(size in 0_u64..600, lost in 0_u64..600, count in 1_u64..300) {
            let mut clean = Shelf::default();
            let first = grow(&mut clean, 0, &leaves(0, size)).unwrap();
            clean.keep(&first);
            let mut left = Shelf(clean.0.clone());
            let never = grow(&mut left, size, &leaves(1_000_000, lost)).unwrap();
            left.keep(&never);
            let batch = leaves(size, count);
            prop_assert_eq!(grow(&mut left, size, &batch).unwrap(), grow(&mut clean, size, &batch).unwrap());
            prop_assert_eq!(root(&mut left, size).unwrap(), first.root);
        }
    }

    #[test]
    fn a_missing_tile_is_a_fault() {
        let mut shelf = Shelf::default();
        let growth = grow(&mut shelf, 0, &leaves(0, 300)).unwrap();
        shelf.keep(&growth);
        for at in shelf.0.keys().copied().collect::<Vec<_>>() {
            let mut without = Shelf(shelf.0.clone());
            without.0.remove(&at);
            let read = root(&mut without, 300);
            // The root takes a full tile's hash from the level above; a proof of an entry in it needs the tile itself.
            assert_eq!(read.is_err(), at != (0, 0), "{at:?}");
            assert_eq!(inclusion(&mut without, 3, 300).is_err(), at != (1, 0), "{at:?}");
        }
        assert!(grow(&mut Shelf::default(), 300, &leaves(300, 1)).is_err());
        assert!(grow(&mut shelf, u64::MAX, &leaves(0, 1)).is_err(), "the log is full");
    }
}
