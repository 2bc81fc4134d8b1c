caches.open("{{key}}").then((c) => c.put("/v/{{name}}/c", new Response("{{value}}"))).then(() => postMessage("done"), () => postMessage("refused"));
