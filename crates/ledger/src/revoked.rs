//! Whose grants were taken back by a receipt, in memory for whoever asks and in a file of this node's for the next start:
//! a gateway that starts while the store is away heeds what it knew.

use crate::disk;
use bandeau_consent::Pseudonym;
use std::collections::HashSet;
use std::fs;
use std::io::ErrorKind;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The first line of the file; each line after it is a pseudonym.
const FORMAT: &str = "bandeau revoked v1";

pub(crate) struct Revoked {
    path: PathBuf,
    /// Locked for moments only.
    known: Mutex<Arc<HashSet<Pseudonym>>>,
    /// Held while the file is written.
    turn: Mutex<()>,
}

impl Revoked {
    /// Finds what an earlier run knew. A file that cannot be read is said, and counts as none: the store has them all.
    pub(crate) fn new(path: PathBuf) -> Self {
        let known = match fs::read_to_string(&path) {
            Ok(text) if text.lines().next() == Some(FORMAT) => {
                text.lines().skip(1).filter_map(Pseudonym::parse).collect()
            }
            Err(error) if error.kind() == ErrorKind::NotFound => HashSet::new(),
            Ok(_) => {
                tracing::warn!(path = %path.display(), "the file of what was taken back by receipts is none of ours");
                HashSet::new()
            }
            Err(error) => {
                tracing::warn!(path = %path.display(), %error, "what was taken back by receipts cannot be read");
                HashSet::new()
            }
        };
        Self { path, known: Mutex::new(Arc::new(known)), turn: Mutex::default() }
    }

    fn known(&self) -> MutexGuard<'_, Arc<HashSet<Pseudonym>>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// All of them.
    pub(crate) fn all(&self) -> Arc<HashSet<Pseudonym>> {
        Arc::clone(&self.known())
    }

    /// These are all there are.
    pub(crate) fn set(&self, revoked: Vec<Pseudonym>) {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let revoked: HashSet<Pseudonym> = revoked.into_iter().collect();
        if *self.all() != revoked {
            self.keep(revoked);
        }
    }

    /// These are there too.
    pub(crate) fn add(&self, revoked: &[Pseudonym]) {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let known = self.all();
        if !revoked.iter().all(|one| known.contains(one)) {
            self.keep(known.iter().chain(revoked).copied().collect());
        }
    }

    /// In memory first: whoever is named is heeded also where the disk is full.
    fn keep(&self, revoked: HashSet<Pseudonym>) {
        let text = revoked.iter().fold(FORMAT.to_owned(), |text, one| format!("{text}\n{one}")) + "\n";
        *self.known() = Arc::new(revoked);
        if let Err(error) = disk::replace(&self.path, &text) {
            tracing::warn!(path = %self.path.display(), %error, "what was taken back by receipts is in memory only");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_known_is_known_after_a_restart() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("book.revoked");
        let (one, two) = (Pseudonym([1; 16]), Pseudonym([2; 16]));
        let revoked = Revoked::new(path.clone());
        assert!(revoked.all().is_empty() && !path.exists());
        revoked.add(&[one]);
        revoked.add(&[two, one]);
        assert_eq!(*Revoked::new(path.clone()).all(), HashSet::from([one, two]));
        revoked.set(vec![two]);
        assert_eq!(*Revoked::new(path.clone()).all(), HashSet::from([two]));
        fs::write(&path, "something else").unwrap();
        assert!(Revoked::new(path).all().is_empty());
    }

    #[test]
    fn a_disk_that_takes_nothing_hinders_nobody() {
        let place = tempfile::tempdir().unwrap();
        let revoked = Revoked::new(place.path().join("missing/book.revoked"));
        revoked.add(&[Pseudonym([1; 16])]);
        assert!(revoked.all().contains(&Pseudonym([1; 16])));
    }
}
