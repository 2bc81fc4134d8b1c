//! Judges addresses as the browser will read them: entities decoded, parsed by the URL standard,
//! resolved against the page and every `<base>` seen.

use crate::Strangers;
use bandeau_consent::{Policy, Standing, Verdict};
use std::sync::Arc;
use url::Url;

/// Judges the addresses of one page.
#[derive(Debug, Clone)]
pub struct Judge {
    pub(crate) policy: Arc<Policy>,
    pub(crate) standing: Standing,
    pub(crate) own: String,
    // Invariant: never empty; the page's own address first. An address is judged against all of them, for a
    // `<base>` may stand where the browser ignores it.
    bases: Vec<Url>,
    /// There were more: one of those may count.
    more: bool,
    /// Where strangers are noted.
    strangers: Strangers,
}

/// More `<base>` elements than any page has a use for. Which of them counts is not known, so beyond this many
/// only addresses that need none pass.
const BASES: usize = 8;

impl Judge {
    /// A judge for the page at `page`, whose host is the one the visitor asked for.
    pub fn new(policy: Arc<Policy>, standing: Standing, page: Url) -> Self {
        let own = page.host_str().unwrap_or_default().trim_end_matches('.').to_owned();
        Self { policy, standing, own, bases: vec![page], more: false, strangers: Strangers::default() }
    }

    /// The same judge, noting strangers as they come by.
    #[must_use]
    pub(crate) fn noting(self, strangers: Strangers) -> Self {
        Self { strangers, ..self }
    }

    /// Notes a `<base href>`, its entities decoded.
    pub(crate) fn base(&mut self, href: &str) {
        let Some(url) = join(&self.bases[0], href).filter(|url| !self.bases.contains(url)) else {
            return;
        };
        if self.bases.len() < BASES {
            self.bases.push(url);
        } else {
            self.more = true;
        }
    }

    /// A judge of what a `data:` address carries, where nothing is relative to anything.
    pub(crate) fn adrift(&self) -> Self {
        let bases = Url::parse("data:,").map_or_else(|_| self.bases.clone(), |base| vec![base]);
        Self { bases, more: false, ..self.clone() }
    }

    /// Whether this `<base href>` would move addresses to a held host; nothing when it is no address, at least not to
    /// everybody: browsers take some that the URL standard refuses.
    pub(crate) fn moves(&self, href: &str) -> Option<bool> {
        let held =
            |url: &Url| url.host_str().is_some_and(|host| !self.policy.host(self.standing, host, &self.own).passes());
        let urls: Option<Vec<Url>> = self.bases.iter().map(|base| join(base, href)).collect();
        Some(urls?.iter().any(held))
    }

    /// What happens to a load from this address. The strictest verdict under any base counts; an address
    /// that cannot be parsed loads nothing.
    pub fn url(&self, address: &str) -> Verdict<'_> {
        self.strictest(address, |url| self.policy.url(self.standing, url, &self.own))
    }

    /// What happens to a bare connection to the host of this address.
    pub fn host(&self, address: &str) -> Verdict<'_> {
        self.strictest(address, |url| match url.host_str() {
            Some(host) => self.policy.host(self.standing, host, &self.own),
            None => self.policy.url(self.standing, url, &self.own),
        })
    }

    /// Whether speculation rules reach nothing that is held, as far as can be told.
    pub fn rules(&self, text: &str) -> bool {
        !crate::page::reaches(text, self)
    }

    /// What happens to a connection to the host of this name.
    pub(crate) fn host_named(&self, host: &str) -> Verdict<'_> {
        self.policy.host(self.standing, host, &self.own)
    }

    /// What happens to a navigation there, which features of the site do not close.
    pub(crate) fn leaves(&self, address: &str) -> bool {
        !self.host(address).passes()
    }

    /// The address itself, against the page's own.
    pub(crate) fn resolve(&self, address: &str) -> Option<Url> {
        join(self.bases.last()?, address)
    }

    fn strictest<'a>(&'a self, address: &str, judge: impl Fn(&Url) -> Verdict<'a>) -> Verdict<'a> {
        if self.more && Url::parse(address).is_err() {
            return Verdict::Unknown;
        }
        let mut verdict = None;
        for url in self.bases.iter().filter_map(|base| join(base, address)) {
            self.strangers.note(&self.policy, &url, &self.own);
            let found = judge(&url);
            if !found.passes() {
                return found;
            }
            verdict = Some(found);
        }
        // The URL standard refuses it, so the browser fetches nothing; held all the same, to be sure.
        verdict.unwrap_or(Verdict::Unknown)
    }
}

/// An address against a base. More than two slashes in front are two (URL §4.4, special authority ignore slashes state);
/// the parser knows that of addresses with a scheme only.
fn join(base: &Url, address: &str) -> Option<Url> {
    let address = address.trim_start_matches(|c: char| c <= ' ');
    let rest = address.trim_start_matches(['/', '\\', '\t', '\n', '\r']);
    let slashes = address[..address.len() - rest.len()].matches(['/', '\\']).count();
    if slashes > 2 { base.join(&format!("//{rest}")).ok() } else { base.join(address).ok() }
}
