// Runs before every script of the page, in the page, in frames it makes and in workers. It keeps names that are not
// granted out of every storage a script can reach, in both directions, and leads links past the connection list.
// ASCII only, no globals, never throws. It is the second line: the server filters cookies whatever happens here.
// Every page carries it, so what is alike is said once: nearly everything below is a call of `wrap`.
(function first(tag, worker) {
  "use strict";
  const given = { ...tag.dataset };
  const attempt = async (act) => {
    try { await act(); } catch {}
  };

  // Rules from the closest to the widest, "+" keeps and "-" removes; the first that fits counts. They become one
  // pattern, in which an empty group stands before every name that is held.
  const reader = (text = "", sign = "") => {
    const pattern = new RegExp(`^(?:${text.split(" ").map((rule) => (sign + rule).replace(/\W/g,
      (at, place) => (place ? (at === "*" ? ".*" : "\\" + at) : at === "-" ? "()" : ""))).join("|")})$`, "s");
    return (name) => pattern.exec(name)?.includes("", 1);
  };
  const cookieHeld = reader(given.cookies);
  const held = reader(given.storage);
  const error = () => new DOMException("", "NotAllowedError");
  const refusal = async () => { throw error(); };

  // What several realms share: which native a stand-in is for, the realms that were entered, and the roots of private
  // file systems.
  const natives = new WeakMap();
  const veils = new WeakMap();
  const seen = new WeakSet();
  const real = (at) => natives.get(at) || at;

  // Puts `act` in the place of every method and, of accessors, of every getter or setter with such a name. It is
  // handed a call of the native one, its arguments, and whose it is; too few arguments are the native one's to refuse.
  const wrap = (target, names, act, part = "get") => {
    const pattern = new RegExp(`^(${names})$`);
    for (const name of Reflect.ownKeys(Object(target))) if (pattern.test(String(name))) attempt(() => {
      const found = Object.getOwnPropertyDescriptor(target, name);
      const kind = found.value ? "value" : part;
      const native = found[kind];
      found[kind] = function (...args) {
        const self = real(this);
        const go = () => native.apply(self, args);
        return args.length < native.length ? go() : act(go, args, self, name);
      };
      if (native) Object.defineProperty(target, name, found);
    });
  };

  // What a thing in some list is called: itself, or its first part.
  const label = (one) => (Array.isArray(one) ? one[0] : one?.name ?? one);

  // Web Storage, also through its named properties: those need a stand-in for the whole object.
  const veil = (native) => {
    if (!native || veils.has(native)) return native && veils.get(native);
    const hides = (key) => typeof key === "string" && !(key in Object.getPrototypeOf(native)) && held(key);
    const traps = {};
    // What is written to a hidden name is said to be done, and nothing is found there; it can be deleted.
    for (const trap of Reflect.ownKeys(Reflect)) traps[trap] = (at, key, value) =>
      hides(key) && trap !== "deleteProperty" ? /^[sd]/.test(trap) || undefined : Reflect[trap](at, key, value);
    traps.ownKeys = (at) => Reflect.ownKeys(at).filter((key) => !hides(key));
    const proxy = new Proxy(native, traps);
    natives.set(proxy, native);
    veils.set(native, proxy);
    return proxy;
  };

  // The name of a service worker, by the path of its script.
  const service = (address, win) => "sw:" + new URL(address, win.document.baseURI).pathname;

  // Frames a script makes have natives of their own.
  const enter = (win) => {
    attempt(() => {
      const realm = win.Event.prototype;
      if (!seen.has(realm)) furnish(win, seen.add(realm));
    });
    return win;
  };
  const furnish = (win) => {
    const on = (types, names, act, part) => types.split("|").forEach((type) => wrap(win[type]?.prototype, names, act, part));
    // Something else, where the name in front is held.
    const guard = (type, names, instead) =>
      on(type, names, (go, args, self) => (held(args[0]) ? instead(go, args, self) : go()));
    // Lists and single finds, promised or not, without what is held.
    const sift = (types, names, holds) => on(types, names, (go) => {
      const free = (found) => {
        const keeps = (one) => !holds(label(one));
        return Array.isArray(found) ? found.filter(keeps) : found && keeps(found) ? found : null;
      };
      const out = go();
      return out.then ? out.then(free) : free(out);
    });

    guard("IDBFactory", "open", (go, args) => {
      // A database that is never made: the page hears that it could not be opened.
      args.splice(0, 2, "bandeau-none");
      const request = go();
      request.addEventListener("upgradeneeded", (event) => {
        event.stopImmediatePropagation();
        request.transaction.abort();
      });
      return request;
    });

    // Keeps nothing and finds nothing.
    guard("CacheStorage", "open", async () => {
      const { prototype } = win.Cache, none = Object.create(prototype);
      for (const name in prototype) none[name] = async () => ({ delete: false, matchAll: [], keys: [] })[name];
      return none;
    });
    guard("CacheStorage", "has", async () => false);
    // By the two others, which say nothing of what is held.
    on("CacheStorage", "match", async (go, args, self) => {
      for (const name of await self.keys()) {
        const found = (args[1]?.cacheName ?? name) === name && await (await self.open(name)).match(...args);
        if (found) return found;
      }
    });

    on("StorageManager", "getDirectory", async (go) => {
      const root = await go();
      seen.add(root);
      return root;
    });
    guard("FileSystemDirectoryHandle", "get.*Handle", (go, args, self) => (seen.has(self) ? refusal() : go()));
    on("FileSystemDirectoryHandle", "keys|values|entries|Symbol.*or.", async function* (go, args, self) {
      for await (const one of go()) if (!seen.has(self) || !held(label(one))) yield one;
    });
    guard("StorageBucketManager", "open", refusal);
    wrap(win, "webkitRequestFileSystem.*", (go, args) => {
      if (!held("filesystem")) return go();
      if (args[3]) setTimeout(() => args[3](error()));
    });

    const named = (pair) => (/^[ \t]*([^=;]*?)[ \t]*=/.exec(pair) || [])[1] ?? "";
    on("Document", "cookie", (go) => go().split("; ").filter((pair) => pair && !cookieHeld(named(pair))).join("; "));
    on("Document", "cookie", (go, args) => {
      args[0] = `${args[0]}`;
      if (!cookieHeld(named(args[0]))) go();
    }, "set");
    on("CookieStore", "set", async (go, args) => {
      // Read once, as it might say something else the next time.
      if (Object(args[0]) === args[0]) args[0] = { ...args[0] };
      if (!cookieHeld(label(args[0]))) return go();
    });
    sift("CookieStore|CookieChangeEvent|ExtendableCookieChangeEvent", "get|getAll|changed|deleted", cookieHeld);
    sift("IDBFactory|CacheStorage|StorageBucketManager", "databases|keys", held);
    if (worker) return;

    const { prototype } = win.Storage;
    const { key, removeItem } = prototype;
    const count = Object.getOwnPropertyDescriptor(prototype, "length").get;
    const names = (at, held) => Array.from({ length: count.call(at) }, (_, i) => key.call(at, i)).filter(held);
    guard("Storage", "getItem|setItem", () => null);
    on("Storage", "removeItem|clear", (go) => go());
    on("Storage", "key|length", (go, args, self, name) => {
      const visible = names(self, (name) => !held(name));
      return name === "key" ? visible[args[0] >>> 0] ?? null : visible.length;
    });
    wrap(win, "(local|session)Storage", (go) => veil(go()));
    on("StorageEvent", "storageArea", (go) => veil(go()));
    const sweep = () => ["localStorage", "sessionStorage"].forEach((name) => attempt(() => {
      const at = real(win[name]);
      names(at, held).forEach((name) => removeItem.call(at, name));
    }));
    // What a realm that was not reached writes is heard here, and goes at once.
    win.addEventListener("storage", (event) => {
      if (event.key !== null && held(event.key)) event.stopImmediatePropagation(sweep());
    }, true);
    sweep();
    win.addEventListener("pagehide", sweep);

    on("ServiceWorkerContainer", "register", async (go, args) => (held(service(args[0], win)) ? refusal() : go()));
    // A worker made of text gets this script in front. What is of no type may be anything until a worker is made of it.
    const blobs = new Map();
    const text = (...parts) => new win.Blob(parts, { type: "text/javascript" });
    wrap(win.URL, ".*ObjectURL", (go, args) => {
      const [blob] = args;
      if (/^\w+.(x-)?(java|ecma)script/.test(blob?.type)) args[0] = text(inside, blob);
      const out = go();
      if (blob?.type === "") blobs.set(out, blob);
      blobs.delete(blob);
      return out;
    });
    for (const name of ["Worker", "SharedWorker"]) win[name] &&= new Proxy(win[name], {
      construct(of, [at, ...more], to) {
        const blob = blobs.get(`${at}`);
        return Reflect.construct(of, [blob ? win.URL.createObjectURL(text(blob)) : at, ...more], to);
      },
    });

    const { document } = win;
    const looks = () => {
      for (let i = win.length; i--;) enter(win[i]);
    };
    on("HTMLIFrameElement|HTMLFrameElement|HTMLObjectElement|HTMLEmbedElement", "content.*|getS.*", (go, args, self, name) => {
      const out = go();
      if (out) enter(name === "contentWindow" ? out : out.defaultView);
      return out;
    });
    on("Element|HTMLIFrameElement", "setAttribute|srcdoc", (go, args, self, name) => {
      const at = name === "srcdoc" ? 0 : 1;
      if (typeof args[at] === "string" && /^srcdoc$/i.test(at ? args[0] : name) && self.localName === "iframe") args[at] = again + args[at];
      return go();
    }, "set");
    // The beginnings of the names of everything that puts elements somewhere, and of some that do not.
    on("Node|Element|CharacterData|DocumentFragment|ShadowRoot|Document|Range", "(ap|pre|be|af|re|in|setH|mo|wr|su|ou).*", (go) => {
      const out = go();
      looks();
      return out;
    }, "set");
    wrap(win, "open", (go, args) => {
      args[0] = leave(args[0], win) || args[0];
      return enter(go());
    });
    // Frames that the parser makes: this runs before the next script does.
    new win.MutationObserver(() => {
      if (!win.length) return;
      for (const frame of document.querySelectorAll("iframe[srcdoc]:not([srcdoc*=data-bandeau-first])")) attempt(() => { frame.srcdoc += ""; });
      looks();
    }).observe(document, { childList: true, subtree: true });
    document.addEventListener("load", (event) => enter(event.target.contentWindow), true);
  };
  if (worker) return enter(self);

  // The same text for workers, which does nothing where there is a document.
  const inside = `self.document||(${first})(${JSON.stringify({ dataset: given })},1);`;
  // A document written into a frame starts with this script too, whatever the page around it is written in.
  const again = tag.outerHTML.replace('nonce=""', `nonce="${tag.nonce}"`);

  // Hosts that may be reached. Elsewhere the browser lets nothing go from here, not even the visitor's own click:
  // such a click goes by a page of ours that may reach that host alone.
  const { hosts } = given;
  const near = reader(hosts, "-");
  const leave = (address, win) => {
    try {
      const { href, hostname } = new URL(address, win.document.baseURI);
      return hosts && address && /^https?:/.test(href) && hostname !== location.hostname && !near(hostname)
        && "/.well-known/bandeau/leave?to=" + encodeURIComponent(href);
    } catch {}
  };
  const whole = self.parent === self;
  // A frame's own ways are its parent's policy's to stop, and the page is told when it does.
  if (whole && self.navigation) navigation.addEventListener("navigate", (event) => {
    const away = event.cancelable && !event.formData && !event.downloadRequest && leave(event.destination.url, self);
    if (!away) return;
    event.preventDefault();
    // Without the visitor's hand behind it, it is no visit, and the page stays.
    if (navigator.userActivation?.isActive ?? true) setTimeout(() => location.assign(away));
  });
  addEventListener("click", (event) => {
    const link = event.isTrusted && event.composedPath().find((at) => /^a(rea)?$/.test(at.localName));
    const apart = link && (link.target && link.target !== "_self" || event.ctrlKey || event.metaKey || event.shiftKey);
    const away = apart && leave(link.href?.baseVal ?? link.href, self);
    if (!away) return;
    const before = link.getAttribute("href");
    link.setAttribute("href", away);
    setTimeout(() => link.setAttribute("href", before));
  }, true);

  enter(self);
  // The name of a window outlives its pages. Frames get theirs from the page around them, and windows from their opener.
  if (whole && !self.opener && held("window.name")) {
    self.name = "";
    Object.defineProperty(self, "name", { get: () => "", set() {} });
  }

  tag.remove();
})(document.currentScript);
