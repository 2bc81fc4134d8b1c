// What can be measured of a picture: runs in the page and says what is wrong with it, in words. It is no substitute for
// looking: it finds what hundreds of pictures hide.
export function look(tall) {
  const found = [];
  const host = document.querySelector("bandeau-notice");
  const roots = [...document.querySelectorAll("bandeau-notice,bandeau-embed")].map((one) => one.shadowRoot).filter(Boolean);
  const ours = host ? roots : [document];
  const seen = (one) => {
    const box = one.getBoundingClientRect();
    return box.width > 0 && box.height > 0 && one.checkVisibility({ visibilityProperty: true, contentVisibilityAuto: true }) && !one.closest(".h");
  };
  const words = (one) => ((one.querySelector("slot")?.assignedNodes() ?? [one])[0]?.textContent.trim() || one.name || one.localName).replace(/\s+/g, " ").slice(0, 40);
  const root = document.scrollingElement;
  const wide = innerWidth;
  if (root.scrollWidth > root.clientWidth + 1) found.push(`the page is ${root.scrollWidth - root.clientWidth} px too wide`);
  for (const one of ours.flatMap((room) => [...room.querySelectorAll(".r *")])) {
    if (!seen(one) || one.closest("svg")) continue;
    const box = one.getBoundingClientRect();
    if (box.left < -1 || box.right > wide + 1) found.push(`${words(one)}: out of the window by ${Math.round(Math.max(-box.left, box.right - wide))} px`);
    const style = getComputedStyle(one);
    if (style.overflowX !== "auto" && one.scrollWidth > one.clientWidth + 1 && one.clientWidth && style.display !== "inline")
      found.push(`${words(one)}: ${one.scrollWidth - one.clientWidth} px wider than its box`);
    if (one.matches("button,a.b,a.t,summary,input:not([type=hidden])")) {
      const fixed = host && !tall && !one.closest(".s");
      if (fixed && (box.top < -1 || box.bottom > innerHeight + 1)) found.push(`${words(one)}: not in the window`);
      const line = parseFloat(style.lineHeight) || 1.25 * parseFloat(style.fontSize);
      const pad = parseFloat(style.paddingTop) + parseFloat(style.paddingBottom) + 4;
      const text = one.matches("a.t") ? box.height - pad : [...one.childNodes].reduce((high, node) => {
        const range = document.createRange();
        range.selectNodeContents(node.assignedNodes?.({ flatten: true })[0] ?? node);
        return Math.max(high, range.getBoundingClientRect().height);
      }, 0);
      if (one.matches(".b,.t") && text > line * 2.6) found.push(`${words(one)}: on ${Math.round(text / line)} lines`);
      if (box.height < 23.5 || box.width < 23.5) found.push(`${words(one)}: a target of ${Math.round(box.width)} by ${Math.round(box.height)} px`);
    }
  }
  const pair = ours.flatMap((room) => [...room.querySelectorAll(".a")]).filter(seen);
  for (const group of pair) {
    const [one, two] = ["accept", "refuse"].map((value) => group.querySelector(`[value=${value}]`)?.getBoundingClientRect());
    if (one && two && (Math.abs(one.width - two.width) > 1.5 || Math.abs(one.height - two.height) > 1.5)) found.push("the two answers differ in size");
  }
  const room = host?.shadowRoot.querySelector(".n .s");
  if (room && seen(room)) {
    const notice = host.shadowRoot.querySelector(".n").getBoundingClientRect();
    const share = Math.round(100 * room.clientHeight / room.scrollHeight);
    const cover = Math.round(100 * notice.height * notice.width / (innerWidth * innerHeight));
    const title = room.querySelector("h1,h2") ?? host.querySelector("h2");
    if (room.clientHeight < 60) found.push(`only ${room.clientHeight} px for the text`);
    if (title && title.getBoundingClientRect().bottom > room.getBoundingClientRect().bottom) found.push("the title does not fit");
    return { found, note: `${share} % of the text, ${cover} % of the window` };
  }
  return { found, note: "" };
}
