// Runs in a world of its own in every frame: what its origin keeps. Values are cut here, so that a page that keeps much
// costs nobody much.
(async () => {
  const most = 500, found = { origin: location.origin, entries: [], more: 0, late: [] };
  const add = (kind, key, value, size) => {
    if (found.entries.filter((entry) => entry[0] === kind).length >= most) found.more++;
    else found.entries.push([kind, String(key).slice(0, 1024), String(value).slice(0, 1024), size]);
  };
  const within = (promise, limit) => Promise.race([promise, new Promise((_, fail) => setTimeout(() => fail(new Error("late")), limit))]);
  // What fails is not here, or not allowed; what is late is said, for it may be there.
  const each = async (kind, work) => {
    try { await within(work(), 2500); } catch (error) { if (error.message === "late") found.late.push(kind); }
  };
  const store = (kind, storage) => {
    const length = storage.length;
    for (let i = 0; i < length && i < most; i++) {
      const key = storage.key(i), value = storage.getItem(key) ?? "";
      add(kind, key, value, value.length);
    }
    found.more += Math.max(0, length - most);
  };
  try { store("local", localStorage); } catch { /* As above. */ }
  try { store("session", sessionStorage); } catch { /* As above. */ }
  await Promise.all([
    each("indexed", async () => {
      for (const { name } of await indexedDB.databases()) {
        const request = indexedDB.open(name);
        // It was taken away meanwhile: nothing is made.
        request.onupgradeneeded = () => request.transaction.abort();
        const database = await new Promise((fine, fail) => { request.onsuccess = () => fine(request.result); request.onerror = request.onblocked = fail; });
        database.onversionchange = () => database.close();
        try {
          for (const store of database.objectStoreNames) {
            add("indexed", name + "/" + store, "", 0);
          }
          if (database.objectStoreNames.length === 0) add("indexed", name + "/", "", 0);
        } finally { database.close(); }
      }
    }),
    each("cache", async () => {
      for (const name of await caches.keys()) {
        const kept = await (await caches.open(name)).keys();
        if (kept.length === 0) add("cache", name, "", 0);
        for (const request of kept) add("cache", name + " " + request.url, "", 0);
      }
    }),
    each("files", async () => {
      const walk = async (directory, path, depth) => {
        for await (const [name, handle] of directory.entries()) {
          if (found.entries.length > 4 * most) { found.more++; continue; }
          if (handle.kind === "file") add("files", path + name, "", (await handle.getFile()).size);
          else if (depth < 8) await walk(handle, path + name + "/", depth + 1);
        }
      };
      await walk(await navigator.storage.getDirectory(), "", 0);
    }),
    each("worker", async () => {
      for (const registration of await navigator.serviceWorker.getRegistrations()) {
        const worker = registration.active ?? registration.waiting ?? registration.installing;
        if (worker) add("worker", worker.scriptURL, registration.scope, 0);
      }
    }),
  ]);
  return found;
})()
