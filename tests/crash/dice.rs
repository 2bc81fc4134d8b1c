//! Chance from a seed, so that a run can be told to choose the same again.

use std::ops::Range;
use std::time::Duration;

/// A generator of the SplitMix64 family: short, and good enough to pick instants and answers.
#[derive(Debug, Clone)]
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Another one, which goes its own way.
    pub(crate) fn split(&mut self) -> Self {
        Self(self.next())
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        word ^ (word >> 31)
    }

    /// A number below this one.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }

    /// Whether something of this many in a hundred comes to pass.
    pub(crate) fn percent(&mut self, chance: usize) -> bool {
        self.below(100) < chance
    }

    /// So many milliseconds.
    pub(crate) fn pause(&mut self, range: Range<u64>) -> Duration {
        let span = (range.end - range.start).max(1);
        // In microseconds, so that instants do not fall into steps.
        Duration::from_micros(range.start * 1000 + self.next() % (span * 1000))
    }
}
