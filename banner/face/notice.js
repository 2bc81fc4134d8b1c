// Improves the notice; nothing depends on it. ASCII only, no globals, never throws.
(() => {
  "use strict";
  const all = document.querySelectorAll("bandeau-notice");
  const host = all[0];
  // Should the notice have got into the page twice, the first one acts.
  for (let i = 1; i < all.length; i++) all[i].remove();
  if (host) {
    if (host.dataset.on) return;
    host.dataset.on = "1";
  }
  const attempt = (act) => {
    try { Promise.resolve(act()).catch(() => {}); } catch {}
  };

  // Browsers without declarative shadow roots.
  const attach = (name) => {
    for (const held of document.querySelectorAll(name)) {
      const template = held.querySelector("template[shadowrootmode]");
      if (template && !held.shadowRoot) attempt(() => { held.attachShadow({ mode: "open" }).append(template.content); });
    }
  };
  attach("bandeau-notice");
  addEventListener("DOMContentLoaded", () => attach("bandeau-embed"));

  // A page shown again as it was may show an answer that no longer stands.
  addEventListener("pageshow", (event) => event.persisted && location.reload());
  let channel;
  attempt(() => {
    channel = new BroadcastChannel("bandeau");
    channel.onmessage = () => location.reload();
  });

  let busy = false;
  const send = async (form, button) => {
    const data = new FormData(form);
    data.set(button.name, button.value);
    const answer = await fetch(form.action, {
      method: "POST",
      headers: { Accept: "application/json" },
      body: new URLSearchParams(data),
    });
    if (answer.ok || answer.status === 409) {
      if (answer.ok) attempt(() => channel.postMessage(1));
      // Without a notice this is the page of settings: go back to where the visitor came from.
      if (host) location.reload();
      else location.assign(data.get("back") || "/");
      return;
    }
    form.querySelector("[role=status]").textContent = (await answer.json()).message;
    busy = false;
  };
  // Clicks leave shadow roots, submit events do not; the Enter key clicks too.
  addEventListener("click", (event) => {
    const button = event.composedPath().find((at) => at.localName === "button" && at.name === "answer");
    const form = button && button.form;
    if (!form || form.getAttribute("action") !== "/.well-known/bandeau/decision") return;
    event.preventDefault();
    if (busy) return;
    busy = true;
    send(form, button).catch(() => {
      busy = false;
      form.requestSubmit(button);
    });
  }, true);
})();
