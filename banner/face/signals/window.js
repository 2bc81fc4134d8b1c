// What the page may know of the answer: window.bandeau, described in docs/bandeau.d.ts. The text is every purpose with its
// sign: "=" exempt, "+" granted, "!" refused, "?" not answered. Keeps nothing and sends nothing. ASCII only, never throws.
((tag) => {
  let text = tag.dataset.bandeau, told = [];
  tag.remove();
  // One that fails keeps no other from hearing.
  const tell = (hear) => {
    try { hear(bandeau.state, bandeau.purposes); } catch (error) { reportError(error); }
  };
  // An answer for which the page does not come anew.
  document.addEventListener("bandeau:decision", ({ detail }) => {
    const before = text;
    text = text.replace(/[+?!](\S+)/g, (_, id) => (detail.granted.includes(id) ? "+" : "!") + id);
    if (text !== before) told.forEach(tell);
  });
  const bandeau = Object.freeze({
    get state() { return ["undecided", "refused", "accepted", "partial"][text.includes("!") + 2 * text.includes("+")]; },
    get purposes() { return Object.fromEntries(text.split(" ").map((one) => [one.slice(1), /[=+]/.test(one)])); },
    granted: (id) => bandeau.purposes[id] === true,
    open() { document.dispatchEvent(new Event("bandeau:open")); },
    subscribe(hear) {
      told = [...told, hear];
      tell(hear);
      return () => { told = told.filter((one) => one !== hear); };
    },
  });
  return bandeau;
})(document.currentScript)
