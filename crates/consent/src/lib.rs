//! The words of consent and their laws, and nothing else.
//!
//! A lawyer, an operator and the compiler read the same nouns here: a [`Purpose`] is why data is
//! processed, a [`Service`] is who does it, a [`Choice`] is one answer, a [`Decision`] is a total
//! answer to one [`Notice`], a [`Standing`] is where a visitor stands now, and a [`Permit`] is the
//! only evidence that lets a tracker through.
//!
//! This room does not know HTTP, HTML, serialisation formats, clocks, files or async: times come in
//! as numbers, randomness as bytes.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

mod decision;
mod digest;
mod feature;
mod id;
mod identity;
mod index;
mod notice;
mod pattern;
mod policy;
mod purpose;
mod record;
mod service;
mod standing;

pub use decision::{Choice, Decision, NotTotal, Source};
pub use digest::{Digest, Fields, Hasher};
pub use feature::Feature;
pub use id::{BadId, FeatureId, Language, PurposeId, ServiceId};
pub use notice::{Asked, Labels, Notice, Shown};
pub use pattern::{BadPattern, HostPattern, NamePattern, RoutePattern};
pub use policy::{Draft, Fault, Policy, Unknown};
pub use purpose::{Basis, Purpose, Wording};
pub use record::{Event, Pseudonym, Receipt, Record, RecordId, Salt};
pub use service::{DataCategory, Kept, Service};
pub use standing::{Colour, Effective, Grants, Once, Permit, Standing, Verdict};
