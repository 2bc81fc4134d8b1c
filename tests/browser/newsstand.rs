//! A small site of the tests' own behind a gateway, and beside it a video host that needs a grant: for what the
//! demo's pages do not do.

use crate::driver::Browser;
use crate::site::{Body, Seen, Site, page, typed};
use crate::support::Gateway;
use http::{Response, StatusCode};
use serde_json::Value;

const CONFIG: &str = r##"
[site]
name = "Newsstand"
hosts = ["news.localhost"]
controller = "Tests"
privacy = "/privacy"
languages = ["en", "fr", "ar"]

[[service]]
id = "video"
name = "Tideway"
purpose = "media"
hosts = ["video.localhost"]

[[service]]
id = "forum"
purpose = "social"
hosts = ["forum.localhost"]

[[service]]
id = "letters"
name = "Letterbox"
purpose = "resources"
hosts = ["fonts.localhost"]

[[feature]]
id = "comments"
needs = ["social"]
embeds = ["#comments"]
"##;

/// The rest of the configuration, for a layout of the notice.
pub fn laid(layout: &str) -> String {
    format!("{CONFIG}\n[theme]\nlayout = \"{layout}\"\n")
}

/// A site, a video host, a gateway and a browser.
pub struct Newsstand {
    pub site: Site,
    pub video: Site,
    pub gateway: Gateway,
    pub browser: Browser,
}

/// What the video host serves: a document that says it has come.
fn film(_: &Seen) -> Response<Body> {
    page("<!doctype html><body style='margin:0;background:#246;color:#fff'>film<script>document.title='film'</script>")
}

/// A script file of the site that puts a film in at once.
fn put(port: u16) -> String {
    format!(
        "const f = document.createElement('iframe'); f.src = 'http://video.localhost:{port}/put'; f.width = 560; f.height = 315; \
         document.getElementById('a').append(f)"
    )
}

impl Newsstand {
    /// Opens one whose pages are what `write` makes of the port of the video host; each has these headers.
    pub async fn open(headers: &'static [(&'static str, &'static str)], write: fn(u16) -> String) -> Self {
        Self::with(headers, write, film).await
    }

    /// The same, with a video host that answers so.
    pub async fn with(
        headers: &'static [(&'static str, &'static str)],
        write: fn(u16) -> String,
        answer: impl Fn(&Seen) -> Response<Body> + Send + Sync + 'static,
    ) -> Self {
        let video = Site::start(answer).await;
        let port = port(&video);
        let site = Site::start(move |seen| {
            if seen.path() == "/favicon.ico" {
                return crate::site::empty(StatusCode::NOT_FOUND);
            }
            if seen.path() == "/put.js" {
                return typed("text/javascript", put(port));
            }
            let mut answer = page(write(port));
            for (name, value) in headers {
                answer.headers_mut().append(*name, http::HeaderValue::from_static(value));
            }
            answer
        })
        .await;
        let gateway = Gateway::start(&site.url, CONFIG);
        Self { site, video, gateway, browser: Browser::start().await }
    }

    pub async fn close(self) {
        self.browser.close().await;
    }

    /// The address of a page, as visitors reach it.
    pub fn url(&self, path: &str) -> String {
        format!("http://news.localhost:{}{path}", self.gateway.port)
    }

    /// Goes to a page and waits until it shows this state.
    pub async fn visit(&self, path: &str, state: &str) {
        self.browser.goto(&self.url(path)).await;
        self.browser.state(state).await;
    }

    /// How many requests the video host has received.
    pub fn films(&self) -> usize {
        self.video.seen().iter().filter(|seen| seen.path() != "/favicon.ico").count()
    }

    /// Waits until the video host has received so many.
    pub async fn shown(&self, count: usize) {
        let start = std::time::Instant::now();
        while self.films() < count {
            assert!(start.elapsed().as_secs() < 20, "only {} of {count} films were asked for", self.films());
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    }

    /// How often a page of the site was asked for.
    pub fn pages(&self, path: &str) -> usize {
        self.site.seen().iter().filter(|seen| seen.path() == path).count()
    }

    /// Evaluates an expression in the page.
    pub async fn read(&self, expression: &str) -> Value {
        self.browser.run(&format!("return {expression}")).await
    }
}

/// The port a site listens on.
pub fn port(site: &Site) -> u16 {
    site.url.rsplit(':').next().unwrap().parse().unwrap()
}
