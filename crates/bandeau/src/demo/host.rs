//! Hosts: a listener on loopback and the loop that answers on it.
//!
//! This room does not know what any host says; it only carries requests to it.

use super::reply::Reply;
use http::Request;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};

/// Something that answers on a host of its own.
pub(super) trait Host: Send + Sync + 'static {
    /// What it remembers of one connection.
    type Link: Clone + Send + 'static;

    /// A connection was opened; nothing was said on it yet.
    fn connected(&self) -> Self::Link;

    /// Answers one request.
    fn answer(&self, link: &Self::Link, request: Request<Incoming>) -> impl Future<Output = Reply> + Send;
}

/// Binds a port nobody uses on the loopback.
pub(super) async fn bind() -> std::io::Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let place = listener.local_addr()?;
    Ok((listener, place))
}

/// Answers on a listener for as long as the program runs.
pub(super) fn serve<H: Host>(listener: TcpListener, host: Arc<H>) {
    tokio::spawn(async move {
        loop {
            match listener.accept().await {
                Ok((stream, _)) => drop(tokio::spawn(speak(stream, host.clone()))),
                // Out of file descriptors, most often: waiting lets some come free.
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
    });
}

async fn speak<H: Host>(stream: TcpStream, host: Arc<H>) {
    let link = host.connected();
    // Small chunks are the point of some probe routes: they must not wait for each other.
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request| {
        let (host, link) = (host.clone(), link.clone());
        async move { Ok::<_, Infallible>(host.answer(&link, request).await) }
    });
    let mut server = hyper::server::conn::http1::Builder::new();
    // A visitor who leaves in the middle is nobody's fault, and there is no one to tell.
    let _ = server.timer(TokioTimer::new()).serve_connection(TokioIo::new(stream), service).await;
}
