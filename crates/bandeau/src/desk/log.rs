//! The log as files: checkpoint, tiles and keys, as caches may keep them (C2SP tlog-tiles). There is nothing of
//! anybody's in them, so every site may read them. It does not know how the tree is made.

use super::Desk;
use crate::body::{Body, full};
use crate::{cause::chain, counters};
use bandeau_ledger::log::TilePath;
use http::header::{self, HeaderMap, HeaderValue};
use http::{Response, StatusCode};

/// A tile never changes under its name.
const FOREVER: &str = "public, max-age=31536000, immutable";
/// The checkpoint moves on, and caches forget it within a few seconds.
const SOON: &str = "public, max-age=2";
/// Keys change with the secret only.
const HOUR: &str = "public, max-age=3600";

const TEXT: &str = "text/plain; charset=utf-8";

impl Desk<'_> {
    /// Serves one file of the log.
    pub(super) async fn log(&self, name: &str) -> Response<Body> {
        let ledger = &self.house.ledger;
        match name {
            "checkpoint" => match ledger.checkpoint() {
                Some(note) => file(note, TEXT, SOON),
                None => refuse(StatusCode::NOT_FOUND, "there is no checkpoint yet"),
            },
            "checkpoint.witnessed" => match ledger.witnessed() {
                Some(note) => file(note, TEXT, SOON),
                None => refuse(StatusCode::NOT_FOUND, "no witness has signed a checkpoint yet"),
            },
            "keys" => file(ledger.keys(), TEXT, HOUR),
            _ => match name.parse::<TilePath>() {
                Ok(path) => self.tile(path).await,
                Err(error) => refuse(StatusCode::NOT_FOUND, &error.to_string()),
            },
        }
    }

    async fn tile(&self, path: TilePath) -> Response<Body> {
        match self.house.ledger.tile(path).await {
            Ok(Some(tile)) => file(tile, "application/octet-stream", FOREVER),
            Ok(None) => refuse(StatusCode::NOT_FOUND, "the tree of the newest checkpoint has no such tile"),
            Err(error) => {
                counters::bad("us", "log", 1);
                tracing::warn!(error = %chain(&error), "a tile of the log could not be read");
                refuse(StatusCode::SERVICE_UNAVAILABLE, "the log cannot be read at the moment")
            }
        }
    }
}

fn file(content: impl Into<bytes::Bytes>, kind: &'static str, cache: &'static str) -> Response<Body> {
    let mut response = Response::new(full(content.into()));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    open(headers);
    response
}

fn refuse(status: StatusCode, says: &str) -> Response<Body> {
    let mut response = file(format!("{says}\n"), TEXT, "no-store");
    *response.status_mut() = status;
    if status == StatusCode::SERVICE_UNAVAILABLE {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("10"));
    }
    response
}

/// For everybody, and as what it is.
fn open(headers: &mut HeaderMap) {
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert("cross-origin-resource-policy", HeaderValue::from_static("cross-origin"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'"));
}
