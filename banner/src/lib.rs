//! The face: everything a visitor sees of us, rendered on the server as HTML.
//!
//! One [`Face`] per language and policy renders the notice (first layer), the settings (second layer),
//! the coloured band, the placeholders of held embeds and the pages that say something. All of it works
//! without a script; the script only saves a page load.
//!
//! This room knows the words of consent. It does not know HTTP, cookies, stores or the clock, and it
//! decides nothing: what is granted and what an answer means is settled elsewhere.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

mod assets;
mod band;
mod embed;
mod escape;
mod face;
mod first;
mod frame;
mod layer;
mod message;
mod notice;
mod page;
mod phrases;
mod plural;
mod purposes;
mod receipt;
mod room;
mod rules;
mod settings;
mod sign;
mod signal;
mod signals;
mod theme;
pub mod verify;

pub use assets::{Asset, Inline, first, learn, learner, script, seed};
pub use embed::Embed;
pub use face::{Face, View};
pub use first::First;
pub use frame::Frame;
pub use message::Message;
pub use notice::Site;
pub use phrases::Phrases;
pub use purposes::purposes;
pub use signals::{Signals, Vendor, Wish};
pub use theme::{Layout, Palette, Scheme, Theme, Tint, TooClose};
