//! How a cookie is taken away in every form it can have here: on the host alone, on each parent domain up to the
//! registrable one, on each folder of the path, partitioned or not. A request names a cookie and not its form
//! (RFC 6265bis §5.8.3), so all of them are said. It does not know which cookies are held, or why.

use http::header::HeaderValue;
use std::collections::BTreeSet;
use url::Url;

/// At most so many lines are added to one answer, so that proxies before us can carry it; the rest go at the next
/// requests.
const LINES: usize = 60;

/// The lines of one answer. When there are more than it can carry, half of them are the likeliest forms of all names,
/// and half are every form of a few: so each request takes some away for good. Which few changes with the second, so
/// that one that does not go away, whatever the reason, keeps no other in its place for ever.
pub(crate) fn lines(names: &BTreeSet<String>, page: &Url, now: u64) -> Vec<HeaderValue> {
    let channel = Channel::of(page.scheme() == "https", page.host_str().unwrap_or_default());
    let (domains, paths) = (domains(page.host_str().unwrap_or_default()), folders(page.path()));
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let form = |name: usize, path: usize| forms(names[name], &domains, &paths[path], channel);
    // Made one by one: of thousands of names only a few are needed.
    let count = names.len() * paths.len();
    let every = |start: usize| (start..count).chain(0..start).flat_map(|at| form(at / paths.len(), at % paths.len()));
    if every(0).take(LINES + 1).count() <= LINES {
        return every(0).collect();
    }
    let turn = usize::try_from(now).unwrap_or(0);
    // The whole site, and the folder that a cookie without a path gets.
    let likely = turn % paths.len().min(2);
    let mut lines: Vec<HeaderValue> = (0..names.len()).flat_map(|name| form(name, likely)).take(LINES / 2).collect();
    // Knuth's multiplicative hash: neighbouring seconds are far apart. Every other time, from the first form of a name.
    let start = usize::try_from(now.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 33).unwrap_or(0) % count;
    let start = if turn % 4 < 2 { start / paths.len() * paths.len() } else { start };
    let more: Vec<HeaderValue> = every(start).filter(|line| !lines.contains(line)).take(LINES - lines.len()).collect();
    lines.extend(more);
    lines
}

/// `Set-Cookie` values that take a cookie away in every form it can have on a page of this host and path.
pub fn expire(name: &str, host: &str, path: &str, secure: bool) -> Vec<HeaderValue> {
    let (domains, channel) = (domains(host), Channel::of(secure, host));
    folders(path).iter().flat_map(|path| forms(name, &domains, path, channel)).collect()
}

/// What attributes a browser takes here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Channel {
    /// TLS: every cookie may be taken away with `Secure`.
    Tls,
    /// Plain HTTP on the loopback, where some browsers take `Secure` and some do not.
    Loopback,
    /// Plain HTTP: no cookie with `Secure` can be set, nor taken away.
    Plain,
}

impl Channel {
    fn of(tls: bool, host: &str) -> Self {
        // Secure Contexts §3.1.
        let name = host == "localhost" || host.ends_with(".localhost");
        let address =
            host.trim_matches(['[', ']']).parse().is_ok_and(|address: std::net::IpAddr| address.is_loopback());
        match tls {
            true => Self::Tls,
            false if name || address => Self::Loopback,
            false => Self::Plain,
        }
    }
}

/// All forms of a cookie on one path.
fn forms(name: &str, domains: &[String], path: &str, channel: Channel) -> Vec<HeaderValue> {
    let prefixed = |prefix: &str| name.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix));
    // RFC 6265bis §4.1.3: these names are of one host and the whole site. Browsers compare them in any case.
    let host_only = prefixed("__Host-");
    let must_secure = host_only || prefixed("__Secure-") || prefixed("__Http-");
    if must_secure && channel == Channel::Plain || host_only && path != "/" {
        return Vec::new();
    }
    let domains = if host_only { &[] } else { domains };
    let mut lines = Vec::new();
    for domain in std::iter::once(None).chain(domains.iter().map(Some)) {
        let domain = domain.map(|domain| format!("; Domain={domain}")).unwrap_or_default();
        let line = format!("{name}=; Max-Age=0; Path={path}{domain}");
        if channel != Channel::Plain {
            lines.push(format!("{line}; Secure"));
            lines.push(format!("{line}; Secure; Partitioned"));
        }
        if channel != Channel::Tls && !must_secure {
            lines.push(line);
        }
    }
    lines.iter().filter_map(|line| HeaderValue::from_str(line).ok()).collect()
}

/// The host and its parents down to the registrable domain, by the public suffix list; none for an address.
fn domains(host: &str) -> Vec<String> {
    if host.parse::<std::net::IpAddr>().is_ok() || host.starts_with('[') {
        return Vec::new();
    }
    let Some(shortest) = psl::domain(host.as_bytes()).map(|domain| domain.as_bytes().len()) else {
        return Vec::new();
    };
    let starts = std::iter::once(0).chain(host.match_indices('.').map(|(at, _)| at + 1));
    starts.map(|at| &host[at..]).filter(|domain| domain.len() >= shortest).map(str::to_owned).collect()
}

/// Every path a cookie that came with a request for this one can have (RFC 6265bis §5.1.4): `/` first, then the
/// folder that a cookie without a path gets (§5.1.4), then the others, deepest first.
fn folders(path: &str) -> Vec<String> {
    let plain = |path: &&str| path.len() <= 1024 && path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b';');
    let ends = path.match_indices('/').map(|(at, _)| at).filter(|at| *at > 0).collect::<Vec<_>>();
    let deepest = ends.iter().rev().flat_map(|&at| [&path[..at], &path[..=at]]);
    let whole = (path.len() > 1 && !path.ends_with('/')).then_some(path);
    let (first, rest) = ("/", deepest.chain(whole));
    std::iter::once(first).chain(rest.filter(plain)).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    /// A browser's cookies: name, domain (none for the host alone) and path.
    type Jar = HashSet<(String, Option<String>, String)>;

    fn apply(jar: &mut Jar, lines: &[HeaderValue]) {
        for line in lines {
            let text = line.to_str().unwrap();
            let name = text.split('=').next().unwrap().to_owned();
            let part = |key: &str| text.split("; ").find_map(|part| part.strip_prefix(key)).map(str::to_owned);
            jar.remove(&(name, part("Domain="), part("Path=").unwrap()));
        }
    }

    #[test]
    fn whatever_a_request_brought_goes_in_the_end() {
        let page = Url::parse("https://a.b.news.test/2026/11/22/city/harbour/story-1").unwrap();
        let paths = ["/", "/2026", "/2026/", "/2026/11/22/city/harbour", "/2026/11/22/city/harbour/story-1"];
        let domains = [None, Some("a.b.news.test"), Some("b.news.test"), Some("news.test")];
        let mut jar = Jar::new();
        for name in 0..40 {
            for path in paths {
                for domain in domains {
                    jar.insert((format!("t{name:02}"), domain.map(str::to_owned), path.to_owned()));
                }
            }
        }
        // One that never goes, and comes first.
        let stuck = ("a".to_owned(), None, "/".to_owned());
        let mut turns = 0;
        while jar.iter().any(|cookie| *cookie != stuck) {
            jar.insert(stuck.clone());
            let names = jar.iter().map(|(name, ..)| name.clone()).collect();
            let lines = lines(&names, &page, 1_800_000_000 + turns);
            assert!(lines.len() <= LINES);
            assert_eq!(lines.iter().collect::<HashSet<_>>().len(), lines.len(), "no line twice");
            apply(&mut jar, &lines);
            turns += 1;
            assert!(turns < 3000, "{} are left", jar.len());
        }
    }

    #[test]
    fn a_cookie_without_a_path_is_taken_from_the_folder_it_got() {
        assert_eq!(
            folders("/a/b/c"),
            ["/", "/a/b", "/a/b/", "/a", "/a/", "/a/b/c"],
            "the default path of /a/b/c is /a/b (RFC 6265bis §5.1.4)"
        );
        assert_eq!(folders("/"), ["/"]);
        assert_eq!(folders("/a"), ["/", "/a"]);
        assert_eq!(folders("/a/"), ["/", "/a", "/a/"]);
        assert_eq!(folders("/a;b/c"), ["/"], "no attribute can name these");
    }
}
