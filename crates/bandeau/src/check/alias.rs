//! Aliases: hosts of the site that are in truth a third party's. A `CNAME` gives a tracker a first-party name, so
//! that it counts as the site; only DNS tells. This room knows what was declared; [`super::dns`] asks.

use super::dns::{Resolver, Silence};
use crate::config::{Config, catalog};
use bandeau_consent::{Basis, HostPattern, Policy, Service};
use std::collections::BTreeSet;
use std::io::{IsTerminal as _, Write as _};
use std::net::IpAddr;
use std::sync::Arc;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

/// So many names are looked up at once.
const AT_ONCE: usize = 16;

/// What was found out about the site's names.
#[derive(Debug, Default)]
pub(crate) struct Report {
    /// How many names were asked for.
    pub(crate) asked: usize,
    /// What must be mended.
    pub(crate) findings: Vec<Finding>,
    /// Names of which nothing is known, and why.
    pub(crate) silent: Vec<(String, Silence)>,
    /// Patterns whose names nobody can list.
    pub(crate) wild: Vec<String>,
}

/// A name of the site's that leads to a third party.
#[derive(Debug)]
pub(crate) struct Finding {
    /// The name.
    pub(crate) host: String,
    /// What it stands for, in order.
    chain: Vec<String>,
    /// Where the chain meets the service.
    met: String,
    /// The service, for people.
    service: String,
    /// What to write where.
    declare: String,
    /// Whether the service declares that very name, or only others of the same registrable domain.
    exact: bool,
}

impl Finding {
    /// The finding in words.
    pub(crate) fn says(&self) -> String {
        let Self { host, chain, met, service, declare, exact } = self;
        let verb = if *exact { "belongs to" } else { "looks like a host of" };
        format!(
            "is an alias: {host} → {}; {met} {verb} {service}. Take {host} out of what is the site's and declare it {declare}",
            chain.join(" → ")
        )
    }
}

/// Hosts of one service that needs consent.
struct Known {
    service: String,
    declare: String,
    hosts: Vec<HostPattern>,
}

/// Looks up the site's own names and those of exempt services.
pub(crate) async fn look(config: &Config, resolver: &Resolver) -> Report {
    let policy = &config.policy;
    let (named, wild): (Vec<_>, Vec<_>) = ours(policy).into_iter().partition(|pattern| !pattern.below());
    let hosts: BTreeSet<String> = named.iter().map(|pattern| pattern.host().to_owned()).filter(|h| public(h)).collect();
    let mut report = Report { asked: hosts.len(), ..Report::default() };
    report.wild = wild.iter().map(|pattern| format!("*.{}", pattern.host())).collect();
    report.wild.dedup();
    let room = Arc::new(Semaphore::new(AT_ONCE));
    let mut asking = JoinSet::new();
    for host in hosts {
        let (resolver, room) = (resolver.clone(), Arc::clone(&room));
        asking.spawn(async move {
            let _place = room.acquire_owned().await;
            let aliases = resolver.aliases(&host).await;
            (host, aliases)
        });
    }
    let known = known(policy);
    let progress = std::io::stderr().is_terminal();
    while let Some(answer) = asking.join_next().await {
        match answer {
            Ok((host, Ok(chain))) => report.findings.extend(judge(host, chain, policy, &known)),
            Ok((host, Err(silence))) => report.silent.push((host, silence)),
            Err(error) => report.silent.push(("a name".into(), Silence::Broken(error.to_string()))),
        }
        if progress {
            eprint!("\r{} of {} names left to look up ", asking.len(), report.asked);
            let _ = std::io::stderr().flush();
        }
    }
    if progress && report.asked > 0 {
        eprintln!();
    }
    report.findings.sort_by(|a, b| a.host.cmp(&b.host));
    report.silent.sort_by(|a, b| a.0.cmp(&b.0));
    report
}

/// What passes unasked: the site's hosts, and those of services that are exempt.
fn ours(policy: &Policy) -> Vec<HostPattern> {
    let draft = policy.draft();
    let exempt = draft.services.iter().filter(|service| exempt(policy, service)).flat_map(|service| &service.hosts);
    draft.hosts.iter().chain(exempt).cloned().collect()
}

fn exempt(policy: &Policy, service: &Service) -> bool {
    service.purposes.iter().all(|id| policy.exempt().any(|purpose| purpose.id == *id))
}

/// Whether a name is looked up in the DNS at all: not addresses, nor names that mean this machine (RFC 6761 §6.3).
fn public(host: &str) -> bool {
    host.parse::<IpAddr>().is_err() && host != "localhost" && !host.ends_with(".localhost")
}

/// The services that need consent: those of the configuration, then the rest of the catalogue.
fn known(policy: &Policy) -> Vec<Known> {
    let services = &policy.draft().services;
    let own = services.iter().filter(|service| !exempt(policy, service)).map(|service| Known {
        service: format!("the service {} ({})", service.name, service.id),
        declare: format!("in the hosts of the service {}", service.id),
        hosts: service.hosts.clone(),
    });
    let free: Vec<_> = bandeau_banner::purposes().into_iter().filter(|one| one.basis == Basis::Exempt).collect();
    let listed = catalog::names().filter(|name| services.iter().all(|service| service.id.as_str() != *name));
    let rest = listed.filter_map(|name| {
        let entry = catalog::find(name)?;
        // What is exempt by its purpose alone; audience measurement is not, everywhere.
        let free = |id: &str| id == "technical" && free.iter().any(|one| one.id.as_str() == id);
        if entry.serves()?.iter().all(|id| free(id.get_ref())) {
            return None;
        }
        Some(Known {
            service: format!("{} (in the catalogue: {name})", entry.name.unwrap_or_default()),
            declare: format!("in the hosts of a [[service]] with use = \"{name}\""),
            hosts: entry.hosts?.iter().filter_map(|host| HostPattern::new(host.get_ref()).ok()).collect(),
        })
    });
    own.chain(rest).collect()
}

/// The first service a chain meets: one that declares a name of it, else one that declares a kin of one.
fn judge(host: String, chain: Vec<String>, policy: &Policy, known: &[Known]) -> Option<Finding> {
    let foreign = || chain.iter().filter(|name| !policy.draft().hosts.iter().any(|own| own.matches(name)));
    let meets = |fits: fn(&HostPattern, &str) -> bool| {
        foreign().find_map(|name| {
            known.iter().find(|known| known.hosts.iter().any(|pattern| fits(pattern, name))).map(|known| (name, known))
        })
    };
    let exact = meets(HostPattern::matches);
    let (met, found) = exact.or_else(|| meets(HostPattern::akin))?;
    Some(Finding {
        met: met.clone(),
        service: found.service.clone(),
        declare: format!("{}, or in a [[service]] of its own", found.declare),
        exact: exact.is_some(),
        host,
        chain,
    })
}
