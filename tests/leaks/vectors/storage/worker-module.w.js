export {};
try {
  const o = indexedDB.open("{{key}}");
  o.onupgradeneeded = () => o.result.createObjectStore("s");
  o.onsuccess = () => { o.result.close(); postMessage("done"); };
  o.onerror = (e) => { e.preventDefault(); postMessage("refused"); };
} catch { postMessage("refused"); }
