// What was thrown, as a problem with a stable code. The core throws problems already; a browser throws its own things.

import type { Problem } from "../client";

/** A trap of the core: its memory may be half changed, so the Worker must end. */
export function isTrap(thrown: unknown): boolean {
  return thrown instanceof WebAssembly.RuntimeError;
}

export function problemOf(thrown: unknown): Problem {
  if (isTrap(thrown)) throw thrown;
  if (thrown instanceof DOMException && thrown.name === "QuotaExceededError") return { code: "storage_full" };
  if (thrown !== null && typeof thrown === "object" && "code" in thrown && typeof thrown.code === "string") {
    const { code, field, reason } = thrown as Problem;
    return { code, field, reason };
  }
  return { code: "bug" };
}
