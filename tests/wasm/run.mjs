// `node run.mjs MODULE FOLDER`: hands every JSON file of FOLDER to the check in MODULE, which is the folder that the
// staged WebAssembly module lies in. Prints `N passed, N failed`. Ends with 1 if a case failed, if a file held none,
// or if there was no file at all.

import { readFileSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const [module, folder] = process.argv.slice(2);
if (!folder) throw new Error("usage: node run.mjs MODULE FOLDER");

const name = join(resolve(module), "samla_tests_wasm");
const { check, initSync } = await import(pathToFileURL(`${name}.js`));
initSync({ module: readFileSync(`${name}_bg.wasm`) });

let passed = 0;
const failed = [];
for (const file of readdirSync(folder).filter((file) => file.endsWith(".json")).sort()) {
  const report = JSON.parse(check(readFileSync(join(folder, file), "utf8")));
  passed += report.passed;
  failed.push(...report.failed);
  if (report.passed + report.failed.length === 0) failed.push(`${file} holds no case`);
}
for (const line of failed) console.error(line);
console.log(`${passed} passed, ${failed.length} failed`);
process.exitCode = passed > 0 && failed.length === 0 ? 0 : 1;
