//! The door: what a standing lets through, as pure functions of heads and bytes.
//!
//! ```text
//! RequestHead ─ token ─► Standing ─► Plan      decided once, without a store, a lock or a wait
//! Plan::forward(head) ─► head'                 cookies of held services removed
//! Plan::answer(head)  ─► head' + Treatment     Set-Cookie filtered, the lock put on, caching made honest
//! Page::push(chunk)…  ─► chunk'…               held loads neutralised, the notice inserted
//! Page::finish()      ─► Tally                 counts only, no identities
//! ```
//!
//! The head is the lock, the page is the courtesy: headers alone must already keep the promise.
//! This room does not know sockets, clocks, stores, configuration files, or what the notice looks like
//! (it asks a [`Face`]), and has no rule about any particular purpose.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

mod allowlist;
mod answer;
mod cache;
mod charset;
mod coding;
mod cookie;
mod dest;
mod entry;
mod expiry;
mod face;
mod judge;
mod kind;
mod lock;
mod means;
pub mod page;
mod permissions;
mod plan;
mod report;
mod signal;
mod stranger;
mod ticket;
mod token;
mod variant;
mod worker;

pub use answer::{Answer, Treatment, Withheld};
pub use charset::{BadCharset, Charset};
pub use coding::Coding;
pub use cookie::Cookies;
pub use dest::Dest;
pub use entry::Entry;
pub use expiry::expire;
pub use face::{Face, Held};
pub use judge::Judge;
pub use lock::policy as lock;
pub use means::{Connections, Inline, Means};
pub use page::{Opening, Page, Tally};
pub use plan::{Arrival, OURS, Plan, Route};
pub use signal::gpc;
pub use stranger::Strangers;
pub use ticket::{LIFE, Seat};
pub use token::{Claim, Key, Token, cookie_name};
pub use variant::{Offer, VARIANT, variant};
pub use worker::lead;
