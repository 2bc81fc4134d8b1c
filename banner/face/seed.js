// Stands in every page with the notice and fetches notice.js once it is wanted: when the notice or a placeholder is
// touched, when the page's policy refuses an embed, when the notice is taken out. A click that comes before that is held
// and made again afterwards, by the browser alone where nothing could be fetched. ASCII only, no globals, never throws.
(() => {
  try {
    const held = [];
    let tell = (what) => held.push(what), loading, free, click, channel;
    const go = () => {
      free = true;
      if (click) click(click = null);
    };
    const load = () => loading ||= import("/.well-known/bandeau/notice.js")
      .then((file) => tell = file.default(held, channel)).then(go, go, setTimeout(go, 3e3));
    const hear = (event) => {
      const path = event.composedPath();
      if (/^(ban|ch|fr|me|ob)/.test(event.effectiveDirective || event.type)) load(tell(event));
      if (!path.some((at) => /^bandeau-/.test(at.localName))) return;
      load();
      if (free || event.type !== "click") return;
      event.preventDefault();
      click = () => path[0].dispatchEvent(new MouseEvent("click", event));
    };
    for (const name of ["bandeau-notice", "bandeau-embed"]) customElements.define(name, class extends HTMLElement {
      connectedCallback() {
        // A document that is opened anew forgets who listens.
        for (const type of ["click", "focusin", "pointerover", "securitypolicyviolation", "bandeau:open"]) addEventListener(type, hear, true);
        tell(this);
        // A shadow root that the parser did not make.
        if (this.querySelector("template")) load();
      }
      disconnectedCallback() {
        if (name === "bandeau-notice") load();
        tell(this);
      }
    });
    // A page shown again as it was, or one in another tab, may show an answer that no longer stands.
    const again = (event) => event.persisted !== false && location.reload();
    addEventListener("pageshow", again);
    if (document.currentScript.async || sessionStorage.getItem("bandeau-place")) load();
    channel = new BroadcastChannel("bandeau");
    channel.onmessage = again;
  } catch {}
})();
