//! Where reports go. Each file is whole or not there, and a directory that was made for nothing goes again.

use crate::cli::Failure;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// A directory that can be written to.
pub(super) struct Place {
    path: PathBuf,
    /// Whether it was made for this, and nothing is in it yet.
    fresh: bool,
}

impl Place {
    /// The directory that was named; what an earlier audit wrote there is replaced.
    ///
    /// # Errors
    /// When it cannot be made, or not be written to: better said before a walk than after it.
    pub(super) fn at(path: PathBuf) -> Result<Self, Failure> {
        let path = if path.as_os_str().is_empty() { PathBuf::from(".") } else { path };
        let fresh = !path.exists();
        let fail = |error| Failure(format!("cannot write to {}: {error}", path.display()));
        fs::create_dir_all(&path).map_err(fail)?;
        let place = Self { path: path.clone(), fresh };
        let probe = place.beside("probe");
        fs::write(&probe, "").and_then(|()| fs::remove_file(&probe)).map_err(fail)?;
        Ok(place)
    }

    /// A directory of its own for this audit, named after the site and the day.
    ///
    /// # Errors
    /// When it cannot be made.
    pub(super) fn new(host: &str, day: &str) -> Result<Self, Failure> {
        // An address in brackets makes a poor name.
        let host: String = host.chars().map(|letter| if letter.is_alphanumeric() { letter } else { '.' }).collect();
        let name = format!("audit-{}-{day}", host.trim_matches('.'));
        let names = std::iter::once(name.clone()).chain((2..1000).map(|number| format!("{name}-{number}")));
        let free = names.into_iter().find(|name| !Path::new(name).exists()).unwrap_or(name);
        Self::at(PathBuf::from(free))
    }

    /// Writes one file: it has its name once all of it is on the disk.
    ///
    /// # Errors
    /// When the disk does not take it.
    pub(super) fn put(&self, name: &str, text: &str) -> Result<(), Failure> {
        let (path, draft) = (self.path.join(name), self.beside(name));
        let written = (|| {
            let mut file = fs::File::create(&draft)?;
            file.write_all(text.as_bytes())?;
            file.sync_all()?;
            fs::rename(&draft, &path)
        })();
        written.map_err(|error| {
            let _ = fs::remove_file(&draft);
            Failure(format!("cannot write {}: {error}", path.display()))
        })
    }

    /// It is used: says its name.
    pub(super) fn keep(mut self) -> String {
        self.fresh = false;
        self.path.display().to_string()
    }

    fn beside(&self, name: &str) -> PathBuf {
        self.path.join(format!(".{name}.{}.part", std::process::id()))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if self.fresh {
            // Refuses where something is in it.
            let _ = fs::remove_dir(&self.path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_whole_and_replace_what_was_there() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("a/b");
        let place = Place::at(path.clone()).map_err(|Failure(why)| why).unwrap();
        place.put("x", "one").map_err(|Failure(why)| why).unwrap();
        place.put("x", "two").map_err(|Failure(why)| why).unwrap();
        assert_eq!(place.keep(), path.display().to_string());
        assert_eq!(fs::read_to_string(path.join("x")).unwrap(), "two");
        assert_eq!(fs::read_dir(&path).unwrap().count(), 1);
    }

    #[test]
    fn a_directory_made_for_nothing_goes_and_one_that_was_there_stays() {
        let home = tempfile::tempdir().unwrap();
        let made = home.path().join("made");
        drop(Place::at(made.clone()));
        assert!(!made.exists());
        drop(Place::at(home.path().to_owned()));
        assert!(home.path().exists());
        let file = home.path().join("file");
        fs::write(&file, "").unwrap();
        let Err(Failure(why)) = Place::at(file.clone()) else { panic!("a file is no directory") };
        assert!(why.contains(&file.display().to_string()), "{why}");
    }
}
