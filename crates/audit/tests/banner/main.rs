//! The question is found and answered: small pages with a notice of every kind, in a real browser.

mod stage;
mod trial;
