//! The desk: our own endpoints under `/.well-known/bandeau/`, and everything we say in our own name.
//!
//! It knows forms, messages and the book; it does not know how pages are rewritten, and names no purpose.

mod answer;
mod asset;
mod decision;
mod leave;
mod live;
mod log;
mod once;
mod receipt;
mod report;

use crate::body::{Body, BoxError, empty, full};
use crate::house::{Estate, House};
use bandeau_banner::{Asset, Face, Inline, Message, View, verify};
use bandeau_consent::Purpose;
use bandeau_gate::{Dest, OURS, Plan};
use bytes::Bytes;
use http::header::{self, HeaderMap, HeaderValue};
use http::{Method, Response, StatusCode, request};
use hyper::body::Body as HttpBody;
use std::sync::Arc;

/// Where a site says whether it honours Global Privacy Control.
pub(crate) const GPC: &str = "/.well-known/gpc.json";

/// Serves one request.
pub(crate) struct Desk<'a> {
    house: &'a House,
    estate: &'a Arc<Estate>,
    plan: &'a Plan,
    asked: &'a HeaderMap,
    face: &'a Face,
}

/// What the visitor's browser says about languages.
pub(crate) fn accepted_language(headers: &HeaderMap) -> String {
    let value = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    value.unwrap_or_default().to_owned()
}

impl<'a> Desk<'a> {
    pub(crate) fn new(house: &'a House, estate: &'a Arc<Estate>, plan: &'a Plan, asked: &'a HeaderMap) -> Self {
        let face = estate.face(None, &accepted_language(asked));
        Self { house, estate, plan, asked, face }
    }

    /// Serves one of our endpoints.
    pub(crate) async fn serve<B>(&self, head: &request::Parts, body: B) -> Response<Body>
    where
        B: HttpBody<Data = Bytes> + Unpin + Send,
        B::Error: Into<BoxError>,
    {
        let name = self.plan.page.path().strip_prefix(OURS).unwrap_or_default();
        let read = matches!(head.method, Method::GET | Method::HEAD);
        match (name, read) {
            ("decision", false) if head.method == Method::POST => self.decide(head, body).await,
            ("decision", _) => self.only("POST"),
            (receipt::NAME, false) if head.method == Method::POST => self.take_back(head, body).await,
            (receipt::NAME, false) => self.only("GET, HEAD, POST"),
            (report::NAME, false) if head.method == Method::POST => self.report(head, body).await,
            (report::NAME, _) => self.only("POST"),
            (receipt::NAME, true) => self.receipt(head).await,
            ("receipt.json", true) => self.receipt_file(head).await,
            ("held", _) => self.say(&Message::HeldForm),
            (_, false) if matches!(name, "health" | "settings" | "variant" | "leave" | "receipt.json" | "verify") => {
                self.only("GET, HEAD")
            }
            (_, false) if name.starts_with("log/") => self.only("GET, HEAD"),
            (_, false) if self.asset(name).is_some() => self.only("GET, HEAD"),
            (_, false) if live::NAMES.contains(&name) => self.only("GET, HEAD"),
            (_, true) if live::NAMES.contains(&name) => self.live(name, head),
            ("health", _) => self.health(),
            ("variant", _) => self.variant(),
            ("settings", _) => self.settings(head),
            ("leave", _) => self.leave(head),
            ("verify", _) => self.checker(),
            _ if name.starts_with("log/") => self.log(&name["log/".len()..]).await,
            _ => match self.asset(name) {
                Some((found, current)) => asset::serve(found, current, self.asked),
                None => self.say(&Message::NotFound),
            },
        }
    }

    /// A file of ours, and whether its content is what the name says.
    fn asset(&self, name: &str) -> Option<(&Asset, bool)> {
        let scripts =
            [bandeau_banner::first(), bandeau_banner::script(), bandeau_banner::seed(), bandeau_banner::learn()];
        let signals = self.estate.signals.file();
        let own = scripts.into_iter().chain([self.face.style(), signals]);
        let mut all = own.chain(verify::files());
        all.find_map(|asset| Some((asset, asset.called(name)?)))
    }

    /// The site stands whatever the book does, so this is 200; what is wrong is in the body.
    fn health(&self) -> Response<Body> {
        let state = self.house.ledger.state();
        let book = if state.is_open() { "open" } else { "closed" };
        let status = if state.is_open() { "ok" } else { "degraded" };
        let body = serde_json::json!({ "status": status, "book": book, "backlog": state.backlog, "version": env!("CARGO_PKG_VERSION") });
        json(StatusCode::OK, &body)
    }

    /// Which variant of a page a visitor like this one gets, for a shared cache in front. Without a name, what is
    /// asked for is to be had here: the visitor holds cookies that an answer must take away.
    fn variant(&self) -> Response<Body> {
        let mut response = Response::new(empty());
        *response.status_mut() = StatusCode::NO_CONTENT;
        harden(response.headers_mut());
        if let Some(name) = bandeau_gate::variant(self.plan, self.estate.edition(&accepted_language(self.asked))) {
            response.headers_mut().insert(bandeau_gate::VARIANT, name);
        }
        response
    }

    /// What `/.well-known/gpc.json` says: that the signal is honoured (GPC, "GPC support resource").
    pub(crate) fn gpc(&self, changed: &str) -> Response<Body> {
        let mut response = json(StatusCode::OK, &serde_json::json!({ "gpc": true, "lastUpdate": changed }));
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=3600"));
        response
    }

    fn settings(&self, head: &request::Parts) -> Response<Body> {
        let query = live::Query::read(head);
        let back = query.value("back").map(answer::path).or_else(|| self.referer()).unwrap_or_else(|| "/".to_owned());
        let face = self.estate.face(query.value("lang"), &accepted_language(self.asked));
        self.page(StatusCode::OK, face.settings(&self.view(&back)))
    }

    /// The page that checks receipts in the visitor's browser. Its lock is its own: it has nothing to do with the site's
    /// services, and tells nobody anything.
    fn checker(&self) -> Response<Body> {
        let mut response = self.bare(StatusCode::OK, verify::page().to_owned());
        harden(response.headers_mut());
        response.headers_mut().append(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(verify::LOCK));
        response
    }

    fn view<'v>(&self, back: &'v str) -> View<'v> {
        View { standing: self.plan.standing, gpc: self.plan.gpc, back, style: Inline::Plain, script: Inline::Plain }
    }

    /// What a held route gets.
    pub(crate) fn closed(&self, purpose: &Purpose, head: &request::Parts) -> Response<Body> {
        let query = self.plan.page.query().unwrap_or_default();
        let policy = self.plan.policy();
        let feature = policy.draft().features.iter().find(|feature| {
            let reached =
                feature.routes.iter().any(|route| route.matches(head.method.as_str(), self.plan.page.path(), query));
            reached && feature.needs.contains(&purpose.id)
        });
        self.say(&Message::Closed { feature, purpose })
    }

    /// What asks for a service worker that may not be kept gets.
    pub(crate) fn undeclared(&self) -> Response<Body> {
        let mut response = Response::new(full("this service worker is not declared, or not granted\n"));
        *response.status_mut() = StatusCode::FORBIDDEN;
        harden(response.headers_mut());
        response
    }

    /// Says something: a page to who wants one, JSON to a program.
    pub(crate) fn say(&self, message: &Message<'_>) -> Response<Body> {
        let status = StatusCode::from_u16(message.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        // After a form was posted there is no page to come back to but the one it was on, if it is ours.
        let target = self.plan.target();
        let back = if target.starts_with(OURS) { self.referer().unwrap_or_else(|| "/".to_owned()) } else { target };
        let view = self.view(&back);
        let mut response = if wants_page(self.asked) {
            self.page(status, self.face.message(&view, message))
        } else {
            let said = serde_json::json!({
                "error": message.code(),
                "message": self.face.say(&view, message),
                "detail": message.detail(),
            });
            json(status, &said)
        };
        if status == StatusCode::SERVICE_UNAVAILABLE {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("10"));
        }
        response
    }

    /// The page of this site that the request came from.
    fn referer(&self) -> Option<String> {
        let referer = url::Url::parse(self.asked.get(header::REFERER)?.to_str().ok()?).ok()?;
        let own = referer.origin() == self.plan.page.origin();
        own.then(|| answer::path(&referer[url::Position::BeforePath..url::Position::AfterQuery]))
    }

    fn page(&self, status: StatusCode, html: String) -> Response<Body> {
        let mut response = self.bare(status, html);
        self.plan.lock(response.headers_mut());
        harden(response.headers_mut());
        response
    }

    /// A page without a lock, which whoever asks for it puts on.
    fn bare(&self, status: StatusCode, html: String) -> Response<Body> {
        let mut response = Response::new(full(html));
        *response.status_mut() = status;
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
        response
    }

    fn only(&self, methods: &'static str) -> Response<Body> {
        let text = format!("expected {methods}\n");
        let mut response = Response::new(full(text));
        *response.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
        response.headers_mut().insert(header::ALLOW, HeaderValue::from_static(methods));
        harden(response.headers_mut());
        response
    }
}

/// Nobody else may frame, sniff or keep what we say.
fn harden(headers: &mut HeaderMap) {
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers
        .append(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("frame-ancestors 'self'; base-uri 'none'"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
}

fn json(status: StatusCode, body: &serde_json::Value) -> Response<Body> {
    let mut response = Response::new(full(format!("{body}\n")));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    harden(response.headers_mut());
    response
}

/// Whether the visitor's program asks for a page rather than data.
fn wants_page(headers: &HeaderMap) -> bool {
    match Dest::read(headers) {
        Dest::Document | Dest::Frame => true,
        Dest::Script | Dest::Worker | Dest::Part => false,
        Dest::Unsaid => headers
            .get_all(header::ACCEPT)
            .iter()
            .any(|value| String::from_utf8_lossy(value.as_bytes()).contains("text/html")),
    }
}
