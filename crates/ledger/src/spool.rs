//! The file beside the store where noted records wait out an outage: JSON Lines, synced, readable by its
//! owner only. Knows nothing of the store; what is read back is handed to whoever drains it.
//!
//! Each line is marked by the book's key, so that nobody who can merely write here gets the book to sign
//! a record that was never made. The file is locked while it is used: during a restart two gateways
//! may share it for a moment. Lines that cannot be read are set aside in `….unread`, never deleted.

use crate::disk;
use crate::row::Row;
use crate::signer::Signer;
use crate::store::Fault;
use crate::text::armor;
use serde::{Deserialize, Serialize};
use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, BufRead as _, BufReader, ErrorKind, Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Rows handed on at a time.
const PORTION: usize = 256;

#[derive(Serialize, Deserialize)]
enum Format {
    #[serde(rename = "bandeau spool v1")]
    V1,
}

#[derive(Serialize, Deserialize)]
struct Line {
    format: Format,
    #[serde(flatten)]
    row: Row,
    #[serde(with = "armor")]
    mark: [u8; 32],
}

/// The waiting room on disk. Whoever adds to it and whoever drains it may be different threads: what is drained is
/// set aside under a number first, so that adding never waits for a store.
pub(crate) struct Spool {
    path: PathBuf,
    waiting: AtomicU64,
    /// Threads of one process take turns here, processes by the lock on the file.
    turn: Mutex<()>,
}

/// Why draining stopped; the file is left as it was.
#[derive(Debug)]
pub(crate) enum Halt {
    /// The store would not take the rows.
    Store(Fault),
    /// The spool itself could not be read.
    Spool(io::Error),
}

impl From<io::Error> for Halt {
    fn from(error: io::Error) -> Self {
        Self::Spool(error)
    }
}

impl Spool {
    /// Finds what an earlier run left.
    pub(crate) fn new(path: PathBuf) -> Self {
        let spool = Self { path, waiting: AtomicU64::new(0), turn: Mutex::new(()) };
        let lines = |path: &PathBuf| match File::open(path).and_then(count) {
            Ok(lines) => lines,
            Err(error) if error.kind() == ErrorKind::NotFound => 0,
            // It is there and cannot be read now: draining will say why.
            Err(_) => 1,
        };
        let waiting = spool.parts().iter().map(lines).sum::<u64>() + lines(&spool.path);
        spool.waiting.store(waiting, Relaxed);
        spool
    }

    /// How many lines wait.
    pub(crate) fn waiting(&self) -> u64 {
        self.waiting.load(Relaxed)
    }

    /// What was set aside to be drained, oldest first.
    fn parts(&self) -> Vec<PathBuf> {
        let directory = self.path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let Some(name) = self.path.file_name().and_then(OsStr::to_str) else { return Vec::new() };
        let number = |entry: io::Result<fs::DirEntry>| -> Option<(u64, PathBuf)> {
            let path = entry.ok()?.path();
            let number = path.file_name()?.to_str()?.strip_prefix(name)?.strip_prefix('.')?.parse().ok()?;
            Some((number, path))
        };
        let mut parts: Vec<_> = fs::read_dir(directory).into_iter().flatten().filter_map(number).collect();
        parts.sort();
        parts.into_iter().map(|(_, path)| path).collect()
    }

    /// Adds rows, all or none, and returns when they are synced.
    pub(crate) fn append<'a>(&self, rows: impl Iterator<Item = &'a Row>, signer: &Signer) -> io::Result<()> {
        let (mut lines, mut count) = (Vec::new(), 0);
        for row in rows {
            let line = Line { format: Format::V1, row: row.clone(), mark: signer.mark(row.leaf(None)) };
            serde_json::to_writer(&mut lines, &line)?;
            lines.push(b'\n');
            count += 1;
        }
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let mut file = self.hold(20)?;
        let before = file.metadata()?.len();
        if before == 0 {
            disk::settle(&self.path)?;
        } else if !ends(&mut file)? {
            // A torn line must not swallow the next.
            lines.insert(0, b'\n');
        }
        if let Err(error) = file.write_all(&lines).and_then(|()| file.sync_all()) {
            // What was half written would otherwise be a torn line; if even this fails it is one.
            let _ = file.set_len(before);
            return Err(error);
        }
        self.waiting.fetch_add(count, Relaxed);
        Ok(())
    }

    /// Hands all rows on, oldest first, and removes a file once its rows were all taken. Returns how many
    /// lines could not be read.
    pub(crate) fn drain(
        &self,
        signer: &Signer,
        mut take: impl FnMut(&[Row]) -> Result<(), Fault>,
    ) -> Result<u64, Halt> {
        self.part()?;
        let mut unread = 0;
        for part in self.parts() {
            unread += self.pour(&part, signer, &mut take)?;
        }
        Ok(unread)
    }

    /// Sets what was added so far aside under the next number.
    fn part(&self) -> io::Result<()> {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        if !self.path.try_exists()? {
            return Ok(());
        }
        let _held = self.hold(1)?;
        let last = self.parts().last().and_then(|part| part.extension()?.to_str()?.parse::<u64>().ok());
        let mut part = self.path.clone().into_os_string();
        part.push(format!(".{}", last.map_or(1, |last| last + 1)));
        fs::rename(&self.path, part)?;
        disk::settle(&self.path)
    }

    fn pour(
        &self,
        part: &Path,
        signer: &Signer,
        take: &mut impl FnMut(&[Row]) -> Result<(), Fault>,
    ) -> Result<u64, Halt> {
        let file = File::open(part)?;
        match file.try_lock() {
            Ok(()) => {}
            // Another process drains it.
            Err(TryLockError::WouldBlock) => return Err(Halt::Spool(busy())),
            Err(TryLockError::Error(error)) => return Err(Halt::Spool(error)),
        }
        if !same(&file, part) {
            // Who held it before has drained it, and what is there by that name is another.
            return Err(Halt::Spool(busy()));
        }
        let (mut portion, mut unread, mut lines) = (Vec::new(), Vec::new(), 0);
        for line in BufReader::new(&file).split(b'\n') {
            let line = line?;
            lines += 1;
            match serde_json::from_slice::<Line>(&line) {
                Ok(read) if signer.marked(read.row.leaf(None), &read.mark) => portion.push(read.row),
                _ if line.is_empty() => {}
                _ => unread.push(line),
            }
            if portion.len() >= PORTION {
                take(&portion).map_err(Halt::Store)?;
                portion.clear();
            }
        }
        if !portion.is_empty() {
            take(&portion).map_err(Halt::Store)?;
        }
        self.shelve(&unread)?;
        // If the machine stops here the rows are handed on again; the store knows them by name.
        fs::remove_file(part)?;
        // What cannot be counted when it is found is counted as one line.
        let _ = self.waiting.fetch_update(Relaxed, Relaxed, |waiting| Some(waiting.saturating_sub(lines)));
        Ok(unread.len() as u64)
    }

    /// Sets lines aside that are not ours to judge.
    fn shelve(&self, lines: &[Vec<u8>]) -> io::Result<()> {
        if lines.is_empty() {
            return Ok(());
        }
        let mut path = self.path.clone().into_os_string();
        path.push(".unread");
        let mut file = OpenOptions::new().append(true).create(true).mode(0o600).open(path)?;
        for line in lines {
            file.write_all(line)?;
            file.write_all(b"\n")?;
        }
        file.sync_all()
    }

    /// Opens the file, creating it, with nobody else at it; each try after the first waits 50 ms.
    fn hold(&self, tries: usize) -> io::Result<File> {
        for attempt in 0..tries {
            if attempt > 0 {
                std::thread::sleep(Duration::from_millis(50));
            }
            let file = OpenOptions::new().read(true).append(true).create(true).mode(0o600).open(&self.path)?;
            match file.try_lock() {
                Ok(()) => {
                    // Who held it before may have drained and removed it.
                    if same(&file, &self.path) {
                        return Ok(file);
                    }
                }
                Err(TryLockError::WouldBlock) => {}
                Err(TryLockError::Error(error)) => return Err(error),
            }
        }
        Err(busy())
    }
}

/// Whether the open file is the one at the path.
fn same(file: &File, path: &Path) -> bool {
    let name = |found: &fs::Metadata| (found.dev(), found.ino());
    matches!((&file.metadata(), &fs::metadata(path)), (Ok(held), Ok(found)) if name(held) == name(found))
}

fn busy() -> io::Error {
    io::Error::new(ErrorKind::WouldBlock, "another process is using the spool")
}

/// How many lines a file has; stops at the first that cannot be read.
fn count(file: File) -> io::Result<u64> {
    BufReader::new(file).split(b'\n').try_fold(0, |count, line| line.map(|_| count + 1))
}

/// Whether the last line of a file that is not empty was written whole.
fn ends(file: &mut File) -> io::Result<bool> {
    let mut last = [0];
    file.seek(SeekFrom::End(-1))?;
    file.read_exact(&mut last)?;
    Ok(last == *b"\n")
}
