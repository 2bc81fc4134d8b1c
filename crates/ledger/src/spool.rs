//! The file beside the store where noted records wait out an outage: JSON Lines, synced, readable by its
//! owner only. Knows nothing of the store; what is read back is handed to whoever drains it.
//!
//! Each line is marked by the book's key, so that nobody who can merely write here gets the book to sign
//! a record that was never made. The file is locked while it is used: during a restart two gateways
//! may share it for a moment. Lines that cannot be read are set aside in `….unread`, never deleted.

use crate::row::Row;
use crate::signer::Signer;
use crate::store::Fault;
use crate::text::armor;
use serde::{Deserialize, Serialize};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, BufRead as _, BufReader, ErrorKind, Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::PathBuf;
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

/// The waiting room on disk.
pub(crate) struct Spool {
    path: PathBuf,
    waiting: u64,
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
        let waiting = match File::open(&path).and_then(count) {
            Ok(lines) => lines,
            Err(error) if error.kind() == ErrorKind::NotFound => 0,
            // It is there and cannot be read now: draining will say why.
            Err(_) => 1,
        };
        Self { path, waiting }
    }

    /// How many lines wait.
    pub(crate) fn waiting(&self) -> u64 {
        self.waiting
    }

    /// Adds rows, all or none, and returns when they are synced.
    pub(crate) fn append<'a>(&mut self, rows: impl Iterator<Item = &'a Row>, signer: &Signer) -> io::Result<()> {
        let (mut lines, mut count) = (Vec::new(), 0);
        for row in rows {
            let line = Line { format: Format::V1, row: row.clone(), mark: signer.mark(row.leaf(None)) };
            serde_json::to_writer(&mut lines, &line)?;
            lines.push(b'\n');
            count += 1;
        }
        let mut file = self.hold(20)?;
        let before = file.metadata()?.len();
        if before > 0 && !ends(&mut file)? {
            // A torn line must not swallow the next.
            lines.insert(0, b'\n');
        }
        if let Err(error) = file.write_all(&lines).and_then(|()| file.sync_all()) {
            // What was half written would otherwise be a torn line; if even this fails it is one.
            let _ = file.set_len(before);
            return Err(error);
        }
        self.waiting += count;
        Ok(())
    }

    /// Hands all rows on, oldest first, and removes the file once they were all taken. Returns how many
    /// lines could not be read.
    pub(crate) fn drain(
        &mut self,
        signer: &Signer,
        mut take: impl FnMut(&[Row]) -> Result<(), Fault>,
    ) -> Result<u64, Halt> {
        let file = self.hold(1)?;
        let (mut portion, mut unread) = (Vec::new(), Vec::new());
        for line in BufReader::new(&file).split(b'\n') {
            let line = line?;
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
        fs::remove_file(&self.path)?;
        self.waiting = 0;
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
                    let (held, found) = (file.metadata()?, fs::metadata(&self.path));
                    if found.is_ok_and(|found| (found.dev(), found.ino()) == (held.dev(), held.ino())) {
                        return Ok(file);
                    }
                }
                Err(TryLockError::WouldBlock) => {}
                Err(TryLockError::Error(error)) => return Err(error),
            }
        }
        Err(io::Error::new(ErrorKind::WouldBlock, "another process is using the spool"))
    }
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
