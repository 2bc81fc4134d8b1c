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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{Report, compare, sample};

    /// The newspaper with findings of these levels only.
    fn with(levels: &[Level]) -> Report {
        let mut report = sample::newspaper(false, 1);
        report.judgement.findings.retain(|finding| levels.contains(&finding.level));
        report
    }

    #[test]
    fn a_bar_is_met_from_its_level_on() {
        for (word, note, warning, error) in [
            ("never", false, false, false),
            ("note", true, true, true),
            ("warning", false, true, true),
            ("error", false, false, true),
            // Without an older audit, every finding is new.
            ("new", false, true, true),
            ("new-note", true, true, true),
            ("new-error", false, false, true),
        ] {
            let bar: Bar = word.parse().unwrap();
            for (level, fails) in [(Level::Note, note), (Level::Warning, warning), (Level::Error, error)] {
                assert_eq!(bar.fails(&with(&[level]).judgement, None), fails, "{word} with {level:?}");
            }
            assert!(!bar.fails(&with(&[]).judgement, None), "{word} with nothing");
        }
    }

    #[test]
    fn only_what_is_new_counts_where_that_is_asked() {
        let (clean, noted, bad) = (with(&[]), with(&[Level::Note]), with(&[Level::Note, Level::Error]));
        let fails = |word: &str, old, new: &Report| {
            word.parse::<Bar>().unwrap().fails(&new.judgement, Some(&compare(old, new)))
        };
        assert!(!fails("new", &bad, &bad));
        assert!(fails("error", &bad, &bad));
        assert!(fails("new", &noted, &bad));
        assert!(!fails("new", &clean, &noted));
        assert!(fails("new-note", &clean, &noted));
    }

    #[test]
    fn an_unknown_bar_is_refused_with_the_known_ones() {
        let says = "fatal".parse::<Bar>().unwrap_err();
        assert!(Bar::WORDS.iter().all(|word| says.contains(word) && word.parse::<Bar>().is_ok()), "{says}");
    }
}
