// A social network: a socket, a worker that asks, something that comes late, and something that waits for scrolling.
(() => {
  const page = encodeURIComponent(location.pathname);
  new WebSocket(`{{social}}/socket?page=${page}`.replace("http:", "ws:"));
  new Worker("/worker.js");
  setTimeout(() => { new Image().src = `{{social}}/late.gif?page=${page}`; }, 1000);
  addEventListener("scroll", () => { new Image().src = `{{social}}/scrolled.gif?page=${page}`; }, { once: true });
})();
