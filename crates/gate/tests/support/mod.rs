//! A small policy, a face that draws in one word, and ways to run a page through the door.
#![allow(dead_code, missing_docs, unreachable_pub, clippy::unwrap_used)]

use bandeau_consent::*;
use bandeau_gate::{Answer, Arrival, Face, Held, Key, Plan, Tally, Token, Treatment, Withheld};
use http::{Request, Response, request};
use std::sync::Arc;

pub const NOW: u64 = 1_800_000_000;
pub const KEEP: u64 = 180 * 86_400;

pub struct Plain;

impl Face for Plain {
    fn notice(&self, language: Option<&str>) -> String {
        format!("<notice {}>", language.unwrap_or("-"))
    }
    fn placeholder(&self, _: Option<&str>, held: &Held<'_>) -> String {
        format!("<held {} {:?}>", held.purpose.id, held.link)
    }
}

fn id(name: &str) -> PurposeId {
    PurposeId::new(name).unwrap()
}

fn purpose(name: &str, basis: Basis) -> Purpose {
    let words = Wording { title: name.into(), text: name.into(), cost: String::new() };
    let wording = [(Language::new("en").unwrap(), words)].into();
    Purpose { id: id(name), basis, sale: name == "ads", wording }
}

fn service(name: &str, purposes: &[&str], hosts: &[&str], cookies: &[&str], routes: &[&str]) -> Service {
    Service {
        id: ServiceId::new(name).unwrap(),
        name: name.into(),
        purposes: purposes.iter().map(|p| id(p)).collect(),
        controller: String::new(),
        privacy: String::new(),
        data: vec![],
        retention: String::new(),
        hosts: hosts.iter().map(|h| HostPattern::new(h).unwrap()).collect(),
        cookies: cookies.iter().map(|c| NamePattern::new(c).unwrap()).collect(),
        storage: vec![],
        routes: routes.iter().map(|r| RoutePattern::new(r).unwrap()).collect(),
        webrtc: false,
        kept: Vec::new(),
    }
}

/// Purposes technical (exempt), ads, social, media; site `news.test`, first party `*.news.test`.
pub fn policy() -> Arc<Policy> {
    let draft = Draft {
        hosts: vec![HostPattern::new("news.test").unwrap(), HostPattern::new("*.news.test").unwrap()],
        unknown: Unknown::Hold,
        purposes: vec![
            purpose("technical", Basis::Exempt),
            purpose("ads", Basis::Consent),
            purpose("social", Basis::Consent),
            purpose("media", Basis::Consent),
        ],
        services: vec![
            service("site", &["technical"], &["cdn.test"], &["session", "__Host-csrf"], &[]),
            service("adnet", &["ads"], &["ads.test", "*.ads.test"], &["_ad*"], &["GET /ad/*"]),
            service("forum", &["social"], &["social.test"], &["forum_*"], &[]),
            service("tube", &["media"], &["tube.test"], &[], &[]),
            service("tags", &["ads", "social"], &["tags.test"], &[], &[]),
        ],
        features: vec![Feature {
            id: FeatureId::new("comments").unwrap(),
            needs: vec![id("social")],
            routes: vec![RoutePattern::new("POST /comments").unwrap(), RoutePattern::new("GET /comments/*").unwrap()],
            embeds: vec!["#comments".into()],
        }],
    };
    Arc::new(Policy::new(draft).unwrap())
}

pub fn notice(policy: &Policy) -> Notice {
    let asked = policy
        .asked()
        .map(|p| Asked { purpose: p.id.clone(), wording: Wording::default(), services: vec![] })
        .collect();
    Notice {
        language: Language::new("en").unwrap(),
        site: "News".into(),
        controller: String::new(),
        privacy: String::new(),
        title: String::new(),
        text: String::new(),
        labels: Labels { accept: "yes".into(), refuse: "no".into(), choose: "some".into() },
        asked,
        fixed: vec![],
        data: vec![],
    }
}

pub fn key() -> Key {
    Key::new([7; 32])
}

/// A consent cookie in which these purposes are granted and the others refused.
pub fn cookie(granted: &[&str]) -> String {
    format!("__Host-bandeau={}", token(granted).write(&key()))
}

/// The same, given by who had been told that the signal of the browser is honoured.
pub fn told(granted: &[&str]) -> String {
    format!("__Host-bandeau={}", token(granted).told(&policy()).write(&key()))
}

pub fn token(granted: &[&str]) -> Token {
    let policy = policy();
    let notice = notice(&policy);
    let answers = policy.asked().map(|p| {
        let grant = granted.contains(&p.id.as_str());
        (p.id.as_str(), if grant { Choice::Grant } else { Choice::Refuse })
    });
    let decision = Decision::new(&notice, answers, Source::Banner).unwrap();
    let effective = decision.narrowed(&policy, policy.all_grants());
    Token::new(&policy, effective, Pseudonym([9; 16]), NOW)
}

pub fn head(target: &str, headers: &[(&str, &str)]) -> request::Parts {
    let mut request = Request::get(target);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(()).unwrap().into_parts().0
}

pub fn plan(target: &str, headers: &[(&str, &str)]) -> Plan {
    let arrival = Arrival { secure: true, authority: "news.test", now: NOW, keep: KEEP, means: Default::default() };
    Plan::new(policy(), &key(), &head(target, headers), &arrival).unwrap()
}

/// A plan for a page asked for by a visitor who granted these.
pub fn page_plan(granted: Option<&[&str]>) -> Plan {
    let cookie = granted.map(cookie).unwrap_or_default();
    plan("/article?x=1", &[("sec-fetch-dest", "document"), ("cookie", &cookie)])
}

pub fn answer(plan: &Plan, headers: &[(&str, &str)]) -> Answer {
    let mut response = Response::builder();
    for (name, value) in headers {
        response = response.header(*name, *value);
    }
    plan.answer(response.body(()).unwrap().into_parts().0)
}

/// Runs a page through the door in these chunks.
pub fn run(plan: &Plan, content_type: &str, chunks: &[&[u8]]) -> Result<(Vec<u8>, Tally), Withheld> {
    let mut answer = answer(plan, &[("content-type", content_type)]);
    let Treatment::Page(opening, layers) = answer.body else {
        panic!("not treated as a page: {:?}", answer.body);
    };
    assert!(layers.is_empty());
    let first: Vec<u8> = chunks.concat().into_iter().take(opening.wants()).collect();
    let mut page = opening.open(&mut answer.head.headers, &first, Arc::new(Plain))?;
    let mut out = Vec::new();
    for chunk in chunks {
        page.push(chunk, &mut out)?;
    }
    let tally = page.finish(&mut out)?;
    Ok((out, tally))
}

pub fn page(granted: Option<&[&str]>, html: &str) -> String {
    let (out, _) = run(&page_plan(granted), "text/html; charset=utf-8", &[html.as_bytes()]).unwrap();
    String::from_utf8(out).unwrap()
}
