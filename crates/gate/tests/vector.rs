//! The vector of `docs/spec/token.md`: two consent cookies and what they say. When this fails, a stored format
//! has changed: that is a new version, not a new vector.
#![allow(missing_docs, clippy::unwrap_used)]

mod support;
use bandeau_consent::{Pseudonym, Standing};
use bandeau_gate::{Key, Token, cookie_name};
use support::{KEEP, NOW, cookie, key, policy, token, told};

const ASKS: &str = "d49578bb";
const GRANTED: &str = "AdSVeLsBycOAAAAAAgkJCQkJCQkJCQkJCQkJCQnpmOK6GiPUwlMU_lory0X4";
const TOLD: &str = "AtSVeLsBycOAAAAAAwAAAAEJCQkJCQkJCQkJCQkJCQkJ-eW7LMZ4Nxipp69TVFVH9w";
const REFUSED: &str = "AdSVeLsBycOAAAAAAHBcpU8oM6YnfJM9jpQ6eI4";

#[test]
fn the_cookies_are_the_vectors() {
    let asks: String = policy().asks().short().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(asks, ASKS);
    assert_eq!(cookie(&["social"]), format!("__Host-bandeau={GRANTED}"));
    assert_eq!(cookie(&[]), format!("__Host-bandeau={REFUSED}"));
    assert_eq!(told(&["ads", "social"]), format!("__Host-bandeau={TOLD}"));
    assert_eq!((cookie_name(true), cookie_name(false)), ("__Host-bandeau", "bandeau"));
}

#[test]
fn the_vectors_say_what_the_specification_says() {
    let granted = Token::read(GRANTED, &key()).unwrap();
    assert_eq!(granted.pseudonym, Some(Pseudonym([9; 16])));
    let Standing::Decided(grants) = granted.standing(&policy(), NOW, KEEP) else { panic!("not decided") };
    assert_eq!(grants.bits(), 0b010, "the second purpose asked, and no other");
    let both = Token::read(TOLD, &key()).unwrap();
    assert_eq!(both, token(&["ads", "social"]).told(&policy()), "the first of them sells, and was granted despite");
    let refused = Token::read(REFUSED, &key()).unwrap();
    assert_eq!(refused.pseudonym, None);
    let Standing::Decided(grants) = refused.standing(&policy(), NOW, KEEP) else { panic!("not decided") };
    assert!(grants.is_none());
    assert!(Token::read(GRANTED, &Key::new([8; 32])).is_none());
}
