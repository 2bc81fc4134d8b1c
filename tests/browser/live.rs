//! Pages that go on: an embed that opens in its place, a grant that costs one reload and no place, a notice
//! that outlives the body it stood in.

use crate::driver::{SETTINGS, present};
use crate::newsstand::Newsstand;
use crate::site::{fed, typed};
use crate::support::{export, store};
use bytes::Bytes;
use serde_json::json;

/// An embed far down, another of the same host, one of another service, and a closed feature.
fn story(port: u16) -> String {
    format!(
        "<!doctype html><html lang=en><title>t</title><style>body{{margin:0}}</style><div style='height:1500px'>top</div>\
         <p id=before>before</p>\
         <iframe id=one src='http://video.localhost:{port}/film?a=1&b=2' width=560 height=315 title='The \"tide\"' \
         allow='autoplay; fullscreen' sandbox='allow-scripts' class=film></iframe>\
         <p id=after>after</p><div style='height:2000px'></div>\
         <iframe src='http://video.localhost:{port}/second' width=400 height=300></iframe>\
         <iframe src='http://forum.localhost:{port}/thread' width=400 height=300></iframe>\
         <div id=comments>comments</div><div style='height:2000px'>end</div>"
    )
}

const FIRST: &str = "document.querySelector('bandeau-embed[data-frame*=\"a%3D1\"]')";
const ONE: &str = "bandeau-embed[data-frame*='a%3D1']";

impl Newsstand {
    /// Answers on the first layer.
    async fn answer(&self, answer: &str, state: &str) {
        self.browser.click(&format!(".n button[value={answer}]")).await;
        self.browser.state(state).await;
    }

    /// Where the texts around the embed are, and the page itself.
    async fn places(&self) -> serde_json::Value {
        self.read(
            "[scrollY, ...['before', 'after'].map((id) => document.getElementById(id).getBoundingClientRect().top), \
             document.documentElement.scrollHeight]",
        )
        .await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_embed_opens_in_its_place() {
    if !present() {
        return;
    }
    let stand = Newsstand::open(&[], story).await;
    stand.visit("/story?x=1", "neutral").await;
    stand.answer("refuse", "red").await;
    stand
        .browser
        .run(&format!("window.same = true; {FIRST}.shadowRoot.querySelector('button').scrollIntoView({{block: 'center', behavior: 'instant'}})"))
        .await;
    let before = stand.places().await;
    stand.browser.shot("place-before").await;
    stand.browser.click_in(ONE, "button[value=allow]").await;
    stand.shown(1).await;
    // The band and the settings say so without a reload.
    stand.browser.state("amber").await;
    assert_eq!(stand.read("window.same").await, json!(true), "the page was not loaded anew");
    assert_eq!(stand.places().await, before, "nothing moved");
    let inner = "(() => { const f = document.querySelector('iframe.film').contentDocument.querySelector('iframe'); \
                 return ['allow', 'sandbox', 'title'].map((name) => f.getAttribute(name)) })()";
    assert_eq!(stand.read(inner).await, json!(["autoplay; fullscreen", "allow-scripts", "The \"tide\""]));
    assert_eq!(stand.read("document.querySelector('iframe.film').title").await, json!("The \"tide\""));
    assert_eq!(
        stand.read("document.activeElement.className").await,
        json!("film"),
        "the focus is where the button was"
    );
    assert_eq!(stand.read("document.querySelectorAll('bandeau-notice').length").await, json!(1));
    stand.browser.shot("place-after").await;
    // The other film of that host is open too, and what is for another purpose is not.
    assert_eq!(stand.read("document.querySelectorAll('bandeau-embed').length").await, json!(2));
    assert!(stand.video.seen().iter().all(|seen| seen.header("host").unwrap().starts_with("video.localhost")));
    assert!(stand.video.seen()[0].header("referer").is_some_and(|from| from == stand.url("/")), "the origin alone");
    let records = export(&store(stand.gateway.dir.path()));
    assert_eq!((records.len(), &records[1]["source"], &records[1]["event"]), (2, &json!("embed"), &json!("given")));
    stand.browser.settings().await;
    let settings = format!("{SETTINGS}.querySelector('[type=checkbox][name=\"choice.media\"]').checked");
    assert_eq!(stand.read(&settings).await, json!(true));
    stand.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_opened_in_its_place_can_be_taken_back_and_given_again() {
    if !present() {
        return;
    }
    let stand = Newsstand::open(&[], story).await;
    stand.visit("/story", "neutral").await;
    // From the placeholder alone: an answer like any other, and the question is gone.
    stand.browser.click_in(ONE, "button[value=allow]").await;
    stand.shown(1).await;
    stand.browser.state("amber").await;
    assert_eq!(
        stand.read("document.querySelector('bandeau-notice').shadowRoot.querySelector('.n')").await,
        json!(null)
    );
    for _ in 0..2 {
        stand.browser.click(".y button[value=refuse]").await;
        stand.browser.state("red").await;
        let films = stand.films();
        stand.browser.until(&format!("{FIRST} !== null")).await;
        stand.browser.linger().await;
        assert_eq!(stand.films(), films, "taken back");
        stand.browser.click_in(ONE, "button[value=allow]").await;
        stand.shown(films + 1).await;
        stand.browser.state("amber").await;
        // And after a reload it is the page's own element again.
        let films = stand.films();
        stand.visit("/story", "amber").await;
        assert_eq!(stand.read("document.getElementById('one').src.includes('video.localhost')").await, json!(true));
        stand.shown(films + 1).await;
    }
    stand.close().await;
}

/// The strictest policy a site can have and still show films.
const STRICT: &[(&str, &str)] = &[(
    "content-security-policy",
    "default-src 'self'; script-src 'nonce-abc'; style-src 'nonce-abc'; frame-src 'self' http://video.localhost:*; \
         require-trusted-types-for 'script'; trusted-types 'none'",
)];

#[tokio::test(flavor = "multi_thread")]
async fn a_strict_policy_of_the_site_is_no_obstacle() {
    if !present() {
        return;
    }
    let stand = Newsstand::open(STRICT, story).await;
    stand
        .browser
        .devtools(
            "Emulation.setEmulatedMedia",
            json!({ "features": [{ "name": "prefers-color-scheme", "value": "dark" }] }),
        )
        .await;
    stand.browser.devtools(
        "Page.addScriptToEvaluateOnNewDocument",
        json!({ "source": "window.refused = []; addEventListener('securitypolicyviolation', (e) => refused.push(e.effectiveDirective + ' ' + e.blockedURI))" }),
    ).await;
    stand.visit("/story", "neutral").await;
    let before = stand.read("refused").await;
    stand.browser.run("window.same = true").await;
    stand.browser.click_in(ONE, "button[value=allow]").await;
    stand.shown(1).await;
    stand.browser.state("amber").await;
    assert_eq!(stand.read("window.same").await, json!(true));
    let band = "(() => { const s = getComputedStyle(document.querySelector('bandeau-notice').shadowRoot.querySelector('.t')); \
                return [s.backgroundColor, s.borderRadius] })()";
    assert_eq!(stand.read(band).await[0], json!("rgb(242, 182, 50)"), "the band has its style");
    assert_eq!(stand.read("refused").await, before, "nothing of ours is refused");
    stand.browser.shot("place-strict-dark").await;
    stand.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_site_refuses_frames_of_its_own_the_page_comes_anew() {
    if !present() {
        return;
    }
    let policy = &[("content-security-policy", "frame-src http://video.localhost:*")];
    let stand = Newsstand::open(policy, story).await;
    stand.visit("/story", "neutral").await;
    stand.browser.click_in(ONE, "button[value=allow]").await;
    stand.shown(1).await;
    stand.browser.state("amber").await;
    stand.browser.until("document.getElementById('one')?.src.includes('video.localhost') === true").await;
    assert_eq!(stand.pages("/story"), 2, "one reload");
    stand.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grant_costs_one_reload_and_no_place() {
    if !present() {
        return;
    }
    // A site that keeps its own account of scrolling.
    let write = |port| story(port) + "<script>history.scrollRestoration = 'manual'</script>";
    let stand = Newsstand::open(&[], write).await;
    stand.visit("/story", "neutral").await;
    let near = "Math.abs(scrollY - 1500) <= 2";
    stand.browser.run("scrollTo({top: 1500, behavior: 'instant'})").await;
    stand.answer("accept", "green").await;
    stand.browser.until(near).await;
    stand.browser.linger().await;
    assert_eq!((stand.pages("/story"), stand.read(near).await), (2, json!(true)));
    assert_eq!(stand.browser.storage().await, Vec::<String>::new(), "nothing is left of where it was");
    // A later visit begins where visits begin.
    stand.visit("/story", "green").await;
    stand.browser.linger().await;
    assert_eq!(stand.read("scrollY").await, json!(0));
    // A feature has no single address: its placeholder reloads, in place.
    stand.browser.click(".y button[value=refuse]").await;
    stand.browser.state("red").await;
    let pages = stand.pages("/story");
    stand.browser.run("document.querySelector('#comments bandeau-embed').shadowRoot.querySelector('button').scrollIntoView({block: 'center', behavior: 'instant'})").await;
    let at = stand.read("scrollY").await.as_f64().unwrap();
    stand.browser.click_in("#comments bandeau-embed", "button[value=allow]").await;
    stand.browser.state("amber").await;
    stand.browser.until(&format!("Math.abs(scrollY - {at}) <= 2")).await;
    assert_eq!(stand.pages("/story"), pages + 1);
    stand.close().await;
}

/// Two scripts that take their time, one that needs the first, one that comes when it likes.
fn order(port: u16) -> String {
    format!(
        "<!doctype html><html lang=en><title>t</title><body><script>window.order = []</script>\
         <script src='http://video.localhost:{port}/slow.js'></script>\
         <script>order.push(window.slow ? 'inline' : 'inline too early')</script>\
         <script src='http://video.localhost:{port}/quick.js'></script>\
         <script async src='http://video.localhost:{port}/free.js'></script>\
         <script>order.push('last')</script>"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn scripts_run_in_the_order_of_the_page_after_a_grant() {
    if !present() {
        return;
    }
    let stand = Newsstand::with(&[], order, |seen| {
        let (text, wait) = match seen.path() {
            "/slow.js" => ("window.slow = true; order.push('slow')", 400),
            "/quick.js" => ("order.push('quick')", 0),
            _ => ("order.push('free')", 3_000),
        };
        let (send, body) = fed();
        tokio::spawn(async move {
            tokio::time::sleep(std::time::Duration::from_millis(wait)).await;
            let _ = send.send(Ok(Bytes::from_static(text.as_bytes()))).await;
        });
        let mut answer = typed("text/javascript", "");
        *answer.body_mut() = body;
        answer
    })
    .await;
    let run = "(window.order ?? []).length === 5";
    // As it is without the gateway.
    let direct = stand.site.url.replace("127.0.0.1", "news.localhost");
    stand.browser.goto(&direct).await;
    stand.browser.until(run).await;
    let expected = stand.read("order").await;
    assert_eq!(expected, json!(["slow", "inline", "quick", "last", "free"]));
    stand.visit("/", "neutral").await;
    assert_eq!(stand.read("order").await, json!(["inline too early", "last"]));
    stand.answer("accept", "green").await;
    stand.browser.until(run).await;
    assert_eq!(stand.read("order").await, expected);
    stand.close().await;
}

fn bare(_: u16) -> String {
    "<!doctype html><html lang=en><title>t</title><body><h1>one</h1>".to_owned()
}

const NOTICES: &str = "[...document.querySelectorAll('bandeau-notice')].filter((n) => n.shadowRoot).length";

#[tokio::test(flavor = "multi_thread")]
async fn the_notice_outlives_the_body_it_stood_in() {
    if !present() {
        return;
    }
    let stand = Newsstand::open(&[], bare).await;
    stand.visit("/", "neutral").await;
    stand.browser.run("window.first = document.querySelector('bandeau-notice')").await;
    // The first time, what puts it back is fetched.
    stand.browser.run("document.body.innerHTML = '<h1>none</h1>'").await;
    stand.browser.until("document.querySelector('bandeau-notice') === first").await;
    tokio::time::sleep(std::time::Duration::from_millis(120)).await;
    for act in [
        "document.body.innerHTML = '<h1>two</h1>'",
        "document.body.replaceWith(document.createElement('body'))",
        // Until nothing is left: whoever put it back meanwhile would never let this end.
        "while (document.body.firstChild) document.body.firstChild.remove()",
        // Another copy in what comes.
        "document.body.innerHTML = '<bandeau-notice data-state=red><template shadowrootmode=open></template></bandeau-notice>'",
        "document.body.append(first.cloneNode(true))",
        "document.documentElement.innerHTML = '<head></head><body><h1>three</h1></body>'",
    ] {
        let put = format!(
            "(async () => {{ {act}; await null; await null; return [document.querySelector('bandeau-notice') === first, {NOTICES}] }})()"
        );
        assert_eq!(stand.browser.settle(&put).await, json!([true, 1]), "{act}");
        tokio::time::sleep(std::time::Duration::from_millis(120)).await;
    }
    // Who takes it away each time does not stop the page; once that ends it is there.
    stand.browser.run(
        "window.watch = new MutationObserver(() => document.querySelector('bandeau-notice')?.remove()); watch.observe(document, {childList: true, subtree: true}); first.remove()",
    ).await;
    stand.browser.linger().await;
    stand.browser.run("watch.disconnect()").await;
    stand.browser.until("document.querySelector('bandeau-notice') === first").await;
    // A document opened anew forgets its listeners, and not ours.
    stand.browser.run("document.open(); document.write('<!doctype html><title>w</title><body><h1>written</h1>'); document.close()").await;
    stand.browser.until("document.querySelector('h1')?.textContent === 'written' && document.querySelector('bandeau-notice') === first").await;
    stand.browser.shot("body-written").await;
    // It works, and comes back to the address the page has by now, also where only the form itself gets through.
    stand.browser.run("history.pushState({}, '', '/other?page=2'); window.fetch = () => Promise.reject(Error())").await;
    stand.answer("refuse", "red").await;
    assert_eq!(stand.read("location.pathname + location.search").await, json!("/other?page=2"));
    assert_eq!(stand.pages("/other"), 1);
    stand.close().await;
}

/// Embeds of every size, each between two lines: in pixels, in part, unsaid, too small for words, and laid over
/// a box that keeps its shape.
fn sizes(port: u16) -> String {
    let sizes = [
        "width=560 height=315",
        "width=\"100%\" height=400",
        "",
        "width=50% height=300 style='border:0'",
        "width=120 height=40",
    ];
    let embed = |(at, size): (usize, &&str)| {
        format!(
            "<p class=line>line</p><div><iframe id=f{at} src='http://video.localhost:{port}/{at}' {size}></iframe></div>"
        )
    };
    format!(
        "<!doctype html><html lang=en><title>t</title><style>.shape {{position: relative; padding-bottom: 56.25%; height: 0; overflow: hidden}}\
         .shape .fit {{position: absolute; inset: 0; width: 100%; height: 100%}} iframe {{margin: 1em 0}}</style><body>{}\
         <p class=line>line</p><div class=shape><iframe class=fit src='http://video.localhost:{port}/shape'></iframe></div><p class=line>end</p>",
        sizes.iter().enumerate().map(embed).collect::<String>()
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn embeds_of_every_size_keep_their_room() {
    if !present() {
        return;
    }
    let stand = Newsstand::open(&[], sizes).await;
    stand.visit("/", "neutral").await;
    let lines =
        "[...document.querySelectorAll('.line')].map((p) => Math.round(p.getBoundingClientRect().top + scrollY))";
    let before = stand.read(lines).await;
    stand.browser.click_in("bandeau-embed", "button[value=allow]").await;
    stand.browser.state("amber").await;
    stand.shown(2).await;
    let after = stand.read(lines).await;
    let (before, after) = (before.as_array().unwrap(), after.as_array().unwrap());
    assert_eq!(before[..5], after[..5], "nothing moved");
    // What was folded to a line has the size it was written with.
    let small = "(() => { const r = document.querySelectorAll('iframe')[4].getBoundingClientRect(); return [r.width, r.height] })()";
    assert_eq!(stand.read(small).await, json!([120, 40]));
    let fits = "(() => { const f = document.querySelector('.fit').getBoundingClientRect(), s = document.querySelector('.shape').getBoundingClientRect(); \
                return [f.width - s.width, f.height - s.height] })()";
    assert_eq!(stand.read(fits).await, json!([0, 0]));
    stand.browser.shot("sizes-open").await;
    stand.close().await;
}
