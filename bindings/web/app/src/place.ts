// A workplace by the name a person types: the one there is, or a new one.

import { book } from "./client";

export interface Place {
  id: string;
  name: string;
}

/** The workplaces to choose from, by name. */
export async function places(): Promise<Place[]> {
  const rows = await book.rows("workplaces");
  return rows
    .filter(({ fields }) => !fields.archived)
    .map(({ fields }) => ({ id: fields.id, name: fields.name ?? "" }))
    .sort((a, b) => a.name.localeCompare(b.name));
}

/** The workplace of that name, made if there is none; null for an empty name. */
export async function placeId(typed: string): Promise<string | null> {
  const name = typed.trim();
  if (!name) return null;
  const same = (other: string) => other.localeCompare(name, undefined, { sensitivity: "accent" }) === 0;
  const known = (await places()).find((place) => same(place.name));
  return known?.id ?? book.add({ table: "workplaces", fields: { name } });
}
