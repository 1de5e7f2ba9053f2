// Fills the practice register by ordinary commands, so that every screen has something to show. The people are made up;
// the phone numbers are from the series that is kept free for fiction.

import type { WebBook } from "../../../pkg/samla_web.js";
import type { DemoWords, FieldsOf } from "../client";
import type { ContactDraft, Membership, Table } from "../types";

/** Given name, family name, the end of the phone number, membership. */
const PEOPLE: readonly [string, string, string, Membership | null][] = [
  ["Anna", "Lindqvist", "05", "unorganised"],
  ["Omar", "Haddad", "06", "member"],
  ["Ingrid", "Solberg", "07", "unorganised"],
  ["Mette", "Kjær", "08", "other_union"],
  ["Johan", "Ek", "09", "member"],
  ["Amina", "Yusuf", "10", "unorganised"],
  ["Lars", "Holm", "11", "fund_only"],
  ["Sofia", "Berg", "12", null],
  ["Piotr", "Nowak", "13", "unorganised"],
  ["Elin", "Strand", "14", "leaving"],
  ["Hanna", "Dahl", "15", "member"],
  ["Emil", "Friis", "16", null],
];

const DAY = 24 * 60 * 60 * 1000;

export function fill(book: WebBook, words: DemoWords): void {
  const add = <T extends Table>(table: T, fields: FieldsOf<T>): string => book.add({ table, fields });
  const now = Date.now();
  const moment = (days: number, hour: number, minute = 0) => {
    const at = new Date(now + days * DAY);
    at.setHours(hour, minute, 0, 0);
    return at.toISOString();
  };
  const date = (days: number) => new Date(now + days * DAY).toISOString().slice(0, 10);

  const workplaces = [words.canteen, words.depot, words.office].map((name) => add("workplaces", { name: name ?? "" }));
  const [canteen = "", depot = "", office = ""] = workplaces;
  const contacts = PEOPLE.map(([given_name, family_name, number, membership], n) => {
    const fields: ContactDraft = { given_name, family_name, phone: `070-174 06 ${number}`, workplace: workplaces[n % 3] ?? null };
    return add("contacts", { ...fields, membership });
  });
  const [anna = "", omar = "", ingrid = "", mette = ""] = contacts;

  const status = book.status() as { device_id: string };
  const device = book.row("devices", status.device_id) as { fields: { person: string } };
  const me = device.fields.person;
  const colleague = add("people", { name: words.colleague ?? "" });

  const today = add("visits", { kind: "table", workplace: canteen, starts_at: moment(0, 11, 30), ends_at: moment(0, 13), spot: words.spot ?? "", state: "planned" });
  const next = add("visits", { kind: "round", workplace: depot, starts_at: moment(2, 9), ends_at: moment(2, 11), state: "planned" });
  add("visits", { kind: "meeting", workplace: office, starts_at: moment(5, 17), ends_at: moment(5, 19), state: "planned" });
  const before = add("visits", { kind: "table", workplace: office, starts_at: moment(-5, 11, 30), ends_at: moment(-5, 13), state: "done" });
  add("shifts", { visit: today, person: me, state: "yes" });
  add("shifts", { visit: today, person: colleague, state: "yes" });
  add("shifts", { visit: next, person: colleague, state: "asked" });

  book.tally(today, "talked", undefined, 3);
  book.tally(today, "handed_out", undefined, 7);
  book.tally(before, "talked", undefined, 14);
  book.tally(before, "handed_out", undefined, 22);
  add("talks", { contact: anna, visit: before, workplace: office, at: moment(-5, 12), by: me, occasion: "table", answer: "thinking", needs: words.need_hours ?? "" });
  add("talks", { contact: ingrid, at: moment(-2, 15), by: me, occasion: "spontaneous", answer: "not_now", needs: words.need_pay ?? "" });
  book.signUp({ contact: {}, contact_id: omar, visit: before, on: date(-5), method: "form" });
  add("follow_ups", { what: words.promise ?? "", kind: "promise", contact: anna, owner: me, due: date(-1) });
  add("follow_ups", { what: words.call ?? "", kind: "call", contact: mette, owner: me, due: date(1) });
}
