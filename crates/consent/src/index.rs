//! The lookup tables of a policy: from a host, a name or a route to the services behind it. Compiled
//! once; a lookup walks the labels of one host and touches no other.

use crate::{HostPattern, NamePattern, Service};
use std::collections::HashMap;

/// Which services (by position) are meant by a host and path.
#[derive(Debug, Clone, Default)]
pub(crate) struct HostIndex {
    exact: HashMap<String, Vec<Entry>>,
    below: HashMap<String, Vec<Entry>>,
}

#[derive(Debug, Clone)]
struct Entry {
    path: String,
    service: usize,
}

impl HostIndex {
    pub(crate) fn new(services: &[Service]) -> Self {
        let mut index = Self::default();
        for (service, pattern) in services.iter().enumerate().flat_map(|(at, s)| s.hosts.iter().map(move |h| (at, h))) {
            index.add(pattern, service);
        }
        index
    }

    fn add(&mut self, pattern: &HostPattern, service: usize) {
        let table = if pattern.below() { &mut self.below } else { &mut self.exact };
        let entry = Entry { path: pattern.path().to_owned(), service };
        table.entry(pattern.host().to_owned()).or_default().push(entry);
    }

    /// The services meant most closely: the host itself before a host above it, a longer path before a
    /// shorter. Several when several declare the same. Without a path (a bare connection), all of them.
    pub(crate) fn find(&self, host: &str, path: Option<&str>) -> Vec<usize> {
        let above = host.match_indices('.').map(|(at, _)| (&self.below, &host[at + 1..]));
        std::iter::once((&self.exact, host))
            .chain(above)
            .filter_map(|(table, name)| table.get(name))
            .map(|entries| closest(entries, path))
            .find(|found| !found.is_empty())
            .unwrap_or_default()
    }
}

fn closest(entries: &[Entry], path: Option<&str>) -> Vec<usize> {
    let fits = |entry: &&Entry| path.is_none_or(|path| path.starts_with(&entry.path));
    let longest = entries.iter().filter(fits).map(|entry| entry.path.len()).max();
    let close = |entry: &&Entry| path.is_none() || Some(entry.path.len()) == longest;
    entries.iter().filter(fits).filter(close).map(|entry| entry.service).collect()
}

/// Which services are meant by a name.
#[derive(Debug, Clone, Default)]
pub(crate) struct NameIndex {
    exact: HashMap<String, Vec<usize>>,
    globs: Vec<(NamePattern, usize)>,
}

impl NameIndex {
    pub(crate) fn new<'a>(names: impl Iterator<Item = (usize, &'a NamePattern)>) -> Self {
        let mut index = Self::default();
        for (service, name) in names {
            if name.as_str().contains('*') {
                index.globs.push((name.clone(), service));
            } else {
                index.exact.entry(name.as_str().to_owned()).or_default().push(service);
            }
        }
        index.globs.sort_by_key(|(name, _)| std::cmp::Reverse(name.closeness()));
        index
    }

    /// The services meant most closely: the whole name before a pattern, a longer pattern before a shorter.
    pub(crate) fn find(&self, name: &str) -> Vec<usize> {
        if let Some(found) = self.exact.get(name) {
            return found.clone();
        }
        let mut fits = self.globs.iter().filter(|(pattern, _)| pattern.matches(name)).peekable();
        let Some(best) = fits.peek().map(|(pattern, _)| pattern.closeness()) else {
            return Vec::new();
        };
        fits.take_while(|(pattern, _)| pattern.closeness() == best).map(|&(_, service)| service).collect()
    }
}
