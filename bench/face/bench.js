// Measures: node bench.js [--runs 5] [--only ID,ID] [--json FILE]. See docs/operate/bench-face.md for what and how.
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import puppeteer from "puppeteer-core";
import { serve } from "./site.js";
import { WAYS, config } from "./ways.js";
import { print } from "./table.js";
import { watch } from "./watch.js";

const FLAGS = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync",
];
// A slow phone: what developer tools call slow 3G, and a processor four times slower than this one.
const NETWORK = { offline: false, latency: 400, downloadThroughput: 400_000 / 8, uploadThroughput: 400_000 / 8 };
const HOST = "news.localhost";

const option = (name, fallback) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? fallback : process.argv[at + 1];
};

const port = () => new Promise((done) => {
  const server = createServer().listen(0, "127.0.0.1", () => { const { port } = server.address(); server.close(() => done(port)); });
});

async function until(what, test, limit = 15_000) {
  const end = Date.now() + limit;
  while (Date.now() < end) {
    if (await test()) return;
    await sleep(20);
  }
  throw new Error(`${what}: not within ${limit} ms`);
}

async function gateway(upstream) {
  const directory = mkdtempSync(join(tmpdir(), "bench-face-"));
  const listen = await port();
  writeFileSync(join(directory, "bandeau.toml"), config(`127.0.0.1:${listen}`, `http://127.0.0.1:${upstream}`, HOST));
  const child = spawn(process.env.BANDEAU, ["serve", "--config", "bandeau.toml"], { cwd: directory, stdio: ["ignore", "ignore", "pipe"] });
  let [ended, said] = [false, ""];
  child.stderr.on("data", (chunk) => { said = (said + chunk).slice(-4000); });
  child.on("exit", () => { ended = true; });
  await until("the gateway listens", () => ended || new Promise((done) => {
    const socket = connect(listen, "127.0.0.1").on("connect", () => { socket.destroy(); done(true); }).on("error", () => done(false));
  }));
  if (ended) throw new Error(`the gateway ended: ${said}`);
  const stop = () => new Promise((done) => {
    const clean = () => { rmSync(directory, { recursive: true, force: true }); done(); };
    if (ended) return clean();
    child.on("exit", clean);
    child.kill("SIGTERM");
  });
  return { port: listen, stop };
}

// Counts what goes over the network, heads included; what the cache answers costs nothing.
function meter(session) {
  const seen = { bytes: 0, requests: [], open: new Set() };
  session.on("Network.requestWillBeSent", ({ requestId, request, timestamp }) => {
    if (!/^https?:/.test(request.url)) return;
    seen.requests.push({ requestId, url: request.url, timestamp });
    seen.open.add(requestId);
  });
  session.on("Network.requestServedFromCache", ({ requestId }) => {
    seen.requests = seen.requests.filter((one) => one.requestId !== requestId);
  });
  session.on("Network.responseReceived", ({ requestId, response }) => {
    if (response.fromDiskCache) seen.requests = seen.requests.filter((one) => one.requestId !== requestId);
  });
  session.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
    seen.bytes += encodedDataLength;
    seen.open.delete(requestId);
  });
  session.on("Network.loadingFailed", ({ requestId }) => seen.open.delete(requestId));
  return seen;
}

async function visit(page, session, url, settle) {
  const seen = meter(session);
  const start = Date.now();
  await page.goto(url, { waitUntil: "load", timeout: 60_000 });
  await until("the page is at rest", () => Date.now() - start > settle && seen.open.size === 0, 30_000);
  const noted = await page.evaluate(() => window.__seen);
  const first = Math.min(...seen.requests.map((one) => one.timestamp));
  const early = seen.requests.filter((one) => (one.timestamp - first) * 1000 < noted.paint).length;
  session.removeAllListeners();
  // A frame may be found before the browser says that anything was painted: nothing is seen before that.
  if (noted.notice !== null) noted.notice = Math.max(noted.notice, noted.paint);
  return { ...noted, bytes: seen.bytes, requests: seen.requests.length, early, urls: seen.requests.map((one) => one.url) };
}

const kept = (page) => page.evaluate(() => Object.entries(localStorage).reduce((sum, [key, value]) => sum + key.length + value.length, 0));

// Presses a button as a finger does, and waits until the notice is gone.
async function press(page, way, answer) {
  const button = await page.evaluateHandle(way[answer]);
  const element = button.asElement();
  if (!element) throw new Error(`${way.id}: no button "${answer}" on the first layer`);
  const { x, y } = await page.evaluate((one) => {
    const box = one.getBoundingClientRect();
    return { x: box.left + box.width / 2, y: box.top + box.height / 2 };
  }, element);
  await page.mouse.click(x, y);
  await until(`${way.id}: the notice is gone`, async () => {
    try { return !(await page.evaluate(`__visible(()=>${way.notice})`)); } catch { return false; }
  });
  await sleep(1500);
}

async function run(browser, way, origin) {
  const context = await browser.createBrowserContext();
  try {
    const page = await context.newPage();
    await page.setViewport({ width: 360, height: 740, deviceScaleFactor: 2, isMobile: true });
    const session = await page.createCDPSession();
    await session.send("Network.enable");
    // All in the same coding: the gateway would choose zstd where a browser likes it as much.
    await session.send("Network.setExtraHTTPHeaders", { headers: { "Accept-Encoding": "br" } });
    await session.send("Network.emulateNetworkConditions", NETWORK);
    await session.send("Emulation.setCPUThrottlingRate", { rate: 4 });
    await page.evaluateOnNewDocument(`(${watch})(${way.notice ? `()=>${way.notice}` : "null"})`);
    const one = await visit(page, session, `${origin}/one`, 5_000);
    let cookie = 0, storage = 0;
    if (way.notice) {
      if (one.notice === null) throw new Error(`${way.id}: no notice was seen`);
      await press(page, way, "refuse");
      const { cookies } = await session.send("Network.getCookies");
      cookie = cookies.reduce((sum, { name, value }) => sum + name.length + 1 + value.length, 0);
      storage = await kept(page);
    }
    const two = await visit(page, session, `${origin}/two`, 2_500);
    if (two.notice !== null) throw new Error(`${way.id}: asked again after a refusal`);
    const tasks = one.tasks.filter(([start]) => start < 5_000);
    return {
      bytes: one.bytes, requests: one.requests, early: one.early, paint: one.paint, notice: one.notice, shift: one.shift,
      tasks: tasks.length, busy: tasks.reduce((sum, [, time]) => sum + time, 0), cookie, storage, later: two.bytes,
      laterRequests: two.requests, urls: one.urls,
    };
  } finally {
    await context.close();
  }
}

// How often one must press on the first layer until the notice is gone with this answer: one, or it fails.
async function clicks(browser, way, origin) {
  const counts = {};
  for (const answer of ["accept", "refuse"]) {
    const context = await browser.createBrowserContext();
    const page = await context.newPage();
    await page.setViewport({ width: 360, height: 740, deviceScaleFactor: 2, isMobile: true });
    await page.evaluateOnNewDocument(`(${watch})(()=>${way.notice})`);
    await page.goto(`${origin}/one`, { waitUntil: "load" });
    await until(`${way.id}: a notice`, () => page.evaluate("window.__seen.notice!==null"));
    // What slides in is pressed where it comes to rest.
    await sleep(1000);
    counts[answer] = await press(page, way, answer).then(() => 1, () => null);
    await context.close();
  }
  return counts;
}

const runs = Number(option("runs", 5));
const only = option("only")?.split(",");
const ways = WAYS.filter((way) => way.id === "bare" || !only || only.includes(way.id));
const server = await serve();
const upstream = server.address().port;
const proxy = await gateway(upstream);
const profile = mkdtempSync(join(tmpdir(), "bench-face-"));
const browser = await puppeteer.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: FLAGS, userDataDir: profile });
try {
  const origin = (way) => (way.id === "bandeau" ? `http://${HOST}:${proxy.port}/bare` : `http://${HOST}:${upstream}/${way.id}`);
  const results = Object.fromEntries(ways.map((way) => [way.id, []]));
  const pressed = {};
  for (const way of ways) if (way.notice) pressed[way.id] = await clicks(browser, way, origin(way));
  for (let round = 0; round < runs; round++) {
    // In turns, each round beginning with another, so that a busy minute is not one way's alone.
    for (let at = 0; at < ways.length; at++) {
      const way = ways[(at + round) % ways.length];
      results[way.id].push(await run(browser, way, origin(way)));
      if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${round + 1}/${runs} ${way.id}`);
    }
  }
  if (process.stderr.isTTY) process.stderr.write("\r\x1b[K");
  const about = {
    date: new Date().toISOString().slice(0, 10), runs, browser: await browser.version(), node: process.version,
    machine: `${cpus().length} × ${cpus()[0].model}`, bandeau: execFileSync(process.env.BANDEAU, ["--version"]).toString().trim(),
    build: /\/release\//.test(process.env.BANDEAU) ? "release" : "debug (read its times with that in mind)",
  };
  print(about, ways, results, pressed);
  const file = option("json");
  if (file) writeFileSync(file, JSON.stringify({ about, pressed, results }, null, 1));
} finally {
  await browser.close();
  await proxy.stop();
  server.close();
  rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
}
