//! Pages that go on living: what our script asks for after a page was served. A fresh notice, the
//! settings, a placeholder for an embed that came late, and the document that holds one embed.
//!
//! All are read by pages of this site only. An address is answered for when it is one that needs a grant, so
//! nobody can have anything else shown under the site's name, and nothing is redirected to.

use super::{Desk, accepted_language, answer, harden};
use crate::body::{Body, empty};
use crate::counters;
use bandeau_banner::{Embed, Frame, Message};
use bandeau_consent::{Standing, Verdict};
use bandeau_gate::OURS;
use http::header::{self, HeaderValue};
use http::{Response, StatusCode, request};
use url::Url;

/// The endpoints of this file.
pub(super) const NAMES: [&str; 4] = ["embed", "layer", "notice", "placeholder"];

/// What was asked for: the pairs of the query, the first of a name counts.
pub(super) struct Query(Vec<(String, String)>);

impl Query {
    pub(super) fn read(head: &request::Parts) -> Self {
        Self::parse(head.uri.query().unwrap_or_default())
    }

    pub(super) fn parse(query: &str) -> Self {
        Self(url::form_urlencoded::parse(query.as_bytes()).into_owned().collect())
    }

    pub(super) fn value(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
            .filter(|value| !value.is_empty())
    }

    /// The element an embed stands in.
    pub(super) fn tag(&self) -> &str {
        self.value("tag").unwrap_or("iframe")
    }

    /// The address of an embed: absolute, on the web, and none of our own endpoints.
    pub(super) fn address(&self) -> Option<Url> {
        let url = Url::parse(self.value("src")?).ok()?;
        (matches!(url.scheme(), "http" | "https") && !url.path().starts_with(OURS)).then_some(url)
    }
}

impl Desk<'_> {
    /// Serves one of these, to pages of this very site: where the browser says where a request comes from, it
    /// must come from here. On plain HTTP it does not say, and the answer's own headers keep others out.
    pub(super) fn live(&self, name: &str, head: &request::Parts) -> Response<Body> {
        if head.headers.get("sec-fetch-site").is_some_and(|site| site.as_bytes() != b"same-origin") {
            counters::bad("visitor", "cross-site", 1);
            return self.say(&Message::NotFound);
        }
        let query = Query::read(head);
        let face = self.estate.face(query.value("lang"), &accepted_language(self.asked));
        let desk = Desk { face, ..*self };
        let mut response = match name {
            "layer" => desk.layer(&query),
            "notice" => desk.fresh(&query),
            "placeholder" => desk.late(&query),
            _ => desk.embed(&query),
        };
        response.headers_mut().insert("cross-origin-resource-policy", HeaderValue::from_static("same-origin"));
        response
    }

    /// The notice as it is now, with the style it needs now.
    fn fresh(&self, query: &Query) -> Response<Body> {
        let back = query.value("back").map_or_else(|| "/".to_owned(), answer::path);
        let view = self.view(&back);
        let small = query.value("small").is_some();
        self.page(StatusCode::OK, if small { self.face.small(&view) } else { self.face.element(&view) })
    }

    /// The settings, to be shown over the page. Their style is inline: the script makes a sheet of it, which no policy
    /// of the site refuses.
    fn layer(&self, query: &Query) -> Response<Body> {
        let back = query.value("back").map_or_else(|| "/".to_owned(), answer::path);
        self.page(StatusCode::OK, self.face.layer(&self.view(&back)))
    }

    /// What stands for an embed that a script put in: nothing, unless it needs a grant.
    fn late(&self, query: &Query) -> Response<Body> {
        let Some(url) = query.address().filter(|url| self.asks(url)) else {
            return none();
        };
        let frame = self.frame(query, &url);
        let back = self.referer().unwrap_or_else(|| "/".to_owned());
        let html = match self.judge(&url) {
            Verdict::Hold(purpose) => {
                self.face.placeholder(&self.view(&back), &self.placed(query, &url, purpose, frame))
            }
            // Granted since the page was served: its own policy still refuses it, a frame of ours need not.
            Verdict::Pass(_permit) => match self.plan.policy().service_at(&url) {
                Some(service) => self.face.opened(&frame, &service.name),
                None => self.face.opened(&frame, self.plan.host()),
            },
            Verdict::Unknown => return none(),
        };
        self.page(StatusCode::OK, html)
    }

    /// The document that holds an embed, under the lock of where the visitor stands now.
    fn embed(&self, query: &Query) -> Response<Body> {
        // In a frame of the site's page and nowhere else; browsers that do not say are kept to it by the head. A page
        // of its own it is for who has a ticket and no script.
        let back = query.value("back").filter(|_| query.value("ticket").is_some()).map(answer::path);
        let dest: &[u8] = if back.is_some() { b"document" } else { b"iframe" };
        let placed = self.asked.get("sec-fetch-dest").is_none_or(|said| said.as_bytes() == dest);
        let Some(url) = query.address().filter(|url| placed && self.asks(url)) else {
            return self.say(&Message::NotFound);
        };
        let frame = self.frame(query, &url);
        if let Some(plan) = self.admitted(query, &url) {
            return Desk { plan: &plan, ..*self }.seated(&frame, &url, back.as_deref());
        }
        match self.judge(&url) {
            Verdict::Pass(_permit) => match self.face.frame(&frame) {
                Some(html) => self.shown(html),
                None => self.say(&Message::NotFound),
            },
            Verdict::Hold(purpose) => {
                // Once allowed, the form in it comes back here; to the site where this is a page of its own.
                let back = back.unwrap_or_else(|| answer::path(&self.plan.target()));
                let embed = self.placed(query, &url, purpose, frame);
                self.page(StatusCode::FORBIDDEN, self.face.held(&self.view(&back), &embed))
            }
            Verdict::Unknown => self.say(&Message::NotFound),
        }
    }

    /// The document of an embed that a ticket opens, under a lock of its own: in its place, or as a page.
    fn seated(&self, frame: &Frame<'_>, url: &Url, back: Option<&str>) -> Response<Body> {
        let html = match back {
            Some(back) => self.face.alone(&self.view(back), frame),
            None => self.face.frame(frame),
        };
        let (Some(html), Some(service)) = (html, self.plan.policy().service_at(url)) else {
            return self.say(&Message::NotFound);
        };
        let mut response = self.bare(StatusCode::OK, html);
        self.plan.lock_to(response.headers_mut(), service);
        harden(response.headers_mut());
        self.refer(response)
    }

    /// A document with an embed in it. The embed learns the site's origin, as it would from the page, unless the
    /// page keeps even that to itself: then this very request came without a referrer.
    fn shown(&self, html: String) -> Response<Body> {
        self.refer(self.page(StatusCode::OK, html))
    }

    fn refer(&self, mut response: Response<Body>) -> Response<Body> {
        let says = self.asked.contains_key(header::REFERER);
        let policy = if says { "strict-origin-when-cross-origin" } else { "no-referrer" };
        response.headers_mut().insert(header::REFERRER_POLICY, HeaderValue::from_static(policy));
        response
    }

    fn placed<'v>(
        &'v self,
        query: &'v Query,
        url: &Url,
        purpose: &'v bandeau_consent::Purpose,
        frame: Frame<'v>,
    ) -> Embed<'v> {
        Embed {
            purpose,
            service: self.plan.policy().service_at(url),
            feature: None,
            width: query.value("width"),
            height: query.value("height"),
            frame: Some(frame),
        }
    }

    pub(super) fn frame<'v>(&self, query: &'v Query, url: &'v Url) -> Frame<'v> {
        Frame { tag: query.tag(), src: url.as_str(), attributes: &query.0 }
    }

    fn judge(&self, url: &Url) -> Verdict<'_> {
        self.plan.policy().url(self.plan.standing, url, self.plan.host())
    }

    /// Whether an address needs a grant: held for who has granted nothing.
    pub(super) fn asks(&self, url: &Url) -> bool {
        matches!(self.plan.policy().url(Standing::Undecided, url, self.plan.host()), Verdict::Hold(_))
    }
}

/// Nothing to say.
fn none() -> Response<Body> {
    let mut response = Response::new(empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
