// The record behind the sign-up form. The first key makes it durable; each pause in the typing brings it up to date.

import { book, type Fields } from "../../client";
import { attempt } from "../../state.svelte";

/** A pause in the typing, in milliseconds, after which the changes are written. */
const PAUSE = 250;

export class SignUpRecord {
  /** The contact, once the first key has been written. */
  contact = $state<string | null>(null);
  membership: string | null = null;
  /** Whether this form made the contact, rather than opened one. */
  made = false;
  #visit: string | null;
  #wanted: Fields = {};
  #written: Fields = {};
  #timer: ReturnType<typeof setTimeout> | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(visit: string | null) {
    this.#visit = visit;
  }

  /** Goes on with a record that was begun before. */
  resume(contact: string, fields: Fields): void {
    this.contact = contact;
    this.#written = { ...fields };
    this.#wanted = { ...fields };
  }

  type(fields: Fields): void {
    this.#wanted = fields;
    clearTimeout(this.#timer);
    if (this.contact === null) void this.write();
    else this.#timer = setTimeout(() => void this.write(), PAUSE);
  }

  /** Writes what is typed and not yet written; one write at a time, each durable when it ends. */
  write(): Promise<void> {
    clearTimeout(this.#timer);
    this.#writing = this.#writing.then(() => this.#writeNow());
    return this.#writing;
  }

  async #writeNow(): Promise<void> {
    const wanted = this.#wanted;
    const changed = Object.entries(wanted).filter(([name, value]) => (value || null) !== (this.#written[name] || null));
    if (changed.length === 0) return;
    const set = Object.fromEntries(changed.filter(([, value]) => value));
    const contact = this.contact;
    await attempt(async () => {
      if (contact === null) {
        if (Object.keys(set).length === 0) return;
        const visit = this.#visit ?? undefined;
        const made = await book.signUp({ contact: { ...set, source: "table" }, visit, method: "form" });
        this.contact = made.contact;
        this.membership = made.membership;
        this.made = true;
      } else {
        const clear = changed.filter(([, value]) => !value).map(([name]) => name);
        await book.set({ id: contact, set: { table: "contacts", fields: set }, clear });
      }
      this.#written = { ...this.#written, ...wanted };
    });
  }

  get empty(): boolean {
    return Object.values(this.#wanted).every((value) => !value);
  }

  /** Takes the whole sign-up back. */
  async undo(): Promise<void> {
    if (this.membership) await book.remove("memberships", this.membership);
    if (this.contact) await book.remove("contacts", this.contact);
  }
}
