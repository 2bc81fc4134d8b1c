//! What is committed of the scripts, and what it was made of: a made file older than its source fails here. It knows
//! the manifest that `face/make` writes, and needs nothing of what makes it.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

use sha2::{Digest as _, Sha256};
use std::fs;
use std::path::Path;

fn digest(path: &Path) -> String {
    Sha256::digest(fs::read(path).unwrap()).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn what_is_made_was_made_of_what_stands_here() {
    let face = Path::new(env!("CARGO_MANIFEST_DIR")).join("face");
    let manifest = fs::read_to_string(face.join("made/manifest")).unwrap();
    let mut listed = Vec::new();
    for line in manifest.lines() {
        let [name, source, made] = line.split(' ').collect::<Vec<_>>()[..] else {
            panic!("a line of the manifest is a name and two digests: {line}");
        };
        let again = "run `npm ci && npm run make` in banner/face/make";
        assert_eq!(digest(&face.join(name)), source, "{name} is newer than what was made of it: {again}");
        assert_eq!(digest(&face.join("made").join(name)), made, "made/{name} was changed by hand: {again}");
        listed.push(name.to_owned());
    }
    let scripts = |dir: &str| {
        let found =
            fs::read_dir(face.join(dir)).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        found.filter(|name| name.ends_with(".js")).map(|name| format!("{dir}{name}")).collect::<Vec<_>>()
    };
    let mut sources = [scripts(""), scripts("signals/")].concat();
    sources.sort();
    listed.sort();
    assert_eq!(listed, sources, "every script is made");
}
