// Taste: personal recommendations. It remembers what was read and says so to its server.
const page = new URL(import.meta.url).searchParams.get("page") || "moulin";
let profile = { id: Math.random().toString(36).slice(2, 12), read: [] };
try { profile = JSON.parse(localStorage.getItem("taste:profile")) || profile; } catch { /* A fresh one, then. */ }
if (!profile.read.includes(page)) profile.read = [...profile.read, page].slice(-20);
try { localStorage.setItem("taste:profile", JSON.stringify(profile)); } catch { /* Not kept, then. */ }
document.cookie = "taste_id=" + profile.id + "; path=/; max-age=15552000; samesite=lax";

const query = new URLSearchParams({ id: profile.id, read: profile.read.join(","), lang: document.documentElement.lang });
const answer = await fetch("{{profile}}/recs.json?" + query);
const { note, picks } = await answer.json();
const box = document.querySelector("#pourvous");
if (box) {
  const list = box.querySelector("[data-list]");
  list.replaceChildren(...picks.map(({ href, title, why }) => {
    const link = Object.assign(document.createElement("a"), { href, textContent: title });
    const item = document.createElement("li"), cell = document.createElement("span");
    cell.append(link, Object.assign(document.createElement("small"), { textContent: why }));
    item.append(cell);
    return item;
  }));
  box.querySelector("[data-note]").textContent = note;
  document.documentElement.dataset.profile = "on";
}
