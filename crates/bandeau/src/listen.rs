//! Listening: connections in, over HTTP/1.1 and HTTP/2, with and without TLS, bounded and ended gracefully.

use crate::config::{Limits, Tls};
use crate::counters;
use crate::proxy::{Peer, Proxy};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::GracefulShutdown;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, Semaphore, watch};
use tokio_rustls::TlsAcceptor;

/// How long open requests may take to end once the house closes.
const GRACE: Duration = Duration::from_secs(10);
/// Streams one HTTP/2 connection may have open at once.
const STREAMS: u32 = 128;

/// Reads certificate and key.
pub(crate) fn acceptor(tls: &Tls) -> io::Result<TlsAcceptor> {
    let bad = |path: &std::path::Path, error: &dyn std::fmt::Display| {
        io::Error::new(io::ErrorKind::InvalidData, format!("{}: {error}", path.display()))
    };
    let chain = CertificateDer::pem_file_iter(&tls.cert)
        .and_then(|certs| certs.collect::<Result<Vec<_>, _>>())
        .map_err(|error| bad(&tls.cert, &error))?;
    let key = PrivateKeyDer::from_pem_file(&tls.key).map_err(|error| bad(&tls.key, &error))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, key))
        .map_err(|error| bad(&tls.cert, &error))?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// Serves until `closing` says so, then lets open requests end.
pub(crate) async fn serve(
    listeners: Vec<TcpListener>,
    tls: Option<TlsAcceptor>,
    proxy: Arc<Proxy>,
    limits: Limits,
    closing: watch::Receiver<bool>,
) {
    let door = Arc::new(Door { tls, proxy, builder: builder(&limits), head: limits.head });
    let room = Arc::new(Semaphore::new(limits.connections));
    let tasks: Vec<_> = listeners
        .into_iter()
        .map(|listener| tokio::spawn(accept(listener, Arc::clone(&door), Arc::clone(&room), closing.clone())))
        .collect();
    for task in tasks {
        let _ = task.await;
    }
}

fn builder(limits: &Limits) -> auto::Builder<TokioExecutor> {
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head)
        .max_headers(256)
        // Room beyond our own bound, so that we can say what is wrong; past it hyper answers 431 itself.
        .max_buf_size(limits.header_bytes * 2 + (16 << 10))
        .keep_alive(true);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_header_list_size(u32::try_from(limits.header_bytes * 2).unwrap_or(u32::MAX))
        .max_concurrent_streams(STREAMS)
        .max_pending_accept_reset_streams(20)
        .keep_alive_interval(Duration::from_secs(30))
        .keep_alive_timeout(Duration::from_secs(20));
    builder
}

/// Ends when nothing was asked for so long; never once something was.
async fn silence(patience: Duration, asked: &Notify) {
    if tokio::time::timeout(patience, asked.notified()).await.is_ok() {
        std::future::pending().await
    }
}

/// What every connection comes in by.
struct Door {
    tls: Option<TlsAcceptor>,
    proxy: Arc<Proxy>,
    builder: auto::Builder<TokioExecutor>,
    head: Duration,
}

async fn accept(listener: TcpListener, door: Arc<Door>, room: Arc<Semaphore>, mut closing: watch::Receiver<bool>) {
    let graceful = GracefulShutdown::new();
    loop {
        let Ok(permit) = Arc::clone(&room).acquire_owned().await else {
            break;
        };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = closing.wait_for(|closing| *closing) => break,
        };
        let (stream, address) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // Out of file descriptors, or a visitor who left at once: wait for room, keep listening.
                counters::bad("us", "accept", 1);
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        let watcher = graceful.watcher();
        let door = Arc::clone(&door);
        tokio::spawn(async move {
            let _permit = permit;
            let _ = stream.set_nodelay(true);
            door.greet(stream, address, watcher).await;
        });
    }
    drop(listener);
    let _ = tokio::time::timeout(GRACE, graceful.shutdown()).await;
}

impl Door {
    async fn greet(&self, stream: TcpStream, address: SocketAddr, watcher: hyper_util::server::graceful::Watcher) {
        match &self.tls {
            None => self.talk(stream, address, false, watcher).await,
            Some(acceptor) => match tokio::time::timeout(self.head, acceptor.accept(stream)).await {
                Ok(Ok(stream)) => self.talk(stream, address, true, watcher).await,
                Ok(Err(_)) | Err(_) => counters::bad("visitor", "tls", 1),
            },
        }
    }

    async fn talk<S>(&self, stream: S, address: SocketAddr, tls: bool, watcher: hyper_util::server::graceful::Watcher)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let peer = Peer { address: address.ip(), tls };
        let proxy = Arc::clone(&self.proxy);
        let asked = Arc::new(Notify::new());
        let asks = Arc::clone(&asked);
        let service = service_fn(move |request: hyper::Request<Incoming>| {
            asks.notify_one();
            let proxy = Arc::clone(&proxy);
            async move { Ok::<_, Infallible>(proxy.handle(request, peer).await) }
        });
        let connection = self.builder.serve_connection_with_upgrades(TokioIo::new(stream), service);
        let ended = tokio::select! {
            ended = watcher.watch(connection) => ended,
            // Before the first bytes say which HTTP it is, no other clock runs.
            () = silence(self.head * 2, &asked) => return counters::bad("visitor", "slow", 1),
        };
        if let Err(error) = ended {
            let kind = match error.downcast_ref::<hyper::Error>() {
                Some(error) if error.is_parse_too_large() => "header-size",
                Some(error) if error.is_parse() => "http",
                Some(error) if error.is_timeout() => "slow",
                // The visitor left, or the page was cut: counted where it was cut.
                _ => return,
            };
            counters::bad("visitor", kind, 1);
        }
    }
}
