// Sees what a person sees of one document: what can be clicked, what stands around it, what it looks like. It runs in a
// world of its own, changes nothing, and judges nothing: what words mean and which box is a notice is decided outside.
// It does not know other documents; their places in the window are added outside.
(tools, keys) => {
  const MOST = 4000, ROLES = ["accept", "refuse", "settings", "save", "close", "reopen", "withdraw"];
  const known = new Set(keys), closed = new WeakMap(), colours = new Map();
  const all = tools.flatMap((tool) => tool.notice).join(","), ruled = tools.flatMap((tool) => ROLES.flatMap((role) => tool[role])).join(",");
  let controls = [], boxes = [];

  const inner = (el) => el.shadowRoot || closed.get(el);
  function* under(root) {
    for (const el of root.querySelectorAll("*")) {
      yield el;
      const shadow = inner(el);
      if (shadow) yield* under(shadow);
    }
  }
  const above = (el) => el.assignedSlot || el.parentElement || (el.getRootNode() instanceof ShadowRoot ? el.getRootNode().host : null);
  const holds = (box, el) => {
    for (let at = el; at; at = above(at)) if (at === box) return true;
    // Content in a slot is also in its host.
    for (let at = el; at; at = at.parentElement || at.getRootNode().host) if (at === box) return true;
    return false;
  };
  const matches = (el, list) => list?.length > 0 && el.matches(list.join(","));

  // --- what is to be seen ---
  const place = (el) => { const { x, y, width, height } = el.getBoundingClientRect(); return { x, y, width, height }; };
  const at = (x, y) => {
    let el = document.elementFromPoint(x, y);
    for (let shadow = el && inner(el); shadow; shadow = inner(el)) {
      const deeper = shadow.elementFromPoint(x, y);
      if (!deeper || deeper === el) break;
      el = deeper;
    }
    return el;
  };
  const scrolls = (el, style) => /auto|scroll/.test(style.overflow) && (el.scrollHeight > el.clientHeight + 1 || el.scrollWidth > el.clientWidth + 1);
  // What boxes around it leave of it: its part in the window; `false` where it must be scrolled to first; `null` where no
  // scrolling brings it.
  const left = (el, { x, y, width, height }) => {
    let part = [x, y, x + width, y + height], later = false;
    const cut = (box) => {
      part = [Math.max(part[0], box.x), Math.max(part[1], box.y), Math.min(part[2], box.x + box.width), Math.min(part[3], box.y + box.height)];
      return part[2] > part[0] && part[3] > part[1];
    };
    let up = el;
    for (; up && up !== document.body && up !== document.documentElement; up = above(up)) {
      const style = getComputedStyle(up);
      if (up !== el && style.overflow !== "visible" && style.display !== "contents" && !cut(place(up))) {
        if (!scrolls(up, style) && !later) return null;
        later = true;
        part = Object.values(place(up)).map((_, i, [x, y, width, height]) => [x, y, x + width, y + height][i]);
      }
      if (style.position === "fixed") break;
    }
    const fixed = up && up !== document.body && up !== document.documentElement, whole = { x: 0, y: 0, width: innerWidth, height: innerHeight };
    if (cut(whole)) return later ? false : part;
    if (fixed) return null;
    const root = document.documentElement, right = Math.max(innerWidth, root.scrollWidth);
    return x + scrollX + width > 0 && y + scrollY + height > 0 && x + scrollX < right ? false : null;
  };
  const covered = (el, rect) => {
    const part = left(el, rect);
    if (!part) return part === null;
    const hit = at((part[0] + part[2]) / 2, (part[1] + part[3]) / 2);
    return !hit || !(holds(el, hit) || (hit.localName === "label" && holds(hit, el)));
  };
  const drawn = (el, least) => {
    if (!el.checkVisibility({ opacityProperty: true, visibilityProperty: true, contentVisibilityAuto: true })) return null;
    const rect = place(el);
    if (rect.width < least || rect.height < least || left(el, rect) === null) return null;
    return rect;
  };
  const seen = (el) => { const rect = drawn(el, 4); return rect && !covered(el, rect) ? rect : null; };

  // --- words ---
  const tidy = (text) => (text || "").normalize("NFKC").replace(/\s+/g, " ").trim();
  const words = (el, most) => {
    let text = "", left = 4000;
    const take = (node) => {
      if (text.length > most || left-- < 0) return;
      if (node.nodeType === 3) { text += node.data; return; }
      if (node.nodeType !== 1 && node.nodeType !== 11) return;
      if (node.nodeType === 1) {
        if (/^(script|style|template|noscript|svg|select|textarea|iframe)$/.test(node.localName)) return;
        if (!node.checkVisibility({ visibilityProperty: true })) {
          // A box without a box of its own may hold some.
          if (getComputedStyle(node).display !== "contents") return;
        }
        text += " ";
      }
      const shadow = node.nodeType === 1 && inner(node);
      if (shadow) return take(shadow);
      const given = node.localName === "slot" ? node.assignedNodes() : [];
      for (const child of given.length ? given : node.childNodes) take(child);
      if (node.nodeType === 1) text += " ";
    };
    take(el);
    return tidy(text).slice(0, most);
  };
  const label = (el) => {
    const by = (el.getAttribute("aria-labelledby") || "").split(/\s+/).filter(Boolean).map((id) => el.getRootNode().getElementById?.(id)).filter(Boolean);
    const image = el.matches("img,input[type=image]") ? el : el.querySelector("img[alt],svg title,[aria-label]");
    return tidy(by.map((one) => one.textContent).join(" ") || el.getAttribute("aria-label")
      || (image && (image.getAttribute("alt") || image.getAttribute("aria-label") || image.textContent)) || el.getAttribute("title")).slice(0, 200);
  };
  const said = (el) => {
    if (el.matches("input[type=button],input[type=submit],input[type=reset]")) return tidy(el.value || el.getAttribute("value") || (el.type === "submit" ? "Submit" : ""));
    if (el.matches("input")) return tidy([...el.labels || []].map((one) => words(one, 120)).join(" "));
    return words(el, 200);
  };

  // --- what can be clicked ---
  const button = "button,a,summary,input[type=button],input[type=submit],input[type=reset],input[type=image],[role=button],[role=link],[role=menuitem],[role=tab],[onclick]";
  const toggle = "input[type=checkbox],input[type=radio],[role=switch],[role=checkbox],[role=radio],[role=menuitemcheckbox]";
  const pointed = (el) => (/^(div|span|p|li|td|b|strong|em|i|img|svg|label|h[1-6])$/.test(el.localName) || el.localName.includes("-"))
    && el.childElementCount <= 3 && el.textContent.length <= 100 && (telling(el.textContent) || apart(above(el)))
    && getComputedStyle(el).cursor === "pointer";
  const proxy = (el) => {
    if (seen(el)) return el;
    for (const one of [...el.labels || [], el.closest("label"), el.nextElementSibling, el.parentElement]) if (one && seen(one) && place(one).width < 600) return one;
    return null;
  };
  const on = (el) => {
    if (el.matches("input")) return el.checked;
    const said = el.getAttribute("aria-checked") ?? el.getAttribute("aria-pressed");
    return said === null ? null : said !== "false";
  };
  const off = (el) => el.matches(":disabled") || el.getAttribute("aria-disabled") === "true" || el.closest("[inert]") !== null;

  // Whether a text may hold known words at all: each phrase has a word that stands for it. Of thousands of links of a page that
  // is one or none.
  const letters = { ß: "ss", æ: "ae", œ: "oe", ø: "o", ł: "l", đ: "d", ð: "d", ı: "i", þ: "th", ħ: "h" };
  const telling = (text) => text.length <= 150 && text.toLowerCase().normalize("NFKD").replace(/\p{M}/gu, "")
    .replace(/[ßæœøłđðıþħ]/g, (letter) => letters[letter]).replace(/ς/g, "σ").replace(/[×✕✖✗✘❌╳⨯]/g, "x")
    .split(/[^\p{L}\p{N}]+/u).some((word) => known.has(word));
  // Whether something stands apart from the page.
  let stands = new Map();
  const apart = (el) => {
    if (!el || el === document.body || el === document.documentElement) return parent !== window;
    if (!stands.has(el)) stands.set(el, /fixed|sticky/.test(getComputedStyle(el).position) || el.matches("dialog,[role=dialog],[role=alertdialog],[popover]") || apart(above(el)));
    return stands.get(el);
  };

  // Everything that can be clicked and be seen, with its words; and the boxes of known tools.
  const look = () => {
    controls = []; boxes = []; stands = new Map();
    const found = [], taken = new Set();
    if (!document.documentElement) return null;
    for (const el of under(document)) {
      if (all && el.matches(all)) {
        const tool = tools.findIndex((tool) => matches(el, tool.notice));
        found.push({ tool, box: keep(el), rank: tools[tool].notice.findIndex((one) => el.matches(one)) });
      }
      if (controls.length >= MOST) continue;
      const kind = el.matches(toggle) ? "switch" : el.matches(button) ? "button" : "";
      let rule = null;
      // Selectors of all tools are many: only what may be clicked anyway or stands in a tool's box is held against them.
      const point = !kind && pointed(el);
      if ((kind === "switch" || point || (kind && el.attributes.length > 1) || found.some(({ box }) => holds(boxes[box], el))) && el.matches(ruled)) for (const [index, tool] of tools.entries()) {
        for (const role of ROLES) if (!rule && matches(el, tool[role])) rule = [index, role];
      }
      if (!kind && !rule && !point) continue;
      // A word in a button is the button.
      let around = above(el);
      for (let steps = 0; around && steps < 5 && !taken.has(around); steps++) around = above(around);
      // The label of a switch is the switch.
      if (kind !== "switch" && el.closest("label")?.control?.matches(toggle) && !el.matches(button)) continue;
      if (kind !== "switch" && !rule && around && taken.has(around)) continue;
      if (!rule && kind !== "switch" && !telling(el.matches("input") ? el.value : el.textContent) && !telling(label(el)) && !apart(el)) continue;
      const target = kind === "switch" ? proxy(el) : seen(el) && el;
      if (!target) continue;
      taken.add(el);
      controls.push({ el, target, kind: kind || "button", rule });
    }
    return {
      now: performance.now(), url: location.href, language: document.documentElement.lang || "", found,
      controls: controls.map(({ el, kind, rule }) => ({ text: said(el), label: label(el), kind, rule, on: kind === "switch" ? on(el) : null, enabled: !off(el), link: el.localName === "a" && el.hasAttribute("href") })),
    };
  };
  const keep = (el) => { const known = boxes.indexOf(el); return known < 0 ? boxes.push(el) - 1 : known; };

  // What stands around a control, the nearest first. The body is a box in a frame only.
  const chain = (index) => {
    const list = [];
    const page = parent === window;
    for (let up = above(controls[index].el); up && up !== document.documentElement && list.length < 20; up = above(up)) {
      if (page && up === document.body) break;
      const style = getComputedStyle(up), text = words(up, 6000);
      list.push({
        box: keep(up), text,
        fixed: /fixed|sticky/.test(style.position) || (style.position === "absolute" && Number(style.zIndex) > 0) || up === document.body,
        dialog: up.matches("dialog,[role=dialog],[role=alertdialog],[aria-modal=true],[popover]"),
        hint: /cookie|consent|gdpr|rgpd|dsgvo|\bcmp\b|privacy-?(banner|notice|popup|bar)/i.test(`${up.id} ${up.getAttribute("class") || ""} ${up.localName} ${up.getAttribute("aria-label") || ""}`),
        form: ask(up),
      });
    }
    return list;
  };
  const ask = (box) => {
    for (const el of under(inner(box) || box)) if (el.matches("input[type=email],input[type=password],input[type=tel],input[type=date],input[type=search],select") && el.checkVisibility()) return true;
    return false;
  };
  const inside = (box) => controls.flatMap(({ el }, index) => holds(boxes[box], el) ? [index] : []);

  // --- what it looks like ---
  const brush = document.createElementNS("http://www.w3.org/1999/xhtml", "canvas");
  brush.width = brush.height = 1;
  const paint = brush.getContext?.("2d", { willReadFrequently: true });
  // Any colour CSS can say, as red, green, blue and alpha.
  const rgba = (css) => {
    if (!colours.has(css)) {
      let value = [0, 0, 0, 0];
      if (paint) {
        paint.clearRect(0, 0, 1, 1);
        paint.fillStyle = "#0000"; paint.fillStyle = css;
        paint.fillRect(0, 0, 1, 1);
        value = [...paint.getImageData(0, 0, 1, 1).data];
        value[3] /= 255;
      }
      colours.set(css, value);
    }
    return colours.get(css);
  };
  const over = (top, under) => [0, 1, 2].map((i) => top[i] * top[3] + under[i] * (1 - top[3]));
  const behind = (el) => {
    const layers = [];
    for (let up = el; up; up = above(up)) {
      const style = getComputedStyle(up), flat = rgba(style.backgroundColor);
      // A gradient counts as the mean of its colours; what a picture shows is not known.
      const stops = /gradient/.test(style.backgroundImage) ? (style.backgroundImage.match(/(?:rgba?|color|oklch|lab|lch|oklab)\([^()]*\)/g) || []).map(rgba) : [];
      if (stops.length) layers.push([0, 1, 2, 3].map((i) => stops.reduce((sum, stop) => sum + stop[i], 0) / stops.length));
      if (flat[3] > 0) layers.push(flat);
      if (layers.length && layers.at(-1)[3] >= 1) break;
    }
    return layers.reduceRight((under, top) => over(top, under), [255, 255, 255]);
  };
  const luminance = (rgb) => {
    const [r, g, b] = rgb.map((part) => (part /= 255) <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (one, other) => {
    const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return Math.round((light + 0.05) / (dark + 0.05) * 100) / 100;
  };
  const hex = (rgb) => "#" + rgb.map((part) => Math.round(part).toString(16).padStart(2, "0")).join("");
  // The element that the words themselves stand in.
  const bearer = (el) => {
    for (const node of el.childNodes) if (node.nodeType === 3 && node.data.trim()) return el;
    for (const child of (inner(el) || el).children) {
      if (child.localName === "svg" || !child.checkVisibility()) continue;
      const found = bearer(child);
      if (found) return found;
    }
    return null;
  };
  const measure = (index) => {
    const { el, target } = controls[index], words = bearer(target) || target, style = getComputedStyle(words);
    const ground = behind(words), around = above(target) ? behind(above(target)) : [255, 255, 255];
    const ink = over(rgba(style.color), ground);
    return {
      element: el.localName, rect: place(target), font: parseFloat(style.fontSize) || 0, weight: Number(style.fontWeight) || 400,
      colour: hex(ink), background: hex(ground), contrast: contrast(ink, ground), relief: contrast(behind(target), around),
    };
  };
  // The box a person sees: where the box itself has no size, that of what it holds.
  const extent = (box) => {
    let rect = place(boxes[box]);
    if (rect.width >= 4 && rect.height >= 4) return rect;
    const parts = [...under(inner(boxes[box]) || boxes[box])].slice(0, 400).map((el) => drawn(el, 4)).filter(Boolean);
    if (!parts.length) return rect;
    const x = Math.min(...parts.map((part) => part.x)), y = Math.min(...parts.map((part) => part.y));
    return { x, y, width: Math.max(...parts.map((part) => part.x + part.width)) - x, height: Math.max(...parts.map((part) => part.y + part.height)) - y };
  };
  // Whether no place of the page that is left can be clicked.
  const blocks = (box) => {
    // Where a modal dialog is open, the rest of the page is not hit at all.
    const modal = [...under(document)].some((el) => el.matches(":modal"));
    for (let i = 0; i < 7; i++) for (let j = 0; j < 7; j++) {
      const hit = at((i + 0.5) / 7 * innerWidth, (j + 0.5) / 7 * innerHeight);
      if (modal || (hit && holds(boxes[box], hit))) continue;
      if (!hit || hit === document.documentElement) return false;
      let cover = false;
      for (let up = hit; up && !cover; up = above(up)) {
        const { width, height } = up.getBoundingClientRect();
        cover = /fixed|absolute/.test(getComputedStyle(up).position) && width * height > innerWidth * innerHeight * 0.8
          && !holds(up, boxes[box]) && words(up, 400).length < 300;
      }
      if (!cover) return false;
    }
    return true;
  };
  // A number that changes with anything in the box: also with what only a style shows.
  const mark = (box) => {
    const html = boxes[box].outerHTML + (inner(boxes[box])?.innerHTML || "");
    let sum = 0;
    for (let i = 0; i < Math.min(html.length, 200000); i++) sum = (sum * 31 + html.charCodeAt(i)) | 0;
    return sum;
  };
  const notice = (box) => ({
    mark: mark(box),
    rect: extent(box), text: words(boxes[box], 4096), wall: blocks(boxes[box]),
    shadow: boxes[box].getRootNode() instanceof ShadowRoot || Boolean(inner(boxes[box])),
    controls: inside(box).map((index) => ({ index, ...measure(index) })),
  });
  // A frame's place in this document, where it can be seen at all.
  const frame = (el) => {
    const rect = drawn(el, 20), style = getComputedStyle(el);
    if (!rect) return null;
    return { x: rect.x + el.clientLeft + parseFloat(style.paddingLeft), y: rect.y + el.clientTop + parseFloat(style.paddingTop), width: rect.width, height: rect.height, box: keep(el) };
  };
  return {
    look, chain, inside, notice, frame, blocks,
    reveal: (root) => { if (root.host) closed.set(root.host, root); return true; },
    target: (index) => controls[index]?.target,
    press: (index) => { const { el } = controls[index]; el.click(); return true; },
    reached: (index) => { const { target } = controls[index]; return target.isConnected && !covered(target, place(target)); },
  };
}
