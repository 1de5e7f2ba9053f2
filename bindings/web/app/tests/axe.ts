// What axe finds on a page. The checker comes from the test and not from the page, whose policy stays as it is.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "playwright-core";

const source = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

interface Fault {
  id: string;
  nodes: { target: string[]; failureSummary: string }[];
}

/** Each fault in words: rule, place and summary. */
export async function faults(page: Page, rules: Record<string, { enabled: boolean }> = {}): Promise<string[]> {
  if (!(await page.evaluate(() => "axe" in globalThis))) await page.evaluate(source);
  const found = await page.evaluate(async (rules) => {
    const { axe } = globalThis as unknown as { axe: { run: (node: Document, options: object) => Promise<{ violations: Fault[] }> } };
    // What lies half under a foot that sticks is scrolled out from there: the foot stands below it meanwhile.
    const feet = [...document.querySelectorAll<HTMLElement>(".foot")];
    for (const foot of feet) foot.style.position = "static";
    const { violations } = await axe.run(document, {
      runOnly: { type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] },
      rules,
    });
    for (const foot of feet) foot.style.position = "";
    return violations;
  }, rules);
  return found.flatMap((fault) => fault.nodes.map((node) => `${fault.id} ${node.target.join(" ")}: ${node.failureSummary}`));
}
