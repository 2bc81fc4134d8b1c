//! Records: one decision each, never updated. Receipts: evidence that a record is durable.

use crate::{Decision, Digest, Effective, Grants, Hasher, Once, Policy, Source};
use std::fmt;

macro_rules! tokens {
    ($($(#[$doc:meta])* $name:ident),+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub [u8; 16]);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }

        impl $name {
            /// Reads 32 hexadecimal digits.
            pub fn parse(read: &str) -> Option<Self> {
                if read.len() != 32 || !read.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                    return None;
                }
                u128::from_str_radix(read, 16).ok().map(|number| Self(number.to_be_bytes()))
            }
        }
    )+};
}

tokens! {
    /// The name of a record: a UUID of version 7.
    RecordId,
    /// A random number that stands for a visitor who granted something, and says nothing else.
    Pseudonym
}

/// What a decision changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Event {
    /// Something was granted that was not before.
    Given,
    /// Everything was refused, and nothing had been granted.
    Refused,
    /// Something that had been granted was taken back, and nothing new was granted.
    Withdrawn,
    /// The same answer again.
    Renewed,
    /// Nobody decided anything: what had been granted has run out.
    Expired,
}

impl Event {
    /// The word used in records.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Given => "given",
            Self::Refused => "refused",
            Self::Withdrawn => "withdrawn",
            Self::Renewed => "renewed",
            Self::Expired => "expired",
        }
    }

    /// What it means to go from some grants to others.
    pub fn between(before: Grants, after: Grants) -> Self {
        match () {
            () if !after.within(before) => Self::Given,
            () if !before.within(after) => Self::Withdrawn,
            () if after.is_none() => Self::Refused,
            () => Self::Renewed,
        }
    }
}

/// One decision, as it is kept. Holds no address, no user agent and no page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Its name.
    pub id: RecordId,
    /// For whom it stands.
    pub pseudonym: Pseudonym,
    /// When, in milliseconds since 1970-01-01T00:00:00Z, by the gateway's clock.
    pub at: u64,
    /// What was decided, on which notice, in which language, where.
    pub decision: Decision,
    /// What it changed.
    pub event: Event,
    /// The policy in force.
    pub policy: Digest,
    /// How long the choice stands, in seconds.
    pub keep: u64,
}

impl Record {
    /// The digest a receipt signs: every field, length-prefixed, in a fixed order.
    ///
    /// `previous` is the record of the same pseudonym that this one follows, as the book found it.
    pub fn leaf(&self, previous: Option<RecordId>) -> Digest {
        let decision = &self.decision;
        Hasher::new("bandeau record v1")
            .field(self.id.0)
            .field(self.pseudonym.0)
            .field(previous.map_or(Vec::new(), |id| id.0.to_vec()))
            .field(self.at.to_be_bytes())
            .field(self.event.as_str())
            .field(decision.notice().0)
            .field(self.policy.0)
            .field(decision.language().as_str())
            .field(decision.origin().as_ref())
            .field(self.keep.to_be_bytes())
            .list(decision.choices().iter().flat_map(|(id, choice)| [id.as_str(), choice.as_str()]))
            .finish()
    }
}

/// Evidence that a record is durable: it exists only after the store said so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    record: Record,
    previous: Option<RecordId>,
    salt: Salt,
    signature: [u8; 64],
}

/// 32 random bytes that keep a commitment to a record from being guessed. They are erased with the record.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Salt(pub [u8; 32]);

impl fmt::Debug for Salt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Salt(secret)")
    }
}

impl Receipt {
    /// Attests that a record is durable. Called by the book once the store has synced, and by nobody
    /// else: the build forbids it elsewhere.
    pub fn attest(record: Record, previous: Option<RecordId>, salt: Salt, signature: [u8; 64]) -> Self {
        Self { record, previous, salt, signature }
    }

    /// The record.
    pub fn record(&self) -> &Record {
        &self.record
    }

    /// The record it follows, if any.
    pub fn previous(&self) -> Option<RecordId> {
        self.previous
    }

    /// What the log's commitment to the record is salted with.
    pub fn salt(&self) -> Salt {
        self.salt
    }

    /// The Ed25519 signature over [`Record::leaf`] by the book's key.
    pub fn signature(&self) -> &[u8; 64] {
        &self.signature
    }

    /// What the recorded decision makes effective; nothing where it was for this once, which no cookie may carry on.
    pub fn effective(&self, policy: &Policy) -> Effective {
        match self.record.decision.source() {
            Source::Once => Effective(Grants::NONE),
            _ => Effective(self.record.decision.grants(policy)),
        }
    }

    /// What the recorded decision opens this once, if that is what it was for.
    pub fn once(&self, policy: &Policy) -> Option<Once> {
        let decision = &self.record.decision;
        (decision.source() == Source::Once).then(|| Once(decision.grants(policy)))
    }
}

impl Decision {
    /// What this decision grants, by the order of a policy.
    pub fn grants(&self, policy: &Policy) -> Grants {
        use crate::Choice::Grant;
        Grants::from_flags(policy.asked().map(|purpose| self.choice(&purpose.id) == Some(Grant)))
    }

    /// The part of this decision that needs no receipt: what it leaves of the grants that already stand.
    pub fn narrowed(&self, policy: &Policy, standing: Grants) -> Effective {
        Effective(self.grants(policy).and(standing))
    }
}
