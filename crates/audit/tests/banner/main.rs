//! The question is found and answered: small pages with a notice of every kind, in a real browser. Which tools and words there
//! are is said by the tables; here it is shown that they work on a page.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod found;
mod samples;
mod stage;
mod strangers;
mod walked;
