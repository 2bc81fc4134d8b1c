// Runs before every script of the page, in the page, in frames it makes and in workers. It keeps names that are not
// granted out of every storage a script can reach, in both directions, and leads links past the connection list.
// ASCII only, no globals, never throws. It is the second line: the server filters cookies whatever happens here.
(function first(tag, worker) {
  "use strict";
  const given = { ...tag.dataset };
  const lock = "NotAllowedError";

  // Rules from the closest to the widest, "+" keeps and "-" removes; the first that fits counts.
  const reader = (text) => {
    const rules = (text || "").split(" ").filter(Boolean).map((rule) => [
      rule[0] === "-",
      new RegExp("^" + rule.slice(1).replace(/[.+?^${}()|[\]\\]/g, "\\$&").replace(/\*/g, ".*") + "$", "s"),
    ]);
    return (name) => {
      for (const [holds, pattern] of rules) if (pattern.test(name)) return holds;
      return false;
    };
  };
  const cookieHeld = reader(given.cookies);
  const held = reader(given.storage);
  const attempt = (act) => {
    try { return Promise.resolve(act()).catch(() => {}); } catch { return Promise.resolve(); }
  };
  const refusal = () => Promise.reject(new DOMException("Not granted.", lock));

  // Puts another accessor or method in the place of a native one.
  const swap = (target, name, make) => {
    try {
      const found = target && Object.getOwnPropertyDescriptor(target, name);
      if (found && found.configurable) Object.defineProperty(target, name, { ...found, ...make(found) });
    } catch {}
  };
  const method = (target, name, make) => swap(target, name, ({ value }) => ({ value: make(value) }));

  // What several realms share: which native a stand-in is for, and the roots of private file systems.
  const natives = new WeakMap();
  const veils = new WeakMap();
  const roots = new WeakSet();
  const seen = new WeakSet();
  const real = (at) => natives.get(at) || at;

  const databases = (win) => {
    const Factory = win.IDBFactory && win.IDBFactory.prototype;
    method(Factory, "open", (open) => function (...args) {
      if (!args.length || !held(`${args[0]}`)) return open.apply(this, args);
      // A database that is never made: the page hears that it could not be opened.
      const request = open.call(this, "bandeau-none");
      const hush = (event) => {
        event.stopImmediatePropagation();
        if (event.type === "upgradeneeded") request.transaction.abort();
        else request.result.close();
      };
      request.addEventListener("upgradeneeded", hush);
      request.addEventListener("success", hush);
      return request;
    });
    method(Factory, "databases", (databases) => function () {
      return databases.call(this).then((all) => all.filter(({ name }) => !held(name)));
    });
  };

  const caches = (win) => {
    const Caches = win.CacheStorage && win.CacheStorage.prototype;
    if (!Caches) return;
    const { open, keys } = Caches;
    const answer = (value) => ({ value: () => Promise.resolve(value), configurable: true });
    // Keeps nothing and finds nothing.
    const none = () => Object.create(win.Cache.prototype, {
      match: answer(), add: answer(), addAll: answer(), put: answer(), delete: answer(false),
      matchAll: { value: () => Promise.resolve([]) }, keys: { value: () => Promise.resolve([]) },
    });
    method(Caches, "open", () => function (name) {
      return held(`${name}`) ? Promise.resolve(none()) : open.call(this, name);
    });
    method(Caches, "has", (has) => function (name) {
      return held(`${name}`) ? Promise.resolve(false) : has.call(this, name);
    });
    method(Caches, "keys", () => function () {
      return keys.call(this).then((all) => all.filter((name) => !held(name)));
    });
    method(Caches, "match", () => async function (request, options) {
      for (const name of await keys.call(this)) {
        if (held(name) || options && options.cacheName !== undefined && options.cacheName !== name) continue;
        const found = await (await open.call(this, name)).match(request, options);
        if (found) return found;
      }
    });
  };

  const files = (win) => {
    method(win.StorageManager && win.StorageManager.prototype, "getDirectory", (directory) => function () {
      return directory.call(this).then((root) => {
        roots.add(root);
        return root;
      });
    });
    const Directory = win.FileSystemDirectoryHandle && win.FileSystemDirectoryHandle.prototype;
    for (const name of ["getFileHandle", "getDirectoryHandle"]) method(Directory, name, (get) => function (...args) {
      return roots.has(this) && held(`${args[0]}`) ? refusal() : get.apply(this, args);
    });
    for (const name of ["keys", "values", "entries", Symbol.asyncIterator]) method(Directory, name, (each) => async function* () {
      for await (const one of each.call(this)) {
        const key = Array.isArray(one) ? one[0] : one.name || one;
        if (!roots.has(this) || !held(key)) yield one;
      }
    });
    const Buckets = win.StorageBucketManager && win.StorageBucketManager.prototype;
    method(Buckets, "open", (open) => function (...args) {
      return held(`${args[0]}`) ? refusal() : open.apply(this, args);
    });
    method(Buckets, "keys", (keys) => function () {
      return keys.call(this).then((all) => all.filter((name) => !held(name)));
    });
    for (const name of ["webkitRequestFileSystem", "webkitRequestFileSystemSync"]) if (held("filesystem")) method(win, name, () => (type, size, ok, fail) => {
      if (fail) setTimeout(() => fail(new DOMException("Not granted.", lock)));
    });
  };

  const trim = (text) => text.replace(/^[ \t]+|[ \t]+$/g, "");
  const named = (pair) => (pair.includes("=") ? trim(pair.slice(0, pair.indexOf("="))) : "");
  const cookies = (win) => {
    swap(win.Document && win.Document.prototype, "cookie", ({ get, set }) => ({
      get() {
        return get.call(this).split("; ").filter((pair) => pair && !cookieHeld(named(pair))).join("; ");
      },
      set(value) {
        value = `${value}`;
        if (!cookieHeld(named(value.split(";", 1)[0]))) set.call(this, value);
      },
    }));
    const Store = win.CookieStore && win.CookieStore.prototype;
    const wanted = (first) => (Object(first) === first ? { ...first } : first);
    const name = (first) => (Object(first) === first ? first.name : first);
    method(Store, "set", (set) => function (first, ...rest) {
      first = wanted(first);
      return cookieHeld(`${name(first)}`) ? Promise.resolve() : set.call(this, first, ...rest);
    });
    method(Store, "get", (get) => function (...args) {
      return get.apply(this, args).then((found) => (found && cookieHeld(found.name) ? null : found));
    });
    method(Store, "getAll", (all) => function (...args) {
      return all.apply(this, args).then((found) => found.filter((one) => !cookieHeld(one.name)));
    });
    for (const Change of [win.CookieChangeEvent, win.ExtendableCookieChangeEvent]) for (const list of ["changed", "deleted"]) {
      swap(Change && Change.prototype, list, ({ get }) => ({
        get() { return get.call(this).filter((one) => !cookieHeld(one.name)); },
      }));
    }
  };

  // Web Storage, also through its named properties: those need a stand-in for the whole object.
  const veil = (native) => {
    if (!native) return native;
    if (veils.has(native)) return veils.get(native);
    const own = (key) => typeof key === "symbol" || key in Object.getPrototypeOf(native);
    const hides = (key) => !own(key) && held(key);
    const proxy = new Proxy(native, {
      get: (at, key) => (hides(key) ? undefined : Reflect.get(at, key)),
      set: (at, key, value) => hides(key) || Reflect.set(at, key, value),
      has: (at, key) => !hides(key) && Reflect.has(at, key),
      ownKeys: (at) => Reflect.ownKeys(at).filter((key) => !hides(key)),
      getOwnPropertyDescriptor: (at, key) => (hides(key) ? undefined : Reflect.getOwnPropertyDescriptor(at, key)),
      defineProperty: (at, key, value) => hides(key) || Reflect.defineProperty(at, key, value),
    });
    natives.set(proxy, native);
    veils.set(native, proxy);
    return proxy;
  };
  const storage = (win) => {
    const Store = win.Storage && win.Storage.prototype;
    if (!Store) return;
    const { key, removeItem } = Store;
    const count = Object.getOwnPropertyDescriptor(Store, "length").get;
    const visible = (at) => {
      const names = [];
      for (let i = 0; i < count.call(at); i++) names.push(key.call(at, i));
      return names.filter((name) => !held(name));
    };
    method(Store, "getItem", (get) => function (...args) {
      return args.length && held(`${args[0]}`) ? null : get.apply(real(this), args);
    });
    method(Store, "setItem", (set) => function (...args) {
      if (args.length < 2 || !held(`${args[0]}`)) set.apply(real(this), args);
    });
    method(Store, "removeItem", (remove) => function (...args) { remove.apply(real(this), args); });
    method(Store, "clear", (clear) => function () { clear.call(real(this)); });
    method(Store, "key", () => function (...args) {
      if (!args.length) return key.apply(real(this), args);
      const name = visible(real(this))[args[0] >>> 0];
      return name === undefined ? null : name;
    });
    swap(Store, "length", () => ({ get() { return visible(real(this)).length; } }));
    const sweep = () => {
      for (const name of ["localStorage", "sessionStorage"]) attempt(() => {
        const at = real(win[name]);
        for (let i = count.call(at); i--;) if (held(key.call(at, i))) removeItem.call(at, key.call(at, i));
      });
    };
    for (const name of ["localStorage", "sessionStorage"]) swap(win, name, ({ get }) => ({
      get() { return veil(get.call(this || win)); },
    }));
    swap(win.StorageEvent && win.StorageEvent.prototype, "storageArea", ({ get }) => ({
      get() { return veil(get.call(this)); },
    }));
    // What a realm that was not reached writes is heard here, and goes at once.
    win.addEventListener("storage", (event) => {
      if (event.key === null || !held(event.key)) return;
      event.stopImmediatePropagation();
      attempt(() => removeItem.call(real(event.storageArea), event.key));
    }, true);
    sweep();
    win.addEventListener("pagehide", sweep);
  };

  // The path of a worker's script.
  const path = (address, win) => {
    try { return new URL(address, win.document.baseURI).pathname; } catch { return ""; }
  };
  const scripts = (win) => {
    method(win.ServiceWorkerContainer && win.ServiceWorkerContainer.prototype, "register", (register) => function (...args) {
      return held(`sw:${path(args[0], win)}`) ? refusal() : register.apply(this, args);
    });
    // A worker made of text gets this script in front.
    method(win.URL, "createObjectURL", (create) => function (...args) {
      const [blob] = args;
      try {
        if (blob instanceof win.Blob && /^(text|application)\/(x-)?(java|ecma)script/.test(blob.type)) args[0] = new win.Blob([inside, blob], { type: blob.type });
      } catch {}
      return create.apply(this, args);
    });
  };

  // The same text for workers, which does nothing where there is a document.
  const inside = `self.document||(${first})(${JSON.stringify({ dataset: given })},1);`;

  const store = (win) => {
    databases(win);
    caches(win);
    files(win);
    cookies(win);
  };
  if (worker) return store(self);

  // Frames a script makes have natives of their own.
  const enter = (win) => {
    try {
      const realm = win && win.Document.prototype;
      if (!realm || seen.has(realm)) return win;
      seen.add(realm);
      store(win);
      storage(win);
      scripts(win);
      frames(win);
    } catch {}
    return win;
  };
  const frames = (win) => {
    const looks = () => {
      for (let i = win.length; i--;) enter(win[i]);
    };
    for (const name of ["HTMLIFrameElement", "HTMLFrameElement", "HTMLObjectElement", "HTMLEmbedElement"]) {
      const Frame = win[name] && win[name].prototype;
      swap(Frame, "contentWindow", ({ get }) => ({ get() { return enter(get.call(this)); } }));
      swap(Frame, "contentDocument", ({ get }) => ({
        get() {
          const document = get.call(this);
          if (document) enter(document.defaultView);
          return document;
        },
      }));
      method(Frame, "getSVGDocument", (get) => function () {
        const document = get.call(this);
        if (document) enter(document.defaultView);
        return document;
      });
    }
    swap(win.HTMLIFrameElement.prototype, "srcdoc", ({ set }) => ({
      set(html) { set.call(this, typeof html === "string" ? again + html : html); },
    }));
    method(win.Element.prototype, "setAttribute", (set) => function (name, value) {
      if (typeof value === "string" && `${name}`.toLowerCase() === "srcdoc" && this.localName === "iframe") value = again + value;
      return set.call(this, name, value);
    });
    const inserting = {
      Node: ["appendChild", "insertBefore", "replaceChild"],
      Element: ["append", "prepend", "before", "after", "replaceWith", "replaceChildren", "insertAdjacentElement", "insertAdjacentHTML", "setHTML", "setHTMLUnsafe", "moveBefore"],
      CharacterData: ["before", "after", "replaceWith"],
      DocumentFragment: ["append", "prepend", "replaceChildren"],
      ShadowRoot: ["setHTML", "setHTMLUnsafe"],
      Document: ["write", "writeln", "append", "prepend", "replaceChildren"],
      Range: ["insertNode", "surroundContents"],
    };
    for (const of in inserting) for (const name of inserting[of]) method(win[of] && win[of].prototype, name, (insert) => function (...args) {
      const out = insert.apply(this, args);
      if (win.length) looks();
      return out;
    });
    for (const of of ["Element", "ShadowRoot"]) for (const name of ["innerHTML", "outerHTML"]) swap(win[of].prototype, name, ({ set }) => ({
      set(html) {
        set.call(this, html);
        if (win.length) looks();
      },
    }));
    method(win, "open", (open) => function (address, ...rest) {
      const away = outbound(address, win);
      return enter(open.call(this || win, away ? leave(away) : address, ...rest));
    });
    // Frames that the parser makes: this runs before the next script does.
    new win.MutationObserver(() => {
      if (!win.length) return;
      for (const frame of win.document.querySelectorAll("iframe[srcdoc]")) {
        const html = frame.getAttribute("srcdoc");
        if (!html.includes("data-bandeau-first")) attempt(() => frame.setAttribute("srcdoc", html));
      }
      looks();
    }).observe(win.document, { childList: true, subtree: true });
    win.document.addEventListener("load", (event) => enter(event.target.contentWindow), true);
  };

  // A document written into a frame starts with this script too.
  const quote = (text) => `${text}`.replace(/&/g, "&amp;").replace(/"/g, "&quot;");
  const again = "<script" + [...tag.attributes].map(({ name, value }) =>
    ` ${name}="${quote(name === "nonce" ? tag.nonce : value)}"`).join("") + ">" + tag.textContent + "</" + "script>";

  // Hosts that may be reached. Elsewhere the browser lets nothing go from here, not even the visitor's own click:
  // such a click goes by a page of ours that may reach that host alone.
  const hosts = given.hosts && given.hosts.split(" ");
  const outbound = (address, win) => {
    if (!hosts || address === undefined || address === "") return null;
    let url;
    try { url = new URL(address, win.document.baseURI); } catch { return null; }
    if (!/^https?:$/.test(url.protocol)) return null;
    const known = hosts.some((host) => (host.startsWith("*.") ? url.hostname.endsWith(host.slice(1)) : url.hostname === host));
    return known || url.hostname === location.hostname ? null : url.href;
  };
  const leave = (address) => "/.well-known/bandeau/leave?to=" + encodeURIComponent(address);
  const active = () => !navigator.userActivation || navigator.userActivation.isActive;
  // A frame's own ways are its parent's policy's to stop, and the page is told when it does.
  if (hosts && self.parent === self && self.navigation) navigation.addEventListener("navigate", (event) => {
    const away = event.cancelable && !event.formData && !event.downloadRequest && outbound(event.destination.url, self);
    if (!away) return;
    event.preventDefault();
    // Without the visitor's hand behind it, it is no visit, and the page stays.
    if (active()) setTimeout(() => location.assign(leave(away)));
  });
  if (hosts) addEventListener("click", (event) => {
    const link = event.composedPath().find((at) => at.localName === "a" || at.localName === "area");
    const away = link && event.isTrusted && outbound(link.href && `${link.href.baseVal || link.href}`, self);
    const apart = link && (link.target && link.target !== "_self" || event.ctrlKey || event.metaKey || event.shiftKey || event.button === 1);
    if (!away || !apart) return;
    const before = link.getAttribute("href");
    link.setAttribute("href", leave(away));
    setTimeout(() => link.setAttribute("href", before));
  }, true);

  // What an earlier answer left behind goes, by the natives.
  const natively = (name, of) => self[name] && self[name].prototype[of];
  const names = natively("IDBFactory", "databases");
  if (names) attempt(async () => {
    for (const { name } of await names.call(indexedDB)) if (held(name)) indexedDB.deleteDatabase(name);
  });
  const kept = natively("CacheStorage", "keys");
  if (kept && self.caches) attempt(async () => {
    for (const name of await kept.call(self.caches)) if (held(name)) attempt(() => self.caches.delete(name));
  });
  const [directory, each] = [natively("StorageManager", "getDirectory"), natively("FileSystemDirectoryHandle", "keys")];
  if (directory && each) attempt(async () => {
    const root = await directory.call(navigator.storage);
    for await (const name of each.call(root)) if (held(name)) attempt(() => root.removeEntry(name, { recursive: true }));
  });
  const buckets = natively("StorageBucketManager", "keys");
  if (buckets) attempt(async () => {
    for (const name of await buckets.call(navigator.storageBuckets)) if (held(name)) attempt(() => navigator.storageBuckets.delete(name));
  });
  if (navigator.serviceWorker) attempt(async () => {
    for (const one of await navigator.serviceWorker.getRegistrations()) {
      const script = one.active || one.waiting || one.installing;
      if (script && held(`sw:${path(script.scriptURL, self)}`)) attempt(() => one.unregister());
    }
  });

  enter(self);
  // The name of a window outlives its pages. Frames get theirs from the page around them, and windows from their opener.
  if (self.parent === self && !self.opener && held("window.name")) swap(self, "name", ({ set }) => {
    set.call(self, "");
    return { get: () => "", set: () => {} };
  });

  tag.remove();
})(document.currentScript);
