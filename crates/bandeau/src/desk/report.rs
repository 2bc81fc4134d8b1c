//! Reports: what browsers say of loads past what was declared, and the names our script for learning sends. Names and hosts
//! are noted where something is being learnt; everywhere else, and whatever is wrong with them, they are only counted.

use super::decision::same_origin;
use super::{Desk, harden};
use crate::body::{Body, BoxError, empty};
use crate::{clock, counters};
use bandeau_learn::{Sight, What, report};
use bytes::Bytes;
use http::header::{self, HeaderMap};
use http::{Response, StatusCode, request};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use hyper::body::Body as HttpBody;
use std::time::Duration;

/// What it is called.
pub(super) const NAME: &str = "report";
/// A report that takes longer, however it drips, is not waited for.
const SLOWEST: Duration = Duration::from_secs(10);

/// Why a body did not come to its end: it is too long, or its sender stopped.
fn broken(error: &(dyn std::error::Error + Send + Sync + 'static)) -> (StatusCode, &'static str) {
    if error.is::<LengthLimitError>() {
        (StatusCode::PAYLOAD_TOO_LARGE, "report-size")
    } else {
        (StatusCode::REQUEST_TIMEOUT, "report-slow")
    }
}

impl Desk<'_> {
    /// Takes a report. The answer says nothing of what was in it.
    pub(super) async fn report<B>(&self, head: &request::Parts, body: B) -> Response<Body>
    where
        B: HttpBody<Data = Bytes> + Unpin + Send,
        B::Error: Into<BoxError>,
    {
        let status = match self.hear(&head.headers, body).await {
            Ok(count) => {
                counters::learnt("noted", count);
                StatusCode::NO_CONTENT
            }
            Err((status, kind)) => {
                counters::bad("visitor", kind, 1);
                status
            }
        };
        let mut response = Response::new(empty());
        *response.status_mut() = status;
        harden(response.headers_mut());
        response
    }

    async fn hear<B>(&self, headers: &HeaderMap, body: B) -> Result<u64, (StatusCode, &'static str)>
    where
        B: HttpBody<Data = Bytes> + Unpin + Send,
        B::Error: Into<BoxError>,
    {
        if !self.estate.learning.on {
            return Err((StatusCode::NOT_FOUND, "report-unasked"));
        }
        if !same_origin(headers, &self.plan.page.origin().ascii_serialization()) {
            return Err((StatusCode::FORBIDDEN, "report-origin"));
        }
        if !self.house.learner.admits(clock::seconds()) {
            return Err((StatusCode::TOO_MANY_REQUESTS, "report-pace"));
        }
        let body = tokio::time::timeout(SLOWEST, Limited::new(body, report::LONGEST).collect()).await;
        let body = body.map_err(|_| (StatusCode::REQUEST_TIMEOUT, "report-slow"))?.map_err(|error| broken(&*error))?;
        let body = body.to_bytes();
        let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let own = |host: &str| self.plan.policy().first_party(host, self.plan.host());
        let sights = report::read(kind, &body, own).map_err(|_| (StatusCode::BAD_REQUEST, "report"))?;
        let strange: Vec<Sight> = sights.into_iter().filter(|sight| self.strange(&sight.what)).collect();
        let count = strange.len() as u64;
        self.house.learner.note(strange);
        Ok(count)
    }

    /// Whether nobody declared it, and it is not ours.
    fn strange(&self, what: &What) -> bool {
        let policy = self.plan.policy();
        match what {
            What::Host(host, _) => !policy.declares_host(host),
            What::Cookie(name) => {
                let ours = [true, false].map(bandeau_gate::cookie_name).contains(&name.as_str());
                !ours && !policy.declares_cookie(name)
            }
            What::Stored(key) => key != "bandeau-place" && !policy.declares_storage(key),
        }
    }
}
