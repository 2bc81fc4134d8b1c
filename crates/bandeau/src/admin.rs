//! The operator's side: metrics for Prometheus, on an address of their own.

use crate::body::{Body, full};
use crate::counters;
use crate::house::House;
use http::header::{self, HeaderValue};
use http::{Response, StatusCode};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use std::convert::Infallible;
use std::sync::Arc;
use tokio::net::TcpListener;

/// Starts counting for the whole program. Nothing is counted where this was not called.
pub(crate) fn recorder() -> Option<PrometheusHandle> {
    PrometheusBuilder::new().install_recorder().ok()
}

/// Serves `/metrics`.
pub(crate) async fn serve(listener: TcpListener, handle: PrometheusHandle, house: Arc<House>) {
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            continue;
        };
        let (handle, house) = (handle.clone(), Arc::clone(&house));
        tokio::spawn(async move {
            let service = service_fn(move |request: hyper::Request<Incoming>| {
                let answer = answer(request.uri().path(), &handle, &house);
                async move { Ok::<_, Infallible>(answer) }
            });
            let _ = hyper::server::conn::http1::Builder::new()
                .timer(hyper_util::rt::TokioTimer::new())
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}

fn answer(path: &str, handle: &PrometheusHandle, house: &House) -> Response<Body> {
    if path != "/metrics" {
        let mut response = Response::new(full("there is only /metrics here\n"));
        *response.status_mut() = StatusCode::NOT_FOUND;
        return response;
    }
    counters::book(&house.ledger.state());
    let mut response = Response::new(full(handle.render()));
    let text = HeaderValue::from_static("text/plain; version=0.0.4");
    response.headers_mut().insert(header::CONTENT_TYPE, text);
    response
}
