// Parvis: faces and likes beside the comments.
(function () {
  var liked = {};
  try { liked = JSON.parse(localStorage.getItem("forum:liked")) || {}; } catch (broken) { /* Start afresh. */ }
  try { localStorage.setItem("forum:seen", String(Date.now())); } catch (refused) { /* Not kept, then. */ }
  document.querySelectorAll("#comments .said li").forEach(function (item, at) {
    var key = location.pathname + ":" + at, base = 3 + (at * 7) % 11;
    var face = Object.assign(new Image(36, 36), { className: "parvis-face", alt: "", src: "{{social}}/face/" + (at % 6) + ".svg" });
    var like = Object.assign(document.createElement("button"), { type: "button", className: "parvis-like" });
    function write() {
      like.setAttribute("aria-pressed", String(!!liked[key]));
      like.textContent = "♥ " + (base + (liked[key] ? 1 : 0));
    }
    like.setAttribute("aria-label", document.documentElement.lang === "fr" ? "J’aime" : "Like");
    like.addEventListener("click", function () {
      liked[key] = !liked[key];
      try { localStorage.setItem("forum:liked", JSON.stringify(liked)); } catch (refused) { /* Not kept, then. */ }
      write();
      fetch("{{social}}/like?key=" + encodeURIComponent(key) + "&on=" + liked[key]);
    });
    write();
    item.classList.add("parvis");
    item.prepend(face);
    item.append(like);
  });
  document.documentElement.dataset.comments = "on";
})();
