// Audience measurement: a name for the visitor kept on the site for two years, told to its owner and to another.
(() => {
  const known = document.cookie.match(/(?:^|; )_stat=([^;]+)/);
  const id = known ? known[1] : `s${crypto.randomUUID().replaceAll("-", "")}`;
  document.cookie = `_stat=${id}; path=/; max-age=63072000; SameSite=Lax`;
  localStorage.setItem("stat_seen", String(Number(localStorage.getItem("stat_seen") || 0) + 1));
  const page = location.pathname;
  fetch("{{stats}}/collect", { method: "POST", credentials: "include", body: JSON.stringify({ id, page }) });
  fetch("{{stats}}/event", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ page }) });
  new Image().src = `{{ads}}/sync.gif?uid=${id}&page=${encodeURIComponent(page)}`;
  addEventListener("pagehide", () => navigator.sendBeacon("{{stats}}/leave", `id=${id}&page=${page}`));
})();
