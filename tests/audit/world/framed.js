// A notice of the site's own making, in Finnish, in a frame.
(() => {
  const said = () => (document.cookie.match(/(?:^|; )suostumus=(\w+)/) || [])[1];
  const start = () => document.querySelectorAll("script[data-for]").forEach((held) => {
    const script = document.createElement("script");
    script.src = held.dataset.src;
    held.replaceWith(script);
  });
  const show = () => {
    const frame = document.createElement("iframe");
    frame.src = "/suostumus.html";
    frame.title = "Evästeet";
    frame.style = "position:fixed;left:0;right:0;bottom:0;width:100%;height:200px;border:0;border-top:2px solid #333;background:#fff";
    document.body.append(frame);
    addEventListener("message", ({ data }) => {
      if (data !== "kylla" && data !== "ei" || !frame.isConnected) return;
      document.cookie = `suostumus=${data}; path=/; max-age=15552000; SameSite=Lax`;
      frame.remove();
      if (data === "kylla") start(); else document.cookie = "_stat=; path=/; max-age=0";
    });
  };
  document.querySelector("#asetukset").addEventListener("click", (event) => { event.preventDefault(); show(); });
  if (said() === "kylla") start(); else if (!said()) show();
})();
