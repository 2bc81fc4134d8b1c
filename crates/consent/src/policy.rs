//! Policies: purposes, services and features, compiled. Immutable, swapped whole, identity is its hash.

use crate::identity::{asks, canonical};
use crate::index::{HostIndex, NameIndex};
use crate::{
    Basis, Digest, Feature, FeatureId, Grants, HostPattern, NamePattern, Permit, Purpose, PurposeId, Service,
    ServiceId, Standing, Verdict,
};
use std::collections::HashSet;
use url::Url;

/// What happens to third-party hosts and cookies that nobody declared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Unknown {
    /// Held in every standing.
    #[default]
    Hold,
    /// Let through in every standing.
    Pass,
    /// Let through, to be noted, but for who has refused anything: [`Policy::strangers`].
    Learn,
}

/// A policy before it is checked.
#[derive(Debug, Clone, Default)]
pub struct Draft {
    /// Hosts that count as first party; everything else is third party.
    pub hosts: Vec<HostPattern>,
    /// What happens to the undeclared.
    pub unknown: Unknown,
    /// The purposes, in the order they are asked.
    pub purposes: Vec<Purpose>,
    /// The services.
    pub services: Vec<Service>,
    /// The features.
    pub features: Vec<Feature>,
}

/// What is wrong with a draft.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// A purpose is declared twice.
    #[error("purpose {0} is declared twice")]
    PurposeTwice(PurposeId),
    /// A service is declared twice.
    #[error("service {0} is declared twice")]
    ServiceTwice(ServiceId),
    /// A feature is declared twice.
    #[error("feature {0} is declared twice")]
    FeatureTwice(FeatureId),
    /// A purpose has no words in any language.
    #[error("purpose {0} has no title and text in any language")]
    Wordless(PurposeId),
    /// A service has no purpose.
    #[error("service {0} has no purpose")]
    Purposeless(ServiceId),
    /// A service names a purpose nobody declared.
    #[error("service {service} is for purpose {purpose}, which is not declared")]
    ServicePurpose {
        /// The service.
        service: ServiceId,
        /// What it names.
        purpose: PurposeId,
    },
    /// A service that needs consent names a host that is the site's own as well: the lock is a list of hosts and
    /// cannot say "all of these but that one".
    #[error(
        "service {service} names {host}, which site.hosts covers as {own}: a host is the site's or a service's. \
         List the site's own hosts one by one without it; a path of the site is held with routes"
    )]
    SiteHost {
        /// The service.
        service: ServiceId,
        /// The host it names.
        host: HostPattern,
        /// The site's own pattern that covers it.
        own: HostPattern,
    },
    /// A feature needs nothing.
    #[error("feature {0} needs no purpose")]
    Needless(FeatureId),
    /// A feature needs a purpose nobody declared.
    #[error("feature {feature} needs purpose {purpose}, which is not declared")]
    FeaturePurpose {
        /// The feature.
        feature: FeatureId,
        /// What it names.
        purpose: PurposeId,
    },
    /// More purposes than a token has room for.
    #[error("{0} purposes are asked: at most 32 can be")]
    TooMany(usize),
}

/// A checked and compiled policy.
#[derive(Debug, Clone)]
pub struct Policy {
    draft: Draft,
    // Invariant: positions of the purposes whose basis is consent, in the order of `draft.purposes`.
    asked: Vec<usize>,
    // Invariant: for each service, positions in `draft.purposes`; likewise for each feature.
    service_purposes: Vec<Vec<usize>>,
    feature_purposes: Vec<Vec<usize>>,
    hosts: HostIndex,
    cookies: NameIndex,
    storage: NameIndex,
    hash: Digest,
    asks: Digest,
}

impl Policy {
    /// Checks and compiles a draft.
    ///
    /// # Errors
    /// Everything that is wrong with it, not only the first.
    pub fn new(draft: Draft) -> Result<Self, Vec<Fault>> {
        let faults = faults(&draft);
        if !faults.is_empty() {
            return Err(faults);
        }
        let positions = |ids: &[PurposeId]| {
            ids.iter().filter_map(|id| draft.purposes.iter().position(|purpose| purpose.id == *id)).collect::<Vec<_>>()
        };
        let asked = (0..draft.purposes.len()).filter(|&at| draft.purposes[at].basis == Basis::Consent).collect();
        let names = |of: fn(&Service) -> &Vec<NamePattern>| {
            NameIndex::new(
                draft.services.iter().enumerate().flat_map(|(at, s)| of(s).iter().map(move |name| (at, name))),
            )
        };
        Ok(Self {
            asked,
            service_purposes: draft.services.iter().map(|service| positions(&service.purposes)).collect(),
            feature_purposes: draft.features.iter().map(|feature| positions(&feature.needs)).collect(),
            hosts: HostIndex::new(&draft.services),
            cookies: names(|service| &service.cookies),
            storage: names(|service| &service.storage),
            hash: Digest::of(canonical(&draft)),
            asks: asks(&draft),
            draft,
        })
    }

    /// Its identity: a digest of everything it declares.
    pub fn hash(&self) -> Digest {
        self.hash
    }

    /// Everything it declares, as the bytes whose SHA-256 is its identity.
    pub fn canonical(&self) -> Vec<u8> {
        canonical(&self.draft)
    }

    /// The identity of what is asked: purposes and the services behind each, without their words. When it
    /// changes, answers given before are stale.
    pub fn asks(&self) -> Digest {
        self.asks
    }

    /// The purposes that are asked, in order.
    pub fn asked(&self) -> impl ExactSizeIterator<Item = &Purpose> {
        self.asked.iter().map(|&at| &self.draft.purposes[at])
    }

    /// The purposes that are exempt.
    pub fn exempt(&self) -> impl Iterator<Item = &Purpose> {
        self.draft.purposes.iter().filter(|purpose| purpose.basis == Basis::Exempt)
    }

    /// The services that serve a purpose.
    pub fn services<'a>(&'a self, purpose: &'a PurposeId) -> impl Iterator<Item = &'a Service> {
        self.draft.services.iter().filter(move |service| service.purposes.contains(purpose))
    }

    /// What it was made of.
    pub fn draft(&self) -> &Draft {
        &self.draft
    }

    /// Every asked purpose granted: the measure of green.
    pub fn all_grants(&self) -> Grants {
        Grants::from_flags(self.asked.iter().map(|_| true))
    }

    /// Every asked purpose that sells or shares granted: what `Sec-GPC: 1` is about.
    pub fn sale_grants(&self) -> Grants {
        Grants::from_flags(self.asked().map(|purpose| purpose.sale))
    }

    /// Whether a purpose is open in a standing: exempt, or granted.
    pub fn open(&self, standing: Standing, purpose: &PurposeId) -> bool {
        (0..self.draft.purposes.len())
            .any(|at| self.draft.purposes[at].id == *purpose && self.purpose_open(standing, at))
    }

    fn purpose_open(&self, standing: Standing, at: usize) -> bool {
        match self.draft.purposes[at].basis {
            Basis::Exempt => true,
            Basis::Consent => self.asked.iter().position(|&a| a == at).is_some_and(|bit| standing.grants().has(bit)),
        }
    }

    fn all_open(&self, standing: Standing, purposes: &[usize]) -> Verdict<'_> {
        match purposes.iter().find(|&&at| !self.purpose_open(standing, at)) {
            Some(&at) => Verdict::Hold(&self.draft.purposes[at]),
            None => Verdict::Pass(Permit::new()),
        }
    }

    /// Whether what nobody declared passes in a standing.
    ///
    /// While it is learnt, it passes for who has not answered and for who has accepted everything. After a refusal of
    /// anything, and after an answer that no longer stands, it is held: nobody knows yet what it is for, so it may be
    /// what was refused.
    pub fn strangers(&self, standing: Standing) -> bool {
        match (self.draft.unknown, standing) {
            (Unknown::Hold, _) | (Unknown::Learn, Standing::Stale) => false,
            (Unknown::Pass, _) | (Unknown::Learn, Standing::Undecided) => true,
            (Unknown::Learn, Standing::Decided(grants)) => !grants.is_none() && grants == self.all_grants(),
        }
    }

    /// The same policy, under which strangers are held. It is the same by its hash: what is asked, and what is recorded
    /// of the answer, does not change.
    #[must_use]
    pub fn guarded(&self) -> Self {
        let draft = Draft { unknown: Unknown::Hold, ..self.draft.clone() };
        Self { draft, ..self.clone() }
    }

    /// Whether some service declares a host, on whatever path.
    pub fn declares_host(&self, host: &str) -> bool {
        !self.hosts.find(host.trim_end_matches('.'), None).is_empty()
    }

    /// Whether some service declares a cookie of this name.
    pub fn declares_cookie(&self, name: &str) -> bool {
        !self.cookies.find(name).is_empty()
    }

    /// Whether some service declares a storage key of this name.
    pub fn declares_storage(&self, key: &str) -> bool {
        !self.storage.find(key).is_empty()
    }

    /// Several services declare the same thing: it passes only when all may.
    fn services_open(&self, standing: Standing, services: &[usize]) -> Verdict<'_> {
        if services.is_empty() {
            return if self.strangers(standing) { Verdict::Pass(Permit::new()) } else { Verdict::Unknown };
        }
        let held = services.iter().map(|&at| self.all_open(standing, &self.service_purposes[at]));
        held.into_iter().find(|verdict| !verdict.passes()).unwrap_or(Verdict::Pass(Permit::new()))
    }

    /// Whether a host counts as first party. `own` is the host the visitor asked for, which always does.
    pub fn first_party(&self, host: &str, own: &str) -> bool {
        host == own || self.draft.hosts.iter().any(|pattern| pattern.matches(host))
    }

    /// What happens to a load of this URL from a page of the site at host `own`.
    ///
    /// A first-party URL passes unless its route is held; a URL without a host (`data:`, `about:`) passes:
    /// nothing leaves for it.
    pub fn url(&self, standing: Standing, url: &Url, own: &str) -> Verdict<'_> {
        let Some(host) = url.host_str() else {
            return Verdict::Pass(Permit::new());
        };
        let host = host.trim_end_matches('.');
        if self.first_party(host, own) {
            return self.route(standing, "GET", url.path(), url.query().unwrap_or_default());
        }
        self.services_open(standing, &self.hosts.find(host, Some(url.path())))
    }

    /// What happens to a bare connection to a host, as `preconnect` and `dns-prefetch` make.
    pub fn host(&self, standing: Standing, host: &str, own: &str) -> Verdict<'_> {
        let host = host.trim_end_matches('.');
        if self.first_party(host, own) {
            return Verdict::Pass(Permit::new());
        }
        self.services_open(standing, &self.hosts.find(host, None))
    }

    /// What happens to a cookie of the site.
    pub fn cookie(&self, standing: Standing, name: &str) -> Verdict<'_> {
        self.services_open(standing, &self.cookies.find(name))
    }

    /// What happens to a storage key of the site.
    pub fn storage(&self, standing: Standing, key: &str) -> Verdict<'_> {
        self.services_open(standing, &self.storage.find(key))
    }

    /// What happens to a request for the site: held when a feature or service it belongs to is closed.
    pub fn route(&self, standing: Standing, method: &str, path: &str, query: &str) -> Verdict<'_> {
        let features =
            self.draft.features.iter().zip(&self.feature_purposes).map(|(f, purposes)| (&f.routes, purposes));
        let services =
            self.draft.services.iter().zip(&self.service_purposes).map(|(s, purposes)| (&s.routes, purposes));
        features
            .chain(services)
            .filter(|(routes, _)| routes.iter().any(|route| route.matches(method, path, query)))
            .map(|(_, purposes)| self.all_open(standing, purposes))
            .find(|verdict| !verdict.passes())
            .unwrap_or(Verdict::Pass(Permit::new()))
    }

    /// The features that are closed in a standing, each with the purpose that holds it.
    pub fn closed(&self, standing: Standing) -> impl Iterator<Item = (&Feature, &Purpose)> {
        self.draft.features.iter().zip(&self.feature_purposes).filter_map(move |(feature, purposes)| {
            match self.all_open(standing, purposes) {
                Verdict::Hold(purpose) => Some((feature, purpose)),
                Verdict::Pass(_) | Verdict::Unknown => None,
            }
        })
    }

    /// The services that are open in a standing, with the permit for each.
    pub fn open_services(&self, standing: Standing) -> impl Iterator<Item = (&Service, Permit)> {
        self.draft
            .services
            .iter()
            .zip(&self.service_purposes)
            .filter_map(move |(service, purposes)| Some((service, self.all_open(standing, purposes).permit()?)))
    }

    /// The asked purposes that a third-party URL needs, in the order asked: those of every service declared at it.
    pub fn needs(&self, url: &Url) -> Vec<&PurposeId> {
        let host = url.host_str().unwrap_or_default().trim_end_matches('.');
        let found = self.hosts.find(host, Some(url.path()));
        let needs = |id: &PurposeId| found.iter().any(|&at| self.draft.services[at].purposes.contains(id));
        self.asked().map(|purpose| &purpose.id).filter(|id| needs(id)).collect()
    }

    /// The service a third-party URL belongs to, for people: the closest declared.
    pub fn service_at(&self, url: &Url) -> Option<&Service> {
        let host = url.host_str()?.trim_end_matches('.');
        self.hosts.find(host, Some(url.path())).first().map(|&at| &self.draft.services[at])
    }
}

fn faults(draft: &Draft) -> Vec<Fault> {
    let mut faults = Vec::new();
    let declared: HashSet<_> = draft.purposes.iter().map(|purpose| &purpose.id).collect();
    let mut seen = HashSet::new();
    for purpose in &draft.purposes {
        if !seen.insert(purpose.id.as_str()) {
            faults.push(Fault::PurposeTwice(purpose.id.clone()));
        }
        if purpose.wording.values().all(|words| words.title.is_empty() || words.text.is_empty()) {
            faults.push(Fault::Wordless(purpose.id.clone()));
        }
    }
    let mut seen = HashSet::new();
    for service in &draft.services {
        if !seen.insert(&service.id) {
            faults.push(Fault::ServiceTwice(service.id.clone()));
        }
        if service.purposes.is_empty() {
            faults.push(Fault::Purposeless(service.id.clone()));
        }
        for purpose in service.purposes.iter().filter(|purpose| !declared.contains(purpose)) {
            faults.push(Fault::ServicePurpose { service: service.id.clone(), purpose: purpose.clone() });
        }
    }
    faults.extend(site_hosts(draft));
    let mut seen = HashSet::new();
    for feature in &draft.features {
        if !seen.insert(&feature.id) {
            faults.push(Fault::FeatureTwice(feature.id.clone()));
        }
        if feature.needs.is_empty() {
            faults.push(Fault::Needless(feature.id.clone()));
        }
        for purpose in feature.needs.iter().filter(|purpose| !declared.contains(purpose)) {
            faults.push(Fault::FeaturePurpose { feature: feature.id.clone(), purpose: purpose.clone() });
        }
    }
    let asked = draft.purposes.iter().filter(|purpose| purpose.basis == Basis::Consent).count();
    if asked > 32 {
        faults.push(Fault::TooMany(asked));
    }
    faults
}

/// Hosts of services that need consent which are the site's as well.
fn site_hosts(draft: &Draft) -> impl Iterator<Item = Fault> {
    let asked = |id: &PurposeId| draft.purposes.iter().any(|one| one.id == *id && one.basis == Basis::Consent);
    let services = draft.services.iter().filter(move |service| service.purposes.iter().any(asked));
    services.flat_map(|service| service.hosts.iter().map(move |host| (service, host))).filter_map(|(service, host)| {
        let own = draft.hosts.iter().find(|own| own.covers(host))?;
        Some(Fault::SiteHost { service: service.id.clone(), host: host.clone(), own: own.clone() })
    })
}
