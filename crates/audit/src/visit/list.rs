//! The list of pages, as one walk makes it and the others follow it.

use crate::crawl::Lead;
use std::sync::Arc;
use tokio::sync::watch;

/// The list. Clones are one.
#[derive(Debug, Clone)]
pub(super) struct List(Arc<watch::Sender<Pages>>);

#[derive(Debug, Default)]
struct Pages {
    leads: Vec<Lead>,
    foreseen: u32,
    whole: bool,
}

/// Whoever makes the list. Without it the list is whole.
#[derive(Debug)]
pub(super) struct Maker(List);

impl List {
    /// An empty list, and who makes it.
    pub(super) fn new() -> (Self, Maker) {
        let list = Self(Arc::new(watch::Sender::default()));
        (list.clone(), Maker(list))
    }

    /// A page of the list, as soon as it is known; nothing where the list ends before it.
    pub(super) async fn at(&self, index: usize) -> Option<Lead> {
        let mut pages = self.0.subscribe();
        let pages = pages.wait_for(|pages| pages.whole || pages.leads.len() > index).await.ok()?;
        pages.leads.get(index).cloned()
    }

    /// How many pages there will be, as far as is known.
    pub(super) fn foreseen(&self) -> u32 {
        let pages = self.0.borrow();
        let known = u32::try_from(pages.leads.len()).unwrap_or(u32::MAX);
        if pages.whole { known } else { known.max(pages.foreseen) }
    }
}

impl Maker {
    pub(super) fn push(&self, lead: Lead) {
        self.0.0.send_modify(|pages| pages.leads.push(lead));
    }

    pub(super) fn foresee(&self, count: u32) {
        self.0.0.send_modify(|pages| pages.foreseen = count);
    }
}

impl Drop for Maker {
    fn drop(&mut self) {
        self.0.0.send_modify(|pages| pages.whole = true);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seen::From;
    use url::Url;

    #[tokio::test]
    async fn followers_wait_for_what_comes_and_for_nothing_more() {
        let (list, maker) = List::new();
        let lead = |path: &str| {
            let url = Url::parse("https://gazette.example").unwrap().join(path).unwrap();
            Lead { url, from: From::Link, depth: 1 }
        };
        maker.foresee(9);
        let follower = list.clone();
        let (seen, ()) = tokio::join!(
            async {
                let mut seen = Vec::new();
                while let Some(lead) = follower.at(seen.len()).await {
                    seen.push(lead.url.path().to_owned());
                }
                seen
            },
            async {
                maker.push(lead("/a"));
                tokio::task::yield_now().await;
                assert_eq!(list.foreseen(), 9);
                maker.push(lead("/b"));
                drop(maker);
            }
        );
        assert_eq!(seen, ["/a", "/b"]);
        assert_eq!(list.foreseen(), 2);
    }
}
