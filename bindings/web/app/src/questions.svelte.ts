// Questions with several answers: a tap chooses, and a slip is taken back. Two answers that were settled are never again two in
// the register. So what was shown before holds again, and until it is closed this page goes on asking.

import { book } from "./client";
import { undo } from "./state.svelte";
import type { ConflictView, Value } from "./types";
import { t } from "./words/words.svelte";

let again = $state.raw<ConflictView[]>([]);

const isAlso = (one: ConflictView) => (other: ConflictView) => one.table === other.table && one.id === other.id && one.field === other.field;

/** All that wait for somebody to choose. */
export async function questions(): Promise<ConflictView[]> {
  const taken = again;
  const open = await book.conflicts();
  const rows = await Promise.all(taken.map(({ table, id }) => book.row(table, id)));
  return [...open, ...taken.filter((one, n) => rows[n] && !open.some(isAlso(one)))];
}

/** Goes on asking, though the register has one answer. */
export function askAgain(conflicts: ConflictView[]): void {
  again = [...again.filter((one) => !conflicts.some(isAlso(one))), ...conflicts];
}

/** Settles a question; `what` says in the undo bar which it was. */
export async function choose(conflict: ConflictView, value: Value | null, what: string): Promise<void> {
  const { table, id, field, kept_edit } = conflict;
  const shown = conflict.answers[0]?.value ?? null;
  await book.resolve(table, id, field, value);
  again = again.filter((one) => !isAlso(one)(conflict));
  undo.offer(t("undo.chosen", { what }), async () => {
    if (value !== shown) await (kept_edit ? book.restore(table, id) : book.resolve(table, id, field, shown));
    askAgain([conflict]);
  });
}
