// The one Worker that holds the register: it alone opens the database, runs the core and talks to the server.
//
// page ─► {id, call, args} ─► Book (wasm, SQLite on the origin's private files) ─► {id, ok | error}
//
// One owner per profile: a Web Lock is held for as long as this Worker lives. After a trap of the core the Worker ends
// itself and the page starts another; everything confirmed is on disk by then.

import init, { WebBook, eraseFile, files, prepareStorage } from "../../../pkg/samla_web.js";
import type { Calls, Place, Problem, Sheet, WorkerAnswer, WorkerEvent, WorkerRequest } from "../client";
import type { StatusView } from "../types";
import { dropKey, dropNextKey, makeKey, makeNextKey, openKey, openNextKey, takeNextKey } from "./key";
import { fill } from "./practice";
import { isTrap, problemOf } from "./problem";
import { profile } from "./profile";
import { Sharing } from "./sharing";

const FILES: Record<Place, string> = { book: "book.db", practice: "practice.db" };
/** A book that is founded anew lies in the one of these two files that the book before it does not lie in. */
const BOOK_FILES = ["book.db", "book-anew.db"] as const;
const PLACES: readonly Place[] = ["book", "practice"];

/** How long a tab that is just closing may keep the lock before this one says so, in milliseconds. */
const LOCK_PATIENCE = 2_000;
/** The files of an owner that has just ended are let go a moment later: tries, and the wait between, in milliseconds. */
const STORAGE_TRIES = 10;
const STORAGE_WAIT = 200;

let open: { place: Place; book: WebBook; sharing: Sharing | null } | null = null;

/** After this long without a command the register is tidied, in milliseconds. */
const QUIET = 20_000;
let quiet: ReturnType<typeof setTimeout> | undefined;

/** Makes the next opening quick, once nothing has been recorded for a while. */
function tidySoon(): void {
  clearTimeout(quiet);
  quiet = setTimeout(() => background(async () => open?.book.tidy(), () => undefined), QUIET);
}

function post(message: WorkerAnswer | WorkerEvent): void {
  self.postMessage(message);
}

function end(): void {
  post({ event: "trap" });
  self.close();
}

/** Runs something that nobody waits for; a trap still ends the Worker. */
function background(run: () => Promise<void>, failed: (problem: Problem) => void): void {
  run().catch((thrown) => {
    if (isTrap(thrown)) end();
    else failed(problemOf(thrown));
  });
}

function opened(place: Place, book: WebBook): void {
  const sharing =
    place === "practice"
      ? null
      : new Sharing(
          book,
          (sync) => {
            post({ event: "sync", sync });
            if (sync.phase === "resting") background(() => renewKey(place, book), () => undefined);
          },
          () => post({ event: "changed" }),
        );
  open = { place, book, sharing };
  post({ event: "opened", place });
  sharing?.start();
}

let renewing = false;

/** After a new epoch the copy is sealed under another key, so that nothing the storage still holds of the past can be opened.
 *  Until it is, both keys are kept: whenever the browser ends in between, one of them opens the copy. */
async function renewKey(place: Place, book: WebBook): Promise<void> {
  if (renewing || open?.book !== book || !(book.status() as StatusView).renew_storage_key) return;
  renewing = true;
  try {
    const key = await makeNextKey(place);
    if (open?.book !== book) return;
    book.renewStorageKey(key);
    await takeNextKey(place);
  } finally {
    renewing = false;
  }
}

function close(): void {
  clearTimeout(quiet);
  open?.sharing?.stop();
  open?.book.free();
  open = null;
}

function there(): Place[] {
  const names = files();
  return PLACES.filter((place) => names.includes(FILES[place]));
}

async function openPlace(place: Place): Promise<void> {
  const key = await openKey(place);
  if (!key) throw { code: "wrong_key" } satisfies Problem;
  const book = await openWith(place, key);
  await profile.put("place", place);
  opened(place, book);
}

/** Opens under the key; or under the next one, where the browser ended after the copy was sealed under that. */
async function openWith(place: Place, key: Uint8Array): Promise<WebBook> {
  const next = await openNextKey(place);
  try {
    const book = WebBook.open(FILES[place], key);
    if (next) await dropNextKey(place);
    return book;
  } catch (thrown) {
    if (!next || problemOf(thrown).code !== "wrong_key") throw thrown;
    const book = WebBook.open(FILES[place], next);
    await takeNextKey(place);
    return book;
  }
}

/** Makes a register in a fresh file; what a failed try left behind is taken away. */
async function make(place: Place, build: (file: string, key: Uint8Array) => WebBook): Promise<WebBook> {
  const before = open?.place;
  close();
  const key = await makeKey(place);
  try {
    const book = build(FILES[place], key);
    await profile.put("place", place);
    return book;
  } catch (thrown) {
    eraseFile(FILES[place]);
    await dropKey(place);
    if (before && before !== place) await openPlace(before);
    throw thrown;
  }
}

/** Takes the open register off this device, and opens the other one if there is one. */
async function erase(): Promise<void> {
  const place = open?.place ?? (await profile.get<Place>("place")) ?? "book";
  close();
  eraseFile(FILES[place]);
  await dropKey(place);
  const next = there()[0];
  if (next) return openPlace(next);
  await profile.drop("place");
  post({ event: "opened", place: null });
}

/** Finds the file of the book, and takes away the one of the book before it, if the browser ended too early for that. */
async function findBook(): Promise<void> {
  FILES.book = (await profile.get<string>("file")) ?? BOOK_FILES[0];
  for (const file of BOOK_FILES) if (file !== FILES.book && files().includes(file)) eraseFile(file);
}

/** What kept this phone from sharing is over: the server is asked at once, however often it was in vain before. */
function askAnew(): void {
  post({ event: "changed" });
  open?.sharing?.now();
}

function needed(): WebBook {
  if (!open) throw { code: "no_book" } satisfies Problem;
  return open.book;
}

/** The calls that are the Worker's own; every other goes to the Book. */
const own: Partial<{ [K in keyof Calls]: (...args: Parameters<Calls[K]>) => Promise<ReturnType<Calls[K]>> }> = {
  async create(name, myName, deviceLabel) {
    const book = await make("book", (file, key) => WebBook.create(file, key, name, self.location.origin, myName, deviceLabel));
    const sheet = book.takeRecoverySheet() as Sheet;
    opened("book", book);
    return sheet;
  },
  async join(link, myName, deviceLabel) {
    if (URL.canParse(link) && new URL(link).origin !== self.location.origin) throw { code: "link_elsewhere" } satisfies Problem;
    opened("book", await make("book", (file, key) => WebBook.join(file, key, link, myName, deviceLabel)));
  },
  async joinWithFile(link, file, myName, deviceLabel) {
    if (URL.canParse(link) && new URL(link).origin !== self.location.origin) throw { code: "link_elsewhere" } satisfies Problem;
    opened("book", await make("book", (at, key) => WebBook.joinWithFile(at, key, link, file, myName, deviceLabel)));
  },
  async recover(sheet, myName, deviceLabel, alone) {
    opened("book", await make("book", (file, key) => WebBook.recover(file, key, sheet, self.location.origin, myName, deviceLabel, alone)));
  },
  async rejoin(link, myName, deviceLabel) {
    try {
      needed().rejoin(link, myName, deviceLabel);
    } catch (thrown) {
      throw problemOf(thrown).code === "invite_mismatch" ? ({ code: "link_other" } satisfies Problem) : thrown;
    }
    askAnew();
  },
  async settleWithServer() {
    needed().settleWithServer();
    askAnew();
  },
  async renewRecovery(old) {
    const book = needed();
    book.renewRecovery(old ?? undefined);
    const sheet = book.takeRecoverySheet() as Sheet;
    open?.sharing?.nudge();
    // The page holds the sheet before it is asked for its characters.
    setTimeout(() => post({ event: "changed" }));
    return sheet;
  },
  async foundAnew(name, myName, deviceLabel) {
    const old = needed();
    if (open?.place !== "book" || renewing) throw { code: "not_allowed" } satisfies Problem;
    const [before, file] = FILES.book === BOOK_FILES[0] ? BOOK_FILES : ([BOOK_FILES[1], BOOK_FILES[0]] as const);
    renewing = true;
    try {
      // Kept beside the other key: whenever the browser ends, one of the two opens the file that counts.
      const key = await makeNextKey("book");
      const book = old.foundAnew(file, key, name, self.location.origin, myName, deviceLabel);
      const sheet = book.takeRecoverySheet() as Sheet;
      await profile.put("file", file);
      FILES.book = file;
      await takeNextKey("book");
      close();
      eraseFile(before);
      opened("book", book);
      return sheet;
    } catch (thrown) {
      if (FILES.book === before && !isTrap(thrown)) {
        eraseFile(file);
        await dropNextKey("book");
      }
      throw thrown;
    } finally {
      renewing = false;
    }
  },
  async practise(demo, myName, deviceLabel) {
    const book = await make("practice", (file, key) => WebBook.create(file, key, demo.book ?? "", undefined, myName, deviceLabel));
    fill(book, demo);
    opened("practice", book);
  },
  async choose(place) {
    close();
    await openPlace(place);
  },
  async places() {
    return there();
  },
  async erase() {
    await erase();
  },
  async leaveAndErase() {
    if (open?.sharing) {
      open.book.leave();
      await open.sharing.last();
    }
    await erase();
  },
  async syncNow() {
    open?.sharing?.now();
  },
};

const COMMANDS: ReadonlySet<string> = new Set<keyof Calls>([
  "confirmRecovery", "add", "set", "remove", "restore", "signUp", "recruit", "tally", "resolve", "invite", "uninvite", "raise",
  "inviteToConfirm", "admit", "deny", "dismissNews", "removeMember", "lower", "rotate", "erasePerson", "cancelWanted",
  "forgetKept", "forgetLostEdits", "forgetLeftover", "importFile", "checkSheet", "compare", "retireRecovery",
  "claim", "logCall", "handOver", "repeat", "planSeries", "answerShift", "cannotCome", "swapShift",
  "linkSame", "linkNotSame", "undoLink", "chooseValue", "bringBack",
]);

async function answer({ id, call, args }: WorkerRequest): Promise<void> {
  try {
    const mine = own[call] as ((...args: unknown[]) => Promise<unknown>) | undefined;
    if (mine) {
      post({ id, ok: await mine(...args) });
      return;
    }
    const book = needed() as unknown as Record<string, (...args: unknown[]) => unknown>;
    const ok = book[call]?.(...args);
    post({ id, ok });
    if (COMMANDS.has(call)) {
      post({ event: "changed" });
      open?.sharing?.nudge();
      tidySoon();
    }
  } catch (thrown) {
    if (isTrap(thrown)) end();
    else post({ id, error: problemOf(thrown) });
  }
}

async function prepare(): Promise<void> {
  for (let tried = 1; ; tried += 1) {
    try {
      return await prepareStorage();
    } catch (thrown) {
      if (isTrap(thrown) || tried === STORAGE_TRIES) throw thrown;
      await new Promise((done) => setTimeout(done, STORAGE_WAIT));
    }
  }
}

async function begin(): Promise<void> {
  await init();
  await prepare();
  self.addEventListener("message", (message: MessageEvent<WorkerRequest>) => void answer(message.data));
  await findBook();
  const places = there();
  const kept = await profile.get<Place>("place");
  const place = kept && places.includes(kept) ? kept : places[0];
  if (place) await openPlace(place);
  else post({ event: "opened", place: null });
}

/** Asks for the lock; says so when another tab has it, and goes on waiting. Held until the Worker ends. */
function owned(run: () => Promise<void>): void {
  const told = setTimeout(() => post({ event: "elsewhere" }), LOCK_PATIENCE);
  void navigator.locks.request("samla", async () => {
    clearTimeout(told);
    background(run, (error) => post({ event: "failed", error }));
    await new Promise(() => undefined);
  });
}

owned(begin);
