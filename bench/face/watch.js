// Runs in the page before anything else, the same for every way: notes when the notice can be seen, and what moved.
export function watch(find) {
  const seen = (window.__seen = { notice: null, shift: 0, tasks: [], paint: null });
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) seen.shift += entry.value;
  }).observe({ type: "layout-shift", buffered: true });
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) seen.tasks.push([entry.startTime, entry.duration]);
  }).observe({ type: "longtask", buffered: true });
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (entry.name === "first-contentful-paint") seen.paint = entry.startTime;
  }).observe({ type: "paint", buffered: true });
  // Seen is: has a size, is nearly opaque, and is what is found at the middle of its visible part.
  window.__visible = (find) => {
    const one = find();
    if (!one?.checkVisibility({ visibilityProperty: true })) return false;
    const box = one.getBoundingClientRect();
    const [left, right] = [Math.max(0, box.left), Math.min(innerWidth, box.right)];
    const [top, bottom] = [Math.max(0, box.top), Math.min(innerHeight, box.bottom)];
    if (right - left < 40 || bottom - top < 40) return false;
    let clear = 1;
    for (let at = one; at; at = at.parentElement ?? at.getRootNode().host) clear *= getComputedStyle(at).opacity;
    if (clear < 0.9) return false;
    let hit = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
    for (let inner; hit?.shadowRoot && (inner = hit.shadowRoot.elementFromPoint((left + right) / 2, (top + bottom) / 2)) && inner !== hit;) hit = inner;
    return !!hit && (one.contains(hit) || !!one.getRootNode().host?.contains(hit));
  };
  // A frame's callback runs before that frame is painted: what is found in one has been painted in the next.
  let found = false;
  const frame = (now) => {
    if (found) seen.notice = now;
    else {
      try { found = window.__visible(find); } catch { /* not there yet */ }
      requestAnimationFrame(frame);
    }
  };
  if (find) requestAnimationFrame(frame);
}
