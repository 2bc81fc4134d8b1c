//! "This once" as a visitor meets it: one embed opens where it stood, nothing else does, and nothing moves. And the
//! rooms that placeholders keep.

use crate::driver::present;
use crate::newsstand::Newsstand;
use crate::support::{export, store};
use fantoccini::Locator;
use serde_json::json;
use std::os::unix::fs::PermissionsExt as _;

/// Two films of one host, a text around each.
fn films(port: u16) -> String {
    format!(
        "<!doctype html><html lang=en><title>t</title><style>body{{margin:0 0 40em}}iframe{{border:0}}</style><h1>Films</h1>\
         <p class=line>one</p><iframe src='http://video.localhost:{port}/first' width=560 height=315 title='The tide' class=film></iframe>\
         <p class=line>two</p><iframe src='http://video.localhost:{port}/second' width=560 height=315 class=film></iframe>\
         <p class=line>end</p>"
    )
}

const ONE: &str = "bandeau-embed[data-frame*='first']";
const LINES: &str =
    "[...document.querySelectorAll('.line')].map((p) => Math.round(p.getBoundingClientRect().top + scrollY))";
/// What has moved so far, also after a click: nothing, or by how much and what.
const SHIFTS: &str = "new Promise((done) => { const all = []; \
    new PerformanceObserver((list) => { for (const one of list.getEntries()) \
      all.push(one.value + ' ' + one.sources.map((at) => at.node && (at.node.className || at.node.nodeName)).join()); }) \
      .observe({type: 'layout-shift', buffered: true}); \
    setTimeout(() => done(all), 300) })";

impl Newsstand {
    /// How many placeholders there are.
    async fn closed(&self) -> serde_json::Value {
        self.read("document.querySelectorAll('bandeau-embed').length").await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_embed_opens_this_once_and_nothing_else_changes() {
    if !present() {
        return;
    }
    let stand = Newsstand::open(&[], films).await;
    stand.visit("/story", "neutral").await;
    let lines = stand.read(LINES).await;
    stand.browser.run("window.same = true").await;
    stand.browser.shot("once-before").await;
    stand.browser.click_in(ONE, "button[value=once]").await;
    stand.shown(1).await;
    stand
        .browser
        .until("document.querySelector('iframe.film')?.contentDocument?.querySelector('iframe') != null")
        .await;
    stand.browser.linger().await;
    stand.browser.shot("once-after").await;
    assert_eq!((stand.films(), stand.closed().await), (1, json!(1)), "the other film of that host stays closed");
    assert_eq!(stand.read("window.same").await, json!(true), "the page was not loaded anew");
    assert_eq!(stand.read(LINES).await, lines, "nothing moved");
    assert_eq!(stand.browser.settle(SHIFTS).await, json!([]));
    // The focus is where the button was, on something that says what it is.
    assert_eq!(stand.read("document.activeElement.title").await, json!("The tide"));
    // Who was undecided is so still: the question stands, and there is no cookie.
    stand.browser.state("neutral").await;
    assert!(
        stand.read("document.querySelector('bandeau-notice').shadowRoot.querySelector('.n') !== null").await
            == json!(true)
    );
    assert_eq!(stand.browser.cookies().await, []);
    let records = export(&store(stand.gateway.dir.path()));
    assert_eq!((records.len(), &records[0]["source"]), (1, &json!("once:video")));
    // With the page it is closed again.
    stand.visit("/story", "neutral").await;
    stand.browser.linger().await;
    assert_eq!((stand.films(), stand.closed().await), (1, json!(2)));
    // Who refused stays so.
    stand.browser.click(".n button[value=refuse]").await;
    stand.browser.state("red").await;
    stand.browser.click_in(ONE, "button[value=once]").await;
    stand.shown(2).await;
    stand.browser.state("red").await;
    assert_eq!(stand.closed().await, json!(1));
    // And allowing the other for good opens it as well, with a band that says so.
    stand.browser.click_in("bandeau-embed", "button[value=allow]").await;
    stand.shown(3).await;
    stand.browser.state("amber").await;
    stand.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_book_is_said_in_the_place() {
    if !present() {
        return;
    }
    let stand = Newsstand::open(&[], films).await;
    stand.visit("/story", "neutral").await;
    // A first record makes the file.
    stand.browser.click_in(ONE, "button[value=once]").await;
    stand.shown(1).await;
    let file = stand.gateway.dir.path().join("bandeau.db");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o444)).unwrap();
    stand.visit("/story", "neutral").await;
    stand.browser.click_in(ONE, "button[value=once]").await;
    let said = "document.querySelector('bandeau-embed').shadowRoot.querySelector('[role=status]').textContent.includes('keep the proof')";
    stand.browser.until(said).await;
    stand.browser.linger().await;
    stand.browser.shot("once-closed-book").await;
    assert_eq!((stand.films(), stand.closed().await), (1, json!(2)));
    stand.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_script_it_is_a_page_with_a_way_back() {
    if !present() {
        return;
    }
    let stand = Newsstand::open(&[], films).await;
    stand.browser.scripts(false).await;
    stand.browser.goto(&stand.url("/story?a=b")).await;
    stand.browser.click_in(ONE, "button[value=once]").await;
    stand.shown(1).await;
    let url = stand.browser.client.current_url().await.unwrap();
    assert_eq!(url.path(), "/.well-known/bandeau/embed");
    stand.browser.until("document.readyState === 'complete'").await;
    stand.browser.shot("once-alone").await;
    let title = stand.browser.client.find(Locator::Css("h1")).await.unwrap().text().await.unwrap();
    assert_eq!(title, "The tide");
    let fills = "(() => { const r = document.querySelector('iframe').getBoundingClientRect(); return r.width > 1200 && r.height > 700 })()";
    assert_eq!(stand.read(fills).await, json!(true));
    stand.browser.client.find(Locator::Css("a")).await.unwrap().click().await.unwrap();
    stand.browser.until("location.pathname === '/story' && document.readyState === 'complete'").await;
    assert_eq!(stand.closed().await, json!(2));
    assert_eq!(stand.browser.cookies().await, []);
    stand.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_site_refuses_frames_of_its_own_it_is_a_page_too() {
    if !present() {
        return;
    }
    let stand = Newsstand::open(&[("content-security-policy", "frame-src http://video.localhost:*")], films).await;
    stand.visit("/story", "neutral").await;
    stand.browser.click_in(ONE, "button[value=once]").await;
    stand
        .browser
        .until("location.pathname === '/.well-known/bandeau/embed' && document.readyState === 'complete'")
        .await;
    stand.shown(1).await;
    assert_eq!(export(&store(stand.gateway.dir.path())).len(), 1, "one wish, one record");
    stand.close().await;
}

/// Embeds whose size is in their attributes, in their style, and in the style of the page.
fn rooms(port: u16) -> String {
    let embeds = [
        "width=560 height=315",
        "width=300 height=600",
        "width=220 height=220",
        "width='100%' height=400",
        "style='width:60%;aspect-ratio:16/9'",
        "style='width:480px;height:270px'",
        "class=film",
        "width=560 height=315 style='width:100%;height:auto;aspect-ratio:16/9'",
        "width=560 height=315 class=film",
    ];
    let embed = |(at, size): (usize, &&str)| {
        format!("<div class=line><iframe src='http://video.localhost:{port}/{at}' {size}></iframe></div>")
    };
    format!(
        "<!doctype html><html lang=en><title>t</title><style>body{{margin:0;width:900px}}iframe{{border:0}}\
         .film{{width:100%;aspect-ratio:4/3;height:auto}}</style><body>{}",
        embeds.iter().enumerate().map(embed).collect::<String>()
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_placeholder_is_as_large_as_its_embed() {
    if !present() {
        return;
    }
    let stand = Newsstand::open(&[], rooms).await;
    stand.visit("/", "neutral").await;
    let sizes = |name: &str| {
        format!(
            "[...document.querySelectorAll('.line > {name}')].map((at) => {{ const r = at.getBoundingClientRect(); return [Math.round(r.width), Math.round(r.height)] }})"
        )
    };
    let held = stand.read(&sizes("bandeau-embed")).await;
    assert_eq!(held.as_array().unwrap().len(), 9);
    assert_eq!(stand.browser.settle(SHIFTS).await, json!([]));
    // The words are in the box, and where they are longer they scroll.
    let inside = "[...document.querySelectorAll('bandeau-embed')].every((at) => at.shadowRoot.querySelector('.e').getBoundingClientRect().height <= at.getBoundingClientRect().height + 1)";
    assert_eq!(stand.read(inside).await, json!(true));
    stand.browser.shot("rooms").await;
    stand.browser.click(".n button[value=accept]").await;
    stand.browser.state("green").await;
    stand.browser.until("document.querySelectorAll('bandeau-embed').length === 0").await;
    assert_eq!(stand.read(&sizes("iframe")).await, held);
    stand.close().await;
}

/// A page in a font of another host, whose style sheet would hold the first paint up.
fn letters(port: u16) -> String {
    format!(
        "<!doctype html><html lang=en><title>t</title><link rel=stylesheet href='http://fonts.localhost:{port}/letters.css'>\
         <style>p{{font:20px Letters,serif}}</style><p id=text>Readable in any font.</p><p class=line>end</p>"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_held_font_holds_nothing_up_and_moves_nothing() {
    if !present() {
        return;
    }
    // The font's host takes its time with every answer: who waits for it sees nothing meanwhile.
    let stand = Newsstand::with(&[], letters, |_| {
        let (send, body) = crate::site::fed();
        tokio::spawn(async move {
            tokio::time::sleep(std::time::Duration::from_secs(2)).await;
            let _ = send.send(Ok(bytes::Bytes::from_static(b"p{color:rgb(1,2,3)}"))).await;
        });
        let mut answer = crate::site::typed("text/css", "");
        *answer.body_mut() = body;
        answer
    })
    .await;
    stand.visit("/", "neutral").await;
    stand.browser.until("performance.getEntriesByName('first-contentful-paint').length === 1").await;
    assert_eq!(stand.browser.settle(SHIFTS).await, json!([]));
    stand.browser.linger().await;
    assert_eq!((stand.films(), stand.closed().await), (0, json!(0)), "nothing was asked for, and no box says so");
    // The settings say what it is about.
    stand.browser.goto(&stand.url("/.well-known/bandeau/settings")).await;
    let text = stand.read("document.body.textContent").await;
    for word in ["Fonts and files from elsewhere", "your device\u{2019}s own fonts", "Letterbox"] {
        assert!(text.as_str().unwrap().contains(word), "{word}: {text}");
    }
    // Granted, it comes.
    stand.visit("/", "neutral").await;
    stand.browser.click(".n button[value=accept]").await;
    stand.shown(1).await;
    stand.browser.until("getComputedStyle(document.getElementById('text')).color === 'rgb(1, 2, 3)'").await;
    stand.close().await;
}
