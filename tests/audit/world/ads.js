// Advertising: a frame of its own, a chain of redirects that begins at the site, and what it remembers on the site.
(() => {
  const page = encodeURIComponent(location.pathname);
  sessionStorage.setItem("ad_view", "1");
  const open = indexedDB.open("adstore", 1);
  open.onupgradeneeded = () => open.result.createObjectStore("views");
  open.onsuccess = () => {
    const write = open.result.transaction("views", "readwrite");
    write.objectStore("views").put(Date.now(), "last");
    write.oncomplete = () => open.result.close();
  };
  const frame = document.createElement("iframe");
  frame.src = `{{ads}}/frame.html?page=${page}`;
  frame.width = 300;
  frame.height = 100;
  document.body.append(frame);
  new Image().src = `{{site}}/go?page=${page}`;
})();
