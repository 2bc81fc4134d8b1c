// A small newspaper of the tests' own, on the loopback: a page in every language, with embeds and comments, and the
// ways in which a site fails. It knows nothing of consent.

import { createServer } from "node:http";

const EMBEDS = `
<section><h2>Film</h2>
<iframe src="http://video.localhost:9/film" width="560" height="315" title="Film"></iframe>
<iframe src="http://video.localhost:9/wide" width="100%" height="400" title="Wide"></iframe>
<iframe src="http://forum.localhost:9/button" width="120" height="28" title="Button"></iframe>
<video src="http://video.localhost:9/film.mp4" width="400" height="300" controls></video></section>
<section id="comments"><h2>Comments</h2><p>A comment.</p></section>`;

const article = (language, more) => `<!doctype html>
<html lang="${language}"${language === "ar" ? ' dir="rtl"' : ""}><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>The harbour votes</title>
<style>body{font:18px/1.5 Georgia,serif;margin:0 auto;max-width:46em;padding:1em}
@media(prefers-color-scheme:dark){body{background:#111;color:#ddd}a{color:#9cf}}</style></head>
<body><header><p>The Evening Paper</p><nav aria-label="Pages"><a href="/">Front</a> <a href="/port">Port</a></nav></header>
<main><h1>The harbour votes</h1>${"<p>The council decided last night, after six hours.</p>".repeat(6)}${more}</main>
<footer><p><a href="/privacy">Privacy</a></p></footer></body></html>`;

const answers = {
  // Never answers, ends the connection, answers in a coding nobody can read.
  slow: () => {},
  down: (_, response) => response.destroy(),
  coding: (_, response) => response.writeHead(200, { "content-type": "text/html", "content-encoding": "unheard-of" }).end("x"),
};

// Starts it; what it gives has its `port` and ends it with `close`.
export async function open() {
  const server = createServer((request, response) => {
    const [, first, second] = request.url.split(/[/?]/);
    if (answers[first]) return answers[first](request, response);
    if (first === "favicon.ico") return response.writeHead(404).end();
    response.writeHead(200, { "content-type": "text/html; charset=utf-8" });
    response.end(article(first || "en", second === "embeds" ? EMBEDS : ""));
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  return { port: server.address().port, close: () => { server.closeAllConnections(); server.close(); } };
}
