// Enseigne: advertising. It names the visitor to itself by a cookie of the page's own site.
(function () {
  var found = /(?:^|; )_ad_id=([^;]*)/.exec(document.cookie);
  var id = found ? found[1] : Math.random().toString(36).slice(2, 12);
  document.cookie = "_ad_id=" + id + "; path=/; max-age=15552000; samesite=lax";
  new Image().src = "{{ads}}/seen.gif?id=" + id + "&page=" + encodeURIComponent(location.pathname);
  var slot = document.querySelector('[data-slot="rail"]');
  if (slot) slot.dataset.filled = "enseigne";
})();
