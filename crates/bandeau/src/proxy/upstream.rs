//! The way to the site: pooled connections, bounded waits, one more try where a kept connection had died.

use crate::body::{Body, BoxError, empty};
use crate::config::Limits;
use http::{Method, Request, Response, Version};
use hyper::body::Incoming;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::{Client, Error, connect::HttpConnector};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use std::time::Duration;

/// Why the site did not answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// It cannot be reached.
    #[error("the site cannot be reached")]
    Down(#[source] BoxError),
    /// It did not begin to answer in time.
    #[error("the site did not begin to answer in time")]
    Slow,
    /// It broke off, or what it said is not HTTP.
    #[error("the site broke off or does not speak HTTP")]
    Broken(#[source] BoxError),
}

/// A pool of connections to the site.
#[derive(Clone)]
pub(crate) struct Upstream {
    client: Client<HttpsConnector<HttpConnector>, Body>,
    answer: Duration,
}

impl Upstream {
    pub(crate) fn new(limits: &Limits) -> Self {
        let mut http = HttpConnector::new();
        http.enforce_http(false);
        http.set_nodelay(true);
        http.set_connect_timeout(Some(limits.connect));
        let connector =
            HttpsConnectorBuilder::new().with_webpki_roots().https_or_http().enable_http1().wrap_connector(http);
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(Duration::from_secs(30))
            .pool_max_idle_per_host(512)
            .http1_max_headers(256)
            .set_host(false)
            .build(connector);
        Self { client, answer: limits.answer }
    }

    /// Sends a request. A request without a body that may be repeated (RFC 9110 §9.2.2) is tried once more
    /// when the connection it was sent on turns out to be dead.
    pub(crate) async fn send(&self, request: Request<Body>) -> Result<Response<Incoming>, Failure> {
        let again = repeatable(&request).then(|| copy(&request));
        match (self.once(request).await, again) {
            (Err(Failure::Broken(_)), Some(again)) => self.once(again).await,
            (answer, _) => answer,
        }
    }

    async fn once(&self, request: Request<Body>) -> Result<Response<Incoming>, Failure> {
        match tokio::time::timeout(self.answer, self.client.request(request)).await {
            Err(_) => Err(Failure::Slow),
            Ok(Ok(response)) => Ok(response),
            Ok(Err(error)) => Err(failure(error)),
        }
    }
}

fn failure(error: Error) -> Failure {
    if error.is_connect() { Failure::Down(error.into()) } else { Failure::Broken(error.into()) }
}

fn repeatable(request: &Request<Body>) -> bool {
    use hyper::body::Body as _;
    matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS)
        && request.body().is_end_stream()
        && !request.headers().contains_key(http::header::UPGRADE)
}

fn copy(request: &Request<Body>) -> Request<Body> {
    let mut again = Request::new(empty());
    *again.method_mut() = request.method().clone();
    *again.uri_mut() = request.uri().clone();
    *again.version_mut() = Version::HTTP_11;
    *again.headers_mut() = request.headers().clone();
    again
}
