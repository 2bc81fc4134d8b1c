//! The spellings that the text formats share: numbers, hashes, names. Each value has one spelling, so that a text cannot
//! be changed and still say the same.

use bandeau_consent::Digest;
use base64::{Engine as _, engine::general_purpose::STANDARD};

/// A decimal number without leading zeroes or a sign.
pub(crate) fn number(text: &str) -> Option<u64> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    if plain { text.parse().ok() } else { None }
}

/// Base64 with padding and without stray bits (RFC 4648 §4, §3.5).
pub(crate) fn unarmor(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

/// Bytes in base64.
pub(crate) fn armor(bytes: impl AsRef<[u8]>) -> String {
    STANDARD.encode(bytes)
}

/// A hash in base64.
pub(crate) fn hash(text: &str) -> Option<Digest> {
    Some(Digest(unarmor(text)?.try_into().ok()?))
}

/// Whether a key may be called this: something, without Unicode spaces, plus signs (signed-note, "Format") or control
/// characters, which no note may hold.
pub(crate) fn is_name(text: &str) -> bool {
    !text.is_empty() && !text.chars().any(|letter| letter.is_whitespace() || letter.is_control() || letter == '+')
}
