// A site and its third parties, all on the loopback, each keeping a log of what reached it. What the scripts on it write is
// known from which of them were fetched. It does not know the collectors.
import { createHash } from "node:crypto";
import { createServer } from "node:http";
import { createServer as listen } from "node:net";

export const PAGES = ["/", "/one", "/two", "/three", "/four", "/five", "/six", "/seven"];
const GIF = Buffer.from("R0lGODlhAQABAIAAAAAAAP///ywAAAAAAQABAAACAUwAOw==", "base64");

// Every load of a page has a number, which everything that follows from it carries.
const page = (path, at, pages, bare, load) => `<!doctype html><html lang="en" data-load="${load}"><head><meta charset="utf-8"><title>News ${path}</title>
<link rel="icon" href="data:,"><link rel="preconnect" href="http://pre.localhost:${bare}">
<link rel="stylesheet" href="${at("fonts", `/style.css?load=${load}`)}"><script src="${at("cdn", `/lib.js?load=${load}`)}"></script></head>
<body><h1>The Evening News</h1><nav>${pages.map((link) => `<a href="${link}">${link}</a> `).join("")}</nav>
<p>The council votes the budget of the harbour. <a href="/privacy">Privacy policy</a></p>
<img src="${at("ads", `/first?load=${load}`)}" width="1" height="1" alt=""><iframe src="${at("social", `/frame?load=${load}`)}" width="200" height="80" title="Like"></iframe>
<footer><button id="again" type="button">Cookie settings</button></footer>
<div id="cookie-banner" class="cookie-banner" role="dialog" aria-label="Cookie consent" hidden style="position:fixed;left:0;right:0;bottom:0;padding:20px;background:#fff;border-top:2px solid">
<p>We and our partners use cookies to measure our audience and to show advertising. You can accept or reject them.</p>
<button id="accept-all" type="button">Accept all</button> <button id="reject-all" type="button">Reject all</button></div>
<script src="/site.js"></script></body></html>`;

const scripts = (at, worker) => ({
  "/site.js": `const number = "?load=" + document.documentElement.dataset.load;
const answer = () => (document.cookie.match(/answer=(\\w+)/) || [])[1];
const load = (src) => { const s = document.createElement("script"); s.src = src; document.head.append(s); };
const apply = () => { if (answer() === "yes") load("${at("video", "/video.js")}" + number); if (answer() === "no") new Image().src = "${at("ads", "/anyway")}" + number; };
const banner = document.getElementById("cookie-banner");
banner.hidden = !!answer();
document.getElementById("again").onclick = () => { banner.hidden = false; };
const choose = (word) => { document.cookie = "answer=" + word + "; path=/; max-age=15552000"; banner.hidden = true; apply(); };
document.getElementById("accept-all").onclick = () => choose("yes");
document.getElementById("reject-all").onclick = () => choose("no");
apply();
sessionStorage.setItem("seen", "1");
indexedDB.open("reader").onupgradeneeded = (event) => event.target.result.createObjectStore("articles");
caches.open("offline").then((cache) => cache.put("/kept", new Response("kept")));
${worker ? 'new Worker("/worker.js");' : ""}
new WebSocket("${at("live", "/socket").replace("http", "ws")}" + number);
setTimeout(() => { new Image().src = "${at("late", "/pixel")}" + number; }, 1000);
addEventListener("pagehide", () => navigator.sendBeacon("${at("stats", "/leave")}" + number, "bye"));`,
  "/worker.js": `fetch("${at("stats", "/worker")}", { mode: "no-cors" });`,
  "/lib.js": `document.cookie = "_lib=" + 1e9 + "; path=/; max-age=63072000"; localStorage.setItem("lib", "1"); fetch("${at("stats", "/collect")}?load=" + document.documentElement.dataset.load, { method: "POST", body: "page=" + location.pathname, mode: "no-cors" });`,
  "/video.js": `document.cookie = "_video=1; path=/; max-age=63072000"; localStorage.setItem("video", "1"); new Image().src = "${at("video", "/view")}?load=" + document.documentElement.dataset.load;`,
});

// What each thing that was fetched writes: names of cookies, and of other storage.
const WRITES = {
  "/site.js": { storage: ["session seen", "indexed reader/articles", "cache offline"] },
  "/lib.js": { cookies: ["_lib"], storage: ["local lib"] },
  "/video.js": { cookies: ["_video"], storage: ["local video"] },
  "/frame": { cookies: ["social_id"], storage: ["local like"] },
};

// With `worker`, pages start one: the EDPS collector's Puppeteer never hears the end of its script, and gives up.
export async function serve(count, worker = false) {
  const pages = PAGES.slice(0, count);
  let [log, bare, loads] = [[], 0, 0];
  const connections = listen((socket) => { bare += 1; socket.on("error", () => 0); socket.setTimeout(60_000, () => socket.destroy()); });
  await new Promise((done) => connections.listen(0, "127.0.0.1", done));
  const server = createServer((request, response) => answer(request, response));
  server.on("upgrade", (request, socket) => {
    note(request, []);
    const accept = createHash("sha1").update(`${request.headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
    socket.on("error", () => 0);
    socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`);
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address();
  const at = (name, path) => `http://${name}.localhost:${port}${path}`;
  const files = scripts(at, worker);

  function note(request, set) {
    const host = request.headers.host.split(":")[0];
    const scheme = request.headers.upgrade ? "ws" : "http";
    log.push({ host, method: request.method, path: request.url.split("?")[0], url: `${scheme}://${request.headers.host}${request.url}`, cookie: request.headers.cookie ?? "", agent: request.headers["user-agent"] ?? "", set });
  }

  function answer(request, response) {
    const name = request.headers.host.split(".")[0];
    const path = request.url.split("?")[0];
    const query = request.url.slice(path.length);
    const set = {
      "news/": ["sid=1; Path=/; HttpOnly; Max-Age=31536000"],
      "ads/first": ["ads_id=1; Path=/; Max-Age=63072000; SameSite=None; Secure"],
      "stats/second": ["stats_id=1; Path=/; Max-Age=34560000; SameSite=None; Secure"],
      "broker/third": ["broker_id=1; Path=/; SameSite=None; Secure"],
      "video/view": ["video_id=1; Path=/; Max-Age=86400; SameSite=None; Secure"],
    }[name + path] ?? [];
    note(request, set.map((line) => line.split("=")[0]));
    const headers = { "Cache-Control": "no-store", ...(set.length ? { "Set-Cookie": set } : {}) };
    const send = (status, type, body, more = {}) => { response.writeHead(status, { "Content-Type": type, ...headers, ...more }); response.end(request.method === "HEAD" ? undefined : body); };
    if (name === "news" && pages.includes(path)) return send(200, "text/html; charset=utf-8", page(path, at, pages, connections.address().port, request.method === "HEAD" ? 0 : (loads += 1)));
    if (files[path]) return send(200, "text/javascript", files[path]);
    if (path === "/first") return send(302, "text/plain", "", { Location: at("stats", `/second${query}`) });
    if (path === "/second") return send(302, "text/plain", "", { Location: at("broker", `/third${query}`) });
    if (path === "/style.css") return send(200, "text/css", `@font-face{font-family:f;src:url(/face.woff2${query})}h1{font-family:f;background:url(${at("fonts", `/back.gif${query}`)})}`);
    if (path === "/frame") return send(200, "text/html", `<!doctype html><title>Like</title><button>Like</button><script>document.cookie="social_id=1; path=/; max-age=63072000; SameSite=None; Secure"; localStorage.setItem("like", "1"); new Image().src="/like${query}"</script>`);
    if (path === "/face.woff2") return send(404, "text/plain", "");
    if (path === "/robots.txt" || path === "/sitemap.xml" || path === "/privacy") return send(404, "text/html", "<title>none</title>");
    // As collecting endpoints answer: a body that nobody reads would keep "the network is idle" from ever being true.
    if (name === "stats") return send(204, "text/plain", "");
    return send(200, "image/gif", GIF);
  }

  return {
    url: at("news", "/"),
    links: pages.slice(1).map((path) => at("news", path)),
    fresh() { [log, bare, loads] = [[], 0, 0]; },
    // What really happened since then.
    truth() {
      const third = log.filter((entry) => entry.host !== "news.localhost");
      const wrote = (kind) => [...new Set(log.flatMap((entry) => WRITES[entry.path]?.[kind] ?? []))];
      // A cookie written by a click is written by no file.
      const answered = log.some((entry) => /answer=/.test(entry.cookie) || entry.path === "/video.js" || entry.path === "/anyway") ? ["answer"] : [];
      return {
        requests: third.map((entry) => `${entry.method} ${entry.url}`),
        hosts: [...new Set([...third.map((entry) => entry.host), ...(bare ? ["pre.localhost"] : [])])],
        cookies: [...new Set([...log.flatMap((entry) => entry.set), ...wrote("cookies"), ...answered])],
        storage: wrote("storage"),
      };
    },
    stop() { server.closeAllConnections(); server.close(); connections.close(); },
  };
}
