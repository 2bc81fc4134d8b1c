//! The third parties: each answers on its own host and tells the witness first.
//!
//! This room does not know consent. It sets no cookies of its own: a third party here knows a visitor by
//! what its scripts wrote on the newsroom's host, and by the ids in its addresses.

use super::host::Host;
use super::log::{Link, Log};
use super::origins::Origins;
use super::reply::{self, Reply};
use super::text;
use http::{Method, Request, StatusCode, header};
use hyper::body::Incoming;
use serde_json::json;
use std::sync::Arc;

const SCRIPT: &str = "text/javascript; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";
const PAGE: &str = "text/html; charset=utf-8";
const IMAGE: &str = "image/svg+xml";

/// A transparent GIF of one pixel, the trade's oldest tool: header, screen, two colours (the first
/// transparent), one image of one pixel, trailer (GIF89a).
const PIXEL: &[u8] = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;";

macro_rules! asset {
    ($name:literal) => {
        include_str!(concat!("../../demo/party/", $name))
    };
}

/// One third party.
pub(super) struct Party {
    /// Its place in the log.
    pub(super) at: usize,
    /// Its name.
    pub(super) name: &'static str,
    /// Where everyone is.
    pub(super) origins: Arc<Origins>,
    /// The witness's memory.
    pub(super) log: Arc<Log>,
}

impl Host for Party {
    type Link = Link;

    fn connected(&self) -> Link {
        self.log.connected(self.at)
    }

    async fn answer(&self, link: &Link, request: Request<Incoming>) -> Reply {
        self.log.heard(self.at, link, &request);
        let reply = if request.method() == Method::OPTIONS { reply::empty() } else { self.route(request.uri()) };
        open(reply)
    }
}

/// What every third party says: anyone may load this from anywhere, and nothing is kept, so that each visit
/// shows in the witness.
fn open(reply: Reply) -> Reply {
    [
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, "*"),
        (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST"),
        (http::HeaderName::from_static("cross-origin-resource-policy"), "cross-origin"),
        (header::CACHE_CONTROL, "no-store"),
    ]
    .into_iter()
    .fold(reply, |reply, (name, value)| reply::with(reply, name, value))
}

impl Party {
    fn route(&self, uri: &http::Uri) -> Reply {
        let path = uri.path();
        if path.ends_with(".gif") && matches!(self.name, "metrics" | "ads") {
            return reply::whole("image/gif", PIXEL);
        }
        match (self.name, path) {
            ("metrics", "/collect" | "/ping") | ("social", "/like") => reply::empty(),
            ("profile", "/recs.json") => recommend(uri),
            ("social", "/follow.json") => reply::json(&json!({ "followers": 2418 })),
            ("social", "/share") => {
                reply::whole("text/plain; charset=utf-8", "Parvis : partagé. (Rien n’est sorti de cette machine.)")
            }
            ("social", _) if path.starts_with("/face/") => reply::whole(IMAGE, face(path)),
            _ => match asset(self.name, path) {
                Some((media, template)) => reply::whole(media, self.fill(template, uri)),
                None => reply::status(StatusCode::NOT_FOUND, "Nothing here."),
            },
        }
    }

    fn fill(&self, template: &'static str, uri: &http::Uri) -> String {
        let lang = if text::query(uri, "lang").as_deref() == Some("en") { "en" } else { "fr" };
        text::fill(template, |key| {
            let said = match key {
                "lang" => Some(lang),
                _ => said(self.name, lang, key),
            };
            said.map(str::to_owned).or_else(|| self.origins.find(key))
        })
    }
}

fn asset(name: &str, path: &str) -> Option<(&'static str, &'static str)> {
    Some(match (name, path) {
        ("tags", "/tm.js") => (SCRIPT, asset!("tm.js")),
        ("tags", "/more.js") => (SCRIPT, asset!("more.js")),
        ("metrics", "/m.js") => (SCRIPT, asset!("m.js")),
        ("profile", "/recs.js") => (SCRIPT, asset!("recs.js")),
        ("ads", "/ads.js") => (SCRIPT, asset!("ads.js")),
        ("ads", "/conv.js") => (SCRIPT, asset!("conv.js")),
        ("ads", "/slot.html") => (PAGE, asset!("slot.html")),
        ("ads", "/slot.css") => (STYLE, asset!("slot.css")),
        ("ads", "/landing") => (PAGE, asset!("landing.html")),
        ("ads", "/house.svg") => (IMAGE, asset!("house.svg")),
        ("ads", "/promo.svg") => (IMAGE, asset!("promo.svg")),
        ("ads", "/mark.svg") => (IMAGE, asset!("mark.svg")),
        ("social", "/follow.js") => (SCRIPT, asset!("follow.js")),
        ("social", "/comments.js") => (SCRIPT, asset!("comments.js")),
        ("social", "/widget.css") => (STYLE, asset!("widget.css")),
        ("social", "/widget.html") => (PAGE, asset!("widget.html")),
        ("social", "/badge.svg") => (IMAGE, asset!("badge.svg")),
        ("social", "/share.svg") => (IMAGE, asset!("share.svg")),
        ("video", "/embed.html") => (PAGE, asset!("embed.html")),
        ("video", "/poster.svg") => (IMAGE, asset!("poster.svg")),
        _ => return None,
    })
}

/// The words of the third parties' own frames.
fn said(name: &str, lang: &str, key: &str) -> Option<&'static str> {
    let (fr, en) = match (name, key) {
        ("ads", "headline") => ("Biscuits Ormelune", "Ormelune biscuits"),
        ("ads", "line") => ("Cuits le matin, partis à la marée.", "Baked in the morning, gone with the tide."),
        ("ads", "label") => ("Goûter", "Taste one"),
        ("social", "label") => ("J’aime", "Like"),
        ("video", "title") => ("Le premier tour de roue", "The first turn of the wheel"),
        ("video", "label") => ("Lecture ou pause", "Play or pause"),
        _ => return None,
    };
    Some(if lang == "en" { en } else { fr })
}

/// One of six faces, each with its own colours.
fn face(path: &str) -> String {
    const COLOURS: [[&str; 4]; 6] = [
        ["#d7e3df", "#1f7a6c", "#c98d6b", "#3a2a22"],
        ["#efe0c4", "#8a3a1c", "#8a5a44", "#1d1a18"],
        ["#dfe1ee", "#3b4a7a", "#e4b694", "#b5642c"],
        ["#e9d6d2", "#6a3430", "#d9a27e", "#5b4a3e"],
        ["#dbe6cf", "#4d6b34", "#6b4636", "#14110f"],
        ["#e6e2d8", "#55524a", "#e8c1a0", "#cfc7b8"],
    ];
    let number = path.bytes().find(u8::is_ascii_digit).map_or(0, |digit| usize::from(digit - b'0'));
    let [back, coat, skin, hair] = COLOURS[number % COLOURS.len()];
    text::fill(asset!("face.svg"), |key| {
        let colour = match key {
            "back" => back,
            "coat" => coat,
            "skin" => skin,
            "hair" => hair,
            _ => return None,
        };
        Some(colour.to_owned())
    })
}

/// What to read next, judged by what was read: a page is not recommended twice.
fn recommend(uri: &http::Uri) -> Reply {
    let read = text::query(uri, "read").unwrap_or_default();
    let english = text::query(uri, "lang").as_deref() == Some("en");
    let pool = [
        (
            "phare",
            "/phare",
            "Trois gardiens pour un phare qui n’en a plus besoin",
            "Three keepers for a lighthouse that needs none",
        ),
        ("marche", "/marche", "L’étal où l’on paie en heures de couture", "The stall where you pay in hours of sewing"),
        (
            "bibliotheque",
            "/bibliotheque",
            "La bibliothèque donne ses clés, et ne perd rien",
            "The library gives away its keys and loses nothing",
        ),
        ("moulin", "/", "Le vieux moulin à marée se remet à tourner", "The old tide mill turns again"),
    ];
    let (fresh, known): (Vec<_>, Vec<_>) =
        pool.into_iter().partition(|(id, ..)| !read.split(',').any(|seen| seen == *id));
    let pick = |(at, (_, href, fr, en)): (usize, &(&str, &str, &str, &str))| {
        let share = 97 - at * 6;
        let why = if english { format!("{share}% to your taste") } else { format!("{share} % à votre goût") };
        json!({ "href": href, "title": if english { en } else { fr }, "why": why })
    };
    let picks: Vec<_> = fresh.iter().chain(&known).take(3).enumerate().map(pick).collect();
    let note =
        if english { "Chosen by Taste from what you have read" } else { "Choisi par Taste d’après vos lectures" };
    reply::json(&json!({ "note": note, "picks": picks }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_body_util::BodyExt;

    const PATHS: [(&str, &[&str]); 6] = [
        ("tags", &["/tm.js", "/more.js"]),
        ("metrics", &["/m.js", "/p.gif", "/n.gif", "/collect", "/ping"]),
        ("profile", &["/recs.js", "/recs.json"]),
        (
            "ads",
            &["/ads.js", "/conv.js", "/conv.gif", "/slot.html", "/slot.css", "/house.svg", "/promo.svg", "/mark.svg"],
        ),
        (
            "social",
            &[
                "/follow.js",
                "/follow.json",
                "/comments.js",
                "/widget.css",
                "/widget.html?lang=en",
                "/face/9.svg",
                "/badge.svg",
                "/share.svg",
            ],
        ),
        ("video", &["/embed.html?v=1", "/poster.svg"]),
    ];

    #[tokio::test]
    async fn every_address_answers_with_no_placeholder_left_and_no_cookie() {
        let origins = Arc::new(Origins::sample());
        let log = Arc::new(Log::new(origins.parties().to_vec()));
        for (at, (name, paths)) in PATHS.into_iter().enumerate() {
            let party = Party { at, name, origins: origins.clone(), log: log.clone() };
            for path in paths {
                let reply = open(party.route(&path.parse().unwrap()));
                assert!(reply.status().is_success(), "{name} {path}");
                assert_eq!(reply.headers()["access-control-allow-origin"], "*");
                assert!(!reply.headers().contains_key("set-cookie"), "{name} {path}");
                let body = reply.into_body().collect().await.unwrap().to_bytes();
                assert!(!String::from_utf8_lossy(&body).contains("{{"), "{name} {path}");
            }
        }
    }

    #[tokio::test]
    async fn what_was_read_is_not_recommended_first() {
        let reply = recommend(&"/recs.json?read=phare,marche&lang=en".parse().unwrap());
        let said = reply.into_body().collect().await.unwrap().to_bytes();
        let said: serde_json::Value = serde_json::from_slice(&said).unwrap();
        assert_eq!(said["picks"][0]["href"], "/bibliotheque");
        assert_eq!(said["picks"].as_array().unwrap().len(), 3);
    }
}
