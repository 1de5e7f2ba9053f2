// The page's end of the road to the Worker: typed requests out, answers and events in.
//
// tap ─► client.ts ─► worker/ ─► core (wasm) ─► durable ─► answer
//
// Every call returns what the Book returned or throws a Failure with the Book's stable code. A Worker that traps is
// ended and started again here; what was confirmed before is on disk, what was not is refused with `interrupted`.

import type {
  ConflictView,
  ContactCard,
  DeviceView,
  DueView,
  DuplicateHint,
  DuplicatePair,
  EntryView,
  InviteView,
  Contact,
  Membership,
  RecoverySheet,
  SearchHit,
  SignedUp,
  StatusView,
  TableSummary,
  WeekView,
} from "./types";

/** Every code a call may fail with; each has a message in every language. */
export const ERROR_CODES = [
  "field_invalid",
  "unknown_row",
  "recovery_unconfirmed",
  "recovery_wrong",
  "link_malformed",
  "link_elsewhere",
  "invite_used",
  "invite_expired",
  "invite_unknown",
  "book_missing",
  "wrong_key",
  "storage_full",
  "storage_damaged",
  "storage_missing",
  "update_required",
  "not_allowed",
  "removed",
  "server_refused",
  "server_away",
  "clock_wrong",
  "elsewhere",
  "interrupted",
  "alarm",
  "bug",
] as const;
export type ErrorCode = (typeof ERROR_CODES)[number];

/** What went wrong, by a stable code; the words are found in the language of the reader. */
export interface Problem {
  code: string;
  field?: string;
  reason?: string;
}

export class Failure extends Error implements Problem {
  readonly code: ErrorCode;
  readonly field: string | undefined;
  readonly reason: string | undefined;

  constructor(problem: Problem) {
    super(problem.code);
    this.code = ERROR_CODES.find((known) => known === problem.code) ?? "bug";
    this.field = problem.field;
    this.reason = problem.reason;
  }
}

/** Which of the two registers of a profile is open: the shared book, or the one to practise with. */
export type Place = "book" | "practice";

export type TableName =
  | "people" | "workplaces" | "contacts" | "links" | "talks" | "visits" | "shifts" | "attendance" | "tallies"
  | "memberships" | "follow_ups" | "consents" | "campaigns" | "materials" | "moves" | "settings" | "devices";

export type Fields = Record<string, string | number | boolean | null>;
export interface Draft {
  table: TableName;
  fields: Fields;
}
export interface Patch {
  id: string;
  set: Draft;
  clear: string[];
}
export type TallyKind = "talked" | "passed_by" | "handed_out" | "signed_without_name";
export type DuplicateQuery = Partial<Pick<Contact, "given_name" | "family_name" | "phone" | "email" | "workplace">>;

/** Everything the Worker answers. Dates are ISO 8601 text, ids are 32 hexadecimal digits. */
export interface Calls {
  // The Worker's own: which book there is, and making one.
  create(book: { name: string; my_name: string; device_label: string }): RecoverySheet;
  join(link: string, myName: string, deviceLabel: string): void;
  practise(demo: DemoWords, myName: string, deviceLabel: string): void;
  choose(place: Place): void;
  places(): Place[];
  erase(): void;
  /** The places of the recovery sheet's characters that are asked back. */
  recoveryAsk(): number[];
  syncNow(): void;

  // Commands of the Book: each is durable when it answers.
  confirmRecovery(characters: string): void;
  add(draft: Draft): string;
  set(patch: Patch): void;
  remove(table: TableName, id: string): void;
  restore(table: TableName, id: string): void;
  signUp(signUp: {
    contact: Partial<Contact>;
    contact_id?: string;
    visit?: string;
    campaign?: string;
    recruiter?: string;
    method?: string;
    on?: string;
  }): SignedUp;
  tally(visit: string, kind: TallyKind, item: string | null, delta: number): number;
  resolve(table: TableName, id: string, field: string, value: string | number | boolean | null): void;
  invite(role: string, days: number): InviteView;

  // Views.
  status(): StatusView;
  search(text: string, limit: number): SearchHit[];
  contactCard(id: string): ContactCard | null;
  tableSummary(visit: string): TableSummary | null;
  recent(visit: string): EntryView[];
  week(date: string, today: string): WeekView;
  due(today: string): DueView[];
  conflicts(): ConflictView[];
  duplicateHint(query: DuplicateQuery): DuplicateHint[];
  duplicates(): DuplicatePair[];
  devices(): DeviceView[];
  row(table: TableName, id: string): RowOf | null;
  rows(table: TableName): RowOf[];
  exportJson(): string;
  exportCsv(table: TableName): string;
}

/** Any row of the register, as the table's name and its fields. */
export interface RowOf {
  table: TableName;
  fields: Fields & { id: string };
}

/** The few names and sentences that the practice register is filled with, in the reader's language. */
export type DemoWords = Record<string, string>;

export interface SyncState {
  phase: "resting" | "working" | "offline" | "waiting";
  problem: Problem | null;
}

export type WorkerEvent =
  | { event: "opened"; place: Place | null }
  | { event: "elsewhere" }
  | { event: "failed"; error: Problem }
  | { event: "changed" }
  | { event: "sync"; sync: SyncState }
  | { event: "trap" };

export type WorkerAnswer = { id: number; ok: unknown } | { id: number; error: Problem };
export interface WorkerRequest {
  id: number;
  call: keyof Calls;
  args: unknown[];
}

type Remote = {
  [K in keyof Calls]: (...args: Parameters<Calls[K]>) => Promise<ReturnType<Calls[K]>>;
};

type Listener = (event: WorkerEvent) => void;

/** A Worker that trapped this often in a row is not started again: something it opens is broken. */
const RESTARTS = 3;

class Client {
  #worker: Worker | null = null;
  #waiting = new Map<number, { done: (value: never) => void; failed: (failure: Failure) => void }>();
  #next = 1;
  #restarts = 0;
  #listeners = new Set<Listener>();

  start(): void {
    const worker = new Worker(new URL("./worker/worker.ts", import.meta.url), { type: "module" });
    worker.addEventListener("message", (message: MessageEvent<WorkerAnswer | WorkerEvent>) => this.#take(message.data));
    worker.addEventListener("error", () => this.#trapped());
    this.#worker = worker;
  }

  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  call<K extends keyof Calls>(call: K, args: Parameters<Calls[K]>): Promise<ReturnType<Calls[K]>> {
    const id = this.#next++;
    return new Promise((done, failed) => {
      this.#waiting.set(id, { done, failed });
      const request: WorkerRequest = { id, call, args };
      this.#worker?.postMessage(request);
    });
  }

  #take(message: WorkerAnswer | WorkerEvent): void {
    if ("event" in message) {
      if (message.event === "trap") this.#trapped();
      else this.#tell(message);
      return;
    }
    const waiting = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    if ("error" in message) waiting?.failed(new Failure(message.error));
    else {
      this.#restarts = 0;
      waiting?.done(message.ok as never);
    }
  }

  #trapped(): void {
    this.#worker?.terminate();
    this.#worker = null;
    for (const { failed } of this.#waiting.values()) failed(new Failure({ code: "interrupted" }));
    this.#waiting.clear();
    this.#restarts += 1;
    if (this.#restarts > RESTARTS) this.#tell({ event: "failed", error: { code: "bug" } });
    else this.start();
  }

  #tell(event: WorkerEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}

export const client = new Client();

/** The Book behind the Worker: `await book.week("2026-08-24")`. */
export const book = new Proxy({} as Remote, {
  get: (_, call: keyof Calls) => (...args: never[]) => client.call(call, args as never),
});
