"use strict";
// Filters and sorts tables that are already there; without it they are only read from top to bottom.
for (const table of document.querySelectorAll("section table:not(.facts):not(.numbers)")) {
  const body = table.tBodies[0];
  const rows = body ? [...body.rows] : [];
  if (rows.length < 8 || table.closest("#law,#changes")) continue;
  const bar = document.createElement("p"), label = document.createElement("label"), input = document.createElement("input"), says = document.createElement("span");
  bar.className = "filter";
  input.type = "search";
  says.setAttribute("role", "status");
  says.className = "quiet";
  label.append("Show only rows with ", input);
  bar.append(label, says);
  table.closest(".wide").before(bar);
  const texts = rows.map((row) => row.textContent.toLowerCase());
  input.addEventListener("input", () => {
    const want = input.value.trim().toLowerCase();
    let left = 0;
    rows.forEach((row, at) => { row.hidden = !texts[at].includes(want); left += !row.hidden; });
    says.textContent = want ? left + " of " + rows.length : "";
  });
  [...table.tHead.rows[0].cells].forEach((cell, at) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...cell.childNodes);
    cell.append(button);
    button.addEventListener("click", () => {
      const down = cell.getAttribute("aria-sort") === "ascending";
      for (const other of cell.parentNode.cells) other.removeAttribute("aria-sort");
      cell.setAttribute("aria-sort", down ? "descending" : "ascending");
      const key = (row) => (row.cells[at] ? row.cells[at].textContent.trim() : "");
      const number = (text) => (/^[\d,]+$/.test(text) ? Number(text.replaceAll(",", "")) : NaN);
      const order = (a, b) => {
        const [x, y] = [number(key(a)), number(key(b))];
        return Number.isNaN(x) || Number.isNaN(y) ? key(a).localeCompare(key(b)) : x - y;
      };
      body.append(...[...rows].sort((a, b) => (down ? order(b, a) : order(a, b))));
    });
  });
}
