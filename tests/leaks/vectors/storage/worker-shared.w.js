onconnect = (c) => {
  const told = (v) => c.ports[0].postMessage(v);
  try {
    const o = indexedDB.open("{{key}}");
    o.onupgradeneeded = () => o.result.createObjectStore("s");
    o.onsuccess = () => { o.result.close(); told("done"); };
    o.onerror = (e) => { e.preventDefault(); told("refused"); };
  } catch { told("refused"); }
};
