//! A whole tree in memory: for who has fetched all the tiles, for tests and for the figures of small logs. Durable logs
//! keep their tiles in a store.

use crate::log::grow::grow;
use crate::log::tiles::Tiles;
use crate::log::tree::{consistency, inclusion, root};
use crate::store::Fault;
use bandeau_consent::Digest;
use std::collections::BTreeMap;

/// A tree whose tiles are all at hand.
#[derive(Debug, Clone, Default)]
pub struct Memory {
    size: u64,
    tiles: BTreeMap<(u8, u64), Vec<u8>>,
}

impl Memory {
    /// Appends leaves.
    ///
    /// # Errors
    /// Never in practice: only when the tree would exceed 2⁶⁴ entries.
    pub fn extend(&mut self, leaves: &[Digest]) -> Result<(), crate::Error> {
        let size = self.size;
        let growth = grow(self, size, leaves).map_err(told)?;
        self.size = growth.size;
        self.tiles.extend(growth.tiles.into_iter().map(|tile| ((tile.level, tile.index), tile.hashes)));
        Ok(())
    }

    /// How many leaves it has.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The root of its first `size` leaves.
    ///
    /// # Errors
    /// When it has fewer.
    pub fn root(&mut self, size: u64) -> Result<Digest, crate::Error> {
        root(self, size).map_err(told)
    }

    /// The proof that leaf number `index` is among the first `size`.
    ///
    /// # Errors
    /// When it is not, or the tree has fewer.
    pub fn inclusion(&mut self, index: u64, size: u64) -> Result<Vec<Digest>, crate::Error> {
        inclusion(self, index, size).map_err(told)
    }

    /// The proof that the first `size` leaves begin with the first `old`.
    ///
    /// # Errors
    /// When they do not, or the tree has fewer.
    pub fn consistency(&mut self, old: u64, size: u64) -> Result<Vec<Digest>, crate::Error> {
        consistency(self, old, size).map_err(told)
    }

    /// Every tile as it stands: level, number, and its hashes of 32 bytes each.
    pub fn tiles(&self) -> impl Iterator<Item = (u8, u64, &[u8])> {
        self.tiles.iter().map(|((level, index), hashes)| (*level, *index, hashes.as_slice()))
    }
}

impl Tiles for Memory {
    fn hashes(&mut self, level: u8, index: u64) -> Result<Vec<u8>, Fault> {
        Ok(self.tiles.get(&(level, index)).cloned().unwrap_or_default())
    }
}

/// A fault in the words of who called.
pub(crate) fn told(fault: Fault) -> crate::Error {
    crate::Error::Unreadable { why: fault.0 }
}
