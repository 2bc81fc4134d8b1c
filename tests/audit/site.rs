//! The site under audit: its pages, its own files, and its recorder. It knows which tool asks on it, and no audit.

use crate::means::{self, Origins, PAGE, PARTIES, PIXEL, SCRIPT, fill};
use crate::party::{Answer, Entry, Log, bind, now, record};
use crate::tool::{Tag, Tool};
use std::path::Path;
use std::sync::{Arc, Mutex};

/// Pages an audit comes to: three by links, one by the sitemap alone.
pub(crate) const PAGES: [(&str, &str); 4] =
    [("/", "The front page"), ("/one", "One story"), ("/privacy", "Privacy"), ("/archive", "The archive")];

/// One site with its third parties, all recording.
pub(crate) struct Scene {
    pub(crate) tool: Tool,
    pub(crate) origins: Origins,
    pub(crate) log: Arc<Mutex<Log>>,
}

impl Scene {
    pub(crate) async fn start(tool: Tool, installed: &Path) -> Self {
        let (mut origins, mut listeners) = (Origins::new(), Vec::new());
        for name in PARTIES.into_iter().chain(["site"]) {
            let (listener, port) = bind().await;
            let host = if name == "site" { tool.site() } else { name };
            origins.insert(name.to_owned(), format!("http://{host}.localhost:{port}"));
            listeners.push((name, listener));
        }
        let log = Arc::new(Mutex::new(Log::default()));
        for (name, listener) in listeners {
            let (origins, installed) = (origins.clone(), installed.to_owned());
            record(listener, name, &log, Arc::new(move |entry| answer(entry, tool, &origins, &installed)));
        }
        Self { tool, origins, log }
    }

    pub(crate) fn url(&self) -> String {
        format!("{}/", self.origins["site"])
    }
}

fn answer(entry: &Entry, tool: Tool, origins: &Origins, installed: &Path) -> Answer {
    if entry.party != "site" {
        return means::answer(entry, origins);
    }
    let site = &origins["site"];
    let file = |media, text: &str| Answer::new(media, fill(text, origins));
    let path = entry.path();
    match path {
        "/robots.txt" => file("text/plain", "User-agent: *\nDisallow: /hidden\nSitemap: {{site}}/sitemap.xml\n"),
        "/sitemap.xml" => {
            let list: String =
                ["/", "/archive", "/hidden"].map(|page| format!("<url><loc>{site}{page}</loc></url>")).concat();
            file(
                "application/xml",
                &format!(
                    "<?xml version=\"1.0\"?><urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">{list}</urlset>"
                ),
            )
        }
        "/hidden" => Answer::new(PAGE, "<!doctype html><title>Not for robots</title>"),
        "/own.js" => file(SCRIPT, include_str!("world/own.js")),
        "/sw.js" => file(SCRIPT, include_str!("world/sw.js")),
        "/worker.js" => file(SCRIPT, include_str!("world/worker.js")),
        "/offline.txt" | "/installed.txt" => file("text/plain", "noted"),
        "/by-worker.json" | "/through.json" => file("application/json", "{}"),
        "/photo.gif" => Answer::new("image/gif", PIXEL),
        // A link of the site's own that leads to somebody else.
        "/go" => {
            let query = entry.target.split_once('?').map_or("", |(_, query)| query);
            Answer::status(302).with("Location", format!("{}/r?{query}", origins["ads"]))
        }
        _ => match PAGES.into_iter().find(|(page, _)| *page == path) {
            Some((_, title)) => session(entry, file(PAGE, &page(title, path, tool, origins))),
            None => tool.file(path, installed).unwrap_or_else(|| Answer::status(404)),
        },
    }
}

fn page(title: &str, path: &str, tool: Tool, origins: &Origins) -> String {
    let (head, end) = tool.mount(origins);
    let far = if tool.forgets() {
        "<link rel=\"preconnect\" href=\"{{cdn}}\"><link rel=\"stylesheet\" href=\"{{fonts}}/f.css\">"
    } else {
        ""
    };
    let tags: String = Tag::ALL.into_iter().map(|tag| tool.tag(tag, origins) + "\n").collect();
    let language = tool.language();
    format!(
        "<!doctype html><html lang=\"{language}\"><head><meta charset=\"utf-8\"><title>{title}</title>\n{far}\n{head}\n\
         <script src=\"/own.js\"></script></head>\n<body><h1>{title}</h1><p><img src=\"/photo.gif?at={path}\" alt=\"\"></p>\n\
         <p><a href=\"/\">Home</a> <a href=\"/one\">One</a> <a href=\"/privacy\">Privacy</a> <a href=\"/hidden\">Hidden</a></p>\n\
         {tags}<div style=\"height:2000px\"></div>\n{end}</body></html>"
    )
}

/// The cookie an ordinary site sets when it has none.
fn session(entry: &Entry, answer: Answer) -> Answer {
    if entry.cookies.iter().any(|(name, _)| name == "session") {
        return answer;
    }
    answer.with("Set-Cookie", format!("session=n{:x}; Path=/; HttpOnly; SameSite=Lax", now()))
}
