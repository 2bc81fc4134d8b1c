//! The demo over real sockets: what a browser or a proxy would see.

use super::*;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// One request on a connection of its own, and all that comes back.
async fn ask(place: &str, request: &str) -> String {
    let mut stream = TcpStream::connect(place).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut said = Vec::new();
    // A connection cut on purpose ends in an error; what came before it counts.
    let _ = stream.read_to_end(&mut said).await;
    String::from_utf8_lossy(&said).into_owned()
}

async fn get(place: &str, path: &str) -> String {
    let head = "Host: newsroom.localhost\r\nUser-Agent: fox\r\nCookie: session=1\r\nConnection: close";
    ask(place, &format!("GET {path} HTTP/1.1\r\n{head}\r\n\r\n")).await
}

fn place(origin: &str) -> String {
    let port = origin.trim_end_matches('/').rsplit(':').next().unwrap();
    format!("127.0.0.1:{port}")
}

async fn demo() -> Demo {
    start(([127, 0, 0, 1], 8080).into()).await.unwrap()
}

fn body(said: &str) -> &str {
    said.split_once("\r\n\r\n").unwrap().1
}

#[tokio::test]
async fn the_witness_records_connections_requests_and_the_newsrooms_cookies() {
    let demo = demo().await;
    let witness = place(&demo.witness);
    let ads = place(&demo.parties.iter().find(|(name, _)| name == "ads").unwrap().1);
    assert!(get(&ads, "/ads.js?page=x").await.contains("_ad_id"));
    drop(TcpStream::connect(&ads).await.unwrap());
    assert!(get(&demo.upstream.to_string(), "/").await.contains("Port-Alizan"));
    let log: Value = loop {
        let log: Value = serde_json::from_str(body(&get(&witness, "/log.json").await)).unwrap();
        // The silent connection is counted when it is accepted, which may be a moment later.
        if log["parties"][3]["connections"] == 2 {
            break log;
        }
        tokio::task::yield_now().await;
    };
    assert_eq!(log["parties"][3]["name"], "ads");
    assert_eq!(log["parties"][3]["requests"][0]["path"], "/ads.js?page=x");
    assert_eq!(log["parties"][3]["requests"][0]["cookie"], "session=1");
    assert_eq!(log["parties"][0]["connections"], 0);
    assert_eq!((&log["upstream"]["cookies"], &log["upstream"]["requests"]), (&"session=1".into(), &1.into()));
    let reset =
        ask(&witness, "POST /reset HTTP/1.1\r\nHost: w\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").await;
    assert!(reset.starts_with("HTTP/1.1 303"));
    let log: Value = serde_json::from_str(body(&get(&witness, "/log.json").await)).unwrap();
    assert_eq!(log["parties"][3]["connections"], 0);
}

#[tokio::test]
async fn every_link_on_the_front_page_leads_somewhere() {
    let demo = demo().await;
    let upstream = demo.upstream.to_string();
    let page = get(&upstream, "/").await;
    let own = page.split(['"', '\'']).filter(|part| part.starts_with('/') && !part.contains(['<', '>', ' ', '\n']));
    let mut seen: Vec<&str> = own.filter(|path| !matches!(*path, "/comments" | "/theme")).collect();
    seen.sort_unstable();
    seen.dedup();
    assert!(seen.len() > 8, "{seen:?}");
    for path in seen {
        let code = get(&upstream, path).await.chars().skip(9).take(3).collect::<String>();
        assert!(code.starts_with('2'), "{path}: {code}");
    }
    assert!(get(&upstream, "/nowhere").await.starts_with("HTTP/1.1 404"));
    for (name, origin) in &demo.parties {
        for url in page.split(['"', '\'', ' ', '(', ')']).filter(|part| part.starts_with(&format!("{origin}/"))) {
            let path = url[origin.len()..].replace("&amp;", "&");
            let code = get(&place(origin), &path).await.chars().skip(9).take(3).collect::<String>();
            assert!(code.starts_with('2'), "{name} {path}: {code}");
        }
    }
}

#[tokio::test]
async fn comments_are_posted_shown_and_listed() {
    let demo = demo().await;
    let upstream = demo.upstream.to_string();
    let form = "article=moulin&name=Z&text=%3Cimg+src%3Dx%3E";
    let head = format!("Host: n\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}", form.len());
    let said = ask(&upstream, &format!("POST /comments HTTP/1.1\r\n{head}\r\nConnection: close\r\n\r\n{form}")).await;
    assert!(said.starts_with("HTTP/1.1 303") && said.contains("location: /#comments"), "{said}");
    let page = get(&upstream, "/").await;
    assert!(page.contains("&lt;img src=x&gt;") && !page.contains("<img src=x>"));
    let list: Value = serde_json::from_str(body(&get(&upstream, "/comments/moulin").await)).unwrap();
    assert_eq!(list.as_array().unwrap().last().unwrap()["name"], "Z");
    let long = format!(
        "POST /comments HTTP/1.1\r\nHost: n\r\nContent-Length: 20000\r\nConnection: close\r\n\r\n{}",
        "x".repeat(20000)
    );
    assert!(ask(&upstream, &long).await.starts_with("HTTP/1.1 413"));
}

#[tokio::test]
async fn probes_behave_badly_as_promised() {
    let demo = demo().await;
    let upstream = demo.upstream.to_string();
    let cut = get(&upstream, "/close").await;
    assert!(cut.contains("content-length: 4096") && cut.contains("Le début"));
    assert!(body(&cut).len() > 1000 && body(&cut).len() < 4096);
    let upload = "POST /upload HTTP/1.1\r\nHost: n\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
    assert!(ask(&upstream, upload).await.contains("\"bytes\":5"));
    let echo = get(&upstream, "/echo?a=1").await;
    assert!(echo.contains("\"cookie\":[\"session=1\"]") && echo.contains("\"path\":\"/echo?a=1\""));
    assert!(get(&upstream, "/slow?ms=1").await.contains("1 ms"));
    assert!(get(&upstream, "/stream").await.contains("transfer-encoding: chunked"));
}

#[tokio::test]
async fn the_configuration_is_whole_and_declares_every_third_party() {
    let demo = demo().await;
    assert!(!demo.config.contains("{{"));
    let read: toml::Table = demo.config.parse().unwrap();
    assert_eq!(read["listen"].as_str(), Some("127.0.0.1:8080"));
    assert_eq!(read["upstream"].as_str(), Some(format!("http://{}", demo.upstream).as_str()));
    let services = read["service"].as_array().unwrap();
    let strings = |service: &toml::Value, key: &str| -> Vec<String> {
        let list = service.get(key).and_then(toml::Value::as_array).cloned().unwrap_or_default();
        list.iter().map(|text| text.as_str().unwrap().to_owned()).collect()
    };
    for (name, origin) in &demo.parties {
        assert!(origin.starts_with(&format!("http://{name}.localhost:")));
        assert!(
            services.iter().any(|service| strings(service, "hosts").contains(&format!("{name}.localhost"))),
            "{name}"
        );
    }
    for service in services {
        for data in strings(service, "data") {
            assert!(bandeau_consent::DataCategory::parse(&data).is_some(), "{data}");
        }
        for cookie in strings(service, "cookies").iter().chain(&strings(service, "storage")) {
            assert!(bandeau_consent::NamePattern::new(cookie).is_ok(), "{cookie}");
        }
        for host in strings(service, "hosts") {
            assert!(bandeau_consent::HostPattern::new(&host).is_ok(), "{host}");
        }
        for route in strings(service, "routes") {
            assert!(bandeau_consent::RoutePattern::new(&route).is_ok(), "{route}");
        }
    }
}
