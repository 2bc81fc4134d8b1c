//! Standings: where a visitor stands now, and the evidence that a standing alone can give.

use crate::{Policy, Purpose};

/// Which of the asked purposes are granted: one bit each, in the policy's order.
///
/// Has no public constructor from bits but [`Grants::restore`], which only a verified token may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Grants(u64);

impl Grants {
    /// Nothing granted.
    pub const NONE: Self = Self(0);

    /// Bits read from a token whose signature was verified. Called by the token reader and by nobody
    /// else: the build forbids it elsewhere.
    pub fn restore(bits: u64) -> Self {
        Self(bits)
    }

    pub(crate) fn from_flags(flags: impl IntoIterator<Item = bool>) -> Self {
        Self(flags.into_iter().enumerate().fold(0, |bits, (at, on)| bits | (u64::from(on) << at)))
    }

    /// The bits, to be written into a token.
    pub fn bits(self) -> u64 {
        self.0
    }

    /// What both grant.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// What either grants.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether everything granted here is granted there too.
    pub fn within(self, other: Self) -> bool {
        self.0 & !other.0 == 0
    }

    /// Whether nothing is granted.
    pub fn is_none(self) -> bool {
        self.0 == 0
    }

    pub(crate) fn has(self, at: usize) -> bool {
        at < 64 && self.0 >> at & 1 == 1
    }
}

/// Where a visitor stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Standing {
    /// No answer, or one that has run out: nothing is granted.
    #[default]
    Undecided,
    /// An answer that stands.
    Decided(Grants),
    /// An answer to a notice that has materially changed: nothing is granted, and the notice asks again.
    Stale,
}

impl Standing {
    /// What is granted now.
    pub fn grants(self) -> Grants {
        match self {
            Self::Decided(grants) => grants,
            Self::Undecided | Self::Stale => Grants::NONE,
        }
    }

    /// Whether the visitor has to be asked.
    pub fn asks(self) -> bool {
        !matches!(self, Self::Decided(_))
    }

    /// The standing under a browser's `Sec-GPC: 1`: purposes that sell or share are off, but for those granted
    /// `despite` the signal, by a visitor who had been told that it was honoured (11 CCR 7025).
    /// Never a consent, and never an answer: who was undecided stays so.
    #[must_use]
    pub fn under_gpc(self, policy: &Policy, despite: Grants) -> Self {
        match self {
            Self::Decided(grants) => {
                let kept = Grants::from_flags(policy.asked().map(|purpose| !purpose.sale));
                Self::Decided(grants.and(kept.or(despite)))
            }
            other => other,
        }
    }

    /// The colour of the band.
    pub fn colour(self, policy: &Policy) -> Colour {
        match self {
            Self::Undecided | Self::Stale => Colour::Neutral,
            Self::Decided(grants) if grants.is_none() => Colour::Red,
            Self::Decided(grants) if grants == policy.all_grants() => Colour::Green,
            Self::Decided(_) => Colour::Amber,
        }
    }
}

/// The colour of the band. A text and a shape always say the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Colour {
    /// No answer yet.
    Neutral,
    /// Storing and profile creation are authorised.
    Green,
    /// Some are.
    Amber,
    /// All are refused.
    Red,
}

/// Evidence that something may pass. Only a policy asked about a standing makes one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Permit(());

impl Permit {
    pub(crate) const fn new() -> Self {
        Self(())
    }
}

/// What happens to one host, cookie, key or route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict<'p> {
    /// It may pass.
    Pass(Permit),
    /// It is held until this purpose is granted.
    Hold(&'p Purpose),
    /// Nobody declared it, and the policy holds what nobody declared.
    Unknown,
}

impl Verdict<'_> {
    /// The permit, if there is one.
    pub fn permit(self) -> Option<Permit> {
        match self {
            Self::Pass(permit) => Some(permit),
            Self::Hold(_) | Self::Unknown => None,
        }
    }

    /// Whether it may pass.
    pub fn passes(self) -> bool {
        self.permit().is_some()
    }
}

/// Grants that may be written into a token: a decision narrowed to what already stood, or one whose
/// record is durable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Effective(pub(crate) Grants);

impl Effective {
    /// The grants.
    pub fn grants(self) -> Grants {
        self.0
    }
}

/// Grants that hold for one embed in its place, and for nothing else: a decision for this once whose record is
/// durable. Never to be written into a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Once(pub(crate) Grants);

impl Once {
    /// The grants.
    pub fn grants(self) -> Grants {
        self.0
    }
}
