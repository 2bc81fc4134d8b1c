// Which pictures are made of a page: sizes and schemes of colours. Every state is seen in every language, by day and by
// night; the sizes at which nothing new is to be seen are left out unless the whole is asked for.

export const SIZES = {
  narrow: { width: 320, height: 640 }, // also a window of 1280 at 400 % zoom (WCAG 2.2 §1.4.10)
  phone: { width: 360, height: 740 },
  flat: { width: 740, height: 360 },
  desktop: { width: 1280, height: 800 },
  wide: { width: 1920, height: 1080 },
};

export const SCHEMES = ["light", "dark"];

const all = (sizes, schemes = SCHEMES) => sizes.flatMap((size) => schemes.map((scheme) => ({ size, scheme })));
const day = (sizes) => all(sizes, ["light"]);

const PLAN = {
  undecided: [
    ...all(["phone", "desktop"]), ...day(["narrow", "flat", "wide"]),
    { size: "phone", scheme: "light", forced: true }, { size: "desktop", scheme: "light", print: true },
  ],
  small: all(["phone"]),
  gpc: [...day(["phone"]), ...all(["desktop"], ["dark"])],
  said: [...day(["phone"]), ...all(["desktop"], ["dark"])],
  band: [...all(["phone"]), ...day(["narrow", "desktop"]), { size: "phone", scheme: "light", forced: true }],
  layer: [
    ...all(["phone", "desktop"]), ...day(["narrow", "wide", "flat"]), { size: "phone", scheme: "dark", open: true },
    { size: "desktop", scheme: "light", open: true }, { size: "phone", scheme: "dark", forced: true },
  ],
  settings: [...all(["phone", "desktop"]), ...day(["narrow"]), { size: "desktop", scheme: "light", print: true }],
  placeholders: [
    ...all(["phone", "desktop"]), ...day(["narrow"]), { size: "desktop", scheme: "light", print: true },
  ],
  message: [...day(["phone"]), ...all(["desktop"], ["dark"])],
};

const KINDS = { green: "band", amber: "band", red: "band", "red-gpc": "band" };

// The pictures of one page of the list.
export function shots(page, whole) {
  const kind = KINDS[page.state] ?? page.state.replace(/-.*/, "");
  if (whole) return [...all(Object.keys(SIZES)), ...PLAN[kind].filter((shot) => shot.forced || shot.print || shot.open)];
  if (page.style === "own") return [{ size: "phone", scheme: "light" }, { size: "desktop", scheme: "dark" }];
  return PLAN[kind];
}

// Pages of ours and placeholders are seen from top to bottom, the rest as the window shows it.
export const tall = (page, shot) => shot.print || /^(settings|placeholders|message)/.test(page.state);

export const name = (page, shot) => [
  page.language, page.style, page.layout, page.state, shot.size, shot.scheme,
  shot.forced && "forced", shot.print && "print", shot.open && "open",
].filter(Boolean).join("-");
