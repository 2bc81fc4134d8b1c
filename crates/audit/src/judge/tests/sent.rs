//! Requests, connections, cookies that travel, cloaks.

use super::{directory, found, judge_it, judged, of, one};
use crate::fixture::{CHOSEN, Walk, audit, known};
use crate::judge::{Level, Place, judge};
use crate::seen::{Outcome, Role, Sent, Standing, Step, Target};
use crate::who::{Directory, name};

const BEFORE: Standing = Standing::Before;

/// The level of `request-before-choice` for one request, where there is such a finding.
fn before(url: &str, cookie: bool) -> Option<Level> {
    let walk = Walk::new(BEFORE).request_as(url, |request| {
        if cookie {
            request.set = vec!["id".to_owned()];
        }
    });
    let judgement = judged([walk]);
    of(&judgement, "request-before-choice").first().map(|(_, level)| *level)
}

#[test]
fn requests_weigh_by_whose_they_are_and_what_they_carry() {
    for (url, cookie, level) in [
        ("https://x.count.test/c.js", false, Some(Level::Error)),
        ("https://listed.test/x.js", false, Some(Level::Error)),
        ("https://nobody.test/x.js", false, Some(Level::Warning)),
        ("https://nobody.test/x.js", true, Some(Level::Error)),
        ("https://fonts.test/a.woff2", false, Some(Level::Warning)),
        ("https://fonts.test/a.woff2", true, Some(Level::Error)),
        ("https://pay.test/pay.js", false, Some(Level::Warning)),
        ("https://pay.test/pay.js", true, Some(Level::Warning)),
        ("https://www.site.test/a.js", true, None),
        ("https://img.site.test/a.png", false, None),
        // The site's own measurement may be exempt; a rule of a list that means the site's path must be looked at.
        ("https://www.site.test/matomo.php?x=1", false, Some(Level::Warning)),
        ("https://www.site.test/track.gif?x=1", false, Some(Level::Warning)),
        ("data:text/javascript,1", false, None),
    ] {
        assert_eq!(before(url, cookie), level, "{url}, cookie: {cookie}");
    }
}

#[test]
fn what_did_not_leave_is_no_request() {
    for outcome in [Outcome::Local, Outcome::Blocked("csp".into())] {
        let walk = Walk::new(BEFORE).request_as("https://ads.test/a.js", |request| request.outcome = outcome.clone());
        assert_eq!(found(&judged([walk])), [], "{outcome:?}");
    }
    for outcome in [Outcome::Open, Outcome::Failed("net::ERR_CONNECTION_REFUSED".into())] {
        let walk = Walk::new(BEFORE).request_as("https://ads.test/a.js", |request| request.outcome = outcome.clone());
        assert_eq!(of(&judged([walk]), "request-before-choice").len(), 1, "{outcome:?}");
    }
}

#[test]
fn what_follows_a_click_is_not_before_it() {
    let clicked = |at| {
        let mut walk = Walk::new(BEFORE).request_as("https://ads.test/a.js", |request| request.at = 1_000);
        walk.0.steps = vec![Step { at, role: Role::Accept, text: "OK".into(), url: String::new() }];
        of(&judged([walk]), "request-before-choice").len()
    };
    assert_eq!((clicked(900), clicked(1_100)), (0, 1));
}

#[test]
fn phases_have_findings_of_their_own() {
    for (standing, reached, at, rule) in [
        (Standing::Refused, true, CHOSEN, Some("request-after-refusal/ads.test")),
        (Standing::Refused, true, CHOSEN - 1, None),
        (Standing::Refused, false, CHOSEN, None),
        (Standing::Withdrawn, true, CHOSEN, Some("request-after-withdrawal/ads.test")),
        (Standing::Withdrawn, true, CHOSEN - 1, None),
        (Standing::Accepted, true, CHOSEN, None),
    ] {
        let mut walk = Walk::new(standing).request_as("https://ads.test/a.js", |request| request.at = at);
        walk.0.reached = reached;
        let judgement = judged([Walk::new(BEFORE), walk]);
        let errors = judgement.findings.iter().filter(|one| one.rule.starts_with("request-"));
        assert_eq!(errors.map(|one| one.id.as_str()).next(), rule, "{standing:?} {reached} {at}");
    }
}

#[test]
fn the_way_to_a_choice_speaks_where_nobody_stood_before() {
    let walk = || {
        let mut walk = Walk::new(Standing::Refused).request_as("https://ads.test/a.js", |request| request.at = 100);
        walk.0.steps = vec![Step { at: 2_000, role: Role::Refuse, text: "No".into(), url: String::new() }];
        walk
    };
    assert_eq!(of(&judged([walk()]), "request-before-choice").len(), 1);
    assert_eq!(of(&judged([Walk::new(BEFORE), walk()]), "request-before-choice").len(), 0, "it was seen untouched");
}

#[test]
fn a_tag_manager_has_a_row_of_its_own() {
    let judgement = judged([Walk::new(BEFORE).request("https://tags.test/t.js")]);
    assert_eq!(one(&judgement, "tag-manager-before-choice/tags.test").law, ["L1", "L16"]);
    assert_eq!(of(&judgement, "request-before-choice"), []);
    let judgement = judged([Walk::new(Standing::Accepted).request("https://tags.test/t.js")]);
    assert_eq!(of(&judgement, "tag-manager-before-choice"), []);
}

#[test]
fn a_finding_is_one_for_all_pages() {
    let mut walk = Walk::new(BEFORE);
    for page in 0..30 {
        walk = walk.page(&format!("https://www.site.test/{page}")).request("https://ads.test/a.js");
    }
    let judgement = judged([walk, Walk::new(Standing::Gpc).request("https://x.ads.test/a.js")]);
    let finding = one(&judgement, "request-before-choice/ads.test");
    assert_eq!((finding.count, finding.pages.len(), finding.evidence.len()), (31, 31, 20));
    assert_eq!(finding.standings, [BEFORE, Standing::Gpc]);
    assert_eq!(finding.evidence[0].at, Place::Request(0));
    assert!(finding.says.contains("The ads (ads.test)"), "{}", finding.says);
}

#[test]
fn bare_connections_count() {
    for (host, port, level) in [
        ("ads.test", 443, Some(Level::Error)),
        ("ads.test", 0, Some(Level::Warning)),
        ("nobody.test", 443, Some(Level::Warning)),
        ("img.site.test", 443, None),
    ] {
        let judgement = judged([Walk::new(BEFORE).connection(host, port)]);
        let levels: Vec<_> = of(&judgement, "connection-before-choice").into_iter().map(|(_, level)| level).collect();
        assert_eq!(levels, Vec::from_iter(level), "{host}:{port}");
    }
    let mut asked = Walk::new(BEFORE).connection("ads.test", 443);
    asked.0.connections[0].request = true;
    assert_eq!(of(&judged([asked]), "connection-before-choice"), [], "its request is judged");
    let after = |standing| judged([Walk::new(BEFORE), Walk::new(standing).connection("ads.test", 443)]);
    assert_eq!(of(&after(Standing::Refused), "connection-after-refusal").len(), 1);
    assert_eq!(of(&after(Standing::Withdrawn), "connection-after-withdrawal").len(), 1);
}

#[test]
fn trackers_cookies_must_not_travel_afterwards() {
    let sent = |name: &'static str, at: u64, standing| {
        let walk = Walk::new(standing).cookie_as(".site.test", name, "x", |cookie| cookie.at = 10).request_as(
            "https://www.site.test/page",
            |request| {
                request.at = at;
                request.cookies = vec![Sent { name: name.into(), value: "x".into() }];
            },
        );
        judged([Walk::new(BEFORE), walk])
    };
    let refused = sent("_count", CHOSEN, Standing::Refused);
    assert_eq!(of(&refused, "read-after-refusal"), [("count.test".to_owned(), Level::Error)]);
    assert_eq!(of(&sent("_count", CHOSEN, Standing::Withdrawn), "read-after-withdrawal").len(), 1);
    assert_eq!(of(&sent("_count", 20, Standing::Refused), "read-after-refusal"), [], "on the way there");
    assert_eq!(of(&sent("PHPSESSID", CHOSEN, Standing::Refused), "read-after-refusal"), []);
    assert_eq!(of(&sent("_pk_id", CHOSEN, Standing::Refused), "read-after-refusal"), [], "it may be exempt");
    let walk = Walk::new(Standing::Refused).request_as("https://ads.test/p.gif", |request| {
        request.cookies = vec![Sent { name: "uid".into(), value: "x".into() }];
    });
    assert_eq!(of(&judged([walk]), "read-after-refusal").len(), 1, "a cookie of the tracker's own");
}

#[test]
fn the_signal_is_about_sale() {
    let gpc = |url: &str| judged([Walk::new(Standing::Gpc).request(url)]);
    assert_eq!(of(&gpc("https://ads.test/a.js"), "request-with-gpc").len(), 1);
    assert_eq!(of(&gpc("https://count.test/a.js"), "request-with-gpc").len(), 0);
    let before = judged([Walk::new(BEFORE).request("https://ads.test/a.js")]);
    assert_eq!(of(&before, "request-with-gpc").len(), 0);
}

#[test]
fn an_alias_hides_nobody() {
    let with = |chain: &[&str]| {
        let mut audit = audit([Walk::new(BEFORE).request("https://metrics.site.test/m.js")]);
        audit.aliases.insert("metrics.site.test".into(), chain.iter().map(|&name| name.to_owned()).collect());
        judge_it(&audit)
    };
    let cloaked = with(&["site.count.test"]);
    assert_eq!(of(&cloaked, "cloak-alias"), [("metrics.site.test".to_owned(), Level::Error)]);
    assert_eq!(of(&cloaked, "request-before-choice"), [("count.test".to_owned(), Level::Error)]);
    let party = cloaked.parties.iter().find(|party| party.domain == "count.test").unwrap();
    assert!(party.cloaks[0].alias && party.cloaks[0].chain == ["site.count.test"], "{party:?}");
    assert_eq!(of(&with(&["x.listed.test"]), "cloak-alias").len(), 1, "known by a list alone");
    assert_eq!(of(&with(&["site.edge.test", "y.ads.test"]), "cloak-alias").len(), 1, "at the end of the chain");
    let elsewhere = with(&["site.elsewhere.test"]);
    assert_eq!(found(&elsewhere), [("alias-elsewhere/metrics.site.test", Level::Note)]);
    assert_eq!(found(&with(&["d1.cloudfront.net"])), [], "somebody must deliver the site");
    assert_eq!(found(&with(&["other.site.test"])), []);
}

#[test]
fn a_redirect_hides_nobody() {
    let to = |url: &str| {
        let walk = Walk::new(BEFORE)
            .request("https://www.site.test/out")
            .request_as(url, |request| request.redirect = Some(0));
        judged([walk])
    };
    let cloaked = to("https://ads.test/pixel");
    assert_eq!(of(&cloaked, "cloak-redirect"), [("ads.test".to_owned(), Level::Error)]);
    let party = cloaked.parties.iter().find(|party| party.domain == "ads.test").unwrap();
    assert_eq!(party.cloaks[0].host, "www.site.test");
    assert_eq!(of(&to("https://fonts.test/a"), "cloak-redirect"), []);
    assert_eq!(of(&to("https://www.site.test/in"), "cloak-redirect"), []);
}

#[test]
fn pages_are_led_through_nobody() {
    let through = |url: &str, kind: &str, target| {
        let page = |request: &mut crate::seen::Request| {
            request.kind = kind.to_owned();
            request.target = target;
        };
        let walk = Walk::new(BEFORE)
            .request_as("https://www.site.test/", page)
            .request_as(url, |request| {
                page(request);
                request.redirect = Some(0);
                request.set = vec!["uid".into()];
            })
            .request_as("https://www.site.test/?back", |request| {
                page(request);
                request.redirect = Some(1);
            });
        of(&judged([walk]), "bounce")
    };
    assert_eq!(through("https://nobody.test/b", "Document", Target::Page), [("nobody.test".to_owned(), Level::Error)]);
    assert_eq!(through("https://login.site.test/b", "Document", Target::Page), []);
    assert_eq!(through("https://nobody.test/b", "Image", Target::Page), []);
    assert_eq!(through("https://nobody.test/b", "Document", Target::Frame), []);
}

#[test]
fn travel_in_the_clear_is_named() {
    let sent = |url: &str| of(&judged([Walk::new(BEFORE).request(url)]), "request-insecure").len();
    assert_eq!(sent("http://www.site.test/a.js"), 1);
    assert_eq!(sent("ws://live.site.test/"), 1);
    for here in ["https://www.site.test/a.js", "http://x.localhost:80/", "http://127.0.0.1:1/", "http://[::1]/"] {
        assert_eq!(sent(here), 0, "{here}");
    }
}

#[test]
fn others_need_not_know_the_page() {
    let told = |referrer: &str, url: &str| {
        let walk = Walk::new(BEFORE).request_as(url, |request| request.referrer = Some(referrer.to_owned()));
        of(&judged([walk]), "referrer-leak").first().map(|(_, level)| *level)
    };
    assert_eq!(told("https://www.site.test/illness", "https://nobody.test/x"), Some(Level::Note));
    assert_eq!(told("https://www.site.test/find?q=illness", "https://nobody.test/x"), Some(Level::Warning));
    assert_eq!(told("https://www.site.test/", "https://nobody.test/x"), None);
    assert_eq!(told("https://www.site.test/illness", "https://www.site.test/x"), None);
    assert_eq!(told("https://nobody.test/frame", "https://nobody.test/x"), None, "its own page");
}

#[test]
fn a_configuration_says_who_takes_part() {
    let configured = |services| {
        let mut directory = Directory::new(services);
        directory.configure();
        let walk = Walk::new(Standing::Accepted).request("https://ads.test/a.js").cookie("site.test", "theme", "dark");
        judge(&audit([walk]), &directory)
    };
    let bare = configured(vec![known("ads", "advertising").host("ads.test").known()]);
    assert_eq!(of(&bare, "party-undeclared"), [("ads.test".to_owned(), Level::Warning)]);
    assert_eq!(of(&bare, "name-undeclared"), [("site.test".to_owned(), Level::Warning)]);
    let declared = vec![
        known("ads", "advertising").host("ads.test").declared().known(),
        known("look", "").cookie("theme").declared().exempt().known(),
    ];
    let declared = configured(declared);
    assert_eq!((of(&declared, "party-undeclared"), of(&declared, "name-undeclared")), (vec![], vec![]));
    let without = judged([Walk::new(Standing::Accepted).request("https://nobody.test/a.js")]);
    assert_eq!(of(&without, "party-unknown"), [("nobody.test".to_owned(), Level::Note)]);
    assert_eq!(of(&without, "party-undeclared"), []);
}

#[test]
fn what_the_operator_declares_exempt_is_essential() {
    let judgement = |services| {
        let mut directory = Directory::new(services);
        directory.configure();
        let runs = [Walk::new(BEFORE).request("https://cdn.test/a.js")];
        of(&judge(&audit(runs), &directory), "request-before-choice")
    };
    assert_eq!(judgement(vec![known("cdn", "").host("cdn.test").declared().exempt().known()]), []);
    assert_eq!(judgement(vec![known("cdn", "").host("cdn.test").declared().known()]).len(), 1);
    let both = vec![
        known("count", "audience").host("cdn.test").known(),
        known("cdn", "").host("cdn.test").declared().exempt().known(),
    ];
    assert_eq!(judgement(both), [("cdn.test".to_owned(), Level::Warning)], "the catalogue says otherwise");
}

#[test]
fn parties_and_numbers_are_complete() {
    let walk = Walk::new(BEFORE)
        .request("https://www.site.test/a.js")
        .request("https://nobody.test/a.js")
        .request("https://nobody.test/b.js")
        .request("https://x.ads.test/a.js")
        .request_as("https://fonts.test/f", |request| request.outcome = Outcome::Blocked("csp".into()))
        .cookie("ads.test", "uid", "x")
        .entry("https://www.site.test", "k", "v")
        .connection("lone.test", 443);
    let judgement = judged([walk]);
    let domains: Vec<_> = judgement.parties.iter().map(|party| party.domain.as_str()).collect();
    assert_eq!(domains, ["site.test", "ads.test", "nobody.test", "lone.test"]);
    let ads = &judgement.parties[1];
    assert_eq!((ads.hosts.as_slice(), ads.requests), (&["x.ads.test".to_owned()][..], [1, 0, 0, 0, 0]));
    assert_eq!(ads.service.as_ref().unwrap().id, "ads");
    let total = &judgement.totals[0];
    assert_eq!((total.pages, total.requests, total.third, total.trackers, total.parties), (1, 4, 3, 1, 2));
    assert_eq!((total.cookies, total.storage), (1, 1));
}

#[test]
fn foreign_indices_are_not_trusted() {
    let mut walk = Walk::new(BEFORE)
        .request_as("https://ads.test/", |request| {
            request.visit = 99;
            request.redirect = Some(77);
        })
        .request_as("https://www.site.test/", |request| {
            request.redirect = Some(1);
            request.kind = "Document".into();
        })
        .cookie_as("site.test", "x", "y", |cookie| {
            cookie.visit = 12;
            cookie.setters = vec![crate::seen::Setter::Answer(500)];
        });
    walk.0.connections = Walk::new(BEFORE).connection("ads.test", 443).0.connections;
    walk.0.connections[0].visit = 9;
    let mut audit = audit([walk]);
    audit.site = "not an address".into();
    assert!(name::host(&audit.site).is_none());
    let judgement = judge(&audit, &directory());
    assert!(!judgement.findings.is_empty());
}
