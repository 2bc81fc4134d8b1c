// Consent Mode: a command is an arguments object; an array would be taken for data.
({ values, first, option }) => {
  const layer = window[option] = window[option] || [];
  (function () { layer.push(arguments); })("consent", first ? "default" : "update", values("granted", "denied"));
}
