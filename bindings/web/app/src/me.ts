// Who holds this phone: the person its device row points at.

import { book } from "./client";

/** The reader's own id in the people table, or null while the book has not said. */
export async function myPerson(): Promise<string | null> {
  const { device_id } = await book.status();
  const device = await book.row("devices", device_id);
  const person = device?.fields.person;
  return typeof person === "string" ? person : null;
}
