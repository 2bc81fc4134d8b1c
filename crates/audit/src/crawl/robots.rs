//! What a site asks of robots (RFC 9309), for the robot named `bandeau`. Parsing is the crate `robotxt`'s; here stands what
//! an answer that is not a file means.

use std::time::Duration;
use url::Url;

/// How a site names us in its `robots.txt`.
pub(super) const NAME: &str = "bandeau";

/// A wait between two pages that a site may ask for; longer ones are cut to it.
const DELAY: Duration = Duration::from_secs(30);

/// The rules of one origin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Robots(robotxt::Robots);

impl Robots {
    /// What an answer with this status means; nothing stands for no answer at all.
    pub fn read(status: Option<u16>, body: &[u8]) -> Self {
        Self(match status {
            Some(200..=299) => robotxt::Robots::parse(body, NAME),
            // RFC 9309 §2.3.1.3: what is not there asks for nothing. Redirects beyond the fifth count as that too.
            Some(300..=499) => robotxt::Robots::allow_all(),
            // RFC 9309 §2.3.1.4: who cannot answer may have asked for anything.
            _ => robotxt::Robots::disallow_all(),
        })
    }

    /// Asks for nothing.
    pub fn open() -> Self {
        Self(robotxt::Robots::allow_all())
    }

    /// Whether a page may be walked to.
    pub fn allows(&self, url: &Url) -> bool {
        self.0.is_url_allowed(url)
    }

    /// The wait between two pages it asks for, at most 30 s.
    pub fn delay(&self) -> Option<Duration> {
        self.0.crawl_delay().map(|delay| delay.min(DELAY))
    }

    /// The sitemaps it names.
    pub fn sitemaps(&self) -> &[Url] {
        self.0.sitemaps()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allows(robots: &str, path: &str) -> bool {
        let url = Url::parse("https://gazette.example").unwrap().join(path).unwrap();
        Robots::read(Some(200), robots.as_bytes()).allows(&url)
    }

    #[test]
    fn rules_are_those_of_the_specification() {
        let cases: &[(&str, &str, bool)] = &[
            ("", "/", true),
            ("User-agent: *\nDisallow:", "/a", true),
            ("User-agent: *\nDisallow: /", "/a", false),
            ("User-agent: *\nDisallow: /", "/robots.txt", true),
            // The longest match wins, and what allows wins among equals (§2.2.2).
            ("User-agent: *\nDisallow: /a\nAllow: /a/b", "/a/b/c", true),
            ("User-agent: *\nAllow: /a\nDisallow: /a/b", "/a/b/c", false),
            ("User-agent: *\nDisallow: /a\nAllow: /a", "/a", true),
            // §2.2.3
            ("User-agent: *\nDisallow: /*.php$", "/x/y.php", false),
            ("User-agent: *\nDisallow: /*.php$", "/x/y.php?z", true),
            ("User-agent: *\nDisallow: *?print=", "/x?print=1", false),
            ("user-AGENT:*\r\nDISALLOW : /a # why", "/a", false),
            ("User-agent: *\nDisallow: /caf%C3%A9", "/café", false),
            ("User-agent: *\nDisallow: /café", "/caf%C3%A9", false),
            ("User-agent: *\nDisallow: /A", "/a", true),
            // Our own group, and then no other (§2.2.1).
            ("User-agent: Bandeau\nDisallow: /a\n\nUser-agent: *\nDisallow: /", "/b", true),
            ("User-agent: x\nUser-agent: bandeau\nDisallow: /a", "/a", false),
            ("User-agent: bandeau\nAllow: /\n\nUser-agent: bandeau\nDisallow: /a", "/a", false),
            ("User-agent: other\nDisallow: /", "/a", true),
            // Lines nobody knows end no group.
            ("User-agent: *\nSitemap: https://x.example/s.xml\nDisallow: /a", "/a", false),
            ("Disallow: /", "/a", true),
            ("<html><body>Disallow: /</body></html>", "/a", true),
            ("\u{feff}User-agent: *\nDisallow: /a", "/a", false),
        ];
        for (robots, path, expected) in cases {
            assert_eq!(allows(robots, path), *expected, "{robots:?} {path}");
        }
    }

    #[test]
    fn what_is_missing_allows_and_what_fails_does_not() {
        let page = Url::parse("https://gazette.example/a").unwrap();
        let deny = b"User-agent: *\nDisallow: /";
        for (status, expected) in [
            (Some(200), false),
            (Some(404), true),
            (Some(403), true),
            (Some(301), true),
            (Some(500), false),
            (None, false),
        ] {
            assert_eq!(Robots::read(status, deny).allows(&page), expected, "{status:?}");
        }
        assert!(Robots::open().allows(&page));
    }

    #[test]
    fn delays_and_sitemaps_are_read_and_bounded() {
        let text = "Sitemap: https://gazette.example/a.xml\nUser-agent: *\nCrawl-delay: 2.5\nSitemap: nowhere\n\
                    sitemap:https://cdn.example/b.xml";
        let robots = Robots::read(Some(200), text.as_bytes());
        assert_eq!(robots.delay(), Some(Duration::from_millis(2500)));
        let maps: Vec<_> = robots.sitemaps().iter().map(Url::as_str).collect();
        assert_eq!(maps, ["https://gazette.example/a.xml", "https://cdn.example/b.xml"]);
        let delay =
            |text: &str| Robots::read(Some(200), format!("User-agent: *\nCrawl-delay: {text}").as_bytes()).delay();
        assert_eq!(delay("86400"), Some(DELAY));
        assert_eq!(delay("-1"), None);
        assert_eq!(delay("NaN"), None);
        assert_eq!(delay("1e300"), None);
    }
}
