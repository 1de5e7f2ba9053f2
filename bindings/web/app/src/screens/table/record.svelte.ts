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
  /** The links that say that this is somebody who was met before. */
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

  /** This is somebody who was met before. Answers the link that says so; null where it could not be written. */
  async isAlso(other: string): Promise<string | null> {
    let link: string | null = null;
    void this.write();
    this.#writing = this.#writing.then(() =>
      attempt(async () => {
        if (this.contact === null) return;
        link = await book.linkSame(other, this.contact);
        this.#links.push(link);
      }),
    );
    await this.#writing;
    return link;
  }

  /** They are two after all. */
  async part(link: string): Promise<void> {
    await book.undoLink(link);
    this.#links = this.#links.filter((one) => one !== link);
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
      await this.#put(this.contact, set, clear);
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

  /**
   * Contacts that are one person take each other's changes, and a number that is half typed, or emptied again, would take the
   * place of the one that is known. So what is typed after the two were joined is written to this contact alone.
   */
  async #put(contact: string, set: ContactDraft, clear: string[]): Promise<void> {
    if (this.#links.length === 0) {
      if (Object.keys(set).length + clear.length > 0) await book.set({ id: contact, set: { table: "contacts", fields: set }, clear });
      return;
    }
    const values = { ...set, ...Object.fromEntries(clear.map((field) => [field, null])) };
    for (const [field, value] of Object.entries(values)) await book.resolve("contacts", contact, field, value);
  }

  /** Nothing is typed, or nothing any more. */
  get empty(): boolean {
    return Object.keys(filled(this.#wanted)).length === 0;
  }

  /** The form is left: the last words are written, and a record that lost all its words is taken back. */
  async leave(): Promise<void> {
    if (!this.empty) await this.write();
    else if (this.made) await attempt(() => this.undo());
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
