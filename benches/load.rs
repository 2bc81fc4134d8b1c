//! What both benches of the gateway load it with: a news page, a site that answers from memory, and visitors who ask again
//! as soon as they have their answer. Knows nothing of what is compared.
#![allow(dead_code, missing_docs, unreachable_pub, clippy::unwrap_used, clippy::expect_used)]

use bytes::Bytes;
use http_body_util::{BodyExt as _, Empty, Full};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use std::convert::Infallible;
use std::time::{Duration, Instant};
use tokio::net::{TcpListener, TcpStream};

/// A news page: 40 scripts, 61 images, 6 frames, text; about 108 kB.
pub fn page() -> String {
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
pub async fn site(html: Bytes) -> u16 {
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
pub struct Lane {
    pub name: &'static str,
    pub port: u16,
    pub path: &'static str,
    pub dest: &'static str,
    pub gzip: bool,
    pub rates: Vec<f64>,
    pub times: Vec<Duration>,
}

/// Keeps `clients` connections busy for a while; each asks again as soon as it has its answer.
pub async fn drive(lane: &mut Lane, clients: usize, duration: Duration) {
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

pub fn median(values: &[f64]) -> f64 {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

pub fn argument(name: &str, default: u64) -> u64 {
    let arguments: Vec<String> = std::env::args().collect();
    let at = arguments.iter().position(|argument| argument == name);
    at.and_then(|at| arguments.get(at + 1)).map_or(default, |value| value.parse().expect("a whole number"))
}
