//! Learning from live traffic: what was seen is added up in memory, and now and then in a file. No page waits for it, and
//! a disk that fails costs a warning.
//!
//! It knows when and where; what a notebook is, and that nobody is in it, is `bandeau-learn`'s affair.

mod command;

pub(crate) use command::{Typed, learn};

use crate::config::catalog;
use crate::counters;
use crate::house::House;
use bandeau_consent::HostPattern;
use bandeau_gate::Plan;
use bandeau_learn::{Notebook, Sight, What};
use http::HeaderMap;
use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How often the file is written.
const EVERY: Duration = Duration::from_secs(30);
/// So many reports are read in one second, of all visitors together: who sent one is not kept.
const REPORTS: u32 = 200;

/// What the configuration says of it.
#[derive(Debug, Clone)]
pub(crate) struct Learning {
    /// Where what was seen is kept.
    pub(crate) file: PathBuf,
    /// Whether anything is noted: the policy is being learnt, or reports were asked for.
    pub(crate) on: bool,
}

/// What was seen since the file was written, and how many reports were read this second.
#[derive(Debug, Default)]
pub(crate) struct Learner {
    seen: Mutex<Notebook>,
    pace: Mutex<(u64, u32)>,
}

impl Learner {
    fn book(&self) -> MutexGuard<'_, Notebook> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes these.
    pub(crate) fn note(&self, sights: impl IntoIterator<Item = Sight>) {
        let sights: Vec<Sight> = sights.into_iter().map(told).collect();
        let mut book = self.book();
        sights.iter().for_each(|sight| book.note(sight));
    }

    /// Whether one more report may be read, `now` in seconds.
    pub(crate) fn admits(&self, now: u64) -> bool {
        let mut pace = self.pace.lock().unwrap_or_else(PoisonError::into_inner);
        if pace.0 != now {
            *pace = (now, 0);
        }
        pace.1 = pace.1.saturating_add(1);
        pace.1 <= REPORTS
    }

    /// Notes the cookies of a request and of the site's answer to it, and whom the site's own policy lets in.
    pub(crate) fn hear(&self, plan: &Plan, answer: &HeaderMap) {
        let page = plan.page.path();
        let cookies = |kind: &'static str| move |name: String| sight(What::Cookie(name), kind, page);
        let sent = plan.strange_cookies().into_iter().map(cookies("sent"));
        let set = plan.strange_set(answer).into_iter().map(cookies("set"));
        let hosts = plan.strange_sources(answer).into_iter();
        let hosts = hosts.map(|host| sight(What::Host(host, String::new()), "policy", page));
        self.note(sent.chain(set).chain(hosts));
    }

    /// Notes the strangers a page names.
    pub(crate) fn read(&self, seen: Vec<(String, String)>, page: &str) {
        self.note(seen.into_iter().map(|(host, path)| sight(What::Host(host, path), "markup", page)));
    }

    /// Adds what was seen to a file. What cannot be kept is tried again with what comes.
    pub(crate) fn keep(&self, path: &Path) {
        let seen = std::mem::take(&mut *self.book());
        if seen.is_empty() {
            return;
        }
        match add(path, &seen) {
            Ok(()) => counters::learnt("kept", 1),
            Err(error) => {
                counters::learnt("unkept", 1);
                tracing::warn!(%error, file = %path.display(), "what was learnt could not be kept; it is tried again");
                self.book().merge(&seen);
            }
        }
    }
}

/// The paths by which the catalogue tells services of one host apart.
static PATHS: LazyLock<Vec<HostPattern>> = LazyLock::new(|| {
    let entries = catalog::names().filter_map(catalog::find);
    let hosts = entries.flat_map(|entry| entry.hosts.unwrap_or_default());
    hosts.filter_map(|host| HostPattern::new(host.get_ref()).ok()).filter(|host| !host.path().is_empty()).collect()
});

/// A sighting with no more of an address than the catalogue knows of it: the rest of a path may name somebody.
fn told(sight: Sight) -> Sight {
    let What::Host(host, path) = sight.what else { return sight };
    let fits = PATHS.iter().filter(|one| one.matches(&host) && path.starts_with(one.path()));
    let path = fits.map(HostPattern::path).max_by_key(|path| path.len()).unwrap_or_default().to_owned();
    Sight { what: What::Host(host, path), ..sight }
}

fn sight(what: What, kind: &str, page: &str) -> Sight {
    Sight { what, kind: kind.to_owned(), by: None, page: Some(page.to_owned()) }
}

/// Adds a notebook to the one in a file, which is exchanged whole.
fn add(path: &Path, seen: &Notebook) -> io::Result<()> {
    let mut book = match std::fs::read_to_string(path) {
        Ok(text) => Notebook::read(&text).map_err(io::Error::other)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => Notebook::default(),
        Err(error) => return Err(error),
    };
    book.merge(seen);
    write(path, &book.text().map_err(io::Error::other)?)
}

/// Writes a file whole or not at all: beside its place, then moved there. Whoever may read and own it may after as before;
/// one that begins is its writer's alone, since a configuration may have secrets in it. A link stays a link.
///
/// # Errors
/// When the disk does not let it.
pub(crate) fn write(path: &Path, text: &str) -> io::Result<()> {
    let path = match std::fs::canonicalize(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => path.to_owned(),
        found => found?,
    };
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    // One that was left behind may be open to others, or a link to elsewhere.
    match std::fs::remove_file(&beside) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&beside)?;
    let written = fill(&mut file, &path, text).and_then(|()| std::fs::rename(&beside, &path));
    if written.is_err() {
        let _ = std::fs::remove_file(&beside);
    }
    written
}

/// Writes a file that is to take the place of another, with its owner and permissions.
fn fill(file: &mut File, path: &Path, text: &str) -> io::Result<()> {
    match std::fs::metadata(path) {
        Ok(old) => {
            let own = file.metadata()?;
            if (own.uid(), own.gid()) != (old.uid(), old.gid()) {
                std::os::unix::fs::fchown(&*file, Some(old.uid()), Some(old.gid()))?;
            }
            file.set_permissions(old.permissions())?;
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// Keeps what was seen, now and then, as long as the house stands.
pub(crate) async fn attend(house: Arc<House>) {
    loop {
        tokio::time::sleep(EVERY).await;
        keep(&house).await;
    }
}

/// Keeps what was seen.
pub(crate) async fn keep(house: &Arc<House>) {
    let house = Arc::clone(house);
    // Writing waits for the disk.
    let kept = tokio::task::spawn_blocking(move || house.learner.keep(&house.estate.load().learning.file));
    let _ = kept.await;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(name: &str) -> Sight {
        sight(What::Host(name.into(), "/a.js".into()), "script", "/")
    }

    #[test]
    fn what_was_seen_is_added_to_the_file_and_survives_a_bad_disk() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("learned.json");
        let learner = Learner::default();
        learner.note([host("ads.test")]);
        learner.keep(&dir.path().join("nowhere/learned.json"));
        learner.note([host("ads.test"), host("cdn.test")]);
        learner.keep(&file);
        learner.note([host("ads.test")]);
        learner.keep(&file);
        learner.keep(&file);
        let book = Notebook::read(&std::fs::read_to_string(&file).unwrap()).unwrap();
        assert_eq!((book.hosts["ads.test"].count, book.hosts["cdn.test"].count), (3, 1));
        std::fs::write(&file, "a person's own words").unwrap();
        learner.note([host("ads.test")]);
        learner.keep(&file);
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "a person's own words", "what is no notebook stays");
        assert!(!learner.book().is_empty());
    }

    #[test]
    fn a_file_keeps_its_permissions_and_a_link_stays_a_link() {
        use std::os::unix::fs::PermissionsExt as _;
        let dir = tempfile::tempdir().unwrap();
        let (file, link) = (dir.path().join("real.toml"), dir.path().join("link.toml"));
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        write(&file, "first").unwrap();
        assert_eq!(mode(&file), 0o600, "its writer's alone");
        std::os::unix::fs::symlink("real.toml", &link).unwrap();
        // Left behind by a run that was killed.
        std::fs::write(dir.path().join("real.toml.new"), "left").unwrap();
        for given in [0o600, 0o640, 0o644] {
            std::fs::set_permissions(&file, std::fs::Permissions::from_mode(given)).unwrap();
            write(&link, "second").unwrap();
            assert_eq!(mode(&file), given);
        }
        assert!(std::fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "second");
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 2, "nothing is left beside it");
    }

    #[test]
    fn of_an_address_only_what_the_catalogue_knows_is_kept() {
        let learner = Learner::default();
        for (host, path) in [("photos.test", "/u/janedoe/a.jpg"), ("www.googletagmanager.com", "/gtag/js/janedoe")] {
            learner.note([sight(What::Host(host.into(), path.into()), "script", "/")]);
        }
        let book = learner.book();
        assert_eq!(book.hosts["www.googletagmanager.com"].sample, "/gtag/js");
        assert!(book.hosts["photos.test"].sample.is_empty() && !book.text().unwrap().contains("jane"));
    }

    #[test]
    fn reports_are_read_at_a_bounded_pace() {
        let learner = Learner::default();
        let read = (0..1000).filter(|_| learner.admits(7)).count();
        assert_eq!(read, REPORTS as usize);
        assert!(learner.admits(8));
    }
}
