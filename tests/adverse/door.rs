//! The door as these tests stand before it: one held service, one that is exempt, a visitor who never answered. Knows
//! the public surface of the gate and of the words, and nothing of the house.

use bandeau_consent::{
    Basis, Draft, HostPattern, Language, Policy, Purpose, PurposeId, Service, ServiceId, Unknown, Wording,
};
use bandeau_gate::{Arrival, Face, Held, Key, Plan, Tally, Treatment, Withheld};
use http::{Request, Response};
use std::sync::{Arc, OnceLock};

/// The host of the pages.
pub const PAGE: &str = "page.localhost";

struct Plain;

impl Face for Plain {
    fn notice(&self, _: Option<&str>) -> String {
        "<bandeau-notice></bandeau-notice>".to_owned()
    }
    fn placeholder(&self, _: Option<&str>, _: &Held<'_>) -> String {
        "<bandeau-embed></bandeau-embed>".to_owned()
    }
}

fn purpose(name: &str, basis: Basis) -> Purpose {
    let words = Wording { title: name.into(), text: name.into(), cost: String::new() };
    let wording = [(Language::new("en").unwrap(), words)].into();
    Purpose { id: PurposeId::new(name).unwrap(), basis, sale: false, wording }
}

fn service(name: &str, of: &str, hosts: &[&str]) -> Service {
    Service {
        id: ServiceId::new(name).unwrap(),
        name: name.into(),
        purposes: vec![PurposeId::new(of).unwrap()],
        controller: String::new(),
        privacy: String::new(),
        data: vec![],
        retention: String::new(),
        hosts: hosts.iter().map(|host| HostPattern::new(host).unwrap()).collect(),
        cookies: vec![],
        storage: vec![],
        routes: vec![],
        webrtc: false,
        kept: Vec::new(),
    }
}

fn policy() -> Arc<Policy> {
    static POLICY: OnceLock<Arc<Policy>> = OnceLock::new();
    let make = || {
        let draft = Draft {
            hosts: vec![HostPattern::new(PAGE).unwrap()],
            unknown: Unknown::Hold,
            purposes: vec![purpose("technical", Basis::Exempt), purpose("ads", Basis::Consent)],
            services: vec![
                service("site", "technical", &["fine.localhost"]),
                service("adnet", "ads", &["held.localhost", "*.held.localhost"]),
            ],
            features: vec![],
        };
        Arc::new(Policy::new(draft).unwrap())
    };
    Arc::clone(POLICY.get_or_init(make))
}

/// Runs a page through the door, cut after these many bytes each.
///
/// # Errors
/// When it is withheld.
pub fn run(html: &str, cuts: impl Iterator<Item = usize>) -> Result<(Vec<u8>, Tally), Withheld> {
    let request = Request::get("/d/1").header("sec-fetch-dest", "iframe").body(()).unwrap().into_parts().0;
    let arrival = Arrival { secure: false, authority: PAGE, now: 1_800_000_000, keep: 3600, means: Default::default() };
    let plan = Plan::new(policy(), &Key::new([7; 32]), &request, &arrival).unwrap();
    let response = Response::builder().header("content-type", "text/html; charset=utf-8").body(()).unwrap();
    let mut answer = plan.answer(response.into_parts().0);
    let Treatment::Page(opening, _) = answer.body else { panic!("a page was not treated as one") };
    let bytes = html.as_bytes();
    let first = &bytes[..bytes.len().min(opening.wants())];
    let mut page = opening.open(&mut answer.head.headers, first, Arc::new(Plain))?;
    let (mut out, mut rest) = (Vec::new(), bytes);
    for cut in cuts {
        let (chunk, after) = rest.split_at(cut.min(rest.len()));
        page.push(chunk, &mut out)?;
        rest = after;
    }
    page.push(rest, &mut out)?;
    let tally = page.finish(&mut out)?;
    Ok((out, tally))
}
