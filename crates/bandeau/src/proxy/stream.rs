//! A page on its way: bytes of the site in, unfolded, rewritten, folded again, out.

use super::coding::{Decoder, Encoder};
use crate::body::BoxError;
use crate::counters;
use bandeau_gate::{Page, Tally, Withheld};
use bytes::Bytes;
use hyper::body::{Body as HttpBody, Frame};
use std::pin::Pin;
use std::task::{Context, Poll};

/// Enough to send without waiting for more.
const ENOUGH: usize = 16 << 10;

/// Hears what was seen of a page once it has ended well.
pub(crate) type Seen = Box<dyn FnOnce(&Tally) + Send>;

/// The body of a page.
pub(crate) struct PageBody<B> {
    body: B,
    decoder: Decoder,
    encoder: Encoder,
    // Invariant: none once the page has ended, well or not.
    page: Option<Page>,
    rewritten: Vec<u8>,
    failed: Option<BoxError>,
    /// What came before the failure was given time to be sent.
    parted: bool,
    waiting: bool,
    seen: Option<Seen>,
}

impl<B> PageBody<B>
where
    B: HttpBody<Data = Bytes> + Unpin,
    B::Error: Into<BoxError>,
{
    /// A page whose first bytes, already unfolded, were read to open it. `ended`: there are no more.
    ///
    /// # Errors
    /// When already these cannot be read safely: nothing was sent yet, so the visitor can be told why.
    pub(crate) fn new(
        body: B,
        decoder: Decoder,
        encoder: Encoder,
        mut page: Page,
        first: &[u8],
        ended: bool,
        seen: Seen,
    ) -> Result<Self, Withheld> {
        let mut rewritten = Vec::new();
        page.push(first, &mut rewritten)?;
        let page = Some(page);
        let mut stream = Self {
            body,
            decoder,
            encoder,
            page,
            rewritten,
            failed: None,
            parted: false,
            waiting: true,
            seen: Some(seen),
        };
        stream.fold(Ok(()));
        if ended {
            stream.end();
        }
        Ok(stream)
    }

    /// Takes a chunk of the site's.
    fn take(&mut self, chunk: &[u8]) {
        match self.decoder.push(chunk) {
            Ok(text) => self.rewrite(&text),
            Err(error) => self.fail("coding", error),
        }
    }

    fn rewrite(&mut self, text: &[u8]) {
        let Some(page) = &mut self.page else {
            return;
        };
        let pushed = page.push(text, &mut self.rewritten);
        self.fold(pushed);
    }

    fn end(&mut self) {
        match self.decoder.finish() {
            Ok(text) => self.rewrite(&text),
            Err(error) => return self.fail("coding", error),
        }
        let Some(page) = self.page.take() else {
            return;
        };
        let finished = page.finish(&mut self.rewritten);
        if let Ok(tally) = &finished {
            count(tally);
            if let Some(seen) = self.seen.take() {
                seen(tally);
            }
        }
        self.fold(finished.map(|_| ()));
        if self.failed.is_none()
            && let Err(error) = self.encoder.finish()
        {
            self.fail("coding", error);
        }
    }

    /// Passes what was rewritten on, or ends the page.
    fn fold(&mut self, pushed: Result<(), Withheld>) {
        if let Err(why) = pushed {
            // Fail closed: what cannot be read safely is cut, and the visitor's browser is told it is not whole.
            return self.fail(why.as_str(), why);
        }
        let bytes = std::mem::take(&mut self.rewritten);
        if let Err(error) = self.encoder.push(&bytes) {
            self.fail("coding", error);
        }
    }

    fn fail(&mut self, reason: &'static str, error: impl Into<BoxError>) {
        counters::withheld(reason);
        let error = error.into();
        tracing::warn!(reason, %error, "a page was cut");
        self.page = None;
        self.failed = Some(error);
    }
}

fn count(tally: &Tally) {
    counters::held("load", tally.held);
    counters::held("embed", tally.placeholders);
}

impl<B> HttpBody for PageBody<B>
where
    B: HttpBody<Data = Bytes> + Unpin,
    B::Error: Into<BoxError>,
{
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let this = &mut *self;
        loop {
            if this.failed.is_some() {
                // What came before is good, and goes out before the page is cut.
                let bytes = this.encoder.take(true)?;
                if !bytes.is_empty() {
                    return Poll::Ready(Some(Ok(Frame::data(bytes.into()))));
                }
                // A connection forgets what it has not sent yet when a body fails: let it send first.
                if !std::mem::replace(&mut this.parted, true) {
                    context.waker().wake_by_ref();
                    return Poll::Pending;
                }
                this.waiting = false;
                return Poll::Ready(this.failed.take().map(Err));
            }
            let over = this.page.is_none();
            if this.encoder.ready() >= ENOUGH || over {
                let bytes = this.encoder.take(false)?;
                if !bytes.is_empty() {
                    return Poll::Ready(Some(Ok(Frame::data(bytes.into()))));
                }
                if over {
                    return Poll::Ready(None);
                }
            }
            match Pin::new(&mut this.body).poll_frame(context) {
                Poll::Ready(Some(Ok(frame))) => {
                    // Trailers speak of the body as it was sent, not as we send it.
                    if let Ok(chunk) = frame.into_data() {
                        this.waiting = true;
                        this.take(&chunk);
                    }
                }
                Poll::Ready(Some(Err(error))) => {
                    counters::upstream("cut");
                    this.page = None;
                    this.failed = Some(error.into());
                }
                Poll::Ready(None) => this.end(),
                Poll::Pending => {
                    // The site pauses: the visitor gets everything so far.
                    if std::mem::take(&mut this.waiting) {
                        let bytes = this.encoder.take(true)?;
                        if !bytes.is_empty() {
                            return Poll::Ready(Some(Ok(Frame::data(bytes.into()))));
                        }
                    }
                    return Poll::Pending;
                }
            }
        }
    }
}
