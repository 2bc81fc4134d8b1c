// The pixel's snippet does nothing where window.fbq is there already, so nothing of ours may stand there. Who made it reads
// it next, to call it: by then it has been told. What it cannot hear yet is said when it is read again.
(() => {
  let said = [], pixel;
  const flush = () => {
    const words = said;
    said = [];
    try {
      for (; pixel && words[0]; words.shift()) pixel("consent", words[0]);
    } catch {}
    said = words.concat(said);
    return pixel;
  };
  Object.defineProperty(window, "fbq", {
    configurable: true,
    enumerable: true,
    get: flush,
    set(made) { pixel = made; },
  });
  return ({ values }) => {
    said.push(values("grant", "revoke").consent);
    flush();
  };
})()
