// UET: three arguments of one push. The tag takes the queue over when it comes.
({ values, first }) => {
  const queue = window.uetq = window.uetq || [];
  queue.push("consent", first ? "default" : "update", values("granted", "denied"));
}
