// A value of a field as people read it.

import { CHOICES } from "../../generated/choices";
import type { Table, Value } from "../types";
import { choice, day, moment, t } from "./words.svelte";

/** The value in words; `shown` is how the core reads it: the name of the row that a link points at. */
export function said(table: Table, field: string, value: Value | null, shown: string): string {
  if (value === null || value === "") return t("conflict.nothing");
  if (typeof value === "boolean") return value ? t("bool.true") : t("bool.false");
  const type = CHOICES[table]?.[field];
  if (type) return choice(type, shown);
  if (/^\d{4}-\d\d-\d\d$/.test(shown)) return day(shown);
  return /^\d{4}-\d\d-\d\dT/.test(shown) ? moment(shown) : shown;
}
