//! The site that the vectors are pages of. It serves them as their front matter says, adds the checks of what is
//! exempt, and remembers what pages report and which cookies reach it. It knows no browser and no gateway.

use crate::vector::{Places, Vector};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;

/// The checks that every page carries: what is exempt goes on working whatever was answered.
const CHECKS: &str = include_str!("exempt.html");

/// What the site learnt about one vector.
#[derive(Debug, Clone, Default)]
pub(crate) struct Heard {
    /// What its page says it saw.
    pub(crate) seen: Vec<String>,
    /// The cookie of its name reached the site.
    pub(crate) cookie: bool,
    /// Which exempt things work; none until the page has said so.
    pub(crate) exempt: Option<BTreeSet<String>>,
}

/// The site and what it learnt.
pub(crate) struct Site {
    pub(crate) port: u16,
    vectors: BTreeMap<String, Vector>,
    /// The ports of trackers by vector, and of the three shared hosts.
    trackers: BTreeMap<String, u16>,
    shared: [u16; 3],
    /// Where visitors find the site: changes from run to run.
    base: Mutex<String>,
    /// What is put first into every head, where that is wanted.
    first: String,
    injects: AtomicBool,
    heard: Mutex<BTreeMap<String, Heard>>,
}

impl Site {
    /// Serves these vectors on a port; 0 is any.
    pub(crate) async fn start(
        port: u16,
        vectors: &[Vector],
        trackers: BTreeMap<String, u16>,
        shared: [u16; 3],
        first: String,
    ) -> Arc<Self> {
        let listener = TcpListener::bind(("127.0.0.1", port))
            .await
            .unwrap_or_else(|error| panic!("the site cannot listen on 127.0.0.1:{port}: {error}"));
        let port = listener.local_addr().unwrap().port();
        let site = Arc::new(Self {
            port,
            vectors: vectors.iter().map(|vector| (vector.name.clone(), vector.clone())).collect(),
            trackers,
            shared,
            base: Mutex::new(format!("http://site.localhost:{port}")),
            first,
            injects: AtomicBool::new(true),
            heard: Mutex::default(),
        });
        let own = Arc::clone(&site);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let own = Arc::clone(&own);
                let service = service_fn(move |request: Request<Incoming>| {
                    let own = Arc::clone(&own);
                    async move { Ok::<_, Infallible>(own.answer(&request)) }
                });
                tokio::spawn(async move {
                    let connection = hyper::server::conn::http1::Builder::new();
                    let _ = connection.serve_connection(TokioIo::new(stream), service).await;
                });
            }
        });
        site
    }

    /// Where visitors find it from now on.
    pub(crate) fn moved(&self, base: &str) {
        base.trim_end_matches('/').clone_into(&mut self.base.lock().unwrap());
    }

    /// Whether it puts what was given first into every head.
    pub(crate) fn inject(&self, on: bool) {
        self.injects.store(on, Ordering::SeqCst);
    }

    fn first(&self) -> &str {
        if self.injects.load(Ordering::SeqCst) { &self.first } else { "" }
    }

    /// The addresses of one vector.
    pub(crate) fn places(&self, vector: &Vector) -> Places {
        let [cdn, social, elsewhere] = self.shared;
        let tracker = self.trackers.get(&vector.name).copied().unwrap_or_default();
        Places { site: self.base.lock().unwrap().clone(), tracker, cdn, social, elsewhere }
    }

    /// What it learnt about one vector.
    pub(crate) fn heard(&self, name: &str) -> Heard {
        self.heard.lock().unwrap().get(name).cloned().unwrap_or_default()
    }

    /// Forgets what it learnt about one vector.
    pub(crate) fn forget(&self, name: &str) {
        self.heard.lock().unwrap().remove(name);
    }

    fn note(&self, name: &str, what: impl FnOnce(&mut Heard)) {
        what(self.heard.lock().unwrap().entry(name.to_owned()).or_default());
    }

    fn answer(&self, request: &Request<Incoming>) -> Response<Full<Bytes>> {
        let cookies = cookies(request.headers());
        for name in &cookies {
            if let Some(("" | "x" | "__Host-" | "__Secure-", name)) = name.split_once("_lk_") {
                self.note(name, |heard| heard.cookie = true);
            }
        }
        let path = request.uri().path().to_owned();
        let query = request.uri().query().unwrap_or_default();
        let mut parts = path.trim_start_matches('/').splitn(3, '/');
        let (first, name, rest) = (parts.next(), parts.next().unwrap_or_default(), parts.next());
        match (first, self.vectors.get(name), rest) {
            (Some("v"), Some(vector), Some("")) => return self.page(vector, &cookies),
            (Some("v"), Some(vector), Some(rest)) => return self.extra(vector, rest),
            (Some("seen"), _, _) => {
                let told = decode(query.strip_prefix("v=").unwrap_or(query));
                self.note(name, |heard| heard.seen.push(told));
            }
            (Some("exempt"), _, _) => {
                let mut works: BTreeSet<String> = query
                    .trim_start_matches("f=")
                    .split(',')
                    .filter(|fact| !fact.is_empty())
                    .map(str::to_owned)
                    .collect();
                works.extend(cookies.iter().filter(|name| ["session", "lang"].contains(&name.as_str())).cloned());
                self.note(name, |heard| heard.exempt = Some(works));
            }
            _ => {}
        }
        match path.as_str() {
            "/" | "/neutral" => {
                let page = format!(
                    "<!doctype html><html lang=en><head>{}<title>neutral</title></head><body><h1>A page of the site</h1></body></html>",
                    self.first()
                );
                session(ok("text/html; charset=utf-8", page.into()), &cookies)
            }
            "/own.png" | "/favicon.ico" => ok("image/svg+xml", PIXEL.into()),
            "/own.json" => ok("application/json", r#"{"ok":true}"#.into()),
            _ if matches!(first, Some("seen" | "exempt")) => ok("text/plain", "noted".into()),
            _ => status(ok("text/plain", "not here".into()), 404),
        }
    }

    fn page(&self, vector: &Vector, cookies: &[String]) -> Response<Full<Bytes>> {
        let places = self.places(vector);
        let checks = vector
            .fill(CHECKS, &places)
            .replace("{{cdn}}", &format!("http://cdn.localhost:{}", places.cdn))
            .replace("{{social}}", &format!("http://social.localhost:{}", places.social))
            .replace("{{elsewhere}}", &format!("http://elsewhere.localhost:{}", places.elsewhere));
        let body = vector.page(&places, self.first(), &checks);
        let mut answer = status(ok(&vector.content_type, body.into()), vector.status);
        for (name, value) in &vector.headers {
            append(answer.headers_mut(), name, &vector.fill(value, &places));
        }
        session(answer, cookies)
    }

    fn extra(&self, vector: &Vector, rest: &str) -> Response<Full<Bytes>> {
        let places = self.places(vector);
        let (content_type, standard) = standard(rest);
        let body = vector.beside(rest, &places);
        let declared = vector.extras.iter().find(|extra| extra.path == rest);
        if body.is_none() && declared.is_none() {
            return status(ok("text/plain", "not here".into()), 404);
        }
        let mut answer = ok(content_type, body.map_or_else(|| Bytes::from(standard), Bytes::from));
        if let Some(extra) = declared {
            answer = status(answer, extra.status);
            for (name, value) in &extra.headers {
                if name.eq_ignore_ascii_case("content-type") {
                    answer.headers_mut().remove("content-type");
                }
                append(answer.headers_mut(), name, &vector.fill(value, &places));
            }
        }
        answer
    }
}

const PIXEL: &str = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"4\" height=\"4\"><path d=\"M0 0h4v4z\"/></svg>";

/// The type a name promises, and something of that type.
fn standard(name: &str) -> (&'static str, &'static str) {
    match name.rsplit('.').next().unwrap_or_default() {
        "js" | "mjs" => ("text/javascript", ""),
        "css" => ("text/css", ""),
        "html" => ("text/html; charset=utf-8", "<!doctype html><title>part</title>"),
        "xhtml" => ("application/xhtml+xml", ""),
        "xml" => ("application/xml", ""),
        "xsl" => ("text/xsl", ""),
        "svg" | "png" => ("image/svg+xml", PIXEL),
        "json" => ("application/json", "{}"),
        "vtt" => ("text/vtt", "WEBVTT\n"),
        _ => ("text/plain", ""),
    }
}

fn ok(content_type: &str, body: Bytes) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body));
    if content_type != "none" {
        append(response.headers_mut(), "content-type", content_type);
    }
    response
}

fn status(mut response: Response<Full<Bytes>>, status: u16) -> Response<Full<Bytes>> {
    *response.status_mut() = http::StatusCode::from_u16(status).unwrap();
    response
}

fn append(headers: &mut HeaderMap, name: &str, value: &str) {
    let name = HeaderName::from_bytes(name.as_bytes()).unwrap_or_else(|_| panic!("{name:?} is no header name"));
    headers.append(name, HeaderValue::from_str(value).unwrap_or_else(|_| panic!("{value:?} is no header value")));
}

/// The session cookie an ordinary site sets when it has none: exempt, and out of reach for scripts.
fn session(mut response: Response<Full<Bytes>>, cookies: &[String]) -> Response<Full<Bytes>> {
    if !cookies.iter().any(|name| name == "session") {
        append(response.headers_mut(), "set-cookie", "session=s1; Path=/; HttpOnly; SameSite=Lax");
    }
    response
}

/// The names of the cookies of a request.
fn cookies(headers: &HeaderMap) -> Vec<String> {
    let lines = headers.get_all("cookie").iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(';')).filter_map(|pair| Some(pair.split_once('=')?.0.trim().to_owned())).collect()
}

/// Undoes percent-encoding.
fn decode(text: &str) -> String {
    let pair = format!("v={text}").replace('+', "%2B");
    url::form_urlencoded::parse(pair.as_bytes()).next().map(|(_, value)| value.into_owned()).unwrap_or_default()
}
