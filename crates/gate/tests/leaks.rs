//! Ways past the door that were found open in a real browser, each shut: what here is written is what the
//! browser followed.
#![allow(missing_docs, clippy::unwrap_used)]

mod support;
use bandeau_gate::{Treatment, lock};
use support::{answer, page, page_plan, plan, policy, run};

fn kept(name: &'static str, values: &[&'static str]) -> Vec<String> {
    let pairs: Vec<_> = values.iter().map(|value| (name, *value)).collect();
    let answer = answer(&page_plan(None), &pairs);
    answer.head.headers.get_all(name).iter().map(|value| value.to_str().unwrap().to_owned()).collect()
}

#[test]
fn violations_are_not_reported_to_held_hosts() {
    for name in ["content-security-policy", "content-security-policy-report-only"] {
        for (read, written) in [
            ("img-src 'none'; report-uri https://ads.test/csp", "img-src 'none'"),
            ("img-src 'none';REPORT-URI\t/own //unknown.test/;font-src a", "img-src 'none';font-src a"),
            ("img-src a, report-uri //ads.test, font-src b", "img-src a,, font-src b"),
            ("img-src 'none'; report-uri /csp", "img-src 'none'; report-uri /csp"),
            ("script-src https://ads.test/report-uri", "script-src https://ads.test/report-uri"),
        ] {
            assert_eq!(kept(name, &[read])[0], written, "{name}: {read}");
        }
    }
}

#[test]
fn rules_for_loading_ahead_hold_whatever_their_words() {
    let urls = r#"{"prefetch":[{"urls":["https://ads.test/p"]}]}"#;
    for script in [
        format!("<script type='speculation&#114;ules'>{urls}</script>"),
        format!("<svg><script type=speculationrules>{urls}</script></svg>"),
        format!("<script type=speculationrules type=x>{urls}</script>"),
        format!("<script type=speculationrules>{urls}</script>"),
    ] {
        let out = page(None, &script);
        let typed = out.contains("speculationrules") || out.contains("speculation&#114;ules");
        assert!(!typed || !out.contains("ads.test"), "{out}");
    }
    for rule in [
        r#""source":"document""#,
        r#""where":{"selector_matches":"a"}"#,
        r#""where":{"not":{"href_matches":"/x"}}"#,
        r#""where":{"href_matches":{"pathname":"/x"}}"#,
        r#""where":{"href_matches" : {}}"#,
        r#""where":{"href_matches":"http{s}?://x.test/"}"#,
        r#""where":{"href_matches":":any://x.test/"}"#,
        r#""where":{"href_matches":"(.*)://x.test/"}"#,
        r#""urls":["\u002f/x.test/"]"#,
    ] {
        let out = page(None, &format!("<script type=speculationrules>{{\"prefetch\":[{{{rule}}}]}}</script>"));
        assert!(out.contains("<script type=speculationrules>{}</script>"), "{rule}: {out}");
    }
    for rule in [r#""urls":["/a","b?c=d:e"]"#, r#""where":{"href_matches":"/a/*"},"eagerness":"moderate""#] {
        let html = format!("<script type=speculationrules>{{\"prefetch\":[{{{rule}}}]}}</script>");
        assert!(page(None, &html).contains(&html), "{rule}");
    }
    assert_eq!(kept("speculation-rules", &["\"/rules.json\""]).len(), 1, "what the file says is read as it comes by");
    assert_eq!(kept("speculation-rules", &["\"//x.test/rules.json\""]).len(), 0);
}

#[test]
fn links_are_split_and_read_as_browsers_do() {
    for link in [
        r#"</a>; title="x\"", <https://ads.test/>; rel=preconnect"#,
        r#"<https://ads.test/>; rel="pre\connect""#,
        r#"</a>; rel=preload; title='x, <https://ads.test/>; rel=preconnect"#,
    ] {
        assert!(!kept("link", &[link]).join(",").contains("ads.test"), "{link}");
    }
    let fine = r#"</a.css>; rel=preload; title="a \"b\", c", </b>; rel=next"#;
    assert_eq!(kept("link", &[fine]), [fine]);
}

#[test]
fn several_refreshes_are_one() {
    assert_eq!(kept("refresh", &["0", "//ads.test/"]).len(), 0);
    assert_eq!(kept("refresh", &["0", "/next"]).len(), 2);
}

#[test]
fn html_is_found_under_every_type_browsers_take_for_it() {
    let html = |values: &[&'static str], more: &[(&'static str, &'static str)]| {
        let pairs: Vec<_> = values.iter().map(|value| ("content-type", *value)).chain(more.iter().copied()).collect();
        matches!(answer(&page_plan(None), &pairs).body, Treatment::Page(..))
    };
    for values in [
        &["text/html, text/html"][..],
        &["text/plain, text/html;charset=utf-8"],
        &["text/html", "junk"],
        &["text/html", "*/*"],
        &["html"],
        &["text/html charset=utf-8"],
        &[],
    ] {
        assert!(html(values, &[]), "{values:?}");
    }
    assert!(!html(&["text/html", "text/plain"], &[]) && !html(&["text/html, image/png"], &[]));
    assert!(!html(&[], &[("x-content-type-options", "nosniff")]), "nobody takes it for HTML, so neither do we");
}

#[test]
fn an_encoding_said_once_holds_for_the_type_said_again() {
    let mut answer = answer(&page_plan(None), &[("content-type", "text/html; charset=koi8-r, text/html")]);
    let Treatment::Page(opening, _) = answer.body else { panic!() };
    opening.open(&mut answer.head.headers, b"<p>", std::sync::Arc::new(support::Plain)).unwrap();
    assert_eq!(answer.head.headers["content-type"], "text/html; charset=KOI8-R");
}

#[test]
fn a_picture_without_a_known_type_stays_what_it_is() {
    let mut answer = answer(&page_plan(None), &[("content-type", "unknown/unknown")]);
    let Treatment::Page(opening, _) = answer.body else { panic!() };
    let first = b"\x89PNG\r\n\x1a\n<a src=//ads.test/x>";
    let mut page = opening.open(&mut answer.head.headers, first, std::sync::Arc::new(support::Plain)).unwrap();
    let mut out = Vec::new();
    page.push(first, &mut out).unwrap();
    page.finish(&mut out).unwrap();
    assert_eq!(
        (out.as_slice(), &answer.head.headers["content-type"]),
        (&first[..], &"unknown/unknown".parse().unwrap())
    );
}

#[test]
fn a_script_kept_by_a_cache_is_not_a_worker_without_lock() {
    for (dest, content_type) in [
        ("script", "text/javascript"),
        ("empty", "application/javascript; charset=utf-8"),
        ("script", "text/javascript1.5"),
        ("image", "image/svg+xml"),
        ("empty", "text/plain"),
        ("style", "text/css"),
    ] {
        let plan = plan("/x", &[("sec-fetch-dest", dest)]);
        let answer = answer(&plan, &[("content-type", content_type), ("cache-control", "max-age=9")]);
        let headers = &answer.head.headers;
        assert_eq!(
            (&headers["vary"], &headers["cache-control"]),
            (&"Sec-Fetch-Dest".parse().unwrap(), &"max-age=9".parse().unwrap()),
            "{dest} {content_type}"
        );
    }
    for content_type in ["text/ecmascript", "text/jscript", "application/x-ecmascript", "text/xsl"] {
        let answer = answer(&plan("/x", &[]), &[("content-type", content_type)]);
        assert!(answer.head.headers.contains_key("content-security-policy"), "{content_type}");
    }
}

#[test]
fn a_path_is_a_beginning_in_the_lock_too() {
    let mut draft = policy().draft().clone();
    draft.services[0].hosts = vec![bandeau_consent::HostPattern::new("cdn.test/kit").unwrap()];
    let policy = bandeau_consent::Policy::new(draft).unwrap();
    let csp = lock(&policy, bandeau_consent::Standing::Undecided, "news.test").unwrap();
    assert!(csp.to_str().unwrap().contains(" cdn.test:*/kit cdn.test:*/kit/"), "{csp:?}");
}

#[test]
fn bases_that_browsers_ignore_do_not_hide_the_one_they_follow() {
    let ignored: String = (0..20).map(|at| format!("<base href=/{at}>")).collect();
    for html in ["<link rel=preconnect href='/'>", "<meta http-equiv=refresh content='0;url=next'>", "<img src=a.png>"]
    {
        let out = page(None, &format!("<template>{ignored}</template><base href=//ads.test/>{html}"));
        assert!(out.contains("data-bandeau-"), "{out}");
        let fine = page(None, &format!("<template>{ignored}</template>{}", html.replace("=a", "=https://cdn.test/a")));
        assert!(!html.contains("img") || !fine.contains("data-bandeau-"), "{fine}");
    }
}

#[test]
fn of_two_answers_in_one_minute_the_one_that_grants_less_counts() {
    let (all, none) = (support::cookie(&["ads", "social"]), support::cookie(&[]));
    for both in [format!("{all}; {none}"), format!("{none}; {all}")] {
        assert!(plan("/", &[("cookie", &both)]).standing.grants().is_none(), "{both}");
    }
}

#[test]
fn what_seems_a_comment_inside_a_script_hides_nothing() {
    let link = "<link rel=preconnect href=//ads.test/>";
    for (before, script) in [
        ("<svg/>", "<script>var a='<!--'</script>"),
        ("<div><svg><path d=''></div>", "<script>var a='<!--'</script>"),
        ("<svg><svg><p>", "<script>var a='<!--'</script>"),
        ("<div><svg></div>", "<style>/*<!--*/</style>"),
        ("<svg/>", "<textarea><!--</textarea>"),
        ("<svg/>", "<script>if(a<b && c=\"</script>"),
    ] {
        let html = format!("{before}{script}{link}<p title=\"x\">");
        let out =
            run(&page_plan(None), "text/html", &[html.as_bytes()]).map(|(out, _)| String::from_utf8(out).unwrap());
        assert!(!out.as_ref().is_ok_and(|out| out.contains("href=//ads.test")), "{html}: {out:?}");
    }
    for fine in [
        "<script><!--\nx='</style>'\n--></script><p>",
        "<!-- <script></script> --><p>",
        "<svg><style>a{}<!-- b --></style><title>t</title><path d=''/></svg><script>a='<!--'</script><p>",
        "<svg/><span>x</span><script>if(a<b)x='<!--'</script><p>",
    ] {
        assert!(page(None, fine).contains(fine.trim_end_matches("<p>")), "{fine}");
    }
}

#[test]
fn a_name_that_begins_with_an_equals_sign_sets_nothing_free() {
    let html = "<body><img x ping=\"//ads.test/ <script>alert(1)</script>\"=\"y><p>after</p>";
    let out = page(None, html);
    assert!(!out.contains("<script") && out.contains("<p>after</p>"), "{out}");
    let fine = "<body><img src=/a.png alt=\"\"=\"\"><p>after</p>";
    assert!(page(None, fine).ends_with("<img src=/a.png alt=\"\"=\"\"><p>after</p>"));
}

#[test]
fn what_two_services_declare_is_in_the_lock_when_both_may() {
    let mut draft = policy().draft().clone();
    let both = bandeau_consent::HostPattern::new("both.test").unwrap();
    draft.services[0].hosts.push(both.clone());
    draft.services[1].hosts.push(both);
    let policy = bandeau_consent::Policy::new(draft).unwrap();
    let csp = lock(&policy, bandeau_consent::Standing::Undecided, "news.test").unwrap();
    assert!(!csp.to_str().unwrap().contains("both.test"), "{csp:?}");
    let arrival = bandeau_gate::Arrival {
        secure: true,
        authority: "news.test",
        now: support::NOW,
        keep: support::KEEP,
        means: Default::default(),
    };
    let head = support::head("/", &[("sec-fetch-dest", "document")]);
    let plan = bandeau_gate::Plan::new(policy.into(), &support::key(), &head, &arrival).unwrap();
    let list = answer(&plan, &[("content-type", "text/html")]).head.headers["connection-allowlist"].clone();
    assert!(!list.to_str().unwrap().contains("both.test"), "{list:?}");
}
