//! A request on its way: checked, planned, forwarded, its answer judged and sent on.
//!
//! This room moves bytes and knows HTTP; what may pass it asks the plan, and what visitors see it asks the
//! desk. It names no purpose.

mod check;
mod coding;
mod hops;
mod links;
mod open;
mod rules;
mod stream;
mod upstream;
mod worker;

pub(crate) use upstream::{Failure, Upstream};

use crate::body::{Body, BoxError, Moving};
use crate::desk::{self, Desk};
use crate::house::{Estate, House, Painter};
use crate::{cause::chain, clock, counters};
use bandeau_banner::Message;
use bandeau_gate::{Answer, Arrival, Dest, Entry, Offer, Plan, Route, Treatment, Withheld};
use check::{Bad, check, refuse};
use http::header::{self, HeaderMap, HeaderValue};
use http::{Method, Request, Response, StatusCode, Uri, Version, request};
use http_body_util::BodyExt as _;
use hyper::body::{Body as _, Incoming};
use hyper_util::rt::TokioIo;
use links::Links;
use open::{Opened, open, sent};
use rules::rules;
use std::net::IpAddr;
use std::sync::Arc;
use worker::worker;

/// The door of the house: one for all requests.
pub(crate) struct Proxy {
    house: Arc<House>,
    upstream: Upstream,
    links: Arc<Links>,
}

/// Who asks, and over what.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Peer {
    pub(crate) address: IpAddr,
    pub(crate) tls: bool,
}

impl Proxy {
    pub(crate) fn new(house: Arc<House>) -> Self {
        let upstream = Upstream::new(&house.estate.load().limits);
        Self { house, upstream, links: Arc::default() }
    }

    /// Answers one request. Never fails: what goes wrong becomes an answer.
    pub(crate) async fn handle(&self, request: Request<Incoming>, peer: Peer) -> Response<Body> {
        let estate = self.house.estate.load_full();
        let (head, body) = request.into_parts();
        let trusted = estate.trust.contains(&peer.address);
        let secure = hops::secure(&head.headers, peer.tls, trusted);
        let planned = check(&head, estate.limits.header_bytes).and_then(|authority| {
            let arrival = Arrival {
                secure,
                authority: &authority,
                now: clock::seconds(),
                keep: estate.keep,
                means: Arc::clone(&estate.means),
            };
            let plan = Plan::new(Arc::clone(&estate.policy), &self.house.key, &head, &arrival).ok_or(Bad::Host)?;
            Ok((plan, HeaderValue::from_str(&authority).map_err(|_| Bad::Host)?))
        });
        let (mut plan, authority) = match planned {
            Ok(planned) => planned,
            Err(bad) => return refuse(bad),
        };
        if plan.pseudonym.is_some_and(|pseudonym| self.house.revoked.load().contains(&pseudonym)) {
            plan = plan.revoked();
        }
        // Parts of a page have no list of connections.
        if plan.dest != Dest::Part {
            plan.linked = self.links.of(&plan.page);
        }
        counters::bad("visitor", "consent-cookie", u64::from(plan.forged));
        counters::bad("visitor", "cookie", u64::from(plan.malformed));
        let desk = Desk::new(&self.house, &estate, &plan, &head.headers);
        if let Some(changed) = estate.gpc_file.as_deref().filter(|_| plan.page.path() == desk::GPC && reads(&head)) {
            counters::request("ours");
            return desk.gpc(changed);
        }
        match plan.route() {
            Route::Ours => {
                counters::request("ours");
                desk.serve(&head, Moving::new(body, estate.limits.idle)).await
            }
            Route::Held(purpose) => {
                counters::request("held");
                counters::held("route", 1);
                desk.closed(purpose, &head)
            }
            Route::Worker => {
                counters::request("held");
                counters::held("service-worker", 1);
                desk.undeclared()
            }
            Route::Site => {
                counters::request("site");
                let told = Told { peer: peer.address, secure, trusted, authority };
                self.pass(&estate, plan, head, body, told).await
            }
        }
    }

    async fn pass(
        &self,
        estate: &Arc<Estate>,
        mut plan: Plan,
        mut head: request::Parts,
        body: Incoming,
        told: Told,
    ) -> Response<Body> {
        let accepted = head.headers.clone();
        let tunnel =
            hops::upgrade(&head.headers).then(|| head.extensions.remove::<hyper::upgrade::OnUpgrade>()).flatten();
        counters::held("cookie-in", plan.forward(&mut head.headers) as u64);
        forward(&mut head, estate, &told, tunnel.is_some());
        let method = head.method.clone();
        let body = if body.is_end_stream() {
            crate::body::empty()
        } else {
            Moving::new(body, estate.limits.idle).boxed_unsync()
        };
        match self.upstream.send(Request::from_parts(head, body)).await {
            Ok(answer) => self.answer(estate, &plan, answer, &accepted, tunnel).await,
            Err(failure) => {
                let (kind, message) = match &failure {
                    Failure::Down(_) => ("down", Message::UpstreamDown),
                    Failure::Slow => ("slow", Message::UpstreamSlow),
                    Failure::Broken(_) => ("broken", Message::UpstreamDown),
                };
                counters::upstream(kind);
                tracing::warn!(kind, error = %chain(&failure), %method, "the site did not answer");
                self.say(estate, &plan, &accepted, &message)
            }
        }
    }

    /// Judges the site's answer and sends it on.
    async fn answer(
        &self,
        estate: &Arc<Estate>,
        plan: &Plan,
        response: Response<Incoming>,
        asked: &HeaderMap,
        tunnel: Option<hyper::upgrade::OnUpgrade>,
    ) -> Response<Body> {
        if response.status() == StatusCode::SWITCHING_PROTOCOLS {
            return match tunnel {
                Some(visitor) => switch(plan, response, visitor),
                // Nobody asked: what follows is not HTTP.
                None => {
                    counters::upstream("upgrade");
                    tracing::warn!("the site changed to a protocol nobody asked for");
                    self.say(estate, plan, asked, &Message::UpstreamDown)
                }
            };
        }
        let (mut head, body) = response.into_parts();
        let script = Entry::script(&head.headers);
        let files = script.loads_in(&head.headers);
        let entries = (Entry::style(&head.headers), script, files);
        hops::strip(&mut head.headers);
        head.version = Version::HTTP_11;
        let offer = Offer::of(&mut head, asked);
        if plan.learns() && plan.dest != Dest::Part {
            self.house.learner.hear(plan, &head.headers);
        }
        let Answer { mut head, body: treatment, cookies_held, headers_held } = plan.answer(head);
        if estate.variants {
            let edition = estate.edition(&desk::accepted_language(asked));
            offer.put(&mut head.headers, bandeau_gate::variant(plan, edition));
        }
        counters::held("cookie-out", u64::from(cookies_held));
        counters::held("header", u64::from(headers_held));
        match treatment {
            Treatment::Pass => {
                // A stream of events may be silent for as long as it likes; a dead peer is found by the connection.
                let events = head
                    .headers
                    .get(header::CONTENT_TYPE)
                    .is_some_and(|value| value.as_bytes().starts_with(b"text/event-stream"));
                let body = if events { Moving::patient(body) } else { Moving::new(body, estate.limits.idle) };
                Response::from_parts(head, body.boxed_unsync())
            }
            Treatment::Worker => {
                let ahead = bandeau_gate::Face::worker(&self.painter(estate, plan, asked, entries));
                match worker(head, Moving::new(body, estate.limits.idle), &ahead).await {
                    Ok(response) => response,
                    Err(error) => self.broken(estate, plan, asked, &error),
                }
            }
            Treatment::Rules(layers) => {
                rules(head, Moving::new(body, estate.limits.idle), &layers, &plan.judge()).await
            }
            Treatment::Withhold(why) => self.withhold(estate, plan, asked, why),
            Treatment::Page(opening, layers) => {
                let painter = self.painter(estate, plan, asked, entries);
                let body = Moving::new(body, estate.limits.idle);
                let (links, at) = (Arc::clone(&self.links), plan.page.clone());
                let (house, strangers) = (Arc::clone(&self.house), plan.strangers.clone());
                let seen = move |tally: &bandeau_gate::Tally| {
                    links.note(&at, &tally.linked);
                    house.learner.read(strangers.seen(), at.path());
                };
                match open(head, body, *opening, layers, painter, sent(estate, asked), Box::new(seen)).await {
                    Ok(response) => {
                        if plan.dest.shows() {
                            counters::shown(plan.standing.asks());
                        }
                        response
                    }
                    Err(Opened::Withheld(why)) => self.withhold(estate, plan, asked, why),
                    Err(Opened::Broken(error)) => self.broken(estate, plan, asked, &error),
                }
            }
        }
    }

    fn painter(&self, estate: &Arc<Estate>, plan: &Plan, asked: &HeaderMap, entries: (Entry, Entry, bool)) -> Painter {
        Painter {
            estate: Arc::clone(estate),
            policy: Arc::clone(plan.policy()),
            learns: plan.learns() && plan.strangers(),
            accepted: desk::accepted_language(asked),
            standing: plan.standing,
            gpc: plan.gpc,
            back: plan.target(),
            style: entries.0,
            script: entries.1,
            files: entries.2,
            hosts: plan.hosts(),
            met: std::sync::Mutex::default(),
        }
    }

    fn broken(&self, estate: &Arc<Estate>, plan: &Plan, asked: &HeaderMap, error: &BoxError) -> Response<Body> {
        counters::upstream("cut");
        tracing::warn!(%error, "the site broke off before its answer began");
        self.say(estate, plan, asked, &Message::UpstreamDown)
    }

    fn withhold(&self, estate: &Arc<Estate>, plan: &Plan, asked: &HeaderMap, why: Withheld) -> Response<Body> {
        counters::withheld(why.as_str());
        tracing::warn!(reason = why.as_str(), "a page was kept back");
        self.say(estate, plan, asked, &Message::Withheld(&why.to_string()))
    }

    fn say(&self, estate: &Arc<Estate>, plan: &Plan, asked: &HeaderMap, message: &Message<'_>) -> Response<Body> {
        Desk::new(&self.house, estate, plan, asked).say(message)
    }
}

/// Whether a request asks to be told something and nothing else.
fn reads(head: &request::Parts) -> bool {
    matches!(head.method, Method::GET | Method::HEAD)
}

/// What the site is told about the visitor.
struct Told {
    peer: IpAddr,
    secure: bool,
    trusted: bool,
    authority: HeaderValue,
}

/// Makes the head that goes to the site.
fn forward(head: &mut request::Parts, estate: &Estate, told: &Told, tunnel: bool) {
    hops::strip(&mut head.headers);
    hops::tell(&mut head.headers, told.peer, told.secure, told.trusted, &told.authority);
    head.headers.insert(header::HOST, told.authority.clone());
    if tunnel {
        head.headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
        head.headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    }
    let target = head.uri.path_and_query().cloned();
    let mut parts = http::uri::Parts::default();
    parts.scheme = estate.upstream.scheme().parse().ok();
    parts.authority = estate.upstream[url::Position::BeforeHost..url::Position::AfterPort].parse().ok();
    parts.path_and_query = target.or_else(|| Some(http::uri::PathAndQuery::from_static("/")));
    head.uri = Uri::from_parts(parts).unwrap_or_default();
    head.version = Version::HTTP_11;
}

/// Joins visitor and site once both have changed to another protocol.
fn switch(plan: &Plan, mut response: Response<Incoming>, visitor: hyper::upgrade::OnUpgrade) -> Response<Body> {
    let site = hyper::upgrade::on(&mut response);
    let (head, _) = response.into_parts();
    let mut head = plan.answer(head).head;
    head.version = Version::HTTP_11;
    tokio::spawn(async move {
        match tokio::try_join!(visitor, site) {
            Ok((visitor, site)) => {
                let (mut visitor, mut site) = (TokioIo::new(visitor), TokioIo::new(site));
                // Either side may hang up: that is how tunnels end.
                let _ = tokio::io::copy_bidirectional(&mut visitor, &mut site).await;
            }
            Err(error) => {
                counters::upstream("upgrade");
                tracing::warn!(%error, "a tunnel could not be opened");
            }
        }
    });
    Response::from_parts(head, crate::body::empty())
}
