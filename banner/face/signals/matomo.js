// Matomo requires nothing of who needs none: where measurement is exempt it runs before any answer.
({ values, first, option }) => {
  const queue = window._paq = window._paq || [], granted = values(true, false).consent;
  if (first && granted) return;
  queue.push([first ? "require" + option : granted ? "set" + option + "Given" : "forget" + option + "Given"]);
}
