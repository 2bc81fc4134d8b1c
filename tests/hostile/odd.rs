//! Answers that are no pages: endless, silent, huge, damaged; and hosts whose robots.txt and sitemaps are the trap.
//!
//! Nothing here is kept in memory whole: what is huge is written piece by piece, and ends when the other side hangs up.

use crate::site::{Asked, html, whole};
use flate2::{Compress, Compression, FlushCompress};
use std::sync::OnceLock;
use std::time::Duration;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

/// How long a silence lasts. Longer than any audit waits; whoever hangs up ends it earlier.
const SILENCE: Duration = Duration::from_secs(600);

/// The answers of a page that HTML alone cannot make.
pub(crate) async fn page(stream: &mut TcpStream, asked: &Asked) -> std::io::Result<()> {
    match asked.path() {
        "redirects" | "pingpong" | "grows" | "hops" | "refresh" => moving(stream, asked).await,
        "silent" | "head" | "drip" | "headers" | "slam" | "rubbish" => stalling(stream, asked.path()).await,
        "huge" | "bomb" | "links" | "title" => large(stream, asked.path()).await,
        _ => worded(stream, asked.path()).await,
    }
}

async fn moving(stream: &mut TcpStream, asked: &Asked) -> std::io::Result<()> {
    let next = asked.target.split('?').nth(1).and_then(|n| n.parse::<u64>().ok()).unwrap_or(0) + 1;
    let port = asked.port;
    let path = asked.path();
    let (status, more, body) = match path {
        "redirects" => {
            ("302 Found", format!("Location: /redirects?{next}\r\nSet-Cookie: hop{next}=1\r\n"), String::new())
        }
        "pingpong" => {
            let other = if asked.name == "hostile" { "other" } else { "hostile" };
            ("302 Found", format!("Location: http://{other}.localhost:{port}/pingpong\r\n"), String::new())
        }
        "grows" => {
            ("307 Temporary Redirect", format!("Location: {}?{}\r\n", asked.target, "x".repeat(2000)), String::new())
        }
        "hops" => ("200 OK", String::new(), format!("<title>hops</title><script>location = '/hops?{next}'</script>")),
        _ => (
            "200 OK",
            String::new(),
            format!("<title>refresh</title><meta http-equiv=refresh content='0;/refresh?{next}'>"),
        ),
    };
    whole(stream, status, "text/html", &more, body.as_bytes()).await
}

async fn stalling(stream: &mut TcpStream, path: &str) -> std::io::Result<()> {
    match path {
        "silent" => tokio::time::sleep(SILENCE).await,
        "slam" => {
            // With nothing read and nothing said, the other side is told that the connection broke.
            stream.set_zero_linger()?;
            return Err(std::io::ErrorKind::ConnectionReset.into());
        }
        "rubbish" => stream.write_all(&[0, 255, 13, 10, 200, 13, 10, 13, 10, 7, 7, 7]).await?,
        "headers" => {
            stream.write_all(b"HTTP/1.1 200 OK\r\n").await?;
            for n in 0.. {
                stream.write_all(format!("X-{n}: {}\r\n", "v".repeat(1000)).as_bytes()).await?;
            }
        }
        _ => {
            stream
                .write_all(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 100000000\r\n\r\n")
                .await?;
            if path == "head" {
                tokio::time::sleep(SILENCE).await;
            }
            for byte in b"<!doctype html><title>drip</title><p>One byte a second.".iter().cycle() {
                stream.write_all(&[*byte]).await?;
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        }
    }
    Ok(())
}

/// Two gigabytes of spaces as gzip (RFC 1952): one piece of a megabyte that stands by itself, again and again. The sum at
/// the end is wrong, which nobody who unpacks in a stream learns before.
fn bomb() -> &'static [u8] {
    static BOMB: OnceLock<Vec<u8>> = OnceLock::new();
    BOMB.get_or_init(|| {
        let mut piece = Vec::with_capacity(1 << 16);
        let spaces = vec![b' '; 1 << 20];
        Compress::new(Compression::fast(), false).compress_vec(&spaces, &mut piece, FlushCompress::Full).unwrap();
        let mut all = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
        for _ in 0..2048 {
            all.extend_from_slice(&piece);
        }
        all.extend_from_slice(&[3, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        all
    })
}

async fn large(stream: &mut TcpStream, path: &str) -> std::io::Result<()> {
    match path {
        "bomb" => whole(stream, "200 OK", "text/html", "Content-Encoding: gzip\r\n", bomb()).await,
        "title" => {
            let word = "t".repeat(1_000_000);
            let page =
                format!("<!doctype html><html lang=en><title>{word}</title><p>{word}<a href='/good?{word}'>far</a>");
            html(stream, page.as_bytes()).await
        }
        "links" => {
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<title>links</title>").await?;
            for n in 0..100_000 {
                stream.write_all(format!("<a href=/good?link{n}>{n}</a>\n").as_bytes()).await?;
            }
            Ok(())
        }
        _ => {
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<title>huge</title>").await?;
            let piece = "<p>very much of the same ".repeat(4000);
            for _ in 0..5000 {
                stream.write_all(piece.as_bytes()).await?;
            }
            Ok(())
        }
    }
}

async fn worded(stream: &mut TcpStream, path: &str) -> std::io::Result<()> {
    let bytes = b"<!doctype html><html lang='\xff\xfe'><title>\xc3\x28\xa0\xa1\xed\xa0\x80\0</title><p>\xf0\x28\x8c\xbc<script src='/tiny?\xff\xfe\0'></script><script>document.cookie = 'odd\xff=\xfe\xed\xa0\x80'; localStorage.odd = '\\ud800 \\0'; fetch('/tiny?lone\\ud800', { method: 'POST', body: new Uint8Array([255, 254, 0]) })</script>";
    let ok = "200 OK";
    match path {
        "bytes" => whole(stream, ok, "text/html; charset=utf-8", "Set-Cookie: odd\u{ff}=\u{fe}; x\r\n", bytes).await,
        "file" => whole(stream, ok, "application/octet-stream", "Content-Disposition: attachment\r\n", b"kept").await,
        "password" => {
            let wanted = "WWW-Authenticate: Basic realm=\"who are you\"\r\n";
            whole(stream, "401 Unauthorized", "text/html", wanted, b"<title>password</title>").await
        }
        "header" => {
            let mut lines = String::new();
            for n in 0..50 {
                lines += &format!("Set-Cookie: head{n}={}; Path=/header\r\n", "v".repeat(4000));
            }
            whole(stream, ok, "text/html", &lines, b"<title>header</title><p>Fifty cookies of 4 kB.").await
        }
        "sandbox" => {
            whole(
                stream,
                ok,
                "text/html",
                "Content-Security-Policy: sandbox\r\n",
                b"<title>sandbox</title><script>1</script>",
            )
            .await
        }
        "policy" => {
            let none = "Content-Security-Policy: default-src 'none'; require-trusted-types-for 'script'; trusted-types 'none'\r\nX-Frame-Options: DENY\r\nClear-Site-Data: \"*\"\r\n";
            whole(stream, ok, "text/html", none, b"<title>policy</title><img src=/tiny?stopped>").await
        }
        "plain" => whole(stream, ok, "text/plain", "", b"Only text. We use cookies: accept all, reject all.").await,
        "picture" => {
            whole(
                stream,
                ok,
                "image/gif",
                "",
                b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;",
            )
            .await
        }
        "xml" => {
            whole(
                stream,
                ok,
                "application/xhtml+xml",
                "",
                b"<html xmlns='http://www.w3.org/1999/xhtml'><title>xml</title><p>broken",
            )
            .await
        }
        "empty" => whole(stream, "204 No Content", "text/html", "", b"").await,
        _ => whole(stream, "410 Gone", "text/html", "", b"<title>gone</title><p>It was here.").await,
    }
}

/// Hosts that are a trap by their robots.txt, sitemap or links. Says whether it was one.
pub(crate) async fn site(stream: &mut TcpStream, asked: &Asked) -> std::io::Result<bool> {
    let (host, port) = (asked.name.as_str(), asked.port);
    let base = format!("http://{host}.localhost:{port}");
    let open = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n";
    match (host, asked.path()) {
        ("robots-huge" | "robots-endless", "robots.txt") => {
            stream.write_all(open.as_bytes()).await?;
            let lines = "Disallow: /nothing/here\n".repeat(40_000);
            stream.write_all(b"User-agent: *\n").await?;
            // A gigabyte, or until nobody listens.
            for _ in 0..(if host == "robots-huge" { 1000 } else { u64::MAX }) {
                stream.write_all(lines.as_bytes()).await?;
            }
        }
        ("robots-silent", "robots.txt") => tokio::time::sleep(SILENCE).await,
        ("robots-loops", "robots.txt") => {
            let location = format!("Location: {}x\r\n", asked.target);
            whole(stream, "302 Found", "text/plain", &location, b"").await?;
        }
        (host, "robots.txt") => {
            let body = format!("User-agent: *\nAllow: /\nSitemap: {base}/sitemap.xml\n");
            let body = if host.starts_with("sitemap") { body } else { String::new() };
            whole(stream, "200 OK", "text/plain", "", body.as_bytes()).await?;
        }
        ("sitemap-huge" | "sitemap-endless", "sitemap.xml") => {
            stream.write_all(open.replace("plain", "xml").as_bytes()).await?;
            stream
                .write_all(b"<?xml version='1.0'?><urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>")
                .await?;
            // 50 MB and an end, or neither.
            for n in 0..(if host == "sitemap-huge" { 700_000_u64 } else { u64::MAX }) {
                stream.write_all(format!("<url><loc>{base}/good?s{n}</loc></url>\n").as_bytes()).await?;
            }
            stream.write_all(b"</urlset>").await?;
        }
        ("sitemap-nested", path) if path.ends_with(".xml") => {
            // Itself, and two more of its kind: every one of them again.
            let next = path.len();
            let body = format!(
                "<sitemapindex><sitemap><loc>{base}/{path}</loc></sitemap><sitemap><loc>{base}/a{next}{path}</loc></sitemap><sitemap><loc>{base}/b{next}{path}</loc></sitemap></sitemapindex>"
            );
            whole(stream, "200 OK", "text/xml", "", body.as_bytes()).await?;
        }
        ("sitemap-bomb", "sitemap.xml") => {
            whole(stream, "200 OK", "text/xml", "Content-Encoding: gzip\r\n", bomb()).await?;
        }
        ("calendar", _) => {
            let day = asked.target.split('=').nth(1).and_then(|day| day.parse::<u64>().ok()).unwrap_or(0);
            let mut links = String::from("<title>calendar</title>");
            for next in 1..=30 {
                links += &format!("<a href='/day?d={}'>later</a>", day * 30 + next);
            }
            html(stream, links.as_bytes()).await?;
        }
        ("labyrinth", _) => {
            let here = asked.target.trim_end_matches('/');
            let page = format!(
                "<title>labyrinth</title><a href='{here}/left'>left</a><a href='{here}/right'>right</a><a href='{here}/../up/..//x/'>odd</a>"
            );
            html(stream, page.as_bytes()).await?;
        }
        _ => return Ok(false),
    }
    Ok(true)
}
