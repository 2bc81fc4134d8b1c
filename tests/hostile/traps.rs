//! Questions that play tricks with whoever answers, and sites whose robots.txt, sitemap or links never end. This room does
//! not know how they are served.

/// Questions that are put to play with whoever answers. Each is the start page of an audit of its own, through every
/// standing that a question leads to.
pub(crate) const BANNERS: &[(&str, &str)] = &[
    (
        "moves",
        "<div id=b style='position:fixed;left:20px;bottom:20px;background:#fff;border:1px solid'>We use cookies. <button onclick='yes()'>Accept all</button><button id=no onmouseover='b.style.left = Math.random() * 600 + \"px\"; b.style.bottom = Math.random() * 500 + \"px\"' onclick='done(0)'>Reject all</button></div><script>function yes() { done(1) } function done(n) { document.cookie = 'answer=' + n; b.remove() } setInterval(() => b.style.left = Math.random() * 600 + 'px', 50)</script>",
    ),
    (
        "returns",
        "<script>function ask() { document.body.insertAdjacentHTML('beforeend', '<div id=b role=dialog style=\"position:fixed;bottom:0;background:#fff\">We use cookies. <button onclick=\"again()\">Accept all</button><button onclick=\"again()\">Reject all</button></div>') } function again() { b.remove(); ask() } addEventListener('load', ask)</script>",
    ),
    (
        "buttons",
        "<div id=b style='position:fixed;inset:0;overflow:auto;background:#fff'>We use cookies. </div><script>let all = ''; for (let n = 0; n < 10000; n++) all += '<button onclick=\"b.remove()\">Accept all cookies ' + n + '</button><button>Reject</button>'; b.innerHTML += all</script>",
    ),
    (
        "elsewhere",
        "<div id=b style='position:fixed;bottom:0;background:#fff'>We use cookies. <button onclick='b.remove()'>Accept all</button><a role=button href='/good?refused'>Reject all</a></div>",
    ),
    (
        "navigates",
        "<div id=b style='position:fixed;bottom:0;background:#fff'>We use cookies. <button onclick='location.search = Math.random()'>Accept all</button><button onclick='location.search = Math.random()'>Reject all</button><button onclick='location.search = Math.random()'>Settings</button></div>",
    ),
    (
        "endless",
        "<div id=b style='position:fixed;bottom:0;background:#fff'>We use cookies. <button onclick='b.remove()'>Accept all</button><button onclick='deeper()'>Manage settings</button></div><script>let n = 0; function deeper() { b.innerHTML = 'We use cookies: layer ' + ++n + ' <button onclick=\"deeper()\">Settings</button><button onclick=\"deeper()\">Manage preferences</button>' }</script>",
    ),
    (
        "hangs",
        "<div id=b style='position:fixed;bottom:0;background:#fff'>We use cookies. <button onclick='for (;;);'>Accept all</button><button onclick='for (;;);'>Reject all</button></div>",
    ),
    (
        "asks",
        "<div id=b style='position:fixed;bottom:0;background:#fff'>We use cookies. <button onclick='confirm(\"sure?\"); b.remove()'>Accept all</button><button onclick='while (!confirm(\"really?\")); b.remove()'>Reject all</button></div>",
    ),
];

/// Sites whose robots.txt, sitemap or links are the trap. Each is a host of its own, and audited by itself.
pub(crate) const SITES: &[&str] = &[
    "robots-huge",
    "robots-endless",
    "robots-silent",
    "robots-loops",
    "sitemap-huge",
    "sitemap-endless",
    "sitemap-nested",
    "sitemap-bomb",
    "calendar",
    "labyrinth",
];
