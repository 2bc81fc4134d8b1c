//! Names that last: a file is only as durable as the entry of its directory.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

/// Syncs the directory a file is in, so that its name lasts too.
pub(crate) fn settle(path: &Path) -> io::Result<()> {
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(directory)?.sync_all()
}

/// Replaces a file whole: whoever reads it sees the old text or the new one, also after a crash.
pub(crate) fn replace(path: &Path, text: &str) -> io::Result<()> {
    let mut beside = path.to_path_buf().into_os_string();
    // Two processes may do this at once, each with a file of its own; in containers both may have the same number.
    let mut own = [0; 8];
    getrandom::fill(&mut own).map_err(|error| io::Error::other(error.to_string()))?;
    beside.push(format!(".{:016x}", u64::from_be_bytes(own)));
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&beside)?;
    let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_all());
    if let Err(error) = written.and_then(|()| fs::rename(&beside, path)) {
        // What is half written is nobody's.
        let _ = fs::remove_file(&beside);
        return Err(error);
    }
    settle(path)
}
