//! "This once": one embed is opened in its place, and its visitor stands where they stood. It is consent all the
//! same, so it is recorded, and only a receipt makes the ticket that opens it.
//!
//! No cookie is written here. What a ticket is bound to is the door's affair (`gate/src/ticket.rs`).

use super::answer::Answer;
use super::decision::back_to;
use super::live::Query;
use super::{Desk, json, wants_page};
use crate::body::Body;
use crate::{cause::chain, counters};
use bandeau_banner::Message;
use bandeau_consent::{Choice, Decision, PurposeId, Receipt, Record, Service, Verdict};
use bandeau_gate::{LIFE, OURS, Seat};
use http::{Response, StatusCode};
use url::Url;

impl Desk<'_> {
    /// Opens one embed this once.
    pub(super) async fn once(&self, answer: &Answer, named: &[String]) -> Response<Body> {
        let query = Query::parse(&answer.frame);
        let Some((url, service)) = query.address().and_then(|url| self.embeds(&query, url)) else {
            return self.bad("frame is no embed of this site that needs an agreement");
        };
        let decision = match self.opening(answer, named, &url, service) {
            Ok(decision) => decision,
            Err(says) => return self.bad(&says),
        };
        let seat = Seat { tag: query.tag(), url: &url };
        let record = Record { keep: LIFE, ..self.record(decision, self.pseudonym()) };
        match self.house.ledger.append(record).await {
            Ok(receipt) => {
                counters::decision(receipt.record().event.as_str(), receipt.record().decision.source().as_str());
                let ticket = receipt.once(self.plan.policy()).map(|once| self.plan.ticket(once, &self.house.key, seat));
                self.hand(answer, &ticket.unwrap_or_default(), &receipt)
            }
            Err(error) => {
                counters::bad("us", "book", 1);
                tracing::error!(error = %chain(&error), "an embed could not be opened: its grant was not recorded");
                self.say(&Message::StoreDown)
            }
        }
    }

    /// The embed that is asked for, where it is one that can be shown and needs a grant, and whose it is.
    fn embeds(&self, query: &Query, url: Url) -> Option<(Url, &bandeau_consent::Service)> {
        let shown = self.face.frame(&self.frame(query, &url)).is_some();
        let service = self.plan.policy().service_at(&url).filter(|_| shown && self.asks(&url))?;
        Some((url, service))
    }

    /// The decision that opens it: all it needs is granted and named, and the rest is as it stands.
    fn opening(&self, answer: &Answer, named: &[String], url: &Url, service: &Service) -> Result<Decision, String> {
        let policy = self.plan.policy();
        let needs = policy.needs(url);
        let open = |purpose: &PurposeId| policy.open(self.plan.standing, purpose);
        if let Some(missing) = needs.iter().find(|id| !open(id) && !named.iter().any(|name| name == id.as_str())) {
            return Err(format!("purpose is missing {missing}, which this embed needs"));
        }
        let answers = self.face.notice().asked.iter().map(|asked| {
            let granted = open(&asked.purpose) || needs.contains(&&asked.purpose);
            (asked.purpose.as_str(), if granted { Choice::Grant } else { Choice::Refuse })
        });
        let decision = Decision::once(self.face.notice(), answers, &service.id).map_err(|error| error.to_string())?;
        // What the signal of the browser is against is opened only by who was told that it is honoured.
        let against = |id: &&PurposeId| policy.asked().any(|purpose| purpose.id == **id && purpose.sale) && !open(id);
        if self.plan.gpc && !answer.told && needs.iter().copied().any(|id| against(&id)) {
            return Err("told is missing: the browser's signal is against this".to_owned());
        }
        Ok(self.put(decision, answer))
    }

    /// Hands out the ticket: to a script as it is, to a form as the way to a page with the embed.
    fn hand(&self, answer: &Answer, ticket: &str, receipt: &Receipt) -> Response<Body> {
        if wants_page(self.asked) {
            let mut to = format!("{OURS}embed?{}&ticket={ticket}", answer.frame);
            // In a frame that shows a placeholder the embed takes its place, and no page of its own.
            if !answer.back.starts_with(OURS) {
                let back: String = url::form_urlencoded::byte_serialize(answer.back.as_bytes()).collect();
                to = format!("{to}&back={back}");
            }
            return back_to(&to);
        }
        let receipt = self.house.ledger.document(receipt);
        json(StatusCode::OK, &serde_json::json!({ "ticket": ticket, "receipt": receipt }))
    }

    /// The desk of a visitor who has a ticket for an embed, where the ticket is for it and the embed may pass with it.
    pub(super) fn admitted(&self, query: &Query, url: &Url) -> Option<bandeau_gate::Plan> {
        let seat = Seat { tag: query.tag(), url };
        let plan = self.plan.admit(query.value("ticket")?, &self.house.key, seat)?;
        matches!(plan.policy().url(plan.standing, url, plan.host()), Verdict::Pass(_permit)).then_some(plan)
    }
}
