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

let all = 0;
for (const name of readdirSync(dist, { recursive: true, encoding: "utf8" })) {
  const path = join(dist, name);
  if (!GAINS.test(name)) continue;
  const bytes = readFileSync(path);
  const small = name.endsWith(".wasm") ? keptBrotli(basename(name), bytes) : brotli(bytes);
  writeFileSync(`${path}.br`, small);
  writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }));
  all += small.length;
}
/** What a first load may cost, in bytes. */
const MOST = 1_300_000;
console.log(`first load, all files compressed: ${(all / 1e6).toFixed(2)} MB${all > MOST ? ", which is more than it may be" : ""}`);
