// A name is typed in one field at the table and kept in two. Read together again it is what was typed.

export function splitName(name: string): { given_name: string; family_name: string } {
  const [given_name = "", ...family] = name.trim().split(/\s+/);
  return { given_name, family_name: family.join(" ") };
}

export function joinName(given: string | null, family: string | null): string {
  return [given, family].filter(Boolean).join(" ");
}
