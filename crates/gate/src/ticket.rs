//! Tickets: what opens one embed in its place, for minutes, without changing where its visitor stands. A ticket is
//! made of evidence that the decision for it is on record. It knows no documents and keeps no list: within its life
//! it opens the same embed again, and nothing else.
//!
//! Layout, base64url without padding (RFC 4648 §5): seconds since the epoch when it ends 8 · grants 4 · HMAC-SHA256,
//! first 16 bytes. The HMAC covers what is bound as well: the policy, the site's origin, the standing and pseudonym of
//! the visitor it was made for, the element and its address. None of that is in the ticket.

use crate::lock;
use crate::{Key, Plan, allowlist, allowlist::Reachable, cache, permissions};
use bandeau_consent::{Grants, Hasher, HostPattern, Once, Service, Standing};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::Mac as _;
use http::HeaderMap;
use http::header::{CONTENT_SECURITY_POLICY, HeaderValue};
use url::Url;

/// What tickets are signed for, so that none is read as anything else signed with the key.
const DOMAIN: &[u8] = b"bandeau ticket v1";
const HEAD: usize = 12;
const TAG: usize = 16;
/// A ticket in base64url.
const LENGTH: usize = 38;

/// How long a ticket opens its embed, in seconds.
pub const LIFE: u64 = 300;

/// The one embed a ticket is for.
#[derive(Debug, Clone, Copy)]
pub struct Seat<'a> {
    /// The element it stands in, by its name.
    pub tag: &'a str,
    /// Its address.
    pub url: &'a Url,
}

impl Plan {
    /// A ticket for one embed, for the visitor of this request.
    pub fn ticket(&self, once: Once, key: &Key, seat: Seat<'_>) -> String {
        let mut bytes = Vec::with_capacity(HEAD + TAG);
        bytes.extend((self.now() + LIFE).to_be_bytes());
        // Invariant: a policy asks at most 32 purposes, so the upper half is zero.
        bytes.extend(&once.grants().bits().to_be_bytes()[4..]);
        let tag = key.mac(DOMAIN, &self.bound(&bytes, seat)).finalize().into_bytes();
        bytes.extend(&tag[..TAG]);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// This plan with what a ticket grants for one embed; nothing where the ticket is not for it, was made for another
    /// visitor, another standing or another policy, or has run out.
    pub fn admit(&self, ticket: &str, key: &Key, seat: Seat<'_>) -> Option<Self> {
        if ticket.len() != LENGTH {
            return None;
        }
        let bytes = URL_SAFE_NO_PAD.decode(ticket).ok()?;
        let (head, tag) = bytes.split_at_checked(HEAD)?;
        key.mac(DOMAIN, &self.bound(head, seat)).verify_truncated_left(tag).ok()?;
        let (ends, grants) = head.split_first_chunk()?;
        let (ends, now) = (u64::from_be_bytes(*ends), self.now());
        // Neither run out nor made by a clock that is ahead of ours.
        if now > ends || ends > now + LIFE {
            return None;
        }
        let bits = u32::from_be_bytes(grants.try_into().ok()?);
        #[expect(clippy::disallowed_methods, reason = "the signature over these bits was verified above")]
        let grants = Grants::restore(u64::from(bits));
        Some(self.standing_at(Standing::Decided(grants)))
    }

    /// What is signed: the ticket's own bytes, and all it is bound to.
    fn bound(&self, head: &[u8], seat: Seat<'_>) -> [u8; 32] {
        let standing = [u8::from(self.answered.asks()), u8::from(self.gpc)];
        let pseudonym = self.pseudonym.map_or(Vec::new(), |pseudonym| pseudonym.0.to_vec());
        Hasher::new("bandeau ticket v1")
            .field(head)
            .field(self.policy().hash().0)
            .field(self.page.origin().ascii_serialization())
            .field(standing)
            .field(self.answered.grants().bits().to_be_bytes())
            .field(pseudonym)
            .list([seat.tag, seat.url.as_str()])
            .finish()
            .0
    }

    /// Locks a document that shows one embed of a service and nothing else: its hosts alone may be reached, as far as
    /// nothing else holds them, and no form may be sent.
    pub fn lock_to(&self, headers: &mut HeaderMap, service: &Service) {
        let open = lock::open(self.policy(), self.standing).filter(|host| service.hosts.contains(host));
        let hosts: Vec<HostPattern> = open.cloned().collect();
        let list: String = hosts.iter().flat_map(lock::sources).map(|source| format!(" {source}")).collect();
        let text = format!("default-src 'unsafe-inline'{list}; form-action 'none'");
        // Invariant: hosts are ASCII from the URL parser and paths were escaped, so this is a header value.
        let value = HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static("default-src 'none'"));
        headers.append(CONTENT_SECURITY_POLICY, value);
        allowlist::put(headers, &Reachable::of(hosts, service.webrtc), self.strangers(), &self.means);
        permissions::refuse(headers);
        cache::mark(headers, &self.state());
    }
}
