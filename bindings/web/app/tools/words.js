// Holds the message catalogues together: every language has every key with the same {places}, every key is used,
// and every key used exists, here or among the texts that all faces share. Runs in each build (see vite.config.ts) and as
// `node app/tools/words.js`. The shared texts themselves are held together by the core's own tests.

import { readFileSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const src = join(dirname(fileURLToPath(import.meta.url)), "..", "src");
const shared = join(src, "../../../../core/texts");

/** The forms a counted message may have; a language needs `other` and those its grammar uses.
 *  @type {readonly string[]} */
const FORMS = ["zero", "one", "two", "few", "many", "other"];

/** @param {string} folder @returns {string[]} */
function files(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return files(path);
    return /\.(ts|svelte)$/.test(entry.name) ? [path] : [];
  });
}

/** A key without its plural form: `undo.removed.one` → `undo.removed`. @param {string} key */
function stem(key) {
  const cut = key.lastIndexOf(".");
  return FORMS.includes(key.slice(cut + 1)) ? key.slice(0, cut) : key;
}

/** @param {string} text */
function places(text) {
  return [...new Set(text.match(/\{\w+\}/g) ?? [])].sort().join(" ");
}

/** @param {string} folder @returns {Map<string, Record<string, string>>} */
function catalogues(folder) {
  const names = readdirSync(folder).filter((name) => name.endsWith(".json"));
  return new Map(names.map((name) => [name, JSON.parse(readFileSync(join(folder, name), "utf8"))]));
}

/** Everything wrong with the catalogues, one sentence each; empty when all is well. */
export function faults() {
  const [screens, all] = [catalogues(join(src, "words")), catalogues(shared)];
  const [model, modelOfAll] = [screens.get("en.json"), all.get("en.json")];
  if (!model || !modelOfAll) return ["en.json is missing"];
  /** @type {string[]} */
  const found = [];

  const stems = new Map(Object.entries(model).map(([key, text]) => [stem(key), places(text)]));
  const known = new Set([...stems.keys(), ...Object.keys(modelOfAll).map(stem)]);
  for (const name of all.keys()) if (!screens.has(name)) found.push(`words/${name} is missing`);
  for (const key of stems.keys()) {
    // What to do next may be another step on a phone; everything else is said once.
    if (key in modelOfAll && !key.startsWith("next.")) found.push(`en.json: ${key} is said in core/texts`);
  }
  for (const [name, catalogue] of screens) {
    const own = new Map(Object.entries(catalogue).map(([key, text]) => [stem(key), places(text)]));
    for (const [key, wanted] of stems) {
      if (!own.has(key)) found.push(`${name}: ${key} is missing`);
      else if (own.get(key) !== wanted) found.push(`${name}: ${key} has places ${own.get(key)}, not ${wanted}`);
    }
    for (const key of own.keys()) if (!stems.has(key)) found.push(`${name}: ${key} is not in en.json`);
    for (const [key, text] of Object.entries(catalogue)) {
      if (text.trim() === "") found.push(`${name}: ${key} is empty`);
      if (key !== stem(key) && !(`${stem(key)}.other` in catalogue)) found.push(`${name}: ${stem(key)}.other is missing`);
    }
  }

  // A key is used where it stands quoted; `error.${code}` uses all keys that begin so.
  const used = new Set();
  /** @type {string[]} */
  const families = [];
  for (const file of files(src)) {
    const text = readFileSync(file, "utf8");
    for (const [, key] of text.matchAll(/["'`]([a-z_]+(?:\.[a-z0-9_]+)+)["'`]/gi)) used.add(key);
    for (const [, family] of text.matchAll(/`([a-z_]+(?:\.[a-z_]+)*\.)\$\{/gi)) if (family) families.push(family);
    for (const [, key] of text.matchAll(/\bt\(\s*["'`]([^"'`$]+)["'`]/g)) {
      if (key && !known.has(key)) found.push(`${file.slice(src.length + 1)}: t("${key}") has no message`);
    }
  }
  for (const key of stems.keys()) {
    if (!used.has(key) && !families.some((family) => key.startsWith(family))) found.push(`en.json: ${key} is not used`);
  }
  return found;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const found = faults();
  for (const fault of found) console.error(fault);
  process.exit(found.length === 0 ? 0 : 1);
}
