// What the page may know of the answer: window.bandeau, described in docs/bandeau.d.ts. Every purpose comes with a sign:
// "=" exempt, "+" granted, "-" refused, "?" not answered. Keeps nothing and sends nothing. ASCII only, never throws.
((tag) => {
  "use strict";
  const signs = { __proto__: null };
  for (const one of tag.dataset.purposes.split(" ")) signs[one.slice(1)] = one[0];
  tag.remove();
  const told = new Set();
  const ids = Object.keys(signs);
  const granted = (id) => signs[id] === "=" || signs[id] === "+";
  const bandeau = Object.freeze({
    get state() {
      const asked = ids.filter((id) => signs[id] !== "="), count = asked.filter(granted).length;
      return asked.every((id) => signs[id] === "?") ? "undecided" : !count ? "refused" : count < asked.length ? "partial" : "accepted";
    },
    get purposes() { return Object.freeze(Object.fromEntries(ids.map((id) => [id, granted(id)]))); },
    granted,
    open() { document.dispatchEvent(new CustomEvent("bandeau:open")); },
    subscribe(hear) {
      told.add(hear);
      tell(hear);
      return () => { told.delete(hear); };
    },
  });
  // One that fails keeps no other from hearing.
  const tell = (hear) => {
    try { hear(bandeau.state, bandeau.purposes); } catch (error) { console.error(error); }
  };
  // An answer for which the page does not come anew.
  document.addEventListener("bandeau:decision", ({ detail }) => {
    if (!detail || !detail.granted) return;
    const before = JSON.stringify(signs);
    for (const id of ids) if (signs[id] !== "=") signs[id] = detail.granted.includes(id) ? "+" : "-";
    if (JSON.stringify(signs) !== before) [...told].forEach(tell);
  });
  return bandeau;
})(document.currentScript)
