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
    // Two processes may do this at once, each with a file of its own.
    beside.push(format!(".{}", std::process::id()));
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&beside)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&beside, path)?;
    settle(path)
}
