//! Bodies: one type for everything that is sent, in either direction.

use bytes::Bytes;
use http_body_util::{BodyExt as _, Empty, Full, combinators::UnsyncBoxBody};
use hyper::body::Body as HttpBody;
use std::future::Future as _;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::time::{Instant, Sleep};

/// Why a body ended early.
pub(crate) type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// A body.
pub(crate) type Body = UnsyncBoxBody<Bytes, BoxError>;

/// Nothing.
pub(crate) fn empty() -> Body {
    Empty::new().map_err(|never| match never {}).boxed_unsync()
}

/// These bytes.
pub(crate) fn full(bytes: impl Into<Bytes>) -> Body {
    Full::new(bytes.into()).map_err(|never| match never {}).boxed_unsync()
}

/// A body with something ahead of it.
pub(crate) struct Ahead<B> {
    ahead: std::collections::VecDeque<Bytes>,
    body: B,
}

impl<B> Ahead<B> {
    pub(crate) fn new(ahead: impl IntoIterator<Item = Bytes>, body: B) -> Self {
        Self { ahead: ahead.into_iter().filter(|bytes| !bytes.is_empty()).collect(), body }
    }
}

impl<B> HttpBody for Ahead<B>
where
    B: HttpBody<Data = Bytes> + Unpin,
{
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<hyper::body::Frame<Bytes>, B::Error>>> {
        match self.ahead.pop_front() {
            Some(bytes) => Poll::Ready(Some(Ok(hyper::body::Frame::data(bytes)))),
            None => Pin::new(&mut self.body).poll_frame(context),
        }
    }
}

/// A body that ends with an error when nothing moves for too long, and has no trailers: they would come after
/// everything was judged (RFC 9110 §6.5.1 lets them be dropped).
pub(crate) struct Moving<B> {
    body: B,
    idle: Option<Duration>,
    sleep: Pin<Box<Sleep>>,
}

impl<B> Moving<B> {
    pub(crate) fn new(body: B, idle: Duration) -> Self {
        Self { body, idle: Some(idle), sleep: Box::pin(tokio::time::sleep(idle)) }
    }

    /// One that may be silent for as long as it likes.
    pub(crate) fn patient(body: B) -> Self {
        Self { body, idle: None, sleep: Box::pin(tokio::time::sleep(Duration::ZERO)) }
    }
}

impl<B> HttpBody for Moving<B>
where
    B: HttpBody<Data = Bytes> + Unpin,
    B::Error: Into<BoxError>,
{
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<hyper::body::Frame<Bytes>, BoxError>>> {
        while let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(context) {
            if let Some(idle) = self.idle {
                self.sleep.as_mut().reset(Instant::now() + idle);
            }
            if !matches!(&frame, Some(Ok(frame)) if frame.is_trailers()) {
                return Poll::Ready(frame.map(|frame| frame.map_err(Into::into)));
            }
        }
        if self.idle.is_none() {
            return Poll::Pending;
        }
        ready!(self.sleep.as_mut().poll(context));
        Poll::Ready(Some(Err("nothing moved for too long".into())))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> hyper::body::SizeHint {
        self.body.size_hint()
    }
}
