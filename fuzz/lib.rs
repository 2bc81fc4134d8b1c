//! What the targets share: a policy of a few services, a face that draws in one word, and a way to run a page
//! through the door in any chunks. Knows the public surface of the libraries and nothing behind it.

use bandeau_consent::{
    Asked, Basis, Choice, Decision, Draft, Feature, FeatureId, HostPattern, Labels, Language, NamePattern, Notice,
    Policy, Pseudonym, Purpose, PurposeId, RoutePattern, Service, ServiceId, Source, Unknown, Wording,
};
use bandeau_gate::{Answer, Arrival, Face, Held, Key, Plan, Tally, Token, Treatment, Withheld};
use http::{HeaderMap, HeaderValue, Request, Response};
use std::sync::{Arc, OnceLock};

/// When every request comes in, in seconds since the epoch.
pub const NOW: u64 = 1_800_000_000;

/// How long a choice stands, in seconds.
pub const KEEP: u64 = 180 * 86_400;

/// Hosts that are held as long as nothing is granted, in lower case.
pub const HELD: [&str; 4] = ["ads.test", "social.test", "tube.test", "unknown.test"];

struct Plain;

impl Face for Plain {
    fn notice(&self, _: Option<&str>) -> String {
        "<bandeau-notice></bandeau-notice>".to_owned()
    }
    fn placeholder(&self, _: Option<&str>, _: &Held<'_>) -> String {
        "<bandeau-embed></bandeau-embed>".to_owned()
    }
}

fn id(name: &str) -> PurposeId {
    PurposeId::new(name).unwrap()
}

fn purpose(name: &str, basis: Basis) -> Purpose {
    let words = Wording { title: name.into(), text: name.into(), cost: String::new() };
    Purpose { id: id(name), basis, sale: name == "ads", wording: [(Language::new("en").unwrap(), words)].into() }
}

fn service(name: &str, of: &str, hosts: &[&str], cookies: &[&str], routes: &[&str]) -> Service {
    Service {
        id: ServiceId::new(name).unwrap(),
        name: name.into(),
        purposes: vec![id(of)],
        controller: String::new(),
        privacy: String::new(),
        data: Vec::new(),
        retention: String::new(),
        hosts: hosts.iter().map(|host| HostPattern::new(host).unwrap()).collect(),
        cookies: cookies.iter().map(|cookie| NamePattern::new(cookie).unwrap()).collect(),
        storage: Vec::new(),
        routes: routes.iter().map(|route| RoutePattern::new(route).unwrap()).collect(),
        webrtc: false,
        kept: Vec::new(),
    }
}

/// Purposes technical (exempt), ads, social and media, one service each, and comments that need social.
pub fn policy() -> Arc<Policy> {
    static POLICY: OnceLock<Arc<Policy>> = OnceLock::new();
    let make = || {
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
                service("site", "technical", &["cdn.test"], &["session", "__Host-csrf"], &[]),
                service("adnet", "ads", &["ads.test", "*.ads.test"], &["_ad*"], &["GET /ad/*"]),
                service("forum", "social", &["social.test"], &["forum_*"], &[]),
                service("tube", "media", &["tube.test"], &[], &[]),
            ],
            features: vec![Feature {
                id: FeatureId::new("comments").unwrap(),
                needs: vec![id("social")],
                routes: vec![RoutePattern::new("POST /comments").unwrap()],
                embeds: vec!["#comments".into()],
            }],
        };
        Arc::new(Policy::new(draft).unwrap())
    };
    Arc::clone(POLICY.get_or_init(make))
}

/// The key of every token here.
pub fn key() -> Key {
    Key::new([7; 32])
}

/// A token in which these purposes are granted and the others refused.
pub fn token(granted: &[&str], pseudonym: [u8; 16], now: u64) -> Token {
    let policy = policy();
    let asked =
        policy.asked().map(|p| Asked { purpose: p.id.clone(), wording: Wording::default(), services: Vec::new() });
    let notice = Notice {
        language: Language::new("en").unwrap(),
        site: String::new(),
        controller: String::new(),
        privacy: String::new(),
        title: String::new(),
        text: String::new(),
        labels: Labels { accept: String::new(), refuse: String::new(), choose: String::new() },
        asked: asked.collect(),
        fixed: Vec::new(),
        data: Vec::new(),
    };
    let answers = policy
        .asked()
        .map(|p| (p.id.as_str(), if granted.contains(&p.id.as_str()) { Choice::Grant } else { Choice::Refuse }));
    let decision = Decision::new(&notice, answers, Source::Banner).unwrap();
    Token::new(&policy, decision.narrowed(&policy, policy.all_grants()), Pseudonym(pseudonym), now)
}

/// The head of a request for a page, with these headers.
pub fn head(headers: &[(&str, HeaderValue)]) -> http::request::Parts {
    let mut parts = Request::get("/a/page?x=1").body(()).unwrap().into_parts().0;
    for (name, value) in headers {
        parts.headers.append(http::HeaderName::from_bytes(name.as_bytes()).unwrap(), value.clone());
    }
    parts
}

/// The plan for a request.
pub fn plan(parts: &http::request::Parts) -> Plan {
    let arrival = Arrival { secure: true, authority: "news.test", now: NOW, keep: KEEP, means: Default::default() };
    Plan::new(policy(), &key(), parts, &arrival).unwrap()
}

/// The plan for a page asked for by a visitor who granted these; by one who never answered when there are none.
pub fn page_plan(granted: Option<&[&str]>) -> Plan {
    let mut headers = vec![("sec-fetch-dest", HeaderValue::from_static("document"))];
    if let Some(granted) = granted {
        let value = format!("__Host-bandeau={}", token(granted, [9; 16], NOW).write(&key()));
        headers.push(("cookie", HeaderValue::from_str(&value).unwrap()));
    }
    plan(&head(&headers))
}

/// An answer of the site with these headers, judged.
pub fn answer(plan: &Plan, headers: HeaderMap) -> Answer {
    let mut parts = Response::new(()).into_parts().0;
    parts.headers = headers;
    plan.answer(parts)
}

/// Runs a page through the door, cut after these many bytes each: the page and what the head then says.
pub fn run(
    plan: &Plan,
    content_type: &str,
    bytes: &[u8],
    cuts: impl Iterator<Item = usize>,
) -> Result<(Vec<u8>, Tally, HeaderValue), Withheld> {
    let headers = HeaderMap::from_iter([(http::header::CONTENT_TYPE, HeaderValue::from_str(content_type).unwrap())]);
    let mut answer = answer(plan, headers);
    let (opening, coding) = match answer.body {
        Treatment::Page(opening, coding) => (opening, coding),
        Treatment::Withhold(why) => return Err(why),
        Treatment::Pass | Treatment::Worker | Treatment::Rules(_) => panic!("HTML was not treated as a page"),
    };
    assert!(coding.is_empty());
    let first = &bytes[..bytes.len().min(opening.wants())];
    let mut page = opening.open(&mut answer.head.headers, first, Arc::new(Plain))?;
    let mut out = Vec::new();
    let mut rest = bytes;
    for cut in cuts {
        let (chunk, after) = rest.split_at(cut.min(rest.len()));
        page.push(chunk, &mut out)?;
        rest = after;
    }
    page.push(rest, &mut out)?;
    let tally = page.finish(&mut out)?;
    Ok((out, tally, answer.head.headers[http::header::CONTENT_TYPE].clone()))
}
