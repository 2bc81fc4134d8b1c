// Looks at every surface in every language with every engine, has a robot refuse, and prints what was found.
// Exit 0: nothing; 1: findings; 2: it could not look.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import puppeteer from "puppeteer-core";
import { languages, start } from "./gateway.mjs";
import { robot } from "./robot.mjs";
import { open } from "./site.mjs";
import { Eye, LAYOUTS, asked, bands, pages, placeholders, signalled } from "./surfaces.mjs";

const USAGE = `tests/access/run [--quick] [--languages en,fr] [--only engines|robot] [--jobs N]
  --quick      six languages and one message page each, instead of all
  --languages  these only
  --only       the engines alone, or the robot alone
  --jobs       pages at once (2)`;

const FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"];

function read(words) {
  const options = { jobs: 2, only: "" };
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at], value = () => { at += 1; if (!words[at]) fail(`${word} needs a value`); return words[at]; };
    if (word === "--quick") options.quick = true;
    else if (word === "--languages") options.languages = value().split(",");
    else if (word === "--only") options.only = value();
    else if (word === "--jobs") options.jobs = Number(value());
    else fail(word === "--help" ? "" : `${word} is not an option`);
  }
  if (!["", "engines", "robot"].includes(options.only) || !(options.jobs >= 1)) fail("--only is engines or robot, --jobs a number");
  return options;
}

function fail(why) {
  console.error(`${why}\n${USAGE}`.trim());
  process.exit(2);
}

// What was looked at and what was found, by surface and engine.
class Report {
  rows = new Map();
  found = [];
  open = new Map();

  add(surface, language, engine, found, open = []) {
    const row = this.rows.get(surface) ?? this.rows.set(surface, { languages: new Set(), engines: {} }).get(surface);
    row.languages.add(language);
    const cell = row.engines[engine] ??= { looks: 0, found: 0 };
    cell.looks += 1;
    cell.found += found.length;
    for (const one of found) this.found.push({ surface, language, engine, ...one });
    for (const { rule } of open) this.open.set(rule, (this.open.get(rule) ?? 0) + 1);
  }

  print() {
    const engines = ["axe", "pa11y axe", "pa11y htmlcs", "htmlcs unfolded"];
    const line = (cells) => console.log(cells.map((cell, at) => at ? String(cell).padStart(17) : String(cell).padEnd(34)).join(""));
    line(["surface (findings / looks)", "languages", ...engines]);
    for (const [surface, { languages, engines: cells }] of [...this.rows].sort(([a], [b]) => a < b ? -1 : 1)) {
      line([surface, languages.size, ...engines.map((engine) => cells[engine] ? `${cells[engine].found} / ${cells[engine].looks}` : "-")]);
    }
    for (const [, all] of group(this.found, key)) {
      const [{ engine, rule, surface, at, said, html }] = all;
      console.log(`\n${engine}: ${rule}: ${all.length} on ${surface} in ${[...new Set(all.map(({ language }) => language))].join(" ")}`);
      console.log(`  at ${at}\n  ${html}\n  ${said.replaceAll("\n", "\n  ")}`);
    }
    // Colours of texts that are scrolled out of sight or covered by a layer; pa11y sees them in full, and takes what is
    // left of them for findings.
    const left = [...this.open].map(([rule, count]) => `${rule} ${count}`).join(", ");
    if (left) console.log(`\naxe leaves to people: ${left}`);
    const looks = [...this.rows.values()].flatMap(({ engines: cells }) => Object.values(cells)).reduce((sum, { looks }) => sum + looks, 0);
    console.log(`\n${looks} looks, ${this.found.length} findings`);
  }
}

// What differs in numbers only, such as a ratio of contrast, is one finding.
const key = ({ engine, rule, surface, said }) => [engine, rule, surface, said.replace(/[0-9.]+/g, "")].join();
function group(list, by) {
  const groups = new Map();
  for (const one of list) groups.set(by(one), [...groups.get(by(one)) ?? [], one]);
  return groups;
}

// The consent cookie after each answer, as the gateway sets it.
async function answered({ port }) {
  const base = `http://127.0.0.1:${port}`;
  const notice = /data-notice="([0-9a-f]{64})"/.exec(await (await fetch(`${base}/en/`, { headers: { accept: "text/html", "sec-fetch-dest": "document" } })).text())[1];
  const purposes = ["audience", "audience-plus", "profile", "advertising", "social", "media"];
  const some = Object.fromEntries(purposes.map((purpose) => [`choice.${purpose}`, purpose === "media" ? "grant" : "refuse"]));
  const wishes = { green: { answer: "accept" }, amber: { answer: "choose", ...some }, red: { answer: "refuse" } };
  const cookies = {};
  for (const [state, wish] of Object.entries(wishes)) {
    const answer = await fetch(`${base}/.well-known/bandeau/decision`, {
      method: "POST", redirect: "manual", body: new URLSearchParams({ notice, source: "settings", back: "/", ...wish }), headers: { "sec-fetch-site": "same-origin" },
    });
    const [, name, value] = /^([^=]+)=([^;]+)/.exec(answer.headers.getSetCookie().find((line) => line.includes("bandeau=")));
    cookies[state] = { name, value };
  }
  return cookies;
}

async function engines(browser, gateways, spoken, options) {
  const report = new Report(), queue = [...spoken.entries()], broken = [];
  const cookies = {};
  for (const layout of LAYOUTS) cookies[layout] = await answered(gateways[layout]);
  const work = async () => {
    const eye = new Eye(browser, await browser.createBrowserContext(), report);
    await eye.open();
    for (let job; browser.connected && (job = queue.shift());) {
      const [turn, language] = job, begun = Date.now();
      try {
        await eye.page.setExtraHTTPHeaders({ "Accept-Language": language });
        await asked(eye, gateways, language, turn);
        await placeholders(eye, gateways, language, turn);
        await bands(eye, gateways, language, turn, cookies[LAYOUTS[turn % LAYOUTS.length]]);
        await signalled(eye, gateways, language, turn);
        await pages(eye, gateways, language, turn, !options.quick);
      } catch (error) {
        broken.push(`${language}: ${error.stack ?? error}`);
      }
      console.error(`${language} ${((Date.now() - begun) / 1000).toFixed(1)} s`);
    }
  };
  await Promise.all(Array.from({ length: options.jobs }, work));
  if (queue.length) broken.push(`the browser went away before ${queue.map(([, language]) => language).join(" ")}`);
  report.print();
  for (const what of broken) console.log(`\ncould not look: ${what}`);
  return report.found.length + broken.length;
}

async function main() {
  const options = read(process.argv.slice(2)), binary = process.env.BANDEAU;
  const known = languages(binary);
  const sample = ["en", "fr", "de", "ar", "el", "fi"].filter((language) => known.includes(language));
  const spoken = options.languages ?? (options.quick ? sample : known);
  const strange = spoken.filter((language) => !known.includes(language));
  if (strange.length) fail(`${strange.join(" ")}: not spoken; there are ${known.join(" ")}`);
  const version = (name) => JSON.parse(readFileSync(new URL(`node_modules/${name}/package.json`, import.meta.url))).version;
  console.log(["axe-core", "pa11y", "@pa11y/html_codesniffer", "@duckduckgo/autoconsent"].map((name) => `${name} ${version(name)}`).join(", "));
  const begun = Date.now(), ends = [];
  let browser, bad = 0;
  process.on("SIGINT", () => { for (const end of ends) end(); browser?.process()?.kill("SIGKILL"); process.exit(130); });
  try {
    const site = await open();
    ends.push(site.close);
    const gateways = { upstream: site.port };
    const add = async (name, options) => { gateways[name] = await start(binary, site.port, known, options); ends.push(gateways[name].end); };
    for (const layout of LAYOUTS) await add(layout, { layout });
    await add("closed", { store: "sqlite:missing/bandeau.db" });
    browser = await puppeteer.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: FLAGS, pipe: true });
    console.log(`${await browser.version()}, ${spoken.length} of ${known.length} languages\n`);
    if (options.only !== "robot") bad += await engines(browser, gateways, spoken, options);
    if (options.only !== "engines") bad += await robot(browser, gateways, spoken);
  } finally {
    await browser?.close();
    for (const end of ends) end();
  }
  console.log(`${((Date.now() - begun) / 1000).toFixed(0)} s`);
  process.exitCode = bad ? 1 : 0;
}

main().catch((error) => { console.error(error.stack ?? error); process.exit(2); });
