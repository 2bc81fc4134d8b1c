//! Reads nodes of the tree out of tiles (tlog-tiles, "Merkle Tree"). A tile holds 256 hashes of a level that is a
//! multiple of eight; what lies between is hashed anew. Does not know where tiles are kept.

use crate::log::hash::node;
use crate::store::Fault;
use bandeau_consent::Digest;
use std::collections::BTreeMap;

/// How many hashes a full tile holds.
pub(crate) const WIDTH: u64 = 256;
/// How many levels of the tree one level of tiles spans: 2⁸ is [`WIDTH`].
pub(crate) const SPAN: u8 = 8;
/// The bytes of a hash.
pub(crate) const HASH: usize = 32;

/// Where tiles are read.
pub(crate) trait Tiles {
    /// The hashes of one tile, 32 bytes each, without anything between; nothing when there is no such tile. It may hold
    /// more than any tree asked about needs: its left part is the same in every tree.
    fn hashes(&mut self, level: u8, index: u64) -> Result<Vec<u8>, Fault>;
}

/// Reads each tile once, however many nodes are asked of it.
pub(crate) struct Reader<'a> {
    tiles: &'a mut dyn Tiles,
    read: BTreeMap<(u8, u64), Vec<u8>>,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(tiles: &'a mut dyn Tiles) -> Self {
        Self { tiles, read: BTreeMap::new() }
    }

    /// The hash of the complete subtree of height `height` that is number `index` of its kind.
    pub(crate) fn node(&mut self, height: u8, index: u64) -> Result<Digest, Fault> {
        let (level, depth) = (height / SPAN, height % SPAN);
        let start = index << depth;
        let tile = self.tile(level, start / WIDTH)?;
        let (from, count) = ((start % WIDTH) as usize * HASH, HASH << depth);
        let part = tile
            .get(from..from + count)
            .ok_or_else(|| Fault::new(format!("tile {level}/{} of the log is missing or too short", start / WIDTH)))?;
        Ok(fold(part))
    }

    fn tile(&mut self, level: u8, index: u64) -> Result<&[u8], Fault> {
        if !self.read.contains_key(&(level, index)) {
            let hashes = self.tiles.hashes(level, index)?;
            self.read.insert((level, index), hashes);
        }
        Ok(self.read.get(&(level, index)).map_or(&[], Vec::as_slice))
    }
}

/// The hashes in the bytes of a tile.
pub(crate) fn split(hashes: &[u8]) -> impl Iterator<Item = Digest> {
    hashes.chunks_exact(HASH).map(|chunk| {
        let mut hash = [0; HASH];
        hash.copy_from_slice(chunk);
        Digest(hash)
    })
}

/// The root over the hashes in these bytes, whose number is a power of two.
pub(crate) fn fold(hashes: &[u8]) -> Digest {
    let mut row: Vec<Digest> = split(hashes).collect();
    while row.len() > 1 {
        row = row.chunks_exact(2).map(|pair| node(&pair[0], &pair[1])).collect();
    }
    row.first().copied().unwrap_or_else(crate::log::hash::empty)
}
