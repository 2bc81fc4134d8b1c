// Improves the notice; nothing depends on it. seed.js fetches it once it is wanted, hands over what was seen until then
// and tells it what comes. ASCII only, no globals, never throws.
export default (held) => {
  const [channel, ...before] = held;
  const ours = "/.well-known/bandeau/";
  // The first there was, wherever it is by now.
  let host = before.find((at) => at.localName === "bandeau-notice") || document.querySelector("bandeau-notice");
  const attempt = (act) => {
    try { return Promise.resolve(act()).catch(() => {}); } catch {}
  };
  const here = () => location.pathname + location.search;

  // At most one reload, and the page stays where it was: browsers do so where the page lets them.
  const place = "bandeau-place";
  const again = () => {
    attempt(() => sessionStorage.setItem(place, [location.href, scrollX, scrollY].join(" ")));
    location.reload();
  };
  attempt(() => {
    const [href, left, top] = (sessionStorage.getItem(place) || "").split(" ");
    sessionStorage.removeItem(place);
    if (href !== location.href) return;
    let moved;
    const move = () => moved || scrollTo({ left, top, behavior: "instant" });
    for (const name of ["wheel", "touchmove", "pointerdown", "keydown"]) {
      addEventListener(name, () => { moved = true; }, { once: true, passive: true });
    }
    for (const name of ["DOMContentLoaded", "load"]) addEventListener(name, move);
    if (document.readyState !== "loading") move();
  });

  // HTML of ours, read by no sink that Trusted Types would guard.
  const ask = (name, query) => new Promise((done, fail) => {
    const request = new XMLHttpRequest();
    request.open("GET", ours + name + "?" + new URLSearchParams(query));
    request.responseType = "document";
    request.onload = () => done(request.status === 200 && request.response.body.firstElementChild);
    request.onerror = fail;
    request.send();
  });

  // A style of ours as a sheet, which no policy of the site refuses.
  const dress = (root, from, sheets) => {
    const style = from.querySelector("style"), sheet = new CSSStyleSheet();
    sheet.replaceSync(style.textContent);
    root.adoptedStyleSheets = [...sheets, sheet];
    style.remove();
  };

  // Shadow roots that the parser did not make: older browsers, and markup that a script put in. Their style
  // becomes a sheet.
  const attach = (at) => {
    const template = at.querySelector("template[shadowrootmode]");
    if (!template || at.shadowRoot) return;
    const root = at.attachShadow({ mode: "open" });
    attempt(() => dress(root, template.content, []));
    root.append(template.content);
  };
  addEventListener("DOMContentLoaded", () => document.querySelectorAll("bandeau-embed").forEach((at) => attempt(() => attach(at))));

  // The notice as it is now, with the style it needs now. Its script stays, and so does what the page itself was told.
  const refresh = async () => {
    const fresh = await ask("notice", { back: here(), lang: host.lang });
    const { content } = fresh.querySelector("template"), root = host.shadowRoot;
    dress(root, content, []);
    root.replaceChildren(content);
    const ours = (at) => [...at.children].filter((one) => one.localName === "bandeau-label");
    for (const old of ours(host)) old.remove();
    host.prepend(...ours(fresh));
    for (const name of host.getAttributeNames()) if (!fresh.hasAttribute(name)) host.removeAttribute(name);
    for (const { name, value } of fresh.attributes) host.setAttribute(name, value);
  };

  // The settings, which are fetched once they are wanted, and stay until something is decided.
  let layer;
  const bring = () => layer = layer || (async () => {
    const root = host.shadowRoot;
    const { content } = (await ask("layer", { back: here(), lang: host.lang })).querySelector("template");
    const box = content.querySelector("[popover]");
    dress(root, content, root.adoptedStyleSheets);
    root.append(box);
    return box;
  })();
  const choose = async (from) => {
    const box = await bring();
    const back = from || document.activeElement;
    // Chromium gives the focus back outside of shadow roots only. Who went on to something else keeps it.
    box.onbeforetoggle = (event) => {
      if (event.newState === "closed" && box.contains(host.shadowRoot.activeElement)) back.focus({ preventScroll: true });
    };
    box.showPopover();
  };
  const opener = (event) => event.composedPath().find((at) => at.localName === "a" && /^\/.well-known\/bandeau\/settings/.test(at.getAttribute("href")));
  const near = (event) => host && opener(event) && attempt(bring);
  // A notice made small keeps its question, and its band brings it back.
  const small = "data-small", asks = "data-ask";
  const shrink = async () => {
    const root = host.shadowRoot;
    if (!root.querySelector(".t")) {
      const { content } = (await ask("notice", { back: here(), lang: host.lang, small: 1 })).querySelector("template");
      dress(root, content, root.adoptedStyleSheets);
      root.querySelector(".d").prepend(content.querySelector(".t"));
    }
    host.removeAttribute(asks);
    host.setAttribute(small, "");
    root.querySelector(".t").focus();
  };
  const reopen = (event) => {
    const link = host && opener(event);
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    if (host.hasAttribute(small)) {
      host.removeAttribute(small);
      host.setAttribute(asks, "");
      return host.shadowRoot.querySelector(".s").focus();
    }
    choose(link).catch(() => location.assign(link.href));
  };
  // Escape never answers.
  const escape = (event) => {
    if (event.key !== "Escape" || !host || !event.composedPath().includes(host)) return;
    const root = host.shadowRoot;
    if (!root.querySelector(":popover-open") && host.hasAttribute(asks)) attempt(shrink);
  };

  // Placeholders. A frame of ours has a policy of its own, so what is granted now opens in its place, in a page
  // whose policy still refuses it.
  const placeholders = new Set();
  const open = (at, failed, lazy, ticket) => {
    const query = at.dataset.frame, kept = new URLSearchParams(query);
    const { width, height } = at.getBoundingClientRect();
    const { display, margin } = getComputedStyle(at);
    const frame = document.createElement("iframe");
    const focused = at.getRootNode().activeElement === at;
    for (const name of ["title", "class", "style", "width", "height"]) {
      if (!kept.has(name)) continue;
      if (name === "style") frame.style.cssText = kept.get(name);
      else frame.setAttribute(name, kept.get(name));
    }
    if (lazy) frame.loading = "lazy";
    // The site's own policy may refuse it.
    frame.addEventListener("load", () => frame.contentDocument || failed(), { once: true });
    frame.src = ours + "embed?" + query + (ticket ? "&ticket=" + ticket : "");
    Object.assign(frame.style, { border: "0", boxSizing: "border-box" });
    at.frame = frame;
    at.replaceWith(frame);
    // Nothing in the page moves: it takes the room the placeholder had, but where it takes none.
    if (width && !/absolute|fixed/.test(getComputedStyle(frame).position)) {
      const unfolded = at.shadowRoot && at.shadowRoot.querySelector("details");
      Object.assign(frame.style, { display, margin, verticalAlign: "bottom", maxWidth: "100%" });
      if (!unfolded) Object.assign(frame.style, { width: "size" in at.dataset ? width + "px" : "100%", height: height + "px" });
    }
    if (focused) frame.focus({ preventScroll: true });
  };
  // Whether these grants are all it waits for.
  const opens = (at, granted) => {
    const wants = at.dataset.frame ? [...at.shadowRoot.querySelectorAll("[name=purpose]")] : [];
    return wants[0] && wants.every((one) => granted.includes(one.value));
  };

  // Embeds that a script puts in and the policy refuses. The element stays where it is, hidden: it is the site's.
  // Nothing of ours stands in for what the site's own policy refuses as well.
  let grown = false;
  const policies = {};
  const address = (at) => (at.localName === "object" ? at.data : at.src);
  const seen = new WeakMap();
  const late = async (at, src, by) => {
    const look = getComputedStyle(at), box = at.getBoundingClientRect();
    // What is there to be loaded, not seen, gets none.
    if (look.display === "none" || look.visibility === "hidden" || parseFloat(look.width) <= 2 || parseFloat(look.height) <= 2) return;
    const query = {};
    for (const { name, value } of at.attributes) if (value.length < 600 && !/^(data-|on)/.test(name)) query[name] = value;
    const fills = !box.width || box.width >= at.parentNode.clientWidth;
    const width = at.getAttribute("width") || (fills ? "100%" : Math.round(box.width));
    const height = Math.round(box.height) || at.getAttribute("height") || "";
    const stand = await ask("placeholder", { ...query, width, height, src, tag: at.localName, lang: host.lang });
    const opened = stand && "open" in stand.dataset;
    if (!stand || by.size > 1 || (opened && !grown) || !at.isConnected || address(at) !== src) return;
    const { display } = at.style, around = at.parentNode;
    const undo = () => {
      watch.disconnect();
      at.style.display = display;
      (stand.frame || stand).remove();
    };
    const watch = new MutationObserver(() => at.parentNode === around && address(at) === src || undo());
    at.before(stand);
    at.style.setProperty("display", "none", "important");
    watch.observe(around, { childList: true });
    watch.observe(at, { attributeFilter: ["src", "data"] });
    if (opened) open(stand, undo);
  };
  const look = (root, refused, by) => {
    for (const at of root.querySelectorAll("*")) {
      if (at.shadowRoot) look(at.shadowRoot, refused, by);
      if (!/^(iframe|embed|object|video|audio)$/.test(at.localName)) continue;
      const src = address(at);
      if (!src || !src.startsWith(refused) || seen.get(at) === src) continue;
      seen.set(at, src);
      attempt(() => late(at, src, by));
    }
  };
  const refused = ({ disposition, effectiveDirective, blockedURI, originalPolicy }) => {
    if (disposition !== "enforce" || !/^(frame|child|object|media)-src/.test(effectiveDirective)) return;
    const by = policies[blockedURI] = policies[blockedURI] || new Set();
    by.add(originalPolicy);
    attempt(() => look(document, blockedURI, by));
  };

  // A service worker that was granted answers for the page until it is gone: it goes before the page comes anew.
  const dismiss = async (rules) => {
    const holds = (name) => {
      for (const rule of rules.split(" ")) {
        const pattern = rule.slice(1).replace(/[.+?^${}()|[\]\\]/g, "\\$&").replace(/\*/g, ".*");
        if (new RegExp(`^${pattern}$`, "s").test(name)) return rule[0] === "-";
      }
    };
    await Promise.all((await navigator.serviceWorker.getRegistrations()).map((one) => {
      const script = one.active || one.waiting || one.installing;
      return script && holds("sw:" + new URL(script.scriptURL).pathname) && one.unregister();
    }));
  };

  let busy = false;
  const send = async (form, button) => {
    const data = new FormData(form);
    data.set(button.name, button.value);
    // The next page has the first script as a file, which comes meanwhile.
    attempt(() => fetch(ours + "first.js"));
    const answer = await fetch(form.action, {
      method: "POST",
      headers: { Accept: "application/json" },
      body: new URLSearchParams(data),
    });
    if (answer.ok || answer.status === 409) {
      const said = answer.ok ? await answer.json() : {};
      const { ticket } = said, at = button.getRootNode().host;
      // For this once nothing else changes. Where no frame of ours can be, it is a page of its own.
      if (ticket) {
        const alone = ours + "embed?" + at.dataset.frame + "&" + new URLSearchParams({ ticket, back: here() });
        open(at, () => location.assign(alone), false, ticket);
        busy = false;
        return;
      }
      await Promise.race([attempt(() => dismiss(said.storage)), new Promise((done) => setTimeout(done, 800))]);
      if (answer.ok) attempt(() => channel.postMessage(1));
      // Without a notice this is the page of settings: go back to where the visitor came from.
      if (!host) return location.assign(data.get("back") || "/");
      try {
        const { granted } = said;
        if (!opens(at, granted)) return again();
        // Where it cannot be, the page comes anew, and with it the embed.
        for (const other of [...placeholders]) if (opens(other, granted)) open(other, again, other !== at);
        grown = true;
        await refresh();
        layer = null;
        const status = host.shadowRoot.querySelector("[role=status]");
        if (status && said.message) status.textContent = said.message;
        document.dispatchEvent(new CustomEvent("bandeau:decision", { detail: { granted } }));
        busy = false;
      } catch { again(); }
      return;
    }
    form.querySelector("[role=status]").textContent = (await answer.json()).message;
    busy = false;
  };
  // Clicks leave shadow roots, submit events do not; the Enter key clicks too.
  const press = (event) => {
    const button = event.composedPath().find((at) => at.localName === "button" && at.name === "answer");
    const form = button && button.form;
    if (!form || form.getAttribute("action") !== ours + "decision") return;
    event.preventDefault();
    if (busy) return;
    busy = true;
    // The page may have another address by now.
    const back = form.elements.back;
    if (host && back) back.value = here();
    send(form, button).catch(() => {
      busy = false;
      form.requestSubmit(button);
    });
  };
  // A document that is opened anew forgets who listens.
  const listen = () => {
    addEventListener("click", press, true);
    addEventListener("click", reopen, true);
    addEventListener("keydown", (event) => attempt(() => escape(event)), true);
    for (const name of ["pointerover", "focusin"]) addEventListener(name, near, true);
  };
  listen();

  // The notice outlives the body it stood in. Not before the script that took it away is done, which may go on
  // until nothing is left; and not at once again, for another script may take it away each time.
  let last = 0;
  const put = () => {
    if (host.isConnected) return;
    if (document.body) document.body.prepend(host);
    else setTimeout(put, 50);
  };
  const noticed = (at) => {
    // Another copy of it: the first one acts.
    if (at.isConnected && host && host !== at) return at.remove();
    if (at.isConnected) {
      host = at;
      listen();
      attempt(() => attach(at));
    } else if (host === at) {
      const since = Date.now() - last;
      last += since;
      if (since > 99) queueMicrotask(put);
      else setTimeout(put, 99);
    }
  };
  const placed = (at) => {
    if (!at.isConnected) return placeholders.delete(at);
    placeholders.add(at);
    attempt(() => attach(at));
  };

  // What the seed tells: elements of ours that came or went, and events.
  const tell = (what) => attempt(() => {
    if (what.localName) (what.localName === "bandeau-notice" ? noticed : placed)(what);
    else if (what.type === "bandeau:open") choose().catch(() => location.assign(ours + "settings?" + new URLSearchParams({ back: here() })));
    else refused(what);
  });
  before.forEach(tell);
  held.push = tell;
  // As a file the seed comes late, and what was refused before is asked for.
  if (document.querySelector("script[src*='bandeau/seed']")) attempt(() => look(document, "http", new Set()));
};
