oninstall = () => skipWaiting();
onactivate = (e) => e.waitUntil(clients.claim());
onfetch = (e) => { if (e.request.url.endsWith("/inner")) e.respondWith(fetch("{{ads}}/d.json").catch(() => new Response("none"))); };
