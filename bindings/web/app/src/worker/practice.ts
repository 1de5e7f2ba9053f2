// Fills the practice register by ordinary commands, so that every screen has something to show. The people are made up;
// the phone numbers are from the series that is kept free for fiction.

import type { WebBook } from "../../../pkg/samla_web.js";
import type { DemoWords, FieldsOf } from "../client";
import type { CallView, ContactDraft, Membership, Table } from "../types";

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

  const sizes = [140, 60, 35];
  const workplaces = [words.canteen, words.depot, words.office].map((name, n) => add("workplaces", { name: name ?? "", eligible: sizes[n] ?? null }));
  const [canteen = "", depot = "", office = ""] = workplaces;
  const contacts = PEOPLE.map(([given_name, family_name, number, membership], n) => {
    const hired_on = n === 5 ? date(-3) : null;
    const fields: ContactDraft = { given_name, family_name, phone: `070-174 06 ${number}`, workplace: workplaces[n % 3] ?? null, hired_on };
    return add("contacts", { ...fields, membership });
  });
  const [anna = "", omar = "", ingrid = "", mette = "", johan = "", , , sofia = ""] = contacts;

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

  // Free months that end soon: one call that nobody has, one that a colleague has tried.
  const campaign = add("campaigns", { name: words.campaign ?? "", trial_months: 3, starts_on: date(-120) });
  book.signUp({ contact: {}, contact_id: johan, on: date(-80), campaign, method: "form" });
  book.signUp({ contact: {}, contact_id: sofia, on: date(-86), campaign, method: "form" });
  const calls = book.callList(date(-30), date(60), date(0)) as CallView[];
  const call = calls.find((one) => one.contact === sofia);
  if (call) add("follow_ups", { ...call.draft, what: words.call ?? "", owner: colleague, attempts: 1 });

  // Sofia was written down twice; the two are read as one.
  const again = add("contacts", { given_name: "Sofia", family_name: "Berg", phone: "070-174 06 17", workplace: depot });
  book.linkSame(sofia, again);
  add("talks", { contact: again, at: moment(-9, 14), by: colleague, occasion: "spontaneous", answer: "thinking" });
  add("contacts", { given_name: "Amina", family_name: "Yussuf", workplace: office, phone: "070-174 06 10" });

  // The season: a weekly table, a turn to answer, a visit without anybody, and what the employer plans.
  const weekly = add("visits", { kind: "table", workplace: office, starts_at: moment(3, 11, 30), ends_at: moment(3, 13), state: "planned" });
  book.repeat(weekly, 1, date(45));
  add("shifts", { visit: weekly, person: me, state: "asked" });
  add("shifts", { visit: weekly, person: colleague, state: "yes" });
  add("calendar", { what: "pay_review", on: date(40), workplace: canteen });
}
