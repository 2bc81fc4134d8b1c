//! Receipts: shown to whoever holds one, as a page or as a file, and taking everything back with one.
//!
//! A visitor who granted something is known by the cookie's pseudonym; everybody else by the receipt's code. A code is
//! as good as the receipt, so it is never logged.

use super::decision::same_origin;
use super::live::Query;
use super::{Desk, answer, harden};
use crate::body::{Body, BoxError, full};
use crate::{cause::chain, counters};
use bandeau_banner::Message;
use bandeau_ledger::{Ask, Code, ReceiptDocument, Withdrawn};
use bytes::Bytes;
use http::header::{self, HeaderValue};
use http::{Response, StatusCode, request};
use http_body_util::{BodyExt as _, Limited};
use hyper::body::Body as HttpBody;

/// Where the page is, below our own path.
pub(super) const NAME: &str = "receipt";

/// The most bytes of a form with a code.
const MOST: usize = 4 << 10;

impl Desk<'_> {
    /// The page of the visitor's receipt, or of the one whose code is in the address.
    pub(super) async fn receipt(&self, head: &request::Parts) -> Response<Body> {
        let query = Query::read(head);
        let back = query.value("back").map(answer::path).or_else(|| self.referer()).unwrap_or_else(|| "/".to_owned());
        let face = self.estate.face(query.value("lang"), &super::accepted_language(self.asked));
        let code = match (query.value("code").and_then(Code::parse), self.plan.pseudonym) {
            // A code is shown as it came: whether there is such a receipt is said when it is used.
            (Some(code), _) => Some((code.to_string(), true)),
            (None, Some(pseudonym)) => match self.house.ledger.receipt(Ask::Newest(pseudonym)).await {
                Ok(found) => found.and_then(|found| Some((found.code()?.to_owned(), false))),
                Err(error) => return self.away(&error),
            },
            (None, None) => None,
        };
        let (code, named) = code.map_or((None, false), |(code, named)| (Some(code), named));
        let mut response = self.page(StatusCode::OK, face.receipt(&self.view(&back), code.as_deref(), named));
        // The address may hold the code, which goes to nobody: not with a link, and not with a picture of the site's.
        response.headers_mut().insert(header::REFERRER_POLICY, HeaderValue::from_static("origin"));
        response
    }

    /// The receipt as a file.
    pub(super) async fn receipt_file(&self, head: &request::Parts) -> Response<Body> {
        let query = Query::read(head);
        let ask = match (query.value("code"), self.plan.pseudonym) {
            (Some(code), _) => Code::parse(code).map(Ask::Code),
            (None, pseudonym) => pseudonym.map(Ask::Newest),
        };
        let Some(ask) = ask else { return self.say(&Message::NoReceipt) };
        match self.house.ledger.receipt(ask).await {
            Ok(Some(document)) => attached(&document),
            Ok(None) => self.say(&Message::NoReceipt),
            Err(error) => self.away(&error),
        }
    }

    /// Takes everything back with a code.
    pub(super) async fn take_back<B>(&self, head: &request::Parts, body: B) -> Response<Body>
    where
        B: HttpBody<Data = Bytes> + Unpin + Send,
        B::Error: Into<BoxError>,
    {
        if !same_origin(&head.headers, &self.plan.page.origin().ascii_serialization()) {
            counters::bad("visitor", "cross-site", 1);
            return self.say(&Message::CrossSite);
        }
        let Ok(body) = Limited::new(body, MOST).collect().await else {
            return self.bad("the form broke off, or is longer than any code");
        };
        let form = Query::parse(&String::from_utf8_lossy(&body.to_bytes()));
        let Some(code) = form.value("code").and_then(Code::parse) else {
            counters::bad("visitor", "code", 1);
            return self.say(&Message::NoReceipt);
        };
        match self.house.ledger.withdraw(code).await {
            Ok(Withdrawn::Recorded(..)) => {
                counters::decision("withdrawn", "receipt");
                self.house.heed();
                self.say(&Message::Withdrawn)
            }
            Ok(Withdrawn::Nothing(_)) => self.say(&Message::NothingLeft),
            Ok(Withdrawn::Unknown) => {
                counters::bad("visitor", "code", 1);
                self.say(&Message::NoReceipt)
            }
            Err(error) => self.away(&error),
        }
    }

    fn away(&self, error: &bandeau_ledger::Error) -> Response<Body> {
        counters::bad("us", "book", 1);
        tracing::warn!(error = %chain(error), "a receipt could not be looked up");
        self.say(&Message::ReceiptsDown)
    }
}

fn attached(document: &ReceiptDocument) -> Response<Body> {
    let text = serde_json::to_string_pretty(document).unwrap_or_default();
    let mut response = Response::new(full(text + "\n"));
    let headers = response.headers_mut();
    harden(headers);
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment; filename=\"receipt.json\""));
    response
}
