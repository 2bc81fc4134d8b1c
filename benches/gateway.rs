//! What the gateway costs: requests per second and latency against the same site without it, and how fast
//! pages are rewritten. Rounds alternate, so that a machine that drifts drifts for all; read the ratios.
//!
//! `cargo bench -p bandeau` (about a minute); `-- --seconds 5 --rounds 5 --clients 16` for more.
#![allow(missing_docs, unreachable_pub, clippy::unwrap_used, clippy::expect_used)]

#[path = "load.rs"]
mod load;
#[path = "../tests/support/mod.rs"]
mod support;

use bytes::Bytes;
use load::{Lane, argument, drive, median, page, site};
use std::sync::Arc;
use std::time::{Duration, Instant};

const CONFIG: &str = r#"
[site]
name = "Bench"
hosts = ["127.0.0.1"]
controller = "Bench"
privacy = "/privacy"
languages = ["fr", "en"]

[[service]]
id = "ads"
purpose = "advertising"
hosts = ["ads.test", "*.ads.test"]

[[service]]
id = "social"
purpose = "social"
hosts = ["social.test"]

[[service]]
id = "video"
purpose = "media"
hosts = ["video.test"]
"#;

fn main() {
    let (seconds, rounds, clients) = (argument("--seconds", 3), argument("--rounds", 3), argument("--clients", 16));
    let html = page();
    println!("Rewriting alone, one core, a page of {} kB, and one of a line:", html.len() / 1000);
    for declared in [3, 300, 3000] {
        rewriting(&html, declared);
    }
    rewriting("<!doctype html><title>x</title><p>A line.", 3);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(serving(html, Duration::from_secs(seconds), rounds, usize::try_from(clients).unwrap()));
}

async fn serving(html: String, duration: Duration, rounds: u64, clients: usize) {
    let site = site(Bytes::from(html)).await;
    let gateway = support::Gateway::start(&format!("http://127.0.0.1:{site}"), CONFIG);
    let lane = |name, port, path, dest, gzip| Lane { name, port, path, dest, gzip, rates: vec![], times: vec![] };
    let mut lanes = vec![
        lane("picture, site alone", site, "/picture", "image", false),
        lane("picture, through", gateway.port, "/picture", "image", false),
        lane("page, site alone", site, "/", "document", false),
        lane("page, rewritten", gateway.port, "/", "document", false),
        lane("page, rewritten, gzip", gateway.port, "/", "document", true),
    ];
    for lane in &mut lanes {
        drive(lane, clients, Duration::from_millis(500)).await;
        lane.rates.clear();
        lane.times.clear();
    }
    for _ in 0..rounds {
        for lane in &mut lanes {
            drive(lane, clients, duration).await;
        }
    }
    // One client, so that the added latency is not the queue's.
    let mut single: Vec<Vec<Duration>> = Vec::new();
    for lane in &mut lanes {
        let busy = std::mem::take(&mut lane.times);
        let rates = lane.rates.clone();
        drive(lane, 1, duration).await;
        single.push(std::mem::replace(&mut lane.times, busy));
        lane.rates = rates;
    }
    println!(
        "\nServing, {clients} clients, {rounds} rounds of {} s each, load generator and site on the same machine:",
        duration.as_secs()
    );
    println!("{:<24} {:>9} {:>7} {:>10} {:>10} {:>14}", "", "req/s", "ratio", "p50 ms", "p99 ms", "alone p50 ms");
    let base = [median(&lanes[0].rates), median(&lanes[2].rates)];
    for (at, lane) in lanes.iter_mut().enumerate() {
        lane.times.sort_unstable();
        single[at].sort_unstable();
        let at_share =
            |times: &[Duration], share: f64| times[((times.len() - 1) as f64 * share) as usize].as_secs_f64() * 1e3;
        let rate = median(&lane.rates);
        println!(
            "{:<24} {:>9.0} {:>7.2} {:>10.2} {:>10.2} {:>14.3}",
            lane.name,
            rate,
            rate / base[usize::from(at >= 2)],
            at_share(&lane.times, 0.5),
            at_share(&lane.times, 0.99),
            at_share(&single[at], 0.5),
        );
    }
}

/// How fast pages go through the door alone, without a socket.
fn rewriting(html: &str, declared: usize) {
    use bandeau_gate::{Arrival, Key, Plan, Treatment};
    struct Nothing;
    impl bandeau_gate::Face for Nothing {
        fn notice(&self, _: Option<&str>) -> String {
            String::new()
        }
        fn placeholder(&self, _: Option<&str>, _: &bandeau_gate::Held<'_>) -> String {
            String::new()
        }
    }
    let policy = policy(declared);
    let key = Key::new([1; 32]);
    let face: Arc<dyn bandeau_gate::Face> = Arc::new(Nothing);
    let (head, ()) = http::Request::get("/").header("sec-fetch-dest", "document").body(()).unwrap().into_parts();
    let arrival = Arrival { secure: true, authority: "news.test", now: 0, keep: 1, means: Default::default() };
    let plan = Plan::new(Arc::new(policy), &key, &head, &arrival).unwrap();
    let mut rates = Vec::new();
    for _ in 0..7 {
        let start = Instant::now();
        let mut bytes = 0;
        while start.elapsed() < Duration::from_millis(300) {
            let answer = http::Response::builder().header("content-type", "text/html; charset=utf-8").body(()).unwrap();
            let mut answer = plan.answer(answer.into_parts().0);
            let Treatment::Page(opening, _) = answer.body else { unreachable!() };
            let mut page = opening.open(&mut answer.head.headers, html.as_bytes(), Arc::clone(&face)).unwrap();
            let mut out = Vec::with_capacity(html.len() * 2);
            for chunk in html.as_bytes().chunks(16 << 10) {
                page.push(chunk, &mut out).unwrap();
            }
            page.finish(&mut out).unwrap();
            bytes += html.len();
        }
        rates.push(bytes as f64 / start.elapsed().as_secs_f64() / 1e6);
    }
    let rate = median(&rates);
    println!("  {declared:>5} hosts declared   {rate:>6.0} MB/s   {:>6.0} µs a page", html.len() as f64 / rate);
}

fn policy(hosts: usize) -> bandeau_consent::Policy {
    use bandeau_consent::*;
    let id = PurposeId::new("ads").unwrap();
    let words = Wording { title: "Ads".into(), text: "Ads".into(), cost: String::new() };
    let service = Service {
        id: ServiceId::new("ads").unwrap(),
        name: "Ads".into(),
        purposes: vec![id.clone()],
        controller: String::new(),
        privacy: String::new(),
        data: vec![],
        retention: String::new(),
        hosts: (0..hosts).map(|n| HostPattern::new(&format!("*.host{n}.ads.test")).unwrap()).collect(),
        cookies: vec![],
        storage: vec![],
        routes: vec![],
        webrtc: false,
        kept: Vec::new(),
    };
    Policy::new(Draft {
        hosts: vec![HostPattern::new("127.0.0.1").unwrap()],
        unknown: Unknown::Hold,
        purposes: vec![Purpose {
            id,
            basis: Basis::Consent,
            sale: false,
            wording: [(Language::new("en").unwrap(), words)].into(),
        }],
        services: vec![service],
        features: vec![],
    })
    .unwrap()
}
