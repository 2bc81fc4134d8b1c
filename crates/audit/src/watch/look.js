// Runs in a world of its own in the page: title, language and links, cut here.
(() => {
  const links = new Set();
  for (const link of document.querySelectorAll("a[href], area[href]")) {
    if (links.size >= 2000) break;
    let href = typeof link.href === "string" ? link.href : "";
    if (!/^https?:/i.test(href) || href.length > 4096) continue;
    links.add(href.split("#")[0]);
  }
  const address = location.href;
  return { address: address.slice(0, 4096), title: document.title.slice(0, 512),
    language: (document.documentElement?.getAttribute("lang") ?? "").slice(0, 64), links: [...links] };
})()
