addEventListener("install", (event) => { skipWaiting(); event.waitUntil(fetch("/installed.txt")); });
addEventListener("activate", (event) => event.waitUntil(clients.claim()));
addEventListener("fetch", (event) => {
  if (new URL(event.request.url).pathname === "/by-worker.json") event.respondWith(fetch("/through.json"));
});
