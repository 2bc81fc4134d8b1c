//! Gathers the catalogue: every `catalog/*.toml` becomes part of the build, under the name of its file, so that a new
//! entry needs no list. It does not read what is in them; a test does.

use std::fmt::Write as _;
use std::path::Path;

fn main() -> std::io::Result<()> {
    let room = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../catalog").canonicalize()?;
    // A directory counts with all that is in it.
    println!("cargo::rerun-if-changed={}", room.display());
    let mut names = Vec::new();
    for entry in std::fs::read_dir(&room)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            names.extend(path.file_stem().and_then(|name| name.to_str()).map(str::to_owned));
        }
    }
    names.sort_unstable();
    let mut entries = String::from("&[\n");
    for name in names {
        let file = room.join(format!("{name}.toml"));
        // `{:?}` writes what Rust reads: a backslash or a quote in a path stays one.
        let _ = writeln!(entries, "    ({name:?}, include_str!({file:?})),");
    }
    entries.push_str("]\n");
    let out = std::env::var_os("OUT_DIR").ok_or_else(|| std::io::Error::other("cargo names no OUT_DIR"))?;
    std::fs::write(Path::new(&out).join("catalog.rs"), entries)
}
