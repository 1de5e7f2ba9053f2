// What went wrong, in words that say what to do next.

import { ERROR_CODES, type Problem } from "../client";
import { choice, t } from "./words.svelte";

export function problemWords(problem: Problem): string {
  const code = ERROR_CODES.find((known) => known === problem.code) ?? "bug";
  const field = problem.field ? choice("field", problem.field) : "";
  return t(`errors.${code}`, { field, reason: problem.reason ?? "" });
}
