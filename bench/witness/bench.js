// Measures: node bench.js [--edps DIR] [--rounds 3] [--pages 6] [--wait 2] [--only ID,ID] [--json FILE]. See docs/operate/bench-audit.md.
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { PAGES, serve } from "./site.js";
import { print } from "./table.js";
import { ways } from "./ways.js";

// Whoever takes longer is ended and counts as having found nothing.
const LIMIT = 240_000;

const option = (name, fallback) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? fallback : process.argv[at + 1];
};

// Runs one, and says how long it took by the clock on the wall.
function once(way, out, directory) {
  const [program, args] = way.command(out);
  const start = performance.now();
  const child = spawn(program, args, { cwd: way.dir ?? directory, env: { ...process.env, ...way.env, TMPDIR: directory }, stdio: ["ignore", "pipe", "pipe"], detached: true });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => { said = (said + chunk).slice(-2000); });
  const end = setTimeout(() => { try { process.kill(-child.pid, "SIGKILL"); } catch { /* it has ended */ } }, LIMIT);
  return new Promise((done) => child.on("exit", (code) => { clearTimeout(end); done({ took: (performance.now() - start) / 1000, code, said }); }));
}

// How many of `real` are in `found`, each as often as it happened; and what of `found` never happened.
function compare(real, found) {
  const left = new Map();
  for (const name of real) left.set(name, (left.get(name) ?? 0) + 1);
  let [right, invented] = [0, 0];
  for (const name of found) {
    const open = left.get(name) ?? 0;
    if (open > 0) { right += 1; left.set(name, open - 1); } else { invented += 1; }
  }
  return { real: real.length, right, invented, missed: [...left].filter(([, open]) => open > 0).map(([name, open]) => `${open}× ${name}`) };
}

async function measure(way, site, round) {
  const directory = mkdtempSync(join(tmpdir(), "bench-witness-"));
  const out = join(directory, "out");
  site.fresh();
  const { took, code, said } = await once(way, out, directory);
  // Beacons of the last page may still be on their way.
  await sleep(500);
  const truth = site.truth();
  const found = existsSync(out) ? way.find(out) : null;
  if (process.argv.includes("--keep")) console.log(`${way.id}: ${directory}`);
  else rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
  if (!found) {
    console.log(`round ${round}, ${way.name}: found nothing after ${took.toFixed(1)} s, exit ${code}: ${said}`);
    return null;
  }
  // Of a page that was loaded to find something out, and of which nothing at all is reported, nothing is missed.
  const load = (entry) => /[?&]load=(\d+)/.exec(entry)?.[1];
  const reported = new Set(found.requests.map(load));
  const all = truth.requests.length;
  truth.requests = truth.requests.filter((entry) => !load(entry) || reported.has(load(entry)));
  const apart = all - truth.requests.length;
  const kinds = Object.fromEntries(["requests", "hosts", "cookies", "storage"].map((kind) => [kind, compare(truth[kind], found[kind])]));
  console.log(`round ${round}, ${way.name}: ${took.toFixed(1)} s, ${found.visits} visits, ${kinds.requests.right} of ${kinds.requests.real} requests, ${apart} of loads it says nothing of`);
  return { apart, took, visits: found.visits, page: took / found.visits, kinds, banner: found.banner, buttons: found.buttons, standings: found.standings };
}

const rounds = Number(option("rounds", 3));
const pages = Math.min(Number(option("pages", 6)), PAGES.length);
const wait = Number(option("wait", 2));
const edps = option("edps");
const only = option("only")?.split(",");
const from = process.env.HERE ?? ".";
if (edps && !existsSync(join(resolve(from, edps), "bin/website-evidence-collector.js"))) throw new Error(`--edps: there is no collector in ${edps}`);
if (!edps) console.log("NOT MEASURED: the EDPS collector. Clone it, run `npm install` in it, and name its directory with --edps (see README.md).\n");
const site = await serve(PAGES.length, process.argv.includes("--worker"));
const all = ways({ site, pages, wait, dir: edps && resolve(from, edps), here: import.meta.dirname }).filter((way) => !only || only.includes(way.id));
const results = new Map(all.map((way) => [way.id, []]));
// They take turns, so that what else the machine does falls on all of them.
for (let round = 1; round <= rounds; round += 1) {
  for (const way of all) {
    const result = await measure(way, site, round);
    if (result) results.get(way.id).push(result);
  }
}
site.stop();
console.log(`\n${pages} pages, ${wait} s of waiting after each, ${rounds} rounds in turns; ${cpus().length} cores, load ${loadavg()[0].toFixed(1)}\n`);
print(all, results);
if (option("json")) writeFileSync(resolve(from, option("json")), JSON.stringify(Object.fromEntries(results), null, 1));
