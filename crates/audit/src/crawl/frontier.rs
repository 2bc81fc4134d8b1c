//! The list of pages that were found and not visited yet, and which of them is next. A function of what it is offered:
//! it fetches nothing and waits for nothing.
//!
//! Breadth first; among pages equally far from the start, those of parts of the site that were looked at least, so that
//! ten thousand articles do not hide the shop. What would change something (logging out, deleting) or give a file is never
//! walked to, whatever `robots.txt` says.

use super::{Robots, Site};
use crate::seen::From;
use std::collections::{BTreeMap, HashMap, HashSet};
use url::{Origin, Url};

/// Pages that wait, at most: the rest of a very large site is only counted.
const WAITING: usize = 20_000;

/// Under which limits pages are chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scope {
    /// Pages, at most.
    pub pages: u32,
    /// Links away from the start page, at most.
    pub depth: u32,
    /// Whether `robots.txt` is heeded.
    pub robots: bool,
}

/// A page to visit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lead {
    /// Its address.
    pub url: Url,
    /// How it was found.
    pub from: From,
    /// Links away from the start page.
    pub depth: u32,
}

/// What comes next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// A page.
    Page(Lead),
    /// The `robots.txt` of this address's origin must be known first: see [`Frontier::know`].
    Robots(Url),
    /// Nothing: no page is left, or the limit is reached.
    Nothing,
}

/// Everything that was found and waits.
#[derive(Debug)]
pub struct Frontier {
    site: Site,
    scope: Scope,
    robots: HashMap<Origin, Robots>,
    waiting: Vec<Waiting>,
    // Invariant: holds the key of everything that waits or was given out.
    known: HashSet<String>,
    given: u32,
    // How many pages were given out of each part of the site.
    parts: HashMap<String, u32>,
    left: BTreeMap<&'static str, u64>,
}

/// A page that waits, with what it is compared by.
#[derive(Debug)]
struct Waiting {
    lead: Lead,
    key: String,
    parts: [String; 3],
}

impl Frontier {
    /// Nothing was found yet.
    pub fn new(site: Site, scope: Scope) -> Self {
        Self {
            site,
            scope,
            robots: HashMap::new(),
            waiting: Vec::new(),
            known: HashSet::new(),
            given: 0,
            parts: HashMap::new(),
            left: BTreeMap::new(),
        }
    }

    /// Says that a page was found. What a person asked for by name is taken as it is; other pages must be of the site, and
    /// something a browser may open without changing anything.
    pub fn offer(&mut self, url: &Url, from: From, depth: u32) {
        let asked = matches!(from, From::Start | From::Named);
        let mut url = url.clone();
        url.set_fragment(None);
        if !asked {
            tidy(&mut url);
            if !self.site.walks(&url) || url.as_str().len() > 2_048 {
                return;
            }
        }
        let key = key(&url);
        if self.known.contains(&key) {
            return;
        }
        let why = match () {
            () if asked => None,
            () if acts(&url) => Some("would change something (logging out, deleting and the like)"),
            () if file(&url) => Some("are files, not pages"),
            () if depth > self.scope.depth => Some("are further from the start page than the depth allows"),
            () if self.waiting.len() >= WAITING => Some("were found after the list was full"),
            () => None,
        };
        self.known.insert(key.clone());
        match why {
            Some(why) => *self.left.entry(why).or_default() += 1,
            None => self.waiting.push(Waiting { parts: parts(&url), key, lead: Lead { url, from, depth } }),
        }
    }

    /// Says where a page led: that address needs no visit of its own.
    pub fn landed(&mut self, url: &Url) {
        let key = key(url);
        self.waiting.retain(|one| matches!(one.lead.from, From::Start | From::Named) || one.key != key);
        self.known.insert(key);
    }

    /// Says what an origin asks of robots.
    pub fn know(&mut self, origin: &Url, robots: Robots) {
        self.robots.insert(origin.origin(), robots);
    }

    /// The next page.
    pub fn pop(&mut self) -> Next {
        while self.given < self.scope.pages {
            let best = self.waiting.iter().enumerate().min_by_key(|(at, one)| self.rank(*at, one));
            let Some((at, Waiting { lead, .. })) = best else { break };
            if self.scope.robots && !matches!(lead.from, From::Start | From::Named) {
                match self.robots.get(&lead.url.origin()) {
                    None => return Next::Robots(lead.url.clone()),
                    Some(robots) if !robots.allows(&lead.url) => {
                        self.waiting.remove(at);
                        *self.left.entry("are left out by robots.txt").or_default() += 1;
                        continue;
                    }
                    Some(_) => {}
                }
            }
            let Waiting { lead, parts, .. } = self.waiting.remove(at);
            self.given += 1;
            for part in parts {
                *self.parts.entry(part).or_default() += 1;
            }
            return Next::Page(lead);
        }
        Next::Nothing
    }

    /// How many pages there will be as far as is known: those given out, and those that wait, up to the limit.
    pub fn foreseen(&self) -> u32 {
        let waiting = u32::try_from(self.waiting.len()).unwrap_or(u32::MAX);
        self.given.saturating_add(waiting).min(self.scope.pages)
    }

    /// What was found and not visited, in sentences.
    pub fn notes(&self) -> Vec<String> {
        let mut notes: Vec<_> = self.left.iter().map(|(why, count)| format!("{} {why}", pages(*count))).collect();
        let waiting = self.waiting.len() as u64;
        if waiting > 0 && self.given >= self.scope.pages {
            notes.push(format!(
                "{} found and not visited: the limit of pages was reached",
                match waiting {
                    1 => "1 page was".to_owned(),
                    count => format!("{count} pages were"),
                }
            ));
        }
        notes
    }

    /// What is smallest comes first.
    fn rank(&self, at: usize, one: &Waiting) -> (u8, u32, [u32; 3], usize) {
        let kind = match one.lead.from {
            From::Start => 0,
            From::Named => 1,
            From::Sitemap | From::Link => 2,
        };
        let seen = one.parts.each_ref().map(|part| self.parts.get(part).copied().unwrap_or_default());
        (kind, one.lead.depth, seen, at)
    }
}

fn pages(count: u64) -> String {
    match count {
        1 => "1 address was found and not visited, because it is one of those that".to_owned(),
        count => format!("{count} addresses were found and not visited, because they"),
    }
}

/// Takes off what makes no other page: an empty query, and what campaigns add.
fn tidy(url: &mut Url) {
    const CAMPAIGN: [&str; 5] = ["fbclid", "gclid", "msclkid", "mc_cid", "mc_eid"];
    let campaign = |name: &str| name.starts_with("utm_") || CAMPAIGN.contains(&name);
    let Some(query) = url.query() else { return };
    // Parts are taken out whole: what stays is spelt as the site spelt it.
    let kept: Vec<&str> = query
        .split('&')
        .filter(|part| !part.is_empty() && !campaign(part.split('=').next().unwrap_or_default()))
        .collect();
    let kept = kept.join("&");
    url.set_query((!kept.is_empty()).then_some(kept.as_str()));
}

/// What two addresses of one page have in common.
fn key(url: &Url) -> String {
    let mut url = url.clone();
    url.set_fragment(None);
    tidy(&mut url);
    // Over HTTPS or not, at the usual ports it is the same page.
    let text = url.as_str();
    match text.strip_prefix("http:") {
        Some(rest) if url.port().is_none() => format!("https:{rest}"),
        _ => text.to_owned(),
    }
}

/// The parts of the site a page belongs to, the largest first: two directories deep, and the page itself without what is
/// asked of it. A first directory of two letters is a language and says nothing alone. Titles are one part: pages right
/// below a directory that have long names are all articles.
fn parts(url: &Url) -> [String; 3] {
    let host = url.host_str().unwrap_or_default();
    let mut segments: Vec<&str> = url.path().split('/').filter(|segment| !segment.is_empty()).collect();
    let language = match segments.first() {
        Some(first) if first.len() == 2 || (first.len() == 5 && first.as_bytes().get(2) == Some(&b'-')) => {
            segments.remove(0)
        }
        _ => "",
    };
    let named = |at: usize| {
        let last = at + 1 == segments.len();
        segments.get(at).map(|&segment| if last && title(segment) { "*" } else { segment }).unwrap_or_default()
    };
    let first = format!("{host}/{}", named(0));
    let second = format!("{first}/{}", named(1));
    [first, second, format!("{host}/{language}{}", url.path())]
}

/// Whether a name looks like that of one article among many.
fn title(segment: &str) -> bool {
    let words = segment.split(['-', '_', '+']).filter(|word| !word.is_empty()).count();
    words > 3 || segment.bytes().filter(u8::is_ascii_digit).count() >= 3
}

/// Whether an address says that opening it changes something. Only short names are read: `how-to-delete-cookies` is an
/// article.
fn acts(url: &Url) -> bool {
    const ACTS: [&str; 27] = [
        "logout",
        "logoff",
        "signout",
        "signoff",
        "deconnexion",
        "deconnecter",
        "abmelden",
        "ausloggen",
        "uitloggen",
        "afmelden",
        "cerrarsesion",
        "desconectar",
        "disconnetti",
        "esci",
        "wyloguj",
        "odhlasit",
        "loggaut",
        "logud",
        "delete",
        "remove",
        "destroy",
        "unsubscribe",
        "desabonnement",
        "desinscription",
        "addtocart",
        "sessionend",
        "void",
    ];
    let query = url.query_pairs().flat_map(|(name, value)| [name.into_owned(), value.into_owned()]);
    let path = url.path_segments().into_iter().flatten();
    let path = path.map(|segment| percent(segment).trim_end_matches(".html").trim_end_matches(".php").to_owned());
    path.chain(query).any(|text| {
        let words: Vec<String> = text
            .to_lowercase()
            .split(|letter: char| !letter.is_alphanumeric())
            .filter(|word| !word.is_empty())
            .map(|word| word.replace(['é', 'è'], "e").replace('ó', "o").replace(['á', 'å'], "a"))
            .collect();
        words.len() <= 3
            && (ACTS.contains(&words.concat().as_str()) || words.iter().any(|word| ACTS.contains(&word.as_str())))
    })
}

fn percent(text: &str) -> String {
    // Read as the value of a form, which knows percent signs; a plus would become a space, which separates words as well.
    url::form_urlencoded::parse(text.as_bytes()).map(|(name, _)| name.into_owned()).collect()
}

/// Whether an address ends like a file that is no page.
fn file(url: &Url) -> bool {
    const FILES: [&str; 62] = [
        "7z", "aac", "apk", "atom", "avi", "avif", "bin", "bmp", "bz2", "css", "csv", "deb", "dmg", "doc", "docx",
        "eot", "epub", "exe", "flac", "gif", "gz", "ical", "ico", "ics", "iso", "jar", "jpeg", "jpg", "js", "json",
        "m4a", "m4v", "mjs", "mov", "mp3", "mp4", "mpeg", "mpg", "msi", "odp", "ods", "odt", "ogg", "ogv", "otf",
        "pdf", "png", "ppt", "pptx", "rar", "rpm", "rss", "svg", "tar", "tgz", "ttf", "wav", "webm", "webp", "woff",
        "woff2", "xls",
    ];
    const MORE: [&str; 5] = ["xlsx", "xml", "xz", "zip", "webmanifest"];
    let last = url.path_segments().and_then(Iterator::last).unwrap_or_default();
    let ending = last.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
    ending.is_some_and(|ending| FILES.contains(&ending.as_str()) || MORE.contains(&ending.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse("https://www.gazette.example/").unwrap().join(text).unwrap()
    }

    fn frontier(pages: u32, depth: u32) -> Frontier {
        let site = Site::of(&url("/"), &[]).unwrap();
        let mut frontier = Frontier::new(site, Scope { pages, depth, robots: false });
        frontier.offer(&url("/"), From::Start, 0);
        frontier
    }

    /// Everything that is given out, as paths.
    fn all(frontier: &mut Frontier) -> Vec<String> {
        let mut paths = Vec::new();
        while let Next::Page(lead) = frontier.pop() {
            let from = if lead.url.host_str() == Some("www.gazette.example") {
                url::Position::BeforePath
            } else {
                url::Position::BeforeHost
            };
            paths.push(lead.url[from..].to_owned());
        }
        paths
    }

    #[test]
    fn near_pages_come_first_and_each_once() {
        let mut frontier = frontier(10, 2);
        for (path, depth) in [
            ("/b", 2),
            ("/a", 1),
            ("/a#x", 1),
            ("/a?", 1),
            ("http://www.gazette.example/a", 1),
            ("https://www.gazette.example:443/a", 1),
            ("/a?utm_source=x&fbclid=y", 1),
            ("/far", 3),
            ("/", 1),
            ("/a?page=2", 1),
            ("https://shop.gazette.example/", 1),
            ("https://other.example/", 1),
            ("mailto:x@gazette.example", 1),
        ] {
            frontier.offer(&url(path), From::Link, depth);
        }
        assert_eq!(frontier.foreseen(), 5);
        assert_eq!(all(&mut frontier), ["/", "/a", "shop.gazette.example/", "/a?page=2", "/b"]);
        assert_eq!(frontier.notes().len(), 1, "{:?}", frontier.notes());
    }

    #[test]
    fn what_was_named_comes_before_what_was_found_and_past_all_rules() {
        let mut frontier = frontier(10, 1);
        frontier.offer(&url("/a"), From::Link, 1);
        frontier.offer(&url("https://elsewhere.example/logout.pdf?x="), From::Named, 0);
        assert_eq!(all(&mut frontier), ["/", "elsewhere.example/logout.pdf?x=", "/a"]);
    }

    #[test]
    fn ten_thousand_articles_do_not_hide_the_shop() {
        let mut frontier = frontier(6, 3);
        for at in 0..10_000 {
            frontier.offer(&url(&format!("/news/2026/some-story-of-today-{at}")), From::Sitemap, 1);
        }
        for at in 0..1_000 {
            frontier.offer(&url(&format!("/a-long-title-of-a-page-{at}")), From::Sitemap, 1);
            frontier.offer(&url(&format!("/calendar?day={at}")), From::Sitemap, 1);
        }
        frontier.offer(&url("/shop/"), From::Link, 1);
        frontier.offer(&url("/contact"), From::Link, 1);
        let given = all(&mut frontier);
        let expected = [
            "/",
            "/news/2026/some-story-of-today-0",
            "/a-long-title-of-a-page-0",
            "/calendar?day=0",
            "/shop/",
            "/contact",
        ];
        assert_eq!(given, expected);
        assert!(frontier.notes().concat().contains("the limit of pages was reached"), "{:?}", frontier.notes());
    }

    #[test]
    fn languages_are_no_parts() {
        let mut frontier = frontier(4, 3);
        for path in ["/fr/news/a", "/de/news/a", "/en-gb/news/a", "/fr/shop"] {
            frontier.offer(&url(path), From::Link, 1);
        }
        assert_eq!(all(&mut frontier)[..3], ["/", "/fr/news/a", "/fr/shop"]);
    }

    #[test]
    fn nothing_is_changed_and_no_file_is_opened() {
        for (path, acts) in [
            ("/logout", true),
            ("/user/log-out", true),
            ("/LogOut.php", true),
            ("/d%C3%A9connexion", true),
            ("/?action=logout", true),
            ("/account/sign_out?x=1", true),
            ("/cart?add-to-cart=17", true),
            ("/a/delete/4", true),
            ("/unsubscribe?u=5", true),
            ("/cerrar-sesi%C3%B3n", true),
            ("/how-to-delete-cookies", false),
            ("/blogouts", false),
            ("/news/logs", false),
            ("/search?q=how+to+remove+all+stains", false),
        ] {
            assert_eq!(super::acts(&url(path)), acts, "{path}");
        }
        for (path, is) in [
            ("/a.pdf", true),
            ("/a.PDF?x=1", true),
            ("/a.tar.gz", true),
            ("/feed.xml", true),
            ("/a.html", false),
            ("/a.php", false),
            ("/v1.2", false),
            ("/pdf", false),
            ("/", false),
            ("/?file=a.pdf", false),
        ] {
            assert_eq!(file(&url(path)), is, "{path}");
        }
        let mut frontier = frontier(10, 3);
        for path in ["/logout", "/a.pdf", "/b.zip", "/ok"] {
            frontier.offer(&url(path), From::Link, 1);
        }
        assert_eq!(all(&mut frontier), ["/", "/ok"]);
        assert_eq!(frontier.notes().len(), 2, "{:?}", frontier.notes());
    }

    #[test]
    fn robots_are_asked_for_each_origin_and_heeded() {
        let mut frontier = frontier(10, 3);
        frontier.scope.robots = true;
        for path in ["/open", "/closed/a", "https://shop.gazette.example/x"] {
            frontier.offer(&url(path), From::Link, 1);
        }
        // What a person typed needs no leave.
        assert!(matches!(frontier.pop(), Next::Page(lead) if lead.from == From::Start));
        let Next::Robots(of) = frontier.pop() else { panic!("not asked") };
        frontier.know(&of, Robots::read(Some(200), b"User-agent: *\nDisallow: /closed"));
        assert!(matches!(frontier.pop(), Next::Page(lead) if lead.url.path() == "/open"));
        let Next::Robots(of) = frontier.pop() else { panic!("not asked") };
        assert_eq!(of.host_str(), Some("shop.gazette.example"));
        frontier.know(&of, Robots::read(None, b""));
        assert_eq!(frontier.pop(), Next::Nothing);
        assert!(frontier.notes().concat().contains("2 addresses"), "{:?}", frontier.notes());
    }

    #[test]
    fn where_a_page_led_is_not_visited_again() {
        let mut frontier = frontier(10, 3);
        frontier.offer(&url("/home"), From::Link, 1);
        frontier.offer(&url("/a"), From::Link, 1);
        frontier.landed(&url("/home#top"));
        frontier.landed(&url("/late"));
        frontier.offer(&url("/late"), From::Link, 1);
        assert_eq!(all(&mut frontier), ["/", "/a"]);
    }
}
