// Stands behind the first script on pages of a site whose policy is being learnt, and on no others. It sends the NAMES of
// what the page keeps in the browser, each with the host of the script that was seen writing it, to the site's own gateway:
// once some seconds after the page has loaded, and once more when it is left, if there is more to say by then.
// Never a value. ASCII only, no globals, never throws.
(() => {
  const own = location.hostname;
  const kinds = ["cookie", "local", "session", "database", "cache", "file", "worker", "window"];
  // What was found and not yet sent, and everything that was sent: by kind and name, whose script wrote it or "?".
  const found = new Map(), sent = new Map();
  const attempt = async (act) => {
    try { await act(); } catch {}
  };

  const note = (kind, name, by = "?") => {
    const key = `${kind} ${name}`, known = found.get(key) ?? sent.get(key);
    // Who wrote it is worth saying once, even of a name that was sent before.
    if (known === undefined || (known === "?" && by !== "?")) found.set(key, by);
  };

  // The host of the innermost script on the way here that is not of this site; this site's where there is none.
  const writer = () => {
    for (const [address] of String(new Error().stack).matchAll(/https?:\/\/[^\s)]+?(?=:\d+:\d+)/g)) {
      const { hostname } = new URL(address);
      if (hostname !== own) return hostname;
    }
    return own;
  };

  // Listens to a method, or to a setter, and leaves what it does as it is.
  const hear = (target, name, kind, part, read = (args) => args[0]) => attempt(() => {
    const found = Object.getOwnPropertyDescriptor(target, name), native = found[part];
    found[part] = function (...args) {
      attempt(() => {
        const said = read(args, this);
        if (said) note(typeof kind === "string" ? kind : kind(this), String(said), writer());
      });
      return native.apply(this, args);
    };
    Object.defineProperty(target, name, found);
  });
  const storage = (self) => (self === sessionStorage ? "session" : "local");
  const cookie = ([line]) => {
    const [, name] = /^\s*([^=;]+?)\s*=/.exec(line) || [];
    // A cookie that is taken away is not kept.
    return !/;\s*max-age\s*=\s*(0|-)/i.test(line) && name;
  };
  hear(Document.prototype, "cookie", "cookie", "set", cookie);
  attempt(() => hear(Storage.prototype, "setItem", storage, "value"));
  attempt(() => hear(IDBFactory.prototype, "open", "database", "value"));
  attempt(() => hear(CacheStorage.prototype, "open", "cache", "value"));
  attempt(() => hear(CookieStore.prototype, "set", "cookie", "value", ([first]) => first.name ?? first));

  // What is there, whoever wrote it: what can be read at once, and what must be waited for.
  const look = () => {
    attempt(() => document.cookie.split("; ").forEach((pair) => pair.includes("=") && note("cookie", pair.split("=")[0])));
    attempt(() => Object.keys(localStorage).forEach((key) => note("local", key)));
    attempt(() => Object.keys(sessionStorage).forEach((key) => note("session", key)));
    attempt(() => name && note("window", "window.name"));
  };
  const dig = () => Promise.all([
    attempt(async () => (await indexedDB.databases()).forEach(({ name }) => note("database", name))),
    attempt(async () => (await caches.keys()).forEach((key) => note("cache", key))),
    attempt(async () => {
      for await (const key of (await navigator.storage.getDirectory()).keys()) note("file", key);
    }),
    attempt(async () => {
      for (const at of await navigator.serviceWorker.getRegistrations()) {
        const { scriptURL } = at.active || at.waiting || at.installing;
        note("worker", new URL(scriptURL).pathname);
      }
    }),
  ]);

  const send = () => attempt(() => {
    look();
    if (!found.size) return;
    const told = { page: location.pathname };
    for (const kind of kinds) told[kind] = {};
    for (const [key, by] of found) {
      const at = key.indexOf(" ");
      told[key.slice(0, at)][key.slice(at + 1, at + 200)] = by;
    }
    const body = new Blob([JSON.stringify(told)], { type: "application/json" });
    // What the browser did not take is said again when the page is left.
    if (!navigator.sendBeacon("/.well-known/bandeau/report", body)) return;
    found.forEach((by, key) => sent.set(key, by));
    found.clear();
  });
  addEventListener("load", () => {
    dig();
    setTimeout(() => dig().then(send), 2500);
  });
  addEventListener("pagehide", send);
})();
