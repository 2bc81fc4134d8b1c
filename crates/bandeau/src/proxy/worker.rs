//! A worker's script on its way: ours in front, the site's behind, as it came.

use crate::body::{Ahead, Body, BoxError, Moving};
use bytes::Bytes;
use http::{Response, response};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;

/// Reads as much as decides how ours must begin, then sends both on their way.
///
/// # Errors
/// When the site broke off before its script began.
pub(super) async fn worker(
    head: response::Parts,
    mut body: Moving<Incoming>,
    ahead: &str,
) -> Result<Response<Body>, BoxError> {
    let mut first = Bytes::new();
    while let Some(frame) = body.frame().await {
        match frame.map(hyper::body::Frame::into_data) {
            Ok(Ok(bytes)) if bytes.is_empty() => {}
            Ok(Ok(bytes)) => {
                first = bytes;
                break;
            }
            // Trailers: there is no script.
            Ok(Err(_)) => break,
            Err(error) => return Err(error),
        }
    }
    let ours = Bytes::from(bandeau_gate::lead(&first, ahead));
    Ok(Response::from_parts(head, Ahead::new([ours, first], body).boxed_unsync()))
}
