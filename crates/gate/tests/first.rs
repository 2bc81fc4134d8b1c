//! What stands before a page's own scripts, and what a page may go to: the first script, inline scripts that load from
//! held hosts, workers, the list of connections and links past it.
#![allow(missing_docs, unreachable_pub, clippy::unwrap_used)]

mod support;

use bandeau_consent::HostPattern;
use bandeau_gate::{Arrival, Connections, Face, Held, Inline, Means, Plan, Route, Treatment};
use std::sync::Arc;
use support::*;

struct First;

impl Face for First {
    fn notice(&self, _: Option<&str>) -> String {
        "<notice>".to_owned()
    }
    fn first(&self) -> String {
        "<first>".to_owned()
    }
    fn placeholder(&self, _: Option<&str>, _: &Held<'_>) -> String {
        "<held>".to_owned()
    }
}

fn rewrite(plan: &Plan, html: &str) -> String {
    let mut answer = answer(plan, &[("content-type", "text/html; charset=utf-8")]);
    let Treatment::Page(opening, _) = answer.body else { panic!("not a page") };
    let mut page = opening.open(&mut answer.head.headers, html.as_bytes(), Arc::new(First)).unwrap();
    let mut out = Vec::new();
    page.push(html.as_bytes(), &mut out).unwrap();
    page.finish(&mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn dest(dest: &str) -> Plan {
    plan("/a", &[("sec-fetch-dest", dest)])
}

fn by(means: Means, headers: &[(&str, &str)]) -> Plan {
    let arrival = Arrival { secure: true, authority: "news.test", now: NOW, keep: KEEP, means: Arc::new(means) };
    Plan::new(policy(), &key(), &head("/a", headers), &arrival).unwrap()
}

#[test]
fn the_first_script_is_before_every_other() {
    for (html, out) in [
        ("<!doctype html><html><head><script>a</script>", "<!doctype html><html><head><first><script>a</script>"),
        ("<!doctype html><script>a</script>", "<!doctype html><first><script>a</script>"),
        ("<html><meta charset=utf-8>", "<html><first><meta charset=utf-8>"),
        ("<!-- x --><body onload=a()>", "<!-- x --><first><body onload=a()>"),
        ("text<p>", "text<first>"),
        ("<frameset><frame>", "<first><frameset><frame>"),
    ] {
        let page = rewrite(&dest("document"), html);
        assert!(page.starts_with(out), "{html} → {page}");
        assert_eq!(page.matches("<first>").count(), 1, "{page}");
    }
}

#[test]
fn documents_in_frames_have_one_and_fragments_do_not() {
    assert!(rewrite(&dest("iframe"), "<p>x").starts_with("<first><p>"));
    assert_eq!(rewrite(&dest("empty"), "<p>x"), "<p>x");
    let page = rewrite(&dest("document"), "<iframe srcdoc='<script>a</script>'></iframe><noscript><p></noscript>");
    assert!(page.contains("srcdoc=\"<first><script>a</script>\""), "{page}");
    assert!(page.contains("<noscript><p></noscript>"), "{page}");
}

#[test]
fn inline_scripts_that_load_from_held_hosts_do_not_run() {
    let by = |inline| by(Means { inline, ..Means::default() }, &[("sec-fetch-dest", "document")]);
    let (all, past, pass) = (by(Inline::HoldAll), by(Inline::Hold), by(Inline::Pass));
    for held in [
        "<script>var s=document.createElement('script');s.src='https://ads.test/a.js';document.head.append(s)</script>",
        "<script>(function(h){new Image().src='//'+h+'/x'})('x.ads.test')</script>",
        "<script type=module>import 'https:\\/\\/tags.test\\/m.js'</script>",
        "<script language=javascript>fetch(`https://ADS.test/`)</script>",
        "<svg><script>fetch('https://ads&#46;test/')</script></svg>",
        "<img src=/a onerror=\"this.src='https://ads.test/b'\">",
        "<body onload=\"new Image().src='//ads.test'\">",
    ] {
        let page = rewrite(&all, held);
        let runs = page.replace("data-bandeau-on", "");
        assert!(page.contains("held by bandeau") || !runs.contains(" onerror") && !runs.contains(" onload"), "{page}");
    }
    for held in [
        "<script>new RTCPeerConnection({iceServers: [{urls: 'stun:ads.test'}]})</script>",
        "<script>l.rel = 'preconnect'; l.href = '//ads.test'</script>",
        "<script>location.href\n= 'https://ads.test/'</script>",
        "<body onload=\"top.location = '//ads.test'\">",
    ] {
        let page = rewrite(&past, held);
        assert!(page.contains("held by bandeau") || page.contains("data-bandeau-onload"), "{page}");
        assert!(rewrite(&pass, held).contains(held), "the operator may switch it off");
    }
    for stays in [
        // The lock stops what these load; a list of links, a comparison; undeclared and open hosts; data.
        "<script>fetch('https://ads.test/')</script>",
        "<script>var links = ['https://ads.test/about'];</script>",
        "<script>if (location == 'https://ads.test/') a()</script>",
        "<script>location.href = 'https://unknown.test/'</script>",
        "<script>location.href = 'https://cdn.test/'</script>",
        "<script>location.href = 'https://bads.test.example/ads_test'</script>",
        "<script type='application/json'>{\"preconnect\":\"https://ads.test/\"}</script>",
        "<script>x = 'a.location=' + 1..toString()</script>",
        "<a onclick=\"window.open('https://social.test/share')\">x</a>",
    ] {
        assert_eq!(rewrite(&past, stays).replace("<first>", "").replace("<notice>", ""), stays);
    }
}

#[test]
fn workers_get_ours_in_front_where_that_can_be() {
    let script = &[("content-type", "text/javascript"), ("content-length", "5")];
    let worker = answer(&dest("worker"), script);
    assert!(matches!(worker.body, Treatment::Worker));
    assert!(!worker.head.headers.contains_key("content-length"));
    for (dest, headers) in [
        ("script", &[("content-type", "text/javascript")][..]),
        ("worker", &[("content-type", "text/javascript"), ("content-encoding", "br")]),
        ("worker", &[("content-type", "text/plain")]),
    ] {
        assert!(matches!(answer(&self::dest(dest), headers).body, Treatment::Pass), "{dest} {headers:?}");
    }
}

#[test]
fn service_workers_must_be_declared() {
    for headers in [[("service-worker", "script")], [("sec-fetch-dest", "serviceworker")]] {
        assert_eq!(plan("/sw.js", &headers).route(), Route::Worker);
    }
    assert_eq!(plan("/sw.js", &[("sec-fetch-dest", "worker")]).route(), Route::Site);
}

#[test]
fn every_lock_comes_with_a_list_of_connections() {
    let name = "connection-allowlist";
    for dest in ["document", "iframe", "worker", "serviceworker"] {
        let list = &answer(&self::dest(dest), &[("content-type", "text/html")]).head.headers[name];
        assert_eq!(
            list,
            r#"(response-origin "*://cdn.test:*/*" "*://news.test:*/*" "*://*.news.test:*/*");redirects=allow"#
        );
    }
    let granted = answer(&page_plan(Some(&["ads"])), &[("content-type", "text/html")]);
    assert!(granted.head.headers[name].to_str().unwrap().contains(r#""*://*.ads.test:*/*""#));
    assert!(!answer(&dest("image"), &[("content-type", "image/png")]).head.headers.contains_key(name));
    let page = [("sec-fetch-dest", "document")];
    let off = by(Means { connections: Connections::Off, ..Means::default() }, &page);
    assert!(!answer(&off, &[("content-type", "text/html")]).head.headers.contains_key(name));
    let report = by(Means { connections: Connections::Report, ..Means::default() }, &page);
    let head = answer(&report, &[("content-type", "text/html")]).head.headers;
    assert!(head.contains_key("connection-allowlist-report-only") && !head.contains_key(name));
    assert_eq!((off.hosts(), report.hosts()), (None, None));
}

#[test]
fn links_stay_open_by_their_host_or_by_a_page_of_ours() {
    let html = "<a href='https://ads.test/?a&amp;b'>1</a><a href='https://a.unknown.test/x'>2</a>\
                <area href=//b.unknown.test><a href=/here>3</a><a href='https://cdn.test'>4</a>";
    let plan = dest("document");
    let page = rewrite(&plan, html);
    assert!(page.contains("<a href=\"/.well-known/bandeau/leave?to=https%3A%2F%2Fads.test%2F%3Fa%26b\">"), "{page}");
    assert!(page.contains("<a href='https://a.unknown.test/x'>"), "{page}");
    let (_, tally) = run(&plan, "text/html; charset=utf-8", &[html.as_bytes()]).unwrap();
    let linked: Vec<String> = tally.linked.iter().map(ToString::to_string).collect();
    assert_eq!(linked, ["a.unknown.test", "b.unknown.test"]);
    // What is held is not reachable because somebody links to it.
    let mut again = plan.clone();
    again.linked = [tally.linked, vec![HostPattern::new("ads.test").unwrap()]].concat().into();
    let list = answer(&again, &[("content-type", "text/html")]).head.headers["connection-allowlist"].clone();
    let list = list.to_str().unwrap();
    assert!(list.contains("a.unknown.test") && !list.contains("ads.test"), "{list}");
    assert!(again.hosts().unwrap().contains(&"b.unknown.test".to_owned()));
    let off = by(Means { connections: Connections::Off, ..Means::default() }, &[("sec-fetch-dest", "document")]);
    assert!(!rewrite(&off, html).contains("leave?to"));
}

#[test]
fn a_redirect_to_a_held_service_leads_over_a_page_that_says_so() {
    let redirect = |dest: &str, to: &str| {
        let mut head = http::Response::builder().status(307).header("location", to).body(()).unwrap().into_parts().0;
        head = self::dest(dest).answer(head).head;
        let to = head.headers.get("location").map(|value| value.to_str().unwrap().to_owned());
        (head.status.as_u16(), to)
    };
    let over = "/.well-known/bandeau/leave?to=https%3A%2F%2Fads.test%2Fa%3Fb".to_owned();
    assert_eq!(redirect("document", "//ADS.test/a?b"), (303, Some(over)));
    for there in ["/here", "https://cdn.test/", "https://login.unknown.test/"] {
        assert_eq!(redirect("document", there), (307, Some(there.to_owned())), "where visitors go is theirs");
    }
    assert_eq!(redirect("image", "https://ads.test/a"), (307, None));
    assert_eq!(redirect("image", "/there"), (307, Some("/there".to_owned())));
}

#[test]
fn documents_of_xml_begin_with_it_too() {
    let open = |dest: &str, kind: &str, xml: &str| {
        let mut answer = answer(&self::dest(dest), &[("content-type", kind)]);
        let Treatment::Page(opening, _) = answer.body else { panic!("not a document") };
        let mut page = opening.open(&mut answer.head.headers, xml.as_bytes(), Arc::new(Scripted)).unwrap();
        let mut out = Vec::new();
        page.push(xml.as_bytes(), &mut out).unwrap();
        page.finish(&mut out).unwrap();
        String::from_utf8(out).unwrap()
    };
    let first = "<script xmlns=\"http://www.w3.org/1999/xhtml\" data-a=\"1\">/*<![CDATA[*/a && b < c/*]]>*/</script>";
    let html = "<html xmlns=\"http://www.w3.org/1999/xhtml\"><head><script>b()</script></head></html>";
    let (root, rest) = html.split_once("<head>").unwrap();
    assert_eq!(open("document", "application/xhtml+xml", html), format!("{root}{first}<head>{rest}"));
    let svg = "<?xml version=\"1.0\"?><!-- a --><svg xmlns=\"http://www.w3.org/2000/svg\">";
    assert_eq!(open("iframe", "image/svg+xml", &format!("{svg}<g/></svg>")), format!("{svg}{first}<g/></svg>"));
    // A feed is for programs, and an empty root runs nothing.
    let feed = "<rss version=\"2.0\"><channel/></rss>";
    assert_eq!(open("document", "application/rss+xml", feed), feed);
    let empty = "<svg xmlns=\"http://www.w3.org/2000/svg\"/>";
    assert_eq!(open("document", "image/svg+xml", empty), empty);
    let held = "<html xmlns=\"http://www.w3.org/1999/xhtml\"><script>location.href = '//ads.test'</script><a href=\"https://ads.test/\"/></html>";
    let out = open("empty", "application/xhtml+xml", held);
    assert!(out.contains("held by bandeau") && out.contains("leave?to=https%3A%2F%2Fads.test%2F"), "{out}");
}

struct Scripted;

impl Face for Scripted {
    fn notice(&self, _: Option<&str>) -> String {
        String::new()
    }
    fn first(&self) -> String {
        "<script data-a=\"1\">a && b < c</script>".to_owned()
    }
    fn placeholder(&self, _: Option<&str>, _: &Held<'_>) -> String {
        String::new()
    }
}
