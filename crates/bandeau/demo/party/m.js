// Jauge: audience measurement beyond what is exempt. It follows a visitor from visit to visit.
(function () {
  var found = /(?:^|; )_mx_id=([^;]*)/.exec(document.cookie);
  var id = found ? found[1] : Math.random().toString(36).slice(2, 12);
  document.cookie = "_mx_id=" + id + "; path=/; max-age=33696000; samesite=lax";
  var visits = 1;
  try {
    visits = 1 + (Number(localStorage.getItem("mx:visits")) || 0);
    localStorage.setItem("mx:visits", String(visits));
  } catch (refused) { /* Storage may be closed; the beacon still goes. */ }
  var body = JSON.stringify({ id: id, visits: visits, page: location.pathname, wide: innerWidth });
  fetch("{{metrics}}/collect?id=" + id, { method: "POST", mode: "cors", keepalive: true, body: body }).then(function (answer) {
    if (answer.ok) document.documentElement.dataset.metrics = "on";
  }, function () {});
  addEventListener("pagehide", function () { navigator.sendBeacon("{{metrics}}/collect?id=" + id + "&event=leave", body); });
})();
