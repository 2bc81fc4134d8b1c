//! Plain HTTP to a gateway that may die at any moment: an answer, or none.

use crate::node::HOST;
use bytes::Bytes;
use http::Request;
use http::response::Parts;
use http_body_util::{BodyExt as _, Full};
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use std::time::Duration;

/// How long an answer is waited for. A gateway promises one within about two seconds, also when its store does not.
const PATIENCE: Duration = Duration::from_secs(15);

/// A client with connections of its own.
#[derive(Clone)]
pub(crate) struct Wire(Client<HttpConnector, Full<Bytes>>);

impl Wire {
    pub(crate) fn new() -> Self {
        Self(crate::support::client())
    }

    /// Gets a path of a gateway.
    pub(crate) async fn get(&self, url: &str, path: &str) -> Option<(Parts, Bytes)> {
        let request = Request::get(format!("{url}{path}")).header("host", HOST).header("accept", "text/html");
        self.send(request.body(Full::default()).ok()?).await
    }

    /// Posts a decision as the notice's script does.
    pub(crate) async fn decide(&self, url: &str, cookie: Option<&str>, body: String) -> Option<(Parts, Bytes)> {
        let mut request = Request::post(format!("{url}/.well-known/bandeau/decision"))
            .header("host", HOST)
            .header("content-type", "application/json")
            .header("sec-fetch-site", "same-origin");
        if let Some(cookie) = cookie {
            request = request.header("cookie", cookie);
        }
        self.send(request.body(Full::from(body)).ok()?).await
    }

    async fn send(&self, request: Request<Full<Bytes>>) -> Option<(Parts, Bytes)> {
        let whole = async {
            let (head, body) = self.0.request(request).await.ok()?.into_parts();
            Some((head, body.collect().await.ok()?.to_bytes()))
        };
        tokio::time::timeout(PATIENCE, whole).await.ok()?
    }
}
