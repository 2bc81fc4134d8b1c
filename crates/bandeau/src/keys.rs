//! The secret: 32 random bytes in a file of their own, made at the first start, from which the keys of
//! cookies and receipts are derived. Never logged.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, Mac as _};
use sha2::Sha256;
use std::io::{self, Write as _};
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
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let secret = Self::random()?;
                secret.save(path)?;
                Ok(secret)
            }
            Err(error) => Err(error),
        }
    }

    fn parse(text: &str) -> Option<Self> {
        let bytes = STANDARD.decode(text.strip_prefix(HEADER)?.trim()).ok()?;
        bytes.try_into().ok().map(Self)
    }

    fn save(&self, path: &Path) -> io::Result<()> {
        use std::os::unix::fs::OpenOptionsExt as _;
        let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
        writeln!(file, "{HEADER}{}", STANDARD.encode(self.0))?;
        file.sync_all()
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
}
