//! The six standings a visitor can be in, and how each is reached: by really using what asks. It knows no vector.

use crate::chrome::{Chrome, Tab};
use serde_json::json;
use std::time::Duration;

/// Where a visitor stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Standing {
    /// Nothing was answered.
    Silent,
    /// Everything was refused.
    Refused,
    /// Social networks were allowed, advertising was not.
    Partial,
    /// Everything was accepted.
    Accepted,
    /// Everything was accepted, then taken back.
    Withdrawn,
    /// Nothing was answered, and the browser sends `Sec-GPC: 1`.
    Gpc,
}

impl Standing {
    pub(crate) const ALL: [Self; 6] =
        [Self::Silent, Self::Refused, Self::Partial, Self::Accepted, Self::Withdrawn, Self::Gpc];

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Silent => "none",
            Self::Refused => "refused",
            Self::Partial => "partial",
            Self::Accepted => "accepted",
            Self::Withdrawn => "withdrawn",
            Self::Gpc => "gpc",
        }
    }

    /// Whether social networks are allowed.
    pub(crate) fn social(self) -> bool {
        matches!(self, Self::Partial | Self::Accepted)
    }

    /// What Bandeau's notice shows there.
    fn state(self) -> &'static str {
        match self {
            Self::Silent | Self::Gpc => "neutral",
            Self::Refused | Self::Withdrawn => "red",
            Self::Partial => "amber",
            Self::Accepted => "green",
        }
    }
}

impl std::str::FromStr for Standing {
    type Err = String;

    fn from_str(read: &str) -> Result<Self, String> {
        let names = Self::ALL.map(Self::as_str).join(", ");
        let found = Self::ALL.into_iter().find(|standing| standing.as_str() == read);
        found.ok_or_else(|| format!("{read:?} is no standing: expected one of {names}"))
    }
}

/// What to click to reach each standing: selectors, one after another, joined by ` >> `.
#[derive(Debug, Clone)]
pub(crate) struct Clicks {
    pub(crate) accept: Option<String>,
    pub(crate) refuse: Option<String>,
    pub(crate) partial: Option<String>,
    pub(crate) withdraw: Option<String>,
    /// Whether it is Bandeau that asks, so that the state it shows can be checked.
    pub(crate) ours: bool,
}

impl Clicks {
    /// Those of Bandeau's notice.
    pub(crate) fn ours() -> Self {
        let some = |text: &str| Some(text.to_owned());
        Self {
            accept: some(".n button[value=accept]"),
            refuse: some(".n button[value=refuse]"),
            partial: some(
                ".n a.c >> #settings input[type=checkbox][name='choice.social'] >> #settings button[value=choose]",
            ),
            withdraw: some(".y button[value=refuse]"),
            ours: true,
        }
    }

    /// What leads to a standing from the one before it; none where nobody said how.
    pub(crate) fn to(&self, standing: Standing) -> Option<&str> {
        match standing {
            Standing::Silent | Standing::Gpc => Some(""),
            Standing::Refused => self.refuse.as_deref(),
            Standing::Partial => self.partial.as_deref(),
            Standing::Accepted => self.accept.as_deref(),
            Standing::Withdrawn => self.withdraw.as_deref(),
        }
    }

    /// Reaches a standing from the one before it.
    pub(crate) async fn reach(&self, chrome: &Chrome, site: &str, standing: Standing) -> Result<(), String> {
        let way = self.to(standing).ok_or_else(|| format!("nobody said what to click for {}", standing.as_str()))?;
        let tab = chrome.tab(true).await?;
        let reached = self.walk(&tab, site, standing, way).await;
        tab.close().await;
        reached.map_err(|error| format!("{} could not be reached: {error}", standing.as_str()))
    }

    async fn walk(&self, tab: &Tab, site: &str, standing: Standing, way: &str) -> Result<(), String> {
        if standing == Standing::Gpc {
            signal(tab).await?;
        }
        let page = format!("{site}/neutral");
        tab.goto(&page, Duration::from_secs(5)).await?;
        for selector in way.split(" >> ").filter(|selector| !selector.is_empty()) {
            tab.click(selector, Duration::from_secs(10)).await?;
        }
        // Answers are sent by script or by a form, and the page comes again.
        if self.ours {
            let shown = format!(
                "document.readyState === 'complete' && document.querySelector('bandeau-notice')?.dataset.state === '{}'",
                standing.state()
            );
            let start = std::time::Instant::now();
            while tab.eval(&shown).await.ok() != Some(json!(true)) && start.elapsed() < Duration::from_secs(15) {
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        } else {
            tokio::time::sleep(Duration::from_millis(1000)).await;
        }
        tab.goto(&page, Duration::from_secs(5)).await?;
        if !self.ours {
            return Ok(());
        }
        let shown = tab.eval("document.querySelector('bandeau-notice')?.dataset.state ?? 'no notice'").await?;
        let expected = standing.state();
        if shown == json!(expected) { Ok(()) } else { Err(format!("the notice shows {shown}, expected {expected:?}")) }
    }
}

/// Sends the signal of Global Privacy Control with every request of a tab.
pub(crate) async fn signal(tab: &Tab) -> Result<(), String> {
    tab.call("Network.enable", json!({})).await?;
    tab.call("Network.setExtraHTTPHeaders", json!({ "headers": { "Sec-GPC": "1" } })).await.map(drop)
}
