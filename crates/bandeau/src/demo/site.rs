//! The newsroom: La Gazette du soir, as its own server sends it, without any thought of consent.
//!
//! This room does not know the gateway in front of it. It carries every kind of third-party element a news
//! site has gathered over the years, so that what the gateway enforces is worth enforcing.

use super::articles::{self, ARTICLES, Article};
use super::comments::Comments;
use super::host::Host;
use super::log::Log;
use super::origins::Origins;
use super::reply::{self, Reply};
use super::words::word;
use super::{probe, text};
use http::{HeaderMap, Method, Request, StatusCode, header};
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use std::fmt::Write;
use std::sync::Arc;

const PAGE: &str = include_str!("../../demo/site/page.html");
const ARTICLE: &str = include_str!("../../demo/site/article.html");
const PRIVACY: &str = include_str!("../../demo/site/privacy.html");
const STYLE: &str = include_str!("../../demo/site/gazette.css");

/// The newsroom's server.
pub(super) struct Site {
    /// Where everyone is.
    pub(super) origins: Arc<Origins>,
    /// The witness's memory.
    pub(super) log: Arc<Log>,
    /// What readers wrote.
    pub(super) comments: Comments,
}

/// What stands round the main part of a page.
struct Frame<'a> {
    id: &'a str,
    lang: &'a str,
    path: &'a str,
    title: &'a str,
    description: &'a str,
    main: String,
}

impl Host for Site {
    type Link = ();

    fn connected(&self) {}

    async fn answer(&self, (): &(), request: Request<Incoming>) -> Reply {
        let path = request.uri().path().to_owned();
        match (request.method().as_str(), path.as_str()) {
            (_, "/echo") => probe::echo(&request),
            ("POST", "/upload") => probe::upload(request).await,
            ("POST", "/comments") => self.comments.post(request).await,
            ("POST", "/theme") => theme(request).await,
            (_, "/stats/hit") => hit(request.headers()),
            ("GET" | "HEAD", "/stream") => probe::stream(&self.origins),
            ("GET" | "HEAD", "/events") => probe::events(),
            ("GET" | "HEAD", "/slow") => probe::slow(request.uri()).await,
            ("GET" | "HEAD", "/close") => probe::close(),
            ("GET" | "HEAD", "/big") => probe::big(request.uri(), &self.origins),
            ("GET" | "HEAD", "/gazette.css") => asset("text/css; charset=utf-8", STYLE),
            ("GET" | "HEAD", _) => self.read(&path, &request),
            _ => reply::status(StatusCode::METHOD_NOT_ALLOWED, "Not here."),
        }
    }
}

/// A file of the site's own, the same for everyone.
fn asset(media: &'static str, body: &'static str) -> Reply {
    reply::with(reply::whole(media, body), header::CACHE_CONTROL, "max-age=600")
}

impl Site {
    fn read(&self, path: &str, request: &Request<Incoming>) -> Reply {
        if let Some(name) = path.strip_prefix("/img/")
            && let Some(picture) = articles::picture(name)
        {
            return asset("image/svg+xml", picture);
        }
        if let Some(id) = path.strip_prefix("/comments/") {
            return self.comments.show(id);
        }
        let headers = request.headers();
        let found = articles::at(path);
        let page = match (found, path) {
            (Some(article), _) => self.article(article, headers),
            (None, "/confidentialite") => self.privacy(headers),
            _ => self.missing(headers),
        };
        let code = if found.is_some() || path == "/confidentialite" { StatusCode::OK } else { StatusCode::NOT_FOUND };
        if *request.method() == Method::GET {
            self.log.page(headers);
        }
        own(reply::coded(reply::html(page), code), headers)
    }

    /// One article, whole.
    pub(super) fn article(&self, article: &Article, headers: &HeaderMap) -> String {
        let main = text::fill(ARTICLE, |key| {
            let own = match key {
                "id" => article.id,
                "lang" => article.lang,
                "kicker" => article.kicker,
                "headline" => article.headline,
                "standfirst" => article.standfirst,
                "byline" => article.byline,
                "when" => article.when,
                "photo" => article.photo,
                "alt" => article.alt,
                "caption" => article.caption,
                "credit" => article.credit,
                "body" => article.body,
                "subject" => return Some(subject(article.headline)),
                "comments" => return Some(self.comments.html(article.id)),
                "picks" => return Some(picks(article)),
                "related" => return Some(self.related(article)),
                _ => return self.common(article.lang, key),
            };
            Some(own.to_owned())
        });
        let Article { id, path, lang, headline, standfirst, .. } = *article;
        self.frame(&Frame { id, lang, path, title: headline, description: standfirst, main }, headers)
    }

    fn privacy(&self, headers: &HeaderMap) -> String {
        let main = text::fill(PRIVACY, |key| self.common("fr", key));
        let (title, description) = ("Confidentialité", "Ce que la Gazette dépose, lit et contacte.");
        let path = "/confidentialite";
        self.frame(&Frame { id: "confidentialite", lang: "fr", path, title, description, main }, headers)
    }

    fn missing(&self, headers: &HeaderMap) -> String {
        let title = word("fr", "missing").unwrap_or_default();
        let main = format!(
            "<main id=\"article\" class=\"plain\"><article><p class=\"kicker\">404</p><h1>{title}</h1>\
             <p class=\"standfirst\"><a href=\"/\">Revenir à la une</a></p></article></main>"
        );
        self.frame(&Frame { id: "404", lang: "fr", path: "/", title, description: title, main }, headers)
    }

    /// What every page may name: the third parties, and words in its language.
    fn common(&self, lang: &str, key: &str) -> Option<String> {
        match key.strip_prefix("t.") {
            Some(key) => word(lang, key).map(str::to_owned),
            None => self.origins.find(key),
        }
    }

    fn frame(&self, frame: &Frame<'_>, headers: &HeaderMap) -> String {
        let theme = text::cookie(headers, "theme").filter(|theme| matches!(*theme, "dark" | "light"));
        let english = frame.lang == "en";
        text::fill(PAGE, |key| {
            let own = match key {
                "id" => frame.id,
                "lang" => frame.lang,
                "path" => frame.path,
                "title" => frame.title,
                "description" => frame.description,
                "main" => &frame.main,
                "home" if english => "/en/",
                "twin" if english => "/",
                "twinlang" if english => "fr",
                "home" => "/",
                "twin" => "/en/",
                "twinlang" => "en",
                "other" if theme == Some("dark") => "light",
                "other" => "dark",
                "theme" => return Some(theme.map(|theme| format!(" data-theme=\"{theme}\"")).unwrap_or_default()),
                _ => return self.common(frame.lang, key),
            };
            Some(own.to_owned())
        })
    }

    /// Links to the other articles, each telling Jauge that it was followed.
    fn related(&self, article: &Article) -> String {
        let ping = self.origins.find("metrics").unwrap_or_default();
        others(article).fold(String::new(), |mut out, other| {
            let Article { id, path, photo, kicker, headline, .. } = other;
            let mark = foreign(article);
            // Writing to a string cannot fail.
            let _ = write!(
                out,
                "<a href=\"{path}\" hreflang=\"fr\" ping=\"{ping}/ping?from={from}&amp;to={id}\">\
                 <img src=\"/img/{photo}.svg\" alt=\"\" width=\"400\" height=\"225\" loading=\"lazy\">\
                 <span class=\"kicker\" lang=\"fr\">{kicker}</span><b lang=\"fr\">{headline}</b>{mark}</a>",
                from = article.id
            );
            out
        })
    }
}

/// The other French articles; the front page's is not offered to its English readers again.
fn others(article: &Article) -> impl Iterator<Item = &'static Article> {
    let (id, english) = (article.id, article.lang == "en");
    let fits = move |other: &&Article| other.lang == "fr" && other.id != id && !(english && other.id == "moulin");
    ARTICLES.iter().filter(fits).take(3)
}

fn foreign(article: &Article) -> String {
    match word(article.lang, "infrench") {
        Some(note) if !note.is_empty() => format!("<small> ({note})</small>"),
        _ => String::new(),
    }
}

/// The editors' choice: what stands in the "for you" box when nobody may know who you are.
fn picks(article: &Article) -> String {
    others(article).fold(String::new(), |mut out, other| {
        let Article { path, headline, byline, .. } = other;
        let _ = write!(
            out,
            "<li><span><a href=\"{path}\" hreflang=\"fr\" lang=\"fr\">{headline}</a><small>{byline}</small></span></li>"
        );
        out
    })
}

/// A headline as the subject of a mailto link.
fn subject(headline: &str) -> String {
    // RFC 6068 §5: a space is %20 there, never a plus.
    url::form_urlencoded::byte_serialize(headline.as_bytes()).collect::<String>().replace('+', "%20")
}

/// The newsroom's own cookies, and the one it sets for Taste without a second thought.
fn own(reply: Reply, headers: &HeaderMap) -> Reply {
    let reply = match text::cookie(headers, "session") {
        Some(_) => reply,
        None => reply::cookie(reply, &format!("session={}; Path=/; HttpOnly; SameSite=Lax", random())),
    };
    let taste = text::cookie(headers, "taste_id").filter(|id| id.bytes().all(|b| b.is_ascii_alphanumeric()));
    let taste = taste.map_or_else(random, str::to_owned);
    reply::cookie(reply, &format!("taste_id={taste}; Path=/; Max-Age=15552000; HttpOnly; SameSite=Lax"))
}

/// Sixteen hexadecimal digits nobody can guess. Without a source of randomness, zeros: a demo goes on.
fn random() -> String {
    let mut bytes = [0; 8];
    let _ = getrandom::fill(&mut bytes);
    format!("{:016x}", u64::from_be_bytes(bytes))
}

/// The site's own audience measurement. The cookie is set once and not extended by later visits.
fn hit(headers: &HeaderMap) -> Reply {
    match text::cookie(headers, "stats_id") {
        Some(_) => reply::empty(),
        None => {
            reply::cookie(reply::empty(), &format!("stats_id={}; Path=/; Max-Age=33696000; SameSite=Lax", random()))
        }
    }
}

/// Day or night, by a form: it works without scripts.
async fn theme(request: Request<Incoming>) -> Reply {
    let Ok(body) = Limited::new(request.into_body(), 1024).collect().await else {
        return reply::status(StatusCode::PAYLOAD_TOO_LARGE, "A theme is a word.");
    };
    let (mut to, mut from) = ("light", "/");
    for (key, value) in url::form_urlencoded::parse(&body.to_bytes()) {
        match key.as_ref() {
            "to" if value == "dark" => to = "dark",
            // Only places of the site: a form must not send anyone elsewhere.
            "from" if value == "/confidentialite" => from = "/confidentialite",
            "from" => from = articles::at(&value).map_or("/", |article| article.path),
            _ => {}
        }
    }
    reply::cookie(reply::see(from), &format!("theme={to}; Path=/; Max-Age=15552000; SameSite=Lax"))
}

#[cfg(test)]
mod tests {
    use super::super::origins::PARTIES;
    use super::*;

    fn site() -> Site {
        let origins = Arc::new(Origins::sample());
        let log = Arc::new(Log::new(origins.parties().to_vec()));
        Site { origins, log, comments: Comments::new() }
    }

    #[test]
    fn every_placeholder_is_replaced_and_every_third_party_is_there() {
        let site = site();
        for article in ARTICLES {
            let page = site.article(article, &HeaderMap::new());
            assert!(!page.contains("{{"), "{}: {:?}", article.id, page.split("{{").nth(1).map(|s| text::short(s, 20)));
            for name in PARTIES {
                let origin = site.origins.find(name).unwrap();
                assert!(page.matches(&origin).count() >= 1, "{}: {name}", article.id);
            }
            assert!(page.contains(&format!("<html lang=\"{}\">", article.lang)));
            assert!(page.contains("<section id=\"comments\">") && page.contains(&site.origins.witness));
        }
        for page in [site.privacy(&HeaderMap::new()), site.missing(&HeaderMap::new())] {
            assert!(!page.contains("{{"));
        }
    }

    #[test]
    fn the_carriers_are_all_there() {
        let page = site().article(&ARTICLES[0], &HeaderMap::new());
        for carrier in [
            "<script async src=\"http",
            "<script defer src=\"http",
            "<script type=\"module\" src=\"http",
            "tm.js?id=",
            "class=\"pixel\" src=\"http",
            "srcset=\"http",
            "<source media",
            "<iframe src=\"http",
            "rel=\"preconnect\" href=\"http",
            "rel=\"dns-prefetch\" href=\"http",
            "rel=\"preload\" as=\"script\" href=\"http",
            "rel=\"modulepreload\" href=\"http",
            "rel=\"prefetch\" href=\"http",
            "rel=\"stylesheet\" href=\"http",
            "@import url(\"http",
            "style=\"background-image:url('http",
            "<video poster=\"http",
            "<noscript><img src=\"http",
            "ping=\"http",
            "<object data=\"http",
            "type=\"image\" src=\"http",
            "<image href=\"http",
        ] {
            assert!(page.contains(carrier), "{carrier}");
        }
    }

    #[test]
    fn the_theme_cookie_is_a_choice_of_two() {
        let page = |theme: &str| {
            let mut headers = HeaderMap::new();
            headers.insert("cookie", format!("theme={theme}").parse().unwrap());
            site().article(&ARTICLES[0], &headers)
        };
        assert!(page("dark").contains("<html lang=\"fr\" data-theme=\"dark\">"));
        assert!(page("x\"onload=").contains("<html lang=\"fr\">"));
    }

    #[test]
    fn cookies_are_set_as_a_site_would() {
        let cookies = |reply: &Reply| {
            let all = reply.headers().get_all("set-cookie").iter();
            all.map(|line| line.to_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        let first = cookies(&own(reply::html(""), &HeaderMap::new()));
        assert!(first[0].starts_with("session=") && first[0].contains("HttpOnly"));
        assert!(first[1].starts_with("taste_id=") && first[1].contains("HttpOnly"));
        let mut known = HeaderMap::new();
        known.insert("cookie", "session=1; taste_id=ab12; stats_id=3".parse().unwrap());
        assert_eq!(cookies(&own(reply::html(""), &known)).len(), 1, "taste_id is set on every page");
        assert_eq!(cookies(&hit(&HeaderMap::new())).len(), 1);
        assert!(cookies(&hit(&known)).is_empty());
    }
}
