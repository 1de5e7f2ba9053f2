// Writes `.br` and `.gz` beside each file that gains by it, for the server to send as they are, and says what a first
// load costs over the wire. Runs after the build, as `node app/tools/compress.js`.

import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const web = join(dirname(fileURLToPath(import.meta.url)), "../..");
const dist = join(web, "dist");
// The module takes long to compress and is named after its content, so its compressed form is kept.
const kept = join(web, "node_modules/.cache/samla");
const GAINS = /\.(js|css|html|wasm|svg|webmanifest)$/;

/** @param {Buffer} bytes */
function brotli(bytes) {
  return brotliCompressSync(bytes, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 24, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
  });
}

/** @param {string} name @param {Buffer} bytes */
function keptBrotli(name, bytes) {
  const path = join(kept, `${name}.br`);
  if (existsSync(path)) return readFileSync(path);
  mkdirSync(kept, { recursive: true });
  const small = brotli(bytes);
  writeFileSync(path, small);
  return small;
}

const words = readdirSync(join(web, "app/src/words")).filter((name) => name.endsWith(".json"));
/** @param {string} name */
function part(name) {
  if (name.endsWith(".wasm")) return "module";
  return words.some((language) => basename(name).startsWith(language.replace(".json", "-"))) ? "words" : "screens";
}

const parts = { module: 0, screens: 0, words: 0 };
for (const name of readdirSync(dist, { recursive: true, encoding: "utf8" })) {
  const path = join(dist, name);
  if (!GAINS.test(name)) continue;
  const bytes = readFileSync(path);
  const small = name.endsWith(".wasm") ? keptBrotli(basename(name), bytes) : brotli(bytes);
  writeFileSync(`${path}.br`, small);
  writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }));
  parts[part(name)] += small.length;
}
/** What a first load may cost, in bytes. */
const MOST = 1_300_000;
/** @param {number} bytes */
const mb = (bytes) => (bytes / 1e6).toFixed(2);
const all = parts.module + parts.screens + parts.words;
const each = Object.entries(parts).map(([name, bytes]) => `${name} ${mb(bytes)}`).join(", ");
const over = all > MOST ? ": more than it may be; `cargo xtask run --small` shrinks the module" : "";
console.log(`first load, all files compressed: ${mb(all)} MB (${each})${over}`);
