(async () => {
  const key = "{{key}}", found = [];
  const look = async (where, list) => {
    try {
      if ("{{kind}}" === "store") for (const name of await list()) if (name === key) found.push(where + " " + name);
    } catch {}
  };
  const names = async (all) => { const out = []; for await (const one of all) out.push(one); return out; };
  await look("localStorage", () => Object.keys(localStorage));
  await look("sessionStorage", () => Object.keys(sessionStorage));
  await look("window.name", () => [window.name.includes("val.{{name}}.") ? key : ""]);
  await look("indexedDB", async () => (await indexedDB.databases()).map((one) => one.name));
  await look("caches", () => caches.keys());
  await look("files", async () => names((await navigator.storage.getDirectory()).keys()));
  await look("service worker", async () => (await navigator.serviceWorker.getRegistrations())
    .flatMap((one) => [one.active, one.waiting, one.installing])
    .map((one) => one && new URL(one.scriptURL).pathname.startsWith("/v/{{name}}/") ? key : ""));
  await look("bucket", async () => navigator.storageBuckets.keys());
  const kept = [];
  if (/\blang=fr\b/.test(document.cookie)) kept.push("lang-kept");
  if (localStorage.getItem("theme") === "dark") kept.push("theme-kept");
  return { found, kept };
})()
