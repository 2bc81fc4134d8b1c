// Makes ../made/*.js from ../*.js: the same scripts without what only people read. The Rust build takes the made files as
// they stand and needs none of this; a manifest beside them says which source each was made of, and a test compares.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { brotliCompressSync, constants } from "node:zlib";
import { minify } from "terser";

const face = new URL("../", import.meta.url);
const signals = readdirSync(new URL("signals/", face)).filter((name) => name.endsWith(".js")).sort();
const names = ["first", "learn", "notice", "seed", "sweep", ...signals.map((name) => `signals/${name.slice(0, -3)}`)];
const options = {
  ecma: 2020,
  module: false,
  toplevel: true,
  compress: { passes: 3, unsafe_arrows: true, unsafe_methods: true, keep_fargs: false, hoist_props: false, booleans_as_integers: false },
  mangle: true,
  format: { ascii_only: true, comments: false, inline_script: true },
};
const weigh = (text, quality) =>
  brotliCompressSync(text, { params: { [constants.BROTLI_PARAM_QUALITY]: quality, [constants.BROTLI_PARAM_SIZE_HINT]: text.length } }).length;

mkdirSync(new URL("made/signals/", face), { recursive: true });
let manifest = "";
for (const name of names) {
  const source = readFileSync(new URL(`${name}.js`, face), "utf8");
  // A signal is one expression, whose value counts.
  const compress = { ...options.compress, expression: name.startsWith("signals/") };
  const { code } = await minify(source, { ...options, compress, module: /^export /m.test(source) });
  const made = `${code}\n`;
  writeFileSync(new URL(`made/${name}.js`, face), made);
  const digest = (text) => createHash("sha256").update(text).digest("hex");
  manifest += `${name}.js ${digest(source)} ${digest(made)}\n`;
  console.log(`${name}.js: ${source.length} -> ${made.length} bytes, Brotli ${weigh(made, 5)} (5), ${weigh(made, 11)} (11)`);
}
writeFileSync(new URL("made/manifest", face), manifest);
