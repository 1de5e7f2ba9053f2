// The record behind the sign-up form. The first key makes it durable; each pause in the typing brings it up to date.

import { book } from "../../client";
import { changes, filled } from "../../fields";
import { attempt } from "../../state.svelte";
import type { ContactDraft } from "../../types";

/** A pause in the typing, in milliseconds, after which the changes are written. */
const PAUSE = 250;

/** Who recruited: a steward, or a colleague by their contact. Where nobody is named it is the reader. */
export interface Recruited {
  recruiter: string | null;
  colleague: string | null;
}

export class SignUpRecord {
  /** The contact, once the first key has been written. */
  contact = $state<string | null>(null);
  /** Whether this form made the contact, rather than opened one. */
  made = false;
  #membership: string | null = null;
  #visit: string | null;
  #by: Recruited = { recruiter: null, colleague: null };
  #writtenBy = this.#by;
  /** The campaign that was chosen, empty for none; null where it is the one that goes by itself. */
  #campaign: string | null = null;
  #writtenCampaign: string | null = null;
  #wanted: ContactDraft = {};
  #written: ContactDraft = {};
  /** Those met before who are this person, and the links that say so, once they are written. */
  #same: string[] = [];
  #links: string[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #writing: Promise<unknown> = Promise.resolve();

  constructor(visit: string | null) {
    this.#visit = visit;
  }

  /** Goes on with a record that was begun before. */
  resume(contact: string, fields: ContactDraft): void {
    this.contact = contact;
    this.#written = { ...fields };
    this.#wanted = { ...fields };
  }

  type(fields: ContactDraft): void {
    this.#wanted = fields;
    clearTimeout(this.#timer);
    if (this.empty) return; // what is there is kept until something else is typed, or taken back on leaving
    if (this.contact === null) void this.write();
    else this.#timer = setTimeout(() => void this.write(), PAUSE);
  }

  /** Somebody else recruited, or the reader after all; for a sign-up that this form makes. */
  recruit(by: Recruited): void {
    this.#by = by;
    if (this.contact !== null) void this.write();
  }

  /** Another campaign's offer is taken than the one that goes by itself, or none; for a sign-up that this form makes. */
  take(campaign: string): void {
    this.#campaign = campaign;
    if (this.contact !== null) void this.write();
  }

  /**
   * This is somebody who was met before. It is written when the form is left: contacts that are one person take each other's
   * changes, and a number that is half typed, or emptied again, would take the place of the one that is known.
   */
  isAlso(other: string): void {
    this.#same.push(other);
  }

  async #join(): Promise<void> {
    const contact = this.contact;
    if (contact === null) return;
    // One who is gone by now keeps no other from being joined.
    for (const other of this.#same.splice(0)) await attempt(async () => this.#links.push(await book.linkSame(other, contact)));
  }

  /** Writes what is typed and not yet written; one write at a time, each durable when it ends. */
  write(): Promise<unknown> {
    clearTimeout(this.#timer);
    this.#writing = this.#writing.then(() => attempt(() => this.#writeNow()));
    return this.#writing;
  }

  async #writeNow(): Promise<void> {
    const [wanted, by, campaign] = [this.#wanted, this.#by, this.#campaign];
    const { set, clear } = changes(wanted, this.#written);
    if (this.contact !== null) {
      if (Object.keys(set).length + clear.length > 0) await book.set({ id: this.contact, set: { table: "contacts", fields: set }, clear });
      if (this.#membership && by !== this.#writtenBy) await book.recruit(this.#membership, by.recruiter, by.colleague);
    } else {
      // A contact is known by a name, a number or an address; anything else waits for one of them.
      if (!set.given_name && !set.family_name && !set.phone && !set.email) return;
      const contact: ContactDraft = this.#visit ? { ...set, source: "table" } : set;
      const made = await book.signUp({ contact, visit: this.#visit, campaign: campaign || null, method: "form", ...by });
      this.contact = made.contact;
      this.#membership = made.membership;
      this.made = true;
      this.#writtenCampaign = campaign || null;
    }
    if (this.#membership && campaign !== this.#writtenCampaign) {
      const fields = campaign ? { campaign } : {};
      await book.set({ id: this.#membership, set: { table: "memberships", fields }, clear: campaign ? [] : ["campaign"] });
      this.#writtenCampaign = campaign;
    }
    this.#written = { ...wanted };
    this.#writtenBy = by;
  }

  /** Nothing is typed, or nothing any more. */
  get empty(): boolean {
    return Object.keys(filled(this.#wanted)).length === 0;
  }

  /** The form is left: the last words are written, and a record that lost all its words is taken back. */
  async leave(): Promise<void> {
    if (!this.empty) {
      await this.write();
      await this.#join();
    } else if (this.made) await attempt(() => this.undo());
    if (this.empty) this.made = false;
  }

  /** Takes the whole sign-up back. */
  async undo(): Promise<void> {
    for (const link of this.#links.splice(0)) await book.undoLink(link);
    if (this.#membership && this.#writtenBy.colleague) await book.recruit(this.#membership, null, null);
    if (this.#membership) await book.remove("memberships", this.#membership);
    if (this.contact) await book.remove("contacts", this.contact);
  }
}
