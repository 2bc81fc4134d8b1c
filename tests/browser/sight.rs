//! What is seen: reflow, zoom, what has the focus never covered, targets large enough, forced colours, less motion, print,
//! text spread out.

use crate::access::{LAYOUTS, Paper};
use crate::driver::{Browser, SETTINGS, present};
use serde_json::{Value, json};

/// The root of the notice, and everything in it that can be pressed and is shown.
const ROOT: &str = "document.querySelector('bandeau-notice').shadowRoot";

impl Paper<'_> {
    /// The window in CSS pixels, of which each is so many of the screen's.
    async fn window(&self, width: u32, height: u32, zoom: u32) {
        let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": zoom, "mobile": false });
        self.browser.devtools("Emulation.setDeviceMetricsOverride", metrics).await;
    }

    async fn media(&self, medium: &str, features: &[(&str, &str)]) {
        let features: Vec<Value> =
            features.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect();
        self.browser.devtools("Emulation.setEmulatedMedia", json!({ "media": medium, "features": features })).await;
    }

    /// Whatever in `root` is wider than it may be, or cannot be brought into sight to be pressed.
    async fn misfits(&self, root: &str) -> Value {
        self.browser
            .settle(&format!(
                "(async () => {{ const root = {root}, wrong = []; const name = (at) => at.localName + '.' + at.className + ' ' + at.textContent.trim().slice(0, 30); \
                 if (document.scrollingElement.scrollWidth > innerWidth) wrong.push('the page scrolls sideways'); \
                 for (const at of root.querySelectorAll('*')) {{ if (!at.checkVisibility() || at.closest('svg') || at.matches('.h, .h *, style, script')) continue; \
                 const r = at.getBoundingClientRect(); if (r.left < -1 || r.right > innerWidth + 1) wrong.push('sideways: ' + name(at)); \
                 if (/auto|scroll/.test(getComputedStyle(at).overflowY) && at.scrollWidth > at.clientWidth + 1) wrong.push('scrolls sideways: ' + name(at)); }} \
                 for (const at of root.querySelectorAll('button, a, input[role=switch], summary')) {{ if (!at.checkVisibility()) continue; \
                 at.focus(); at.scrollIntoView({{ block: 'nearest', behavior: 'instant' }}); const r = at.getBoundingClientRect(); \
                 const hit = at.getRootNode().elementFromPoint(r.left + r.width / 2, r.top + r.height / 2); \
                 if (!hit || !(at.contains(hit) || hit.contains(at) || hit.localName === 'bandeau-label')) wrong.push('out of reach: ' + name(at) + ' ' + JSON.stringify(r)); }} \
                 return wrong; }})()"
            ))
            .await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_fits_and_can_be_reached_when_narrow_and_enlarged() {
    if !present() {
        return;
    }
    let browser = Browser::start().await;
    for layout in LAYOUTS {
        let paper = Paper::open(&browser, layout).await;
        // 1280 by 1024 at 400 % are 320 by 256.
        for (width, height, zoom) in [(320, 640, 1), (320, 256, 4), (1280, 800, 1)] {
            paper.window(width, height, zoom).await;
            for path in ["/", "/ar"] {
                let at = format!("{layout} {path} {width} by {height}");
                paper.visit(path).await;
                assert_eq!(paper.misfits(ROOT).await, json!([]), "first layer, {at}");
                browser.shot(&format!("fits-{layout}-{width}-{height}{}", path.replace('/', "-"))).await;
                paper.layer().await;
                assert_eq!(paper.misfits(SETTINGS).await, json!([]), "settings over the page, {at}");
            }
        }
    }
    let paper = Paper::open(&browser, "bar").await;
    for (width, height, zoom) in [(320, 640, 1), (320, 256, 4)] {
        paper.window(width, height, zoom).await;
        browser.goto(&format!("http://news.localhost:{}/.well-known/bandeau/settings", paper.gateway.port)).await;
        assert_eq!(paper.misfits("document").await, json!([]), "settings as a page at {width} by {height}");
        paper.visit("/").await;
        browser.click(".n button[value=accept]").await;
        browser.state("green").await;
        assert_eq!(paper.misfits(ROOT).await, json!([]), "band at {width} by {height}");
    }
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_the_focus_is_never_covered() {
    if !present() {
        return;
    }
    let browser = Browser::start().await;
    // Some point of it is not under the notice (WCAG 2.2 §2.4.11).
    let seen = "(() => { const at = document.activeElement, r = at.getBoundingClientRect(); if (at === document.body || at.localName.startsWith('bandeau-')) return true; \
        for (let x = 1; x < 10; x += 1) for (let y = 1; y < 10; y += 1) { \
        const hit = document.elementsFromPoint(r.left + r.width * x / 10, r.top + r.height * y / 10)[0]; if (hit && (at.contains(hit) || hit.contains(at)) && !hit.localName.startsWith('bandeau-')) return true; } \
        return at.id + ' ' + JSON.stringify(r) + ' of ' + innerHeight; })()";
    for layout in LAYOUTS {
        let paper = Paper::open(&browser, layout).await;
        for (width, height) in [(1280, 800), (390, 844), (320, 568)] {
            paper.window(width, height, 1).await;
            paper.visit("/").await;
            let (mut last, mut tabs) = (Value::Null, 0);
            while last != json!("last") {
                browser.key("Tab", 9).await;
                assert_eq!(paper.read(seen).await, json!(true), "{layout} at {width} by {height}");
                last = paper.read("document.activeElement.id").await;
                tabs += 1;
                assert!(tabs < 80, "the end of the page was never reached");
            }
            assert!(tabs > 40, "every link was visited");
        }
    }
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn targets_are_large_enough() {
    if !present() {
        return;
    }
    let browser = Browser::start().await;
    let paper = Paper::open(&browser, "bar").await;
    // Links within a sentence are exempt (WCAG 2.2 §2.5.8), others are not.
    let small = |root: &str| {
        format!(
            "[...{root}.querySelectorAll('button, a, input:not([type=hidden]), summary')].filter((at) => at.checkVisibility() \
             && !(at.localName === 'a' && at.parentElement.localName === 'p')).filter((at) => {{ const r = at.getBoundingClientRect(); \
             return r.width < 24 || r.height < 24 }}).map((at) => at.localName + ' ' + at.textContent.slice(0, 40) + ' ' + JSON.stringify(at.getBoundingClientRect()))"
        )
    };
    for width in [1280, 320] {
        paper.window(width, 800, 1).await;
        paper.visit("/").await;
        assert_eq!(paper.read(&small(ROOT)).await, json!([]), "first layer");
        paper.layer().await;
        assert_eq!(paper.read(&small(SETTINGS)).await, json!([]), "settings");
        assert_eq!(
            paper.read(&small("document.querySelector('bandeau-embed').shadowRoot")).await,
            json!([]),
            "placeholder"
        );
        paper.visit("/").await;
        browser.click(".n button[value=accept]").await;
        browser.state("green").await;
        assert_eq!(paper.read(&small(ROOT)).await, json!([]), "band");
    }
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn forced_colours_tell_states_apart() {
    if !present() {
        return;
    }
    let browser = Browser::start().await;
    let paper = Paper::open(&browser, "bar").await;
    paper.media("", &[("forced-colors", "active")]).await;
    paper.visit("/").await;
    let lined = "['accept', 'refuse'].every((value) => { const s = getComputedStyle(document.querySelector('bandeau-notice').shadowRoot.querySelector(`.n button[value=${value}]`)); \
        return s.borderTopStyle === 'solid' && parseFloat(s.borderTopWidth) >= 1 })";
    assert_eq!(paper.read(lined).await, json!(true), "buttons have an edge");
    paper.layer().await;
    let mut looks = Vec::new();
    for on in [false, true] {
        let place = format!(
            "(() => {{ const at = {SETTINGS}.querySelector('input[role=switch]'); at.checked = {on}; at.blur(); at.scrollIntoView({{block: 'center'}}); const r = at.getBoundingClientRect(); \
             return {{ x: r.x, y: r.y, width: r.width, height: r.height, scale: 1 }} }})()"
        );
        let clip = paper.read(&place).await;
        assert!(clip["width"].as_f64().unwrap() >= 20.0, "{clip}");
        let shot = browser.devtools("Page.captureScreenshot", json!({ "clip": clip })).await;
        looks.push(shot["data"].as_str().unwrap().to_owned());
    }
    assert_ne!(looks[0], looks[1], "a switch that is on looks unlike one that is off");
    let mut bands = Vec::new();
    for (answer, state) in [("accept", "green"), ("refuse", "red")] {
        paper.visit("/").await;
        browser.click(&format!(".n button[value={answer}]")).await;
        browser.state(state).await;
        let band = paper.read("(() => { const at = document.querySelector('bandeau-notice').shadowRoot.querySelector('.t'), s = getComputedStyle(at); \
            return [at.querySelector('svg').innerHTML, at.innerText, s.borderTopStyle] })()").await;
        assert_eq!(band[2], "solid");
        bands.push(band);
    }
    assert!(bands[0][0] != bands[1][0] && bands[0][1] != bands[1][1], "by shape and by text: {bands:?}");
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_moves_and_nothing_is_printed() {
    if !present() {
        return;
    }
    let browser = Browser::start().await;
    for layout in LAYOUTS {
        let paper = Paper::open(&browser, layout).await;
        paper.media("", &[("prefers-reduced-motion", "reduce")]).await;
        paper.visit("/").await;
        paper.layer().await;
        let moving = "document.getAnimations().length + [...document.querySelector('bandeau-notice').shadowRoot.querySelectorAll('*')] \
            .filter((at) => { const s = getComputedStyle(at); return parseFloat(s.transitionDuration) > 0 || s.animationName !== 'none' }).length";
        assert_eq!(paper.read(moving).await, json!(0), "{layout}");
        paper.visit("/").await;
        let height = "document.documentElement.getBoundingClientRect().height";
        paper.media("print", &[]).await;
        assert_eq!(
            paper.read("getComputedStyle(document.querySelector('bandeau-notice')).display").await,
            json!("none"),
            "{layout}"
        );
        let forms = "[...document.querySelectorAll('bandeau-embed')].filter((at) => at.shadowRoot.querySelector('form').checkVisibility()).length";
        assert_eq!(paper.read(forms).await, json!(0), "{layout}: no button is printed");
        // As tall as without the notice: no empty half page at the end.
        let with = paper.read(height).await;
        browser.run("document.querySelector('bandeau-notice').removeAttribute('data-ask')").await;
        assert_eq!(paper.read(height).await, with, "{layout}: no room is kept for it");
        paper.media("", &[]).await;
    }
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn text_spread_out_is_not_cut() {
    if !present() {
        return;
    }
    let browser = Browser::start().await;
    // WCAG 2.2 §1.4.12. The host's own properties are inherited by what stands in slots.
    let spread = "(() => { const sheet = new CSSStyleSheet(); \
        sheet.replaceSync('*, ::slotted(*) { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important } p { margin-block-end: 2em !important }'); \
        for (const at of document.querySelectorAll('bandeau-notice, bandeau-embed')) at.shadowRoot.adoptedStyleSheets = [...at.shadowRoot.adoptedStyleSheets, sheet]; \
        document.adoptedStyleSheets = [sheet]; })()";
    let cut = |root: &str| {
        format!(
            "[...{root}.querySelectorAll('*')].filter((at) => at.checkVisibility() && !at.matches('.h, .h *, svg, svg *')).filter((at) => {{ \
             const s = getComputedStyle(at); const hides = /hidden|clip/.test(s.overflowX + s.overflowY); \
             return (hides && (at.scrollHeight > at.clientHeight + 1 || at.scrollWidth > at.clientWidth + 1)) \
             || (at.matches('.b, .t') && at.scrollWidth > at.clientWidth + 1) }}).map((at) => at.localName + '.' + at.className + ' ' + at.textContent.slice(0, 30))"
        )
    };
    for layout in LAYOUTS {
        let paper = Paper::open(&browser, layout).await;
        for (width, height) in [(1280, 800), (320, 640)] {
            paper.window(width, height, 1).await;
            paper.visit("/").await;
            browser.run(spread).await;
            assert_eq!(paper.read(&cut(ROOT)).await, json!([]), "first layer, {layout} at {width}");
            assert_eq!(paper.misfits(ROOT).await, json!([]), "first layer, {layout} at {width}");
            paper.layer().await;
            browser.run(spread).await;
            assert_eq!(paper.read(&cut(SETTINGS)).await, json!([]), "settings, {layout} at {width}");
            assert_eq!(paper.misfits(SETTINGS).await, json!([]), "settings, {layout} at {width}");
            assert_eq!(
                paper.read(&cut("document.querySelector('bandeau-embed').shadowRoot")).await,
                json!([]),
                "placeholder at {width}"
            );
        }
    }
    browser.close().await;
}
