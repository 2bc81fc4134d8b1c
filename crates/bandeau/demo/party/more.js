// Aiguillage: the tags of container GDS-41.
(function () {
  var page = encodeURIComponent(location.pathname);
  new Image().src = "{{metrics}}/p.gif?from=tm&page=" + page;
  var conversion = document.createElement("script");
  conversion.src = "{{ads}}/conv.js?from=tm&page=" + page;
  document.head.appendChild(conversion);
})();
