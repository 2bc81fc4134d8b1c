// Aiguillage: a tag manager. It measures nothing itself; it loads what was configured in its console.
(function () {
  var script = document.createElement("script");
  script.src = "{{tags}}/more.js?id=GDS-41&from=" + encodeURIComponent(location.pathname);
  script.onload = function () { document.documentElement.dataset.tags = "on"; };
  document.head.appendChild(script);
})();
