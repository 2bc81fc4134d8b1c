(async () => {
  const key = "_lk_{{name}}", value = "val.{{name}}.", seeds = "{{seeds}}".split(" ");
  if (seeds.includes("cookie")) document.cookie = key + "=" + value + "; path=/";
  if (seeds.includes("local")) localStorage.setItem(key, value);
  if (seeds.includes("session")) sessionStorage.setItem(key, value);
  if (seeds.includes("name")) window.name = value;
  if (seeds.includes("cache")) await (await caches.open(key)).put("/v/{{name}}/cached", new Response(value));
  if (seeds.includes("opfs")) {
    const root = await navigator.storage.getDirectory();
    const stream = await (await root.getFileHandle(key, { create: true })).createWritable();
    await stream.write(value);
    await stream.close();
  }
  if (seeds.includes("idb")) await new Promise((done, failed) => {
    const open = indexedDB.open(key);
    open.onupgradeneeded = () => open.result.createObjectStore("s").put(value, "k");
    open.onsuccess = () => { open.result.close(); done(); };
    open.onerror = failed;
  });
  return true;
})()
