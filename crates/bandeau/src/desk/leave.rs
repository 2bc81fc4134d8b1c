//! Leaving: the page between a link and a host that the page it stands in may not reach. Where the browser enforces
//! a list of connections it stops the visitor's own click too; this page may reach that one host and nothing else.
//!
//! It is no open redirect: it goes on by itself only where the browser says that the visitor's hand on a page of
//! this site led here; everybody else sees where the link leads and decides.

use super::{Desk, harden};
use crate::body::Body;
use bandeau_banner::Message;
use bandeau_consent::HostPattern;
use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::{Response, StatusCode, request};
use url::Url;

impl Desk<'_> {
    /// Lets the visitor leave.
    pub(super) fn leave(&self, head: &request::Parts) -> Response<Body> {
        let query = head.uri.query().unwrap_or_default();
        let to = url::form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "to");
        let Some((url, host)) = to.and_then(|(_, to)| target(&to)) else {
            return self.say(&Message::NotFound);
        };
        let html = self.face.message(&self.view("/"), &Message::Leave(host.host(), url.as_str()));
        let mut response = Response::new(crate::body::full(html));
        *response.status_mut() = StatusCode::OK;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
        headers.insert(
            header::CONTENT_SECURITY_POLICY,
            HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'; form-action 'none'"),
        );
        self.plan.lead(headers, &host);
        harden(headers);
        // The site's own name goes along, as with any link, and no path of it.
        headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("strict-origin"));
        if clicked(&head.headers)
            && let Ok(value) = HeaderValue::from_str(&format!("0;url={url}"))
        {
            headers.insert(HeaderName::from_static("refresh"), value);
        }
        response
    }
}

/// Where to: an address of the web.
fn target(to: &str) -> Option<(Url, HostPattern)> {
    let url = Url::parse(to).ok().filter(|url| matches!(url.scheme(), "http" | "https") && to.len() <= 8192)?;
    let host = HostPattern::new(url.host_str()?).ok()?;
    Some((url, host))
}

/// Whether the visitor clicked on a page of this site (Fetch metadata §2.3, §2.4).
fn clicked(headers: &HeaderMap) -> bool {
    let says = |name: &str, word: &str| headers.get(name).is_some_and(|value| value == word);
    says("sec-fetch-site", "same-origin") && says("sec-fetch-user", "?1") && says("sec-fetch-dest", "document")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_the_web_are_left_for() {
        for (to, host) in [
            ("https://shop.test/a?b#c", Some("shop.test")),
            ("HTTP://SHOP.test:81", Some("shop.test")),
            ("//shop.test/", None),
            ("/a", None),
            ("javascript:alert(1)", None),
            ("data:text/html,x", None),
            ("https://", None),
        ] {
            assert_eq!(target(to).map(|(_, host)| host.host().to_owned()).as_deref(), host, "{to}");
        }
    }
}
