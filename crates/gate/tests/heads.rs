//! Heads in both directions: cookies, the lock, caching, tokens.
#![allow(missing_docs, clippy::unwrap_used)]

mod support;
use bandeau_consent::{Colour, Pseudonym, Standing};
use bandeau_gate::{Arrival, Plan, Route, Token, Treatment};
use proptest::prelude::*;
use support::{KEEP, NOW, answer, cookie, head, key, page_plan, plan, policy};

fn forwarded(granted: Option<&[&str]>, sent: &str) -> (String, usize) {
    let consent = granted.map(cookie).unwrap_or_default();
    let both = format!("{sent}; {consent}");
    let mut plan = plan("/", &[("cookie", &both), ("sec-fetch-dest", "document")]);
    let mut parts = head("/", &[("cookie", &both)]);
    let held = plan.forward(&mut parts.headers);
    (parts.headers.get("cookie").map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default(), held)
}

#[test]
fn request_cookies_are_filtered_by_name_and_purpose() {
    let sent = "session=1; _ad=2; forum_x=3; odd=4; __Host-csrf=5; xforum_x=6; =7; novalue; _ad=8";
    for (granted, passed) in [
        (None, "session=1; __Host-csrf=5"),
        (Some(&[][..]), "session=1; __Host-csrf=5"),
        (Some(&["social"]), "session=1; forum_x=3; __Host-csrf=5"),
        (Some(&["ads", "social", "media"]), "session=1; _ad=2; forum_x=3; __Host-csrf=5; _ad=8"),
    ] {
        assert_eq!(forwarded(granted, sent).0, passed, "{granted:?}");
    }
}

#[test]
fn response_cookies_are_filtered_and_ours_cannot_be_set_by_the_site() {
    let set = [
        ("set-cookie", "session=1; HttpOnly"),
        ("set-cookie", " _ad = 2; Path=/"),
        ("set-cookie", "odd=1"),
        ("set-cookie", "nameless"),
        ("set-cookie", "__Host-bandeau=forged"),
        ("set-cookie", "bandeau=forged"),
    ];
    for (granted, count) in [(None, 1), (Some(&["ads"][..]), 2)] {
        let answer = answer(&page_plan(granted), &set);
        let passed: Vec<_> = answer.head.headers.get_all("set-cookie").iter().collect();
        assert_eq!(passed.len(), count, "{passed:?}");
        assert_eq!(answer.cookies_held as usize, set.len() - count);
    }
}

#[test]
fn held_cookies_are_taken_away_in_every_form() {
    let mut plan = plan("/a/b?x", &[("cookie", "_ad=1; session=2; __Host-odd=3"), ("sec-fetch-dest", "document")]);
    let mut parts = head("/a/b?x", &[("cookie", "_ad=1; session=2; __Host-odd=3")]);
    plan.forward(&mut parts.headers);
    let answer = answer(&plan, &[("content-type", "text/html")]);
    let lines: Vec<&str> = answer.head.headers.get_all("set-cookie").iter().map(|v| v.to_str().unwrap()).collect();
    for line in [
        "_ad=; Max-Age=0; Path=/; Secure",
        "_ad=; Max-Age=0; Path=/; Domain=news.test; Secure",
        "_ad=; Max-Age=0; Path=/; Secure; Partitioned",
        "_ad=; Max-Age=0; Path=/a; Secure",
        "_ad=; Max-Age=0; Path=/a/b; Domain=news.test; Secure",
        "__Host-odd=; Max-Age=0; Path=/; Secure",
    ] {
        assert!(lines.contains(&line), "{line} is not among {lines:#?}");
    }
    assert!(
        !lines
            .iter()
            .any(|line| line.starts_with("session") || line.starts_with("__Host-odd=; Max-Age=0; Path=/;  Domain"))
    );
}

#[test]
fn parts_of_a_page_stay_cacheable() {
    for (dest, taken) in [("image", false), ("empty", true), ("document", true)] {
        let asked = [("cookie", "_ad=1"), ("sec-fetch-dest", dest)];
        let mut plan = plan("/a.png", &asked);
        plan.forward(&mut head("/a.png", &asked).headers);
        let answer = answer(&plan, &[("content-type", "image/png"), ("cache-control", "max-age=600")]);
        assert_eq!(answer.head.headers.contains_key("set-cookie"), taken, "{dest}");
        assert_eq!(answer.head.headers["cache-control"] == "max-age=600", !taken, "{dest}");
    }
}

#[test]
fn parent_domains_end_at_the_public_suffix() {
    let lines = bandeau_gate::expire("x", "a.b.example.co.uk", "/", false);
    let text: Vec<&str> = lines.iter().map(|line| line.to_str().unwrap()).collect();
    assert_eq!(
        text,
        [
            "x=; Max-Age=0; Path=/",
            "x=; Max-Age=0; Path=/; Domain=a.b.example.co.uk",
            "x=; Max-Age=0; Path=/; Domain=b.example.co.uk",
            "x=; Max-Age=0; Path=/; Domain=example.co.uk",
        ]
    );
    assert!(bandeau_gate::expire("__Secure-x", "a.test", "/", false).is_empty());
    assert_eq!(bandeau_gate::expire("x", "192.0.2.1", "/", false).len(), 1);
    // On the loopback browsers take `Secure` over plain HTTP, or do not.
    assert_eq!(bandeau_gate::expire("x", "127.0.0.1", "/", false).len(), 3);
    assert_eq!(bandeau_gate::expire("__Host-x", "a.localhost", "/", false).len(), 2);
}

#[test]
fn the_lock_lists_what_may_be_reached_and_nothing_else() {
    let csp = |granted| {
        let answer =
            answer(&page_plan(granted), &[("content-type", "text/html"), ("content-security-policy", "img-src *")]);
        let all: Vec<String> = answer
            .head
            .headers
            .get_all("content-security-policy")
            .iter()
            .map(|v| v.to_str().unwrap().to_owned())
            .collect();
        assert_eq!(all[0], "img-src *", "the site's own policy stays");
        all[1].clone()
    };
    let undecided = csp(None);
    assert_eq!(undecided, csp(Some(&[])));
    assert!(undecided.starts_with("default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob: filesystem: mediastream: *.news.test:* cdn.test:* news.test:* ws://*.news.test:* ws://cdn.test:* ws://news.test:*; form-action"), "{undecided}");
    let social = csp(Some(&["social"]));
    assert!(social.contains(" social.test:*") && !social.contains("ads.test") && !social.contains("tags.test"));
    let all = csp(Some(&["ads", "social", "media"]));
    assert!(all.contains(" *.ads.test:*") && all.contains(" tags.test:*") && !all.contains("unknown"));
}

#[test]
fn documents_frames_workers_and_errors_are_locked() {
    for (dest, content_type, locked) in [
        ("document", "application/pdf", true),
        ("iframe", "image/svg+xml", true),
        ("worker", "text/javascript", true),
        ("serviceworker", "text/javascript", true),
        ("empty", "text/html", true),
        ("image", "image/svg+xml", false),
        ("image", "image/png", false),
        ("script", "text/javascript", false),
        ("a-new-one", "text/javascript", true),
    ] {
        let plan = plan("/", &[("sec-fetch-dest", dest)]);
        let answer =
            answer(&plan, &[("content-type", content_type), ("cache-control", "max-age=9"), ("etag", "\"v\"")]);
        let headers = &answer.head.headers;
        assert_eq!(headers.contains_key("content-security-policy"), locked, "{dest} {content_type}");
        assert_eq!(headers["cache-control"] == "private, no-cache", locked, "{dest} {content_type}");
        assert_eq!(headers["etag"] == "\"v\"", !locked, "{dest} {content_type}");
    }
    assert!(
        answer(&plan("/", &[]), &[("content-type", "text/javascript")])
            .head
            .headers
            .contains_key("content-security-policy")
    );
}

#[test]
fn headers_that_reach_out_are_quieted() {
    let answer = answer(
        &page_plan(None),
        &[
            ("link", "</a.css>; rel=preload, <https://ads.test/x,y>; rel=preconnect"),
            ("link", "<//unknown.test/>; rel=\"dns-prefetch\""),
            ("link", "<https://unknown.test/>; rel=canonical"),
            ("refresh", "0; url=https://ads.test/"),
            ("reporting-endpoints", "a=\"https://ads.test/r\""),
            ("report-to", "{\"endpoints\":[{\"url\":\"https://unknown.test/r\"}]}"),
            ("alt-svc", "h3=\":443\""),
        ],
    );
    let headers = &answer.head.headers;
    let links: Vec<_> = headers.get_all("link").iter().map(|v| v.to_str().unwrap()).collect();
    assert_eq!(links, ["</a.css>; rel=preload", "<https://unknown.test/>; rel=canonical"]);
    for gone in ["refresh", "reporting-endpoints", "report-to", "alt-svc"] {
        assert!(!headers.contains_key(gone), "{gone}");
    }
    assert_eq!(answer.headers_held, 5);
}

#[test]
fn held_routes_do_not_reach_the_site() {
    for (target, granted, held) in [
        ("/comments/1", None, true),
        ("/COMMENTS//1", Some(&["ads"][..]), true),
        ("/comments/1", Some(&["social"]), false),
        ("/ad/x", Some(&["social"]), true),
        ("/article", None, false),
    ] {
        let cookie = granted.map(cookie).unwrap_or_default();
        let plan = plan(target, &[("cookie", &cookie)]);
        assert_eq!(matches!(plan.route(), Route::Held(_)), held, "{target} {granted:?}");
    }
    assert_eq!(plan("/.well-known/bandeau/decision", &[]).route(), Route::Ours);
}

#[test]
fn gpc_takes_sale_purposes_and_never_answers() {
    let consent = cookie(&["ads", "social"]);
    let with = plan("/", &[("cookie", &consent), ("sec-gpc", "1")]);
    let without = plan("/", &[("cookie", &consent), ("sec-gpc", "0")]);
    assert_eq!(with.standing.grants().bits(), 0b010);
    assert_eq!(without.standing.grants().bits(), 0b011);
    assert_eq!(plan("/", &[("sec-gpc", "1")]).standing, Standing::Undecided);
    assert_ne!(with.state(), without.state());
}

#[test]
fn a_choice_made_despite_the_signal_stands_under_it() {
    let consent = support::told(&["ads", "social"]);
    for signal in ["0", "1"] {
        assert_eq!(plan("/", &[("cookie", &consent), ("sec-gpc", signal)]).standing.grants().bits(), 0b011, "{signal}");
    }
    // Only what was granted then: another purpose of the kind stays off.
    let policy = policy();
    let token = support::token(&["social"]).told(&policy);
    assert_eq!(token, support::token(&["social"]), "nothing of the kind was granted");
    assert_eq!(support::told(&[]), cookie(&[]), "who refuses leaves no trace of the signal");
    // Several signals are none.
    let mut head = head("/", &[("cookie", &cookie(&["ads"])), ("sec-gpc", "1, 1")]);
    let arrival = Arrival { secure: true, authority: "news.test", now: NOW, keep: KEEP, means: Default::default() };
    assert!(!Plan::new(policy.clone(), &key(), &head, &arrival).unwrap().gpc);
    head.headers.insert("sec-gpc", http::HeaderValue::from_static("1"));
    assert!(Plan::new(policy, &key(), &head, &arrival).unwrap().gpc);
}

#[test]
fn of_two_tokens_of_one_minute_the_one_that_grants_less_counts() {
    let (more, less) = (support::told(&["ads"]), cookie(&["ads"]));
    for both in [format!("{more}; {less}"), format!("{less}; {more}")] {
        assert_eq!(plan("/", &[("cookie", &both), ("sec-gpc", "1")]).standing.grants().bits(), 0);
    }
}

#[test]
fn tokens_fit_and_say_no_more_than_needed() {
    assert!(cookie(&["ads", "social", "media"]).len() <= 96);
    assert!(support::told(&["ads", "social", "media"]).len() <= 96);
    assert!(cookie(&[]).len() <= 56, "a refusal carries no pseudonym");
    let plan = page_plan(Some(&[]));
    assert_eq!((plan.pseudonym, plan.standing.colour(&policy())), (None, Colour::Red));
    assert_eq!(page_plan(Some(&["ads"])).pseudonym, Some(Pseudonym([9; 16])));
}

fn at(cookies: &str, now: u64) -> Plan {
    let arrival = Arrival { secure: true, authority: "news.test", now, keep: KEEP, means: Default::default() };
    Plan::new(policy(), &key(), &head("/", &[("cookie", cookies)]), &arrival).unwrap()
}

#[test]
fn tokens_run_out_and_come_from_no_future() {
    let consent = cookie(&["ads"]);
    assert!(matches!(at(&consent, NOW + KEEP - 60).standing, Standing::Decided(_)));
    assert_eq!(at(&consent, NOW + KEEP + 60).standing, Standing::Undecided);
    assert_eq!(at(&consent, NOW - 3600).standing, Standing::Undecided);
    let refused = cookie(&[]);
    assert!(matches!(at(&refused, NOW + KEEP - 60).standing, Standing::Decided(_)), "a refusal stands as long");
}

#[test]
fn of_several_tokens_the_newest_that_is_ours_counts() {
    let both = format!("__Host-bandeau=forged; {}; __Host-bandeau=", cookie(&["ads"]));
    let plan = at(&both, NOW);
    assert_eq!((plan.standing.grants().bits(), plan.forged), (1, 2));
}

proptest! {
    #[test]
    fn no_forged_token_grants(at in 0usize..60, flip in 1u8..64) {
        let consent = if at % 2 == 0 { cookie(&["ads"]) } else { support::told(&["ads"]) };
        let (_, value) = consent.split_once('=').unwrap();
        let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        let mut bytes = value.as_bytes().to_vec();
        let position = at % bytes.len();
        let letter = alphabet.iter().position(|&b| b == bytes[position]).unwrap();
        bytes[position] = alphabet[(letter + flip as usize) % 64];
        prop_assert!(Token::read(std::str::from_utf8(&bytes).unwrap(), &key()).is_none());
        for end in 0..value.len() {
            prop_assert!(Token::read(&value[..end], &key()).is_none());
        }
    }

    #[test]
    fn any_cookie_header_is_survived(bytes in prop::collection::vec(32u8..=255, 0..200)) {
        if let Ok(value) = http::HeaderValue::from_bytes(&bytes) {
            let mut parts = head("/", &[]);
            parts.headers.insert("cookie", value);
            let arrival = Arrival { secure: true, authority: "news.test", now: NOW, keep: KEEP, means: Default::default() };
            let mut plan = Plan::new(policy(), &key(), &parts, &arrival).unwrap();
            plan.forward(&mut parts.headers);
            prop_assert_eq!(plan.standing, Standing::Undecided);
            if let Some(passed) = parts.headers.get("cookie") {
                for pair in passed.to_str().unwrap_or_default().split("; ") {
                    prop_assert!(pair.starts_with("session") || pair.starts_with("__Host-csrf"));
                }
            }
        }
    }
}

#[test]
fn pages_asked_for_are_asked_for_plainly() {
    let mut plan = page_plan(None);
    let mut parts =
        head("/", &[("accept-encoding", "gzip, br, zstd"), ("range", "bytes=0-9"), ("if-none-match", "\"v\"")]);
    plan.forward(&mut parts.headers);
    assert_eq!(parts.headers["accept-encoding"], "identity");
    assert!(!parts.headers.contains_key("range") && !parts.headers.contains_key("if-none-match"));
    let mut script = support::plan("/", &[("sec-fetch-dest", "empty")]);
    let mut parts = head("/", &[("accept-encoding", "gzip, dcb, br, zstd")]);
    script.forward(&mut parts.headers);
    assert_eq!(parts.headers["accept-encoding"], "gzip, br, zstd");
}

#[test]
fn a_download_is_not_a_page() {
    let answer = answer(
        &page_plan(None),
        &[("content-type", "text/html"), ("content-disposition", "Attachment; filename=a.html")],
    );
    assert!(matches!(answer.body, Treatment::Pass));
    assert!(answer.head.headers.contains_key("content-security-policy"));
}

#[test]
fn named_rules_and_candidates_pass_only_with_what_they_name() {
    for (name, value, kept) in [
        ("speculation-rules", "\"/rules.json\", \"more.json\"", true),
        ("speculation-rules", "\"/rules.json\", \"https://ads.test/rules.json\"", false),
        ("speculation-rules", "rules.json", false),
        ("speculation-rules", "\"/a\", (\"/b\")", false),
        ("link", "</a.png>; rel=preload; as=image; imagesrcset=\"/a.png 1x, https://cdn.test/b.png 2x\"", true),
        ("link", "</a.png>; rel=preload; as=image; imagesrcset=\"/a.png 1x, //ads.test/b.png 2x\"", false),
        ("link", "</a.png>; rel=preload; as=image; imagesrcset*=//ads.test/b.png", false),
    ] {
        let head = answer(&page_plan(None), &[("content-type", "text/html"), (name, value)]).head.headers;
        assert_eq!(head.contains_key(name), kept, "{name}: {value}");
    }
}

#[test]
fn sockets_are_in_the_lock_as_their_hosts_are() {
    let head = answer(&page_plan(Some(&["social"])), &[("content-type", "text/html")]).head.headers;
    let lock = head["content-security-policy"].to_str().unwrap();
    let sockets = lock.split("; ").find(|part| part.starts_with("default-src ")).unwrap();
    assert!(sockets.contains(" social.test:*") && sockets.contains(" ws://social.test:*"), "{lock}");
    assert!(!sockets.contains("ads.test"), "{lock}");
}
