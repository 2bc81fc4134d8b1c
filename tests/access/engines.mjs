// The engines that look: axe-core, with every rule of WCAG 2.2 AA, of good practice and of the RGAA; and pa11y with its
// runners axe and HTML_CodeSniffer. No rule is left out. axe and pa11y's axe look into shadow roots; HTML_CodeSniffer
// does not, and so sees the same markup once more with the shadow unfolded (`flat`).

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import pa11y from "pa11y";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice", "RGAAv4"];

// A finding is a rule, where, and what was said; `open` are questions axe leaves to people.
export async function axe(page, include) {
  if (!await page.evaluate("typeof axe === 'object'")) await page.evaluate(AXE);
  const { violations, incomplete } = await page.evaluate((include, values) => {
    const short = ({ id, nodes }) => ({
      rule: id,
      nodes: nodes.map(({ target, failureSummary, html }) => ({ at: target.flat().join(" >> "), said: failureSummary, html: html.slice(0, 200) })),
    });
    const options = { runOnly: { type: "tag", values }, resultTypes: ["violations", "incomplete"], iframes: false };
    return axe.run(include ? { include } : document, options)
      .then(({ violations, incomplete }) => ({ violations: violations.map(short), incomplete: incomplete.map(short) }));
  }, include && include.map((name) => [name]), TAGS);
  const all = (rules) => rules.flatMap(({ rule, nodes }) => nodes.map((node) => ({ rule, ...node })));
  return { found: all(violations), open: all(incomplete) };
}

export async function walk(browser, page, rootElement, runners = ["axe", "htmlcs"]) {
  const { issues } = await pa11y(page.url(), {
    browser, page, ignoreUrl: true, runners, standard: "WCAG2AA", viewport: page.viewport(), timeout: 60_000,
    ...(rootElement ? { rootElement } : {}),
  });
  return issues.map(({ code, runner, selector, message, context }) => ({ rule: code, runner, at: selector, said: message, html: context }));
}

// The elements of ours in the page, as a page without shadow roots: the content of each root in place of the element's
// own children, each slot in place the words that stand in it, selectors of the host put for the host.
export const flat = (page, name) => page.evaluate((name) => {
  const styles = new Set();
  const pieces = [...document.querySelectorAll(name)].filter((host) => host.shadowRoot).map((host) => {
    const root = host.shadowRoot, box = document.createElement("div");
    for (const sheet of [...root.styleSheets, ...root.adoptedStyleSheets]) styles.add([...sheet.cssRules].map((rule) => rule.cssText).join("\n"));
    for (const child of root.children) if (!/^(style|link)$/.test(child.localName)) box.append(child.cloneNode(true));
    for (const slot of box.querySelectorAll("slot")) {
      const words = [...host.children].filter((child) => child.slot === slot.name);
      slot.replaceWith(...words.map((word) => word.cloneNode(true)));
    }
    const flat = host.cloneNode(false);
    flat.append(...box.childNodes);
    return flat.outerHTML;
  });
  const css = [...styles].join("\n")
    .replace(/:host\(((?:[^()]|\([^()]*\))*)\)/g, `${name}:is($1)`).replace(/:host/g, name)
    .replace(/::slotted\(\*\)/g, "bandeau-label");
  const { lang } = document.documentElement;
  return `<!doctype html><html lang="${lang}"><head><title>flat</title><meta name="viewport" content="width=device-width"><style>${css}</style></head><body>${pieces.join("")}</body></html>`;
}, name);
