//! What the gateway costs: requests per second and latency against the same site without it, and how fast
//! pages are rewritten. Rounds alternate, so that a machine that drifts drifts for all; read the ratios.
//!
//! `cargo bench -p bandeau` (about a minute); `-- --seconds 5 --rounds 5 --clients 16` for more.
#![allow(missing_docs, unreachable_pub, clippy::unwrap_used, clippy::expect_used)]

#[path = "../tests/support/mod.rs"]
mod support;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Empty, Full};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::net::{TcpListener, TcpStream};

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

/// A news page: 40 scripts, 61 images, 6 frames, text; about 108 kB.
fn page() -> String {
    let mut html = String::from(
        "<!doctype html><html lang=fr><head><meta charset=utf-8><title>Une</title><style>body{font:1em serif}</style>",
    );
    for n in 0..40 {
        let host = ["cdn.ads.test", "social.test", "127.0.0.1"][n % 3];
        html.push_str(&format!("<script async src=\"https://{host}/js/{n}.js\" data-n=\"{n}\"></script>\n"));
    }
    html.push_str("</head><body><main>");
    for n in 0..61 {
        html.push_str(&format!(
            "<figure class=\"photo\"><img src=\"/img/{n}.jpg\" srcset=\"/img/{n}@2.jpg 2x\" alt=\"Photo {n}\" width=640 height=400><figcaption>Une légende, {n}.</figcaption></figure>"
        ));
        if n % 10 == 0 {
            html.push_str(&format!("<iframe src=\"https://video.test/v/{n}\" width=560 height=315></iframe>"));
        }
        html.push_str("<p>");
        html.push_str(
            &"Le texte d’un article est surtout du texte, avec <a href=\"/a\">un lien</a> de temps en temps. "
                .repeat(13),
        );
        html.push_str("</p>\n");
    }
    html.push_str("</main></body></html>");
    html
}

/// The site alone: the page, and a picture of 32 kB.
async fn site(html: Bytes) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let picture = Bytes::from(vec![7; 32 << 10]);
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let _ = stream.set_nodelay(true);
            let (html, picture) = (html.clone(), picture.clone());
            let service = service_fn(move |request: hyper::Request<hyper::body::Incoming>| {
                let (kind, body) = match request.uri().path() {
                    "/picture" => ("image/jpeg", picture.clone()),
                    _ => ("text/html; charset=utf-8", html.clone()),
                };
                async move {
                    Ok::<_, Infallible>(
                        hyper::Response::builder().header("content-type", kind).body(Full::new(body)).unwrap(),
                    )
                }
            });
            tokio::spawn(hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service));
        }
    });
    port
}

/// What a path is called, where it is, and what the client says it accepts.
struct Lane {
    name: &'static str,
    port: u16,
    path: &'static str,
    dest: &'static str,
    gzip: bool,
    rates: Vec<f64>,
    times: Vec<Duration>,
}

/// Keeps `clients` connections busy for a while; each asks again as soon as it has its answer.
async fn drive(lane: &mut Lane, clients: usize, duration: Duration) {
    let until = Instant::now() + duration;
    let start = Instant::now();
    let (port, path, dest, gzip) = (lane.port, lane.path, lane.dest, lane.gzip);
    let tasks: Vec<_> = (0..clients)
        .map(|_| {
            tokio::spawn(async move {
                let stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
                stream.set_nodelay(true).unwrap();
                let (mut sender, connection) =
                    hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
                tokio::spawn(connection);
                let mut times = Vec::new();
                while Instant::now() < until {
                    let mut request =
                        hyper::Request::get(path).header("host", "127.0.0.1").header("sec-fetch-dest", dest);
                    if gzip {
                        request = request.header("accept-encoding", "gzip");
                    }
                    let asked = Instant::now();
                    let answer = sender.send_request(request.body(Empty::<Bytes>::new()).unwrap()).await.unwrap();
                    assert_eq!(answer.status(), 200);
                    let mut body = answer.into_body();
                    while let Some(frame) = body.frame().await {
                        frame.unwrap();
                    }
                    times.push(asked.elapsed());
                    sender.ready().await.unwrap();
                }
                times
            })
        })
        .collect();
    let mut count = 0;
    for task in tasks {
        let times = task.await.unwrap();
        count += times.len();
        lane.times.extend(times);
    }
    lane.rates.push(count as f64 / start.elapsed().as_secs_f64());
}

fn median(values: &[f64]) -> f64 {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn argument(name: &str, default: u64) -> u64 {
    let arguments: Vec<String> = std::env::args().collect();
    let at = arguments.iter().position(|argument| argument == name);
    at.and_then(|at| arguments.get(at + 1)).map_or(default, |value| value.parse().expect("a whole number"))
}

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
