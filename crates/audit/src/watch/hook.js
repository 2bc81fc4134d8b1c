// Runs before every script of every document: says who writes cookies and storage, and changes nothing else.
// What the page could see of it is kept small: functions are proxies of the native ones, and the way out is taken away.
(() => {
  const out = globalThis.NAME;
  if (!out) return;
  delete globalThis.NAME;
  const { apply } = Reflect, { defineProperty, getOwnPropertyDescriptor } = Object, E = Error, P = Proxy;
  const slice = String.prototype.slice, index = String.prototype.indexOf, S = String;
  const home = origin + "/";
  let left = 2000;
  const tell = (kind, key, value, more) => {
    if (left-- <= 0) return;
    try {
      const limit = getOwnPropertyDescriptor(E, "stackTraceLimit");
      if (limit && limit.writable) E.stackTraceLimit = 30;
      const stack = new E().stack;
      if (limit && limit.writable) E.stackTraceLimit = limit.value;
      const cut = (text, most) => apply(slice, S(text), [0, most]);
      out([kind, cut(key, 1024), cut(value, 4096), more, cut(cut(location.href, 4) === "http" ? location.href : home, 4096), cut(stack, 8192)].join("\u0001"));
    } catch { /* A page that breaks its own words is not told of them. */ }
  };
  const wrap = (object, name, field, say) => {
    try {
      const was = getOwnPropertyDescriptor(object, name);
      if (!was || !was.configurable || typeof was[field] !== "function") return;
      const native = was[field];
      was[field] = new P(native, {
        apply(target, self, given) {
          const result = apply(target, self, given);
          try { say(self, given, result); } catch { /* As above. */ }
          return result;
        },
      });
      defineProperty(object, name, was);
    } catch { /* As above. */ }
  };
  if (typeof Document === "function") {
    const cookie = getOwnPropertyDescriptor(Document.prototype, "cookie");
    wrap(Document.prototype, "cookie", "set", (self, given) => {
      const line = S(given[0]);
      const end = apply(index, line, ["="]);
      const kept = end < 1 ? "" : apply(index, apply(cookie.get, self, []), [apply(slice, line, [0, end]).trim() + "="]);
      tell("cookie", "", line, kept === "" ? "" : kept >= 0 ? "kept" : "not");
    });
  }
  if (typeof CookieStore === "function") {
    wrap(CookieStore.prototype, "set", "value", (self, given) => {
      const asked = given.length > 1 ? { name: given[0], value: given[1] } : given[0];
      let line = asked.name + "=" + asked.value + "; path=" + (asked.path ?? "/") + "; samesite=" + (asked.sameSite ?? "strict");
      if (asked.domain) line += "; domain=" + asked.domain;
      if (asked.expires) line += "; max-age=" + Math.round((asked.expires - Date.now()) / 1000);
      if (asked.partitioned) line += "; partitioned";
      tell("cookie", "", line + "; secure", "");
    });
  }
  if (typeof Storage === "function") {
    wrap(Storage.prototype, "setItem", "value", (self, given) => {
      let local = false;
      try { local = self === localStorage; } catch { /* Another document's. */ }
      const value = S(given[1]);
      tell(local ? "local" : "session", given[0], apply(slice, value, [0, 1024]), value.length);
    });
  }
  SIGNAL
})();
