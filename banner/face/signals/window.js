// What the page may know of the answer: window.bandeau, described in docs/bandeau.d.ts. The text is every purpose with its
// sign: "=" exempt, "+" granted, "!" refused, "?" not answered. Keeps nothing and sends nothing. ASCII only, never throws.
((tag) => {
  "use strict";
  let text = tag.dataset.bandeau, told = [];
  tag.remove();
  const has = (sign) => text.includes(sign);
  // One that fails keeps no other from hearing.
  const tell = (hear) => {
    try { hear(bandeau.state, bandeau.purposes); } catch (error) { console.error(error); }
  };
  // An answer for which the page does not come anew.
  document.addEventListener("bandeau:decision", (event) => {
    const granted = event.detail?.granted, before = text;
    if (granted) text = text.replace(/[+?!](\S+)/g, (_, id) => (granted.includes(id) ? "+" : "!") + id);
    if (text !== before) told.forEach(tell);
  });
  const bandeau = {
    get state() { return ["undecided", "refused", "accepted", "partial"][has("!") + 2 * has("+")]; },
    get purposes() { return Object.fromEntries(text.split(" ").map((one) => [one.slice(1), /[=+]/.test(one)])); },
    granted(id) { return bandeau.purposes[id] === true; },
    open() { document.dispatchEvent(new Event("bandeau:open")); },
    subscribe(hear) {
      told = told.concat(hear);
      tell(hear);
      return () => { told = told.filter((one) => one !== hear); };
    },
  };
  return Object.freeze(bandeau);
})(document.currentScript)
