// Taking something to do: the reader's own from now on, unless a colleague has it already.

import { book } from "./client";
import { attempt, undo } from "./state.svelte";
import type { FollowUp, FollowUpDraft } from "./types";
import { t } from "./words/words.svelte";

/** Takes what a list drafts; `before` are its rows, where there are some. Answers who has it, if it was left with them. */
export async function claim(draft: FollowUpDraft, what: string, before: FollowUp[] = [], takeOver = false): Promise<string[]> {
  let held: string[] = [];
  await attempt(async () => {
    const { follow_up, held_by } = await book.claim({ ...draft, what }, takeOver);
    if (follow_up) undo.offer(t("calls.taken"), () => putBack(follow_up, before));
    else held = held_by;
  });
  return held;
}

/** The rows as they were before: others' again, nobody's, or not there. */
async function putBack(taken: string, before: FollowUp[]): Promise<void> {
  if (!before.some((row) => row.id === taken)) return void (await book.remove("follow_ups", taken));
  for (const { id, owner } of before) {
    await book.set({ id, set: { table: "follow_ups", fields: owner ? { owner } : {} }, clear: owner ? [] : ["owner"] });
  }
}
