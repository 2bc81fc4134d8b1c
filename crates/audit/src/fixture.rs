//! Small audits, built by hand, for the tests of those who read audits. It knows no browser.

use crate::seen::{
    Audit, Banner, Connection, Control, Cookie, End, Entry, FORMAT, From, How, Initiator, Kind, Layer, Limits, Moment,
    Outcome, Rect, Request, Role, Run, SameSite, Setter, Standing, Target, Visit, Way,
};
use crate::who::{Known, Service};
use bandeau_consent::{HostPattern, NamePattern, RoutePattern};

/// The page all fixtures start from.
pub(crate) const PAGE: &str = "https://www.site.test/";

/// When the choice of [`Walk::new`] has taken effect, where the standing has one.
pub(crate) const CHOSEN: u64 = 5_000;

/// An audit of `site.test` with these runs.
pub(crate) fn audit(runs: impl IntoIterator<Item = Walk>) -> Audit {
    Audit {
        format: FORMAT,
        version: "0.1.0".to_owned(),
        browser: "Chromium/150".to_owned(),
        site: PAGE.to_owned(),
        own: vec!["site.test".to_owned(), "*.site.test".to_owned()],
        started: 1_790_000_000_000,
        took: 60_000,
        limits: Limits {
            pages: 10,
            depth: 2,
            wait: 3_000,
            patience: 30_000,
            delay: 500,
            requests: 5_000,
            robots: true,
        },
        interrupted: None,
        runs: runs.into_iter().map(|walk| walk.0).collect(),
        aliases: std::collections::BTreeMap::new(),
        notes: Vec::new(),
    }
}

/// A run in the making. What is added belongs to the page added last, and to the time after the choice where there is one.
#[derive(Debug, Clone)]
pub(crate) struct Walk(pub(crate) Run);

impl Walk {
    /// A run that was reached, with the start page and no notice.
    pub(crate) fn new(standing: Standing) -> Self {
        let chosen = if matches!(standing, Standing::Before | Standing::Gpc) { 0 } else { CHOSEN };
        let run = Run { chosen, ..Run::new(standing, 0) };
        Self(run).page(PAGE)
    }

    /// Visits a page.
    pub(crate) fn page(mut self, url: &str) -> Self {
        self.0.visits.push(Visit {
            url: url.to_owned(),
            landed: url.to_owned(),
            from: if self.0.visits.is_empty() { From::Start } else { From::Link },
            depth: u32::try_from(self.0.visits.len()).unwrap_or(u32::MAX),
            at: self.0.chosen + self.0.visits.len() as u64 * 10_000,
            loaded: Some(900),
            status: Some(200),
            title: "A page".to_owned(),
            language: "en".to_owned(),
            end: End::Complete,
            more: 0,
            odd: Vec::new(),
            links: Vec::new(),
            picture: None,
        });
        self
    }

    /// Sends a request, as a script that was answered.
    pub(crate) fn request(self, url: &str) -> Self {
        self.request_as(url, |_| {})
    }

    /// Sends a request and changes what is known of it.
    pub(crate) fn request_as(mut self, url: &str, change: impl FnOnce(&mut Request)) -> Self {
        let mut sent = request(url);
        (sent.visit, sent.at) = self.now();
        change(&mut sent);
        self.0.requests.push(sent);
        self
    }

    /// Keeps a cookie of a host for a year.
    pub(crate) fn cookie(self, domain: &str, name: &str, value: &str) -> Self {
        self.cookie_as(domain, name, value, |_| {})
    }

    /// Keeps a cookie and changes what is known of it.
    pub(crate) fn cookie_as(mut self, domain: &str, name: &str, value: &str, change: impl FnOnce(&mut Cookie)) -> Self {
        let (visit, at) = self.now();
        let mut cookie = Cookie {
            name: name.to_owned(),
            value: value.to_owned(),
            domain: domain.to_owned(),
            path: "/".to_owned(),
            lifetime: Some(365 * 86_400),
            secure: true,
            http_only: false,
            same_site: SameSite::Lax,
            partition: None,
            visit,
            at,
            moment: Moment::Waiting,
            setters: vec![Setter::Unseen],
            stays: true,
            refused: None,
        };
        change(&mut cookie);
        self.0.cookies.push(cookie);
        self
    }

    /// Keeps an entry of local storage.
    pub(crate) fn entry(mut self, origin: &str, key: &str, value: &str) -> Self {
        let (visit, at) = self.now();
        self.0.storage.push(Entry {
            kind: Kind::Local,
            origin: origin.to_owned(),
            key: key.to_owned(),
            value: value.to_owned(),
            size: value.len() as u64,
            visit,
            at,
            moment: Moment::Waiting,
            setter: Setter::Unseen,
            stays: true,
        });
        self
    }

    /// Connects to a host without a request.
    pub(crate) fn connection(mut self, host: &str, port: u16) -> Self {
        let (visit, at) = self.now();
        self.0.connections.push(Connection { host: host.to_owned(), port, at, visit, request: false });
        self
    }

    /// Meets a notice.
    pub(crate) fn banner(mut self, banner: Banner) -> Self {
        self.0.banner = Some(banner);
        self
    }

    fn now(&self) -> (usize, u64) {
        let visit = self.0.visits.len().saturating_sub(1);
        (visit, self.0.chosen + visit as u64 * 10_000 + 500)
    }
}

/// A request for a script, answered, of the start page.
pub(crate) fn request(url: &str) -> Request {
    Request {
        visit: 0,
        at: 500,
        moment: Moment::Loading,
        url: url.to_owned(),
        method: "GET".to_owned(),
        kind: "Script".to_owned(),
        frame: PAGE.to_owned(),
        target: Target::Page,
        initiator: Initiator { kind: "parser".to_owned(), url: PAGE.to_owned(), line: 7, stack: Vec::new() },
        redirect: None,
        outcome: Outcome::Answered,
        status: Some(200),
        remote: Some("127.0.0.1:443".to_owned()),
        cookies: Vec::new(),
        set: Vec::new(),
        referrer: None,
        body: None,
    }
}

/// A fair notice in English: accept and refuse alike on the first layer, choices behind one click, a way back.
pub(crate) fn fair() -> Banner {
    let controls = vec![
        control(Role::Accept, "Accept all"),
        control(Role::Refuse, "Reject all"),
        control(Role::Settings, "Choose"),
        Control { element: "a".to_owned(), ..control(Role::Policy, "Privacy policy") },
    ];
    let switches = vec![
        Control { on: Some(false), ..control(Role::Switch, "Audience") },
        Control { on: Some(true), enabled: false, ..control(Role::Switch, "Technical") },
        control(Role::Save, "Save"),
    ];
    let rect = Rect { x: 0.0, y: 500.0, width: 1280.0, height: 220.0 };
    Banner {
        tool: Some("klaro".to_owned()),
        how: How::Rule,
        frame: PAGE.to_owned(),
        shadow: false,
        after: 120,
        text: "We and our partners measure the audience. You can accept or reject.".to_owned(),
        language: Some("en".to_owned()),
        wall: false,
        layers: vec![
            Layer { clicks: 0, rect, controls, picture: None },
            Layer { clicks: 1, rect, controls: switches, picture: None },
        ],
        accept: Some(1),
        refuse: Some(1),
        change: Some(Way { text: "Cookie settings".to_owned(), clicks: 1, visible: true }),
    }
}

/// A control like every other of its notice.
pub(crate) fn control(role: Role, text: &str) -> Control {
    Control {
        role,
        text: text.to_owned(),
        element: "button".to_owned(),
        rect: Rect { x: 20.0, y: 600.0, width: 160.0, height: 44.0 },
        font: 16.0,
        weight: 400,
        colour: "#ffffff".to_owned(),
        background: "#1a4480".to_owned(),
        contrast: 9.5,
        relief: 9.5,
        on: None,
        enabled: true,
    }
}

/// A known service in the making, of the catalogue unless it is said to be declared.
pub(crate) struct Entered(Known);

/// A service of a category; it follows people unless the category is one of those a page needs for itself.
pub(crate) fn known(id: &str, category: &str) -> Entered {
    Entered(Known {
        service: Service {
            id: id.to_owned(),
            name: format!("The {id}"),
            controller: format!("{id} Ltd"),
            category: category.to_owned(),
            tracker: !matches!(category, "payment" | "platform" | "resources" | ""),
        },
        declared: false,
        exempt: false,
        sale: category == "advertising",
        hosts: Vec::new(),
        cookies: Vec::new(),
        storage: Vec::new(),
        routes: Vec::new(),
    })
}

impl Entered {
    pub(crate) fn host(mut self, host: &str) -> Self {
        self.0.hosts.push(HostPattern::new(host).unwrap());
        self
    }

    pub(crate) fn cookie(mut self, name: &str) -> Self {
        self.0.cookies.push(NamePattern::new(name).unwrap());
        self
    }

    pub(crate) fn key(mut self, name: &str) -> Self {
        self.0.storage.push(NamePattern::new(name).unwrap());
        self
    }

    pub(crate) fn route(mut self, route: &str) -> Self {
        self.0.routes.push(RoutePattern::new(route).unwrap());
        self
    }

    pub(crate) fn declared(mut self) -> Self {
        self.0.declared = true;
        self
    }

    pub(crate) fn exempt(mut self) -> Self {
        self.0.exempt = true;
        self
    }

    pub(crate) fn known(self) -> Known {
        self.0
    }
}
