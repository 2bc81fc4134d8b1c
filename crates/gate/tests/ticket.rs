//! Tickets: what opens one embed this once opens that one, for that visitor, for minutes.
#![allow(missing_docs, clippy::unwrap_used)]

mod support;
use bandeau_consent::{
    Choice, Decision, Event, Once, Pseudonym, Receipt, Record, RecordId, ServiceId, Source, Verdict,
};
use bandeau_gate::{Arrival, Key, LIFE, Plan, Seat};
use http::HeaderMap;
use support::{KEEP, NOW, cookie, head, key, notice, plan, policy};
use url::Url;

/// Evidence of a decision for this once.
fn once(granted: &[&str]) -> Once {
    receipt(granted, true).once(&policy()).unwrap()
}

#[expect(clippy::disallowed_methods, reason = "no book here: what it attests is what is tested")]
fn receipt(granted: &[&str], once: bool) -> Receipt {
    let policy = policy();
    let notice = notice(&policy);
    let answers = policy.asked().map(|p| {
        let grant = granted.contains(&p.id.as_str());
        (p.id.as_str(), if grant { Choice::Grant } else { Choice::Refuse })
    });
    let decision = match once {
        true => Decision::once(&notice, answers, &ServiceId::new("tube").unwrap()).unwrap(),
        false => Decision::new(&notice, answers, Source::Embed).unwrap(),
    };
    let (id, pseudonym) = (RecordId([1; 16]), Pseudonym([2; 16]));
    let record = Record { id, pseudonym, at: 0, decision, event: Event::Given, policy: policy.hash(), keep: LIFE };
    Receipt::attest(record, None, bandeau_consent::Salt([0; 32]), [0; 64])
}

fn film(path: &str) -> Url {
    Url::parse(&format!("https://tube.test/{path}")).unwrap()
}

/// A request so much later, to this host.
fn at(later: u64, authority: &str, headers: &[(&str, &str)]) -> Plan {
    let arrival = Arrival { secure: true, authority, now: NOW + later, keep: KEEP, means: Default::default() };
    Plan::new(policy(), &key(), &head("/x", headers), &arrival).unwrap()
}

#[test]
fn a_ticket_opens_one_embed_for_minutes() {
    let (url, undecided) = (film("a?b=c"), plan("/x", &[]));
    let seat = Seat { tag: "iframe", url: &url };
    let ticket = undecided.ticket(once(&["media"]), &key(), seat);
    assert_eq!(ticket.len(), 38);
    let opened = |plan: &Plan, seat: Seat<'_>| plan.admit(&ticket, &key(), seat);
    let admitted = opened(&undecided, seat).unwrap();
    assert!(matches!(admitted.policy().url(admitted.standing, &url, "news.test"), Verdict::Pass(_)));
    assert!(admitted.answered.asks(), "who was undecided is so still");
    assert!(opened(&at(LIFE, "news.test", &[]), seat).is_some());
    let refused = [
        ("later", at(LIFE + 1, "news.test", &[]), seat),
        ("another host", at(0, "www.news.test", &[]), seat),
        ("who refused", at(0, "news.test", &[("cookie", &cookie(&[]))]), seat),
        ("who granted something else", at(0, "news.test", &[("cookie", &cookie(&["social"]))]), seat),
        ("with the signal", at(0, "news.test", &[("sec-gpc", "1")]), seat),
        ("another address", at(0, "news.test", &[]), Seat { url: &film("a?b=d"), ..seat }),
        ("another element", at(0, "news.test", &[]), Seat { tag: "img", ..seat }),
    ];
    for (what, plan, seat) in &refused {
        assert!(opened(plan, *seat).is_none(), "{what}");
    }
    assert!(undecided.admit(&ticket, &Key::new([8; 32]), seat).is_none(), "another house");
}

#[test]
fn no_forged_ticket_opens() {
    let (url, plan) = (film("a"), plan("/x", &[]));
    let seat = Seat { tag: "iframe", url: &url };
    let ticket = plan.ticket(once(&["media"]), &key(), seat);
    for at in 0..ticket.len() {
        let mut forged = ticket.clone().into_bytes();
        forged[at] = if forged[at] == b'A' { b'B' } else { b'A' };
        let forged = String::from_utf8(forged).unwrap();
        // The last letter has bits that say nothing, which a reader of base64 must refuse.
        assert!(plan.admit(&forged, &key(), seat).is_none(), "{at}: {forged}");
    }
    for forged in ["", "A", &ticket[..37], &format!("{ticket}A"), &"A".repeat(38), &"é".repeat(19)] {
        assert!(plan.admit(forged, &key(), seat).is_none(), "{forged}");
    }
    // A cookie is no ticket, and a ticket no cookie.
    let token = cookie(&["media"]);
    assert!(plan.admit(token.split_once('=').unwrap().1, &key(), seat).is_none());
    assert!(bandeau_gate::Token::read(&ticket, &key()).is_none());
}

#[test]
fn what_is_for_this_once_goes_into_no_cookie() {
    let policy = policy();
    assert!(receipt(&["media"], true).effective(&policy).grants().is_none());
    assert!(!receipt(&["media"], false).effective(&policy).grants().is_none());
    assert!(receipt(&["media"], false).once(&policy).is_none(), "and what stands makes no ticket");
}

#[test]
fn the_document_of_a_ticket_reaches_one_service() {
    let (url, plan) = (film("a"), plan("/x", &[("cookie", &cookie(&["ads"]))]));
    let seat = Seat { tag: "iframe", url: &url };
    let ticket = plan.ticket(once(&["ads", "media"]), &key(), seat);
    let admitted = plan.admit(&ticket, &key(), seat).unwrap();
    let mut headers = HeaderMap::new();
    let service = policy().service_at(&url).unwrap().clone();
    admitted.lock_to(&mut headers, &service);
    assert_eq!(
        headers["content-security-policy"], "default-src 'unsafe-inline' tube.test:*; form-action 'none'",
        "neither the site nor what else is granted"
    );
    let list = headers["connection-allowlist"].to_str().unwrap();
    assert!(list.contains("tube.test") && !list.contains("ads.test") && !list.contains("cdn.test"), "{list}");
    // What a closed service declares as well stays closed.
    let tags = Url::parse("https://tags.test/").unwrap();
    assert_eq!(policy().needs(&tags).len(), 2);
}
