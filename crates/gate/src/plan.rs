//! The plan for one request: what stands, what may pass, and what its answer becomes. Decided once.

use crate::{
    Charset, Claim, Cookies, Dest, Judge, Key, Token, cache, cookie, cookie_name, expiry, gpc,
    kind::{Kind, content_type, essence, turns},
    lock,
    page::Opening,
    permissions, report,
};
use bandeau_consent::{Hasher, Policy, Pseudonym, Purpose, Standing, Verdict};
use http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, HeaderMap, HeaderName, HeaderValue, SET_COOKIE};
use http::{Method, StatusCode, request, response};
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
}

/// Where a request goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Route<'p> {
    /// To our own endpoints; the rest of the path.
    Ours,
    /// Nowhere: what it needs is not granted.
    Held(&'p Purpose),
    /// To the site.
    Site,
}

/// Why an answer cannot be passed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Withheld {
    /// HTML in a content coding that cannot be undone.
    #[error("the site sent the page in a content coding that cannot be read")]
    Coding,
    /// HTML in an unreadable character encoding.
    #[error("the site sent the page in a character encoding that cannot be read")]
    Charset,
    /// A part of a page where a whole one was asked for.
    #[error("the site sent a part of a page that was asked for whole")]
    Partial,
    /// HTML on which parsers disagree.
    #[error("the page can be read in two ways")]
    Ambiguous,
    /// A page that needs more memory than a page may.
    #[error("the page has a part too large to be read safely")]
    Memory,
}

impl Withheld {
    /// The word used in counters.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Coding => "coding",
            Self::Charset => "charset",
            Self::Partial => "partial",
            Self::Ambiguous => "ambiguous",
            Self::Memory => "memory",
        }
    }
}

/// What becomes of an answer's body.
#[derive(Debug)]
pub enum Treatment {
    /// It passes as it is.
    Pass,
    /// It is a page: decode it (the coding is named, empty for none), then open it with its first bytes.
    Page(Box<Opening>, Coding),
    /// It must not pass.
    Withhold(Withheld),
}

/// Content codings (RFC 9110 §8.4.1) that can be undone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coding {
    /// None.
    Identity,
    /// gzip.
    Gzip,
    /// deflate: zlib.
    Deflate,
    /// Brotli.
    Brotli,
}

/// An answer, judged.
#[derive(Debug)]
pub struct Answer {
    /// Its head, filtered and locked.
    pub head: response::Parts,
    /// What becomes of its body.
    pub body: Treatment,
    /// How many `Set-Cookie` were held.
    pub cookies_held: u32,
    /// How many other headers were held.
    pub headers_held: u32,
}

/// What was decided about one request.
#[derive(Debug, Clone)]
pub struct Plan {
    policy: Arc<Policy>,
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
    method: Method,
    secure: bool,
    cookies: Cookies,
    held: BTreeSet<String>,
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
        Some(Self {
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
            cookies,
            held: BTreeSet::new(),
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
        let query = self.page.query().unwrap_or_default();
        match self.policy.route(self.standing, self.method.as_str(), self.page.path(), query) {
            Verdict::Hold(purpose) => Route::Held(purpose),
            Verdict::Pass(_) | Verdict::Unknown => Route::Site,
        }
    }

    /// Names this standing under this policy, short enough for an entity tag.
    pub fn state(&self) -> String {
        let asks = [u8::from(self.standing.asks()), u8::from(self.gpc)];
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
        } else if self.dest != Dest::Part
            && let Some(accepted) = headers.get(ACCEPT_ENCODING).and_then(|value| value.to_str().ok())
        {
            // It may turn out to be HTML: only codings that can be undone.
            let known = |coding: &&str| {
                ["gzip", "deflate", "br", "identity"].iter().any(|name| coding.trim().starts_with(name))
            };
            let kept = accepted.split(',').filter(known).collect::<Vec<_>>().join(",");
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

    /// The judge for this page.
    pub fn judge(&self) -> Judge {
        Judge::new(Arc::clone(&self.policy), self.standing, self.page.clone())
    }

    /// Judges an answer of the site.
    pub fn answer(&self, mut head: response::Parts) -> Answer {
        let judge = self.judge();
        let cookies_held = self.filter_set_cookie(&mut head.headers);
        let headers_held = report::quiet(&mut head.headers, &judge);
        // Parts of a page stay as cacheable as the site made them: the page itself takes cookies away.
        let takes = self.dest != Dest::Part && !self.held.is_empty();
        if takes {
            self.expire_held(&mut head.headers);
        }
        let kind = Kind::of(&head.headers, self.dest);
        if self.dest.locks() || kind != Kind::Other {
            self.lock(&mut head.headers);
        } else if takes {
            // What takes a visitor's cookies away is for that visitor alone.
            cache::vary(&mut head.headers);
            head.headers.insert(http::header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
        }
        if kind == Kind::Other && turns(&head.headers) {
            // Out of a cache it could become a worker or a document of its own, without the lock.
            cache::dest(&mut head.headers);
        }
        let body = if kind == Kind::Page { self.treat(&mut head, judge) } else { Treatment::Pass };
        Answer { head, body, cookies_held, headers_held }
    }

    /// Puts the lock on a head: the policy for this standing, and honest caching.
    pub fn lock(&self, headers: &mut HeaderMap) {
        if let Some(policy) = lock(&self.policy, self.standing, self.host()) {
            headers.append(http::header::CONTENT_SECURITY_POLICY, policy);
        }
        if self.standing.grants() != self.policy.all_grants() {
            permissions::refuse(headers);
        }
        cache::mark(headers, &self.state());
    }

    fn treat(&self, head: &mut response::Parts, judge: Judge) -> Treatment {
        let empty =
            matches!(head.status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED | StatusCode::RESET_CONTENT);
        if empty || self.method == Method::HEAD {
            for name in [http::header::CONTENT_LENGTH, HeaderName::from_static("content-md5")] {
                head.headers.remove(name);
            }
            return Treatment::Pass;
        }
        if head.status == StatusCode::PARTIAL_CONTENT {
            return Treatment::Withhold(Withheld::Partial);
        }
        let coding = match coding(&head.headers) {
            Ok(coding) => coding,
            Err(why) => return Treatment::Withhold(why),
        };
        let typed = content_type(&head.headers);
        let said = match Charset::label(&typed) {
            Ok(said) => said,
            Err(_) => return Treatment::Withhold(Withheld::Charset),
        };
        for name in [
            "content-length",
            "content-encoding",
            "content-md5",
            "digest",
            "content-digest",
            "repr-digest",
            "accept-ranges",
        ] {
            head.headers.remove(name);
        }
        Treatment::Page(Box::new(Opening::new(judge, said, !essence(&typed).is_empty(), self.dest.shows())), coding)
    }

    fn filter_set_cookie(&self, headers: &mut HeaderMap) -> u32 {
        let values: Vec<HeaderValue> = headers.get_all(SET_COOKIE).iter().cloned().collect();
        let mut held = 0;
        headers.remove(SET_COOKIE);
        for value in values {
            // The consent cookie is written by nobody but us.
            let own = |name: &str| [cookie_name(true), cookie_name(false)].contains(&name);
            match cookie::set_name(&value).filter(|name| !own(name)).map(|name| self.policy.cookie(self.standing, name))
            {
                Some(Verdict::Pass(_permit)) => drop(headers.append(SET_COOKIE, value)),
                Some(Verdict::Hold(_) | Verdict::Unknown) | None => held += 1,
            }
        }
        held
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

fn coding(headers: &HeaderMap) -> Result<Coding, Withheld> {
    let values: Vec<_> = headers.get_all(CONTENT_ENCODING).iter().collect();
    let text = match values.as_slice() {
        [] => return Ok(Coding::Identity),
        [one] => one.to_str().map_err(|_| Withheld::Coding)?,
        _ => return Err(Withheld::Coding),
    };
    match text.trim().to_ascii_lowercase().as_str() {
        "" | "identity" => Ok(Coding::Identity),
        "gzip" | "x-gzip" => Ok(Coding::Gzip),
        "deflate" => Ok(Coding::Deflate),
        "br" => Ok(Coding::Brotli),
        _ => Err(Withheld::Coding),
    }
}

fn accepts_html(headers: &HeaderMap) -> bool {
    let mut accepted = headers.get_all(http::header::ACCEPT).iter().peekable();
    accepted.peek().is_none() || accepted.any(|value| String::from_utf8_lossy(value.as_bytes()).contains("text/html"))
}
