//! A file that is whole or not there: until then it is called `FILE.part`, and `FILE.part.state` says how far it has come.
//! Knows nothing of what is in it.
//!
//! What makes this safe is the order: text is synced before the state that counts it, so what is behind the counted
//! bytes was written by a run that was cut off, and is cut away.

use super::shown;
use crate::cli::Failure;
use bandeau_ledger::Place;
use serde::{Deserialize, Serialize};
use std::fs::{self, File, OpenOptions};
use std::io::{Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How often it is noted how far it has come.
const NOTE: Duration = Duration::from_secs(1);

#[derive(Serialize, Deserialize)]
enum Version {
    #[serde(rename = "bandeau export part v1")]
    V1,
}

#[derive(Serialize, Deserialize)]
struct State {
    format: Version,
    /// What was asked for.
    asked: String,
    /// How many bytes of the part count.
    bytes: u64,
    place: Place,
}

/// A file under way.
pub(super) struct Part {
    path: PathBuf,
    file: File,
    asked: String,
    bytes: u64,
    place: Option<Place>,
    noted: Instant,
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.to_path_buf().into_os_string();
    name.push(ending);
    PathBuf::from(name)
}

impl Part {
    /// Begins a file, or goes on with one that was asked for with the same words.
    ///
    /// # Errors
    /// When the file is there, what is under way is another, or it cannot be written.
    pub(super) fn open(path: &Path, asked: &str) -> Result<Self, Failure> {
        absent(path)?;
        let part = beside(path, ".part");
        // A state without a part is left over from a file that got its name.
        let state = part.exists().then(|| fs::read_to_string(beside(path, ".part.state")).ok()).flatten();
        let state = state.and_then(|text| serde_json::from_str::<State>(&text).ok());
        let mut open = OpenOptions::new();
        open.read(true).write(true).mode(0o600);
        let opened = match &state {
            Some(_) => open.open(&part),
            None => open.create_new(true).open(&part),
        };
        let file = opened.map_err(|error| match error.kind() {
            std::io::ErrorKind::AlreadyExists => {
                Failure(format!("{} is there and does not say how far it has come: remove it", shown(&part)))
            }
            _ => Failure(format!("cannot write {}: {error}", shown(&part))),
        })?;
        match file.try_lock() {
            Ok(()) => {}
            Err(fs::TryLockError::WouldBlock) => {
                return Err(Failure(format!("another export writes {}", shown(&part))));
            }
            Err(fs::TryLockError::Error(error)) => return Err(error.into()),
        }
        let mut this =
            Self { path: path.to_owned(), file, asked: asked.to_owned(), bytes: 0, place: None, noted: Instant::now() };
        if let Some(state) = state {
            if state.asked != asked || this.file.metadata()?.len() < state.bytes {
                return Err(Failure(format!("{} is of another export: remove it, or ask for the same", shown(&part))));
            }
            (this.bytes, this.place) = (state.bytes, Some(state.place));
        }
        this.file.set_len(this.bytes)?;
        this.file.seek(SeekFrom::Start(this.bytes))?;
        if this.place.is_none() {
            this.note(Place::default())?;
            this.place = None;
        }
        Ok(this)
    }

    /// Where an earlier run had come to, if it had come anywhere.
    pub(super) fn place(&self) -> Option<Place> {
        self.place.filter(|place| *place != Place::default())
    }

    /// Adds text, after which it has come to this place.
    pub(super) fn add(&mut self, text: &[u8], place: Place) -> Result<(), Failure> {
        self.file.write_all(text)?;
        self.bytes += text.len() as u64;
        if self.noted.elapsed() >= NOTE { self.note(place) } else { Ok(()) }
    }

    /// Notes how far it has come.
    pub(super) fn note(&mut self, place: Place) -> Result<(), Failure> {
        self.file.sync_data()?;
        let state = State { format: Version::V1, asked: self.asked.clone(), bytes: self.bytes, place };
        let (path, fresh) = (beside(&self.path, ".part.state"), beside(&self.path, ".part.state.new"));
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&fresh)?;
        file.write_all(serde_json::to_string(&state)?.as_bytes())?;
        file.sync_all()?;
        fs::rename(fresh, path)?;
        (self.place, self.noted) = (Some(place), Instant::now());
        Ok(())
    }

    /// Gives the file its name.
    pub(super) fn finish(self) -> Result<(), Failure> {
        self.file.sync_all()?;
        absent(&self.path)?;
        fs::rename(beside(&self.path, ".part"), &self.path)?;
        fs::remove_file(beside(&self.path, ".part.state"))?;
        let directory = self.path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        Ok(File::open(directory)?.sync_all()?)
    }
}

fn absent(path: &Path) -> Result<(), Failure> {
    match path.try_exists()? {
        true => Err(Failure(format!("cannot write {}: it is there already", shown(path)))),
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(seen: u64) -> Place {
        let mut place = Place::default();
        place.seen = seen;
        place
    }

    fn why<T>(result: Result<T, Failure>) -> String {
        result.err().map(|Failure(why)| why).unwrap()
    }

    #[test]
    fn what_was_cut_off_is_gone_on_with() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("out");
        let mut part = Part::open(&path, "all").unwrap();
        assert_eq!(part.place(), None);
        part.add(b"one\n", place(1)).unwrap();
        part.note(place(1)).unwrap();
        part.add(b"two\nthr", place(2)).unwrap();
        assert!(why(Part::open(&path, "all")).contains("another export writes"));
        drop(part);
        assert!(why(Part::open(&path, "some")).contains("of another export"));
        let mut part = Part::open(&path, "all").unwrap();
        assert_eq!(part.place(), Some(place(1)));
        part.add(b"TWO\n", place(2)).unwrap();
        part.finish().unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "one\nTWO\n");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "nothing else is left");
        assert!(why(Part::open(&path, "all")).contains("there already"));
    }

    #[test]
    fn what_says_nothing_is_not_gone_on_with() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("out");
        let mut part = Part::open(&path, "all").unwrap();
        part.add(b"one\n", place(1)).unwrap();
        drop(part);
        // Nothing was noted yet: it begins anew.
        assert_eq!(Part::open(&path, "all").unwrap().place(), None);
        assert_eq!(fs::metadata(beside(&path, ".part")).unwrap().len(), 0);
        fs::write(beside(&path, ".part.state"), "torn").unwrap();
        assert!(why(Part::open(&path, "all")).contains("remove it"));
        fs::remove_file(beside(&path, ".part")).unwrap();
        Part::open(&path, "all").unwrap();
    }
}
