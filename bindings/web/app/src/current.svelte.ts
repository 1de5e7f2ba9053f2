// Which visit the table screen stands at: the one chosen on this phone, as long as it is a visit of today.

import { book } from "./client";
import { live } from "./state.svelte";
import { today, zoned } from "./words/words.svelte";
import type { VisitView } from "./types";

const KEPT = "samla.visit";

class Current {
  #chosen = $state<string | null>(localStorage.getItem(KEPT));

  get chosen(): string | null {
    return this.#chosen;
  }

  choose(visit: string): void {
    localStorage.setItem(KEPT, visit);
    this.#chosen = visit;
  }

  forget(): void {
    localStorage.removeItem(KEPT);
    this.#chosen = null;
  }
}

export const current = new Current();

/** The visits of today that are not called off; `null` while the register is asked. */
export async function visitsToday(): Promise<VisitView[]> {
  const date = today();
  const week = await book.week(date, date);
  const visits = week.days.find((day) => day.date === date)?.visits ?? [];
  return visits.filter(({ visit }) => visit.state !== "cancelled");
}

/** The visit to stand at: the chosen one, else the first of today that is not over. */
export function standing(): { readonly value: string | null | undefined } {
  return live(async () => {
    const chosen = current.chosen;
    const visits = await visitsToday();
    if (chosen && visits.some(({ visit }) => visit.id === chosen)) return chosen;
    return visits.find(({ visit }) => visit.state !== "done")?.visit.id ?? null;
  });
}

/** Starts a table here and now, staffed by the one who taps. */
export async function startNow(person: string | null): Promise<string> {
  const visit = await book.add({
    table: "visits",
    fields: { kind: "table", starts_at: zoned(new Date()), state: "planned" },
  });
  if (person) await book.add({ table: "shifts", fields: { visit, person, state: "yes" } });
  current.choose(visit);
  return visit;
}
