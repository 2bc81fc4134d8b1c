// What is looked at: every surface of ours, brought before the engines in one language. Each is checked to be the one
// it is taken for before it is looked at, so that an empty page is never a page without findings.

import { readFileSync } from "node:fs";
import { axe, flat, walk } from "./engines.mjs";

const OURS = "/.well-known/bandeau/";
export const LAYOUTS = ["bar", "card", "dialog"];

const wide = { width: 1280, height: 900 }, narrow = { width: 320, height: 640 };
const light = "light", dark = "dark";

// One worker: a page for what is looked at, a page for what is unfolded, and where findings go.
export class Eye {
  constructor(browser, context, report) {
    Object.assign(this, { browser, context, report });
  }

  async open() {
    [this.page, this.lab] = [await this.context.newPage(), await this.context.newPage()];
    await this.page.setBypassCSP(false);
  }

  async scheme(value) {
    await this.page.emulateMediaFeatures([{ name: "prefers-color-scheme", value }]);
  }

  async size(size) {
    await this.page.setViewport(size);
  }

  async go(url, state) {
    await this.page.goto(url, { waitUntil: "load", timeout: 30_000 });
    if (state) await this.expect(`document.querySelector("bandeau-notice")?.dataset.state === "${state}"`, `${url} shows ${state}`);
  }

  async expect(condition, what) {
    await this.page.waitForFunction(condition, { timeout: 20_000 }).catch(() => { throw new Error(`never: ${what}`); });
  }

  // axe, in each of these schemes.
  async axe(surface, language, include, schemes = [light, dark]) {
    for (const scheme of schemes) {
      await this.scheme(scheme);
      const { found, open } = await axe(this.page, include);
      this.report.add(surface, language, "axe", found.map((one) => ({ ...one, at: `${one.at} (${scheme})` })), open);
    }
    await this.scheme(light);
  }

  // pa11y, which takes what axe leaves to people for findings: a text that is scrolled out of sight has no colours to
  // compare, and neither has one over the shade at the edge that says there is more. So what scrolls is given its whole
  // height meanwhile, and as nothing scrolls then, no shade.
  async pa11y(surface, language, root) {
    const before = this.page.viewport();
    const stretch = (on) => this.page.evaluate((on) => {
      const roots = [document, ...[...document.querySelectorAll("bandeau-notice, bandeau-embed")].map((host) => host.shadowRoot)];
      for (const root of roots) {
        if (!on) { root.adoptedStyleSheets = root.adoptedStyleSheets.filter((sheet) => !sheet.stretch); continue; }
        const sheet = Object.assign(new CSSStyleSheet(), { stretch: true });
        sheet.replaceSync(".n form,.o form,.o{max-block-size:none!important}.s{background-image:none!important}");
        root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
      }
    }, on);
    await this.page.setViewport({ ...before, height: 4000 });
    await stretch(true);
    const issues = await walk(this.browser, this.page, root);
    for (const runner of ["axe", "htmlcs"]) this.report.add(surface, language, `pa11y ${runner}`, issues.filter((issue) => issue.runner === runner));
    await stretch(false);
    await this.page.setViewport(before);
  }

  // HTML_CodeSniffer on what it cannot see.
  async unfold(surface, language, name) {
    await this.lab.setViewport(this.page.viewport());
    await this.lab.setContent(await flat(this.page, name));
    await this.lab.evaluate(() => document.querySelector("[popover]")?.showPopover());
    const words = (page) => page.evaluate((name) => document.querySelector(name)?.shadowRoot?.querySelectorAll("p, li, h2").length ?? document.querySelectorAll("p, li, h2").length, name);
    if (await words(this.lab) < await words(this.page)) throw new Error(`${surface} ${language}: what is unfolded is less than what there is`);
    this.report.add(surface, language, "htmlcs unfolded", await walk(this.browser, this.lab, name, ["htmlcs"]));
  }

  // The settings as a layer, as the script opens it.
  async layer(language) {
    await this.page.evaluate(async (lang) => {
      const { shadowRoot } = document.querySelector("bandeau-notice");
      if (!shadowRoot.getElementById("settings")) {
        const answer = await fetch(`/.well-known/bandeau/layer?${new URLSearchParams({ back: "/", lang })}`);
        const { content } = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("template");
        const sheet = new CSSStyleSheet();
        sheet.replaceSync(content.querySelector("style").textContent);
        shadowRoot.adoptedStyleSheets = [...shadowRoot.adoptedStyleSheets, sheet];
        shadowRoot.append(content.querySelector("[popover]"));
      }
      shadowRoot.getElementById("settings").showPopover();
    }, language);
    await this.expect(() => document.querySelector("bandeau-notice").shadowRoot.querySelector("#settings:popover-open li input"), "the layer");
  }
}

// The first layer in each layout, light and dark, and the settings over it.
export async function asked(eye, gateways, language, turn) {
  for (const [at, layout] of LAYOUTS.entries()) {
    const first = `first layer, ${layout}`, layer = `settings over ${layout}`, mine = ["bandeau-notice"];
    await eye.size(wide);
    await eye.go(`${gateways[layout].origin}/${language}/`, "neutral");
    await eye.expect(`document.querySelector("bandeau-notice[data-ask]").lang === "${language}"`, `${layout} in ${language}`);
    await eye.axe(first, language, mine);
    await eye.pa11y(first, language, "bandeau-notice");
    await eye.unfold(first, language, "bandeau-notice");
    const here = at === turn % LAYOUTS.length;
    if (here) {
      await eye.size(narrow);
      await eye.axe(`${first}, 320 px`, language, mine, [turn % 2 ? dark : light]);
      await eye.page.evaluate(() => document.querySelector("bandeau-notice").setAttribute("data-small", ""));
      await eye.axe("band, neutral", language, mine);
      await eye.page.evaluate(() => document.querySelector("bandeau-notice").removeAttribute("data-small"));
      await eye.size(wide);
    }
    await eye.layer(language);
    await eye.axe(layer, language, mine, here ? [light, dark] : [light]);
    if (!here) continue;
    await eye.unfold("settings over the page", language, "bandeau-notice");
    await eye.size(narrow);
    await eye.axe("settings over the page, 320 px", language, mine, [turn % 2 ? light : dark]);
  }
}

// The band in the three states after an answer, and the same layer with something granted.
export async function bands(eye, gateways, language, turn, cookies) {
  const gateway = gateways[LAYOUTS[turn % LAYOUTS.length]];
  await eye.size(wide);
  for (const [state, cookie] of Object.entries(cookies)) {
    await eye.context.setCookie({ ...cookie, domain: "paper.localhost", path: "/" });
    await eye.go(`${gateway.origin}/${language}/`, state);
    await eye.axe(`band, ${state}`, language, ["bandeau-notice"]);
    await eye.unfold(`band, ${state}`, language, "bandeau-notice");
    if (state !== "amber") continue;
    await eye.layer(language);
    await eye.axe("settings over the page, partly", language, ["bandeau-notice"], [light]);
    // Here, where no first layer lies half covered under it.
    await eye.pa11y("settings over the page, partly", language, "bandeau-notice");
    await eye.go(`${gateway.origin}${OURS}settings?back=/`);
    await eye.axe("settings as a page, partly", language, undefined, [light]);
  }
  await eye.context.deleteCookie(...Object.values(cookies).map(({ name }) => ({ name, value: "", domain: "paper.localhost", path: "/" })));
}

// Placeholders of every kind: of a size, in part, for comments, of a file, and too small for words (unfolded).
export async function placeholders(eye, gateways, language, turn) {
  const gateway = gateways[LAYOUTS[(turn + 1) % LAYOUTS.length]], surface = "placeholders", mine = ["bandeau-embed"];
  await eye.size(wide);
  await eye.go(`${gateway.origin}/${language}/embeds`, "neutral");
  // The notice lies over them: what lies under another thing has no colours to compare.
  await eye.page.evaluate(() => document.querySelector("bandeau-notice").setAttribute("data-small", ""));
  await eye.expect(() => document.querySelectorAll("bandeau-embed").length === 5, "five placeholders");
  await eye.axe(surface, language, mine, [light]);
  await eye.page.evaluate(() => {
    for (const at of document.querySelectorAll("bandeau-embed")) for (const part of at.shadowRoot.querySelectorAll("details")) part.open = true;
  });
  await eye.axe(surface, language, mine);
  await eye.pa11y(surface, language, "bandeau-embed");
  await eye.unfold(surface, language, "bandeau-embed");
  await eye.size(narrow);
  await eye.axe(`${surface}, 320 px`, language, mine, [turn % 2 ? dark : light]);
}

// Under Global Privacy Control: what is said of it in the notice, the settings and the placeholders.
export async function signalled(eye, gateways, language, turn) {
  const gateway = gateways[LAYOUTS[(turn + 2) % LAYOUTS.length]];
  await eye.page.setExtraHTTPHeaders({ "Accept-Language": language, "Sec-GPC": "1" });
  await eye.size(wide);
  await eye.go(`${gateway.origin}/${language}/embeds`, "neutral");
  await eye.expect(() => document.querySelector("bandeau-notice").shadowRoot.querySelector(".k"), "what is said of the signal");
  await eye.axe("with GPC", language, ["bandeau-notice"]);
  await eye.layer(language);
  await eye.axe("with GPC", language, ["bandeau-notice"], [dark]);
  await eye.unfold("with GPC", language, "bandeau-notice");
  await eye.page.setExtraHTTPHeaders({ "Accept-Language": language });
}

// The page that checks receipts: before one is given, and what it says of one that holds, one that does not, one of which
// that cannot be decided, and what is none.
async function checker(eye, origin) {
  const vector = (name) => readFileSync(new URL(`../../docs/spec/vectors/${name}`, import.meta.url), "utf8");
  const [receipt, keys] = [vector("receipt-v2.json"), vector("keys")];
  const changed = receipt.replace("refuse", "grant");
  await eye.go(`${origin}${OURS}verify`);
  await eye.expect(() => document.querySelector("[data-ready]"), "the page that checks receipts");
  for (const [verdict, text] of [["", ""], ["holds", receipt], ["fails", changed], ["open", JSON.stringify({ ...JSON.parse(receipt), proof: null })], ["unread", "{}"], ["fails", receipt + changed]]) {
    await eye.page.evaluate((text, keys) => {
      document.getElementById("paste-keys").value = keys;
      document.getElementById("paste").value = text;
      document.getElementById("paste").dispatchEvent(new Event("input"));
    }, text, keys);
    await eye.expect(`(document.getElementById("result").dataset.verdict ?? "") === "${verdict}"`, `a receipt that ${verdict || "is not there"}`);
    await eye.page.evaluate(() => document.querySelectorAll("details").forEach((part) => { part.open = true; }));
    const surface = `receipts: ${verdict || "none yet"}`;
    await eye.axe(surface, "en");
    await eye.pa11y(surface, "en");
    await eye.size(narrow);
    await eye.axe(`${surface}, 320 px`, "en");
    await eye.size(wide);
  }
}

// Pages of ours.
export async function pages(eye, gateways, language, turn, most) {
  const { origin } = gateways[LAYOUTS[turn % LAYOUTS.length]];
  const look = async (surface, schemes) => {
    await eye.expect(`document.documentElement.lang === "${language}" && document.querySelector("h1")`, `${surface} in ${language}`);
    await eye.axe(surface, language, undefined, schemes);
    await eye.pa11y(surface, language);
  };
  await eye.page.setExtraHTTPHeaders({ "Accept-Language": language });
  await eye.size(wide);
  await eye.go(`${origin}${OURS}settings?back=/`);
  await eye.page.evaluate(() => document.querySelectorAll("details").forEach((part) => { part.open = true; }));
  await look("settings as a page");
  await eye.size(narrow);
  await eye.axe("settings as a page, 320 px", language, undefined, [turn % 2 ? dark : light]);
  await eye.size(wide);
  // In one language only.
  if (language === "en") await checker(eye, origin);
  await eye.go(`${origin}${OURS}receipt?back=/`);
  await look("receipt, none to show", [turn % 2 ? light : dark]);
  await eye.go(`${origin}${OURS}receipt?back=/&code=0123-4567-89AB-CDEF`);
  await look("receipt", [turn % 2 ? dark : light]);
  await eye.size(narrow);
  await eye.axe("receipt, 320 px", language, undefined, [light]);
  await eye.size(wide);

  const said = async (code, go) => {
    await go();
    const shown = () => eye.page.evaluate(() => document.body?.textContent ?? "");
    if (code !== "leave" && !(await shown()).includes(`· ${code}`)) throw new Error(`${code} in ${language}: ${(await shown()).slice(0, 300)}`);
    await look(`message: ${code}`, [turn % 2 ? dark : light]);
  };
  const get = (path, at = origin) => () => eye.go(at + path);
  const post = (fields, at = origin) => async () => {
    await eye.go(`${at}${OURS}settings`);
    await Promise.all([eye.page.waitForNavigation(), eye.page.evaluate((fields, action) => {
      const form = Object.assign(document.createElement("form"), { method: "post", action });
      for (const [name, value] of Object.entries(fields)) form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
      document.body.append(form);
      form.submit();
    }, fields, `${OURS}decision`)]);
  };
  const notice = async (at) => { await eye.go(`${at}/${language}/`, "neutral"); return eye.page.evaluate(() => document.querySelector("bandeau-notice").dataset.notice); };
  const messages = {
    "not-found": get(`${OURS}nothing`),
    closed: get("/comments/1"),
    leave: get(`${OURS}leave?to=${encodeURIComponent("http://forum.localhost:9/x?y=<z>")}`),
    "held-form": get(`${OURS}held`),
    "no-receipt": get(`${OURS}receipt.json?code=x`),
    "bad-answer": post({ answer: "perhaps" }),
    "notice-changed": post({ answer: "accept", notice: "0".repeat(64) }),
    "store-down": async () => post({ answer: "accept", notice: await notice(gateways.closed.origin) }, gateways.closed.origin)(),
    "upstream-down": get("/down"),
    "upstream-slow": get("/slow"),
    withheld: get("/coding"),
    "cross-site": async () => {
      await eye.go(`http://elsewhere.localhost:${gateways.upstream}/`);
      await Promise.all([eye.page.waitForNavigation(), eye.page.evaluate((action) => {
        const form = Object.assign(document.createElement("form"), { method: "post", action });
        document.body.append(form);
        form.submit();
      }, `${origin}${OURS}decision`)]);
    },
  };
  const names = Object.keys(messages);
  for (const code of most ? names : [names[turn % names.length]]) await said(code, messages[code]);
}
