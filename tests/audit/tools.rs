//! Installs the consent tools from the registry, as the lock file beside this says, into a directory of the build.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Where they are, or why they are not.
pub(crate) fn install() -> Result<PathBuf, String> {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/audit");
    let to = Path::new(env!("CARGO_TARGET_TMPDIR")).join("audit-tools");
    let lock = std::fs::read(from.join("package-lock.json")).unwrap();
    // The stamp says that exactly this lock file was installed, whole.
    if std::fs::read(to.join(".stamp")).is_ok_and(|stamp| stamp == lock) {
        return Ok(to);
    }
    std::fs::create_dir_all(&to).map_err(|error| format!("{}: {error}", to.display()))?;
    for file in ["package.json", "package-lock.json"] {
        std::fs::copy(from.join(file), to.join(file)).map_err(|error| format!("{file}: {error}"))?;
    }
    let mut npm = Command::new("npm");
    npm.args([
        "ci",
        "--ignore-scripts",
        "--omit=optional",
        "--omit=peer",
        "--no-audit",
        "--no-fund",
        "--loglevel=error",
    ]);
    let done = npm.current_dir(&to).output().map_err(|error| format!("npm cannot be started: {error}"))?;
    if !done.status.success() {
        return Err(format!("npm ci failed: {}", String::from_utf8_lossy(&done.stderr)));
    }
    std::fs::write(to.join(".stamp"), lock).map_err(|error| error.to_string())?;
    Ok(to)
}
