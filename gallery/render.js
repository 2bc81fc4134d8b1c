// Makes the pictures: node render.js DIRECTORY [--language …] [--layout …] [--state …] [--theme …] [--size …] [--whole]
// [--workers 4] [--again]. Reads pages.json, writes png/ and index.html. The pages are the business of
// banner/examples/gallery; what is pictured of each is in plan.js.
import { createServer } from "node:http";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, normalize } from "node:path";
import puppeteer from "puppeteer-core";
import { SIZES, name, shots, tall } from "./plan.js";
import { index } from "./index.js";
import { look } from "./look.js";

const FLAGS = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync", "--hide-scrollbars", "--font-render-hinting=none",
];
const LOGO = "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 120 32'><rect width='120' height='32' rx='6' fill='#0b4f8a'/>" +
  "<text x='60' y='22' fill='#fff' font-family='serif' font-size='18' text-anchor='middle'>Gazette</text></svg>";

function read(args) {
  const wanted = { directory: args[0], workers: 4 };
  for (let at = 1; at < args.length; at++) {
    const flag = args[at].replace(/^--/, "");
    if (flag === "whole" || flag === "again") wanted[flag] = true;
    else if (flag === "workers") wanted.workers = Number(args[++at]);
    else if (["language", "layout", "state", "theme", "size"].includes(flag)) wanted[flag] = args[++at].split(",");
    else throw new Error(`${args[at]} is not understood: see the head of gallery/run`);
  }
  if (!wanted.directory) throw new Error("which directory?");
  return wanted;
}

// One entry a picture, in the order of the pages.
function plan(wanted) {
  const pages = JSON.parse(readFileSync(join(wanted.directory, "pages.json"), "utf8"));
  const fits = (key, value) => !wanted[key] || wanted[key].some((one) => one === value || value.startsWith(`${one}-`));
  return pages
    .filter((page) => fits("language", page.language) && fits("layout", page.layout) && fits("state", page.state))
    .map((page) => ({
      page,
      shots: shots(page, wanted.whole)
        .filter((shot) => fits("size", shot.size) && fits("theme", `${page.style}-${shot.scheme}`))
        .map((shot) => ({ ...shot, png: `png/${name(page, shot)}.png` })),
    }))
    .filter((job) => job.shots.length);
}

// A server for the pages, so that a picture of the site's own has an address.
function serve(directory) {
  const server = createServer((request, response) => {
    const path = normalize(new URL(request.url, "http://x").pathname);
    if (path === "/logo.svg") return response.setHeader("content-type", "image/svg+xml").end(LOGO);
    const file = join(directory, path);
    if (!path.startsWith("/pages/") || !existsSync(file)) return response.writeHead(404).end();
    response.setHeader("content-type", "text/html; charset=utf-8").end(readFileSync(file));
  });
  return new Promise((done) => server.listen(0, "127.0.0.1", () => done(server)));
}

const resize = (session, width, height) =>
  session.send("Emulation.setDeviceMetricsOverride", { width, height, deviceScaleFactor: 1, mobile: false });

// How the window is before a page is loaded into it.
async function dress(session, shot) {
  await resize(session, SIZES[shot.size].width, SIZES[shot.size].height);
  await session.send("Emulation.setEmulatedMedia", {
    media: shot.print ? "print" : "screen",
    features: [
      { name: "prefers-color-scheme", value: shot.scheme },
      { name: "forced-colors", value: shot.forced ? "active" : "none" },
      { name: "prefers-reduced-motion", value: "reduce" },
    ],
  });
}

async function shoot(session, job, shot, directory) {
  const size = SIZES[shot.size];
  const whole = tall(job.page, shot);
  const ran = await session.send("Runtime.evaluate", { expression: `(${look})(${whole})`, returnByValue: true });
  if (ran.exceptionDetails) throw new Error(ran.exceptionDetails.exception?.description ?? ran.exceptionDetails.text);
  if (whole) {
    // A window as high as the page, so that what sticks to its foot is pictured there.
    const { cssContentSize } = await session.send("Page.getLayoutMetrics");
    await resize(session, size.width, Math.min(5000, Math.max(size.height, Math.ceil(cssContentSize.height))));
  }
  const { data } = await session.send("Page.captureScreenshot", { format: "png", optimizeForSpeed: true });
  const path = join(directory, shot.png);
  writeFileSync(`${path}.part`, Buffer.from(data, "base64"));
  renameSync(`${path}.part`, path);
  return ran.result.value;
}

async function work(browser, next, origin, wanted, done) {
  const context = await browser.createBrowserContext();
  const page = await context.newPage();
  const session = await page.createCDPSession();
  for (let job = next(); job; job = next()) {
    let last = null;
    const kind = (shot) => `${shot.scheme}${shot.forced ?? ""}${shot.print ?? ""}${shot.open ?? ""}`;
    const ordered = [...job.shots].sort((one, two) => kind(one).localeCompare(kind(two)));
    for (const shot of ordered) {
      await dress(session, shot);
      // A page changes its size as it stands; to change colours it is loaded anew, because a browser keeps the ground it had.
      if (last !== kind(shot)) {
        last = kind(shot);
        await page.goto("about:blank");
        await page.goto(`${origin}/${job.page.file}${shot.open ? "#open" : ""}`, { waitUntil: "load", timeout: 15000 });
      }
      done(shot, await shoot(session, job, shot, wanted.directory));
    }
  }
  await context.close();
}

const wanted = read(process.argv.slice(2));
const jobs = plan(wanted);
mkdirSync(join(wanted.directory, "png"), { recursive: true });
// What was found of a picture is kept beside it, so that a run that goes on knows it.
const kept = join(wanted.directory, "found.json");
const found = existsSync(kept) ? JSON.parse(readFileSync(kept, "utf8")) : {};
const time = (file) => (existsSync(join(wanted.directory, file)) ? statSync(join(wanted.directory, file)).mtimeMs : 0);
const total = jobs.reduce((sum, job) => sum + job.shots.length, 0);
const todo = jobs
  .map((job) => ({ ...job, shots: job.shots.filter((shot) => wanted.again || !found[shot.png] || time(shot.png) < time(job.page.file)) }))
  .filter((job) => job.shots.length);
const open = todo.reduce((sum, job) => sum + job.shots.length, 0);
console.log(`${total} pictures, ${open} to be made`);

const began = Date.now();
let made = 0;
const done = (shot, seen) => {
  found[shot.png] = seen;
  made += 1;
  const line = `${made}/${open}  ${(made / ((Date.now() - began) / 1000)).toFixed(1)} a second  ${shot.png}`;
  if (process.stdout.isTTY) process.stdout.write(`\r\x1b[K${line}`);
  else if (made % 200 === 0) console.log(line);
};
const finish = () => {
  writeFileSync(kept, JSON.stringify(found));
  const entries = jobs.flatMap(({ page, shots }) => shots.filter((shot) => found[shot.png]).map((shot) => ({ ...page, ...shot, ...found[shot.png] })));
  writeFileSync(join(wanted.directory, "index.html"), index(entries));
  return entries;
};

const profile = mkdtempSync(join(tmpdir(), "gallery-"));
const server = await serve(wanted.directory);
let stopped = false;
process.on("SIGINT", () => { stopped = true; });
const browser = await puppeteer.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: FLAGS, userDataDir: profile, handleSIGINT: false,
});
try {
  const origin = `http://127.0.0.1:${server.address().port}`;
  const next = () => (stopped ? undefined : todo.shift());
  await Promise.all(Array.from({ length: wanted.workers }, () => work(browser, next, origin, wanted, done)));
} finally {
  await browser.close();
  server.close();
  rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  const entries = finish();
  const faulty = entries.filter((entry) => entry.found.length);
  console.log(`\n${made} made in ${((Date.now() - began) / 1000).toFixed(0)} s; ${faulty.length} of ${entries.length} with something to look at`);
  console.log(`file://${join(wanted.directory, "index.html")}`);
}
if (stopped) process.exit(130);
