// Gateways under test: the binary as an operator starts it, each with a configuration and a directory of its own.

import { execFileSync, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const service = (id, purpose, more = "") => `
[[service]]
id = "${id}"
name = "${id[0].toUpperCase()}${id.slice(1)} Co"
purpose = "${purpose}"
controller = "${id} Ltd, 1 Quay Street, Porthaven"
privacy = "https://${id}.example/privacy"
data = ["ip-address", "browsing", "device"]
retention = "13 months"
hosts = ["${id}.localhost"]
cookies = ["_${id}_*"]
${more}`;

// Every purpose there is, so that the notice is as long as it gets.
const SERVICES = [
  `\n[[service]]\nid = "site"\npurpose = "technical"\ncookies = ["session"]\n`,
  service("count", "audience"), service("metrics", "audience-plus"), service("profile", "profile"),
  service("ads", "advertising"), service("forum", "social"), service("video", "media"),
  `\n[[feature]]\nid = "comments"\nneeds = ["social"]\nroutes = ["/comments/*"]\nembeds = ["#comments"]\n`,
].join("");

const config = (upstream, port, languages, { layout = "bar", store = "sqlite:bandeau.db" }) => `
listen = "127.0.0.1:${port}"
upstream = "http://127.0.0.1:${upstream}"
[site]
name = "The Evening Paper"
hosts = ["paper.localhost"]
controller = "Evening Paper Ltd, 2 Quay Street, Porthaven"
privacy = "/privacy"
languages = [${languages.map((language) => `"${language}"`).join(", ")}]
[theme]
layout = "${layout}"
[book]
store = "${store}"
[limits]
answer = "1s"
header_bytes = 8192
${SERVICES}`;

const free = () => new Promise((done) => {
  const server = createServer().listen(0, "127.0.0.1", () => {
    const { port } = server.address();
    server.close(() => done(port));
  });
});

// The languages the binary speaks, from what it says to one it does not.
export function languages(binary) {
  const dir = mkdtempSync(join(tmpdir(), "bandeau-access-"));
  try {
    writeFileSync(join(dir, "bandeau.toml"), config(9, 9, ["zz"], {}));
    const { stdout, stderr } = spawnSync(binary, ["check", "--no-dns"], { cwd: dir, encoding: "utf8" });
    const said = /"zz" is not a language we speak: expected ([a-z, ]+)/.exec(stdout + stderr);
    if (!said) throw new Error(`the binary does not say which languages it speaks:\n${stdout}${stderr}`);
    return said[1].trim().split(", ");
  } finally {
    rmSync(dir, { recursive: true });
  }
}

// Starts one. `end` ends it and removes its directory.
export async function start(binary, upstream, spoken, options = {}) {
  const dir = mkdtempSync(join(tmpdir(), "bandeau-access-"));
  const port = await free();
  writeFileSync(join(dir, "bandeau.toml"), config(upstream, port, spoken, options));
  const child = spawn(binary, ["serve"], { cwd: dir, stdio: ["ignore", "ignore", "pipe"] });
  let log = "";
  child.stderr.on("data", (text) => { log += text; });
  const end = () => { child.kill("SIGKILL"); rmSync(dir, { recursive: true, force: true }); };
  const origin = `http://paper.localhost:${port}`;
  for (const begun = Date.now(); ;) {
    const up = await fetch(`http://127.0.0.1:${port}/.well-known/bandeau/health`).then((answer) => answer.ok, () => false);
    if (up) break;
    if (child.exitCode !== null || Date.now() - begun > 30_000) { end(); throw new Error(`no gateway:\n${log}`); }
    await new Promise((done) => setTimeout(done, 30));
  }
  const records = () => execFileSync(binary, ["export"], { cwd: dir, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).split("\n").filter(Boolean).map((line) => JSON.parse(line));
  return { origin, port, end, records, log: () => log, layout: options.layout };
}
