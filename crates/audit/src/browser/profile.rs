//! The profile of a browser: a directory of its own, which goes with it. Knows one preference: cookies of third parties are
//! kept, as in a browser whose owner has changed nothing; without a window Chromium would hold them back.

use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

/// What a fresh profile says.
const PREFERENCES: &str = r#"{"profile":{"cookie_controls_mode":0,"block_third_party_cookies":false}}"#;

/// Removed when dropped.
#[derive(Debug)]
pub(crate) struct Profile(PathBuf);

impl Profile {
    pub(crate) fn new() -> std::io::Result<Self> {
        let mut name = [0; 8];
        getrandom::fill(&mut name).map_err(|error| std::io::Error::other(error.to_string()))?;
        let path = std::env::temp_dir().join(format!("bandeau-audit-{:016x}", u64::from_be_bytes(name)));
        std::fs::DirBuilder::new().mode(0o700).create(&path)?;
        Ok(Self(path))
    }

    /// Writes the preferences a browser begins with.
    pub(super) fn prefer(&self) -> std::io::Result<()> {
        let place = self.0.join("Default");
        std::fs::create_dir(&place)?;
        std::fs::write(place.join("Preferences"), PREFERENCES)
    }

    /// Removes it, as far as nobody writes to it meanwhile.
    pub(super) fn remove(&self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }

    /// Whether it is not there.
    pub(super) fn gone(&self) -> bool {
        !self.0.exists()
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Profile {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
