// What went wrong, in words that say what to do next.

import type { Problem } from "../client";
import { notice } from "../state.svelte";
import { choice, fieldName, words } from "./words.svelte";

export function problemWords({ code, field, reason }: Problem): string {
  // A code without words is one that the program should never show.
  const known = words.has(`error.${code}`) ? code : "bug";
  const values = { field: field ? fieldName(field) : "", reason: why(field, reason) };
  return `${words.say(`error.${known}`, values)} ${words.say(`next.${known}`, values)}`;
}

/** Why this field was refused last, to stand under it. */
export function faultOf(field: string): string | undefined {
  const refused = notice.problem;
  return refused?.code === "field_invalid" && refused.field === field ? choice("FieldReason", refused.reason) : undefined;
}

/** Why a field or the server said no; a reason of a newer one stands as it is. */
function why(field: string | undefined, reason: string | undefined): string {
  if (field) return choice("FieldReason", reason);
  const key = `problem.${reason ?? "unknown"}`;
  return words.has(key) ? words.say(key, {}) : (reason ?? "");
}
