//! Probes: routes of the newsroom that test a proxy rather than please a reader.
//!
//! This room does not know what the proxy ought to do with them.

use super::origins::Origins;
use super::reply::{self, Reply};
use super::text;
use bytes::Bytes;
use http::{Request, Uri, header};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use serde_json::{Map, Value, json};
use std::time::Duration;
use tokio::time::sleep;

const PAGE: &str = "text/html; charset=utf-8";

/// `/echo`: the request as it arrived. `headers` maps each name, in lower case, to all its values in order.
pub(super) fn echo<B>(request: &Request<B>) -> Reply {
    let mut headers = Map::new();
    for (name, value) in request.headers() {
        let text = Value::from(String::from_utf8_lossy(value.as_bytes()).into_owned());
        if let Value::Array(values) = headers.entry(name.as_str()).or_insert_with(|| json!([])) {
            values.push(text);
        }
    }
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    reply::json(&json!({ "method": request.method().as_str(), "path": path, "headers": headers }))
}

/// `POST /upload`: how many bytes came, in how many chunks, and what Content-Length said.
pub(super) async fn upload(request: Request<Incoming>) -> Reply {
    let said = text::line(request.headers(), header::CONTENT_LENGTH).parse::<u64>().ok();
    let (mut body, mut bytes, mut chunks, mut whole) = (request.into_body(), 0u64, 0u64, true);
    while let Some(frame) = body.frame().await {
        match frame.map(|frame| frame.into_data()) {
            Ok(Ok(data)) => {
                bytes += data.len() as u64;
                chunks += 1;
            }
            Ok(Err(_trailers)) => {}
            Err(_) => {
                whole = false;
                break;
            }
        }
    }
    reply::json(&json!({ "bytes": bytes, "chunks": chunks, "content_length": said, "whole": whole }))
}

/// `/stream`: a page in ten chunks, a tenth of a second apart. Tags and attributes are cut in the middle on
/// purpose, multi-byte characters too.
pub(super) fn stream(origins: &Origins) -> Reply {
    let pixel = origins.find("metrics").unwrap_or_default();
    let page = format!(
        "<!DOCTYPE html><html lang=\"fr\"><head><meta charset=\"utf-8\"><title>Au fil de l’eau</title>\
         <link rel=\"stylesheet\" href=\"/gazette.css\"></head><body><main class=\"plain\"><article><h1>Au fil de l’eau</h1>\
         <p>Cette page arrive par morceaux, coupés n’importe où.</p><img src=\"{pixel}/p.gif?from=stream&amp;at=1\" alt=\"\">\
         <p>À chaque morceau, un peu d’été.</p><script src=\"{pixel}/m.js?from=stream\"></script>\
         <p id=\"end\">Fin.</p></article></main></body></html>"
    );
    let (reply, sender) = reply::flow(PAGE);
    tokio::spawn(async move {
        let page = Bytes::from(page);
        let step = page.len().div_ceil(10);
        for at in (0..page.len()).step_by(step) {
            if sender.send(Ok(page.slice(at..page.len().min(at + step)))).await.is_err() {
                return;
            }
            sleep(Duration::from_millis(100)).await;
        }
    });
    reply
}

/// `/events`: five server-sent events, 200 ms apart.
pub(super) fn events() -> Reply {
    let (reply, sender) = reply::flow("text/event-stream");
    tokio::spawn(async move {
        for at in 1..=5 {
            let event = format!("id: {at}\nevent: tide\ndata: {{\"at\":{at}}}\n\n");
            if sender.send(Ok(event.into())).await.is_err() {
                return;
            }
            sleep(Duration::from_millis(200)).await;
        }
    });
    reply
}

/// `/slow?ms=`: answers after so many milliseconds, a minute at most.
pub(super) async fn slow(uri: &Uri) -> Reply {
    let ms = text::query(uri, "ms").and_then(|ms| ms.parse().ok()).unwrap_or(1000u64).min(60_000);
    sleep(Duration::from_millis(ms)).await;
    reply::html(format!("<!DOCTYPE html><html lang=\"fr\"><title>Lent</title><p>{ms} ms</p></html>"))
}

/// `/close`: promises a page of 4096 bytes and hangs up half way.
pub(super) fn close() -> Reply {
    let (reply, sender) = reply::flow(PAGE);
    tokio::spawn(async move {
        let start = "<!DOCTYPE html><html lang=\"fr\"><head><title>Coupé</title></head><body><p>Le début";
        let half = format!("{start}{}", " et".repeat((2048 - start.len()) / 3));
        let _ = sender.send(Ok(half.into())).await;
        // The half must be on its way before the error drops what is still buffered.
        sleep(Duration::from_millis(100)).await;
        let _ = sender.send(Err(std::io::Error::other("cut on purpose"))).await;
    });
    reply::with(reply, header::CONTENT_LENGTH, "4096")
}

/// `/big?mb=`: a page of so many megabytes (a thousand at most), made as it is read. A pixel stands at its end.
pub(super) fn big(uri: &Uri, origins: &Origins) -> Reply {
    let megabytes = text::query(uri, "mb").and_then(|mb| mb.parse().ok()).unwrap_or(5usize).clamp(1, 1000);
    let pixel = origins.find("metrics").unwrap_or_default();
    let (reply, sender) = reply::flow(PAGE);
    tokio::spawn(async move {
        let head = "<!DOCTYPE html><html lang=\"fr\"><head><meta charset=\"utf-8\"><title>Long</title></head><body>\n";
        let tail = format!("<img src=\"{pixel}/p.gif?from=big\" alt=\"\"><p id=\"end\">Fin.</p></body></html>\n");
        let line = "<p>Une vague, puis une autre, et encore <a href=\"/phare\">une autre</a>.</p>\n";
        let block = Bytes::from(line.repeat(16 * 1024 / line.len()));
        let mut left = (megabytes * 1_000_000).saturating_sub(head.len() + tail.len());
        let mut open = sender.send(Ok(head.into())).await.is_ok();
        while open && left > 0 {
            // The last piece is cut to size with spaces, so that no tag is broken.
            let piece = if left >= block.len() { block.clone() } else { Bytes::from(" ".repeat(left)) };
            left -= piece.len();
            open = sender.send(Ok(piece)).await.is_ok();
        }
        if open {
            let _ = sender.send(Ok(tail.into())).await;
        }
    });
    reply
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn whole(reply: Reply) -> Result<Bytes, std::io::Error> {
        reply.into_body().collect().await.map(|body| body.to_bytes())
    }

    #[tokio::test]
    async fn big_pages_are_exactly_that_big() {
        let body = whole(big(&"/big?mb=2".parse().unwrap(), &Origins::sample())).await.unwrap();
        assert_eq!(body.len(), 2_000_000);
        assert!(body.ends_with(b"</html>\n"));
    }

    #[tokio::test]
    async fn streams_end_and_cut_pages_do_not() {
        let origins = Origins::sample();
        let (page, told, cut) = tokio::join!(whole(stream(&origins)), whole(events()), whole(close()));
        let page = page.unwrap();
        assert!(page.ends_with(b"</html>") && String::from_utf8(page.to_vec()).is_ok());
        assert_eq!(told.unwrap().windows(5).filter(|w| w == b"data:").count(), 5);
        assert!(cut.is_err());
    }

    #[tokio::test]
    async fn echo_keeps_every_value() {
        let request = Request::get("/echo?x=1").header("cookie", "a=1").header("cookie", "b=2").body(()).unwrap();
        let said: Value = serde_json::from_slice(&whole(echo(&request)).await.unwrap()).unwrap();
        assert_eq!(said["headers"]["cookie"], json!(["a=1", "b=2"]));
        assert_eq!((&said["method"], &said["path"]), (&json!("GET"), &json!("/echo?x=1")));
    }
}
