// Taking something to do: the reader's own from now on, unless a colleague has it already.

import { book } from "./client";
import { attempt, undo } from "./state.svelte";
import type { FollowUp, FollowUpDraft } from "./types";
import { t } from "./words/words.svelte";

/** Takes what a list drafts; `before` is its row, where there is one. Answers who has it, if it was left with them. */
export async function claim(draft: FollowUpDraft, what: string, before: FollowUp | null = null, takeOver = false): Promise<string[]> {
  let held: string[] = [];
  await attempt(async () => {
    const { follow_up, held_by } = await book.claim({ ...draft, what, owner: null }, takeOver);
    if (follow_up) undo.offer(t("calls.taken"), () => putBack(follow_up, before));
    else held = held_by;
  });
  return held;
}

/** The row as it was before: another's again, nobody's, or not there. */
function putBack(id: string, before: FollowUp | null): Promise<unknown> {
  if (before?.id !== id) return book.remove("follow_ups", id);
  const fields = before.owner ? { owner: before.owner } : {};
  return book.set({ id, set: { table: "follow_ups", fields }, clear: before.owner ? [] : ["owner"] });
}
