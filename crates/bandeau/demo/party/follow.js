// Parvis: the follow button, with its count.
(function () {
  var found = /(?:^|; )social_id=([^;]*)/.exec(document.cookie);
  var id = found ? found[1] : Math.random().toString(36).slice(2, 12);
  document.cookie = "social_id=" + id + "; path=/; max-age=31536000; samesite=lax";
  var button = document.getElementById("follow");
  fetch("{{social}}/follow.json?id=" + id).then(function (answer) { return answer.json(); }).then(function (said) {
    var count = button && button.querySelector("[data-count]"), shown = said.followers;
    function write() { count.textContent = shown.toLocaleString(document.documentElement.lang); }
    if (count) {
      write();
      button.setAttribute("aria-pressed", "false");
      button.addEventListener("click", function () {
        var on = button.getAttribute("aria-pressed") !== "true";
        button.setAttribute("aria-pressed", String(on));
        shown += on ? 1 : -1;
        write();
        fetch("{{social}}/follow.json?id=" + id + "&on=" + on);
      });
    }
    document.documentElement.dataset.social = "on";
  }, function () {});
})();
