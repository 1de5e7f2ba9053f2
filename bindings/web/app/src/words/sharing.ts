// The state of sharing as a steward would say it.

import type { Place, SyncState } from "../client";
import type { StatusView } from "../types";
import { moment, clock, localDate, t, today } from "./words.svelte";

export interface Said {
  words: string;
  /** Something is only on this phone, or needs a look. */
  waiting: boolean;
}

export function stateWords(status: StatusView | null, sync: SyncState, place: Place | null): Said {
  if (place === "practice") return { words: t("state.practice"), waiting: false };
  if (!status) return { words: "", waiting: false };
  if (status.joining) return { words: t("state.joining"), waiting: true };
  if (status.alarm || status.removed || status.update_required) return { words: t("state.look"), waiting: true };
  const offline = sync.phase === "offline" || sync.phase === "waiting";
  if (status.unsent > 0) {
    const n = status.unsent;
    return { words: offline ? t("state.offline_only_here", { n }) : t("state.only_here", { n }), waiting: true };
  }
  if (offline) return { words: t("state.offline"), waiting: false };
  if (status.last_shared) return { words: t("state.shared", { when: sharedWhen(status.last_shared) }), waiting: false };
  return { words: t("state.not_yet"), waiting: true };
}

function sharedWhen(at: string): string {
  return localDate(new Date(at)) === today() ? clock(at) : moment(at);
}
