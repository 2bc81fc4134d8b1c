//! Versions of the mechanism: everything visitors are shown and held by, as files named by their SHA-256, and one manifest
//! over them (docs/spec/mechanism.md). It knows names, sizes and digests, and not what is in a file.

use crate::text::hex;
use bandeau_consent::Digest;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Which members a manifest has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum Format {
    #[serde(rename = "bandeau mechanism v1")]
    V1,
}

/// One file of a version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Its name: segments of `a-z`, `A-Z`, `0-9`, `-`, `_` and `.`, joined by `/`, none of which begins with a dot.
    pub name: String,
    /// Its media type.
    pub kind: &'static str,
    /// Its content.
    pub bytes: Vec<u8>,
}

/// What goes live.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// Which program, and which version of it.
    pub program: String,
    /// The digest of the policy, as records have it.
    pub policy: Digest,
    /// The languages that are offered to visitors, the site's first one first.
    pub languages: Vec<String>,
    /// The digest of the notice in every language there is, as records have it.
    pub notices: BTreeMap<String, Digest>,
    /// Its files.
    pub parts: Vec<Part>,
}

/// What names a version: one JSON object with exactly these members.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    format: Format,
    /// When it went live, in milliseconds since 1970-01-01T00:00:00Z.
    pub at: u64,
    /// Which program, and which version of it.
    pub program: String,
    /// The digest of the policy, as records have it.
    #[serde(with = "hex")]
    pub policy: Digest,
    /// The languages that are offered to visitors, the site's first one first.
    pub languages: Vec<String>,
    /// The digest of the notice in every language there is.
    pub notices: BTreeMap<String, Name>,
    /// The files, by name.
    pub files: BTreeMap<String, File>,
}

/// A digest in a map.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Name(#[serde(with = "hex")] pub Digest);

/// What a manifest says of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    /// The SHA-256 of its content, by which the archive holds it.
    #[serde(with = "hex")]
    pub sha256: Digest,
    /// How many bytes it has.
    pub size: u64,
    /// Its media type.
    #[serde(rename = "type")]
    pub kind: String,
}

impl Manifest {
    /// The manifest of a version that went live at a time.
    pub fn new(version: &Version, at: u64) -> Self {
        let file = |part: &Part| {
            let file = File { sha256: Digest::of(&part.bytes), size: part.bytes.len() as u64, kind: part.kind.into() };
            (part.name.clone(), file)
        };
        Self {
            format: Format::V1,
            at,
            program: version.program.clone(),
            policy: version.policy,
            languages: version.languages.clone(),
            notices: version.notices.iter().map(|(language, digest)| (language.clone(), Name(*digest))).collect(),
            files: version.parts.iter().map(file).collect(),
        }
    }

    /// Its one spelling: no white space, members in their order, names in the order of their bytes.
    ///
    /// # Errors
    /// Never, as far as is known: every value in it has a spelling.
    pub fn bytes(&self) -> Result<Vec<u8>, serde_json::Error> {
        serde_json::to_vec(self)
    }

    /// Reads a manifest. Another spelling of the same is none, and neither is one whose names could lead out of a
    /// directory.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let read: Self = serde_json::from_slice(bytes).ok()?;
        (read.files.keys().all(|name| plain(name)) && read.bytes().ok()? == bytes).then_some(read)
    }

    /// Whether two versions are the same, whenever they went live.
    pub fn same(&self, other: &Self) -> bool {
        Self { at: 0, ..self.clone() } == Self { at: 0, ..other.clone() }
    }
}

/// Whether a name can be that of a file in a directory.
fn plain(name: &str) -> bool {
    let letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    name.len() <= 200
        && name.split('/').all(|part| !part.is_empty() && !part.starts_with('.') && part.bytes().all(letter))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn version(words: &str) -> Version {
        let part = |name: &str, kind, bytes: &str| Part { name: name.into(), kind, bytes: bytes.into() };
        Version {
            program: "bandeau 0.1.0".into(),
            policy: Digest([5; 32]),
            languages: vec!["fr".into(), "en".into()],
            notices: [("fr".into(), Digest([6; 32])), ("en".into(), Digest([7; 32]))].into(),
            parts: vec![
                part("fr/notice.html", "text/html; charset=utf-8", words),
                part("configuration.toml", "application/toml", "[site]\n"),
            ],
        }
    }

    /// The vector of docs/spec/mechanism.md.
    #[test]
    fn a_manifest_has_one_spelling() {
        let manifest = Manifest::new(&version("<p>Bonjour"), 1_795_000_000_123);
        let bytes = manifest.bytes().unwrap();
        let text = String::from_utf8(bytes.clone()).unwrap();
        let spec = include_str!("../../../docs/spec/mechanism.md");
        assert!(spec.contains(&text), "{text}");
        let digest = Digest::of(&bytes).to_string();
        assert!(spec.contains(&digest), "{digest}");
        let mut turned = version("<p>Bonjour");
        turned.parts.reverse();
        assert_eq!(
            Manifest::new(&turned, 1_795_000_000_123).bytes().unwrap(),
            bytes,
            "whatever the order of the parts"
        );
        assert_eq!(Manifest::parse(&bytes), Some(manifest));
        for other in [
            format!("{text}\n"),
            text.replace("\"at\":", "\"at\": "),
            text.replace("\"program\"", "\"more\":1,\"program\""),
            text.replace("mechanism v1", "mechanism v2"),
            text.replace("0505", "0505 "),
        ] {
            assert_eq!(Manifest::parse(other.as_bytes()), None, "{other}");
        }
    }

    #[test]
    fn names_stay_in_their_directory() {
        let text = String::from_utf8(Manifest::new(&version(""), 1).bytes().unwrap()).unwrap();
        for name in ["../a", "/a", "a//b", "a/../b", ".a", "", "a/", "a\\\\b", "a b", "é"] {
            let other = text.replace("configuration.toml", name);
            assert_eq!(Manifest::parse(other.as_bytes()), None, "{name}");
        }
    }

    #[test]
    fn a_version_is_the_same_whenever_it_went_live() {
        let one = Manifest::new(&version("a"), 1);
        assert!(one.same(&Manifest::new(&version("a"), 2)));
        assert!(!one.same(&Manifest::new(&version("b"), 1)));
        let other = Version { policy: Digest([8; 32]), ..version("a") };
        assert!(!one.same(&Manifest::new(&other, 1)));
    }
}
