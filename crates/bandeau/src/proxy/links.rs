//! Links remembered: which undeclared hosts a page was seen to link to, so that the head of its next answer can name
//! them before its text is read. A hint and no more: without it a script of ours leads the click on.
//!
//! Bounded, in memory, and of pages only: a page is a number made of its host and path with a key of this process, and
//! nothing of who looked at it is kept.

use arc_swap::ArcSwap;
use bandeau_consent::HostPattern;
use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::Arc;
use url::Url;

/// So many pages are remembered; then it begins anew.
const PAGES: usize = 2048;
/// So many hosts of one page: more would make its head too long.
const HOSTS: usize = 48;

/// What is remembered of all pages.
#[derive(Default)]
pub(crate) struct Links {
    hasher: RandomState,
    pages: ArcSwap<HashMap<u64, Arc<[HostPattern]>>>,
}

impl Links {
    fn number(&self, page: &Url) -> u64 {
        self.hasher.hash_one((page.host_str(), page.path()))
    }

    /// The hosts a page was seen to link to.
    pub(super) fn of(&self, page: &Url) -> Arc<[HostPattern]> {
        self.pages.load().get(&self.number(page)).cloned().unwrap_or_else(|| Arc::new([]))
    }

    /// Remembers that a page links to these.
    pub(super) fn note(&self, page: &Url, seen: &[HostPattern]) {
        let known = self.of(page);
        let new: Vec<_> = seen.iter().filter(|host| !known.contains(host)).collect();
        if new.is_empty() || known.len() >= HOSTS {
            return;
        }
        let all: Arc<[HostPattern]> = known.iter().chain(new).take(HOSTS).cloned().collect();
        let number = self.number(page);
        self.pages.rcu(|pages| {
            let mut pages = if pages.len() < PAGES { HashMap::clone(pages) } else { HashMap::new() };
            pages.insert(number, Arc::clone(&all));
            pages
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(name: &str) -> HostPattern {
        HostPattern::new(name).unwrap()
    }

    #[test]
    fn links_add_up_and_are_bounded() {
        let links = Links::default();
        let page = |path: &str| Url::parse(&format!("https://news.test{path}")).unwrap();
        assert!(links.of(&page("/")).is_empty());
        links.note(&page("/?a"), &[host("a.test")]);
        links.note(&page("/"), &[host("b.test"), host("a.test")]);
        assert_eq!(links.of(&page("/?b")).as_ref(), [host("a.test"), host("b.test")]);
        assert!(links.of(&page("/x")).is_empty());
        let many: Vec<_> = (0..100).map(|n| host(&format!("h{n}.test"))).collect();
        links.note(&page("/many"), &many);
        assert_eq!(links.of(&page("/many")).len(), HOSTS);
        for n in 0..PAGES {
            links.note(&page(&format!("/{n}")), &[host("a.test")]);
        }
        assert!(links.pages.load().len() <= PAGES);
    }
}
