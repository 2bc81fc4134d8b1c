//! What is typed after `bandeau audit`, and the plan it makes. Whatever cannot be meant is said here, before a browser is
//! started.

use crate::cli::Failure;
use crate::clock;
use bandeau_audit::browser;
use bandeau_audit::crawl::Site;
use bandeau_audit::report::Bar;
use bandeau_audit::seen::{Limits, Standing};
use bandeau_audit::visit::Plan;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;
use url::{Host, Url};

/// Requests that are kept in full for each page; what is beyond is counted.
const REQUESTS: u32 = 5_000;

/// What was typed.
#[derive(Debug, clap::Args)]
pub(crate) struct Typed {
    /// The page to begin at: an address like https://www.example.org/, or a host, which is taken for https.
    #[arg(value_name = "URL", required_unless_present = "again", conflicts_with = "again")]
    url: Option<String>,
    /// Where the reports go; made if it is not there. `audit-HOST-DATE` if not given.
    #[arg(long, short, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,
    #[command(flatten)]
    walk: Walk,
    #[command(flatten)]
    pub(super) known: Known,
    /// From which level on a finding makes the command end with 1: error, warning, note or never; with `new-` in front
    /// only findings that the audit given with --compare did not have.
    #[arg(long, value_name = "LEVEL", default_value = "error")]
    pub(super) fail_on: Bar,
    /// An earlier audit.json: the reports say what has changed since.
    #[arg(long, value_name = "FILE")]
    pub(super) compare: Option<PathBuf>,
    /// Visit nothing: judge what an earlier audit.json says was seen once more, and write the reports anew.
    #[arg(long, value_name = "FILE")]
    pub(super) again: Option<PathBuf>,
}

/// How the site is walked through.
#[derive(Debug, clap::Args)]
struct Walk {
    /// Pages to visit in each standing, at most.
    #[arg(long, value_name = "COUNT", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pages: u32,
    /// Links to follow one after the other from the first page, at most.
    #[arg(long, value_name = "COUNT", default_value_t = 3)]
    depth: u32,
    /// How long each page is watched after it has loaded: seconds, or 500ms.
    #[arg(long, value_name = "TIME", default_value = "3s", value_parser = time)]
    wait: Duration,
    /// How long a page may take to load.
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = time)]
    patience: Duration,
    /// The least time between two pages of one host, over all standings. robots.txt may ask for more.
    #[arg(long, value_name = "TIME", default_value = "1s", value_parser = time)]
    delay: Duration,
    /// A page to visit whatever else is found. May be given several times.
    #[arg(long = "page", value_name = "URL")]
    named: Vec<String>,
    /// A host that counts as the site beside those of its registrable domain; `*.example.net` for all below. May be given
    /// several times.
    #[arg(long = "host", value_name = "HOST")]
    hosts: Vec<String>,
    /// Where the visitor is to stand: before, refused, accepted, withdrawn, gpc, with commas between. All if not given.
    #[arg(long, value_name = "LIST", value_delimiter = ',', value_parser = standing)]
    standings: Vec<Standing>,
    /// Visit the pages also in a standing that was not reached, because there is no notice or no way to refuse.
    #[arg(long)]
    anyway: bool,
    /// Visit also what robots.txt asks robots to leave out, at the pace of --delay alone. For sites of your own.
    #[arg(long)]
    ignore_robots: bool,
    /// The browser, instead of the Chromium that is found.
    #[arg(long, value_name = "PATH")]
    browser: Option<PathBuf>,
    /// The address a host is reached at, as `HOST:IP` or `HOST:IP:PORT`. May be given several times.
    #[arg(long, value_name = "HOST:IP[:PORT]", value_parser = rule)]
    resolve: Vec<String>,
    /// Take certificates nobody vouches for. For sites under construction.
    #[arg(long)]
    insecure: bool,
    /// Standings to walk through at the same time, each with a browser of its own. The number of processors if not given,
    /// at most 4.
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u8).range(1..=16))]
    parallel: Option<u8>,
    /// Minutes the walk may take; what was gathered until then is reported.
    #[arg(long, value_name = "COUNT", default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=10_000))]
    minutes: u64,
}

/// What is known of others.
#[derive(Debug, clap::Args)]
pub(super) struct Known {
    /// A filter list in the syntax of EasyPrivacy, to say who follows people. May be given several times.
    #[arg(long = "list", value_name = "FILE")]
    pub(super) lists: Vec<PathBuf>,
    /// A cookie database, in the form of the Open Cookie Database (JSON).
    #[arg(long, value_name = "FILE")]
    pub(super) cookies: Option<PathBuf>,
    /// The configuration of the gateway: what it declares is known, and its hosts are the site's.
    #[arg(long, short, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
    /// Ask no DNS server: a host of the site that is an alias of a third party goes unseen.
    #[arg(long, conflicts_with = "resolver")]
    pub(super) no_dns: bool,
    /// The DNS server to ask, instead of those of the system.
    #[arg(long, value_name = "IP:PORT")]
    pub(super) resolver: Option<SocketAddr>,
}

impl Typed {
    /// Whether what was typed can be meant together.
    ///
    /// # Errors
    /// When findings are to be new, and there is nothing they are new to.
    pub(super) fn fits(&self) -> Result<(), Failure> {
        match (self.fail_on, &self.compare) {
            (Bar::New(_), None) => Err(Failure(
                "--fail-on new… needs an earlier audit that findings are new to: give it with --compare".to_owned(),
            )),
            _ => Ok(()),
        }
    }

    /// The plan of the walk. `hosts` are those that a configuration calls the site's.
    ///
    /// # Errors
    /// When an address or a host is none.
    pub(super) fn plan(&self, hosts: &[String]) -> Result<Plan, Failure> {
        self.fits()?;
        let walk = &self.walk;
        let start = address(self.url.as_deref().unwrap_or_default())?;
        let named = walk.named.iter().map(|url| below(&start, url)).collect::<Result<Vec<_>, _>>()?;
        let hosts: Vec<String> = walk.hosts.iter().chain(hosts).cloned().collect();
        let standings = if walk.standings.is_empty() { Standing::ALL.to_vec() } else { walk.standings.clone() };
        let cores = std::thread::available_parallelism().map_or(2, |cores| cores.get().clamp(1, 4));
        Ok(Plan {
            site: Site::of(&start, &hosts)?,
            start,
            named,
            standings,
            limits: Limits {
                pages: walk.pages,
                depth: walk.depth,
                wait: millis(walk.wait),
                patience: millis(walk.patience),
                delay: millis(walk.delay),
                requests: REQUESTS,
                robots: !walk.ignore_robots,
            },
            browser: browser::Options { program: walk.browser.clone(), flags: Vec::new() },
            resolve: walk.resolve.clone(),
            insecure: walk.insecure,
            parallel: walk.parallel.map_or(cores, usize::from),
            time: Duration::from_secs(walk.minutes * 60),
            anyway: walk.anyway,
            started: clock::millis(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
        })
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// The address that was typed. A host alone is one too, as browsers have it.
fn address(read: &str) -> Result<Url, Failure> {
    let text = read.trim();
    let bad = |why: &str| {
        Failure(format!("{read:?} is no address of a page: {why}\nexpected something like https://www.example.org/"))
    };
    let bare = !text.contains("://");
    let whole = match text {
        "" => return Err(bad("it is empty")),
        text if bare => format!("https://{text}"),
        text => text.to_owned(),
    };
    let mut url = Url::parse(&whole).map_err(|error| bad(&error.to_string()))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(bad(&format!("{}: is neither http nor https", url.scheme())));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(bad("a name and a password in it would end up in the report"));
    }
    let local = url.host_str().is_some_and(|host| host == "localhost" || host.ends_with(".localhost"));
    let number = matches!(url.host(), Some(Host::Ipv4(ip)) if ip.is_loopback());
    if bare && !local && !number && url.host_str().is_some_and(|host| !host.contains('.') && !host.contains(':')) {
        return Err(bad("there is no dot in its host"));
    }
    if bare && (local || number) && url.set_scheme("http").is_err() {
        return Err(bad("it has no scheme"));
    }
    url.set_fragment(None);
    Ok(url)
}

/// A page that was named: an address, or a path of the site.
fn below(start: &Url, read: &str) -> Result<Url, Failure> {
    if read.starts_with('/') && !read.starts_with("//") {
        return start.join(read).map_err(|error| Failure(format!("--page {read:?} is no path: {error}")));
    }
    address(read).map_err(|Failure(why)| Failure(format!("--page: {why}")))
}

/// A length of time.
fn time(read: &str) -> Result<Duration, String> {
    let bad = || format!("{read:?} is no time: expected seconds like 3, 3s or 0.5, or milliseconds like 500ms");
    let (number, unit) = match read.strip_suffix("ms") {
        Some(number) => (number, 0.001),
        None => (read.strip_suffix('s').unwrap_or(read), 1.0),
    };
    let seconds = number.trim().parse::<f64>().map_err(|_| bad())? * unit;
    let time = Duration::try_from_secs_f64(seconds).map_err(|_| bad())?;
    if time > Duration::from_secs(3600) { Err(format!("{read:?} is more than an hour")) } else { Ok(time) }
}

fn standing(read: &str) -> Result<Standing, String> {
    let known = || Standing::ALL.map(Standing::as_str).join(", ");
    let found = Standing::ALL.into_iter().find(|standing| standing.as_str() == read.trim());
    found.ok_or_else(|| format!("{read:?} is no standing: expected {}", known()))
}

/// A rule for one host, as Chromium takes it. As with curl, there may be a port between: it is not needed.
fn rule(read: &str) -> Result<String, String> {
    let bad = || format!("{read:?} says no address: expected HOST:IP or HOST:IP:PORT, like example.org:127.0.0.1:8080");
    let (host, to) = read.split_once(':').ok_or_else(bad)?;
    let host_fine =
        !host.is_empty() && Host::parse(host.trim_start_matches("*.")).is_ok() && !host.contains([' ', ',']);
    // Six groups of a longer address have colons too: they stand in brackets, where a port follows.
    let (ip, port) = match to.strip_prefix('[').and_then(|to| to.split_once(']')) {
        Some((ip, rest)) => (ip, rest.strip_prefix(':')),
        None => match to.parse::<IpAddr>() {
            Ok(_) => (to, None),
            Err(_) => to.split_once(':').map(|(ip, port)| (ip, Some(port))).ok_or_else(bad)?,
        },
    };
    let ip: IpAddr = ip.parse().map_err(|_| bad())?;
    let port = port.map(str::parse::<u16>).transpose().map_err(|_| bad())?;
    if !host_fine {
        return Err(bad());
    }
    let ip = if ip.is_ipv6() { format!("[{ip}]") } else { ip.to_string() };
    Ok(match port {
        Some(port) => format!("MAP {host} {ip}:{port}"),
        None => format!("MAP {host} {ip}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        typed: Typed,
    }

    fn typed(line: &str) -> Result<Typed, String> {
        let words = std::iter::once("audit").chain(line.split_whitespace());
        Line::try_parse_from(words).map(|line| line.typed).map_err(|error| error.to_string())
    }

    fn plan(line: &str) -> Result<Plan, String> {
        typed(line)?.plan(&[]).map_err(|Failure(why)| why)
    }

    #[test]
    fn a_url_is_all_it_takes() {
        let plan = plan("https://www.gazette.example/news#top").unwrap();
        assert_eq!(plan.start.as_str(), "https://www.gazette.example/news");
        assert_eq!(plan.standings, Standing::ALL);
        let Limits { pages, depth, wait, patience, delay, robots, .. } = plan.limits;
        assert_eq!((pages, depth, wait, patience, delay, robots), (10, 3, 3_000, 30_000, 1_000, true));
        assert_eq!(plan.time, Duration::from_secs(1_800));
        assert!((1..=4).contains(&plan.parallel));
        assert!(plan.site.holds("shop.gazette.example"));
    }

    #[test]
    fn hosts_are_addresses_as_browsers_have_it() {
        for (read, url) in [
            ("gazette.example", "https://gazette.example/"),
            ("gazette.example/a?b", "https://gazette.example/a?b"),
            ("newsroom.localhost:8080", "http://newsroom.localhost:8080/"),
            ("127.0.0.1:8080/x", "http://127.0.0.1:8080/x"),
            ("bücher.example", "https://xn--bcher-kva.example/"),
            ("http://intranet/", "http://intranet/"),
        ] {
            assert_eq!(address(read).map(|url| url.to_string()).ok().as_deref(), Some(url), "{read}");
        }
        for bad in [
            "",
            "  ",
            "gazette",
            "ftp://gazette.example/",
            "file:///etc/passwd",
            "https://",
            "http://a:b@c.example/",
            "a b",
        ] {
            let Err(Failure(why)) = address(bad) else { panic!("{bad}") };
            assert!(why.contains("expected something like") && why.contains(&format!("{bad:?}")), "{why}");
        }
    }

    #[test]
    fn everything_may_be_said_and_nonsense_is_named() {
        let line = "gazette.example --pages 3 --depth 0 --wait 500ms --patience 10 --delay 0 --page /a --page https://b.example/c \
                    --host *.cdn.example --standings gpc,before --ignore-robots --browser /bin/chrome --insecure --parallel 2 \
                    --minutes 1 --resolve gazette.example:127.0.0.1:8080 --resolve x.example:::1";
        let plan = plan(line).unwrap();
        assert_eq!((plan.limits.pages, plan.limits.wait, plan.limits.delay), (3, 500, 0));
        let named: Vec<_> = plan.named.iter().map(Url::as_str).collect();
        assert_eq!(named, ["https://gazette.example/a", "https://b.example/c"]);
        assert_eq!(plan.resolve, ["MAP gazette.example 127.0.0.1:8080", "MAP x.example [::1]"]);
        assert!(plan.site.holds("a.cdn.example") && !plan.limits.robots && plan.insecure);
        for (wrong, says) in [
            ("", "required"),
            ("a.example --wait soon", "is no time"),
            ("a.example --wait=-1", "is no time"),
            ("a.example --wait 7200", "more than an hour"),
            ("a.example --standings later", "expected before, refused, accepted, withdrawn, gpc"),
            ("a.example --pages 0", "1..=100000"),
            ("a.example --resolve a.example", "says no address"),
            ("a.example --resolve a.example:b.example", "says no address"),
            ("a.example --resolve a.example:127.0.0.1:99999", "says no address"),
            ("a.example --host a/b", "is no host"),
            ("a.example --page mailto:x", "--page"),
            ("a.example --fail-on sometimes", "none of"),
            ("a.example --fail-on new-error", "--compare"),
            ("a.example --again x.json", "cannot be used with"),
        ] {
            let why = self::plan(wrong).unwrap_err();
            assert!(why.contains(says), "{wrong}: {why}");
        }
    }
}
