//! The signal, windows, and one run after another in the same browser.

use super::site::{Page, Site, html, script, status};
use super::{PATIENCE, came, find, left, options, watch};
use crate::seen::{End, Moment, Setter, Target};
use serde_json::json;
use std::time::Duration;

fn pages() -> Vec<(&'static str, Page)> {
    vec![
        (
            "a.localhost/",
            html(
                "<title>-</title><iframe src='http://b.localhost:PORT/frame'></iframe><script>new Worker('/w.js'); \
                 new SharedWorker('/shared.js'); navigator.serviceWorker.register('/service.js'); \
                 document.title = navigator.globalPrivacyControl; \
                 addEventListener('pagehide', () => navigator.sendBeacon('http://f.localhost:PORT/late', 'll')); \
                 onclick = () => open('http://g.localhost:PORT/window');</script>",
            )
            .with("Set-Cookie: old=1; Max-Age=500"),
        ),
        ("b.localhost/frame", html("<script>fetch('/inframe?' + navigator.globalPrivacyControl)</script>")),
        ("a.localhost/w.js", script("fetch('/fromworker?' + navigator.globalPrivacyControl)")),
        ("a.localhost/shared.js", script("fetch('/fromshared')")),
        ("a.localhost/service.js", script("addEventListener('install', (e) => e.waitUntil(fetch('/fromservice')))")),
        ("g.localhost/window", html("<script>document.cookie = 'win=1'; fetch('/inwindow')</script>")),
        ("a.localhost/tick", html("<script>setInterval(() => fetch('/ticked').catch(() => 0), 100)</script>")),
        ("a.localhost/next", html("<script>document.cookie = 'new=1; max-age=99'; localStorage.next = 1</script>")),
        (
            "a.localhost/ahead",
            html(
                "<script type=speculationrules>{\"prefetch\": [{\"urls\": [\"/fetched\"], \"eagerness\": \"immediate\"}], \
                 \"prerender\": [{\"urls\": [\"/rendered\"], \"eagerness\": \"immediate\"}]}</script>\
                 <link rel=prefetch href=/linked><script>\
                 const peer = new RTCPeerConnection({iceServers: [{urls: ['stun:stun.nowhere.invalid:3478', \
                 'stun:127.0.0.1:3479']}]}); \
                 peer.createDataChannel('x'); peer.createOffer().then((offer) => peer.setLocalDescription(offer)); \
                 fetch('/kept', {method: 'POST', body: 'k', keepalive: true}); \
                 try { fetchLater('/muchlater') } catch {} </script><a href=/x ping=/pinged>x</a>",
            ),
        ),
        ("a.localhost/rendered", html("<script>fetch('/inrendered')</script>")),
        ("a.localhost/fetched", html("fetched")),
        ("a.localhost/gone", html("<script>document.cookie = 'old=; max-age=0'</script>")),
        ("a.localhost/hop", status(302).with("Location: /next").with("Set-Cookie: old=2; Max-Age=600")),
    ]
}

async fn click(watch: &super::Watch) {
    for kind in ["mousePressed", "mouseReleased"] {
        let click = json!({ "type": kind, "x": 600, "y": 600, "button": "left", "clickCount": 1 });
        watch.page().call("Input.dispatchMouseEvent", &click).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_signal_goes_with_everything_and_windows_are_seen_and_closed() {
    let mut options = options();
    options.gpc = true;
    let Some(watch) = watch(&options).await else { return };
    let site = Site::new(pages()).await;
    assert_eq!(watch.open(&site.url("a.localhost/"), PATIENCE).await.end, End::Complete);
    assert_eq!(watch.look().await.title, "true");
    for place in ["fromservice", "fromshared", "fromworker?true"] {
        site.wait(&format!("a.localhost/{place}")).await;
    }
    watch.moment(Moment::Choosing);
    click(&watch).await;
    site.wait("g.localhost/inwindow").await;
    watch.rest(Duration::from_secs(3)).await;
    let all = json!({ "filter": [{ "type": "page" }] });
    let open = watch.browser.call("Target.getTargets", &all).await.unwrap();
    assert_eq!(open["targetInfos"].as_array().unwrap().len(), 1, "{open}");
    watch.visit(1);
    watch.open(&site.url("a.localhost/next"), PATIENCE).await;
    site.wait("f.localhost/late").await;
    watch.rest(Duration::from_millis(300)).await;
    watch.sweep().await;
    let odd = watch.odd(0).1;
    assert!(odd.iter().any(|odd| odd.contains("g.localhost")), "{odd:?}");
    let gathered = watch.end().await;
    assert_eq!(left(&gathered), came(&site));
    let unsigned: Vec<_> = site.came().into_iter().filter(|came| !came.gpc).collect();
    assert!(unsigned.is_empty(), "{unsigned:?}");
    assert!(site.came().iter().any(|came| came.place == "b.localhost/inframe?true"));
    let window = find(&gathered, "/inwindow");
    assert_eq!((window.target, window.moment), (Target::Window, Moment::Choosing));
    let cookie = gathered.cookies.iter().find(|cookie| cookie.name == "win").unwrap();
    assert!(matches!(&cookie.setters[..], [Setter::Script { frame, .. }] if frame.contains("g.localhost")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_turn_begins_anew_with_what_is_still_there() {
    let Some(mut watch) = watch(&options()).await else { return };
    let site = Site::new(pages()).await;
    watch.open(&site.url("a.localhost/"), PATIENCE).await;
    site.wait("a.localhost/fromservice").await;
    watch.visit(1);
    watch.open(&site.url("a.localhost/tick"), PATIENCE).await;
    site.wait("a.localhost/ticked").await;
    watch.rest(Duration::from_secs(1)).await;
    let first = watch.turn().await;
    let old = |gathered: &super::Gathered| gathered.cookies.iter().find(|cookie| cookie.name == "old").cloned();
    assert!(matches!(old(&first).unwrap().setters[..], [Setter::Answer(at)] if first.requests[at].kind == "Document"));
    assert!(first.connections.iter().any(|connection| connection.host == "b.localhost" && connection.request));

    let before = site.came().iter().filter(|came| came.place == "a.localhost/ticked").count();
    assert!(before > 0);
    watch.rest(Duration::from_millis(500)).await;
    watch.open(&site.url("a.localhost/gone"), PATIENCE).await;
    watch.sweep().await;
    let second = watch.turn().await;
    let cookie = old(&second).unwrap();
    assert_eq!((cookie.setters.as_slice(), cookie.visit, cookie.at), (&[Setter::Unseen][..], 0, 0));
    assert!(!cookie.stays);
    let ticks: Vec<_> = second.requests.iter().filter(|request| request.url.ends_with("/ticked")).collect();
    assert!(!ticks.is_empty());
    assert!(ticks.iter().all(|request| request.visit == 0 && request.moment == Moment::Leaving));
    assert!(second.connections.iter().all(|connection| connection.host != "b.localhost"), "{:?}", second.connections);
    assert!(second.began > first.began);

    watch.open(&site.url("a.localhost/hop"), PATIENCE).await;
    watch.sweep().await;
    let third = watch.end().await;
    let cookie = old(&third).unwrap();
    assert!(
        matches!(cookie.setters[..], [Setter::Answer(at)] if third.requests[at].url.ends_with("/hop")),
        "{cookie:?}"
    );
    assert_eq!((cookie.value.as_str(), cookie.lifetime, cookie.stays), ("2", Some(600), true));
    let place = |cookie: &crate::seen::Cookie| (cookie.name.clone(), cookie.setters.len());
    assert_eq!(third.cookies.iter().map(place).collect::<Vec<_>>(), [("old".to_owned(), 1), ("new".to_owned(), 1)]);
    assert!(third.cookies.iter().all(|cookie| cookie.moment != Moment::Leaving), "{:#?}", third.cookies);
    let mut all: Vec<_> = [&first, &second, &third].into_iter().flat_map(left).collect();
    all.sort();
    assert_eq!(all, came(&site), "over three runs nothing is missed and nothing told twice");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_last_page_sends_while_it_goes_is_of_its_visit() {
    let Some(watch) = watch(&options()).await else { return };
    let site = Site::new(pages()).await;
    watch.visit(0);
    watch.open(&site.url("a.localhost/next"), PATIENCE).await;
    watch.visit(1);
    watch.open(&site.url("a.localhost/"), PATIENCE).await;
    site.wait("a.localhost/fromservice").await;
    watch.rest(Duration::from_secs(1)).await;
    let gathered = watch.end().await;
    let farewell = find(&gathered, "/late");
    assert_eq!((farewell.visit, farewell.moment), (1, Moment::Leaving));
    assert_eq!(left(&gathered), came(&site));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_fetched_ahead_or_late_is_seen() {
    let Some(watch) = watch(&options()).await else { return };
    let site = Site::new(pages()).await;
    watch.open(&site.url("a.localhost/ahead"), PATIENCE).await;
    for place in ["linked", "kept", "fetched"] {
        site.wait(&format!("a.localhost/{place}")).await;
    }
    watch.rest(Duration::from_secs(2)).await;
    watch.visit(1);
    watch.open(&site.url("a.localhost/next"), PATIENCE).await;
    watch.rest(Duration::from_secs(1)).await;
    let gathered = watch.end().await;
    assert_eq!(left(&gathered), came(&site));
    let reached = |host: &str| gathered.connections.iter().any(|it| it.host == host && !it.request);
    assert!(reached("127.0.0.1") && reached("stun.nowhere.invalid"), "{:#?}", gathered.connections);
}
