//! Opening a page: as much of it is read as decides how it must be read, then it is sent on its way.

use super::coding::{Decoder, Encoder, OFFERED};
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
    layers: Vec<Coding>,
    painter: Painter,
    sent: Option<Coding>,
    seen: Seen,
) -> Result<Response<Body>, Opened> {
    let mut decoder = Decoder::new(&layers);
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
    let coding = sent.unwrap_or(Coding::Identity);
    let encoder = Encoder::new(coding).map_err(|error| Opened::Broken(error.into()))?;
    let body = PageBody::new(body, decoder, encoder, page, &first, ended, seen).map_err(Opened::Withheld)?;
    if coding != Coding::Identity {
        head.headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding.as_str()));
    }
    if sent.is_some() {
        // Also where none was taken: another visitor would get another (RFC 9110 §12.5.5).
        head.headers.append(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    }
    Ok(Response::from_parts(head, body.boxed_unsync()))
}

/// The coding a page is sent in to who asked so; none where the house compresses nothing.
pub(super) fn sent(estate: &Estate, asked: &HeaderMap) -> Option<Coding> {
    estate.compress.then(|| Coding::preferred(asked, &OFFERED))
}
