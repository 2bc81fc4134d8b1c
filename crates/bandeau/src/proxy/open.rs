//! Opening a page: as much of it is read as decides how it must be read, then it is sent on its way.

use super::coding::{Decoder, Encoder};
use super::stream::{PageBody, Seen};
use crate::body::{Body, BoxError, Moving};
use crate::house::{Estate, Painter};
use bandeau_gate::{Coding, Opening, Withheld};
use bytes::Bytes;
use http::header::{self, HeaderMap, HeaderValue};
use http::{Response, response};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use std::sync::Arc;

/// Why a page could not be opened. Nothing of it was sent.
pub(super) enum Opened {
    /// It cannot be read safely.
    Withheld(Withheld),
    /// The site broke off.
    Broken(BoxError),
}

/// Reads as much of a page as decides its encoding, then sends it on its way.
pub(super) async fn open(
    mut head: response::Parts,
    mut body: Moving<Incoming>,
    opening: Opening,
    coding: Coding,
    painter: Painter,
    gzip: bool,
    seen: Seen,
) -> Result<Response<Body>, Opened> {
    let mut decoder = Decoder::new(coding);
    let mut first: Vec<u8> = Vec::new();
    let mut ended = false;
    while first.len() < opening.wants() && !ended {
        match body.frame().await {
            None => ended = true,
            Some(Err(error)) => return Err(Opened::Broken(error)),
            Some(Ok(frame)) => {
                let chunk: Bytes = frame.into_data().unwrap_or_default();
                first.extend(decoder.push(&chunk).map_err(|_| Opened::Withheld(Withheld::Coding))?);
            }
        }
    }
    let page = opening.open(&mut head.headers, &first, Arc::new(painter)).map_err(Opened::Withheld)?;
    let body = PageBody::new(body, decoder, Encoder::new(gzip), page, &first, ended, seen).map_err(Opened::Withheld)?;
    if gzip {
        head.headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        head.headers.append(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    }
    Ok(Response::from_parts(head, body.boxed_unsync()))
}

/// Whether the visitor takes gzip (RFC 9110 §12.5.3), and the house sends it.
pub(super) fn gzip(estate: &Estate, asked: &HeaderMap) -> bool {
    let accepts = |part: &str| {
        let mut parts = part.split(';').map(str::trim);
        let named = parts.next().is_some_and(|name| name.eq_ignore_ascii_case("gzip"));
        named && !parts.any(|q| matches!(q.replace(' ', "").as_str(), "q=0" | "q=0.0" | "q=0.00" | "q=0.000"))
    };
    let values = asked.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    estate.compress && values.flat_map(|value| value.split(',')).any(accepts)
}
