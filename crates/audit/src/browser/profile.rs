//! The profile of a browser: a directory of its own, which goes with it.

use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

/// Removed when dropped.
pub(super) struct Profile(PathBuf);

impl Profile {
    pub(super) fn new() -> std::io::Result<Self> {
        let mut name = [0; 8];
        getrandom::fill(&mut name).map_err(|error| std::io::Error::other(error.to_string()))?;
        let path = std::env::temp_dir().join(format!("bandeau-audit-{:016x}", u64::from_be_bytes(name)));
        std::fs::DirBuilder::new().mode(0o700).create(&path)?;
        Ok(Self(path))
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Profile {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
