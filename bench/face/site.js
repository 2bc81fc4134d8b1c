// The newspaper every way stands on, and the server that sends it as production would: Brotli, and files that browsers keep.
import { createServer } from "node:http";
import { brotliCompressSync, constants } from "node:zlib";
import { WAYS } from "./ways.js";

// Numbers that look random and are the same in every run (mulberry32).
const chance = (seed) => () => {
  seed = (seed + 0x6d2b79f5) | 0;
  let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
};

const WORDS = `the a of to and in is for on with council harbour budget ferry pier market mayor opposition study tide autumn spring summer
season debate vote recess work basin berth answer promise cost year term decade decision bill town street morning evening paper reader
fisherman hall engineer company crane bridge road school library hospital station line train winter storm wall water river island coast light
says asked called begins takes keeps dug published lost promised opened closed built sold bought measured counted written heard seen found new old
large small last first next largest smallest early late public private northern southern quiet loud cheap dear`.split(/\s+/);

// Paragraphs that differ, so that they compress as texts do.
function story(seed) {
  const next = chance(seed);
  const sentence = () => `${Array.from({ length: 8 + Math.floor(next() * 14) }, () => WORDS[Math.floor(next() ** 1.5 * WORDS.length)]).join(" ")}.`;
  return Array.from({ length: 24 }, (_, at) => `<p>${Array.from({ length: 5 }, sentence).join(" ")} <a href="/${at}">${sentence()}</a></p>`).join("\n");
}

const STYLE = `${Array.from({ length: 60 }, (_, at) => `.c${at}{margin:${at % 7}px ${at % 5}px;color:#${(at * 40503 % 4096).toString(16).padStart(3, "0")}}`).join("\n")}
body{font:17px/1.5 Georgia,serif;max-width:46em;margin:0 auto;padding:0 16px}header{font-size:2em;text-align:center;border-bottom:3px double}img{display:block;width:100%;height:auto}`;

const SCRIPT = `document.querySelectorAll("a").forEach(function(link){link.addEventListener("pointerenter",function(){link.dataset.seen=1})});`;

// A picture of about 10 kB as it is sent.
function picture(seed) {
  const next = chance(seed);
  const circle = () => `<circle cx="${Math.floor(next() * 640)}" cy="${Math.floor(next() * 360)}" r="${Math.floor(next() * 30)}" fill="#${Math.floor(next() * 2 ** 24).toString(16).padStart(6, "0")}"/>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 360">${Array.from({ length: 1200 }, circle).join("")}</svg>`;
}

const page = (way, number) => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>The Evening News ${number}</title>
<link rel="icon" href="data:,"><link rel="stylesheet" href="/site.css">${way.head ?? ""}<script defer src="/site.js"></script></head>
<body><header>The Evening News</header><nav><a href="one">One</a> <a href="two">Two</a></nav>
<h1>Council votes the budget of the new harbour (${number})</h1><img src="/1.svg" width="640" height="360" alt="The harbour">
${story(number)}<img src="/2.svg" width="640" height="360" alt="The market hall" loading="lazy">${way.end ?? ""}</body></html>`;

const type = (path) => ({ js: "text/javascript", css: "text/css", svg: "image/svg+xml" })[path.split(".").pop()] ?? "text/html; charset=utf-8";
const squeeze = (body, quality) => brotliCompressSync(body, { params: { [constants.BROTLI_PARAM_QUALITY]: quality } });

// Files are compressed once at the best quality, pages as servers do while they answer.
export function serve() {
  const files = { "/site.css": STYLE, "/site.js": SCRIPT, "/1.svg": picture(7), "/2.svg": picture(11) };
  for (const way of WAYS) for (const [path, read] of Object.entries(way.files ?? {})) files[path] = read();
  const kept = Object.fromEntries(Object.entries(files).map(([path, body]) => [path, { path, body: Buffer.from(body), small: squeeze(body, 11), cache: "public, max-age=31536000, immutable" }]));
  for (const way of WAYS) {
    for (const [at, name] of ["one", "two"].entries()) {
      const body = page(way, at + 1);
      kept[`/${way.id}/${name}`] = { path: "html", body: Buffer.from(body), small: squeeze(body, 5), cache: "private, no-cache" };
    }
  }
  const server = createServer((request, response) => {
    const file = kept[new URL(request.url, "http://x").pathname];
    if (!file) return response.writeHead(404, { "content-length": 0 }).end();
    const brotli = /\bbr\b/.test(request.headers["accept-encoding"] ?? "");
    const body = brotli ? file.small : file.body;
    response.writeHead(200, {
      "content-type": type(file.path), "content-length": body.length, "cache-control": file.cache, vary: "Accept-Encoding",
      ...(brotli && { "content-encoding": "br" }),
    }).end(body);
  });
  return new Promise((done) => server.listen(0, "127.0.0.1", () => done(server)));
}
