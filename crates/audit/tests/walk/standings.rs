//! A site with a notice that works, walked through in every standing; what its third party received is the truth.

use crate::browser;
use crate::plan::{pages, plan, run, walk};
use crate::server::{Asked, Reply, Server};
use bandeau_audit::seen::{From, Run, Standing};
use bandeau_audit::visit::{Progress, Stop, Trouble};
use std::time::Duration;
use url::Url;

/// What every page has: a notice until something was chosen, a way back, and a tracker while it is granted.
const PAGE: &str = r#"<!doctype html><html lang="en"><head><title>TITLE</title></head><body>
<h1>Gazette</h1><p>Some text to read.</p>LINKS
<footer><button id="back" onclick="ask()">Cookie settings</button></footer>
<div id="notice" role="dialog" hidden style="position:fixed;bottom:0;left:0;right:0;padding:20px;background:#fff;border:1px solid">
<p>We use cookies and similar technologies with our partners to measure and to show advertising. You can consent or refuse.</p>
<button onclick="answer('yes')">Accept all</button> <button onclick="answer('no')">Reject all</button></div>
<script>
const chosen = () => (document.cookie.match(/choice=(\w+)/) || [])[1];
const ask = () => { document.getElementById('notice').hidden = false };
const track = () => { const s = document.createElement('script'); s.src = 'http://ads.localhost:PORT/t.js?' + location.pathname; document.head.append(s) };
const answer = what => { document.cookie = 'choice=' + what + '; path=/; max-age=9999'; document.getElementById('notice').hidden = true };
if (!chosen()) ask();
if (chosen() === 'yes') track();
</script></body></html>"#;

fn site(asked: &Asked, port: u16) -> Reply {
    let page = |title: &str, links: &[&str]| {
        let links: String = links.iter().map(|link| format!("<p><a href='{link}'>{link}</a></p>")).collect();
        Reply::html(PAGE.replace("TITLE", title).replace("LINKS", &links).replace("PORT", &port.to_string()))
    };
    match (asked.host.as_str(), asked.path.as_str()) {
        ("newsroom.localhost", "/") => {
            page("Front", &["/a", "/closed", "/logout", "/file.pdf", "http://other.localhost/", "/a#x"])
        }
        ("newsroom.localhost", "/a") => page("A", &["/b", "/", "/moved"]),
        ("newsroom.localhost", "/b" | "/map") => page("B", &[]),
        ("newsroom.localhost", "/moved") => Reply::to("/b"),
        ("newsroom.localhost", "/robots.txt") => Reply::kind("text/plain", "User-agent: *\nDisallow: /closed"),
        ("newsroom.localhost", "/sitemap.xml") => {
            Reply::kind("text/xml", "<urlset><url><loc>/map</loc></url></urlset>")
        }
        ("ads.localhost", path) if path.starts_with("/t.js") => Reply::kind("text/javascript", ""),
        _ => Reply::missing(),
    }
}

/// Requests of a run to the third party, without those on the way to its standing.
fn tracked(run: &Run) -> usize {
    run.requests.iter().filter(|request| request.url.contains("//ads.localhost") && request.at >= run.chosen).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_standing_is_reached_and_sees_what_the_third_party_received() {
    if !browser().await {
        return;
    }
    let server = Server::start(site).await;
    let start = format!("http://newsroom.localhost:{}/", server.port);
    let (audit, told) = walk(plan(&start, &Standing::ALL), Stop::default()).await;
    let audit = audit.unwrap();

    assert_eq!(audit.runs.iter().map(|run| run.standing).collect::<Vec<_>>(), Standing::ALL);
    for run in &audit.runs {
        assert!(run.reached && run.fault.is_none(), "{:?}: {:?}", run.standing, run.fault);
    }
    let list = ["/", "/a", "/map", "/b", "/moved"];
    assert_eq!(pages(run(&audit, Standing::Before)), list);
    assert_eq!(pages(run(&audit, Standing::Gpc)), list);
    for standing in [Standing::Refused, Standing::Accepted, Standing::Withdrawn] {
        // The page of the choice, then all of them.
        assert_eq!(pages(run(&audit, standing))[0], "/");
        assert_eq!(pages(run(&audit, standing))[1..], list);
        assert!(run(&audit, standing).chosen > 0 && !run(&audit, standing).steps.is_empty());
    }
    let before = run(&audit, Standing::Before);
    assert_eq!(
        before.visits.iter().map(|visit| visit.from).collect::<Vec<_>>(),
        [From::Start, From::Link, From::Sitemap, From::Link, From::Link]
    );
    let statuses: Vec<_> = before.visits.iter().map(|visit| visit.status).collect();
    assert_eq!(statuses, [Some(200); 5]);
    assert!(before.visits[4].landed.ends_with("/b"), "{}", before.visits[4].landed);
    assert!(before.visits[0].links.iter().any(|link| link.ends_with("/logout")), "{:?}", before.visits[0].links);
    assert!(
        before.banner.as_ref().is_some_and(|banner| banner.accept == Some(1) && banner.refuse == Some(1)),
        "{:?}",
        before.banner
    );
    assert!(before.banner.as_ref().is_some_and(|banner| banner.change.is_some()));

    // One request for each page where it was granted, and none anywhere else.
    assert_eq!(audit.runs.iter().map(tracked).collect::<Vec<_>>(), [0, 0, 5, 0, 0]);
    let seen: usize =
        audit.runs.iter().flat_map(|run| &run.requests).filter(|request| request.url.contains("/t.js")).count();
    assert_eq!(seen, server.paths("ads.localhost").len());

    // Nothing was opened that should not be, and robots.txt once.
    let paths = server.paths("newsroom.localhost");
    assert!(!paths.iter().any(|path| ["/closed", "/logout", "/file.pdf"].contains(&path.as_str())), "{paths:?}");
    assert_eq!(paths.iter().filter(|path| *path == "/robots.txt").count(), 1);
    assert!(audit.notes.concat().contains("robots.txt"), "{:?}", audit.notes);
    let gpc = server.asked().iter().filter(|asked| asked.path == "/map" && asked.header("sec-gpc") == "1").count();
    assert_eq!(gpc, 1);

    // Progress says every page, and how many there are.
    let last = told.iter().filter_map(|progress| match progress {
        Progress::Visited { standing: Standing::Withdrawn, done, of, .. } => Some((*done, *of)),
        _ => None,
    });
    assert_eq!(last.max(), Some((6, 6)));
    assert_eq!(told.iter().filter(|progress| matches!(progress, Progress::Ended { fault: None, .. })).count(), 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_notice_pages_are_visited_once_and_the_reason_is_said() {
    if !browser().await {
        return;
    }
    let server = Server::start(|asked, _| match asked.path.as_str() {
        "/" => Reply::html("<title>Front</title><p>Nothing to ask. <a href=/a>A</a>"),
        "/a" => Reply::html("<title>A</title>"),
        _ => Reply::missing(),
    })
    .await;
    let start = format!("http://newsroom.localhost:{}/", server.port);
    let (audit, _) = walk(plan(&start, &Standing::ALL), Stop::default()).await;
    let audit = audit.unwrap();
    assert_eq!(pages(run(&audit, Standing::Before)), ["/", "/a"]);
    for standing in [Standing::Refused, Standing::Accepted, Standing::Withdrawn] {
        let run = run(&audit, standing);
        assert!(
            !run.reached && run.chosen == 0 && run.fault.is_some() && run.visits.len() <= 1,
            "{standing:?} {run:?}"
        );
        assert!(audit.notes.iter().any(|note| note.starts_with(standing.as_str())), "{:?}", audit.notes);
    }
    // Before and with the signal, and not a third time.
    assert_eq!(server.paths("newsroom.localhost").iter().filter(|path| *path == "/a").count(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn hosts_are_asked_at_their_pace_whoever_asks() {
    if !browser().await {
        return;
    }
    let server = Server::start(site).await;
    let start = format!("http://newsroom.localhost:{}/", server.port);
    let mut plan = plan(&start, &[Standing::Before, Standing::Gpc]);
    plan.limits.delay = 4_000;
    plan.limits.pages = 2;
    let (audit, _) = walk(plan, Stop::default()).await;
    assert_eq!(audit.unwrap().runs.len(), 2);
    let mut documents: Vec<_> =
        server.asked().into_iter().filter(|asked| ["/", "/a"].contains(&asked.path.as_str())).collect();
    // Four of the walks, and one of the browser that looks through the notice.
    assert_eq!(documents.len(), 5);
    documents.sort_by_key(|asked| asked.at);
    for pair in documents.windows(2) {
        // The turn is taken before the browser sends: it may be late, but never by seconds.
        assert!(pair[1].at - pair[0].at > Duration::from_millis(500), "{pair:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn interrupting_keeps_what_was_gathered() {
    if !browser().await {
        return;
    }
    let server = Server::start(|asked, _| match asked.path.as_str() {
        "/" => Reply::html("<title>Front</title><a href=/never>B</a>"),
        "/never" => Reply::Silence,
        _ => Reply::missing(),
    })
    .await;
    let start = format!("http://newsroom.localhost:{}/", server.port);
    let mut plan = plan(&start, &[Standing::Before]);
    plan.limits.patience = 60_000;
    let stop = Stop::default();
    let (audit, asked) = tokio::join!(walk(plan, stop.clone()), async {
        while !server.paths("newsroom.localhost").contains(&"/never".to_owned()) {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        stop.now("it was interrupted");
        std::time::Instant::now()
    });
    assert!(asked.elapsed() < Duration::from_secs(45), "{:?}", asked.elapsed());
    let audit = audit.0.unwrap();
    assert_eq!(audit.interrupted.as_deref(), Some("it was interrupted"));
    let before = run(&audit, Standing::Before);
    assert_eq!(pages(before), ["/", "/never"]);
    assert_eq!(before.visits[0].title, "Front");
    assert_eq!(before.visits[1].end, bandeau_audit::seen::End::Interrupted);
    assert!(before.requests.iter().any(|request| Url::parse(&request.url).unwrap().path() == "/"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_that_is_not_there_is_no_audit() {
    if !browser().await {
        return;
    }
    let (audit, _) = walk(plan("http://nobody.localhost:9/", &Standing::ALL), Stop::default()).await;
    let Err(Trouble::Unreachable { url, why }) = audit else { panic!("{audit:?}") };
    assert_eq!(url, "http://nobody.localhost:9/");
    assert!(why.contains("REFUSED") || why.contains("UNSAFE"), "{why}");
}
