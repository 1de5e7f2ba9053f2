// Who holds this phone: the person its device row points at.

import { book } from "./client";

/** The reader's own id in the people table, or null while the register has not said. */
export async function myPerson(): Promise<string | null> {
  const { device_id } = await book.status();
  const device = await book.row("devices", device_id);
  return device?.fields.person ?? null;
}
