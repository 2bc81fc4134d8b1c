//! The lock: a Content-Security-Policy that is a list of hosts, made for one standing.
//!
//! It restricts where a page can reach, never how it is written: inline code and `eval` stay as free as the
//! site's own policy leaves them. Several policies are all enforced (CSP3 §4.2), so adding ours only tightens.

use bandeau_consent::{HostPattern, Policy, Service, Standing};
use http::HeaderValue;
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// The policy for a standing, for pages asked for at host `own`; none where the operator lets undeclared
/// hosts pass, which a list of hosts cannot say.
pub fn policy(policy: &Policy, standing: Standing, own: &str) -> Option<HeaderValue> {
    if policy.strangers(standing) {
        return None;
    }
    let mut hosts: BTreeSet<String> = open(policy, standing).flat_map(sources).collect();
    if HostPattern::new(own).is_ok() {
        hosts.insert(format!("{own}:*"));
    }
    Some(written(&hosts))
}

/// The same of every host that is known, the site's own and those of all services: what lies past it is a stranger's.
pub(crate) fn known(policy: &Policy, own: &str) -> HeaderValue {
    let declared = policy.draft().services.iter().flat_map(|service| &service.hosts);
    let mut hosts: BTreeSet<String> = policy.draft().hosts.iter().chain(declared).flat_map(sources).collect();
    if HostPattern::new(own).is_ok() {
        hosts.insert(format!("{own}:*"));
    }
    written(&hosts)
}

/// Where reports are sent, and as what a list of endpoints names that (Reporting API §3.2). Browsers heed the list over
/// TLS alone.
const REPORT: &str = "/.well-known/bandeau/report";
pub(crate) const ENDPOINT: &str = "bandeau=\"/.well-known/bandeau/report\"";

/// A policy that has violations of it reported: nothing where none are wanted, else whether the visitor speaks TLS.
/// Both ways of asking stand where both are heeded: a browser that knows the second ignores the first (CSP3 §5.5).
pub(crate) fn reporting(policy: HeaderValue, wanted: Option<bool>) -> HeaderValue {
    let Some(secure) = wanted else {
        return policy;
    };
    let text = String::from_utf8_lossy(policy.as_bytes()).into_owned();
    let group = if secure { "; report-to bandeau" } else { "" };
    HeaderValue::from_str(&format!("{text}; report-uri {REPORT}{group}")).unwrap_or(policy)
}

/// A policy that allows these hosts, and code however it is written.
fn written(hosts: &BTreeSet<String>) -> HeaderValue {
    let mut list = String::new();
    for host in hosts {
        let _ = write!(list, " {host}");
    }
    // A host without a scheme means the page's own scheme and its upgrades, which `ws:` is not (CSP3 §6.7.2.9); `ws:`
    // means `wss:` too.
    let mut sockets = list.clone();
    for host in hosts {
        let _ = write!(sockets, " ws://{host}");
    }
    let text = format!(
        "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob: filesystem: mediastream:{sockets}; form-action 'self'{list}"
    );
    // Invariant: hosts are ASCII from the URL parser and paths were escaped, so this is a header value.
    HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static("default-src 'self'; form-action 'self'"))
}

/// The hosts that are open in a standing: the site's own, and those of open services. What several services declare
/// passes only when all may.
pub(crate) fn open(policy: &Policy, standing: Standing) -> impl Iterator<Item = &HostPattern> {
    let open: Vec<&Service> = policy.open_services(standing).map(|(service, _permit)| service).collect();
    let closed = policy.draft().services.iter().filter(|service| !open.iter().any(|one| one.id == service.id));
    let closed: BTreeSet<&HostPattern> = closed.flat_map(|service| &service.hosts).collect();
    let granted = open.into_iter().flat_map(|service| &service.hosts).filter(move |host| !closed.contains(host));
    policy.draft().hosts.iter().chain(granted)
}

/// The sources of a pattern. Its path is a beginning; in a source a path that does not end in `/` is that path
/// alone (CSP3 §6.7.2.11), so what lies below it is a second source.
pub(crate) fn sources(pattern: &HostPattern) -> Vec<String> {
    let one = source(pattern);
    let below = (!pattern.path().is_empty() && !one.ends_with('/')).then(|| format!("{one}/"));
    std::iter::once(one).chain(below).collect()
}

/// A host-source of CSP3 §2.3.1, on any port: without a scheme it means the page's own and its upgrades.
fn source(pattern: &HostPattern) -> String {
    let mut out = format!("{}{}:*", if pattern.below() { "*." } else { "" }, pattern.host());
    // `;` and `,` end a directive and a policy; anything not printable ASCII ends the header.
    for byte in pattern.path().bytes() {
        match byte {
            b';' | b',' | b'%' | b' ' | b'\'' | b'"' | b'*' | 0..=0x20 | 0x7f.. => {
                let _ = write!(out, "%{byte:02X}");
            }
            _ => out.push(byte as char),
        }
    }
    out
}
