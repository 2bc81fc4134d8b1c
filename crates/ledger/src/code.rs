//! The short code of a receipt: what a visitor can copy by hand, and what finds the record again. It is made of the
//! salt, so whoever has the receipt has the code, and whoever reads the book's index has neither.

use bandeau_consent::{Hasher, Salt};
use std::fmt;

/// Crockford's base32: no I, L, O or U.
const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// 80 bits, written as four groups of four.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Code([u8; 10]);

/// What a record is found by with its code: a digest of it, so that the store alone does not give codes away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Handle(pub(crate) [u8; 16]);

impl Code {
    pub(crate) fn of(salt: Salt) -> Self {
        let digest = Hasher::new("bandeau code v1").field(salt.0).finish();
        let mut code = [0; 10];
        code.copy_from_slice(&digest.0[..10]);
        Self(code)
    }

    /// Reads what was typed: any case, with or without dashes and spaces, I and L for 1, O for 0.
    pub fn parse(read: &str) -> Option<Self> {
        if read.len() > 64 {
            return None;
        }
        let mut bits = 0_u128;
        let mut count = 0;
        for byte in read.bytes().filter(|byte| !matches!(byte, b'-' | b' ')) {
            let digit = match byte.to_ascii_uppercase() {
                b'I' | b'L' => b'1',
                b'O' => b'0',
                other => other,
            };
            let value = DIGITS.iter().position(|known| *known == digit)?;
            bits = bits << 5 | value as u128;
            count += 1;
        }
        if count != 16 {
            return None;
        }
        let mut code = [0; 10];
        code.copy_from_slice(&bits.to_be_bytes()[6..]);
        Some(Self(code))
    }

    pub(crate) fn handle(self) -> Handle {
        let digest = Hasher::new("bandeau handle v1").field(self.0).finish();
        let mut handle = [0; 16];
        handle.copy_from_slice(&digest.0[..16]);
        Handle(handle)
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bits = [0; 16];
        bits[6..].copy_from_slice(&self.0);
        let bits = u128::from_be_bytes(bits);
        for at in 0..16 {
            if at > 0 && at % 4 == 0 {
                f.write_str("-")?;
            }
            let digit = DIGITS[(bits >> (75 - 5 * at)) as usize & 31];
            write!(f, "{}", char::from(digit))?;
        }
        Ok(())
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Code(secret)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_hands_write_is_read() {
        let code = Code([0x08, 0x42, 0x10, 0x84, 0x21, 0x08, 0x42, 0x10, 0x84, 0x21]);
        assert_eq!(code.to_string(), "1111-1111-1111-1111");
        for typed in ["1111111111111111", "iiii-llll-IIII 1111", " 1111 1111 1111 1111 "] {
            assert_eq!(Code::parse(typed), Some(code), "{typed}");
        }
        for wrong in ["", "1111-1111-1111-111", "1111-1111-1111-11111", "U111-1111-1111-1111", "é111-1111-1111-1111"] {
            assert_eq!(Code::parse(wrong), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn codes_read_back(salt: [u8; 32]) {
            let code = Code::of(Salt(salt));
            prop_assert_eq!(Code::parse(&code.to_string()), Some(code));
        }

        #[test]
        fn nothing_typed_breaks_it(typed in ".{0,80}") {
            let _ = Code::parse(&typed);
        }
    }
}
