//! The house's own rules, checked by the build: which room may know which, under which licences its
//! dependencies stand, and that every file says what it is for.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

/// What each room may depend on. A new entry is a decision: see docs/decisions.
const ROOMS: &[(&str, &[&str])] = &[
    (
        "bandeau-audit",
        &[
            "adblock",
            "aho-corasick",
            "bandeau-consent",
            "base64",
            "flate2",
            "getrandom",
            "md-5",
            "psl",
            "quick-xml",
            "robotxt",
            "serde",
            "serde_json",
            "sha1",
            "sha2",
            "thiserror",
            "tokio",
        ],
    ),
    ("bandeau-consent", &["psl", "sha2", "thiserror", "url"]),
    (
        "bandeau-gate",
        &[
            "bandeau-consent",
            "base64",
            "cssparser",
            "encoding_rs",
            "hmac",
            "htmlize",
            "http",
            "lol_html",
            "psl",
            "sfv",
            "sha2",
            "thiserror",
            "url",
        ],
    ),
    ("bandeau-banner", &["bandeau-consent", "icu_locale_core", "icu_plurals", "serde", "toml"]),
    (
        "bandeau-ledger",
        &[
            "bandeau-consent",
            "base64",
            "ed25519-dalek",
            "getrandom",
            "hmac",
            "rusqlite",
            "rustls",
            "serde",
            "serde_json",
            "sha2",
            "thiserror",
            "tokio",
            "tokio-postgres",
            "tokio-postgres-rustls",
            "tracing",
            "webpki-roots",
        ],
    ),
    (
        "bandeau",
        &[
            "arc-swap",
            "bandeau-audit",
            "bandeau-banner",
            "bandeau-consent",
            "bandeau-gate",
            "bandeau-ledger",
            "base64",
            "brotli",
            "bytes",
            "clap",
            "flate2",
            "getrandom",
            "hmac",
            "http",
            "http-body",
            "http-body-util",
            "hyper",
            "hyper-rustls",
            "hyper-util",
            "metrics",
            "metrics-exporter-prometheus",
            "rustls",
            "serde",
            "serde_json",
            "sha2",
            "simple-dns",
            "thiserror",
            "tokio",
            "tokio-rustls",
            "toml",
            "tracing",
            "tracing-subscriber",
            "url",
            "uuid",
            "zstd",
        ],
    ),
];

/// Licences that let a publisher run and ship the binary without asking.
const LICENCES: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "MPL-2.0",
    "OpenSSL",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// The packages for this very platform: those of others are not downloaded.
fn metadata() -> Value {
    let version = Command::new("rustc").arg("-vV").output().unwrap().stdout;
    let version = String::from_utf8(version).unwrap();
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked", "--filter-platform", host])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}

#[test]
fn rooms_know_only_what_they_may() {
    let metadata = metadata();
    let packages = metadata["packages"].as_array().unwrap();
    for (room, allowed) in ROOMS {
        let package = packages.iter().find(|package| text(package, "name") == *room).unwrap();
        let known: BTreeSet<&str> = package["dependencies"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|dependency| dependency["kind"].is_null())
            .map(|dependency| text(dependency, "name"))
            .collect();
        let allowed: BTreeSet<&str> = allowed.iter().copied().collect();
        let stray: Vec<_> = known.difference(&allowed).collect();
        assert!(stray.is_empty(), "{room} must not know {stray:?}");
        let idle: Vec<_> = allowed.difference(&known).collect();
        assert!(idle.is_empty(), "{room} no longer needs {idle:?}: take it from the table");
    }
}

#[test]
fn what_we_ship_may_be_shipped() {
    let metadata = metadata();
    let packages: BTreeMap<&str, &Value> =
        metadata["packages"].as_array().unwrap().iter().map(|package| (text(package, "id"), package)).collect();
    let nodes: BTreeMap<&str, &Value> =
        metadata["resolve"]["nodes"].as_array().unwrap().iter().map(|node| (text(node, "id"), node)).collect();
    let start = packages.iter().find(|(_, package)| text(package, "name") == "bandeau").unwrap().0;
    let (mut seen, mut queue) = (BTreeSet::new(), vec![*start]);
    while let Some(id) = queue.pop() {
        if !seen.insert(id) {
            continue;
        }
        let package = packages[id];
        let licence = text(package, "license");
        let expression = spdx::Expression::parse_mode(licence, spdx::ParseMode::LAX)
            .unwrap_or_else(|error| panic!("{}: licence {licence:?}: {error}", text(package, "name")));
        let fine = expression
            .evaluate(|requirement| requirement.license.id().is_some_and(|licence| LICENCES.contains(&licence.name)));
        assert!(fine, "{} is under {licence}, which is not on the list", text(package, "name"));
        for dependency in nodes[id]["deps"].as_array().unwrap() {
            let shipped = dependency["dep_kinds"].as_array().unwrap().iter().any(|kind| kind["kind"] != "dev");
            if shipped {
                queue.push(text(dependency, "pkg"));
            }
        }
    }
    assert!(seen.len() > 50, "only {} packages were looked at", seen.len());
}

fn sources(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn every_file_says_what_it_is_for_and_is_one_room() {
    let mut found = Vec::new();
    for dir in ["crates", "banner", "tests"] {
        sources(&root().join(dir), &mut found);
    }
    for path in &found {
        let text = std::fs::read_to_string(path).unwrap();
        assert!(text.starts_with("//!"), "{} does not say what it is for", path.display());
        let lines = text.lines().take_while(|line| !line.starts_with("#[cfg(test)]")).count();
        assert!(lines <= 400, "{} has {lines} lines before its tests: is it one room?", path.display());
    }
    assert!(found.len() > 60, "only {} files were looked at", found.len());
}

#[test]
fn the_house_has_no_rule_about_a_purpose() {
    let mut found = Vec::new();
    sources(&root().join("crates/bandeau/src"), &mut found);
    sources(&root().join("crates/gate/src"), &mut found);
    let ids = ["advertising", "social", "audience-plus"].map(|id| format!("\"{id}\""));
    for path in found.iter().filter(|path| !path.components().any(|part| part.as_os_str() == "demo")) {
        let text = std::fs::read_to_string(path).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap();
        for id in &ids {
            assert!(!code.contains(id.as_str()), "{} names the purpose {id}", path.display());
        }
    }
}
