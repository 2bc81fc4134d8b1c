//! Learning at the door: who passes in which standing, what is asked of browsers, and what is noted of a page.
#![allow(missing_docs, clippy::unwrap_used)]

mod support;
use bandeau_consent::{Draft, Policy, Standing, Unknown, Verdict};
use bandeau_gate::{Arrival, Means, Plan, Treatment};
use http::Response;
use std::sync::Arc;
use support::{KEEP, NOW, Plain, cookie, head, key, policy};

const ALL: [&str; 3] = ["ads", "social", "media"];

fn learning() -> Arc<Policy> {
    Arc::new(Policy::new(Draft { unknown: Unknown::Learn, ..policy().draft().clone() }).unwrap())
}

fn plan(policy: Arc<Policy>, secure: bool, reports: bool, headers: &[(&str, &str)]) -> Plan {
    let means = Arc::new(Means { reports, ..Means::default() });
    let arrival = Arrival { secure, authority: "news.test", now: NOW, keep: KEEP, means };
    let headers: Vec<_> = headers.iter().copied().chain([("sec-fetch-dest", "document")]).collect();
    Plan::new(policy, &key(), &head("/a", &headers), &arrival).unwrap()
}

/// The enforced policy, the one that only reports, and the list of endpoints.
fn heads(plan: &Plan) -> [Option<String>; 3] {
    let head = Response::builder().header("content-type", "text/html").body(()).unwrap().into_parts().0;
    let headers = plan.answer(head).head.headers;
    ["content-security-policy", "content-security-policy-report-only", "reporting-endpoints"]
        .map(|name| headers.get(name).map(|value| value.to_str().unwrap().to_owned()))
}

#[test]
fn strangers_pass_for_who_has_not_answered_or_has_accepted_everything() {
    let policy = learning();
    let (none, some, all) = (cookie(&[]), cookie(&["ads"]), cookie(&ALL));
    for (cookie, gpc, passes) in
        [("", false, true), (&none, false, false), (&some, false, false), (&all, false, true), ("", true, false)]
    {
        let headers = [("cookie", cookie), ("sec-gpc", if gpc { "1" } else { "0" })];
        let plan = plan(Arc::clone(&policy), true, false, &headers);
        assert_eq!(plan.strangers(), passes, "{cookie} {gpc}");
        assert_eq!(plan.judge().url("https://stranger.test/a").passes(), passes);
        assert_eq!(plan.policy().cookie(plan.standing, "odd").passes(), passes);
        assert_eq!(plan.policy().storage(plan.standing, "odd").passes(), passes);
        // What is declared stands under its own purpose all the while.
        let held = matches!(plan.judge().url("https://social.test/"), Verdict::Hold(_));
        assert_eq!(held, cookie != all.as_str(), "{cookie}");
        let [lock, watched, _] = heads(&plan);
        assert_eq!((lock.is_none(), watched.is_some()), (passes, passes), "{cookie} {gpc}");
        assert_eq!(plan.policy().hash(), policy.hash(), "records name the policy that was read");
    }
    assert!(!policy.strangers(Standing::Stale), "an old answer may have been a refusal");
    let nothing = Draft { services: Vec::new(), purposes: Vec::new(), features: Vec::new(), ..policy.draft().clone() };
    let nothing = Policy::new(nothing).unwrap();
    assert!(nothing.strangers(Standing::Undecided));
    assert!(!nothing.strangers(Standing::Decided(nothing.all_grants())), "who was asked nothing has accepted nothing");
}

#[test]
fn browsers_report_to_the_site_itself() {
    let [lock, watched, endpoints] = heads(&plan(learning(), true, false, &[]));
    let watched = watched.unwrap();
    assert!(lock.is_none() && watched.contains(" news.test:*") && watched.contains(" tube.test:*"), "{watched}");
    assert!(watched.ends_with("; report-uri /.well-known/bandeau/report; report-to bandeau"), "{watched}");
    assert_eq!(endpoints.as_deref(), Some("bandeau=\"/.well-known/bandeau/report\""));
    let [_, plain, endpoints] = heads(&plan(learning(), false, false, &[]));
    assert!(plain.unwrap().ends_with("; report-uri /.well-known/bandeau/report") && endpoints.is_none());
    let [lock, watched, _] = heads(&plan(policy(), false, true, &[]));
    assert!(lock.unwrap().ends_with("; report-uri /.well-known/bandeau/report") && watched.is_none());
    let [lock, ..] = heads(&plan(policy(), true, false, &[]));
    assert!(!lock.unwrap().contains("report-"));
}

#[test]
fn what_a_page_names_is_noted_only_while_it_is_learnt() {
    let html = "<!doctype html><img src='//one.test/a/b.gif?id=7'><a href='https://link.test/'>x</a>\
                <style>x{background:url(https://two.test/c.png)}</style><img src='https://ads.test/x'><img src='/own.gif'>\
                <form action='https://three.test/find'></form>";
    for (policy, seen) in [(learning(), 3), (policy(), 0)] {
        let plan = plan(policy, true, false, &[("cookie", "odd=1; session=2")]);
        let head = Response::builder().header("content-type", "text/html").header("set-cookie", "set=1");
        let head = head.header("content-security-policy", "img-src 'self' https://cdn.one.test:* data:");
        let head = head.body(()).unwrap().into_parts().0;
        let named = (plan.strange_cookies(), plan.strange_set(&head.headers), plan.strange_sources(&head.headers));
        let mut answer = plan.answer(head);
        let Treatment::Page(opening, _) = answer.body else { panic!() };
        let mut page = opening.open(&mut answer.head.headers, html.as_bytes(), Arc::new(Plain)).unwrap();
        let mut out = Vec::new();
        page.push(html.as_bytes(), &mut out).unwrap();
        page.finish(&mut out).unwrap();
        let found = plan.strangers.seen();
        assert_eq!(found.len(), seen, "{found:?}");
        let count = usize::from(seen > 0);
        assert_eq!((named.0.len(), named.1.len(), named.2.len()), (count, count, count), "{named:?}");
        if seen > 0 {
            assert_eq!(found[0], ("one.test".to_owned(), "/a/b.gif".to_owned()), "without the query");
        }
    }
}
