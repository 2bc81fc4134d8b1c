//! Embeds that a script puts in after the page was served: what is held gives way to a placeholder, what nobody
//! should see or nobody declared does not, and what was granted since the page was served is shown.

use crate::driver::present;
use crate::newsstand::Newsstand;
use serde_json::json;

/// Puts embeds in 300 ms after it has loaded, in every way a script can.
fn late(port: u16) -> String {
    let film = format!("http://video.localhost:{port}");
    format!(
        "<!doctype html><html lang=en><title>t</title><style>.wide {{width: 640px; height: 360px}} body {{margin: 2em}}</style>\
         <body><h1>late</h1><div id=a></div><p>and</p><div id=b></div><div id=c></div><div id=d></div><div id=e></div><script>\
         const make = (tag, more) => Object.assign(document.createElement(tag), more);\
         const by = (id) => document.getElementById(id);\
         addEventListener('load', () => setTimeout(() => {{\
           by('a').innerHTML = '<iframe src={film}/inner width=560 height=315 title=Inner></iframe>';\
           by('b').append(make('iframe', {{src: '{film}/created', className: 'wide', allow: 'fullscreen'}}));\
           by('c').attachShadow({{mode: 'open'}}).append(make('iframe', {{src: '{film}/shadow', width: 500, height: 300}}));\
           by('d').append(make('object', {{data: '{film}/object', width: 400, height: 300}}), make('video', {{src: '{film}/film.mp4', width: 400, height: 300}}));\
           by('e').append(make('iframe', {{src: '{film}/tiny', width: 1, height: 1}}), make('iframe', {{src: '{film}/hidden', hidden: true}}),\
             make('iframe', {{src: '{film}/unseen', style: 'display:none'}}), make('iframe', {{src: '{film}/small', style: 'width:0;height:0;border:0'}}),\
             make('iframe', {{src: 'http://nobody.localhost:{port}/x', width: 400, height: 300}}));\
           window.done = true;\
         }}, 300));</script>"
    )
}

const PLACED: &str = "[['#a', document], ['#b', document], ['#c', document.getElementById('c').shadowRoot], ['#d', document]].map(([id, root]) => \
    (root === document ? document.querySelector(id) : root)?.querySelectorAll('bandeau-embed').length ?? 0)";

#[tokio::test(flavor = "multi_thread")]
async fn a_placeholder_stands_where_an_embed_came_late() {
    if !present() {
        return;
    }
    let stand = Newsstand::open(&[], late).await;
    stand.visit("/", "neutral").await;
    stand.browser.until("window.done === true").await;
    stand.browser.until(&format!("{PLACED}.join() === '1,1,1,2'")).await;
    stand.browser.linger().await;
    assert_eq!(stand.read(PLACED).await, json!([1, 1, 1, 2]));
    assert_eq!(stand.read("document.querySelectorAll('#e bandeau-embed').length").await, json!(0));
    assert_eq!(stand.films(), 0);
    let size = "(() => { const r = document.querySelector('#b bandeau-embed').getBoundingClientRect(); return [r.width, r.height] })()";
    let size = stand.read(size).await;
    assert!(
        (size[0].as_f64().unwrap() - 644.0).abs() <= 4.0 && (size[1].as_f64().unwrap() - 364.0).abs() <= 4.0,
        "{size}"
    );
    stand.browser.shot("late-light").await;
    let dark = json!({ "features": [{ "name": "prefers-color-scheme", "value": "dark" }] });
    stand.browser.devtools("Emulation.setEmulatedMedia", dark).await;
    stand.browser.shot("late-dark").await;
    // Allowed in its place, like any other; with it come those of the same purpose, in the shadow too.
    stand.browser.run("window.same = true").await;
    stand.browser.click_in("#b bandeau-embed", "button[value=allow]").await;
    stand.browser.state("amber").await;
    stand.shown(2).await;
    assert_eq!(stand.read("window.same").await, json!(true));
    let frames = "[...document.querySelectorAll('iframe'), ...document.getElementById('c').shadowRoot.querySelectorAll('iframe')] \
        .filter((f) => f.src.includes('/.well-known/bandeau/embed?')).map((f) => f.className)";
    assert_eq!(stand.read(frames).await, json!(["", "wide", "", "", ""]));
    stand.browser.until("document.querySelector('#d iframe').contentDocument?.querySelector('object') != null").await;
    stand
        .browser
        .until("document.querySelectorAll('#d iframe')[1].contentDocument?.querySelector('video[controls]') != null")
        .await;
    stand.browser.shot("late-open").await;
    stand.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_site_goes_on_as_if_its_element_were_there() {
    if !present() {
        return;
    }
    let stand = Newsstand::open(&[], late).await;
    stand.visit("/", "neutral").await;
    stand.browser.until(&format!("{PLACED}.join() === '1,1,1,2'")).await;
    // Taken out as frameworks do it: the placeholder goes with it.
    stand.browser.run("const f = document.querySelector('#b iframe'); f.parentNode.removeChild(f)").await;
    stand.browser.until("document.querySelector('#b bandeau-embed') === null").await;
    // Pointed elsewhere: it is shown again.
    stand.browser.run("document.querySelector('#a iframe').src = '/own'").await;
    // A navigation that is still on its way would be in the way of the next.
    stand
        .browser
        .until(
            "(() => { const d = document.querySelector('#a iframe').contentDocument; \
             return d?.URL.endsWith('/own') === true && d.readyState === 'complete' })()",
        )
        .await;
    stand.browser.until("document.querySelector('#a bandeau-embed') === null").await;
    assert_eq!(stand.read("getComputedStyle(document.querySelector('#a iframe')).display").await, json!("inline"));
    // And pointed back, it is held again.
    stand.browser.run("const g = document.querySelector('#a iframe'); g.src = document.querySelector('#c').shadowRoot.querySelector('iframe').src + '2'").await;
    stand.browser.until("document.querySelector('#a bandeau-embed') !== null").await;
    assert_eq!(stand.films(), 0);
    stand.close().await;
}

/// A page that puts an embed in when it is told to.
fn later(port: u16) -> String {
    format!(
        "<!doctype html><html lang=en><title>t</title><iframe src='http://video.localhost:{port}/first' width=560 height=315></iframe>\
         <div id=next></div><script>window.next = () => {{ document.getElementById('next').innerHTML = \
         '<iframe src=http://video.localhost:{port}/next style=\"width:300px;height:200px\" title=Next></iframe>' }}</script>"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_granted_since_is_shown_at_once() {
    if !present() {
        return;
    }
    let stand = Newsstand::open(&[], later).await;
    stand.visit("/", "neutral").await;
    stand.browser.click_in("bandeau-embed", "button[value=allow]").await;
    stand.shown(1).await;
    stand.browser.state("amber").await;
    stand.browser.run("next()").await;
    stand.shown(2).await;
    assert!(stand.video.last().path() == "/next" && stand.pages("/") == 1);
    let frame = "(() => { const f = document.querySelector('#next iframe'), r = f.getBoundingClientRect(); \
        return [f.title, f.src.includes('/embed?'), r.width, r.height] })()";
    assert_eq!(stand.read(frame).await, json!(["Next", true, 300, 200]));
    stand.close().await;
}

/// A strict policy of the site's own, which refuses styles without a nonce.
const STRICT: &[(&str, &str)] = &[(
    "content-security-policy",
    "default-src 'self'; script-src 'nonce-abc'; style-src 'nonce-abc'; frame-src http: ; require-trusted-types-for 'script'",
)];

fn strict(port: u16) -> String {
    format!(
        "<!doctype html><html lang=en><title>t</title><div id=a></div><script nonce=abc>addEventListener('load', () => {{\
         const f = document.createElement('iframe'); f.src = 'http://video.localhost:{port}/film'; f.width = 560; f.height = 315;\
         document.getElementById('a').append(f) }})</script>"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_late_placeholder_has_its_style_under_a_strict_policy() {
    if !present() {
        return;
    }
    let stand = Newsstand::open(STRICT, strict).await;
    stand.visit("/", "neutral").await;
    stand.browser.until("document.querySelector('#a bandeau-embed') !== null").await;
    let look =
        "getComputedStyle(document.querySelector('#a bandeau-embed').shadowRoot.querySelector('.e')).borderRadius";
    assert_eq!(stand.read(look).await, json!("6px"));
    stand.browser.shot("late-strict").await;
    stand.close().await;
}

/// A policy under which our script is a file, and so comes when the page has been read.
const FILES: &[(&str, &str)] = &[("content-security-policy", "script-src 'self'; style-src 'self'")];

fn files(port: u16) -> String {
    format!(
        "<!doctype html><html lang=en><title>t</title><div id=a></div><script src=/put.js></script>\
         <iframe src=/own></iframe><iframe src='http://video.localhost:{port}/written' width=560 height=315></iframe>"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn what_came_before_our_script_is_found() {
    if !present() {
        return;
    }
    let stand = Newsstand::open(FILES, files).await;
    stand.visit("/", "neutral").await;
    stand.browser.until("document.querySelector('#a bandeau-embed') !== null").await;
    assert_eq!(stand.films(), 0);
    // Granted and reloaded, nothing is refused and nothing is replaced.
    stand.browser.click(".n button[value=accept]").await;
    stand.browser.state("green").await;
    stand.shown(2).await;
    stand.browser.linger().await;
    assert_eq!(
        stand.read("document.querySelectorAll('bandeau-embed, iframe[src*=\"/embed?\"]').length").await,
        json!(0)
    );
    stand.close().await;
}

/// A policy of the site that refuses the film as well.
const OWN: &[(&str, &str)] = &[("content-security-policy", "frame-src 'self'")];

#[tokio::test(flavor = "multi_thread")]
async fn what_the_site_itself_refuses_stays_refused() {
    if !present() {
        return;
    }
    let stand = Newsstand::open(OWN, later).await;
    stand.visit("/", "neutral").await;
    stand.browser.run("next()").await;
    stand.browser.linger().await;
    assert_eq!(stand.read("document.querySelectorAll('#next bandeau-embed').length").await, json!(0));
    stand.browser.click(".n button[value=accept]").await;
    stand.browser.state("green").await;
    stand.browser.run("next()").await;
    stand.browser.linger().await;
    assert_eq!(
        stand.read("document.querySelectorAll('#next bandeau-embed, #next iframe[src*=\"/embed?\"]').length").await,
        json!(0)
    );
    assert_eq!((stand.films(), stand.pages("/")), (0, 2));
    stand.close().await;
}
