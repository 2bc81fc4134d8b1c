// Each collector as its own documentation says to run it, and what its own files say it found. Nothing of them is changed.
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

const read = (file) => (existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : null);
const host = (url) => { try { return new URL(url).hostname; } catch { return ""; } };
const third = (url) => /^(https?|wss?):/.test(url) && host(url) !== "news.localhost";
const hosts = (requests, more = []) => [...new Set([...requests.map((entry) => host(entry.split(" ")[1])), ...more])].filter((name) => name && name !== "news.localhost");

// Requests that went out, as `METHOD URL`.
function ours(out) {
  const report = read(join(out, "audit.json"));
  if (!report) return null;
  const { runs } = report.audit;
  const left = (request) => !(request.outcome === "local" || request.outcome?.blocked);
  const requests = runs.flatMap((run) => run.requests.filter((request) => left(request) && third(request.url)).map((request) => `${request.method} ${request.url}`));
  const connections = runs.flatMap((run) => run.connections.map((connection) => connection.host));
  const storage = new Set(runs.flatMap((run) => run.storage.map((entry) => `${entry.kind} ${entry.kind === "cache" ? entry.key.split(" ")[0] : entry.key}`)));
  const reached = runs.filter((run) => run.reached);
  return {
    requests,
    hosts: hosts(requests, connections),
    cookies: [...new Set(runs.flatMap((run) => run.cookies.map((cookie) => cookie.name)))],
    storage: [...storage],
    banner: runs.some((run) => run.banner),
    buttons: [...new Set(runs.flatMap((run) => run.banner?.layers.flatMap((layer) => layer.controls.map((control) => control.role)) ?? []))],
    standings: reached.map((run) => run.standing),
    visits: reached.reduce((sum, run) => sum + run.visits.length, 0),
  };
}

function edps(out) {
  const inspection = read(join(out, "inspection.json"));
  const har = read(join(out, "requests.har"));
  if (!inspection || !har) return null;
  const requests = har.log.entries.map((entry) => `${entry.request.method} ${entry.request.url}`).filter((entry) => third(entry.split(" ")[1]));
  const sockets = Object.values(inspection.websocketLog ?? {}).map((socket) => `GET ${socket.url}`);
  return {
    requests: [...requests, ...sockets.filter((entry) => !requests.includes(entry))],
    hosts: hosts([...requests, ...sockets], inspection.hosts.requests.thirdParty),
    cookies: [...new Set(inspection.cookies.map((cookie) => cookie.name))],
    storage: Object.values(inspection.localStorage ?? {}).flatMap((origin) => Object.keys(origin).map((key) => `local ${key}`)),
    banner: false,
    buttons: [],
    standings: ["before"],
    visits: inspection.browsing_history.length,
  };
}

function scanner(out) {
  const files = readdirSync(out, { recursive: true }).filter((name) => name.endsWith(".json"));
  const report = files.length ? read(join(out, files[0])) : null;
  if (!report) return null;
  const seen = ["networkBeforeInteraction", "networkAfterReject", "networkAfterAccept"].flatMap((name) => report[name] ?? []);
  const requests = seen.map((request) => `${request.method} ${request.url}`).filter((entry) => third(entry.split(" ")[1]));
  const cookies = ["cookiesBeforeInteraction", "cookiesAfterReject", "cookiesAfterAccept"].flatMap((name) => report[name] ?? []);
  const said = report.errors.join(" ");
  const standings = ["before", ...(/reject/i.test(said) ? [] : ["refused"]), ...(/accept/i.test(said) ? [] : ["accepted"])];
  return {
    requests,
    hosts: hosts(requests),
    cookies: [...new Set(cookies.map((cookie) => cookie.name))],
    storage: [],
    banner: report.modal.detected,
    buttons: [...new Set(report.modal.buttons.map((button) => button.type))],
    standings,
    visits: standings.length,
  };
}

// `pages` includes the start page. Waits: after a page has loaded, `wait` seconds; the scanner has a wait of 2 s of its own.
export function ways({ site, pages, wait, dir, here }) {
  const bandeau = (standings, links, more = []) => (out) => [process.env.BANDEAU, [
    "audit", site.url, "--out", out, "--standings", standings, "--pages", String(links.length + 1), ...links.flatMap((link) => ["--page", link]),
    "--wait", String(wait), "--delay", "0", "--fail-on", "never", "--browser", process.env.BROWSER, ...more]];
  const node = { NODE_OPTIONS: `--import ${join(here, "preload.mjs")}` };
  const links = site.links.slice(0, pages - 1);
  const all = "before,refused,accepted,withdrawn,gpc";
  const list = [
    { id: "edps", name: "EDPS collector", rival: "before", env: { ...node, PUPPETEER_EXECUTABLE_PATH: process.env.BROWSER }, find: edps, dir,
      command: (out) => ["node", ["bin/website-evidence-collector.js", site.url, "--max", String(pages), ...links.flatMap((link) => ["--browse-link", link]), "--sleep", String(wait * 1000), "--output", out, "--overwrite", "--quiet", "--", "--no-sandbox"]] },
    { id: "before", name: "Bandeau, before a choice", find: ours, command: bandeau("before", links) },
    { id: "scanner", name: "gdpr-cookie-scanner", rival: "three", env: { ...node, WITNESS_PLAYWRIGHT: join(here, "node_modules/") }, find: scanner, dir: here,
      command: (out) => ["node", ["node_modules/@slashgear/gdpr-cookie-scanner/dist/cli.js", "scan", site.url, "--format", "json", "--output", out, "--locale", "en-GB"]] },
    { id: "three", name: "Bandeau, three standings", find: ours, command: bandeau("before,refused,accepted", []) },
    { id: "turn", name: "Bandeau, three, one by one", find: ours, command: bandeau("before,refused,accepted", [], ["--parallel", "1"]) },
    { id: "all", name: "Bandeau, all five", find: ours, command: bandeau(all, links) },
  ];
  return list.filter((way) => way.id !== "edps" || dir);
}
