// The site's own: what it keeps to work without a network.
(async () => {
  const cache = await caches.open("own-shell");
  await cache.add("/offline.txt");
  // Each is kept before the next is asked for, so that a log tells what was kept.
  const folder = await navigator.storage.getDirectory();
  await folder.getFileHandle("own-file", { create: true });
  await navigator.serviceWorker.register("/sw.js");
  await navigator.serviceWorker.ready;
  await fetch("/by-worker.json");
})();
