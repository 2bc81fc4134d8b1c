// Shows medians over the rounds.
export const median = (numbers) => {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted.length ? sorted[Math.floor(sorted.length / 2)] : NaN;
};

export function print(all, results) {
  const rows = [["", "s in all", "visits", "s a visit", "requests", "hosts", "cookies", "storage", "banner, buttons", "standings"]];
  for (const way of all) {
    const list = results.get(way.id);
    if (!list.length) { rows.push([way.name, "nothing found", "", "", "", "", "", "", "", ""]); continue; }
    // The round whose time is the median stands for all.
    const took = median(list.map((result) => result.took));
    const result = list.find((entry) => entry.took === took);
    const kind = (name) => { const { right, real, invented } = result.kinds[name]; return `${right} of ${real}${invented ? `, ${invented} more` : ""}`; };
    rows.push([way.name, took.toFixed(1), String(result.visits), median(list.map((entry) => entry.page)).toFixed(2), kind("requests"), kind("hosts"), kind("cookies"), kind("storage"), result.banner ? result.buttons.join(" ") : "no", result.standings.join(" ")]);
  }
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  for (const [at, row] of rows.entries()) {
    console.log(`| ${row.map((cell, column) => cell.padEnd(widths[column])).join(" | ")} |`);
    if (at === 0) console.log(`|${widths.map((width) => "-".repeat(width + 2)).join("|")}|`);
  }
  console.log();
  for (const rival of all.filter((way) => way.rival)) {
    const [theirs, ours] = [rival.id, rival.rival].map((id) => median((results.get(id) ?? []).map((result) => result.page)));
    if (theirs && ours) console.log(`${rival.name} takes ${(theirs / ours).toFixed(2)} times as long for a page visit as ${all.find((way) => way.id === rival.rival).name}.`);
  }
  for (const way of all) {
    const missed = [...new Set(results.get(way.id).flatMap((result) => Object.values(result.kinds).flatMap((kind) => kind.missed.map((name) => name.replace(/^\d+× /, "").replace(/:\d+/, "").replace(/\?.*/, "")))))];
    if (missed.length) console.log(`${way.name} missed: ${missed.join(", ")}`);
  }
}
