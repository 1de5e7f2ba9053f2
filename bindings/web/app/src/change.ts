// An act that writes to more rows than it names, and the way back: the rows that it changed say again what they said, and those
// that it made are removed.

import { book } from "./client";
import type { Table, Value } from "./types";

type Fields = Record<string, Value | null>;

/** What the act writes. */
export interface Written {
  table: Table;
  field: string;
  /** The rows concerned: as they are before it, and as they are after it. */
  which: (fields: Fields) => boolean;
  /** Whether it makes such rows, too. */
  makes?: boolean;
}

/** The rows concerned, each with its value. */
async function held({ table, field, which }: Written): Promise<Map<string, Value | null>> {
  const rows = (await book.rows(table)).map(({ fields }) => fields as unknown as Fields).filter(which);
  return new Map(rows.map((fields) => [String(fields.id), fields[field] ?? null]));
}

/** Does it, and answers what came of it and the way back. */
export async function change<T>(act: () => Promise<T>, written: Written[]): Promise<[T, () => Promise<void>]> {
  // Asked in one go, so that nothing of others comes between.
  const all = () => Promise.all(written.map(held));
  const [before, done, after] = await Promise.all([all(), act(), all()]);
  const back = async () => {
    for (const [n, { table, field, makes }] of written.entries()) {
      for (const [id, value] of after[n] ?? []) {
        const was = before[n]?.get(id);
        if (was !== undefined && was !== value) await book.resolve(table, id, field, was);
        else if (was === undefined && makes) await book.remove(table, id);
      }
    }
  };
  return [done, back];
}
