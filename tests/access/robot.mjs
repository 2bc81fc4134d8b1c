// A robot that refuses on behalf of visitors, `@duckduckgo/autoconsent`, set up as its own guide for browsers driven
// from outside says. Which languages it knows is read in its own lists of patterns: a language counts as known when
// there are patterns to detect a notice and patterns to find the button that refuses.

import { readFileSync } from "node:fs";
import { LAYOUTS } from "./surfaces.mjs";

const at = (path) => new URL(`node_modules/@duckduckgo/autoconsent/${path}`, import.meta.url);
const SCRIPT = readFileSync(at("dist/autoconsent.playwright.js"), "utf8");
const RULES = JSON.parse(readFileSync(at("rules/rules.json"), "utf8"));

const CONFIG = {
  enabled: true, autoAction: "optOut", disabledCmps: [], enablePrehide: true, enableCosmeticRules: true, enableGeneratedRules: true,
  detectRetries: 20, isMainWorld: false, prehideTimeout: 2000, enableHeuristicDetection: true, heuristicMode: "reject",
  logs: { lifecycle: false, rulesteps: false, detectionsteps: false, evals: false, errors: true, messages: false, waits: false },
};

// The languages its lists name: by code where it detects (English has no heading), by name where it finds the button.
export function known() {
  const source = readFileSync(at("lib/heuristic-patterns.ts"), "utf8");
  const list = (name) => source.slice(source.indexOf(`${name} = [`)).split(/^\];/m)[0];
  const detects = new Set(["en", ...[...list("DETECT_PATTERNS").matchAll(/^ *\/\/ (?:\w+ \()?([A-Z]{2})\)?$/gm)].map(([, code]) => code.toLowerCase())]);
  const name = new Intl.DisplayNames(["en"], { type: "language" });
  const codes = new Map();
  for (const a of "abcdefghijklmnopqrstuvwxyz") for (const b of "abcdefghijklmnopqrstuvwxyz") {
    const word = name.of(a + b).toUpperCase();
    // Some have an older code as well, which comes later in the alphabet.
    if (!codes.has(word)) codes.set(word, a + b);
  }
  const refuses = new Set([...list("export const REJECT_PATTERNS").matchAll(/REJECT_PATTERNS_(\w+)/g)].map(([, word]) => codes.get(word.split("_").at(-1))).filter(Boolean));
  return { detects, refuses };
}

// One visit of the robot: what it said, in order, and the page it left.
async function visit(context, url) {
  const page = await context.newPage(), said = [];
  let finish;
  const done = new Promise((resolve) => { finish = resolve; });
  const send = (message) => page.evaluate((message) => window.autoconsentReceiveMessage?.(message), message).catch(() => {});
  await page.exposeFunction("autoconsentSendMessage", async (message) => {
    if (message?.type === "init") return send({ type: "initResp", config: CONFIG, rules: RULES });
    if (message?.type === "eval") return send({ type: "evalResp", id: message.id, result: await page.evaluate(message.code).catch(() => false) });
    said.push(message);
    if (message?.type === "optOutResult" || message?.type === "autoconsentError") finish();
  });
  await page.evaluateOnNewDocument(SCRIPT);
  await page.goto(url, { waitUntil: "load" });
  const words = await page.evaluate(() => [...document.querySelectorAll("bandeau-label.button")].map((label) => label.textContent).join(" | "));
  let timer;
  await Promise.race([done, new Promise((resolve) => { timer = setTimeout(resolve, 15_000); })]);
  clearTimeout(timer);
  return { page, said, words };
}

// What went wrong in one language and layout; nothing when all is as it should be.
async function refuse(browser, gateway, language) {
  const context = await browser.createBrowserContext(), wrong = [];
  try {
    const before = gateway.records().length;
    const { page, said, words } = await visit(context, `${gateway.origin}/${language}/`);
    const heard = said.map(({ type, cmp, result }) => [type, cmp, result].filter((part) => part !== undefined).join(" ")).join(", ");
    if (!said.some(({ type }) => type === "popupFound")) wrong.push("it found no notice");
    if (!said.some(({ type, result }) => type === "optOutResult" && result === true)) wrong.push("it did not refuse");
    if (!wrong.length) {
      await page.waitForFunction(() => document.querySelector("bandeau-notice")?.dataset.state === "red", { timeout: 10_000 })
        .catch(() => wrong.push("the band is not red"));
      const next = await context.newPage();
      await next.goto(`${gateway.origin}/${language}/`, { waitUntil: "load" });
      const state = await next.evaluate(() => document.querySelector("bandeau-notice").dataset.state);
      if (state !== "red") wrong.push(`on the next page the band is ${state}`);
      // A refusal is noted without waiting: its record follows.
      let fresh;
      for (let left = 60; left > 0 && !(fresh = gateway.records().slice(before)).length; left -= 1) await new Promise((wait) => setTimeout(wait, 100));
      if (fresh.length !== 1) wrong.push(`${fresh.length} records`);
      else if (fresh[0].event !== "refused" || fresh[0].source !== "banner") wrong.push(`the record says ${fresh[0].event} from ${fresh[0].source}`);
    }
    return { wrong, heard, words };
  } finally {
    await context.close();
  }
}

export async function robot(browser, gateways, spoken) {
  const { detects, refuses } = known();
  const must = [...detects].filter((language) => refuses.has(language)).sort();
  console.log(`\nautoconsent: detects ${[...detects].sort().join(" ")}; refuses ${[...refuses].sort().join(" ")}; knows both: ${must.join(" ")}`);
  for (const language of must.filter((language) => !spoken.includes(language))) console.log(`  ${language}: skipped, not among the languages asked for or spoken`);
  let bad = 0;
  const tested = must.filter((language) => spoken.includes(language));
  if (!tested.length) { console.log("  no language to test"); bad += 1; }
  for (const [turn, language] of tested.entries()) {
    // Every layout in English, one of them in turn in the others.
    for (const layout of language === "en" ? LAYOUTS : [LAYOUTS[turn % LAYOUTS.length]]) {
      const { wrong, heard, words } = await refuse(browser, gateways[layout], language);
      console.log(`  ${language} ${layout}: ${wrong.length ? `FAILED: ${wrong.join("; ")} (heard: ${heard || "nothing"}; labels: ${words})` : `refused (${words})`}`);
      bad += wrong.length ? 1 : 0;
    }
  }
  const others = spoken.filter((language) => !must.includes(language));
  if (others.length) console.log(`  not tested, for its lists name no pattern to detect a notice or none to refuse: ${others.map((language) => `${language}${refuses.has(language) ? " (refuses only)" : detects.has(language) ? " (detects only)" : ""}`).join(" ")}`);
  return bad;
}
