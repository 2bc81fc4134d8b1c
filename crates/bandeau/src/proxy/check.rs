//! What must be right about a request before anything is decided: one host, a path, a bounded head, a method
//! that is served here.

use crate::body::{Body, full};
use crate::counters;
use http::header::{self, HeaderValue};
use http::{Method, Response, StatusCode, request};

/// What is wrong with a request before anything is decided about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bad {
    Host,
    Method,
    Target,
    Large,
}

impl Bad {
    fn as_str(self) -> &'static str {
        match self {
            Self::Host => "host",
            Self::Method => "method",
            Self::Target => "target",
            Self::Large => "header-size",
        }
    }

    fn status(self) -> StatusCode {
        match self {
            Self::Host | Self::Target => StatusCode::BAD_REQUEST,
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::Large => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
        }
    }

    fn says(self) -> &'static str {
        match self {
            Self::Host => {
                "expected exactly one Host, a name or address with an optional port, the same as in the request's address\n"
            }
            Self::Method => "CONNECT and TRACE are not served here\n",
            Self::Target => "expected a path beginning with /\n",
            Self::Large => "the head of the request is too large\n",
        }
    }
}

/// Checks what must be right before anything is decided, and returns the authority asked for.
pub(super) fn check(head: &request::Parts, most: usize) -> Result<String, Bad> {
    if matches!(head.method, Method::CONNECT | Method::TRACE) {
        return Err(Bad::Method);
    }
    let size: usize = head.headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum();
    if size + head.uri.to_string().len() > most {
        return Err(Bad::Large);
    }
    if !head.uri.path().starts_with('/') {
        return Err(Bad::Target);
    }
    let mut hosts = head.headers.get_all(header::HOST).iter();
    let host = match (hosts.next(), hosts.next()) {
        (Some(host), None) => Some(host.to_str().map_err(|_| Bad::Host)?),
        (None, None) => None,
        _ => return Err(Bad::Host),
    };
    let named = head.uri.authority().map(http::uri::Authority::as_str);
    let authority = match (named, host) {
        (Some(named), Some(host)) if !named.eq_ignore_ascii_case(host) => return Err(Bad::Host),
        (Some(one), _) | (None, Some(one)) => one,
        (None, None) => return Err(Bad::Host),
    };
    let parsed: http::uri::Authority = authority.parse().map_err(|_| Bad::Host)?;
    let plain = !parsed.as_str().contains('@') && !parsed.host().is_empty();
    if plain { Ok(authority.to_ascii_lowercase()) } else { Err(Bad::Host) }
}

/// The answer to a request that is wrong.
pub(super) fn refuse(bad: Bad) -> Response<Body> {
    counters::bad("visitor", bad.as_str(), 1);
    let mut response = Response::new(full(bad.says()));
    *response.status_mut() = bad.status();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if bad == Bad::Method {
        headers.insert(header::ALLOW, HeaderValue::from_static("GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"));
    }
    response
}
