// Loaded into the other collectors before their own code, and changes none of it: which browser Playwright starts, and that
// names below localhost are the loopback for Node's resolver as they are for the browser's.
import dns from "node:dns";
import { createRequire } from "node:module";

const lookup = dns.lookup;
dns.lookup = (name, options, done) => {
  if (!name.endsWith(".localhost")) return lookup(name, options, done);
  if (typeof options === "function") [options, done] = [{}, options];
  const all = typeof options === "object" && options?.all;
  return process.nextTick(() => (all ? done(null, [{ address: "127.0.0.1", family: 4 }]) : done(null, "127.0.0.1", 4)));
};

if (process.env.WITNESS_PLAYWRIGHT) {
  const { chromium } = createRequire(process.env.WITNESS_PLAYWRIGHT)("playwright");
  const launch = chromium.launch.bind(chromium);
  chromium.launch = (options) => launch({ ...options, executablePath: process.env.BROWSER });
}
