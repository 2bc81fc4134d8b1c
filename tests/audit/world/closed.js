// A notice of the site's own making, in Czech, in a closed shadow root.
(() => {
  const said = () => (document.cookie.match(/(?:^|; )souhlas=(\w+)/) || [])[1];
  const start = () => document.querySelectorAll("script[data-for]").forEach((held) => {
    const script = document.createElement("script");
    script.src = held.dataset.src;
    held.replaceWith(script);
  });
  const show = () => {
    const host = document.body.appendChild(document.createElement("div"));
    const root = host.attachShadow({ mode: "closed" });
    root.innerHTML = `<style>
      .lista { position: fixed; inset: auto 0 0 0; padding: 20px; background: #fff; border-top: 2px solid #333; font: 16px sans-serif }
      button { font: 600 16px sans-serif; padding: 10px 20px; margin: 0 8px 0 0; background: #1b4f8f; color: #fff; border: 0 }
    </style><div class="lista" role="dialog" aria-label="Souhlas s cookies">
      <p>Tato stránka používá soubory cookie k měření návštěvnosti a pro reklamu. Souhlasíte s jejich používáním?</p>
      <button id="ano">Přijmout vše</button><button id="ne">Odmítnout vše</button></div>`;
    const answer = (word) => () => {
      document.cookie = `souhlas=${word}; path=/; max-age=15552000; SameSite=Lax`;
      host.remove();
      if (word === "ano") start(); else document.cookie = "_stat=; path=/; max-age=0";
    };
    root.querySelector("#ano").addEventListener("click", answer("ano"));
    root.querySelector("#ne").addEventListener("click", answer("ne"));
  };
  document.querySelector("#nastaveni").addEventListener("click", (event) => { event.preventDefault(); show(); });
  if (said() === "ano") start(); else if (!said()) show();
})();
