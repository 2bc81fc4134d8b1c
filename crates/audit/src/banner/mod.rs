//! The question: finds the consent notice of any tool in a page, measures it, and answers it as a person would, with the
//! mouse. It knows tools and words of many languages; it knows no standing, no crawl and no law.

mod words;

use crate::browser::{Fault, Session};
use crate::seen::{Banner, Step, Way};
use std::time::{Duration, Instant};

/// What clicks in one page.
#[derive(Debug, Clone)]
pub struct Hand {
    /// The page.
    pub page: Session,
    /// [`Step::at`] counts from here.
    pub began: Instant,
}

/// What is to be chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// Everything.
    Accept,
    /// Nothing.
    Refuse,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Done {
    /// It was clicked, and the notice went away.
    Did,
    /// There is a notice, and no way was found: why.
    NoWay(String),
    /// There is no notice.
    NoBanner,
}

impl Hand {
    /// Waits until a notice is to be seen, and measures its first layer. Nothing is clicked.
    ///
    /// # Errors
    /// When the browser has ended or stops answering.
    pub async fn find(&self, _within: Duration) -> Result<Option<Banner>, Fault> {
        Ok(None)
    }

    /// Opens the settings of the notice that was found, measures what is there, and counts clicks. It decides nothing, but
    /// leaves the page in disorder: for a profile that is thrown away.
    ///
    /// # Errors
    /// When the browser has ended or stops answering.
    pub async fn explore(&self, _banner: &mut Banner) -> Result<(), Fault> {
        Ok(())
    }

    /// Clicks through as many layers as it takes.
    ///
    /// # Errors
    /// When the browser has ended or stops answering.
    pub async fn choose(&self, _wish: Wish, _steps: &mut Vec<Step>) -> Result<Done, Fault> {
        Ok(Done::NoBanner)
    }

    /// Takes a choice back: finds the way to change it, and refuses everything there.
    ///
    /// # Errors
    /// When the browser has ended or stops answering.
    pub async fn change(&self, _steps: &mut Vec<Step>) -> Result<(Done, Option<Way>), Fault> {
        Ok((Done::NoBanner, None))
    }
}
