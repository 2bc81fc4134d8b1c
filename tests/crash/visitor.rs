//! Visitors who answer without end: accept, refuse, choose, and take back with the cookie they were given. Each keeps
//! what it was told in the common memory and nothing of what it was not told.

use crate::dice::Dice;
use crate::receipt::Receipt;
use crate::support::consent;
use crate::told::{Fact, Told, now};
use crate::wire::Wire;
use http::response::Parts;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// What is asked.
const PURPOSES: [&str; 2] = ["social", "advertising"];

type Grants = BTreeSet<&'static str>;

/// Where visitors are and what they share.
#[derive(Clone)]
pub(crate) struct Place {
    /// The gateways; a visitor goes to any of them.
    pub(crate) urls: Vec<String>,
    pub(crate) told: Arc<Told>,
    /// The digest of the notice that is answered.
    pub(crate) notice: String,
    /// Whether to go on.
    pub(crate) open: watch::Receiver<bool>,
}

/// One visitor after another, each with at most one cookie.
pub(crate) struct Visitor {
    place: Place,
    wire: Wire,
    dice: Dice,
    cookie: Option<String>,
    /// By the last cookie.
    grants: Grants,
    pseudonym: Option<String>,
}

impl Visitor {
    pub(crate) fn new(place: Place, wire: Wire, dice: Dice) -> Self {
        Self { place, wire, dice, cookie: None, grants: Grants::new(), pseudonym: None }
    }

    /// Answers until the place closes.
    pub(crate) async fn run(mut self) {
        while *self.place.open.borrow() {
            if self.cookie.is_some() && self.dice.percent(15) {
                self.leave();
            }
            let (body, wanted) = self.answer();
            let node = self.dice.below(self.place.urls.len());
            let url = self.place.urls[node].clone();
            self.place.told.inside().sent += 1;
            let sent = now();
            match self.wire.decide(&url, self.cookie.as_deref(), body.to_string()).await {
                Some((head, said)) if head.status.is_success() => self.heard(&head, &said, wanted, sent),
                Some((head, said)) => {
                    self.declined(&head, &said, &wanted);
                    tokio::time::sleep(self.dice.pause(5..50)).await;
                }
                None => {
                    self.place.told.inside().unanswered += 1;
                    tokio::time::sleep(self.dice.pause(1..20)).await;
                }
            }
            tokio::time::sleep(self.dice.pause(0..10)).await;
        }
    }

    fn leave(&mut self) {
        (self.cookie, self.pseudonym) = (None, None);
        self.grants.clear();
    }

    /// What is sent, and what would be granted then.
    fn answer(&mut self) -> (Value, Grants) {
        let notice = &self.place.notice;
        let throw = self.dice.below(100);
        match (self.cookie.is_some(), throw) {
            (false, 0..35) | (true, 0..10) => (json!({ "notice": notice, "answer": "accept" }), PURPOSES.into()),
            (false, 35..65) => (json!({ "notice": notice, "answer": "refuse" }), Grants::new()),
            (true, 10..50) => (json!({ "notice": notice, "answer": "refuse", "source": "withdrawal" }), Grants::new()),
            (true, 50..60) => {
                let wanted = self.grants.iter().copied().chain([PURPOSES[0]]).collect();
                (json!({ "notice": notice, "answer": "allow", "purposes": [PURPOSES[0]] }), wanted)
            }
            _ => {
                let wanted: Grants = PURPOSES.into_iter().filter(|_| self.dice.percent(50)).collect();
                let word = |purpose: &str| if wanted.contains(purpose) { "grant" } else { "refuse" };
                let choices = json!({ PURPOSES[0]: word(PURPOSES[0]), PURPOSES[1]: word(PURPOSES[1]) });
                (json!({ "notice": notice, "choices": choices, "source": "settings" }), wanted)
            }
        }
    }

    /// An acknowledged decision.
    fn heard(&mut self, head: &Parts, said: &[u8], wanted: Grants, sent: u64) {
        let told = Arc::clone(&self.place.told);
        let Ok(said) = serde_json::from_slice::<Value>(said) else {
            return told.breach("an answer that is no JSON");
        };
        let event = event(&self.grants, &wanted);
        if said["receipt"].is_null() {
            if event == "given" {
                told.breach(format!("a grant without a receipt: {said}"));
            }
            let fact = Fact { pseudonym: self.pseudonym.clone(), event, sent, answered: now() };
            told.inside().facts.push(fact);
        } else {
            let receipt = Receipt(said["receipt"].clone());
            if receipt.0["event"] != event {
                told.breach(format!("{event} was recorded as {}", receipt.0["event"]));
            }
            self.pseudonym = receipt.0["pseudonym"].as_str().map(str::to_owned);
            told.inside().receipts.push(receipt);
        }
        self.take(head, wanted);
    }

    /// The cookie that is set, and who one is by it.
    fn take(&mut self, head: &Parts, grants: Grants) {
        if let Some(cookie) = consent(head) {
            self.cookie = Some(cookie);
            // The cookie of who granted nothing carries no number.
            self.pseudonym = self.pseudonym.take().filter(|_| !grants.is_empty());
            self.grants = grants;
        }
    }

    /// What was not acknowledged. What it takes away may have taken effect all the same.
    fn declined(&mut self, head: &Parts, said: &[u8], wanted: &Grants) {
        let told = Arc::clone(&self.place.told);
        told.inside().declined += 1;
        if head.status != 503 {
            told.breach(format!("{} to a decision: {}", head.status, String::from_utf8_lossy(said)));
        }
        let left = self.grants.intersection(wanted).copied().collect();
        self.take(head, left);
    }
}

/// What a decision is, by what was granted before and after (docs/spec/record.md).
fn event(before: &Grants, after: &Grants) -> &'static str {
    match () {
        () if !after.is_subset(before) => "given",
        () if after != before => "withdrawn",
        () if after.is_empty() => "refused",
        () => "renewed",
    }
}

/// The digest of the notice a gateway shows, once it shows one.
pub(crate) async fn notice(wire: &Wire, url: &str) -> String {
    for _ in 0..200 {
        if let Some((head, body)) = wire.get(url, "/").await
            && head.status == 200
        {
            return crate::support::notice(&String::from_utf8_lossy(&body));
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{url} shows no notice")
}
