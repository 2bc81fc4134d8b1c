//! Names of hosts: which registrable domain a host belongs to, and which hosts are the site's. Whose a domain is it does
//! not know.

use std::net::IpAddr;
use url::Url;

/// The host of an address, lower-case, without a trailing dot and without the brackets of an IPv6 address; nothing where
/// there is none.
pub(crate) fn host(url: &str) -> Option<String> {
    Url::parse(url).ok().and_then(|url| url.host_str().map(plain))
}

/// A host as it is compared: lower-case, without a leading or trailing dot, without brackets.
pub(crate) fn plain(host: &str) -> String {
    host.trim_matches(|c| matches!(c, '.' | '[' | ']')).to_ascii_lowercase()
}

/// The registrable domain of a host by the public suffix list; the host itself where it is an address or a suffix.
pub(crate) fn domain(host: &str) -> &str {
    if host.parse::<IpAddr>().is_ok() {
        return host;
    }
    psl::domain_str(host).unwrap_or(host)
}

/// What counts as the site itself.
#[derive(Debug, Clone)]
pub(crate) struct Own {
    domain: String,
    hosts: Vec<String>,
}

impl Own {
    /// From the address that was asked for, and the hosts that were named (`*.` means every host below).
    pub(crate) fn new(site: &str, named: &[String]) -> Self {
        let host = host(site).unwrap_or_default();
        Self { domain: domain(&host).to_owned(), hosts: named.iter().map(|name| name.to_ascii_lowercase()).collect() }
    }

    /// The registrable domain of the site.
    pub(crate) fn domain(&self) -> &str {
        &self.domain
    }

    /// Whether a host is the site's.
    pub(crate) fn has(&self, host: &str) -> bool {
        domain(host) == self.domain
            || self.hosts.iter().any(|name| match name.strip_prefix("*.") {
                Some(above) => host.strip_suffix(above).is_some_and(|front| front.len() > 1 && front.ends_with('.')),
                None => host == name,
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn domains_are_those_somebody_registers() {
        for (host, expected) in [
            ("a.b.example.com", "example.com"),
            ("example.co.uk", "example.co.uk"),
            ("www.example.co.uk", "example.co.uk"),
            ("ads.localhost", "ads.localhost"),
            ("x.ads.localhost", "ads.localhost"),
            ("localhost", "localhost"),
            ("127.0.0.1", "127.0.0.1"),
            ("::1", "::1"),
        ] {
            assert_eq!(domain(host), expected, "{host}");
        }
        assert_eq!(host("https://[::1]:8080/x").as_deref(), Some("::1"));
        assert_eq!(host("https://Ads.Test./x").as_deref(), Some("ads.test"));
        assert_eq!(host("data:text/plain,x"), None);
    }

    #[test]
    fn the_site_is_its_domain_and_what_was_named() {
        let own = Own::new("https://www.site.test/start", &["img.other.test".into(), "*.static.test".into()]);
        for host in ["site.test", "a.b.site.test", "img.other.test", "a.static.test"] {
            assert!(own.has(host), "{host}");
        }
        for host in ["other.test", "static.test", "notsite.test", "site.test.evil.test", "xstatic.test"] {
            assert!(!own.has(host), "{host}");
        }
        assert!(!Own::new("http://127.0.0.1:1/", &[]).has("10.0.0.1"), "addresses have no domain in common");
    }
}
