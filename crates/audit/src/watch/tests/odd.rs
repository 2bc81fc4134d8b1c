//! Pages that do not behave: each ends in a word, within its time, and the next page opens.

use super::site::{Page, Site, html, script, status};
use super::{PATIENCE, options, watch};
use crate::seen::{End, Outcome};
use std::time::{Duration, Instant};

const SOON: Duration = Duration::from_secs(4);

fn pages() -> Vec<(&'static str, Page)> {
    vec![
        ("a.localhost/fine", html("<title>fine</title>")),
        ("a.localhost/loop", html("<title>loop</title><script>for (;;);</script>")),
        ("a.localhost/later", html("<title>later</title><script>setTimeout(() => { for (;;); }, 50)</script>")),
        ("a.localhost/never", status(200).with("Never: answer")),
        ("a.localhost/part", html("<title>part</title><img src='/never'>")),
        ("a.localhost/file", status(200).with("Content-Disposition: attachment; filename=x.zip")),
        ("a.localhost/empty", status(204)),
        ("a.localhost/round", status(302).with("Location: /round")),
        (
            "a.localhost/asks",
            html(
                "<title>asks</title><script>confirm('sure?'); prompt('who?'); print(); debugger; \
                 addEventListener('beforeunload', (e) => { e.preventDefault(); e.returnValue = 'stay'; }); \
                 for (let i = 0; i < 20; i++) alert(i); \
                 navigator.geolocation.getCurrentPosition(() => 0); Notification.requestPermission();</script>",
            ),
        ),
        ("a.localhost/needs", status(401).with("WWW-Authenticate: Basic realm=\"x\"")),
        ("a.localhost/many", html("<script>for (let i = 0; i < 300; i++) fetch('/n?' + i).catch(() => 0)</script>")),
        (
            "a.localhost/fills",
            html(
                "<script>for (let i = 0; i < 3000; i++) localStorage['key' + i] = i; \
                 try { sessionStorage.big = 'x'.repeat(4e6) } catch {} \
                 for (let i = 0; i < 1000; i++) document.cookie = 'c' + i + '=' + 'y'.repeat(500);</script>",
            ),
        ),
        ("a.localhost/breaks", html("<script src=/mean.js></script><title>broken</title>")),
        (
            "a.localhost/mean.js",
            script(
                "Array.prototype.join = Array.prototype.toJSON = String.prototype.slice = () => { throw 1 }; \
                 Error.prepareStackTrace = () => { throw 2 }; Object.defineProperty(window, 'Proxy', {value: 0}); \
                 document.cookie = 'mean=1';",
            ),
        ),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_ends_in_a_word() {
    let Some(mut watch) = watch(&options()).await else { return };
    let site = Site::new(pages()).await;
    let ends = [
        ("a.localhost/fine", End::Complete),
        ("a.localhost/loop", End::Broken("the page does not answer".to_owned())),
        ("a.localhost/never", End::Slow),
        ("a.localhost/part", End::Slow),
        ("a.localhost/file", End::Download),
        ("a.localhost/empty", End::Failed("net::ERR_ABORTED".to_owned())),
        ("a.localhost/round", End::Failed("net::ERR_TOO_MANY_REDIRECTS".to_owned())),
        ("a.localhost/asks", End::Complete),
        ("a.localhost/needs", End::Failed("net::ERR_INVALID_AUTH_CREDENTIALS".to_owned())),
        ("nowhere.invalid/", End::Failed("net::ERR_NAME_NOT_RESOLVED".to_owned())),
        ("a.localhost/fine", End::Complete),
    ];
    for (visit, (place, expected)) in ends.into_iter().enumerate() {
        watch.visit(visit);
        let start = Instant::now();
        // Those that cannot end by themselves are waited for less.
        let patience = if matches!(expected, End::Slow | End::Broken(_)) { SOON } else { PATIENCE };
        let arrival = watch.open(&site.url(place), patience).await;
        eprintln!("{place}: {:?} after {:?}", arrival.end, start.elapsed());
        assert_eq!(arrival.end, expected, "{place}");
        if matches!(arrival.end, End::Broken(_)) {
            assert!(watch.renew().await.unwrap(), "the profile is gone");
        }
    }
    let asked = watch.odd(7).1;
    assert_eq!(
        (asked.len(), asked[0].as_str(), asked[10].as_str()),
        (11, "confirm: sure?", "and 12 more"),
        "{asked:?}"
    );
    assert!(watch.odd(4).1[0].starts_with("download: http://a.localhost"), "{:?}", watch.odd(4));
    let look = watch.look().await;
    assert_eq!((look.title.as_str(), look.hung), ("fine", false));
    watch.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_hangs_or_crashes_later_is_left_behind() {
    let Some(mut watch) = watch(&options()).await else { return };
    let site = Site::new(pages()).await;
    watch.open(&site.url("a.localhost/later"), PATIENCE).await;
    watch.rest(Duration::from_millis(500)).await;
    assert!(watch.look().await.hung);
    watch.sweep().await;
    assert!(watch.renew().await.unwrap());
    watch.visit(1);
    assert_eq!(watch.open(&site.url("a.localhost/fine"), PATIENCE).await.end, End::Complete);
    let _ = watch.page().tell("Page.crash", &serde_json::json!({}));
    watch.rest(PATIENCE).await;
    assert_eq!(watch.broken().as_deref(), Some("the page crashed"));
    assert!(watch.renew().await.unwrap());
    watch.visit(2);
    assert_eq!(watch.open(&site.url("a.localhost/fine"), PATIENCE).await.end, End::Complete);
    let _ = watch.browser.call("Browser.crash", &serde_json::json!({})).await;
    watch.rest(PATIENCE).await;
    assert_eq!(watch.broken().as_deref(), Some("the browser ended"));
    assert!(!watch.renew().await.unwrap());
    watch.visit(3);
    assert_eq!(watch.open(&site.url("a.localhost/fine"), PATIENCE).await.end, End::Complete);
    let gathered = watch.end().await;
    let visits: Vec<_> =
        gathered.requests.iter().filter(|request| request.kind == "Document").map(|r| r.visit).collect();
    assert_eq!(visits, [0, 1, 2, 3]);
    assert_eq!(gathered.notes.len(), 1, "{:?}", gathered.notes);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_network_log_has_a_bound() {
    let mut options = options();
    options.netlog = Some(1_500_000);
    let Some(mut watch) = watch(&options).await else { return };
    let site = Site::new(pages()).await;
    watch.open(&site.url("a.localhost/fine"), PATIENCE).await;
    watch.rest(Duration::from_millis(500)).await;
    assert!(!watch.full(), "{:?}", std::fs::metadata(watch.file()));
    watch.visit(1);
    watch.open(&site.url("a.localhost/many"), PATIENCE).await;
    site.wait("a.localhost/n?299").await;
    watch.rest(Duration::from_secs(1)).await;
    assert!(watch.full(), "{:?}", std::fs::metadata(watch.file()));
    let old = watch.file();
    assert!(!watch.renew().await.unwrap(), "the profile was kept");
    assert!(!old.exists() && watch.file().exists() && !watch.full());
    watch.visit(2);
    watch.open(&site.url("a.localhost/fine"), PATIENCE).await;
    let gathered = watch.end().await;
    let of =
        |visit| gathered.requests.iter().filter(|request| request.visit == visit && request.outcome.left()).count();
    assert!(of(0) >= 1 && of(1) >= 301 && of(2) >= 1, "{} {} {}", of(0), of(1), of(2));
    assert_eq!(
        gathered.notes,
        ["the browser's network log was full; another was started, and cookies and storage were lost"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn much_is_counted_and_not_kept() {
    let mut options = options();
    options.limits.requests = 50;
    let Some(watch) = watch(&options).await else { return };
    let site = Site::new(pages()).await;
    watch.open(&site.url("a.localhost/many"), PATIENCE).await;
    site.wait("a.localhost/n?299").await;
    watch.rest(Duration::from_secs(1)).await;
    let more = watch.odd(0).0;
    watch.visit(1);
    watch.open(&site.url("a.localhost/fills"), PATIENCE).await;
    watch.rest(Duration::from_secs(1)).await;
    watch.sweep().await;
    watch.visit(2);
    watch.open(&site.url("a.localhost/breaks"), PATIENCE).await;
    watch.sweep().await;
    assert_eq!(watch.look().await.title, "broken");
    let gathered = watch.end().await;
    let kept = gathered.requests.iter().filter(|request| request.visit == 0).count();
    assert_eq!(kept, 50);
    // The page and 300 more; a favicon may be asked for besides.
    assert!((251..=252).contains(&more), "{more}");
    let local = gathered.storage.iter().filter(|entry| entry.key.starts_with("key")).count();
    assert_eq!(local, 500);
    let big = gathered.storage.iter().find(|entry| entry.key == "big").unwrap();
    assert_eq!((big.size, big.value.len()), (4_000_000, 1024));
    assert!(gathered.notes.iter().any(|note| note.contains("entries of storage")), "{:?}", gathered.notes);
    assert!(gathered.cookies.iter().any(|cookie| cookie.name == "mean"), "what a page breaks is still found");
    assert!(gathered.requests.iter().all(|request| request.outcome != Outcome::Open));
}
