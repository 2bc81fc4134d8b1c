//! The bar a site must pass in a build: from which level on a finding fails it, and whether old findings count. It does not
//! know why a finding has its level.

use super::Comparison;
use crate::judge::{Judgement, Level};
use std::str::FromStr;

/// What makes an audit fail (`--fail-on`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bar {
    /// Nothing does.
    Never,
    /// A finding of this level or a graver one.
    From(Level),
    /// A finding of this level or a graver one that the older audit did not have. Without an older audit every finding
    /// counts: a first run must not pass because there was nothing to compare it with.
    New(Level),
}

impl Bar {
    /// Every way to write one, for messages and help.
    pub const WORDS: &'static [&'static str] =
        &["never", "note", "warning", "error", "new", "new-note", "new-warning", "new-error"];

    /// Whether the site stays below it.
    pub fn fails(self, judgement: &Judgement, comparison: Option<&Comparison>) -> bool {
        match (self, comparison) {
            (Self::Never, _) => false,
            (Self::New(level), Some(comparison)) => comparison.appeared.iter().any(|finding| finding.level >= level),
            (Self::From(level) | Self::New(level), _) => fails(judgement, level),
        }
    }
}

impl FromStr for Bar {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        Ok(match word {
            "never" => Self::Never,
            "note" => Self::From(Level::Note),
            "warning" => Self::From(Level::Warning),
            "error" => Self::From(Level::Error),
            // A note breaks nothing, so that alone `new` speaks of what a person must look at.
            "new" | "new-warning" => Self::New(Level::Warning),
            "new-note" => Self::New(Level::Note),
            "new-error" => Self::New(Level::Error),
            other => return Err(format!("{other:?} is none of {}", Self::WORDS.join(", "))),
        })
    }
}

/// Whether there is a finding of this level or a graver one.
pub fn fails(judgement: &Judgement, level: Level) -> bool {
    judgement.findings.iter().any(|finding| finding.level >= level)
}
