//! Whose a host is, for colours and columns: looked up in the parties of the judgement, which alone says who is who. Hosts
//! it does not name are the site's where they lie under it, and a stranger's otherwise.

use super::Report;
use crate::who::Party;
use std::collections::HashMap;

/// To whom something belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Whose {
    /// Somebody who follows people.
    Tracker,
    /// Another third party.
    Third,
    /// The site.
    Own,
}

impl Whose {
    /// For a person.
    pub(super) fn says(self) -> &'static str {
        match self {
            Self::Tracker => "tracker",
            Self::Third => "third party",
            Self::Own => "the site",
        }
    }

    /// The class of its colour.
    pub(super) fn class(self) -> &'static str {
        match self {
            Self::Tracker => "tracker",
            Self::Third => "third",
            Self::Own => "own",
        }
    }
}

/// Every known host.
pub(super) struct Directory<'r> {
    hosts: HashMap<&'r str, &'r Party>,
    domains: HashMap<&'r str, &'r Party>,
    own: &'r [String],
}

impl<'r> Directory<'r> {
    pub(super) fn new(report: &'r Report) -> Self {
        let parties = &report.judgement.parties;
        let mut hosts: HashMap<&str, &Party> =
            parties.iter().flat_map(|party| party.hosts.iter().map(move |host| (host.as_str(), party))).collect();
        // A name of the site's that stands for somebody else is somebody else's, whatever it is called.
        for party in parties.iter().filter(|party| !party.own) {
            hosts.extend(party.cloaks.iter().filter(|cloak| cloak.alias).map(|cloak| (cloak.host.as_str(), party)));
        }
        let domains = parties.iter().map(|party| (party.domain.as_str(), party)).collect();
        Self { hosts, domains, own: &report.audit.own }
    }

    /// The party of a host or of a cookie's domain.
    pub(super) fn party(&self, host: &str) -> Option<&'r Party> {
        let mut rest = host.trim_start_matches('.');
        if let Some(party) = self.hosts.get(rest) {
            return Some(party);
        }
        loop {
            if let Some(party) = self.domains.get(rest) {
                return Some(party);
            }
            rest = rest.split_once('.')?.1;
        }
    }

    /// Whose a host is.
    pub(super) fn whose(&self, host: &str) -> Whose {
        match self.party(host) {
            Some(party) if party.own => Whose::Own,
            Some(party) if follows(party) => Whose::Tracker,
            Some(_) => Whose::Third,
            None if self.under(host.trim_start_matches('.')) => Whose::Own,
            None => Whose::Third,
        }
    }

    fn under(&self, host: &str) -> bool {
        self.own.iter().any(|own| match own.strip_prefix("*.") {
            Some(above) => host.strip_suffix(above).is_some_and(|rest| rest.ends_with('.')),
            None => own == host,
        })
    }
}

/// Whether a party follows people, by the best word on it.
pub(super) fn follows(party: &Party) -> bool {
    !party.own
        && (party.service.as_ref().is_some_and(|service| service.tracker)
            || party.words.iter().any(|word| word.tracker))
}

/// The host of an address.
pub(super) fn host(url: &str) -> String {
    url::Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn a_host_belongs_to_whom_the_judgement_says() {
        let report = sample::newspaper(false, 1);
        let directory = Directory::new(&report);
        for (host, whose) in [
            ("www.newsroom.example", Whose::Own),
            ("newsroom.example", Whose::Own),
            ("unheard.newsroom.example", Whose::Own),
            (".newsroom.example", Whose::Own),
            // By its name it is the site’s; by DNS it is not.
            ("metrics.newsroom.example", Whose::Tracker),
            ("www.google-analytics.com", Whose::Tracker),
            (".ads.adstack.test", Whose::Tracker),
            ("fonts.typefoundry.test", Whose::Third),
            ("nobody.test", Whose::Third),
            ("evilnewsroom.example", Whose::Third),
            ("", Whose::Third),
        ] {
            assert_eq!(directory.whose(host), whose, "{host}");
        }
    }

    #[test]
    fn hosts_below_the_site_are_the_sites_without_a_party_too() {
        let report = sample::empty();
        let directory = Directory::new(&report);
        assert_eq!(directory.whose("static.newsroom.example"), Whose::Own);
        assert_eq!(directory.whose("newsroom.example"), Whose::Own);
        assert_eq!(directory.whose("xnewsroom.example"), Whose::Third);
    }
}
