//! Checks proofs against signed heads, with the hashes alone: RFC 9162 §2.1.3.2 and §2.1.4.2. Knows no tiles, so it is
//! what an outsider runs.

use crate::log::checkpoint::Checkpoint;
use crate::log::hash::{empty, node};
use bandeau_consent::Digest;

/// Whether the proof leads from a leaf at place `index` to the root of this head.
pub fn included(leaf: Digest, index: u64, proof: &[Digest], head: &Checkpoint) -> bool {
    // RFC 9162 §2.1.3.2, with its names.
    if index >= head.size {
        return false;
    }
    let (mut at, mut last, mut hash) = (index, head.size - 1, leaf);
    for step in proof {
        if last == 0 {
            return false;
        }
        if at & 1 == 1 || at == last {
            hash = node(step, &hash);
            climb(&mut at, &mut last);
        } else {
            hash = node(&hash, step);
        }
        (at, last) = (at >> 1, last >> 1);
    }
    last == 0 && hash == head.root
}

/// Whether the newer head is of the same log as the older one and begins with all it held.
pub fn extends(old: &Checkpoint, new: &Checkpoint, proof: &[Digest]) -> bool {
    if old.origin != new.origin || old.size > new.size {
        return false;
    }
    if old.size == new.size {
        return proof.is_empty() && old.root == new.root;
    }
    if old.size == 0 {
        return proof.is_empty() && old.root == empty();
    }
    // RFC 9162 §2.1.4.2. A tree of a power of two is one subtree of the newer, so its root begins the proof unsaid.
    let (first, rest) = match proof.split_first() {
        Some(_) if old.size.is_power_of_two() => (old.root, proof),
        Some((first, rest)) => (*first, rest),
        None => return false,
    };
    let (mut at, mut last) = (old.size - 1, new.size - 1);
    let spared = at.trailing_ones();
    (at, last) = (at.checked_shr(spared).unwrap_or(0), last.checked_shr(spared).unwrap_or(0));
    let (mut before, mut after) = (first, first);
    for step in rest {
        if last == 0 {
            return false;
        }
        if at & 1 == 1 || at == last {
            (before, after) = (node(step, &before), node(step, &after));
            climb(&mut at, &mut last);
        } else {
            after = node(&after, step);
        }
        (at, last) = (at >> 1, last >> 1);
    }
    last == 0 && before == old.root && after == new.root
}

/// Leaves out the levels at the right edge where there is no sibling.
fn climb(at: &mut u64, last: &mut u64) {
    while *at & 1 == 0 && *at != 0 {
        (*at, *last) = (*at >> 1, *last >> 1);
    }
}
