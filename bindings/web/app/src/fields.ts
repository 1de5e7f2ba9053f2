// What a form holds, as a draft or a patch wants it: empty is no value, and only what changed is written.

type Given = Record<string, string | number | boolean | null | undefined>;

function empty(value: unknown): boolean {
  return value === undefined || value === null || value === "" || value === false;
}

function trimmed<T extends object>(all: T): T {
  return Object.fromEntries(Object.entries(all as Given).map(([name, value]) => [name, typeof value === "string" ? value.trim() : value])) as T;
}

/** The fields that have a value. */
export function filled<T extends object>(all: T): T {
  return Object.fromEntries(Object.entries(trimmed(all)).filter(([, value]) => !empty(value))) as T;
}

/** What differs from before: fields to set, and the names of those to empty. */
export function changes<T extends object>(all: T, before: object): { set: T; clear: string[] } {
  const was = before as Given;
  const changed = Object.entries(trimmed(all)).filter(([name, value]) => (empty(value) ? !empty(was[name]) : value !== was[name]));
  return {
    set: Object.fromEntries(changed.filter(([, value]) => !empty(value))) as T,
    clear: changed.filter(([, value]) => empty(value)).map(([name]) => name),
  };
}
