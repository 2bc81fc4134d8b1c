//! Answers: what becomes of the site's, head and body, in the standing its plan was made for.

use crate::{
    Charset, Coding, Dest, Judge, Plan, cache, cookie, cookie_name,
    kind::{Kind, content_type, essence, script, turns},
    page::{Opening, leave},
    report,
};
use bandeau_consent::Verdict;
use http::header::{HeaderMap, HeaderName, HeaderValue, SET_COOKIE};
use http::{Method, StatusCode, response};
use std::sync::Arc;

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

/// The type of files of speculation rules (HTML §7.6.4).
const RULES: &str = "application/speculationrules+json";

/// What becomes of an answer's body.
#[derive(Debug)]
pub enum Treatment {
    /// It passes as it is.
    Pass,
    /// It is a page: undo its codings, the last first, then open it with its first bytes.
    Page(Box<Opening>, Vec<Coding>),
    /// It is a worker's script: ours goes in front of it.
    Worker,
    /// It is a file of speculation rules: read it whole, and let it pass only where [`Judge::rules`] says so.
    Rules(Vec<Coding>),
    /// It must not pass.
    Withhold(Withheld),
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

impl Plan {
    /// Judges an answer of the site.
    pub fn answer(&self, mut head: response::Parts) -> Answer {
        let judge = self.judge();
        let cookies_held = self.filter_set_cookie(&mut head.headers);
        let mut headers_held = report::quiet(&mut head.headers, &judge);
        headers_held += self.redirect(&mut head, &judge);
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
        let body = match kind {
            // Who asked for a part of a document does not show it: browsers ask for the whole.
            Kind::Xml if head.status == StatusCode::PARTIAL_CONTENT && !self.dest.locks() => Treatment::Pass,
            Kind::Page | Kind::Xml => self.treat(&mut head, judge, kind),
            _ if head.status == StatusCode::OK && essence(&content_type(&head.headers)) == RULES => {
                let layers = Coding::layers(&head.headers);
                unsize(&mut head.headers);
                layers.map_or_else(Treatment::Withhold, Treatment::Rules)
            }
            _ if self.leads(&head) => {
                unsize(&mut head.headers);
                Treatment::Worker
            }
            _ => Treatment::Pass,
        };
        Answer { head, body, cookies_held, headers_held }
    }

    /// Settles where a redirect leads: no part of a page to a held host, and a visitor to that of a held service only
    /// over the page that says so.
    fn redirect(&self, head: &mut response::Parts, judge: &Judge) -> u32 {
        if !head.status.is_redirection() {
            return 0;
        }
        if !self.dest.shows() {
            return report::stay(&mut head.headers, judge);
        }
        let away = report::leaves(&head.headers, judge).map(|url| leave(&url));
        let Some(address) = away.and_then(|address| HeaderValue::from_str(&address).ok()) else {
            return 0;
        };
        head.headers.insert(http::header::LOCATION, address);
        // The page is asked for anew; what was sent stays here (RFC 9110 §15.4.4).
        head.status = StatusCode::SEE_OTHER;
        1
    }

    /// Whether an answer is a worker's script, read as text, that ours can go in front of.
    fn leads(&self, head: &response::Parts) -> bool {
        self.means.script
            && self.dest == Dest::Worker
            && head.status == StatusCode::OK
            && self.method != Method::HEAD
            && script(&essence(&content_type(&head.headers)))
            && Coding::layers(&head.headers).is_ok_and(|layers| layers.is_empty())
    }

    fn treat(&self, head: &mut response::Parts, judge: Judge, kind: Kind) -> Treatment {
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
        let layers = match Coding::layers(&head.headers) {
            Ok(layers) => layers,
            Err(why) => return Treatment::Withhold(why),
        };
        let typed = content_type(&head.headers);
        let said = match Charset::label(&typed) {
            Ok(said) => said,
            Err(_) => return Treatment::Withhold(Withheld::Charset),
        };
        unsize(&mut head.headers);
        let means = Arc::clone(&self.means);
        let opening = match kind {
            Kind::Xml => Opening::xml(judge, said, essence(&typed), self.dest, means),
            _ => Opening::new(judge, said, !essence(&typed).is_empty(), self.dest, means),
        };
        Treatment::Page(Box::new(opening), layers)
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
}

/// Takes away what a head says about the bytes of a body that is changed.
fn unsize(headers: &mut HeaderMap) {
    for name in [
        "content-length",
        "content-encoding",
        "content-md5",
        "digest",
        "content-digest",
        "repr-digest",
        "accept-ranges",
    ] {
        headers.remove(name);
    }
}
