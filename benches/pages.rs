//! Whether pages feel the store: pages a second through the gateway while its store is well, frozen, locked or stopped,
//! each alone and while visitors decide. Ways take turns in rounds, each round beginning with another; read the ratios.
//!
//! `cargo bench -p bandeau --bench pages`; what can be said after `--` is in docs/operate/bench-book.md.
#![allow(missing_docs, unreachable_pub, clippy::unwrap_used, clippy::expect_used)]

#[path = "load.rs"]
mod load;
#[path = "../tests/support/mod.rs"]
mod support;

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt as _, Full};
use load::{Lane, argument, drive, median, page, site};
use rusqlite::Connection;
use std::os::unix::fs::PermissionsExt as _;
use std::sync::Arc;
use std::time::{Duration, Instant};
use support::cluster::Cluster;
use support::{CONFIG, Gateway, client, get, notice, post};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

const DECISION: &str = "/.well-known/bandeau/decision";

/// A short article: little is rewritten, so whatever else a page waits for weighs most.
const ARTICLE: &str = "<!doctype html><html lang=en><title>Ferries</title><h1>Ferries</h1><p>The strait is closed to \
    ferries until Monday.<script src=\"https://social.test/x.js\"></script><iframe src=\"https://ads.test/\"></iframe>";

/// How a store is.
#[derive(Clone, Copy, PartialEq)]
enum State {
    Well,
    /// Its file may not be written.
    Frozen,
    /// Another process holds the file's lock and does not give it back.
    Locked,
    /// Every process of the server is stopped: connections stay open and nobody answers.
    Stopped,
}

/// A gateway with a store of its own, and what holds that store.
struct Way {
    name: &'static str,
    gateway: Gateway,
    notice: String,
    /// The lane without decisions and the one with them.
    lanes: [Lane; 2],
    /// What the gateway's processor time came to for each page, in microseconds.
    spent: [Vec<f64>; 2],
    /// How long visitors who refuse wait for their answer.
    refusals: Vec<Duration>,
    _lock: Option<Connection>,
    _cluster: Option<Arc<Cluster>>,
}

impl Way {
    /// How many pages were served so far, and the processor time the gateway has taken for everything.
    fn mark(&self, lane: usize) -> (usize, f64) {
        let text = std::fs::read_to_string(format!("/proc/{}/stat", self.gateway.process.0.id())).unwrap();
        // proc_pid_stat(5): utime and stime are fields 14 and 15, in hundredths of a second; the name before may hold blanks.
        let fields: Vec<&str> = text.rsplit(')').next().unwrap().split_whitespace().collect();
        let ticks: f64 = fields[11..13].iter().map(|field| field.parse::<f64>().unwrap()).sum();
        (self.lanes[lane].times.len(), ticks * 1e4)
    }

    fn count(&mut self, lane: usize, before: (usize, f64)) {
        let (pages, spent) = self.mark(lane);
        self.spent[lane].push((spent - before.1) / (pages - before.0) as f64);
    }
}

fn main() {
    // The clusters belong to this thread: they end with it.
    let servers = [Cluster::start().map(Arc::new), Cluster::start().map(Arc::new)];
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(measure(servers));
}

async fn measure(servers: [Option<Arc<Cluster>>; 2]) {
    let (seconds, rounds, clients) = (argument("--seconds", 2), argument("--rounds", 5), argument("--clients", 16));
    let (pace, news) = (argument("--decisions", 50), argument("--news", 0) == 1);
    let html = if news { page() } else { ARTICLE.to_owned() };
    println!("Pages of {} bytes, {clients} clients, {rounds} rounds of {seconds} s in turns;", html.len());
    println!("with decisions: {pace} visitors a second refuse, each on a connection of their own or a kept one.");
    let upstream = format!("http://127.0.0.1:{}", site(Bytes::from(html)).await);
    let mut ways = vec![
        way("SQLite, well", State::Well, &upstream, None).await,
        way("SQLite, well, another", State::Well, &upstream, None).await,
        way("SQLite, frozen", State::Frozen, &upstream, None).await,
        way("SQLite, locked", State::Locked, &upstream, None).await,
    ];
    if let [Some(well), Some(stopped)] = servers {
        ways.push(way("PostgreSQL, well", State::Well, &upstream, Some(well)).await);
        ways.push(way("PostgreSQL, stopped", State::Stopped, &upstream, Some(stopped)).await);
    }
    let (clients, length) = (usize::try_from(clients).unwrap(), Duration::from_secs(seconds));
    for way in &mut ways {
        drive(&mut way.lanes[0], clients, Duration::from_millis(500)).await;
        way.lanes[0].rates.clear();
        way.lanes[0].times.clear();
    }
    for round in 0..usize::try_from(rounds).unwrap() {
        let count = ways.len();
        for at in 0..count {
            let way = &mut ways[(at + round) % count];
            let before = way.mark(0);
            drive(&mut way.lanes[0], clients, length).await;
            way.count(0, before);
            let before = way.mark(1);
            busy(way, clients, length, pace).await;
            way.count(1, before);
        }
    }
    print(&mut ways);
    for way in &ways {
        let (_, health) = get(&way.gateway.url("/.well-known/bandeau/health"), &[]).await;
        println!("  {:<22} {health}", way.name);
    }
}

/// Starts a gateway, sees that its store takes a grant, and then does to the store what is to be done.
async fn way(name: &'static str, state: State, upstream: &str, server: Option<Arc<Cluster>>) -> Way {
    let store = server.as_ref().map_or_else(String::new, |server| {
        format!(
            "[book]\nstore = \"postgres://postgres@{}/bandeau\"\nlocal = \"node\"\n",
            server.address(server.primary())
        )
    });
    let gateway = Gateway::start(upstream, &format!("{store}{CONFIG}"));
    let (_, html) = get(&gateway.url("/"), &[("sec-fetch-dest", "document")]).await;
    let notice = notice(&html);
    let (head, _) = post(&gateway.url(DECISION), &format!("notice={notice}&answer=accept"), &[]).await;
    assert!(head.headers.contains_key("set-cookie"), "{name}: the store is well at first: {head:?}");
    let file = gateway.dir.path().join("bandeau.db");
    let mut lock = None;
    match state {
        State::Well => {}
        State::Frozen => std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o444)).unwrap(),
        State::Locked => {
            let connection = Connection::open(&file).unwrap();
            connection.busy_timeout(Duration::from_secs(5)).unwrap();
            connection.execute_batch("BEGIN EXCLUSIVE").unwrap();
            lock = Some(connection);
        }
        State::Stopped => {
            let server = server.as_ref().unwrap();
            server.freeze(server.primary(), true);
        }
    }
    let lane =
        || Lane { name, port: gateway.port, path: "/", dest: "document", gzip: false, rates: vec![], times: vec![] };
    let lanes = [lane(), lane()];
    Way { name, lanes, gateway, notice, spent: [vec![], vec![]], refusals: vec![], _lock: lock, _cluster: server }
}

/// Pages while visitors refuse at an even pace.
async fn busy(way: &mut Way, clients: usize, length: Duration, pace: u64) {
    let (url, form) = (way.gateway.url(DECISION), format!("notice={}&answer=refuse", way.notice));
    let deciding = tokio::spawn(refuse(url, form, length, pace));
    drive(&mut way.lanes[1], clients, length).await;
    way.refusals.extend(deciding.await.unwrap());
}

/// Visitors refuse, so many a second whatever the answers take; all must be heard.
async fn refuse(url: String, form: String, length: Duration, pace: u64) -> Vec<Duration> {
    let (client, crowd) = (client(), Arc::new(Semaphore::new(1024)));
    let mut tick = tokio::time::interval(Duration::from_secs(1) / u32::try_from(pace).unwrap());
    let (mut visitors, start) = (JoinSet::new(), Instant::now());
    while start.elapsed() < length {
        tick.tick().await;
        let place = Arc::clone(&crowd).acquire_owned().await.unwrap();
        let request = Request::post(&url)
            .header("content-type", "application/x-www-form-urlencoded")
            .header("sec-fetch-site", "same-origin")
            .body(Full::from(Bytes::from(form.clone())))
            .unwrap();
        let asked = Instant::now();
        let answer = client.request(request);
        visitors.spawn(async move {
            let answer = answer.await.unwrap();
            assert!(answer.status().is_redirection() || answer.status().is_success(), "{}", answer.status());
            assert!(answer.headers().contains_key("set-cookie"), "a refusal stands whatever the store does");
            answer.into_body().collect().await.unwrap();
            drop(place);
            asked.elapsed()
        });
    }
    visitors.join_all().await
}

fn share(times: &mut [Duration], share: f64) -> f64 {
    times.sort_unstable();
    times[((times.len() - 1) as f64 * share) as usize].as_secs_f64() * 1e3
}

/// Ratios of each round, their median and how far they spread.
fn ratios(of: &[f64], to: &[f64]) -> String {
    let ratios: Vec<f64> = of.iter().zip(to).map(|(one, base)| one / base).collect();
    let (low, high) = ratios.iter().fold((f64::MAX, 0.0_f64), |(low, high), one| (low.min(*one), high.max(*one)));
    format!("{:.2} ({low:.2} to {high:.2})", median(&ratios))
}

fn print(ways: &mut [Way]) {
    let rates: Vec<[Vec<f64>; 2]> = ways.iter().map(|way| [0, 1].map(|lane| way.lanes[lane].rates.clone())).collect();
    let spent: Vec<[Vec<f64>; 2]> = ways.iter().map(|way| way.spent.clone()).collect();
    println!(
        "\n{:<22} {:<15} {:>8} {:>21} {:>8} {:>21} {:>7} {:>7} {:>10}",
        "store", "", "pages/s", "ratio to well", "CPU µs", "ratio to well", "p50 ms", "p99 ms", "refusal ms"
    );
    for (at, way) in ways.iter_mut().enumerate() {
        // Each is held against the store of its own kind that is well: SQLite's is the first, PostgreSQL's the fifth.
        let base = if at < 4 { 0 } else { 4 };
        for lane in [0, 1] {
            let refusal = match lane {
                0 => String::new(),
                _ => format!("{:.0}", share(&mut way.refusals, 0.99)),
            };
            let times = &mut way.lanes[lane].times;
            println!(
                "{:<22} {:<15} {:>8.0} {:>21} {:>8.0} {:>21} {:>7.2} {:>7.2} {refusal:>10}",
                way.name,
                ["alone", "with decisions"][lane],
                median(&rates[at][lane]),
                ratios(&rates[at][lane], &rates[base][lane]),
                median(&spent[at][lane]),
                ratios(&spent[at][lane], &spent[base][lane]),
                share(times, 0.5),
                share(times, 0.99),
            );
        }
    }
    println!(
        "\nPages a second as served, processor time of the gateway a page (decisions included), times of pages, and the time"
    );
    println!("that 99 of 100 refusals did not exceed. What each gateway says of its store at the end:");
}
