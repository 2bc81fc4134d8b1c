//! The third parties: what each serves and sets, and what whoever runs it then finds in a browser. It knows no consent and
//! no audit.

use crate::party::{Answer, Entry};
use std::collections::BTreeMap;

/// Third parties, each a host of its own below `localhost`.
pub(crate) const PARTIES: [&str; 7] = ["ads", "stats", "social", "cdn", "fonts", "video", "hop"];

/// A transparent GIF of one pixel (GIF89a).
pub(crate) const PIXEL: &[u8] = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;";

pub(crate) const SCRIPT: &str = "text/javascript; charset=utf-8";
pub(crate) const PAGE: &str = "text/html; charset=utf-8";

/// Origins by name: the third parties', and `site`.
pub(crate) type Origins = BTreeMap<String, String>;

/// Puts addresses where `{{name}}` stands.
pub(crate) fn fill(text: &str, origins: &Origins) -> String {
    origins.iter().fold(text.to_owned(), |text, (name, origin)| text.replace(&format!("{{{{{name}}}}}"), origin))
}

/// What a third party answers.
pub(crate) fn answer(entry: &Entry, origins: &Origins) -> Answer {
    let file = |media, text: &str| Answer::new(media, fill(text, origins));
    let pixel = || Answer::new("image/gif", PIXEL);
    let id = format!("{:x}", entry.at);
    let answer = match (entry.party.as_str(), entry.path()) {
        ("stats", "/s.js") => file(SCRIPT, include_str!("world/stats.js")),
        ("stats", "/collect") => Answer::new("text/plain", "noted")
            .with("Set-Cookie", format!("sid=c{id}; Path=/; Max-Age=34560000; HttpOnly; Secure; SameSite=None")),
        ("stats", "/event" | "/leave") => Answer::status(204),
        ("ads", "/a.js") => file(SCRIPT, include_str!("world/ads.js")),
        // The second is refused by every browser: a frame of another site may not keep it (RFC 6265bis §5.8.3).
        ("ads", "/frame.html") => file(PAGE, include_str!("world/frame.html"))
            .with("Set-Cookie", format!("adid=a{id}; Path=/; Max-Age=33696000; HttpOnly; Secure; SameSite=None"))
            .with("Set-Cookie", "adlax=1; Path=/; SameSite=Lax"),
        ("ads", "/r") => Answer::status(302)
            .with("Location", format!("{}/r2?{}", origins["hop"], entry.target.split_once('?').map_or("", |(_, q)| q)))
            .with("Set-Cookie", "adr=r1; Path=/; Secure; SameSite=None"),
        ("hop", "/r2") => pixel()
            .with("Set-Cookie", "hop=h1; Path=/; Max-Age=86400; Secure; SameSite=None")
            .with("Set-Cookie", "hopp=p1; Path=/; Max-Age=86400; Secure; SameSite=None; Partitioned"),
        ("social", "/w.js") => file(SCRIPT, include_str!("world/social.js")),
        ("social", "/worker.json") => Answer::new("application/json", "{}"),
        ("video", "/embed.html") => file(PAGE, include_str!("world/video.html")),
        ("fonts", "/f.css") => file("text/css", include_str!("world/fonts.css")),
        _ if entry.path().ends_with(".gif") => pixel(),
        _ => Answer::status(404),
    };
    let site = origins["site"].clone();
    answer
        .with("Access-Control-Allow-Origin", site)
        .with("Access-Control-Allow-Credentials", "true")
        .with("Access-Control-Allow-Headers", "content-type")
}

/// Something in a browser: of what kind, whose, and its name, as an audit spells them.
pub(crate) type Kept = (String, String, String);

fn kept(kind: &str, whose: &str, name: &str) -> Kept {
    (kind.to_owned(), whose.to_owned(), name.to_owned())
}

/// The host of an origin, without its port.
pub(crate) fn host(origin: &str) -> &str {
    let bare = origin.split_once("://").map_or(origin, |(_, rest)| rest);
    bare.split(':').next().unwrap_or_default()
}

/// What is in a browser once this request was answered: the cookies it brought, and what the script that made it keeps right
/// before it asks. What an answer set is there when it comes back, which every cookie here does that is kept: each
/// page asks for the same.
pub(crate) fn effects(entry: &Entry, origins: &Origins) -> Vec<Kept> {
    let (site, own) = (origins["site"].as_str(), host(&entry.origin));
    let mut found: Vec<Kept> = entry.cookies.iter().map(|(name, _)| kept("cookie", own, name)).collect();
    match (entry.party.as_str(), entry.path()) {
        ("stats", "/collect") => {
            found.push(kept("cookie", host(site), "_stat"));
            found.push(kept("local", site, "stat_seen"));
        }
        ("site", "/go") => {
            found.push(kept("session", site, "ad_view"));
            found.push(kept("indexed", site, "adstore/views"));
        }
        ("ads", "/shown.gif") => found.push(kept("local", &entry.origin, "ad_frame")),
        ("site", "/offline.txt") => found.push(kept("cache", site, &format!("own-shell {site}/offline.txt"))),
        ("site", "/sw.js") => {
            found.push(kept("files", site, "own-file"));
            found.push(kept("service-worker", site, &format!("{site}/sw.js")));
        }
        _ => {}
    }
    found
}

/// The cookies an answer set, kept or not.
pub(crate) fn set(entry: &Entry) -> impl Iterator<Item = Kept> {
    let names = entry.set.iter().filter_map(|line| line.split('=').next());
    names.map(|name| kept("cookie", host(&entry.origin), name))
}

/// Who writes a cookie of a name, where a script does: the end of the script's address.
pub(crate) fn writer(name: &str) -> Option<&'static str> {
    match name {
        "_stat" => Some("/s.js"),
        "souhlas" => Some("/closed.js"),
        "suostumus" => Some("/framed.js"),
        _ => None,
    }
}
