//! Pace: what is being sent arrives while it is being sent, and length costs no memory.

use crate::raw::{peak, soon, status, until};
use crate::site::{self, Site, fed};
use crate::support::{CONFIG, Gateway, client, get};
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// Memory may grow by this much, in MiB, whatever the length of what passes.
const GROWTH: u64 = 20;
const MIB: usize = 1 << 20;

async fn chunk(body: &mut Incoming) -> Option<Bytes> {
    let frame = soon("more of the body", body.frame()).await?;
    Some(frame.unwrap().into_data().unwrap())
}

/// Reads until the body has said all of this.
async fn hear(body: &mut Incoming, words: &str) -> String {
    let mut heard = String::new();
    while !heard.contains(words) {
        let chunk = chunk(body).await.unwrap_or_else(|| panic!("the body ended without {words:?}: {heard:?}"));
        heard.push_str(&String::from_utf8_lossy(&chunk));
    }
    heard
}

async fn open(gateway: &Gateway, path: &str) -> Response<Incoming> {
    let request = Request::get(gateway.url(path)).header("accept", "text/html").body(Full::default()).unwrap();
    soon("the head", client().request(request)).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn events_arrive_one_by_one() {
    let (send, body) = fed();
    let body = site::once(body);
    let site =
        Site::start(move |_| Response::builder().header("content-type", "text/event-stream").body(body()).unwrap())
            .await;
    let gateway = Gateway::start(&site.url, CONFIG);
    let mut response = open(&gateway, "/events").await;
    for number in 0..5 {
        let event = format!("data: {number}\n\n");
        send.send(Ok(event.clone().into())).await.unwrap();
        // The next is sent only once this one is here.
        assert_eq!(hear(response.body_mut(), &event).await, event);
    }
    drop(send);
    assert_eq!(chunk(response.body_mut()).await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_arrives_while_the_site_still_writes() {
    for accept in ["identity", "gzip"] {
        let (send, body) = fed();
        let body = site::once(body);
        let site = Site::start(move |_| {
            Response::builder().header("content-type", "text/html; charset=utf-8").body(body()).unwrap()
        })
        .await;
        let gateway = Gateway::start(&site.url, CONFIG);
        let request = Request::get(gateway.url("/")).header("accept", "text/html").header("accept-encoding", accept);
        let start = format!("<!doctype html><title>t</title><p>begin{}</p>", " filler".repeat(400));
        send.send(Ok(start.into())).await.unwrap();
        let mut response =
            soon("the head", client().request(request.body(Full::<Bytes>::default()).unwrap())).await.unwrap();
        let mut unfold = flate2::write::GzDecoder::new(Vec::new());
        let mut heard = String::new();
        while !heard.contains("begin") {
            let chunk = chunk(response.body_mut()).await.unwrap();
            if accept == "gzip" {
                use std::io::Write as _;
                unfold.write_all(&chunk).unwrap();
                unfold.flush().unwrap();
                heard = String::from_utf8_lossy(unfold.get_ref()).into_owned();
            } else {
                heard.push_str(&String::from_utf8_lossy(&chunk));
            }
        }
        send.send(Ok("<p>end".into())).await.unwrap();
        drop(send);
        while chunk(response.body_mut()).await.is_some() {}
    }
}

/// Streams a page of so many MiB and returns by how many the gateway grew.
async fn long(mib: usize) -> u64 {
    let (send, body) = fed();
    let body = site::once(body);
    let site = Site::start(move |seen| match seen.path() {
        "/long" => Response::builder().header("content-type", "text/html; charset=utf-8").body(body()).unwrap(),
        _ => site::page("<!doctype html><title>t</title><p>warm"),
    })
    .await;
    let gateway = Gateway::start(&site.url, CONFIG);
    get(&gateway.url("/"), &[("accept", "text/html")]).await;
    let before = peak(gateway.process.0.id());
    let writes = tokio::spawn(async move {
        let row = "<p class=\"row\"><a href=\"/a\">text</a> <img src=\"http://ads.test/p.gif\"> and so on</p>\n";
        let block = Bytes::from(row.repeat(64 * 1024 / row.len()));
        send.send(Ok("<!doctype html><title>t</title><body>".into())).await.unwrap();
        for _ in 0..mib * MIB / block.len() {
            send.send(Ok(block.clone())).await.unwrap();
        }
        send.send(Ok("<p>the very end".into())).await.unwrap();
    });
    let mut response = open(&gateway, "/long").await;
    assert_eq!(response.status(), 200);
    let (mut length, mut last) = (0, Bytes::new());
    let mut early = false;
    while let Some(chunk) = chunk(response.body_mut()).await {
        early |= !writes.is_finished();
        length += chunk.len();
        last = chunk;
    }
    assert!(early, "nothing arrived before the site had sent the last byte");
    assert!(length > mib * MIB / 2, "{length} bytes arrived");
    assert!(String::from_utf8_lossy(&last).contains("the very end"));
    peak(gateway.process.0.id()) - before
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_5_mib_costs_no_memory() {
    let grown = long(5).await;
    assert!(grown < GROWTH, "the gateway grew by {grown} MiB");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_50_mib_costs_no_memory() {
    let grown = long(50).await;
    assert!(grown < GROWTH, "the gateway grew by {grown} MiB");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visitor_who_reads_slowly_costs_no_memory() {
    let (send, body) = fed();
    let body = site::once(body);
    let site = Site::start(move |seen| match seen.path() {
        "/long" => Response::builder().header("content-type", "text/html; charset=utf-8").body(body()).unwrap(),
        _ => site::page("<!doctype html><title>t</title><p>warm"),
    })
    .await;
    let gateway = Gateway::start(&site.url, CONFIG);
    get(&gateway.url("/"), &[("accept", "text/html")]).await;
    let before = peak(gateway.process.0.id());
    let block = Bytes::from("<p>some text</p>\n".repeat(4096));
    send.send(Ok(block.clone())).await.unwrap();
    let _unread = open(&gateway, "/long").await;
    // The buffers of the kernel fill up; then the site has to wait, and not the gateway to remember.
    let mut sent = 0;
    while let Ok(Ok(())) = tokio::time::timeout(std::time::Duration::from_secs(2), send.send(Ok(block.clone()))).await {
        sent += block.len();
        assert!(sent < 200 * MIB, "nobody reads, and the site could send {sent} bytes");
    }
    let grown = peak(gateway.process.0.id()) - before;
    assert!(grown < GROWTH, "the gateway grew by {grown} MiB");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_of_50_mib_arrives_as_it_is_sent_and_costs_no_memory() {
    let site = Site::start(|seen| site::typed("text/plain", format!("{} kept", seen.body.len()))).await;
    let gateway = Gateway::start(&site.url, CONFIG);
    get(&gateway.url("/"), &[]).await;
    let before = peak(gateway.process.0.id());
    let mut stream = TcpStream::connect(("127.0.0.1", gateway.port)).await.unwrap();
    let head = b"POST /upload HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n";
    stream.write_all(head).await.unwrap();
    let block = vec![b'u'; MIB];
    for sent in 1..=50 {
        stream.write_all(format!("{:x}\r\n", block.len()).as_bytes()).await.unwrap();
        stream.write_all(&block).await.unwrap();
        stream.write_all(b"\r\n").await.unwrap();
        if sent % 10 == 0 {
            // Everything sent so far arrives, though the end was not sent.
            until("what was sent is there", || async { site.bytes() == (sent * MIB) as u64 }).await;
        }
    }
    stream.write_all(b"0\r\n\r\n").await.unwrap();
    let mut answer = String::new();
    soon("the answer", stream.read_to_string(&mut answer)).await.unwrap();
    assert_eq!(status(&answer), 200);
    assert_eq!(site.bytes(), (50 * MIB) as u64);
    let grown = peak(gateway.process.0.id()) - before;
    assert!(grown < GROWTH, "the gateway grew by {grown} MiB");
}
