// Says to each vendor's tool what it may do: first what holds before any answer, then the answer, once for each. A vendor is
// what says it, the purposes each of its categories needs (null: never granted), and an option.
((bandeau, vendors, before) => {
  "use strict";
  // For tools that listen only once the page has been read: what listens often begins in a task of its own after that.
  const read = new Promise((done) => {
    if (document.readyState !== "loading") return done();
    addEventListener("DOMContentLoaded", () => setTimeout(() => setTimeout(done)), { once: true });
  });
  const later = (act) => { read.then(act).catch(console.error); };
  const say = (state, purposes, first) => {
    for (const [tell, categories, option] of vendors) {
      const values = (yes, no) => {
        const value = ([name, needs]) => [name, needs && needs.every((id) => purposes[id]) ? yes : no];
        return Object.fromEntries(Object.entries(categories).map(value));
      };
      // A queue that fails is its owner's: the next vendor hears all the same.
      try { tell({ values, first, option, state, purposes, later }); } catch (error) { console.error(error); }
    }
  };
  say("undecided", before, true);
  bandeau.subscribe((state, purposes) => { if (state !== "undecided") say(state, purposes); });
})
