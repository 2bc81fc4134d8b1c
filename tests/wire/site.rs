//! A site of the tests' own: in this process, answering as it is told, remembering what it received.

use bytes::Bytes;
use http::{Request, Response, StatusCode, request::Parts};
use http_body_util::{BodyExt as _, Full, combinators::UnsyncBoxBody};
use hyper::body::{Body as HttpBody, Frame, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use std::convert::Infallible;
use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

/// A body of the site's.
pub(crate) type Body = UnsyncBoxBody<Bytes, io::Error>;

/// Bodies are remembered up to this much; the rest is only counted.
const REMEMBERED: usize = 1 << 20;

/// One request as it arrived.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) head: Parts,
    pub(crate) body: Vec<u8>,
}

impl Seen {
    /// The values of one header, joined.
    pub(crate) fn header(&self, name: &str) -> Option<String> {
        let all: Vec<_> = self.head.headers.get_all(name).iter().map(|v| v.to_str().unwrap().to_owned()).collect();
        (!all.is_empty()).then(|| all.join(", "))
    }

    pub(crate) fn path(&self) -> &str {
        self.head.uri.path()
    }
}

/// The site.
#[derive(Clone)]
pub(crate) struct Site {
    pub(crate) url: String,
    seen: Arc<Mutex<Vec<Seen>>>,
    /// Bytes of bodies received so far, also of those that have not ended.
    pub(crate) received: Arc<AtomicU64>,
    /// How many connections came in.
    pub(crate) connections: Arc<AtomicU64>,
}

impl Site {
    /// A site that answers each request so, once its body has come in.
    pub(crate) async fn start(answer: impl Fn(&Seen) -> Response<Body> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let site = Self {
            url: format!("http://{}", listener.local_addr().unwrap()),
            seen: Arc::default(),
            received: Arc::default(),
            connections: Arc::default(),
        };
        let (own, answer) = (site.clone(), Arc::new(answer));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                own.connections.fetch_add(1, Ordering::SeqCst);
                let (own, answer) = (own.clone(), Arc::clone(&answer));
                let service = service_fn(move |request| {
                    let (own, answer) = (own.clone(), Arc::clone(&answer));
                    async move { Ok::<_, Infallible>(own.take(request, answer.as_ref()).await) }
                });
                let connection = hyper::server::conn::http1::Builder::new();
                // A visitor who leaves, or a body cut on purpose, ends a connection: no fault of the test.
                tokio::spawn(async move {
                    let _ = connection.serve_connection(TokioIo::new(stream), service).await;
                });
            }
        });
        site
    }

    async fn take(
        &self,
        request: Request<Incoming>,
        answer: &(dyn Fn(&Seen) -> Response<Body> + Send + Sync),
    ) -> Response<Body> {
        let (head, mut incoming) = request.into_parts();
        let mut body = Vec::new();
        while let Some(frame) = incoming.frame().await {
            let Ok(frame) = frame else { break };
            let chunk = frame.into_data().unwrap_or_default();
            self.received.fetch_add(chunk.len() as u64, Ordering::SeqCst);
            if body.len() < REMEMBERED {
                body.extend(&chunk);
            }
        }
        let seen = Seen { head, body };
        let answer = answer(&seen);
        self.seen.lock().unwrap().push(seen);
        answer
    }

    /// A site that answers everything with one page.
    pub(crate) async fn page(html: &'static str) -> Self {
        Self::start(move |_| page(html)).await
    }

    /// What it has received.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// The last request it has received.
    pub(crate) fn last(&self) -> Seen {
        self.seen().pop().expect("the site has received nothing")
    }

    pub(crate) fn bytes(&self) -> u64 {
        self.received.load(Ordering::SeqCst)
    }
}

/// A site that knows no HTTP: reads a head, writes these bytes, and hangs up. Says how often it was asked.
pub(crate) async fn rude(says: impl Into<Vec<u8>>) -> (String, Arc<AtomicU64>) {
    let (says, asked): (Vec<u8>, _) = (says.into(), Arc::new(AtomicU64::new(0)));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let count = Arc::clone(&asked);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let (mut head, mut byte) = (Vec::new(), [0]);
            while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).await.is_ok_and(|count| count > 0) {
                head.push(byte[0]);
            }
            count.fetch_add(1, Ordering::SeqCst);
            let _ = stream.write_all(&says).await;
            let _ = stream.shutdown().await;
        }
    });
    (url, asked)
}

/// These bytes.
pub(crate) fn full(bytes: impl Into<Bytes>) -> Body {
    Full::new(bytes.into()).map_err(|never| match never {}).boxed_unsync()
}

/// An HTML page.
pub(crate) fn page(html: impl Into<Bytes>) -> Response<Body> {
    typed("text/html; charset=utf-8", html)
}

/// An answer of some type.
pub(crate) fn typed(content_type: &str, bytes: impl Into<Bytes>) -> Response<Body> {
    Response::builder().header("content-type", content_type).body(full(bytes)).unwrap()
}

/// An answer without a body.
pub(crate) fn empty(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(full(""));
    *response.status_mut() = status;
    response
}

/// A body that a test feeds as it goes; ends when the sender is dropped, broken when it sends an error.
pub(crate) fn fed() -> (mpsc::Sender<io::Result<Bytes>>, Body) {
    let (send, receive) = mpsc::channel(1);
    (send, Fed(receive).boxed_unsync())
}

struct Fed(mpsc::Receiver<io::Result<Bytes>>);

impl HttpBody for Fed {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        self.0.poll_recv(context).map(|chunk| chunk.map(|chunk| chunk.map(Frame::data)))
    }
}

/// A slot from which an answer takes a body once.
pub(crate) fn once<T>(value: T) -> impl Fn() -> T {
    let slot = Mutex::new(Some(value));
    move || slot.lock().unwrap().take().expect("asked for once")
}
