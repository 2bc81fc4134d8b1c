//! The hostile pages: what each does, and how a visit to it may end. They are written as an ill-meaning or a broken site
//! writes them; nothing in them speaks to the auditor. This room does not know how they are served.

/// How a visit may end: the names of `bandeau_audit::seen::End` as they stand in the file.
pub(crate) type Ends = &'static [&'static str];

/// One page.
pub(crate) struct Page {
    /// Its path without the slash, and its name in the table.
    pub(crate) name: &'static str,
    /// Those of one group are visited in one audit.
    pub(crate) group: &'static str,
    /// How it may end. Where two are named, it depends on the speed of the machine which comes first.
    pub(crate) ends: Ends,
    /// What it is made of.
    pub(crate) body: Body,
}

/// What a page is made of.
pub(crate) enum Body {
    Html(&'static str),
    /// In an otherwise honest page.
    Script(&'static str),
    /// What HTML cannot say: see `odd.rs`.
    Odd,
}

use Body::{Html, Odd, Script};

const COMPLETE: Ends = &["complete"];
const SLOW: Ends = &["slow"];
const FAILED: Ends = &["failed"];
const DOWNLOAD: Ends = &["download"];
/// The renderer is busy for ever: it never loads, or stops answering.
const HUNG: Ends = &["slow", "broken"];
/// It loads or it does not, as fast as the machine is.
const HEAVY: Ends = &["complete", "slow", "broken"];

const fn page(name: &'static str, group: &'static str, ends: Ends, body: Body) -> Page {
    Page { name, group, ends, body }
}

pub(crate) const PAGES: &[Page] = &[
    // Pages that never stay.
    page("redirects", "going", FAILED, Odd),
    page("pingpong", "going", FAILED, Odd),
    page("grows", "going", FAILED, Odd),
    page("hops", "going", HEAVY, Odd),
    page("refresh", "going", HEAVY, Odd),
    page("reload", "going", HEAVY, Script("location.reload()")),
    page(
        "posts",
        "going",
        HEAVY,
        Html("<form method=post action=/posts></form><script>document.forms[0].submit()</script>"),
    ),
    page("hash", "going", COMPLETE, Script("let n = 0; setInterval(() => location.hash = ++n, 0)")),
    page(
        "history",
        "going",
        HEAVY,
        Script(
            "let n = 0; setInterval(() => { for (let i = 0; i < 100; i++) history.pushState({}, '', '/history?' + ++n) }, 0)",
        ),
    ),
    page("backwards", "going", HEAVY, Script("history.pushState({}, '', '?x'); setInterval(() => history.back(), 10)")),
    page("closes", "going", &["complete", "slow", "broken"], Script("window.close(); open('', '_self').close()")),
    page(
        "leaves",
        "going",
        HEAVY,
        Script("addEventListener('load', () => location = 'http://other.localhost:' + location.port + '/good')"),
    ),
    page(
        "outside",
        "going",
        COMPLETE,
        Script("setInterval(() => { location = 'mailto:nobody@example.org'; location = 'tel:+33' }, 50)"),
    ),
    // Pages that ask, and wait for an answer; a prompt for a part keeps the whole from loading, as before a visitor.
    page("alerts", "asking", HEAVY, Script("for (;;) alert('again')")),
    page("confirms", "asking", HEAVY, Script("while (true) confirm('again?')")),
    page("prompts", "asking", HEAVY, Script("setInterval(() => { while (prompt('again?') !== 'yes'); }, 0)")),
    page(
        "unload",
        "asking",
        COMPLETE,
        Script(
            "addEventListener('beforeunload', event => { event.preventDefault(); event.returnValue = 'stay' }); addEventListener('unload', () => { for (let end = Date.now() + 1e9; Date.now() < end;); })",
        ),
    ),
    page("prints", "asking", HEAVY, Script("setInterval(() => print(), 0)")),
    page(
        "permissions",
        "asking",
        COMPLETE,
        Script(
            "setInterval(() => { Notification.requestPermission(); navigator.geolocation.getCurrentPosition(() => 0); navigator.mediaDevices?.getUserMedia({ video: true, audio: true }).catch(() => 0); navigator.clipboard?.readText().catch(() => 0); document.requestStorageAccess().catch(() => 0) }, 20)",
        ),
    ),
    page(
        "fullscreen",
        "asking",
        COMPLETE,
        Script(
            "setInterval(() => { document.documentElement.requestFullscreen().catch(() => 0); document.documentElement.requestPointerLock() }, 20); onclick = () => document.documentElement.requestFullscreen()",
        ),
    ),
    page("debugger", "asking", HEAVY, Script("for (;;) debugger")),
    page("breaks", "asking", COMPLETE, Script("setInterval(() => { debugger }, 10)")),
    page("password", "asking", &["failed", "complete"], Odd),
    page(
        "passwords",
        "asking",
        &["complete", "slow"],
        Html(
            "<p>Pictures that want a password.<img src=/password?1><img src=/password?2><iframe src=/password?3></iframe>",
        ),
    ),
    page(
        "chooser",
        "asking",
        COMPLETE,
        Html("<input type=file id=f><script>setInterval(() => f.click(), 50)</script>"),
    ),
    // Files and windows nobody asked for.
    page("file", "opening", DOWNLOAD, Odd),
    page(
        "files",
        "opening",
        COMPLETE,
        Script(
            "for (let n = 0; n < 1000; n++) { const a = document.createElement('a'); a.href = '/file?' + n; a.download = 'file' + n; document.documentElement.append(a); a.click() }",
        ),
    ),
    page("popup", "opening", COMPLETE, Script("open('/good?popup')")),
    page("popups", "opening", HEAVY, Script("for (let n = 0; n < 1000; n++) open('/tiny?popup' + n, 'w' + n)")),
    page("breeds", "opening", HEAVY, Script("setInterval(() => open('/breeds?' + Math.random()), 100)")),
    // Pages that do not come.
    page("silent", "waiting", SLOW, Odd),
    page("head", "waiting", SLOW, Odd),
    page("drip", "waiting", SLOW, Odd),
    page("headers", "waiting", &["failed", "slow"], Odd),
    page("slam", "waiting", FAILED, Odd),
    page("rubbish", "waiting", &["failed", "download", "complete"], Odd),
    page(
        "half",
        "waiting",
        SLOW,
        Html("<p>The script never comes.<script src=/silent?script></script><p>And this is not seen."),
    ),
    page("lazy", "waiting", SLOW, Html("<p>The picture never comes.<img src=/drip?picture>")),
    page("huge", "waiting", HEAVY, Odd),
    page("bomb", "waiting", HEAVY, Odd),
    page(
        "writes",
        "waiting",
        HEAVY,
        Script("setInterval(() => { for (let n = 0; n < 100; n++) document.write('<p>more and more') }, 0)"),
    ),
    // Very many of something.
    page("requests", "many", HEAVY, Script("for (let n = 0; n < 10000; n++) new Image().src = '/tiny?' + n")),
    page("fetches", "many", HEAVY, Script("for (let n = 0; n < 100000; n++) fetch('/silent?' + n).catch(() => 0)")),
    page(
        "sockets",
        "many",
        HEAVY,
        Script("for (let n = 0; n < 2000; n++) new WebSocket('ws://' + location.host + '/silent?' + n)"),
    ),
    page(
        "beacons",
        "many",
        COMPLETE,
        Script(
            "addEventListener('pagehide', () => { for (let n = 0; n < 1000; n++) navigator.sendBeacon('/tiny?beacon' + n, 'x') })",
        ),
    ),
    page("links", "many", HEAVY, Odd),
    page(
        "nested",
        "many",
        HEAVY,
        Html(
            "<p>Frames in frames.<script>let inner = document; for (let n = 0; n < 1000; n++) { const frame = inner.createElement('iframe'); (inner.body || inner.documentElement).append(frame); if (!frame.contentDocument) break; inner = frame.contentDocument }</script>",
        ),
    ),
    page(
        "itself",
        "many",
        HEAVY,
        Html(
            "<p>Itself, twice.<script>for (let n = 0; n < 2; n++) { const f = document.createElement('iframe'); f.src = '/itself?' + Math.random(); document.body.append(f) }</script>",
        ),
    ),
    page(
        "frames",
        "many",
        HEAVY,
        Script(
            "addEventListener('load', () => { for (let n = 0; n < 500; n++) { const f = document.createElement('iframe'); f.src = 'http://other.localhost:' + location.port + '/tiny?' + n; document.body.append(f) } })",
        ),
    ),
    page(
        "workers",
        "many",
        HEAVY,
        Script(
            "for (let n = 0; n < 5000; n++) new Worker(URL.createObjectURL(new Blob(['fetch(\"http://' + location.host + '/tiny?worker' + n + '\")'])))",
        ),
    ),
    page(
        "elements",
        "many",
        HEAVY,
        Script(
            "addEventListener('load', () => { let all = ''; for (let n = 0; n < 300000; n++) all += '<button>Accept cookies</button>'; document.body.innerHTML = all })",
        ),
    ),
    page(
        "console",
        "many",
        HEAVY,
        Script(
            "setInterval(() => { for (let n = 0; n < 1000; n++) console.log('x'.repeat(1000), { a: [document] }) }, 0)",
        ),
    ),
    page(
        "errors",
        "many",
        HEAVY,
        Script(
            "setInterval(() => { for (let n = 0; n < 200; n++) Promise.reject(new Error('x'.repeat(1000))); throw new Error('thrown') }, 0)",
        ),
    ),
    page(
        "styles",
        "many",
        HEAVY,
        Script(
            "for (let n = 0; n < 2000; n++) { const l = document.createElement('link'); l.rel = 'preconnect'; l.href = 'http://h' + n + '.localhost:' + location.port; document.documentElement.append(l) }",
        ),
    ),
    // Pages that take the machine.
    page("loop", "busy", HUNG, Script("while (true);")),
    page("later", "busy", HEAVY, Script("addEventListener('load', () => setTimeout(() => { while (true); }, 300))")),
    page("expression", "busy", HUNG, Script("/^(a+)+$/.test('a'.repeat(60) + '!')")),
    page("promises", "busy", HUNG, Script("(function again() { Promise.resolve().then(again) })()")),
    page("heap", "busy", HEAVY, Script("const all = []; for (;;) all.push({ a: [1, 2, 3], b: 'x' + all.length })")),
    page(
        "buffers",
        "busy",
        HEAVY,
        Script(
            "const all = []; for (let n = 0; n < 24; n++) all.push(new Uint8Array(128 << 20).fill(1)); while (true);",
        ),
    ),
    page(
        "strings",
        "busy",
        HEAVY,
        Script(
            "let s = 'x'; try { for (;;) s += s } catch { } const all = []; for (let n = 0; n < 40; n++) { all.push((s + n).split('').length) }",
        ),
    ),
    page(
        "paints",
        "busy",
        HEAVY,
        Html(
            "<style>p { filter: blur(40px); animation: a 1s infinite } @keyframes a { to { transform: rotate(360deg) scale(20) } }</style><script>for (let n = 0; n < 2000; n++) document.write('<p>moves')</script>",
        ),
    ),
    page(
        "canvas",
        "busy",
        HEAVY,
        Script(
            "setInterval(() => { const c = document.createElement('canvas'); c.width = c.height = 8000; c.getContext('2d').fillRect(0, 0, 8000, 8000); document.documentElement.append(c) }, 200)",
        ),
    ),
    page(
        "tall",
        "busy",
        HEAVY,
        Html("<div style='width:10000000px;height:30000000px;background:linear-gradient(red,blue)'>far</div>"),
    ),
    // Pages that keep very much.
    page(
        "cookies",
        "storing",
        COMPLETE,
        Script(
            "for (let n = 0; n < 180; n++) document.cookie = 'huge' + n + '=' + 'v'.repeat(4000) + '; path=/cookies'",
        ),
    ),
    page("header", "storing", COMPLETE, Odd),
    page(
        "local",
        "storing",
        COMPLETE,
        Script(
            "localStorage.setItem('huge', 'v'.repeat(5200000)); sessionStorage.setItem('huge', 'v'.repeat(5200000))",
        ),
    ),
    page("keys", "storing", HEAVY, Script("for (let n = 0; n < 100000; n++) localStorage['k' + n] = 'v'")),
    page(
        "indexed",
        "storing",
        HEAVY,
        Script(
            "indexedDB.open('huge', 1).onupgradeneeded = event => { const store = event.target.result.createObjectStore('all', { autoIncrement: true }); for (let n = 0; n < 50; n++) store.add('v'.repeat(4 << 20)) }",
        ),
    ),
    page(
        "databases",
        "storing",
        HEAVY,
        Script(
            "for (let n = 0; n < 1000; n++) indexedDB.open('db' + n).onupgradeneeded = event => event.target.result.createObjectStore('s')",
        ),
    ),
    page(
        "caches",
        "storing",
        HEAVY,
        Script(
            "(async () => { for (let c = 0; c < 50; c++) { const cache = await caches.open('c' + c); for (let n = 0; n < 40; n++) await cache.put('/e' + n, new Response('v'.repeat(10000))) } })()",
        ),
    ),
    page(
        "opfs",
        "storing",
        HEAVY,
        Script(
            "(async () => { const root = await navigator.storage.getDirectory(); for (let n = 0; n < 1000; n++) await root.getFileHandle('f' + n, { create: true }) })()",
        ),
    ),
    page(
        "crumbs",
        "storing",
        HEAVY,
        Script(
            "setInterval(() => { for (let n = 0; n < 50; n++) document.cookie = 'crumb' + Math.random() + '=1; path=/crumbs' }, 0)",
        ),
    ),
    page(
        "churn",
        "storing",
        HEAVY,
        Script("let n = 0; setInterval(() => { for (let i = 0; i < 500; i++) localStorage.setItem('one', ++n) }, 0)"),
    ),
    page(
        "service",
        "storing",
        COMPLETE,
        Script("navigator.serviceWorker.register('/breaker.js', { scope: '/service' })"),
    ),
    // Pages that lie about words and about the browser itself.
    page("title", "words", COMPLETE, Odd),
    page("bytes", "words", COMPLETE, Odd),
    page(
        "address",
        "words",
        COMPLETE,
        Script(
            "history.replaceState({}, '', '/address?' + 'u'.repeat(1000000)); fetch('/tiny?' + 'u'.repeat(50000)).catch(() => 0); new Image().src = 'data:image/gif;base64,' + 'A'.repeat(5000000)",
        ),
    ),
    page(
        "prototypes",
        "words",
        COMPLETE,
        Script(
            "JSON.stringify = JSON.parse = () => { throw 1 }; Array.prototype.map = Array.prototype.push = Array.prototype.filter = Array.prototype.forEach = Array.prototype.join = function () { return null }; Object.defineProperty(Array.prototype, 'toJSON', { value: () => 'lies' }); Object.prototype.toJSON = () => 'lies'; String.prototype.slice = String.prototype.split = () => 7; Object.keys = Object.entries = () => ['lies']; window.Promise = function () { }; window.Map = window.Set = window.WeakMap = function () { }; document.querySelectorAll = Document.prototype.querySelectorAll = () => { throw 2 }; Element.prototype.getBoundingClientRect = () => ({ x: NaN }); window.getComputedStyle = () => null; performance.now = () => NaN; Date.now = () => -1; document.cookie = 'seen=1; path=/prototypes'",
        ),
    ),
    page(
        "frozen",
        "words",
        COMPLETE,
        Script(
            "Object.defineProperty(document, 'cookie', { get: () => 'lies=1', set: () => { throw 1 }, configurable: false }); Object.freeze(Document.prototype); Object.freeze(Storage.prototype); Object.defineProperty(document, 'title', { get: () => ({ toString() { for (;;); } }) }); Object.defineProperty(document, 'links', { get: () => { for (;;); } })",
        ),
    ),
    page(
        "traps",
        "words",
        HEAVY,
        Script(
            "for (const name of ['localStorage', 'sessionStorage', 'indexedDB', 'caches']) Object.defineProperty(window, name, { get: () => { for (;;); } }); document.documentElement.setAttribute('lang', 'l'.repeat(100000))",
        ),
    ),
    page("sandbox", "words", COMPLETE, Odd),
    page("policy", "words", COMPLETE, Odd),
    page("plain", "words", COMPLETE, Odd),
    page("picture", "words", COMPLETE, Odd),
    page("empty", "words", &["complete", "failed"], Odd),
    page("gone", "words", COMPLETE, Odd),
    page("xml", "words", COMPLETE, Odd),
];
