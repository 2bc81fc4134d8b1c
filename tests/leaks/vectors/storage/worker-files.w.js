(async () => {
  const file = await (await navigator.storage.getDirectory()).getFileHandle("{{key}}", { create: true });
  const handle = await file.createSyncAccessHandle(); handle.write(new TextEncoder().encode("{{value}}")); handle.close();
})().then(() => postMessage("done"), () => postMessage("refused"));
