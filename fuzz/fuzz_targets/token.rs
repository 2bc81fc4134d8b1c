//! Consent cookies: no bytes of others are believed, ours read back as they were written, and a changed one is
//! no token.
#![no_main]

use bandeau_consent::Standing;
use bandeau_fuzz::{KEEP, NOW, key, policy, token};
use bandeau_gate::{Key, Token};
use libfuzzer_sys::fuzz_target;

const PURPOSES: [&str; 3] = ["ads", "social", "media"];

fuzz_target!(|data: (u8, [u8; 16], u32, u8, u8, &str)| {
    let (bits, pseudonym, later, at, letter, foreign) = data;
    // Under a key that signs nothing here: libFuzzer learns what is signed by watching comparisons.
    assert!(Token::read(foreign, &Key::new([6; 32])).is_none(), "{foreign:?} was believed");
    let _ = Token::read(foreign, &key());
    let granted: Vec<&str> =
        PURPOSES.into_iter().enumerate().filter(|(at, _)| bits >> at & 1 == 1).map(|(_, p)| p).collect();
    let made = token(&granted, pseudonym, NOW);
    let text = made.write(&key());
    assert_eq!(Token::read(&text, &key()), Some(made));
    assert!(Token::read(&text, &Key::new([8; 32])).is_none());
    let policy = policy();
    // What was granted at some minute stands from there on for as long as it is kept, and not beyond.
    let start = NOW / 60 * 60;
    let now = start + u64::from(later);
    let standing = made.standing(&policy, now, KEEP);
    assert_eq!(matches!(standing, Standing::Decided(_)), u64::from(later) <= KEEP, "{later}");
    assert_eq!(standing.grants().bits() == u64::from(bits & 7), u64::from(later) <= KEEP || bits & 7 == 0);
    let mut changed = text.clone().into_bytes();
    let at = usize::from(at) % changed.len();
    changed[at] = letter;
    if let Ok(changed) = std::str::from_utf8(&changed)
        && changed != text
    {
        assert!(Token::read(changed, &key()).is_none(), "{changed:?} was believed");
    }
});
