// Takes away what an earlier answer left behind in the storage that only scripts reach. It stands in front of first.js in
// the file that who has answered gets, while everything is the browser's own: on a first page names that are not granted
// are hidden, and go with the first answer. ASCII only, no globals, never throws.
((text) => {
  "use strict";
  const attempt = async (act) => {
    try { await act(); } catch {}
  };
  // The rules as first.js reads them: the first that fits counts.
  const rules = text.split(" ").map((rule) => [rule[0] === "-",
    new RegExp(`^${rule.slice(1).replace(/\W/g, (at) => (at === "*" ? ".*" : "\\" + at))}$`, "s")]);
  const held = (name) => text && (rules.find(([, pattern]) => pattern.test(name)) || [])[0];
  // What a thing in some list is called: itself, or its first part.
  const label = (one) => (Array.isArray(one) ? one[0] : one.name ?? one);
  const clear = (find, list, drop, named = label) => attempt(async () => {
    const at = find();
    for await (const one of await at[list]()) {
      const name = named(one);
      if (held(name)) attempt(() => (one[drop] ? one : at)[drop](name, { recursive: true }));
    }
  });
  clear(() => indexedDB, "databases", "deleteDatabase");
  clear(() => caches, "keys", "delete");
  clear(() => navigator.storageBuckets, "keys", "delete");
  attempt(async () => {
    const root = await navigator.storage.getDirectory();
    clear(() => root, "keys", "removeEntry");
  });
  clear(() => navigator.serviceWorker, "getRegistrations", "unregister",
    (one) => "sw:" + new URL((one.active || one.waiting || one.installing).scriptURL).pathname);
})(document.currentScript.dataset.storage || "");
