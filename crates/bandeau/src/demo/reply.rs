//! Answers: the body type every demo host speaks, and short ways to make one.
//!
//! This room does not know which host answers, nor what is on the page.

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Response, StatusCode, header};
use http_body::{Body, Frame};
use http_body_util::{BodyExt, Full, combinators::UnsyncBoxBody};
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::sync::mpsc;

/// An answer of a demo host.
pub(super) type Reply = Response<UnsyncBoxBody<Bytes, std::io::Error>>;

/// A body fed by a task, one frame per message. An error cuts the connection, as a dying server would.
pub(super) struct Flow(pub(super) mpsc::Receiver<std::io::Result<Bytes>>);

impl Body for Flow {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        self.0.poll_recv(cx).map(|next| next.map(|chunk| chunk.map(Frame::data)))
    }
}

/// A whole body of a media type.
pub(super) fn whole(media: &'static str, body: impl Into<Bytes>) -> Reply {
    let body = Full::new(body.into()).map_err(|never| match never {}).boxed_unsync();
    with(Response::new(body), header::CONTENT_TYPE, media)
}

/// An HTML page. Its cookies differ from visitor to visitor, so no shared cache may keep it.
pub(super) fn html(body: impl Into<Bytes>) -> Reply {
    with(whole("text/html; charset=utf-8", body), header::CACHE_CONTROL, "private, no-cache")
}

/// A JSON value.
pub(super) fn json(value: &serde_json::Value) -> Reply {
    with(whole("application/json", value.to_string()), header::CACHE_CONTROL, "no-store")
}

/// A status with a line of text.
pub(super) fn status(code: StatusCode, text: &'static str) -> Reply {
    coded(whole("text/plain; charset=utf-8", text), code)
}

/// Nothing to say, said politely.
pub(super) fn empty() -> Reply {
    let mut reply = Response::new(Full::default().map_err(|never| match never {}).boxed_unsync());
    *reply.status_mut() = StatusCode::NO_CONTENT;
    reply
}

/// See another page, by GET.
pub(super) fn see(place: &str) -> Reply {
    let reply = coded(whole("text/plain; charset=utf-8", "303"), StatusCode::SEE_OTHER);
    with(reply, header::LOCATION, place)
}

/// A streamed body of a media type, with the end to feed it by.
pub(super) fn flow(media: &'static str) -> (Reply, mpsc::Sender<std::io::Result<Bytes>>) {
    let (sender, receiver) = mpsc::channel(4);
    let reply = with(Response::new(Flow(receiver).boxed_unsync()), header::CONTENT_TYPE, media);
    (with(reply, header::CACHE_CONTROL, "private, no-cache"), sender)
}

/// The same answer with another status.
pub(super) fn coded(mut reply: Reply, code: StatusCode) -> Reply {
    *reply.status_mut() = code;
    reply
}

/// The same answer with one header set. A value no header can carry is left out: the demo makes its own
/// values, and visitors' words never reach a header.
pub(super) fn with(mut reply: Reply, name: HeaderName, value: &str) -> Reply {
    if let Ok(value) = HeaderValue::from_str(value) {
        reply.headers_mut().insert(name, value);
    }
    reply
}

/// The same answer with one more cookie.
pub(super) fn cookie(mut reply: Reply, value: &str) -> Reply {
    if let Ok(value) = HeaderValue::from_str(value) {
        reply.headers_mut().append(header::SET_COOKIE, value);
    }
    reply
}
