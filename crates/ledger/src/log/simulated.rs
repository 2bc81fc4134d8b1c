//! A tree of any size that is stored nowhere, for measuring proofs of logs that nobody has yet. All its leaves are equal,
//! so each height has one hash; what is read, hashed and proved costs what it costs in any tree.

use crate::log::hash::node;
use crate::log::memory::told;
use crate::log::tiles::{HASH, SPAN, Tiles, WIDTH};
use crate::log::tree::{consistency, inclusion, root};
use crate::store::Fault;
use bandeau_consent::Digest;

/// A tree of equal leaves.
#[derive(Debug, Clone)]
pub struct Simulated {
    size: u64,
    /// The hash of a full subtree at the foot of each level of tiles.
    levels: Vec<Digest>,
    read: u64,
}

impl Simulated {
    /// A tree of `size` times the same leaf.
    pub fn new(leaf: Digest, size: u64) -> Self {
        let above = |hash: &Digest| Some((0..SPAN).fold(*hash, |hash, _| node(&hash, &hash)));
        Self { size, levels: std::iter::successors(Some(leaf), above).take(usize::from(SPAN)).collect(), read: 0 }
    }

    /// How many leaves it has.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// How many tiles were read of it so far.
    pub fn read(&self) -> u64 {
        self.read
    }

    /// Its root.
    ///
    /// # Errors
    /// Never in practice: every tile is there.
    pub fn root(&mut self) -> Result<Digest, crate::Error> {
        let size = self.size;
        root(self, size).map_err(told)
    }

    /// The proof that leaf number `index` is in it.
    ///
    /// # Errors
    /// When it has fewer.
    pub fn inclusion(&mut self, index: u64) -> Result<Vec<Digest>, crate::Error> {
        let size = self.size;
        inclusion(self, index, size).map_err(told)
    }

    /// The proof that it begins with its first `old` leaves.
    ///
    /// # Errors
    /// When it has fewer.
    pub fn consistency(&mut self, old: u64) -> Result<Vec<Digest>, crate::Error> {
        let size = self.size;
        consistency(self, old, size).map_err(told)
    }
}

impl Tiles for Simulated {
    fn hashes(&mut self, level: u8, index: u64) -> Result<Vec<u8>, Fault> {
        self.read += 1;
        let Some(hash) = self.levels.get(usize::from(level)) else { return Ok(Vec::new()) };
        let all = self.size >> (SPAN * level);
        let width = all.saturating_sub(index.saturating_mul(WIDTH)).min(WIDTH) as usize;
        let mut hashes = Vec::with_capacity(width * HASH);
        (0..width).for_each(|_| hashes.extend(hash.0));
        Ok(hashes)
    }
}
