//! The plan for one request: what stands, what may pass, and what its answer becomes. Decided once.

use crate::{
    Claim, Coding, Connections, Cookies, Dest, Judge, Key, Means, Strangers, Token,
    allowlist::{self, Reachable},
    cache, cookie_name, expiry, gpc, lock, permissions,
};
use bandeau_consent::{Hasher, HostPattern, Policy, Pseudonym, Purpose, Standing, Unknown, Verdict};
use http::header::{ACCEPT_ENCODING, HeaderMap, HeaderValue, SET_COOKIE};
use http::{Method, request};
use std::collections::BTreeSet;
use std::sync::Arc;
use url::Url;

/// Everything of ours lives under here.
pub const OURS: &str = "/.well-known/bandeau/";

/// How a request arrived, beside its head.
#[derive(Debug, Clone)]
pub struct Arrival<'a> {
    /// Whether the visitor speaks TLS, here or to a proxy that is trusted to say so.
    pub secure: bool,
    /// The host and port the visitor asked for, from `Host` or `:authority`, checked.
    pub authority: &'a str,
    /// Now, in seconds since the epoch.
    pub now: u64,
    /// How long a choice stands, in seconds.
    pub keep: u64,
    /// By which means it is enforced.
    pub means: Arc<Means>,
}

/// Where a request goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Route<'p> {
    /// To our own endpoints; the rest of the path.
    Ours,
    /// Nowhere: what it needs is not granted.
    Held(&'p Purpose),
    /// Nowhere: it is a service worker that nobody declared, or whose service is held.
    Worker,
    /// To the site.
    Site,
}

/// What was decided about one request.
#[derive(Debug, Clone)]
pub struct Plan {
    pub(crate) policy: Arc<Policy>,
    pub(crate) means: Arc<Means>,
    /// Hosts the page is known to link to, beside those that were declared.
    pub linked: Arc<[HostPattern]>,
    /// Where the visitor stands, the browser's signal considered.
    pub standing: Standing,
    /// Where the visitor's own answers stand, the signal aside.
    pub answered: Standing,
    /// Whether the browser sends `Sec-GPC: 1`.
    pub gpc: bool,
    /// Who the visitor's token stands for.
    pub pseudonym: Option<Pseudonym>,
    /// Consent cookies that were not ours.
    pub forged: u32,
    /// Cookies that were no cookies.
    pub malformed: u32,
    /// What the answer will become.
    pub dest: Dest,
    /// The page's address, without credentials or fragment.
    pub page: Url,
    pub(crate) method: Method,
    secure: bool,
    /// Whether it asks for a service worker's script: a service worker is kept (Service Workers §4.5).
    serves: bool,
    cookies: Cookies,
    pub(crate) held: BTreeSet<String>,
    /// Undeclared hosts that its page turns out to name, where the policy is being learnt.
    pub strangers: Strangers,
    now: u64,
}

impl Plan {
    /// Decides. Nothing when the authority does not make an address.
    pub fn new(policy: Arc<Policy>, key: &Key, head: &request::Parts, arrival: &Arrival<'_>) -> Option<Self> {
        let scheme = if arrival.secure { "https" } else { "http" };
        let target = head.uri.path_and_query().map_or("/", |target| target.as_str());
        let target = if target.starts_with('/') { target } else { "/" };
        let page = Url::parse(&format!("{scheme}://{}{target}", arrival.authority)).ok()?;
        let cookies = Cookies::read(&head.headers, cookie_name(arrival.secure));
        let claim = Token::claim(cookies.consent.iter().map(String::as_str), key, &policy, arrival.now, arrival.keep);
        let Claim { standing: answered, despite, pseudonym, forged } = claim;
        let gpc = gpc(&head.headers);
        let standing = if gpc { answered.under_gpc(&policy, despite) } else { answered };
        let strangers = Strangers::of(&policy);
        // What nobody knows may sell or share: the signal is against it (11 CCR 7025).
        let learnt = gpc && policy.draft().unknown == Unknown::Learn;
        let policy = if learnt { Arc::new(policy.guarded()) } else { policy };
        Some(Self {
            strangers,
            standing,
            answered,
            gpc,
            pseudonym,
            forged,
            malformed: cookies.malformed,
            dest: Dest::read(&head.headers),
            page,
            method: head.method.clone(),
            secure: arrival.secure,
            serves: head.headers.contains_key("service-worker")
                || head.headers.get("sec-fetch-dest").is_some_and(|dest| dest == "serviceworker"),
            cookies,
            held: BTreeSet::new(),
            means: Arc::clone(&arrival.means),
            linked: Arc::new([]),
            now: arrival.now,
            policy,
        })
    }

    /// The policy it was decided by.
    pub fn policy(&self) -> &Arc<Policy> {
        &self.policy
    }

    /// The host the visitor asked for, without port.
    pub fn host(&self) -> &str {
        self.page.host_str().unwrap_or_default()
    }

    /// The same request, where everything that was granted has been taken back from another browser: the cookie is whole
    /// and worth nothing. Whoever grants again does so as somebody new.
    #[must_use]
    pub fn revoked(mut self) -> Self {
        for standing in [&mut self.standing, &mut self.answered] {
            if matches!(standing, Standing::Decided(_)) {
                *standing = Standing::Decided(bandeau_consent::Grants::NONE);
            }
        }
        self.pseudonym = None;
        self
    }

    /// The same request by a visitor who stands elsewhere.
    pub(crate) fn standing_at(&self, standing: Standing) -> Self {
        Self { standing, ..self.clone() }
    }

    /// When it was asked, in seconds since the epoch.
    pub(crate) fn now(&self) -> u64 {
        self.now
    }

    /// The path and query of the request.
    pub fn target(&self) -> String {
        self.page[url::Position::BeforePath..url::Position::AfterQuery].to_owned()
    }

    /// Whether the visitor speaks TLS.
    pub fn secure(&self) -> bool {
        self.secure
    }

    /// Where the request goes.
    pub fn route(&self) -> Route<'_> {
        if self.page.path().starts_with(OURS) {
            return Route::Ours;
        }
        if self.serves && !self.policy.storage(self.standing, &format!("sw:{}", self.page.path())).passes() {
            return Route::Worker;
        }
        let query = self.page.query().unwrap_or_default();
        match self.policy.route(self.standing, self.method.as_str(), self.page.path(), query) {
            Verdict::Hold(purpose) => Route::Held(purpose),
            Verdict::Pass(_) | Verdict::Unknown => Route::Site,
        }
    }

    /// Names this standing under this policy, short enough for an entity tag.
    pub fn state(&self) -> String {
        // A cookie of an old notice and none get the same page, but where strangers pass for one of them alone.
        let learnt = self.learns() && self.strangers();
        let asks = [u8::from(self.standing.asks()) | u8::from(learnt) << 1, u8::from(self.gpc)];
        let bits = self.standing.grants().bits().to_be_bytes();
        let digest = Hasher::new("bandeau state v1").field(self.policy.hash().0).field(asks).field(bits).finish();
        digest.to_string()[..12].to_owned()
    }

    /// The head for the site: without the cookies of held services, our own, and validators that would bring
    /// back a page of another standing. Returns how many cookies were held.
    pub fn forward(&mut self, headers: &mut HeaderMap) -> usize {
        self.held = self.cookies.pass(headers, &self.policy, self.standing);
        if self.dest.locks() || matches!(self.dest, Dest::Unsaid) && accepts_html(headers) {
            cache::ask(headers, &self.state());
            headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        } else if self.dest != Dest::Part && headers.contains_key(ACCEPT_ENCODING) {
            // It may turn out to be HTML: only codings that can be undone.
            let kept = Coding::undoable(headers);
            headers
                .insert(ACCEPT_ENCODING, HeaderValue::from_str(&kept).unwrap_or(HeaderValue::from_static("identity")));
        }
        self.held.len()
    }

    /// This plan once the visitor has decided otherwise: what is held is judged anew.
    #[must_use]
    pub fn after(&self, token: &Token) -> Self {
        let answered = token.answered();
        let standing = if self.gpc { answered.under_gpc(&self.policy, token.despite()) } else { answered };
        let mut plan = Self { answered, standing, ..self.clone() };
        plan.held = plan.cookies.pass(&mut HeaderMap::new(), &plan.policy, standing);
        plan
    }

    /// What this page may reach: undeclared hosts it links to, never those of what is held.
    fn reachable(&self) -> Reachable {
        let linked = self.means.links.iter().chain(self.linked.iter());
        let free = linked.filter(|pattern| {
            !matches!(self.policy.host(self.standing, pattern.host(), self.host()), Verdict::Hold(_))
        });
        Reachable::new(&self.policy, self.standing, self.host(), free.cloned())
    }

    /// The hosts a visitor may go to from this page by a plain link; nothing where all may be gone to.
    pub fn hosts(&self) -> Option<Vec<String>> {
        let enforced = self.means.connections == Connections::On && !self.strangers();
        enforced.then(|| self.reachable().hosts())
    }

    /// The judge for this page.
    pub fn judge(&self) -> Judge {
        Judge::new(Arc::clone(&self.policy), self.standing, self.page.clone()).noting(self.strangers.clone())
    }

    /// Whether what nobody declared passes for this visitor.
    pub fn strangers(&self) -> bool {
        self.policy.strangers(self.standing)
    }

    /// Whether what nobody declared is noted.
    pub fn learns(&self) -> bool {
        self.policy.draft().unknown == Unknown::Learn
    }

    /// Whether browsers are asked to report what a page of this site reaches past what was declared.
    pub fn reports(&self) -> bool {
        self.means.reports || self.learns()
    }

    pub(crate) fn cookies(&self) -> &Cookies {
        &self.cookies
    }

    /// Puts a list of connections on a head that allows one host alone.
    pub fn lead(&self, headers: &mut HeaderMap, to: &HostPattern) {
        allowlist::put(headers, &Reachable::only(to), self.strangers(), &self.means);
    }

    /// Puts the lock on a head: the policy for this standing, and honest caching.
    pub fn lock(&self, headers: &mut HeaderMap) {
        let reports = self.reports().then_some(self.secure);
        if let Some(policy) = lock::policy(&self.policy, self.standing, self.host()) {
            headers.append(http::header::CONTENT_SECURITY_POLICY, lock::reporting(policy, reports));
        } else if self.learns() {
            let policy = lock::reporting(lock::known(&self.policy, self.host()), reports);
            headers.append(http::header::CONTENT_SECURITY_POLICY_REPORT_ONLY, policy);
        }
        if reports == Some(true) {
            headers.append("reporting-endpoints", HeaderValue::from_static(lock::ENDPOINT));
        }
        allowlist::put(headers, &self.reachable(), self.strangers(), &self.means);
        if self.standing.grants() != self.policy.all_grants() {
            permissions::refuse(headers);
        }
        cache::mark(headers, &self.state());
    }

    /// Takes away the cookies that were held on the way in, as many as one answer can.
    pub fn expire_held(&self, headers: &mut HeaderMap) {
        for line in expiry::lines(&self.held, &self.page, self.now) {
            headers.append(SET_COOKIE, line);
        }
    }

    /// Whether the request carries cookies that an answer must take away.
    pub fn holds(&self) -> bool {
        !self.cookies.pass(&mut HeaderMap::new(), &self.policy, self.standing).is_empty()
    }
}

fn accepts_html(headers: &HeaderMap) -> bool {
    let mut accepted = headers.get_all(http::header::ACCEPT).iter().peekable();
    accepted.peek().is_none() || accepted.any(|value| String::from_utf8_lossy(value.as_bytes()).contains("text/html"))
}
