//! The short code of a receipt: what a visitor can write down, in digits that are not taken for one another. Made of the
//! receipt's salt alone, so it says nothing of the record, and nobody who has it can tell the salt.

use bandeau_consent::Hasher;

/// Crockford's base32: no I, L, O or U.
const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// The short code of the receipt with this salt: 80 bits in four groups of four digits.
pub fn code(salt: &[u8; 32]) -> String {
    let digest = Hasher::new("bandeau code v1").field(salt).finish();
    let bits = digest.0[..10].iter().fold(0_u128, |bits, byte| bits << 8 | u128::from(*byte));
    let mut code = String::with_capacity(19);
    for at in 0..16_u32 {
        if at > 0 && at % 4 == 0 {
            code.push('-');
        }
        // Five bits are below 32.
        code.push(char::from(DIGITS[(bits >> (75 - 5 * at) & 31) as usize]));
    }
    code
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_is_the_vectors() {
        let salt = std::array::from_fn(|at| 0x60 + u8::try_from(at).unwrap());
        assert_eq!(code(&salt), "T6J3-ZCC0-5QR8-3MXG");
    }
}
