//! A file of speculation rules on its way: read whole, up to a bound, and emptied where it reaches for what is held.

use super::coding::Decoder;
use crate::body::{Body, BoxError, Moving, full};
use crate::counters;
use bandeau_gate::{Coding, Judge};
use http::{Response, response};
use http_body_util::{BodyExt as _, Limited};
use hyper::body::Incoming;

/// Longer than any rules somebody wrote.
const MOST: usize = 1 << 20;

/// Lets rules pass, or an empty set in their place.
pub(super) async fn rules(
    head: response::Parts,
    body: Moving<Incoming>,
    layers: &[Coding],
    judge: &Judge,
) -> Response<Body> {
    let text = match read(body, layers).await {
        Ok(text) if judge.rules(&text) => text,
        Ok(_) => {
            counters::held("rules", 1);
            "{}".to_owned()
        }
        Err(error) => {
            counters::withheld("rules");
            tracing::warn!(%error, "speculation rules could not be read and were emptied");
            "{}".to_owned()
        }
    };
    Response::from_parts(head, full(text))
}

async fn read(body: Moving<Incoming>, layers: &[Coding]) -> Result<String, BoxError> {
    let bytes = Limited::new(body, MOST).collect().await?.to_bytes();
    let mut decoder = Decoder::new(layers);
    let mut text = decoder.push(&bytes)?;
    text.extend(decoder.finish()?);
    Ok(String::from_utf8(text)?)
}
