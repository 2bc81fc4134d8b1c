// The table: medians with the least and the most, what each adds to the page without a notice, and how they compare.

const sorted = (values) => [...values].sort((one, two) => one - two);
export const median = (values) => {
  const all = sorted(values);
  return all.length % 2 ? all[(all.length - 1) / 2] : (all[all.length / 2 - 1] + all[all.length / 2]) / 2;
};

const whole = (value) => Math.round(value).toLocaleString("en");
const spread = (values, say = whole) => {
  const all = sorted(values);
  const [least, most] = [say(all[0]), say(all.at(-1))];
  return least === most ? least : `${say(median(values))} (${least}–${most})`;
};

// What is measured, in the order it is printed; `less` are those where the page without a notice is taken off.
const ROWS = [
  ["first page: bytes added, heads included", "bytes", whole, true],
  ["requests added", "requests", whole, true],
  ["of these begun before the first paint", "early", whole, true],
  ["first paint, ms", "paint", whole],
  ["notice seen, ms", "notice", whole],
  ["layout shift (CLS)", "shift", (value) => value.toFixed(3)],
  ["long tasks until 5 s", "tasks", whole],
  ["their time, ms", "busy", whole],
  ["cookie after refusing, bytes", "cookie", whole],
  ["local storage after refusing, bytes", "storage", whole],
  ["second page: bytes added", "later", whole, true],
  ["second page: requests added", "laterRequests", whole, true],
];

export function print(about, ways, results, pressed) {
  console.log(`${about.date}, ${about.machine}, ${about.browser}, ${about.bandeau}, ${about.build}; ${about.runs} runs in turns: median (least–most)\n`);
  const bare = (key) => median(results.bare.map((run) => run[key]));
  const lines = ROWS.map(([title, key, say, less]) => [title, ...ways.map((way) => {
    const values = results[way.id].map((run) => run[key]);
    if (values.some((value) => value === null)) return "–";
    if (less) return way.id === "bare" ? `[${spread(values, say)}]` : spread(values.map((value) => value - bare(key)), say);
    return spread(values, say);
  })]);
  lines.push(["presses to accept / refuse", ...ways.map((way) => (pressed[way.id] ? `${pressed[way.id].accept ?? "more"} / ${pressed[way.id].refuse ?? "more"}` : "–"))]);
  console.log(`| | ${ways.map((way) => way.name).join(" | ")} |\n|---|${"--:|".repeat(ways.length)}`);
  for (const line of lines) console.log(`| ${line.join(" | ")} |`);
  if (!results.bandeau) return;
  console.log("\nTimes Bandeau, medians:");
  const added = (id, key, less) => median(results[id].map((run) => run[key])) - (less ? bare(key) : 0);
  for (const way of ways.filter((way) => way.notice && way.id !== "bandeau")) {
    const ratio = (key, less) => (added(way.id, key, less) / added("bandeau", key, less)).toFixed(1);
    console.log(`- ${way.name}: ${ratio("bytes", true)} × the bytes, ${ratio("notice")} × the time to the notice, ${ratio("later", true)} × the bytes of a second page`);
  }
}
