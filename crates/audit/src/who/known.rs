//! Known services, and how one is found by a host, a cookie, a key or a route. Where the facts come from, a catalogue or the
//! operator's own file, it is told; what follows from them it does not know.

use super::Service;
use bandeau_consent::{HostPattern, NamePattern, RoutePattern};
use std::collections::HashMap;

/// A service somebody wrote down.
#[derive(Debug, Clone)]
pub struct Known {
    /// What it is, as it stands in a judgement.
    pub service: Service,
    /// Whether the operator declared it in a configuration, and not the catalogue alone.
    pub declared: bool,
    /// Whether every purpose it serves is exempt: by the operator's word where it is declared, else by the catalogue's.
    pub exempt: bool,
    /// Whether a purpose of it sells or shares data.
    pub sale: bool,
    /// Where it is reached.
    pub hosts: Vec<HostPattern>,
    /// Names of its cookies on the site.
    pub cookies: Vec<NamePattern>,
    /// Names of its keys in the site's storage.
    pub storage: Vec<NamePattern>,
    /// Paths of the site itself that are its.
    pub routes: Vec<RoutePattern>,
}

/// What a name is looked up among.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kept {
    Cookie,
    Key,
}

/// All of them, compiled. The catalogue's word on what a service is comes before the operator's.
#[derive(Debug, Clone, Default)]
pub(crate) struct Shelf {
    all: Vec<Known>,
    // Invariant: positions in `all`, by the host of their pattern.
    hosts: HashMap<String, Vec<(HostPattern, usize)>>,
}

impl Shelf {
    pub(crate) fn new(all: Vec<Known>) -> Self {
        let mut hosts: HashMap<String, Vec<(HostPattern, usize)>> = HashMap::new();
        for (at, known) in all.iter().enumerate() {
            for pattern in &known.hosts {
                hosts.entry(pattern.host().to_owned()).or_default().push((pattern.clone(), at));
            }
        }
        Self { all, hosts }
    }

    /// Services at a host and path: the closest, the catalogue's first. Without a path, as for a bare connection, all that
    /// have something at the host.
    pub(crate) fn at(&self, host: &str, path: Option<&str>) -> Vec<&Known> {
        let above = host.match_indices('.').map(|(at, _)| &host[at + 1..]);
        for name in std::iter::once(host).chain(above) {
            let fits = |(pattern, _): &&(HostPattern, usize)| {
                pattern.matches(host) && path.is_none_or(|path| path.starts_with(pattern.path()))
            };
            let found: Vec<_> = self.hosts.get(name).into_iter().flatten().filter(fits).collect();
            let closest = found.iter().map(|(pattern, _)| pattern.path().len()).max();
            let close = found.into_iter().filter(|(p, _)| path.is_none() || Some(p.path().len()) == closest);
            let found: Vec<&Known> = close.map(|(_, at)| &self.all[*at]).collect();
            if !found.is_empty() {
                return sorted(found);
            }
        }
        Vec::new()
    }

    /// Services that have a host of the same registrable domain.
    pub(crate) fn akin(&self, host: &str) -> Option<&Known> {
        self.all.iter().find(|known| known.hosts.iter().any(|pattern| pattern.akin(host)))
    }

    /// Services that keep something under a name on the site, the closest.
    pub(crate) fn keeps(&self, what: Kept, name: &str) -> Vec<&Known> {
        let mut best = 0;
        let mut found = Vec::new();
        for known in &self.all {
            let names = if what == Kept::Cookie { &known.cookies } else { &known.storage };
            let close = names.iter().filter(|pattern| pattern.matches(name)).map(close).max().unwrap_or(0);
            if close > best {
                best = close;
                found.clear();
            }
            if close == best && close > 0 {
                found.push(known);
            }
        }
        sorted(found)
    }

    /// The service a request for the site itself belongs to.
    pub(crate) fn route(&self, method: &str, path: &str, query: &str) -> Vec<&Known> {
        let fits = |known: &&Known| known.routes.iter().any(|route| route.matches(method, path, query));
        sorted(self.all.iter().filter(fits).collect())
    }
}

/// A whole name is closer than any pattern, and a longer pattern closer than a shorter.
fn close(pattern: &NamePattern) -> usize {
    let text = pattern.as_str();
    let letters = text.bytes().filter(|&byte| byte != b'*').count();
    if letters == text.len() { letters + 1024 } else { letters }
}

fn sorted(mut found: Vec<&Known>) -> Vec<&Known> {
    found.sort_by_key(|known| known.declared);
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::known;

    #[test]
    fn the_closest_is_found_and_no_neighbour() {
        let shelf = Shelf::new(vec![
            known("maps", "maps").host("www.big.test/maps").known(),
            known("ads", "advertising").host("*.big.test").host("big.test").known(),
            known("_pk", "audience").cookie("_pk_id.*").cookie("_pk_*").known(),
            known("other", "audience").cookie("_pk_id.*").known(),
        ]);
        let ids = |found: Vec<&Known>| found.into_iter().map(|one| one.service.id.clone()).collect::<Vec<_>>();
        assert_eq!(ids(shelf.at("www.big.test", Some("/maps/embed"))), ["maps"]);
        assert_eq!(ids(shelf.at("www.big.test", Some("/other"))), ["ads"]);
        assert_eq!(ids(shelf.at("notbig.test", Some("/"))), Vec::<String>::new());
        assert_eq!(ids(shelf.at("www.big.test", None)), ["maps"], "a connection has no path");
        assert_eq!(ids(shelf.keeps(Kept::Cookie, "_pk_id.1.2")), ["_pk", "other"]);
        assert_eq!(ids(shelf.keeps(Kept::Cookie, "_pk_ses")), ["_pk"]);
        assert_eq!(ids(shelf.keeps(Kept::Key, "_pk_ses")), Vec::<String>::new());
        assert_eq!(shelf.akin("x.y.big.test").map(|one| one.service.id.as_str()), Some("maps"));
    }
}
