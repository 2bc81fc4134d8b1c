//! The witness: drives a real browser over a site, and says what it saw and what the law makes of it.
//!
//! The rooms are cut by what they may know: [`browser`] speaks to Chromium and knows no site; `watch` turns what Chromium
//! says into [`seen`]; `crawl` knows which page comes next; [`banner`] finds the question and its buttons; `visit` walks a
//! site through its standings with all of these. What was seen is data ([`seen::Audit`]), complete in itself: `who` says
//! whose it is, `judge` what the law makes of it, `report` shows it to people and to machines. None of these three knows a
//! browser, so that an audit of last year is judged again without one.
//!
//! This room does not know the gateway, its configuration file, its cookie or its book: it looks at any site as a stranger
//! would.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

pub mod banner;
pub mod browser;
pub mod crawl;
#[cfg(test)]
mod fixture;
pub mod judge;
pub mod report;
pub mod seen;
pub mod visit;
pub mod watch;
pub mod who;
