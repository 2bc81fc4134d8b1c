//! The lock, for any hosts an operator may write: always one header, that reads back as exactly the hosts that pass. And
//! the site's own policies, of any bytes: never a panic, and no nonce that they do not name.
#![no_main]

use bandeau_consent::{HostPattern, Policy, Standing, Verdict};
use bandeau_gate::{Entry, lock};
use http::{HeaderMap, HeaderValue, header::CONTENT_SECURITY_POLICY};
use libfuzzer_sys::fuzz_target;
use std::collections::BTreeSet;
use url::Url;

/// The host sources of one directive, as a browser reads them (CSP3 §2.3.1): host, whether its subdomains, path.
fn sources(policy: &str, name: &str) -> BTreeSet<(String, bool, String)> {
    let directive =
        policy.split(';').map(str::trim).find(|one| one.split_ascii_whitespace().next() == Some(name)).unwrap();
    directive
        .split_ascii_whitespace()
        .skip(1)
        .filter(|source| !source.starts_with('\'') && !source.ends_with(':'))
        .map(|source| {
            // `ws://` before a host says the same host for sockets.
            let source = source.strip_prefix("ws://").unwrap_or(source);
            let (host, path) = source.split_once(":*").unwrap_or_else(|| panic!("no port in {source:?}"));
            let (below, host) = host.strip_prefix("*.").map_or((false, host), |host| (true, host));
            (host.to_owned(), below, path.to_owned())
        })
        .collect()
}

/// Whether the list lets a host pass on any path.
fn lists(list: &BTreeSet<(String, bool, String)>, host: &str) -> bool {
    list.iter().any(|(name, below, path)| {
        matches!(path.as_str(), "" | "/")
            && if *below {
                host.strip_suffix(name.as_str()).is_some_and(|rest| rest.ends_with('.'))
            } else {
                name == host
            }
    })
}

fn check(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let mut draft = bandeau_fuzz::policy().draft().clone();
    let mut words = text.split(['\n', ' ']).take(12);
    for service in &mut draft.services {
        service.hosts = words.by_ref().take(3).filter_map(|word| HostPattern::new(word).ok()).collect();
    }
    let all: Vec<HostPattern> = draft.services.iter().flat_map(|service| service.hosts.clone()).collect();
    // The first service is exempt, the others are held.
    let exempt = draft.services[0].hosts.len();
    let Ok(policy) = Policy::new(draft) else { return };
    let value = lock(&policy, Standing::Undecided, "news.test").unwrap();
    let value = value.to_str().unwrap();
    assert!(!value.contains(','), "more than one policy: {value}");
    let directives: Vec<_> = value.split(';').filter_map(|one| one.split_ascii_whitespace().next()).collect();
    assert_eq!(directives, ["default-src", "form-action"], "{value}");
    let list = sources(value, "default-src");
    assert_eq!(list, sources(value, "form-action"));
    assert!(lists(&list, "news.test") && lists(&list, "img.news.test"));
    // A name that only begins like the site's is nobody's, unless the operator wrote it.
    let other = "evil.test.news.test.x";
    assert!(!lists(&list, other) || all[..exempt].iter().any(|open| open.matches(other)), "{value}");
    let held: Vec<&HostPattern> = all[exempt..].iter().collect();
    for pattern in all.iter().filter(|pattern| pattern.path().is_empty()) {
        for host in [pattern.host().to_owned(), format!("x.{}", pattern.host()), format!("x{}", pattern.host())] {
            let Ok(url) = Url::parse(&format!("https://{host}/")) else { continue };
            let passes = matches!(policy.url(Standing::Undecided, &url, "news.test"), Verdict::Pass(_));
            assert!(lists(&list, &host) || !passes, "{host} passes and is not listed: {value}");
            // A list of hosts cannot leave one out of those below another, nor a path out of those of a host.
            let wide = all[..exempt].iter().any(|open| open.matches(&host) && !held.contains(&open));
            assert!(passes || !lists(&list, &host) || wide, "{host} is listed: {value}");
        }
    }
}

fuzz_target!(|data: &[u8]| {
    check(data);
    let mut headers = HeaderMap::new();
    for line in data.split(|&byte| byte == b'\n').take(4) {
        if let Ok(value) = HeaderValue::from_bytes(line) {
            headers.append(CONTENT_SECURITY_POLICY, value);
        }
    }
    let said: String = headers.values().map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned()).collect();
    for entry in [Entry::style(&headers), Entry::script(&headers)] {
        if let Entry::Nonce(nonce) = entry {
            assert!(said.contains(&format!("'nonce-{nonce}'")), "{nonce:?} is not in {said:?}");
        }
    }
});
