// The page's end of the road to the Worker: typed requests out, answers and events in.
//
// tap ─► client.ts ─► worker/ ─► core (wasm) ─► durable ─► answer
//
// Every call returns what the Book returned or throws a Failure with the Book's stable code. A Worker that traps is
// ended and started again here; what was confirmed before is on disk, what was not is refused with `interrupted`.

import type {
  AutomaticView,
  CallClash,
  CallLog,
  CallLogged,
  CallView,
  CameInView,
  Campaign,
  Claimed,
  CompareCode,
  Compared,
  ConflictView,
  ContactCard,
  ContinuityView,
  CoverageView,
  Draft,
  DueView,
  DuplicateHint,
  DuplicatePair,
  DuplicateQuery,
  EraseView,
  FileView,
  FollowUpDraft,
  FoundedView,
  HandedOver,
  InviteView,
  LinkView,
  LostEditsView,
  MassRemovalView,
  MemberView,
  NewHiresView,
  NotSpokenWithView,
  Patch,
  PendingView,
  Repeated,
  Row,
  SearchHit,
  SeasonVisit,
  SeasonWeek,
  SeriesView,
  ShiftState,
  ShiftView,
  SignUp,
  SignedUp,
  StatusView,
  SuggestedVisit,
  Table,
  TableSummary,
  TallyKind,
  TodayView,
  Value,
  WantView,
  WeekView,
} from "./types";

/** What went wrong, by a stable code; the words are found in the language of the reader. */
export interface Problem {
  code: string;
  field?: string;
  reason?: string;
}

export class Failure extends Error implements Problem {
  readonly code: string;
  readonly field: string | undefined;
  readonly reason: string | undefined;

  constructor(problem: Problem) {
    super(problem.code);
    this.code = problem.code;
    this.field = problem.field;
    this.reason = problem.reason;
  }
}

/** Which of the two registers of a profile is open: the shared book, or the one to practise with. */
export type Place = "book" | "practice";

/** The recovery sheet, which is shown once: its text, the same in numbered groups, and the places asked back. */
export interface Sheet {
  text: string;
  groups: string[];
  /** Counted from 1 after the first group. */
  ask: number[];
}

/** Everything the Worker answers. Dates are ISO 8601 text, ids are 32 hexadecimal digits. */
export interface Calls {
  // The Worker's own: which book there is, and making one.
  create(name: string, myName: string, deviceLabel: string): Sheet;
  join(link: string, myName: string, deviceLabel: string): void;
  /** Joins without a network, by a link and a file made for it. */
  joinWithFile(link: string, file: Uint8Array, myName: string, deviceLabel: string): void;
  recover(sheet: string, myName: string, deviceLabel: string, alone: boolean): void;
  renewRecovery(old: string | null): Sheet;
  /** Founds a new register with all that is here, in the place of this one. */
  foundAnew(name: string, myName: string, deviceLabel: string): Sheet;
  practise(demo: DemoWords, myName: string, deviceLabel: string): void;
  choose(place: Place): void;
  places(): Place[];
  erase(): void;
  syncNow(): void;
  /** Leaves the book for good: tells the server if it answers, then erases. */
  leaveAndErase(): void;

  // Commands of the Book: each is durable when it answers.
  confirmRecovery(characters: string): void;
  add(draft: Draft): string;
  set(patch: Patch): void;
  remove(table: Table, id: string): void;
  restore(table: Table, id: string): void;
  signUp(signUp: SignUp): SignedUp;
  /** Says who recruited at a sign-up: a colleague, else a steward, else nobody. */
  recruit(membership: string, recruiter: string | null, colleague: string | null): void;
  tally(visit: string, kind: TallyKind, item: string | null, delta: number): number;
  resolve(table: Table, id: string, field: string, value: Value | null): void;
  invite(role: string, days: number): InviteView;
  uninvite(id: string): void;
  raise(device: string, role: string): void;
  inviteToConfirm(role: string, days: number): InviteView;
  admit(device: string, role: string): void;
  deny(device: string): void;
  dismissNews(): void;
  removeMember(device: string): void;
  lower(device: string, role: string): void;
  rotate(): void;
  erasePerson(contact: string): void;
  cancelWanted(): void;
  forgetKept(): void;
  forgetLostEdits(): void;
  forgetLeftover(): void;
  settleWithServer(): void;
  rejoin(link: string, myName: string, deviceLabel: string): void;
  importFile(file: Uint8Array): FileView;
  checkSheet(characters: string): void;
  /** Holds another phone's code against what is here; where the two differ there is an alarm. */
  compare(code: string): Compared;
  retireRecovery(sheet: string): void;
  /** Takes something to do as a list drafts it, unless somebody else has it. */
  claim(draft: FollowUpDraft, takeOver: boolean): Claimed;
  logCall(log: CallLog): CallLogged;
  handOver(from: string, to: string): HandedOver;
  repeat(visit: string, everyWeeks: number, until: string): Repeated;
  planSeries(visit: string): Repeated;
  /** Whoever is not named is the reader. */
  answerShift(visit: string, person: string | null, state: ShiftState): string;
  cannotCome(visit: string, note: string | null): string;
  swapShift(visit: string, from: string, to: string): void;
  linkSame(a: string, b: string): string;
  linkNotSame(a: string, b: string): string;
  undoLink(link: string): void;
  /** Chooses what is right for a whole person. */
  chooseValue(contact: string, field: string, value: Value | null): void;
  bringBack(device: string, day: string): number;

  // Views.
  status(): StatusView;
  search(text: string, limit: number): SearchHit[];
  /** The numbers in a person's phone as a telephone dials them, in the order they stand there. */
  numbersToDial(phone: string): string[];
  contactCard(id: string): ContactCard | null;
  tableSummary(visit: string): TableSummary;
  week(date: string, today: string): WeekView;
  /** What somebody has before them today; the reader if nobody is named. */
  today(person: string | null, today: string): TodayView;
  due(today: string): DueView[];
  conflicts(): ConflictView[];
  duplicateHint(query: DuplicateQuery): DuplicateHint[];
  duplicates(): DuplicatePair[];
  openFollowUps(owner: string | null, today: string): DueView[];
  automatic(today: string): AutomaticView[];
  /** The campaign whose offer a sign-up on a day takes, at a visit or without one. */
  offer(visit: string | null, on: string): string | null;
  /** The campaigns that run on a day, the first to begin first. */
  campaignsOn(on: string): Campaign[];
  /** Until when a campaign is free for whoever signs up on a day. */
  freeUntil(campaign: string, on: string): string | null;
  trialEndsOn(contact: string): string | null;
  callList(from: string, until: string, today: string): CallView[];
  callClashes(since: string): CallClash[];
  /** The reasons for leaving that were noted so far, the commonest first. */
  wordsForLeaving(): string[];
  newHires(since: string): NewHiresView[];
  notSpokenWith(today: string, months: number | null): NotSpokenWithView[];
  season(from: string, until: string, today: string): SeasonWeek[];
  gaps(from: string, until: string, today: string): SeasonVisit[];
  shiftsOf(person: string, from: string, until: string, today: string): ShiftView[];
  coverage(today: string, months: number | null): CoverageView[];
  suggestedVisits(from: string, until: string): SuggestedVisit[];
  series(visit: string, today: string): SeriesView | null;
  /** An iCalendar file, of all or of what one person was asked to staff. */
  exportCalendar(from: string, until: string, person: string | null): string;
  links(): LinkView[];
  linksOf(contact: string): LinkView[];
  disputedLinks(): LinkView[];
  massRemovals(): MassRemovalView[];
  members(): MemberView[];
  invites(): InviteView[];
  pending(): PendingView[];
  news(): CameInView[];
  organisersSilent(): boolean;
  compareCode(): CompareCode;
  erasePreview(contact: string): EraseView;
  wanted(): WantView | null;
  founded(): FoundedView[];
  continuity(): ContinuityView | null;
  lostEdits(): LostEditsView;
  sheetQuestion(): number[] | null;
  exportKept(): string;
  exportLeftover(): string;
  exportFile(): Uint8Array<ArrayBuffer>;
  exportFileFor(invite: string): Uint8Array<ArrayBuffer>;
  row<T extends Table>(table: T, id: string): RowOf<T> | null;
  rows<T extends Table>(table: T): RowOf<T>[];
  /** The document's heads, shard by shard: equal on two devices that hold the same changes. */
  heads(): string[][];
  exportJson(): string;
  exportCsv(table: Table): string;
}

/** A row of one table: `{table, fields}`. */
export type RowOf<T extends Table> = Extract<Row, { table: T }>;
export type FieldsOf<T extends Table> = Extract<Draft, { table: T }>["fields"];

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
  [K in Exclude<keyof Calls, "row" | "rows">]: (...args: Parameters<Calls[K]>) => Promise<ReturnType<Calls[K]>>;
} & {
  row<T extends Table>(table: T, id: string): Promise<RowOf<T> | null>;
  rows<T extends Table>(table: T): Promise<RowOf<T>[]>;
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
