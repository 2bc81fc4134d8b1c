indexedDB.databases().then((all) => postMessage(JSON.stringify(all)), () => postMessage("refused"));
