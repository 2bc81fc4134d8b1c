// Clarity knows no default: before an answer it is told that all is denied. Its own snippet keeps the queue it finds.
({ values }) => {
  const queue = window.clarity = window.clarity || function () { (queue.q = queue.q || []).push(arguments); };
  queue("consentv2", values("granted", "denied"));
}
