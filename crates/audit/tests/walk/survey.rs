//! `robots.txt` and sitemaps, as they are fetched through a browser.

use crate::browser;
use crate::server::{Asked, Reply, Server};
use bandeau_audit::browser::Options;
use bandeau_audit::crawl::{Fetch, Site, rules, survey};
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::Write as _;
use url::Url;

fn site(asked: &Asked, port: u16) -> Reply {
    let base = format!("http://{}:{port}", asked.host);
    match (asked.host.as_str(), asked.path.as_str()) {
        ("newsroom.localhost", "/robots.txt") => {
            let text = format!("User-agent: *\nDisallow: /closed\nCrawl-delay: 2\nSitemap: {base}/index.xml\n");
            Reply::kind("text/plain", text)
        }
        ("newsroom.localhost", "/index.xml") => {
            let maps = ["/a.xml.gz", "/b.txt", "/index.xml", "/gone.xml"];
            let maps = maps.map(|map| format!("<sitemap><loc>{base}{map}</loc></sitemap>")).concat();
            Reply::kind("application/xml", format!("<sitemapindex>{maps}</sitemapindex>"))
        }
        ("newsroom.localhost", "/a.xml.gz") => {
            let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
            let urls = "<urlset><url><loc>/one</loc></url><url><loc>https://elsewhere.example/</loc></url></urlset>";
            packed.write_all(urls.as_bytes()).unwrap();
            Reply::kind("application/gzip", packed.finish().unwrap())
        }
        ("newsroom.localhost", "/b.txt") => Reply::kind("text/plain", format!("{base}/two\n")),
        ("moved.localhost", "/robots.txt") => Reply::to("/elsewhere.txt"),
        ("moved.localhost", "/elsewhere.txt") => Reply::kind("text/plain", "User-agent: bandeau\nDisallow: /x"),
        ("moved.localhost", "/sitemap.xml") => Reply::kind("text/xml", "<urlset><url><loc>/three</loc></url></urlset>"),
        ("broken.localhost", _) => Reply::Full(503, Vec::new(), b"later".to_vec()),
        _ => Reply::missing(),
    }
}

#[tokio::test]
async fn a_site_says_what_robots_may_and_which_pages_there_are() {
    if !browser().await {
        return;
    }
    let server = Server::start(site).await;
    let fetch = Fetch::start(&Options::default()).await.unwrap();
    let at = |host: &str, path: &str| Url::parse(&format!("http://{host}.localhost:{}{path}", server.port)).unwrap();
    let surveyed = async |host: &str| {
        let start = at(host, "/front?x");
        survey(&fetch, &start, &Site::of(&start, &[]).unwrap()).await
    };

    let news = surveyed("newsroom").await;
    let pages: Vec<_> = news.pages.iter().map(Url::path).collect();
    assert_eq!(pages, ["/one", "/two"]);
    assert!(news.robots.allows(&at("newsroom", "/open")) && !news.robots.allows(&at("newsroom", "/closed/x")));
    assert_eq!(news.robots.delay().unwrap().as_secs(), 2);
    assert!(news.notes.is_empty(), "{:?}", news.notes);
    let asked = ["/robots.txt", "/index.xml", "/a.xml.gz", "/b.txt", "/gone.xml"];
    assert_eq!(server.paths("newsroom.localhost"), asked);

    let moved = surveyed("moved").await;
    assert!(!moved.robots.allows(&at("moved", "/x")) && moved.robots.allows(&at("moved", "/y")));
    assert_eq!(moved.pages.iter().map(Url::path).collect::<Vec<_>>(), ["/three"]);

    let plain = surveyed("plain").await;
    assert!(plain.robots.allows(&at("plain", "/x")) && plain.pages.is_empty() && plain.notes.is_empty());

    // What cannot be answered may have been a refusal, and is said.
    let broken = surveyed("broken").await;
    assert!(!broken.robots.allows(&at("broken", "/x")));
    assert_eq!(broken.notes.len(), 1);
    let nobody = Url::parse("http://nobody.localhost:9/").unwrap();
    assert!(!rules(&fetch, &nobody).await.allows(&nobody));

    assert!(server.asked().iter().all(|asked| asked.header("cookie").is_empty()));
}
