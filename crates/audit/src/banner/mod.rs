//! The question: finds the consent notice of any tool in a page, measures it, and answers it as a person would, with the
//! mouse. It knows tools and words of many languages; it knows no standing, no crawl and no law.

mod change;
mod notice;
mod page;
mod tools;
mod walk;
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
    pub async fn find(&self, within: Duration) -> Result<Option<Banner>, Fault> {
        let Some(notice) = self.rest(within).await? else { return Ok(None) };
        let layer = self.layer(&notice, 0).await?;
        Ok(Some(notice.banner(layer)))
    }

    /// Opens the settings of the notice that was found, measures what is there, and counts clicks. It decides nothing, but
    /// leaves the page in disorder: for a profile that is thrown away.
    ///
    /// # Errors
    /// When the browser has ended or stops answering.
    pub async fn explore(&self, banner: &mut Banner) -> Result<(), Fault> {
        self.layers(banner).await
    }

    /// Clicks through as many layers as it takes. A step the mouse could not do says so in its words.
    ///
    /// # Errors
    /// When the browser has ended or stops answering.
    pub async fn choose(&self, wish: Wish, steps: &mut Vec<Step>) -> Result<Done, Fault> {
        match self.rest(walk::LAYER).await? {
            Some(notice) => self.through(notice, wish, steps).await,
            None => Ok(Done::NoBanner),
        }
    }

    /// Takes a choice back: finds the way to change it, and refuses everything there. Where nothing on the page leads back, a
    /// script of the tool's may; such a way is not [`Way::visible`].
    ///
    /// # Errors
    /// When the browser has ended or stops answering.
    pub async fn change(&self, steps: &mut Vec<Step>) -> Result<(Done, Option<Way>), Fault> {
        self.withdraw(steps).await
    }
}
