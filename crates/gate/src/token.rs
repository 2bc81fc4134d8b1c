//! The consent cookie: small, signed, HttpOnly. It says what is granted and since when, and carries the
//! visitor's pseudonym only when something is granted: who refused is not given a number.
//!
//! Layout, base64url without padding (RFC 4648 §5):
//! version 1 · asks 4 · minutes since the epoch 4 · grants 4 · [pseudonym 16] · HMAC-SHA256, first 16 bytes.
//! With `__Host-bandeau=` in front that is 54 bytes for a refusal and 75 for a grant. Version 2, which has what was
//! granted despite the signal of the browser after the grants, is written for who granted that and for nobody else.

use bandeau_consent::{Effective, Grants, Policy, Pseudonym, Standing};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, Mac as _};
use sha2::Sha256;

/// The versions there are: as it always was, and with what was granted despite the signal of the browser.
const PLAIN: u8 = 1;
const DESPITE: u8 = 2;
/// What tokens are signed for.
const DOMAIN: &[u8] = b"bandeau token v1";
const HEAD: usize = 13;
const TAG: usize = 16;
/// A grant of version 2, in base64url.
const LONGEST: usize = 66;
/// A token from further in the future than this (in seconds) was not made by our clock.
const SKEW: u64 = 300;

/// The name of the cookie. With the `__Host-` prefix (RFC 6265bis §4.1.3.2) no other host and no script can
/// set it; a plain-HTTP site cannot have the prefix.
pub fn cookie_name(secure: bool) -> &'static str {
    if secure { "__Host-bandeau" } else { "bandeau" }
}

/// The key tokens and tickets are signed with.
#[derive(Clone)]
pub struct Key([u8; 32]);

impl Key {
    /// A key of 32 secret bytes.
    pub fn new(secret: [u8; 32]) -> Self {
        Self(secret)
    }

    /// What signs `body` for one use: `domain` says which, and none is the beginning of another.
    pub(crate) fn mac(&self, domain: &[u8], body: &[u8]) -> Hmac<Sha256> {
        // Invariant: HMAC takes a key of any length (RFC 2104 §2), so this cannot fail.
        #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes keys of any length");
        mac.update(domain);
        mac.update(body);
        mac
    }
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key(secret)")
    }
}

/// What a token that was verified says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    asks: [u8; 4],
    minutes: u32,
    grants: Grants,
    /// Which of them were granted by who had been told that the signal of the browser is honoured.
    despite: Grants,
    /// Who it stands for; nobody when nothing is granted.
    pub pseudonym: Option<Pseudonym>,
}

/// What the cookies of a request claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Claim {
    /// Where the visitor stands.
    pub standing: Standing,
    /// What was granted despite the signal of the browser.
    pub despite: Grants,
    /// Who it stands for.
    pub pseudonym: Option<Pseudonym>,
    /// How many consent cookies were not ours, or not whole.
    pub forged: u32,
}

impl Token {
    /// A token for grants that may take effect, from `now` (seconds since the epoch) on.
    pub fn new(policy: &Policy, effective: Effective, pseudonym: Pseudonym, now: u64) -> Self {
        let grants = effective.grants();
        let pseudonym = (!grants.is_none()).then_some(pseudonym);
        let minutes = u32::try_from(now / 60).unwrap_or(u32::MAX);
        Self { asks: policy.asks().short(), minutes, grants, despite: Grants::NONE, pseudonym }
    }

    /// The same token for a visitor who had been told that the signal of the browser is honoured: what it grants of
    /// the purposes that sell or share was granted despite it, and stands under it (11 CCR 7025).
    #[must_use]
    pub fn told(self, policy: &Policy) -> Self {
        Self { despite: self.grants.and(policy.sale_grants()), ..self }
    }

    /// The cookie's value.
    pub fn write(&self, key: &Key) -> String {
        let mut bytes = Vec::with_capacity(HEAD + 4 + 16 + TAG);
        bytes.push(if self.despite.is_none() { PLAIN } else { DESPITE });
        bytes.extend(self.asks);
        bytes.extend(self.minutes.to_be_bytes());
        // Invariant: a policy asks at most 32 purposes, so the upper half is zero.
        bytes.extend(&self.grants.bits().to_be_bytes()[4..]);
        if !self.despite.is_none() {
            bytes.extend(&self.despite.bits().to_be_bytes()[4..]);
        }
        bytes.extend(self.pseudonym.iter().flat_map(|pseudonym| pseudonym.0));
        let tag = key.mac(DOMAIN, &bytes).finalize().into_bytes();
        bytes.extend(&tag[..TAG]);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Reads a cookie's value; nothing when it was not written with this key.
    pub fn read(value: &str, key: &Key) -> Option<Self> {
        if value.len() > LONGEST {
            return None;
        }
        let bytes = URL_SAFE_NO_PAD.decode(value).ok()?;
        let (body, tag) = bytes.split_at_checked(bytes.len().checked_sub(TAG)?)?;
        key.mac(DOMAIN, body).verify_truncated_left(tag).ok()?;
        let (head, rest) = body.split_at_checked(HEAD)?;
        let [version, a, b, c, d, m0, m1, m2, m3, g @ ..] = head else {
            return None;
        };
        let (despite, rest) = match *version {
            PLAIN => (0, rest),
            DESPITE => rest.split_first_chunk().map(|(bits, rest)| (u32::from_be_bytes(*bits), rest))?,
            _ => return None,
        };
        let pseudonym = match rest.len() {
            0 => None,
            _ => Some(Pseudonym(rest.try_into().ok()?)),
        };
        let bits = u32::from_be_bytes(g.try_into().ok()?);
        #[expect(clippy::disallowed_methods, reason = "the signature over these bits was verified above")]
        let [grants, despite] = [bits, despite].map(|bits| Grants::restore(u64::from(bits)));
        let minutes = u32::from_be_bytes([*m0, *m1, *m2, *m3]);
        Some(Self { asks: [*a, *b, *c, *d], minutes, grants, despite, pseudonym })
    }

    /// What it grants.
    pub fn grants(&self) -> Grants {
        self.grants
    }

    /// Where it puts the visitor from the moment it was made.
    pub(crate) fn answered(&self) -> Standing {
        Standing::Decided(self.grants)
    }

    /// What was granted despite the signal of the browser.
    pub(crate) fn despite(&self) -> Grants {
        self.despite
    }

    /// Where it puts the visitor, at `now` and with choices kept for `keep` (both in seconds).
    pub fn standing(&self, policy: &Policy, now: u64, keep: u64) -> Standing {
        let at = u64::from(self.minutes) * 60;
        if at > now + SKEW || now > at.saturating_add(keep) {
            Standing::Undecided
        } else if self.asks != policy.asks().short() {
            Standing::Stale
        } else {
            Standing::Decided(self.grants)
        }
    }

    /// Whether this token counts instead of the other: it is newer or, made in the same minute, grants less.
    fn outdates(&self, other: &Self) -> bool {
        let both = |token: &Self| (token.grants, token.despite);
        let less = both(self) != both(other)
            && self.grants.within(other.grants)
            && (self.grants != other.grants || self.despite.within(other.despite));
        self.minutes > other.minutes || self.minutes == other.minutes && less
    }

    /// Reads every consent cookie of a request (there may be several, on the host and on a parent domain)
    /// and believes the newest that is ours.
    pub fn claim<'a>(values: impl Iterator<Item = &'a str>, key: &Key, policy: &Policy, now: u64, keep: u64) -> Claim {
        let mut claim = Claim::default();
        let mut newest: Option<Self> = None;
        for value in values {
            match Self::read(value, key) {
                Some(token) if newest.is_none_or(|other| token.outdates(&other)) => newest = Some(token),
                Some(_) => {}
                None => claim.forged += 1,
            }
        }
        if let Some(token) = newest {
            claim.standing = token.standing(policy, now, keep);
            claim.despite = token.despite;
            claim.pseudonym = token.pseudonym;
        }
        claim
    }
}
