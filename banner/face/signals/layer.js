// An event for tag managers of any make: what their triggers wait for, and what they may read.
({ first, option, state, purposes }) => {
  const layer = window[option] = window[option] || [];
  layer.push({ event: first ? "bandeau_default" : "bandeau_update", bandeau: { state, purposes } });
}
