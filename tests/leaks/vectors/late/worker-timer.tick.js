setTimeout(() => postMessage(1), 100);
