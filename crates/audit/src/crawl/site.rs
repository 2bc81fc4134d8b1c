//! What counts as the site: the registrable domain of the address that was given, and the hosts an operator named.

use url::{Host, Url};

/// A pattern that names no host.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no host: expected a name like `shop.example`, or `*.example` for every host below")]
pub struct BadHost(String);

/// The site, as a set of hosts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    own: Vec<String>,
    port: Option<u16>,
}

impl Site {
    /// The site of an address, with the hosts that were named beside it.
    ///
    /// # Errors
    /// When one of the named hosts is none.
    pub fn of(start: &Url, named: &[String]) -> Result<Self, BadHost> {
        let mut own = Vec::new();
        match start.host() {
            Some(Host::Domain(host)) => {
                let host = host.trim_end_matches('.');
                // A host that is itself a public suffix has nothing but itself.
                let domain = psl::domain_str(host).unwrap_or(host);
                own.push(domain.to_owned());
                if psl::domain_str(host).is_some() {
                    own.push(format!("*.{domain}"));
                }
            }
            Some(host) => own.push(host.to_string()),
            None => {}
        }
        for name in named {
            let pattern = pattern(name).ok_or_else(|| BadHost(name.clone()))?;
            if !own.contains(&pattern) {
                own.push(pattern);
            }
        }
        Ok(Self { own, port: start.port() })
    }

    /// The hosts, as an audit names them: a leading `*.` means every host below.
    pub fn own(&self) -> &[String] {
        &self.own
    }

    /// Whether a host is the site's.
    pub fn holds(&self, host: &str) -> bool {
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        self.own.iter().any(|own| match own.strip_prefix("*.") {
            Some(above) => host.strip_suffix(above).is_some_and(|below| below.len() > 1 && below.ends_with('.')),
            None => *own == host,
        })
    }

    /// Whether an address is a page of the site that may be walked to: of its hosts, over HTTP, and at the port the walk
    /// began at. Another port is another server, which nobody asked to look at.
    pub fn walks(&self, url: &Url) -> bool {
        matches!(url.scheme(), "http" | "https")
            && url.username().is_empty()
            && url.password().is_none()
            && url.port() == self.port
            && url.host_str().is_some_and(|host| self.holds(host))
    }
}

/// A host as browsers spell it.
fn pattern(name: &str) -> Option<String> {
    let (star, host) = match name.trim().strip_prefix("*.") {
        Some(host) => ("*.", host),
        None => ("", name.trim()),
    };
    match Host::parse(host.trim_end_matches('.')).ok()? {
        Host::Domain(host) if !host.contains('*') => Some(format!("{star}{host}")),
        Host::Domain(_) => None,
        address if star.is_empty() => Some(address.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site(start: &str, named: &[&str]) -> Site {
        let named: Vec<_> = named.iter().map(|&name| name.to_owned()).collect();
        Site::of(&Url::parse(start).unwrap(), &named).unwrap()
    }

    #[test]
    fn a_site_is_its_registrable_domain() {
        let site = site("https://www.gazette.co.uk/", &[]);
        assert_eq!(site.own(), ["gazette.co.uk", "*.gazette.co.uk"]);
        for own in ["gazette.co.uk", "www.gazette.co.uk", "a.b.gazette.co.uk", "GAZETTE.co.uk.", "www.gazette.co.uk."] {
            assert!(site.holds(own), "{own}");
        }
        for other in ["co.uk", "notgazette.co.uk", ".gazette.co.uk", "gazette.co.uk.evil.test", "other.co.uk", ""] {
            assert!(!site.holds(other), "{other}");
        }
    }

    #[test]
    fn names_and_addresses_without_a_registrable_domain_are_only_themselves() {
        assert_eq!(site("http://localhost:8080/", &[]).own(), ["localhost"]);
        assert_eq!(site("http://127.0.0.1/", &[]).own(), ["127.0.0.1"]);
        assert_eq!(site("http://[::1]/", &[]).own(), ["[::1]"]);
        assert!(!site("http://127.0.0.1/", &[]).holds("127.0.0.2"));
        assert!(!site("http://newsroom.localhost/", &[]).holds("ads.localhost"));
        // A host of a shared suffix is nobody else's.
        assert!(!site("https://me.github.io/", &[]).holds("you.github.io"));
    }

    #[test]
    fn what_is_named_counts_too() {
        let site = site("https://gazette.example/", &["*.Gazette-Static.example", "bücher.example", "10.0.0.1"]);
        assert!(site.holds("a.gazette-static.example") && !site.holds("gazette-static.example"));
        assert!(site.holds("xn--bcher-kva.example") && site.holds("10.0.0.1"));
        let start = Url::parse("https://gazette.example/").unwrap();
        for bad in ["", "*.", "*", "a b", "https://x.example/", "*.10.0.0.1", "x.*.example"] {
            let fault = Site::of(&start, &[bad.to_owned()]).unwrap_err();
            assert!(fault.to_string().contains("expected"), "{bad}: {fault}");
        }
    }

    #[test]
    fn another_port_or_scheme_is_not_walked_to() {
        let site = site("http://newsroom.localhost:8080/", &[]);
        let walks = |url: &str| site.walks(&Url::parse(url).unwrap());
        assert!(walks("http://newsroom.localhost:8080/a?b"));
        assert!(walks("https://www.newsroom.localhost:8080/"));
        for other in [
            "http://newsroom.localhost/",
            "http://newsroom.localhost:9000/",
            "http://me@newsroom.localhost:8080/",
            "ftp://newsroom.localhost:8080/",
            "mailto:newsroom.localhost",
            "javascript:alert(1)",
        ] {
            assert!(!walks(other), "{other}");
        }
        // The usual ports are one: links to http lead to https.
        let site = super::tests::site("https://gazette.example/", &[]);
        assert!(site.walks(&Url::parse("http://gazette.example/").unwrap()));
    }
}
