// The words of the app in the reader's language, and the ways dates, weeks and counts are written there.
//
// What tables, fields, values and errors are called comes from core/texts, which all faces share. The catalogues beside
// this file hold what only these screens say; where they have a `next.…` too, a phone has a better step to take.

import type shared from "../../../../../core/texts/en.json";
import { offsetHere } from "../hours";
import type { Table } from "../types";
import type own from "./en.json";

type SharedKey = keyof typeof shared;
export type Key = WithoutForm<keyof typeof own | SharedKey>;
type WithoutForm<K extends string> = K extends `${infer Stem}.${"one" | "other"}` ? Stem : K;
type Catalogue = Record<string, string>;

/** An enum of the core whose values have words, by the name of its type: its keys begin with a capital. */
export type Type = TypeOf<SharedKey>;
type TypeOf<K> = K extends `${infer Name}.${string}` ? (Name extends Capitalize<Name> ? Name : never) : never;

/** The languages there are words in, each by its own name. Another needs its two catalogues and a line here. */
export const LANGUAGES = [
  { code: "sv", name: "Svenska", locale: "sv-SE" },
  { code: "nb", name: "Norsk bokmål", locale: "nb-NO" },
  { code: "da", name: "Dansk", locale: "da-DK" },
  { code: "fi", name: "Suomi", locale: "fi-FI" },
  { code: "en", name: "English", locale: "en-GB" },
] as const;
export type Language = (typeof LANGUAGES)[number]["code"];

const OF_ALL = "../../../../../core/texts";
const ofAll = import.meta.glob<Catalogue>("../../../../../core/texts/*.json", { import: "default" });
const ofScreens = import.meta.glob<Catalogue>("./*.json", { import: "default" });
const KEPT = "samla.language";

function firstLanguage(): Language {
  const wishes = [localStorage.getItem(KEPT), ...navigator.languages];
  for (const wish of wishes) {
    const code = wish?.toLowerCase().split("-")[0]?.replace(/^n[on]$/, "nb");
    const known = LANGUAGES.find((language) => language.code === code);
    if (known) return known.code;
  }
  return "en";
}

class Words {
  language = $state<Language>("en");
  #catalogue = $state.raw<Catalogue>({});
  #counts = new Intl.PluralRules("en");

  async load(language: Language = firstLanguage()): Promise<void> {
    const loaded = [ofAll[`${OF_ALL}/${language}.json`]?.(), ofScreens[`./${language}.json`]?.()];
    const [all, screens] = await Promise.all(loaded);
    if (!all || !screens) return;
    this.#catalogue = { ...all, ...screens };
    this.#counts = new Intl.PluralRules(language);
    this.language = language;
    document.documentElement.lang = language;
  }

  async choose(language: Language): Promise<void> {
    localStorage.setItem(KEPT, language);
    await this.load(language);
  }

  say(key: string, values: Record<string, string | number>): string {
    const counted = typeof values.n === "number" ? this.#catalogue[`${key}.${this.#counts.select(values.n)}`] : undefined;
    const text = counted ?? this.#catalogue[key] ?? this.#catalogue[`${key}.other`] ?? key;
    return text.replace(/\{(\w+)\}/g, (place, name: string) => String(values[name] ?? place));
  }

  has(key: string): boolean {
    return key in this.#catalogue;
  }

  get locale(): string {
    return LANGUAGES.find((language) => language.code === this.language)?.locale ?? "en-GB";
  }
}

export const words = new Words();

/** A message; a value `n` also chooses the form for that count. */
export function t(key: Key, values: Record<string, string | number> = {}): string {
  return words.say(key, values);
}

/** What a value is called, or the value itself where a newer version made it. */
export function choice(type: Type, value: string | null | undefined): string {
  if (!value) return "";
  const key = `${type}.${value}`;
  return words.has(key) ? words.say(key, {}) : value.replaceAll("_", " ");
}

/** What a field is called; its table may have a name of its own for it. */
export function fieldName(field: string, table?: Table): string {
  const key = [`field.${table}.${field}`, `field.${field}`].find((key) => words.has(key));
  return key ? words.say(key, {}) : field.replaceAll("_", " ");
}

/** 12:04 */
export function clock(moment: string): string {
  return new Date(moment).toLocaleTimeString(words.locale, { hour: "2-digit", minute: "2-digit" });
}

/** Tue 25 Aug; the year only when it is another one. A date alone is that day everywhere. */
export function day(date: string): string {
  const at = new Date(date.length === 10 ? `${date}T12:00:00` : date);
  const year = at.getFullYear() === new Date().getFullYear() ? undefined : "numeric";
  return at.toLocaleDateString(words.locale, { weekday: "short", day: "numeric", month: "short", year });
}

/** Tue v. 34: the day within its ISO week. */
export function weekday(date: string): string {
  const at = new Date(date.length === 10 ? `${date}T12:00:00` : date);
  const short = at.toLocaleDateString(words.locale, { weekday: "short" });
  return `${short} ${t("unit.week", { n: isoWeek(at) })}`;
}

/** The ISO week: the one that holds the Thursday. */
function isoWeek(at: Date): number {
  const thursday = new Date(Date.UTC(at.getFullYear(), at.getMonth(), at.getDate() + 4 - (at.getDay() || 7)));
  return Math.ceil(((thursday.getTime() - Date.UTC(thursday.getUTCFullYear(), 0, 1)) / 86_400_000 + 1) / 7);
}

/** Today 12:04, or Tue 25 Aug 12:04. */
export function moment(at: string): string {
  const date = localDate(new Date(at));
  return `${date === today() ? t("day.today") : day(date)} ${clock(at)}`;
}

/** The day of the reader's own clock, as ISO 8601. */
export function localDate(at: Date): string {
  const two = (n: number) => String(n).padStart(2, "0");
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}

export function today(): string {
  return localDate(new Date());
}

/** The date so many days later. */
export function daysFrom(date: string, days: number): string {
  const at = new Date(`${date}T12:00:00`);
  at.setDate(at.getDate() + days);
  return localDate(at);
}

/** A moment with the zone's offset kept: 2026-08-25T11:30:00.000+02:00. */
export function zoned(at: Date): string {
  const two = (n: number) => String(n).padStart(2, "0");
  const time = `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}.${String(at.getMilliseconds()).padStart(3, "0")}`;
  return `${localDate(at)}T${time}${offsetHere(at)}`;
}
