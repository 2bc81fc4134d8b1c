//! The desk every word of the browser comes to: who said it, and which of traffic, jar and store it is for. It answers with
//! orders and never waits, so that nothing is missed while somebody thinks. Knows the protocol's events, no channel and no
//! process.

use super::clock::Clock;
use super::jar::{Jar, Place, partition};
use super::line::Line;
use super::settle::Walk;
use super::store::Store;
use super::target::{Frame, Sessions};
use super::text::{address, cut, text};
use super::traffic::{Answer, Origin, Traffic};
use crate::browser::Event;
use crate::seen::{Moment, Setter, Target};
use serde_json::{Value, json};
use std::collections::{BTreeSet, HashMap};
use std::time::Instant;

/// Words kept of a visit's dialogs, downloads and windows; more are counted.
const ODD: usize = 10;
/// Bodies asked for separately in one visit.
const BODIES: u32 = 200;

/// Something to be done about an event.
#[derive(Debug)]
pub(super) enum Order {
    /// A command nobody waits for.
    Tell(Option<String>, &'static str, Value),
    /// The body of a request, for this hop.
    Body(String, String, usize),
    /// A window that is closed after a while.
    Close(String),
}

/// How the page tab is.
#[derive(Debug, Default)]
pub(super) struct Page {
    pub(super) target: String,
    pub(super) session: String,
    /// The document that came after the last call for one.
    pub(super) document: String,
    pub(super) url: String,
    pub(super) loaded: Option<u64>,
    pub(super) broken: Option<String>,
    pub(super) statuses: HashMap<String, u16>,
}

#[derive(Debug)]
pub(super) struct Desk {
    pub(super) clock: Clock,
    pub(super) walk: Walk,
    pub(super) place: (usize, Moment),
    pub(super) limit: u32,
    pub(super) page: Page,
    /// Whether the page tab is there: what comes besides is a window.
    pub(super) ready: bool,
    pub(super) sessions: Sessions,
    pub(super) traffic: Traffic,
    pub(super) jar: Jar,
    pub(super) store: Store,
    loaders: HashMap<String, usize>,
    pub(super) odd: HashMap<usize, (u64, Vec<String>)>,
    bodies: u32,
    pub(super) notes: BTreeSet<String>,
    pub(super) gone: bool,
    /// Requests handed out of which the network log has not told yet.
    pub(super) owed: HashMap<(String, String), u32>,
    /// Requests handed out of which only the network log has told: how many, and when the last began, in ticks.
    pub(super) foretold: HashMap<(String, String), (u32, f64)>,
    /// How many runs were handed out.
    pub(super) turns: u32,
}

impl Desk {
    pub(super) fn new(began: Instant, limit: u32, sessions: Sessions) -> Self {
        let mut desk = Self {
            clock: Clock::new(began),
            walk: Walk::default(),
            place: (0, Moment::Loading),
            limit,
            page: Page::default(),
            ready: false,
            sessions,
            traffic: Traffic::default(),
            jar: Jar::default(),
            store: Store::default(),
            loaders: HashMap::new(),
            odd: HashMap::new(),
            bodies: 0,
            notes: BTreeSet::new(),
            gone: false,
            owed: HashMap::new(),
            foretold: HashMap::new(),
            turns: 0,
        };
        desk.step(0, Moment::Loading);
        desk
    }

    /// Another visit or moment begins.
    pub(super) fn step(&mut self, visit: usize, moment: Moment) {
        if visit != self.place.0 {
            self.bodies = 0;
        }
        self.place = (visit, moment);
        let at = self.clock.now();
        self.walk.steps.push(Place { visit, at, moment });
    }

    /// Where something belongs that happens now.
    pub(super) fn here(&mut self, ticks: Option<f64>) -> Place {
        Place { visit: self.place.0, at: self.clock.at(ticks), moment: self.place.1 }
    }

    pub(super) fn strange(&mut self, what: &str) {
        let (count, words) = self.odd.entry(self.place.0).or_default();
        *count += 1;
        if words.len() < ODD {
            words.push(cut(what, 200));
        }
    }

    pub(super) fn odd(&self, visit: usize) -> Vec<String> {
        let Some((count, words)) = self.odd.get(&visit) else { return Vec::new() };
        let mut words = words.clone();
        let more = count.saturating_sub(words.len() as u64);
        if more > 0 {
            words.push(format!("and {more} more"));
        }
        words
    }

    /// Forgets everything of the run but what the browser still keeps.
    pub(super) fn turn(&mut self) {
        self.turns += 1;
        self.clock.turn();
        self.walk = Walk::default();
        // Documents that are still there are of the run before: what they ask for is of somebody who leaves.
        for visit in self.loaders.values_mut() {
            *visit = usize::MAX;
        }
        self.sessions.leave();
        self.odd.clear();
        self.notes.clear();
        self.step(0, Moment::Loading);
    }

    /// An event, and what is to be done about it.
    pub(super) fn hear(&mut self, event: Event) -> Vec<Order> {
        let Event { session, method, params } = event;
        let session = session.unwrap_or_default();
        if let Some(orders) = self.sessions.hear(&session, &method, &params) {
            return self.met(&params, orders);
        }
        if !session.is_empty() && !self.sessions.know(&session) {
            return Vec::new();
        }
        match method.split_once('.') {
            Some(("Network", name)) => self.network(&session, name, params),
            Some(("Page" | "Inspector", name)) => self.paged(&session, name, &params),
            Some(("Runtime", "bindingCalled")) => self.called(&session, &params),
            Some(("Fetch", name)) => answer(session, name, &params),
            Some(("Browser", "downloadWillBegin")) => {
                self.strange(&format!("download: {}", address(text(&params, "url"))));
                Vec::new()
            }
            Some(("Storage", name)) => self.stored(name, &params),
            _ => Vec::new(),
        }
    }

    /// A target was attached to, if that is what happened: is it a window that opened?
    fn met(&mut self, params: &Value, mut orders: Vec<Order>) -> Vec<Order> {
        let info = &params["targetInfo"];
        let (id, session) = (text(info, "targetId"), text(params, "sessionId"));
        if !self.sessions.know(session) {
            return orders;
        }
        match text(info, "type") {
            // A worker of the page that is there goes with it.
            "worker" | "worklet" => self.sessions.visit(session, self.place.0),
            "page" if self.ready && info["subtype"].is_null() => {
                self.sessions.window(session);
                self.sessions.visit(session, self.place.0);
                self.strange(&format!("window: {}", address(text(info, "url"))));
                orders.push(Order::Close(id.to_owned()));
            }
            _ => {}
        }
        orders
    }

    fn network(&mut self, session: &str, name: &str, params: Value) -> Vec<Order> {
        let id = text(&params, "requestId").to_owned();
        let ticks = params["timestamp"].as_f64();
        let answers = match name {
            "requestWillBeSent" => return self.asked(session, &id, &params),
            "webSocketCreated" | "webTransportCreated" => return self.tunnel(session, name, &params),
            "requestWillBeSentExtraInfo" => self.traffic.detail(&id, false, params),
            "responseReceivedExtraInfo" => self.traffic.detail(&id, true, params),
            "responseReceived" => {
                self.clock.at(ticks);
                if params["frameId"] == self.page.target.as_str() && params["type"] == "Document" {
                    let status = params["response"]["status"].as_u64().and_then(|status| u16::try_from(status).ok());
                    self.page.statuses.extend(status.map(|status| (text(&params, "loaderId").to_owned(), status)));
                }
                self.traffic.respond(&id, &params)
            }
            "requestServedFromCache" => {
                if let Some(hop) = self.traffic.last(&id) {
                    hop.local = true;
                }
                Vec::new()
            }
            "loadingFailed" => {
                self.traffic.fail(&id, &params);
                Vec::new()
            }
            "webSocketHandshakeResponseReceived" => {
                if let Some(hop) = self.traffic.last(&id) {
                    hop.answered = true;
                    hop.request.status = params["response"]["status"].as_u64().and_then(|it| u16::try_from(it).ok());
                }
                Vec::new()
            }
            "webSocketFrameError" => {
                self.traffic.fail(&id, &json!({ "errorText": text(&params, "errorMessage") }));
                Vec::new()
            }
            _ => Vec::new(),
        };
        self.set(&answers);
        Vec::new()
    }

    /// A request, or a redirect of one.
    fn asked(&mut self, session: &str, id: &str, params: &Value) -> Vec<Order> {
        self.clock.wall(params["timestamp"].as_f64(), params["wallTime"].as_f64());
        let asked = &params["request"];
        let url = text(asked, "url");
        // What is in the page already is no request; neither is a page of the browser's own.
        if !["http", "ws"].iter().any(|scheme| url.starts_with(scheme)) {
            return Vec::new();
        }
        if self.turns > 0 && self.told(params) {
            self.traffic.skip(id);
            return Vec::new();
        }
        let origin = self.origin(session, params);
        if !self.traffic.admit(origin.place.visit, self.limit, text(asked, "method"), &address(url)) {
            return Vec::new();
        }
        let Some((hop, answers)) = self.traffic.begin(id, &origin, params) else { return Vec::new() };
        self.set(&answers);
        let absent = asked["hasPostData"].as_bool() == Some(true) && asked["postData"].is_null();
        if absent && self.bodies < BODIES {
            self.bodies += 1;
            return vec![Order::Body(session.to_owned(), id.to_owned(), hop)];
        }
        Vec::new()
    }

    fn tunnel(&mut self, session: &str, name: &str, params: &Value) -> Vec<Order> {
        let socket = name == "webSocketCreated";
        let id = if socket { text(params, "requestId") } else { text(params, "transportId") };
        let asked = json!({
            "request": { "url": text(params, "url"), "method": if socket { "GET" } else { "CONNECT" } },
            "type": if socket { "WebSocket" } else { "WebTransport" },
            "initiator": params["initiator"],
            "timestamp": params["timestamp"],
        });
        self.asked(session, id, &asked)
    }

    /// Where a request was made: its document says to which visit it belongs, whenever it was sent.
    fn origin(&mut self, session: &str, params: &Value) -> Origin {
        let (frame, loader) = (text(params, "frameId"), text(params, "loaderId"));
        let here = self.here(params["timestamp"].as_f64());
        let held = self.sessions.get(session);
        let parent = self.sessions.frame(frame).and_then(|frame| self.sessions.frame(&frame.parent));
        let inner = params["type"] == "Document";
        let fallback = match held.map(|held| (held.kind, held.visit)) {
            // A worker that belongs to one page goes with it.
            Some((Target::Worker, Some(visit))) => visit,
            _ if inner => parent.map_or(here.visit, |parent| parent.visit),
            _ => here.visit,
        };
        let visit = match loader {
            "" => fallback,
            loader => *self.loaders.entry(loader.to_owned()).or_insert(fallback),
        };
        let target = match held.map(|held| held.kind) {
            Some(Target::Page) if !frame.is_empty() && frame != self.page.target => Target::Frame,
            Some(kind) => kind,
            None => Target::Other,
        };
        let address = match parent.filter(|_| inner) {
            Some(parent) => parent.url.clone(),
            None => match text(params, "documentURL") {
                "" => held.map_or_else(|| self.page.url.clone(), |held| held.url.clone()),
                url => url.to_owned(),
            },
        };
        let address = if address.is_empty() { self.page.url.clone() } else { address };
        // The page was left: its visit is an earlier one, or of an earlier run.
        let left = visit != here.visit;
        let place = Place {
            visit: if visit == usize::MAX { 0 } else { visit },
            moment: if left { Moment::Leaving } else { here.moment },
            ..here
        };
        Origin { place, frame: address, target: if visit == usize::MAX { Target::Other } else { target } }
    }

    /// Cookies that answers set, and those they asked for in vain.
    fn set(&mut self, answers: &[Answer]) {
        let now = self.clock.date();
        for Answer { hop, told } in answers {
            let Some(held) = self.traffic.hops.get_mut(*hop) else { continue };
            let Some(lines) = super::text::header(&told["headers"], "set-cookie") else { continue };
            let date = super::text::header(&told["headers"], "date").and_then(super::line::date);
            #[expect(clippy::cast_precision_loss, reason = "seconds since 1970")]
            let now = date.map_or(now, |date| date as f64);
            let request = &mut held.request;
            let place = Place { visit: request.visit, at: request.at, moment: request.moment };
            let under = partition(&told["cookiePartitionKey"]);
            for line in lines.split('\n').take(200) {
                let Some(read) = Line::read(line, &request.url, now) else { continue };
                request.set.push(read.name.clone());
                let blocked = told["blockedCookies"].as_array().into_iter().flatten();
                let refused = blocked.filter(|cookie| text(cookie, "cookieLine") == line).find_map(|cookie| {
                    let reasons = cookie["blockedReasons"].as_array()?.iter().filter_map(Value::as_str);
                    Some(reasons.collect::<Vec<_>>().join(", "))
                });
                self.jar.write(read, Setter::Answer(*hop), place, (under.clone(), refused));
            }
        }
    }

    fn paged(&mut self, session: &str, name: &str, params: &Value) -> Vec<Order> {
        let main = session == self.page.session;
        match name {
            "frameNavigated" => {
                let said = &params["frame"];
                let (id, loader) = (text(said, "id"), text(said, "loaderId"));
                let visit = *self.loaders.entry(loader.to_owned()).or_insert(self.place.0);
                let url = address(text(said, "url"));
                if main && id == self.page.target {
                    (self.page.document, self.page.url, self.page.loaded) = (loader.to_owned(), url.clone(), None);
                    self.sessions.clear(session);
                    self.sessions.visit(session, visit);
                    let at = self.clock.now();
                    self.walk.came.entry(self.place.0).or_insert(at);
                }
                let parent = text(said, "parentId").to_owned();
                let origin = text(said, "securityOrigin").to_owned();
                self.sessions.framed(id, Frame { parent, url, visit, session: session.to_owned(), origin });
            }
            "navigatedWithinDocument" if main && text(params, "frameId") == self.page.target => {
                self.page.url = address(text(params, "url"));
            }
            "frameDetached" if params["reason"] != "swap" => self.sessions.unframe(text(params, "frameId")),
            "loadEventFired" if main && !self.page.document.is_empty() => {
                let at = self.clock.at(params["timestamp"].as_f64());
                self.page.loaded.get_or_insert(at);
                if self.place.1 == Moment::Loading {
                    self.step(self.place.0, Moment::Waiting);
                }
            }
            "javascriptDialogOpening" => {
                let kind = text(params, "type").to_owned();
                self.strange(&format!("{kind}: {}", text(params, "message")));
                let answer = json!({ "accept": kind == "alert" || kind == "beforeunload" });
                return vec![Order::Tell(Some(session.to_owned()), "Page.handleJavaScriptDialog", answer)];
            }
            "windowOpen" => self.strange(&format!("window asked for: {}", address(text(params, "url")))),
            "fileChooserOpened" => self.strange("file chooser"),
            "targetCrashed" if main => self.page.broken = Some("the page crashed".to_owned()),
            "targetCrashed" => self.strange("a frame or worker crashed"),
            _ => {}
        }
        Vec::new()
    }
}

/// Nobody signs in, and nothing is held.
fn answer(session: String, name: &str, params: &Value) -> Vec<Order> {
    let id = &params["requestId"];
    match name {
        "authRequired" => {
            let cancel = json!({ "requestId": id, "authChallengeResponse": { "response": "CancelAuth" } });
            vec![Order::Tell(Some(session), "Fetch.continueWithAuth", cancel)]
        }
        "requestPaused" => vec![Order::Tell(Some(session), "Fetch.continueRequest", json!({ "requestId": id }))],
        _ => Vec::new(),
    }
}
