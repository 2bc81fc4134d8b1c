//! The tree against what others say: the published vectors of Certificate Transparency, a tree library of other hands
//! (`ct-merkle`), the example of tlog-tiles, and every small change of a proof.
#![allow(missing_docs, clippy::unwrap_used, clippy::cast_possible_truncation)]

use bandeau_consent::Digest;
use bandeau_ledger::log::{Checkpoint, Memory, Simulated, extends, included, leaf_hash};
use ct_merkle::mem_backed_tree::MemoryBackedTree;
use proptest::prelude::*;
use sha2_oracle::Sha256;

/// The entries of the Certificate Transparency reference tests, and the roots over the first of them.
const ENTRIES: [&[u8]; 8] = [
    b"",
    b"\x00",
    b"\x10",
    b"\x20\x21",
    b"\x30\x31",
    b"\x40\x41\x42\x43",
    b"\x50\x51\x52\x53\x54\x55\x56\x57",
    b"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f",
];
const ROOTS: [&str; 9] = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];
const SECOND: &str = "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7";
const PAIR: &str = "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e";
const RIGHT: &str = "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4";
const FIFTH: &str = "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b";
const NEXT: &str = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a";
const LAST: &str = "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0";

fn hashes(hex: &[&str]) -> Vec<Digest> {
    hex.iter().map(|hex| Digest::parse(hex).unwrap()).collect()
}

fn tree(entries: &[Vec<u8>]) -> Memory {
    let mut tree = Memory::default();
    tree.extend(&entries.iter().map(|entry| leaf_hash(entry)).collect::<Vec<_>>()).unwrap();
    tree
}

fn entries(count: usize) -> Vec<Vec<u8>> {
    (0..count).map(|at| format!("entry {at}").into_bytes()).collect()
}

fn head(tree: &mut Memory, size: u64) -> Checkpoint {
    Checkpoint { origin: "log.test".to_owned(), size, root: tree.root(size).unwrap() }
}

#[test]
fn the_reference_tree_has_the_published_roots() {
    let mut tree = tree(&ENTRIES.map(<[u8]>::to_vec));
    for (size, root) in (0..).zip(ROOTS) {
        assert_eq!(tree.root(size).unwrap().to_string(), root, "{size}");
    }
    assert!(tree.root(9).is_err(), "there is no ninth entry");
}

#[test]
fn the_reference_proofs_are_the_published_ones() {
    let mut tree = tree(&ENTRIES.map(<[u8]>::to_vec));
    let inclusions: [(u64, u64, &[&str]); 5] = [
        (0, 1, &[]),
        (0, 8, &[SECOND, PAIR, RIGHT]),
        (5, 8, &[FIFTH, LAST, ROOTS[4]]),
        (2, 3, &[ROOTS[2]]),
        (1, 5, &[ROOTS[1], PAIR, FIFTH]),
    ];
    for (index, size, proof) in inclusions {
        assert_eq!(tree.inclusion(index, size).unwrap(), hashes(proof), "{index} of {size}");
    }
    let consistencies: [(u64, u64, &[&str]); 5] = [
        (1, 1, &[]),
        (0, 8, &[]),
        (1, 8, &[SECOND, PAIR, RIGHT]),
        (6, 8, &[NEXT, LAST, ROOTS[4]]),
        (2, 5, &[PAIR, FIFTH]),
    ];
    for (old, size, proof) in consistencies {
        assert_eq!(tree.consistency(old, size).unwrap(), hashes(proof), "{old} in {size}");
    }
    assert!(tree.inclusion(8, 8).is_err());
    assert!(tree.consistency(8, 7).is_err());
}

fn oracle(entries: &[Vec<u8>]) -> MemoryBackedTree<Sha256, Vec<u8>> {
    let mut tree = MemoryBackedTree::new();
    entries.iter().for_each(|entry| tree.push(entry.clone()));
    tree
}

fn bytes(hashes: &[Digest]) -> Vec<u8> {
    hashes.iter().flat_map(|hash| hash.0).collect()
}

/// Where ours and the other library's tree are the same, so must be every root and proof.
fn agree(ours: &mut Memory, theirs: &MemoryBackedTree<Sha256, Vec<u8>>, index: u64, old: u64) {
    let size = theirs.len();
    assert_eq!(ours.size(), size);
    assert_eq!(ours.root(size).unwrap().0[..], theirs.root().as_bytes()[..]);
    let now = head(ours, size);
    if index < size {
        let proof = ours.inclusion(index, size).unwrap();
        assert_eq!(bytes(&proof), theirs.prove_inclusion(index as usize).as_bytes());
        assert!(included(leaf_hash(theirs.get(index as usize).unwrap()), index, &proof, &now));
    }
    if (1..=size).contains(&old) {
        let proof = ours.consistency(old, size).unwrap();
        if old < size {
            assert_eq!(bytes(&proof), theirs.prove_consistency((size - old) as usize).as_bytes());
        }
        assert!(extends(&head(ours, old), &now, &proof));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn growing_in_any_batches_agrees_with_another_library(
        batches in prop::collection::vec(0_usize..600, 1..6),
        picks in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>()), 8),
    ) {
        let all = entries(batches.iter().sum());
        let (mut ours, mut theirs, mut at) = (Memory::default(), MemoryBackedTree::new(), 0);
        for batch in batches {
            let part = &all[at..at + batch];
            at += batch;
            ours.extend(&part.iter().map(|entry| leaf_hash(entry)).collect::<Vec<_>>()).unwrap();
            part.iter().for_each(|entry| theirs.push(entry.clone()));
            if at == 0 {
                continue;
            }
            for (index, old) in &picks {
                agree(&mut ours, &theirs, index.index(at) as u64, old.index(at + 1) as u64);
            }
        }
    }

    /// A tree read at a size it had before says what it said then, although its tiles have grown wider.
    #[test]
    fn an_older_size_reads_the_same(grown in 1_usize..1500, size in any::<prop::sample::Index>()) {
        let all = entries(grown);
        let size = size.index(grown) + 1;
        let (mut late, mut early) = (tree(&all), tree(&all[..size]));
        let at = size as u64;
        prop_assert_eq!(late.root(at).unwrap(), early.root(at).unwrap());
        prop_assert_eq!(late.inclusion(at / 2, at).unwrap(), early.inclusion(at / 2, at).unwrap());
        prop_assert_eq!(late.consistency(at / 3, at).unwrap(), early.consistency(at / 3, at).unwrap());
    }
}

#[test]
fn every_proof_of_small_trees_holds_and_no_other() {
    let all = entries(34);
    let mut tree = tree(&all);
    for size in 1..=34_u64 {
        let now = head(&mut tree, size);
        for index in 0..size {
            let (leaf, proof) = (leaf_hash(&all[index as usize]), tree.inclusion(index, size).unwrap());
            assert!(included(leaf, index, &proof, &now), "{index} of {size}");
            assert!(!included(leaf_hash(b"another"), index, &proof, &now));
            (0..size + 2).filter(|other| *other != index).for_each(|other| {
                assert!(!included(leaf, other, &proof, &now), "{index} of {size} passes for {other}");
            });
            for other in changed(&proof) {
                assert!(!included(leaf, index, &other, &now), "{index} of {size}");
            }
        }
        for old in 0..=size {
            let (before, proof) = (head(&mut tree, old), tree.consistency(old, size).unwrap());
            assert!(extends(&before, &now, &proof), "{old} in {size}");
            assert!(!extends(&Checkpoint { root: leaf_hash(b"x"), ..before.clone() }, &now, &proof), "{old} in {size}");
            assert!(!extends(&Checkpoint { origin: "other.test".to_owned(), ..before.clone() }, &now, &proof));
            if old > 0 {
                assert!(!extends(&before, &Checkpoint { root: leaf_hash(b"x"), ..now.clone() }, &proof));
            }
            if old < size {
                assert!(!extends(&now, &before, &proof), "a log does not shrink");
            }
            for other in changed(&proof) {
                assert!(!extends(&before, &now, &other), "{old} in {size}");
            }
        }
    }
}

/// A head that says another size than its root has is refused where the proof is too short or too long for that size.
#[test]
fn a_size_that_the_root_has_not_is_refused() {
    let all = entries(16);
    let mut tree = tree(&all);
    let old = head(&mut tree, 1);
    let proof = tree.consistency(1, 2).unwrap();
    let two = head(&mut tree, 2);
    assert!(extends(&old, &two, &proof));
    let inclusion = tree.inclusion(0, 2).unwrap();
    assert!(included(leaf_hash(&all[0]), 0, &inclusion, &two));
    for size in [1, 3, 4, 5, 8, 16, 1 << 40, u64::MAX] {
        let lie = Checkpoint { size, ..two.clone() };
        assert!(!extends(&old, &lie, &proof), "{size}");
        assert!(!included(leaf_hash(&all[0]), 0, &inclusion, &lie), "{size}");
    }
}

/// Every proof that differs a little from this one.
fn changed(proof: &[Digest]) -> Vec<Vec<Digest>> {
    let mut others = vec![[proof, &[leaf_hash(b"more")]].concat(), [&[leaf_hash(b"more")], proof].concat()];
    for at in 0..proof.len() {
        let mut without = proof.to_vec();
        without.remove(at);
        others.push(without);
        let mut flipped = proof.to_vec();
        flipped[at].0[at % 32] ^= 1 << (at % 8);
        others.push(flipped);
        if at > 0 {
            let mut turned = proof.to_vec();
            turned.swap(at - 1, at);
            others.push(turned);
        }
    }
    others
}

/// The example of tlog-tiles: 273 full tiles and one of 112, one full and one of 17 above, one of 1 at the top.
#[test]
fn seventy_thousand_entries_lie_in_the_tiles_of_the_example() {
    let all = entries(70_000);
    let mut tree = tree(&all);
    let widths: Vec<(u8, u64, usize)> =
        tree.tiles().map(|(level, index, hashes)| (level, index, hashes.len() / 32)).collect();
    let expected = (0..273)
        .map(|index| (0, index, 256))
        .chain([(0, 273, 112), (1, 0, 256), (1, 1, 17), (2, 0, 1)])
        .collect::<Vec<_>>();
    assert_eq!(widths, expected);
    let theirs = oracle(&all);
    for (index, old) in [(0, 1), (65_535, 65_536), (65_536, 65_537), (69_999, 69_999), (255, 256), (69_888, 256 * 256)]
    {
        agree(&mut tree, &theirs, index, old);
    }
}

/// What is computed without being stored is the tree of equal leaves.
#[test]
fn a_simulated_tree_is_the_tree_of_equal_leaves() {
    let leaf = leaf_hash(b"the same");
    for size in [1, 2, 255, 256, 257, 1000, 66_000] {
        let (mut simulated, mut real) = (Simulated::new(leaf, size), Memory::default());
        real.extend(&vec![leaf; size as usize]).unwrap();
        assert_eq!(simulated.root().unwrap(), real.root(size).unwrap(), "{size}");
        assert_eq!(simulated.inclusion(size / 2).unwrap(), real.inclusion(size / 2, size).unwrap());
        assert_eq!(simulated.consistency(size / 3).unwrap(), real.consistency(size / 3, size).unwrap());
    }
    for size in [1_000_000_000, (1 << 40) - 1, 1 << 40] {
        let (mut now, mut before) = (Simulated::new(leaf, size), Simulated::new(leaf, size / 3));
        let head = |size, root| Checkpoint { origin: "log.test".to_owned(), size, root };
        let (new, old) = (head(size, now.root().unwrap()), head(size / 3, before.root().unwrap()));
        let proof = now.inclusion(size / 7).unwrap();
        assert!(proof.len() <= 40 && included(leaf, size / 7, &proof, &new), "{size}");
        assert!(extends(&old, &new, &now.consistency(size / 3).unwrap()), "{size}");
    }
}
