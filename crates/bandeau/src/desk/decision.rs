//! Decisions: from an answer to a record, a receipt and a cookie.
//!
//! The asymmetry kept here: what only takes away acts at once, whatever the book does, and its record is
//! written as soon as it can be; what gives acts only with a receipt in hand.
//!
//! Under a signal of the browser, where the visitor stands is what the signal leaves: a decision begins from
//! there, and a grant that the signal had taken away is a new one.

use super::answer::{Answer, MOST, Wish};
use super::{Desk, json, receipt, wants_page};
use crate::body::{Body, BoxError, empty};
use crate::{cause::chain, clock, counters};
use bandeau_banner::Message;
use bandeau_consent::{Decision, Effective, Event, Pseudonym, Receipt, Record};
use bandeau_gate::{OURS, Token, cookie_name};
use bandeau_ledger::Noted;
use bytes::Bytes;
use http::header::{self, HeaderMap, HeaderValue};
use http::{Response, StatusCode, request};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use hyper::body::Body as HttpBody;

/// What became of a decision.
enum Outcome {
    /// It took effect.
    Done(Effective, Pseudonym, Option<Box<Receipt>>),
    /// The book is closed: only what it takes away took effect, if anything.
    Partly(Option<Effective>, Pseudonym),
}

impl Desk<'_> {
    /// Takes an answer.
    pub(super) async fn decide<B>(&self, head: &request::Parts, body: B) -> Response<Body>
    where
        B: HttpBody<Data = Bytes> + Unpin + Send,
        B::Error: Into<BoxError>,
    {
        if !same_origin(&head.headers, &self.plan.page.origin().ascii_serialization()) {
            counters::bad("visitor", "cross-site", 1);
            return self.say(&Message::CrossSite);
        }
        let answer = match self.read(head, body).await {
            Ok(answer) => answer,
            Err(says) => return self.bad(&says),
        };
        // A refusal always works, also on a notice that is no longer put.
        let refuses = answer.wish == Wish::Refuse;
        let known = answer.notice.and_then(|hash| self.estate.noticed(hash));
        match known {
            // From here on we speak the language of the notice that was answered.
            Some(face) => Desk { face, ..*self }.weigh(&answer).await,
            None if refuses => self.weigh(&answer).await,
            None => {
                counters::bad("visitor", "notice", 1);
                self.say(&Message::NoticeChanged)
            }
        }
    }

    /// Makes a decision of an answer to this face's notice.
    async fn weigh(&self, answer: &Answer) -> Response<Body> {
        if let Wish::Once(purposes) = &answer.wish {
            return self.once(answer, purposes).await;
        }
        let notice = self.face.notice();
        let policy = self.plan.policy();
        let decision = match answer.decide(notice, |purpose| policy.open(self.plan.standing, purpose)) {
            Ok(decision) => self.put(decision, answer),
            Err(says) => return self.bad(&says),
        };
        let outcome = self.keep(decision, answer).await;
        self.reply(answer, outcome)
    }

    /// Whether the visitor knew that the signal of the browser is honoured: the form said so, and the signal still
    /// comes. Who grants then what the signal is against means it (11 CCR 7025).
    fn told(&self, answer: &Answer) -> bool {
        self.plan.gpc && answer.told
    }

    pub(super) fn put(&self, decision: Decision, answer: &Answer) -> Decision {
        if self.told(answer) { decision.told(self.plan.policy()) } else { decision }
    }

    async fn read<B>(&self, head: &request::Parts, body: B) -> Result<Answer, String>
    where
        B: HttpBody<Data = Bytes> + Unpin + Send,
        B::Error: Into<BoxError>,
    {
        let content_type =
            head.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let body = Limited::new(body, MOST).collect().await.map_err(|error| {
            match error.downcast_ref::<LengthLimitError>() {
                Some(_) => format!("the answer is longer than {MOST} bytes"),
                None => "the answer broke off".to_owned(),
            }
        })?;
        let body = body.to_bytes();
        match essence.as_str() {
            "application/x-www-form-urlencoded" => Answer::form(&body),
            "application/json" => Answer::json(&body),
            _ => Err(format!(
                "the answer is of type {essence:?}: expected application/x-www-form-urlencoded or application/json"
            )),
        }
    }

    pub(super) fn bad(&self, says: &str) -> Response<Body> {
        counters::bad("visitor", "answer", 1);
        self.say(&Message::BadAnswer(says))
    }

    /// Keeps a decision and says what takes effect.
    async fn keep(&self, decision: Decision, answer: &Answer) -> Outcome {
        let policy = self.plan.policy();
        let before = self.plan.standing.grants();
        let after = decision.grants(policy);
        let pseudonym = self.pseudonym();
        let narrowed = decision.narrowed(policy, before);
        if after.within(before) {
            let receipt = self.note(decision, pseudonym).await;
            return Outcome::Done(narrowed, pseudonym, receipt);
        }
        let record = self.record(decision.clone(), pseudonym);
        match self.house.ledger.append(record).await {
            Ok(receipt) => {
                counters::decision(receipt.record().event.as_str(), receipt.record().decision.source().as_str());
                Outcome::Done(receipt.effective(policy), pseudonym, Some(Box::new(receipt)))
            }
            Err(error) => {
                counters::bad("us", "book", 1);
                tracing::error!(error = %chain(&error), "a grant could not be recorded and did not take effect");
                if before.within(after) {
                    return Outcome::Partly(None, pseudonym);
                }
                // What it takes away acts at once, and is what is recorded.
                let taken = decision.refusing(|id| !policy.open(self.plan.standing, id));
                self.note(self.put(taken, answer), pseudonym).await;
                Outcome::Partly(Some(narrowed), pseudonym)
            }
        }
    }

    /// Who decides: the visitor known by the cookie, else somebody new.
    pub(super) fn pseudonym(&self) -> Pseudonym {
        self.plan.pseudonym.unwrap_or_else(|| Pseudonym(random()))
    }

    /// Hands over the record of what takes effect whatever becomes of it, and waits until it is durable somewhere: in
    /// the store, which gives a receipt, or on this node's disk.
    async fn note(&self, decision: Decision, pseudonym: Pseudonym) -> Option<Box<Receipt>> {
        let record = self.record(decision, pseudonym);
        counters::decision(record.event.as_str(), record.decision.source().as_str());
        match self.house.ledger.note(record).await {
            Noted::Written(receipt) => Some(receipt),
            Noted::Spooled => None,
            Noted::Held => {
                counters::bad("us", "spool", 1);
                None
            }
        }
    }

    pub(super) fn record(&self, decision: Decision, pseudonym: Pseudonym) -> Record {
        let policy = self.plan.policy();
        let after = decision.grants(policy);
        // What the signal of the browser had taken away is given anew; refusing it takes back what was given before.
        let before = if after.within(self.plan.standing.grants()) { self.plan.answered } else { self.plan.standing };
        let event = Event::between(before.grants(), after);
        Record {
            id: clock::name(),
            pseudonym,
            at: clock::millis(),
            decision,
            event,
            policy: policy.hash(),
            keep: self.estate.keep,
        }
    }

    fn reply(&self, answer: &Answer, outcome: Outcome) -> Response<Body> {
        let (effective, pseudonym, receipt, done) = match outcome {
            Outcome::Done(effective, pseudonym, receipt) => (Some(effective), pseudonym, receipt, true),
            Outcome::Partly(effective, pseudonym) => (effective, pseudonym, None, false),
        };
        let token = effective.map(|effective| self.token(effective, pseudonym, answer));
        let mut response = match (done, wants_page(self.asked)) {
            (false, _) => self.say(&Message::StoreDown),
            (true, true) => back_to(&self.receipted(answer, receipt.as_deref(), token.as_ref())),
            (true, false) => {
                let granted = token.map(|token| self.names(&token)).unwrap_or_default();
                let receipt = receipt.map(|receipt| self.house.ledger.document(&receipt));
                let storage = token.map(|token| self.storage(&token));
                let answer = serde_json::json!({
                    "granted": granted,
                    "receipt": receipt,
                    "storage": storage,
                    "message": self.face.saved(),
                });
                json(StatusCode::OK, &answer)
            }
        };
        if let Some(token) = token {
            self.settle(response.headers_mut(), &token);
            let (before, after) = (self.plan.answered.grants(), token.grants());
            if let Some(clear) = self.estate.clear.as_ref().filter(|_| after.is_none() || !before.within(after)) {
                response.headers_mut().insert("clear-site-data", clear.clone());
            }
        }
        response
    }

    /// Where to go back to. The page of the receipt shows that of this very answer; whoever is not known by a cookie
    /// brings its code.
    fn receipted(&self, answer: &Answer, receipt: Option<&Receipt>, token: Option<&Token>) -> String {
        let known = token.is_some_and(|token| token.pseudonym.is_some());
        match receipt.filter(|_| !known && answer.back.strip_prefix(OURS) == Some(receipt::NAME)) {
            Some(receipt) => {
                let document = self.house.ledger.document(receipt);
                format!("{}?code={}", answer.back, document.code().unwrap_or_default())
            }
            None => answer.back.clone(),
        }
    }

    fn token(&self, effective: Effective, pseudonym: Pseudonym, answer: &Answer) -> Token {
        let policy = self.plan.policy();
        let token = Token::new(policy, effective, pseudonym, clock::seconds());
        if self.told(answer) { token.told(policy) } else { token }
    }

    /// Which keys of storage may be kept from now on, as scripts read it.
    fn storage(&self, token: &Token) -> String {
        let standing = self.plan.after(token).standing;
        bandeau_banner::First::new(self.plan.policy(), standing, None).storage().to_owned()
    }

    /// The purposes that are granted, and not held by a signal of the browser.
    fn names(&self, token: &Token) -> Vec<String> {
        let policy = self.plan.policy();
        let standing = self.plan.after(token).standing;
        policy
            .asked()
            .filter(|purpose| policy.open(standing, &purpose.id))
            .map(|purpose| purpose.id.to_string())
            .collect()
    }

    /// Writes the consent cookie, and takes away at once what may no longer stay.
    fn settle(&self, headers: &mut HeaderMap, token: &Token) {
        let secure = self.plan.secure();
        let line = format!(
            "{}={}; Path=/; Max-Age={}; HttpOnly; SameSite=Lax{}",
            cookie_name(secure),
            token.write(&self.house.key),
            self.estate.keep,
            if secure { "; Secure" } else { "" }
        );
        if let Ok(value) = HeaderValue::from_str(&line) {
            headers.append(header::SET_COOKIE, value);
        }
        self.plan.after(token).expire_held(headers);
    }
}

/// The way back after a form.
pub(super) fn back_to(path: &str) -> Response<Body> {
    let mut response = Response::new(empty());
    *response.status_mut() = StatusCode::SEE_OTHER;
    let headers = response.headers_mut();
    headers.insert(header::LOCATION, HeaderValue::from_str(path).unwrap_or(HeaderValue::from_static("/")));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'"));
    response
}

/// Whether a request comes from a page of this very site: by fetch metadata, else by its origin. One of them
/// must say so; a browser sends at least one with every form.
pub(super) fn same_origin(headers: &HeaderMap, own: &str) -> bool {
    match headers.get("sec-fetch-site") {
        Some(site) => site.as_bytes() == b"same-origin",
        None => headers.get(header::ORIGIN).is_some_and(|origin| origin.as_bytes() == own.as_bytes()),
    }
}

fn random() -> [u8; 16] {
    let mut bytes = [0; 16];
    if getrandom::fill(&mut bytes).is_err() {
        // Without randomness a version 7 UUID still differs from all others by its time and counter.
        bytes = clock::name().0;
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_site_may_answer() {
        let own = "https://news.test";
        for (pairs, same) in [
            (&[("sec-fetch-site", "same-origin")][..], true),
            (&[("sec-fetch-site", "same-origin"), ("origin", "null")], true),
            (&[("sec-fetch-site", "cross-site"), ("origin", "https://news.test")], false),
            (&[("sec-fetch-site", "same-site")], false),
            (&[("sec-fetch-site", "none")], false),
            (&[("origin", "https://news.test")], true),
            (&[("origin", "https://news.test.evil.test")], false),
            (&[("origin", "null")], false),
            (&[], false),
        ] {
            let mut headers = HeaderMap::new();
            for (name, value) in pairs {
                headers.insert(*name, HeaderValue::from_static(value));
            }
            assert_eq!(same_origin(&headers, own), same, "{pairs:?}");
        }
    }
}
