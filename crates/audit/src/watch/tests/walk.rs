//! One page that uses every way out of it: what left is exactly what came.

use super::site::{Page, Site, html, script, status};
use super::{PATIENCE, came, find, left, options, watch};
use crate::seen::{End, Kind, Moment, Outcome, Setter, Target};
use std::time::Duration;

const PAGE: &str = r#"<!doctype html><html lang=fr><title>News</title>
<link rel=preconnect href="http://pre.localhost:PORT">
<script src="http://b.localhost:PORT/s.js"></script>
<img src="http://blocked.localhost:PORT/x.gif"><img src="http://b.localhost:PORT/r1"><img src="/pix"><img src="/pix?2">
<iframe src="http://c.localhost:PORT/frame"></iframe>
<a href="/two#x">two</a><a href="mailto:x">mail</a>
<script>
new Worker('/w.js'); new SharedWorker('/shared.js'); navigator.serviceWorker.register('/service.js');
fetch('http://d.localhost:PORT/cors', {method: 'PUT', body: 'hello', credentials: 'include'}).catch(() => 0);
fetch('http://d.localhost:PORT/post', {method: 'POST', body: 'data123', mode: 'no-cors', credentials: 'include'});
fetch('http://d.localhost:PORT/blob', {method: 'POST', body: new Blob(['blobbed']), mode: 'no-cors'});
new WebSocket('ws://e.localhost:PORT/ws'); new EventSource('/events');
navigator.sendBeacon('http://f.localhost:PORT/beacon', 'bb');
addEventListener('pagehide', () => navigator.sendBeacon('http://f.localhost:PORT/late', 'll'));
localStorage.setItem('k', 'v'); localStorage.named = 'n'; sessionStorage.setItem('s', 'x'.repeat(5000));
fetch('/auth').catch(() => 0);
const open = indexedDB.open('base', 1); open.onupgradeneeded = () => open.result.createObjectStore('things');
Promise.all([
  new Promise((done) => open.onsuccess = done),
  caches.open('pile').then((cache) => cache.put('/kept', new Response('x'))),
  navigator.storage.getDirectory().then((root) => root.getFileHandle('file.txt', {create: true})),
]).then(() => fetch('/stored'));
cookieStore.set({name: 'viastore', value: '1', expires: Date.now() + 100000});
alert('hello');
</script>"#;

fn pages() -> Vec<(&'static str, Page)> {
    let policy = "Content-Security-Policy: img-src 'self' http://b.localhost:PORT http://c.localhost:PORT";
    vec![
        ("a.localhost/", html(PAGE).with("Set-Cookie: first=1; Max-Age=100").with(policy)),
        ("a.localhost/two", html("<title>two</title>")),
        (
            "b.localhost/s.js",
            script(
                "document.cookie = 'sc=1; path=/; max-age=1000'; \
                 setTimeout(function tick() { fetch('http://b.localhost:PORT/async', {mode: 'no-cors'}) }, 10);",
            ),
        ),
        (
            "b.localhost/r1",
            status(302)
                .with("Location: http://c.localhost:PORT/r2")
                .with("Set-Cookie: hop1=1; SameSite=None; Secure; Max-Age=60"),
        ),
        ("c.localhost/r2", status(302).with("Location: http://b.localhost:PORT/r3").with("Set-Cookie: lax=1")),
        ("b.localhost/r3", status(200).with("Content-Type: image/gif").with("Set-Cookie: hop3=; Max-Age=0")),
        ("a.localhost/pix", status(200).with("Content-Type: image/gif").with("Cache-Control: max-age=1000")),
        (
            "c.localhost/frame",
            html("<script>document.cookie='fc=1; SameSite=None; Secure'; fetch('/inframe')</script>"),
        ),
        ("a.localhost/w.js", script("fetch('/fromworker')")),
        ("a.localhost/shared.js", script("fetch('/fromshared')")),
        ("a.localhost/service.js", script("addEventListener('install', (e) => e.waitUntil(fetch('/fromservice')))")),
        ("a.localhost/auth", status(401).with("WWW-Authenticate: Basic realm=\"x\"")),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn what_left_is_what_came() {
    let Some(watch) = watch(&options()).await else { return };
    let site = Site::new(pages()).await;
    watch.visit(0);
    let arrival = watch.open(&site.url("a.localhost/"), PATIENCE).await;
    assert_eq!((arrival.end, arrival.status), (End::Complete, Some(200)));
    for place in [
        "a.localhost/fromservice",
        "a.localhost/fromshared",
        "a.localhost/fromworker",
        "e.localhost/ws",
        "a.localhost/stored",
    ] {
        site.wait(place).await;
    }
    watch.rest(Duration::from_secs(1)).await;
    let look = watch.look().await;
    assert_eq!((look.title.as_str(), look.language.as_str(), look.hung), ("News", "fr", false));
    assert_eq!(look.links, [site.url("a.localhost/two")]);
    let picture = look.picture.unwrap();
    assert_eq!((picture.width, picture.height), (1280, 900));
    watch.sweep().await;
    watch.visit(1);
    watch.open(&site.url("a.localhost/two"), PATIENCE).await;
    site.wait("f.localhost/late").await;
    watch.rest(Duration::from_millis(500)).await;
    watch.sweep().await;
    assert_eq!(watch.odd(0).1, ["alert: hello"]);
    let gathered = watch.end().await;

    pretty(&left(&gathered), &came(&site));
    assert_eq!(gathered.notes, Vec::<String>::new());
    requests(&gathered);
    cookies(&gathered);
    storage(&gathered);
    let pre: Vec<_> = gathered.connections.iter().filter(|connection| !connection.request).collect();
    assert_eq!(pre.iter().map(|connection| connection.host.as_str()).collect::<Vec<_>>(), ["pre.localhost"]);
    assert!(pre[0].visit == 0 && pre[0].port == site.port, "{pre:?}");
}

/// Both lists, and a difference a person can read.
fn pretty(left: &[(String, String, String)], came: &[(String, String, String)]) {
    let missed: Vec<_> = came.iter().filter(|one| !left.contains(one)).collect();
    let made: Vec<_> = left.iter().filter(|one| !came.contains(one)).collect();
    assert!(missed.is_empty() && made.is_empty(), "missed {missed:#?}\ninvented {made:#?}");
    assert_eq!(left, came);
    eprintln!("{} requests left, and {} came", left.len(), came.len());
}

fn requests(gathered: &super::Gathered) {
    let blocked = find(gathered, "/x.gif");
    assert_eq!(blocked.outcome, Outcome::Blocked("csp".to_owned()));
    let chain: Vec<_> = ["/r1", "/r2", "/r3"].map(|end| find(gathered, end)).into();
    assert_eq!(gathered.requests[chain[1].redirect.unwrap()].url, chain[0].url);
    assert_eq!(gathered.requests[chain[2].redirect.unwrap()].url, chain[1].url);
    assert_eq!((chain[0].status, chain[0].set.as_slice()), (Some(302), &["hop1".to_owned()][..]));
    let soon = find(gathered, "/async");
    assert!(soon.initiator.url.ends_with("/s.js") && soon.initiator.stack.len() == 1, "{:?}", soon.initiator);
    assert_eq!(find(gathered, "/post").body.as_deref(), Some("data123"));
    assert_eq!(find(gathered, "/blob").body.as_deref(), Some("blobbed"));
    assert_eq!(find(gathered, "/inframe").target, Target::Frame);
    assert!(find(gathered, "/inframe").frame.ends_with("/frame"));
    assert_eq!(find(gathered, "/fromworker").target, Target::Worker);
    assert_eq!(find(gathered, "/fromservice").target, Target::ServiceWorker);
    assert_eq!(find(gathered, "/ws").kind, "WebSocket");
    assert_eq!(find(gathered, "/beacon").body.as_deref(), Some("bb"));
    let late = find(gathered, "/late");
    assert_eq!((late.visit, late.moment), (0, Moment::Leaving));
    assert_eq!(find(gathered, "/two").visit, 1);
    assert_eq!(find(gathered, "/auth").status, Some(401));
}

fn cookies(gathered: &super::Gathered) {
    let find = |name: &str| {
        let found: Vec<_> = gathered.cookies.iter().filter(|cookie| cookie.name == name).collect();
        assert_eq!(found.len(), 1, "{name}: {:#?}", gathered.cookies);
        found[0]
    };
    let first = find("first");
    assert!(
        matches!(first.setters[..], [Setter::Answer(at)] if gathered.requests[at].url.ends_with("localhost:1/")
        || gathered.requests[at].kind == "Document"),
        "{first:?}"
    );
    assert_eq!((first.lifetime, first.stays), (Some(100), true));
    let script = find("sc");
    assert!(
        matches!(&script.setters[..], [Setter::Script { stack, .. }] if stack.len() == 1
        && stack[0].ends_with("/s.js")),
        "{script:?}"
    );
    assert_eq!(script.lifetime, Some(1000));
    assert!(find("hop1").stays && find("hop1").secure);
    assert!(!find("lax").stays);
    assert!(find("lax").refused.as_deref().unwrap().contains("SameSite"), "{:?}", find("lax"));
    assert!(matches!(&find("fc").setters[..], [Setter::Script { frame, .. }] if frame.ends_with("/frame")));
    assert!(matches!(&find("viastore").setters[..], [Setter::Script { .. }]), "{:?}", find("viastore"));
    assert_eq!(gathered.cookies.len(), 6, "{:#?}", gathered.cookies);
}

fn storage(gathered: &super::Gathered) {
    let mut found: Vec<_> = gathered
        .storage
        .iter()
        .map(|entry| (entry.kind, entry.key.split("http").next().unwrap(), entry.setter != Setter::Unseen, entry.size))
        .collect();
    found.sort();
    let expected = [
        (Kind::Local, "k", true, 1),
        (Kind::Local, "named", false, 1),
        (Kind::Session, "s", true, 5000),
        (Kind::Indexed, "base/things", false, 0),
        (Kind::Cache, "pile ", false, 0),
        (Kind::Files, "file.txt", false, 0),
        (Kind::ServiceWorker, "", false, 0),
    ];
    assert_eq!(found, expected);
    assert!(gathered.storage.iter().all(|entry| entry.visit == 0 && entry.stays), "{:#?}", gathered.storage);
}
