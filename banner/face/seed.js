// Stands in every page with the notice and fetches notice.js once it is wanted: when the notice or a placeholder is
// touched, when the page's policy refuses an embed, when one of ours is taken out. A click that comes before that is held
// and made again afterwards, by the browser alone where nothing could be fetched. ASCII only, no globals, never throws.
(() => {
  try {
    // What was seen; the script that comes puts a listener of its own in the place of `push`.
    const channel = new BroadcastChannel("bandeau"), held = [channel];
    let loading, free, click;
    const go = () => {
      free = true;
      if (click) click(click = null);
    };
    const load = () => loading ||= import("/.well-known/bandeau/notice.js")
      .then((file) => file.default(held)).then(go, go, setTimeout(go, 3e3));
    const hear = (event) => {
      const path = event.composedPath();
      if (/^(ban|ch|fr|me|ob)/.test(event.effectiveDirective || event.type)) load(held.push(event));
      if (path.some((at) => /^bandeau-/.test(at.localName))) {
        load();
        if (!free && event.type === "click") {
          event.preventDefault();
          click = () => path[0].dispatchEvent(new MouseEvent("click", event));
        }
      }
    };
    for (const name of ["notice", "embed"]) customElements.define("bandeau-" + name, class extends HTMLElement {
      connectedCallback() {
        // A document that is opened anew forgets who listens.
        for (const type of ["click", "focusin", "pointerover", "securitypolicyviolation", "bandeau:open"]) addEventListener(type, hear, true);
        held.push(this);
        // A shadow root that the parser did not make.
        if (this.querySelector("template")) load();
      }
      disconnectedCallback() {
        load(held.push(this));
      }
    });
    // A page shown again as it was, or one in another tab, may show an answer that no longer stands.
    addEventListener("pageshow", channel.onmessage = (event) => event.persisted !== false && location.reload());
    if (document.currentScript.async || sessionStorage["bandeau-place"]) load();
  } catch {}
})();
