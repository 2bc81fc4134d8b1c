//! The pack as it leaves: a directory or a ZIP file, whole or not there at all.

use super::zip::zip;
use bandeau_consent::Digest;
use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

/// Files by name, in memory until all of them are there.
#[derive(Default)]
pub(super) struct Pack(BTreeMap<String, Vec<u8>>);

/// A place on the disk that is gone with its owner.
struct Draft(PathBuf);

impl Drop for Draft {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0).or_else(|_| fs::remove_file(&self.0));
    }
}

impl Pack {
    pub(super) fn put(&mut self, name: impl Into<String>, content: impl Into<Vec<u8>>) {
        self.0.insert(name.into(), content.into());
    }

    pub(super) fn files(&self) -> &BTreeMap<String, Vec<u8>> {
        &self.0
    }

    /// Writes it to a place where nothing is: beside it first, then moved there in one step.
    ///
    /// # Errors
    /// When something is there already, or cannot be written.
    pub(super) fn write(mut self, to: &Path) -> io::Result<()> {
        vacant(to)?;
        let sums: String = self.0.iter().map(|(name, content)| format!("{}  {name}\n", Digest::of(content))).collect();
        self.put("SHA256SUMS", sums);
        let name = to.file_name().and_then(|name| name.to_str()).unwrap_or("evidence");
        let beside = to.with_file_name(format!(".{name}.{}.part", std::process::id()));
        let draft = Draft(beside);
        if zipped(to) {
            let stem = to.file_stem().and_then(|stem| stem.to_str()).unwrap_or("evidence");
            let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft.0)?;
            file.write_all(&zip(stem, &self.0)?)?;
            file.sync_all()?;
        } else {
            for (name, content) in &self.0 {
                let path = draft.0.join(name);
                // Whoever reads a code can take the grant back: for its owner only.
                fs::DirBuilder::new().recursive(true).mode(0o700).create(path.parent().unwrap_or(&draft.0))?;
                fs::write(path, content)?;
            }
        }
        vacant(to)?;
        fs::rename(&draft.0, to)
    }
}

fn zipped(to: &Path) -> bool {
    to.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("zip"))
}

/// Nothing is overwritten.
///
/// # Errors
/// When something is there.
pub(super) fn vacant(to: &Path) -> io::Result<()> {
    match fs::symlink_metadata(to) {
        Ok(_) => Err(io::Error::new(
            io::ErrorKind::AlreadyExists,
            format!("{} is there already: nothing was written", to.display()),
        )),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pack() -> Pack {
        let mut pack = Pack::default();
        pack.put("b/c.txt", "c");
        pack.put("a.txt", "a");
        pack
    }

    fn names(dir: &Path) -> Vec<String> {
        let mut names: Vec<String> =
            fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_pack_is_whole_or_not_there() {
        let dir = tempfile::tempdir().unwrap();
        pack().write(&dir.path().join("one")).unwrap();
        assert_eq!(names(&dir.path().join("one")), ["SHA256SUMS", "a.txt", "b"]);
        let sums = fs::read_to_string(dir.path().join("one/SHA256SUMS")).unwrap();
        assert_eq!(sums, format!("{}  a.txt\n{}  b/c.txt\n", Digest::of("a"), Digest::of("c")));
        assert_eq!(pack().write(&dir.path().join("one")).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        pack().write(&dir.path().join("two.zip")).unwrap();
        let mut broken = pack();
        // A name that is a file and a directory at once.
        broken.put("a.txt/b", "b");
        assert!(broken.write(&dir.path().join("three")).is_err());
        assert_eq!(names(dir.path()), ["one", "two.zip"], "nothing half is left");
    }
}
