//! Roots and proofs of the tree, read from tiles: RFC 9162 §2.1 in its own recursion, so that code and text can be laid
//! side by side. Does not check proofs: see `check`.

use crate::log::hash::{empty, node};
use crate::log::tiles::{Reader, Tiles};
use crate::store::Fault;
use bandeau_consent::Digest;
use std::ops::Range;

/// The root of the first `size` entries.
pub(crate) fn root(tiles: &mut dyn Tiles, size: u64) -> Result<Digest, Fault> {
    if size == 0 { Ok(empty()) } else { subtree(&mut Reader::new(tiles), 0..size) }
}

/// The proof that entry number `index` is in the tree of the first `size` entries: hashes from its sibling upwards
/// (RFC 9162 §2.1.3.1).
pub(crate) fn inclusion(tiles: &mut dyn Tiles, index: u64, size: u64) -> Result<Vec<Digest>, Fault> {
    if index >= size {
        return Err(Fault::new(format!("the log of {size} entries has no entry {index}")));
    }
    let (reader, mut proof) = (&mut Reader::new(tiles), Vec::new());
    let mut range = 0..size;
    while range.end - range.start > 1 {
        let (left, right) = cut(&range);
        let (inner, outer) = if index < left.end { (left, right) } else { (right, left) };
        proof.push(subtree(reader, outer)?);
        range = inner;
    }
    // Found from the root downwards, and told from the leaf upwards.
    proof.reverse();
    Ok(proof)
}

/// The proof that the tree of `size` entries begins with the one of `old` (RFC 9162 §2.1.4.1). Nothing needs to be
/// proved of an empty tree or of the same tree.
pub(crate) fn consistency(tiles: &mut dyn Tiles, old: u64, size: u64) -> Result<Vec<Digest>, Fault> {
    if old > size {
        return Err(Fault::new(format!("the log of {size} entries does not go on from one of {old}")));
    }
    if old == 0 || old == size {
        return Ok(Vec::new());
    }
    let (reader, mut proof) = (&mut Reader::new(tiles), Vec::new());
    let (mut range, mut whole) = (0..size, true);
    while old != range.end {
        let (left, right) = cut(&range);
        if old <= left.end {
            proof.push(subtree(reader, right)?);
            range = left;
        } else {
            proof.push(subtree(reader, left)?);
            (range, whole) = (right, false);
        }
    }
    // The old root itself is known to who asks; any other place where the old tree ends is not.
    if !whole {
        proof.push(subtree(reader, range)?);
    }
    proof.reverse();
    Ok(proof)
}

/// Cuts a range of more than one entry after the largest power of two that is smaller than it.
fn cut(range: &Range<u64>) -> (Range<u64>, Range<u64>) {
    let at = range.start + (1 << (range.end - range.start - 1).ilog2());
    (range.start..at, at..range.end)
}

/// The hash over a range of entries. Ranges come from `cut`, so each begins at a multiple of the smallest power of two
/// that holds it, and a range of that size is one node.
fn subtree(reader: &mut Reader<'_>, range: Range<u64>) -> Result<Digest, Fault> {
    let count = range.end - range.start;
    if count.is_power_of_two() {
        let height = count.ilog2() as u8;
        return reader.node(height, range.start >> height);
    }
    let (left, right) = cut(&range);
    Ok(node(&subtree(reader, left)?, &subtree(reader, right)?))
}
