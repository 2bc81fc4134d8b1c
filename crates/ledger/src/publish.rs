//! Making a version of the mechanism live: into the archive, and its manifest into the log. Whoever runs the same version
//! at the same time, on whatever node, finds it there and adds nothing.

use crate::error::Error;
use crate::ledger::Ledger;
use crate::mechanism::{Manifest, Part, Version};
use crate::store::{Fault, Store};
use bandeau_consent::Digest;
use std::sync::Arc;

/// How many bytes are archived in one transaction, so that decisions do not wait long behind it.
const PORTION: usize = 512 << 10;

/// How often another node may come first before the caller is told to try again.
const ROUNDS: usize = 5;

/// What publishing came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Published {
    /// It is live; this is the SHA-256 of its manifest.
    Live(Digest),
    /// The version that is live is the same, and stays.
    Same(Digest),
}

impl Ledger {
    /// Archives a version of the mechanism that went live at a time (milliseconds since 1970), and lets its manifest
    /// wait for a place in the log; nothing where the version that is live is the same. May be called again with the
    /// same: what was done is not done twice.
    ///
    /// # Errors
    /// When the store is away, slow or overrun. Then part of it may be archived, which does no harm.
    pub async fn publish(&self, version: &Arc<Version>, at: u64) -> Result<Published, Error> {
        for _ in 0..ROUNDS {
            let own = Arc::clone(version);
            let (at, after) = match self.readers().ask(move |store| newest(store, &own)).await? {
                Newest::Same(digest) => return Ok(Published::Same(digest)),
                Newest::None => (at, None),
                // A version comes after the one it follows, also by a clock that went back.
                Newest::Other(since, digest) => (at.max(since + 1), Some(digest)),
            };
            for portion in portions(&version.parts) {
                let version = Arc::clone(version);
                self.readers().ask(move |store| archive(store, &version.parts[portion])).await?;
            }
            let bytes = Manifest::new(version, at).bytes().map_err(|error| Fault::new(error.to_string()))?;
            let name = Digest::of(&bytes);
            let live = self.readers().ask(move |store| {
                store.archive(&[(name, &bytes)])?;
                store.live(at, name, after)
            });
            if live.await? {
                return Ok(Published::Live(name));
            }
        }
        Err(Error::Busy { waiting: ROUNDS })
    }
}

/// The version that is live.
enum Newest {
    None,
    Same(Digest),
    Other(u64, Digest),
}

/// Whether the version that is live is this one. One whose manifest cannot be read is another.
fn newest(store: &mut dyn Store, own: &Version) -> Result<Newest, Fault> {
    let Some((at, digest)) = store.version(u64::MAX >> 1)? else { return Ok(Newest::None) };
    let found = store.archived(digest)?.and_then(|bytes| Manifest::parse(&bytes));
    let same = found.is_some_and(|found| found.same(&Manifest::new(own, at)));
    Ok(if same { Newest::Same(digest) } else { Newest::Other(at, digest) })
}

fn archive(store: &mut dyn Store, parts: &[Part]) -> Result<(), Fault> {
    let contents: Vec<(Digest, &[u8])> =
        parts.iter().map(|part| (Digest::of(&part.bytes), part.bytes.as_slice())).collect();
    store.archive(&contents)
}

/// Neighbours that together have about so many bytes.
fn portions(parts: &[Part]) -> Vec<std::ops::Range<usize>> {
    let (mut portions, mut from, mut size) = (Vec::new(), 0, 0);
    for (at, part) in parts.iter().enumerate() {
        size += part.bytes.len();
        if size >= PORTION {
            portions.push(from..at + 1);
            (from, size) = (at + 1, 0);
        }
    }
    portions.push(from..parts.len());
    portions
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::Entry;
    use crate::mechanism::tests::version;
    use crate::sqlite::Sqlite;
    use crate::trial::Place;
    use std::collections::BTreeSet;

    const LAST: u64 = u64::MAX >> 1;

    #[tokio::test]
    async fn a_version_is_archived_once_and_comes_into_the_log() {
        let place = Place::new();
        let ledger = place.open();
        let one = Arc::new(version("<p>one"));
        let Published::Live(name) = ledger.publish(&one, 1000).await.unwrap() else { panic!("it was live before") };
        assert_eq!(ledger.publish(&one, 2000).await.unwrap(), Published::Same(name));
        let two = Arc::new(version("<p>two"));
        // The clock went back meanwhile.
        let Published::Live(next) = ledger.publish(&two, 500).await.unwrap() else { panic!("it is another") };
        let mut store = Sqlite::new(place.path("book.db"), "");
        assert_eq!(store.version(999).unwrap(), None);
        assert_eq!(store.version(1000).unwrap(), Some((1000, name)));
        assert_eq!(store.version(LAST).unwrap(), Some((1001, next)));
        let manifest = Manifest::parse(&store.archived(name).unwrap().unwrap()).unwrap();
        for part in &one.parts {
            let file = &manifest.files[&part.name];
            assert_eq!(store.archived(file.sha256).unwrap().as_ref(), Some(&part.bytes));
        }
        // What was live comes live again.
        assert!(matches!(ledger.publish(&one, 3000).await.unwrap(), Published::Live(again) if again != name));
        crate::trial::settle(&ledger, |state| state.log == Some(3));
        assert_eq!(store.index(&Entry::Mechanism(next)).unwrap(), Some(1));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn of_many_nodes_one_publishes() {
        let place = Place::new();
        let nodes: Vec<Ledger> = (0..3).map(|_| place.open()).collect();
        let tasks = nodes.iter().enumerate().map(|(at, node)| {
            let node = node.clone();
            tokio::spawn(async move { node.publish(&Arc::new(version("<p>one")), 1000 + at as u64).await })
        });
        let mut names = BTreeSet::new();
        let mut live = 0;
        for task in tasks.collect::<Vec<_>>() {
            let (Published::Live(name) | Published::Same(name)) = match task.await.unwrap().unwrap() {
                done @ Published::Live(_) => {
                    live += 1;
                    done
                }
                done => done,
            };
            names.insert(name);
        }
        assert_eq!((live, names.len()), (1, 1));
    }

    #[test]
    fn portions_hold_everything_once() {
        let part = |size| Part { name: String::new(), kind: "", bytes: vec![0; size] };
        for sizes in [&[][..], &[0, 1], &[PORTION, 1], &[PORTION / 2, PORTION / 2, PORTION, 3, PORTION * 3]] {
            let parts: Vec<Part> = sizes.iter().map(|&size| part(size)).collect();
            let all: Vec<usize> = portions(&parts).into_iter().flatten().collect();
            assert_eq!(all, (0..parts.len()).collect::<Vec<_>>());
        }
    }
}
