//! The secret: 32 random bytes in a file of their own, made at the first start, from which the keys of
//! cookies and receipts are derived. Never logged.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, Mac as _};
use sha2::Sha256;
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

const HEADER: &str = "bandeau-secret-v1 ";

/// The secret of one installation.
pub(crate) struct Secret([u8; 32]);

impl Secret {
    /// A secret nobody keeps: for the demo.
    pub(crate) fn random() -> io::Result<Self> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).map_err(io::Error::other)?;
        Ok(Self(bytes))
    }

    /// Reads the secret, or makes it where there is none.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        match std::fs::read_to_string(path) {
            Ok(text) => Self::parse(&text).ok_or_else(|| {
                io::Error::new(
                    io::ErrorKind::InvalidData,
                    format!("does not begin with {HEADER:?} and 32 bytes in base64: restore it, or remove it to make a new one (visitors are then asked again)"),
                )
            }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Self::make(path),
            Err(error) => Err(error),
        }
    }

    fn parse(text: &str) -> Option<Self> {
        let bytes = STANDARD.decode(text.strip_prefix(HEADER)?.trim()).ok()?;
        bytes.try_into().ok().map(Self)
    }

    /// Makes a secret. It is written beside its place and moved there whole: a gateway that dies here leaves either no
    /// secret or one that can be read. Of two that start at once, the second takes what the first has made.
    fn make(path: &Path) -> io::Result<Self> {
        let mut draft = path.as_os_str().to_owned();
        draft.push(".new");
        let mut file = std::fs::OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(&draft)?;
        file.lock()?;
        // Whoever held the draft before may have made a secret of it: then this is that file, or one to spare.
        if path.try_exists()? {
            let _ = std::fs::remove_file(&draft);
            return Self::open(path);
        }
        let secret = Self::random()?;
        file.set_len(0)?;
        writeln!(file, "{HEADER}{}", STANDARD.encode(secret.0))?;
        file.sync_all()?;
        std::fs::rename(&draft, path)?;
        let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        std::fs::File::open(folder)?.sync_all()?;
        Ok(secret)
    }

    /// The key for one use.
    pub(crate) fn derive(&self, usage: &str) -> [u8; 32] {
        #[expect(clippy::expect_used, reason = "HMAC takes keys of any length (RFC 2104 §2)")]
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes keys of any length");
        mac.update(usage.as_bytes());
        mac.finalize().into_bytes().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_made_once_and_kept_from_others() {
        use std::os::unix::fs::PermissionsExt as _;
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("key");
        let one = Secret::open(&path).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(Secret::open(&path).unwrap().derive("x"), one.derive("x"));
        assert_ne!(one.derive("x"), one.derive("y"));
        std::fs::write(&path, "nonsense").unwrap();
        assert!(Secret::open(&path).is_err());
    }

    #[test]
    fn a_draft_somebody_died_over_is_no_secret() {
        let dir = tempfile::tempdir().unwrap();
        let (path, draft) = (dir.path().join("key"), dir.path().join("key.new"));
        std::fs::write(
            &draft,
            format!("{HEADER}half of a secret that was longer than it may ever be, {}", "x".repeat(99)),
        )
        .unwrap();
        let one = Secret::open(&path).unwrap();
        assert_eq!(Secret::open(&path).unwrap().derive("x"), one.derive("x"));
        assert!(!draft.exists());
    }

    #[test]
    fn gateways_that_start_at_once_have_one_secret() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("key");
        let start = std::sync::Barrier::new(8);
        let made: std::collections::HashSet<_> = std::thread::scope(|scope| {
            let open = || {
                start.wait();
                Secret::open(&path).unwrap().derive("x")
            };
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(open)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert_eq!(made.len(), 1);
    }
}
