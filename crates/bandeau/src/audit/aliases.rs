//! Asks DNS what every host an audit met stands for, so that a tracker behind a name of the site's is found out. What a
//! chain means this room does not know, and a name nobody answers for stops nothing.

use crate::check::Resolver;
use bandeau_audit::seen::Audit;
use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use url::Url;

/// So many names are looked up at once.
const AT_ONCE: usize = 16;

/// Names looked up for one audit, at most: each may take two seconds.
const MOST: usize = 1_000;

/// Looks every host up that a request was made for, and writes its aliases into the audit. What is not known becomes a note.
/// `told` hears how many are left.
pub(super) async fn fill(audit: &mut Audit, resolver: &Resolver, told: impl Fn(usize)) {
    let hosts = hosts(audit);
    let room = Arc::new(Semaphore::new(AT_ONCE));
    let mut asking = JoinSet::new();
    for host in hosts.iter().take(MOST).cloned() {
        let (resolver, room) = (resolver.clone(), Arc::clone(&room));
        asking.spawn(async move {
            let _place = room.acquire_owned().await;
            let chain = resolver.aliases(&host).await.map_err(|silence| silence.to_string());
            (host, chain)
        });
    }
    let mut silent = BTreeSet::new();
    while let Some(answer) = asking.join_next().await {
        match answer {
            Ok((_, Ok(chain))) if chain.is_empty() => {}
            Ok((host, Ok(chain))) => {
                audit.aliases.insert(host, chain);
            }
            Ok((host, Err(why))) => {
                silent.insert(format!("{host} ({why})"));
            }
            Err(error) => {
                silent.insert(format!("a name ({error})"));
            }
        }
        told(asking.len());
    }
    if let Some(first) = silent.first() {
        let more = if silent.len() > 1 { format!(" and {} more", silent.len() - 1) } else { String::new() };
        audit.notes.push(format!("DNS did not say whether these hosts are aliases: {first}{more}."));
    }
    if hosts.len() > MOST {
        audit.notes.push(format!("Of {} hosts only {MOST} were looked up in DNS.", hosts.len()));
    }
}

/// Hosts that are looked up in the DNS at all: not addresses, nor names that mean this machine (RFC 6761 §6.3).
fn hosts(audit: &Audit) -> BTreeSet<String> {
    let requests = audit.runs.iter().flat_map(|run| &run.requests).filter(|request| request.outcome.left());
    let names = requests.filter_map(|request| {
        let url = Url::parse(&request.url).ok()?;
        Some(url.host_str()?.trim_end_matches('.').to_ascii_lowercase())
    });
    let public = |host: &String| {
        let number = host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok();
        !number && host != "localhost" && !host.ends_with(".localhost")
    };
    names.filter(public).collect()
}
