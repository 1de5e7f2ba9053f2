// The road to the server: carries the core's requests out and the answers in, listens for news, and waits longer after
// each failure. It knows nothing of what it carries.

import type { Problem, SyncState } from "../client";
import type { WebBook } from "../../../pkg/samla_web.js";
import { problemOf } from "./problem";

/** The first wait after a failure and the longest, in milliseconds. */
const WAIT_FIRST = 1_000;
const WAIT_MOST = 60_000;
/** One act is often followed by another: a round begins this long after the last, in milliseconds. */
const GATHER = 250;
/** A request that takes longer than this is given up, in milliseconds. */
const PATIENCE = 30_000;

/** How long a last round may take, in milliseconds. */
const LAST = 5_000;

/** Failures that time does not mend: the loop rests until somebody asks again. */
const FINAL = new Set(["invite_used", "invite_expired", "invite_mismatch", "removed", "device_fork", "update_required", "denied", "sheet_unknown"]);

interface Carried {
  method: string;
  url: string;
  headers: [string, string][];
  body: Uint8Array<ArrayBuffer>;
}

export class Sharing {
  #book: WebBook;
  #tell: (state: SyncState) => void;
  #changed: () => void;
  #failures = 0;
  #running = false;
  #again = false;
  #over = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #news: AbortController | null = null;

  constructor(book: WebBook, tell: (state: SyncState) => void, changed: () => void) {
    this.#book = book;
    this.#tell = tell;
    this.#changed = changed;
  }

  start(): void {
    self.addEventListener("online", this.#online);
    self.addEventListener("offline", this.#offline);
    void this.#round();
  }

  stop(): void {
    this.#over = true;
    clearTimeout(this.#timer);
    this.#news?.abort();
    self.removeEventListener("online", this.#online);
    self.removeEventListener("offline", this.#offline);
  }

  /** Something was recorded: share it soon. */
  nudge(): void {
    if (this.#failures === 0) this.#after(GATHER);
  }

  /** Share now, whatever was tried before. */
  now(): void {
    this.#failures = 0;
    this.#after(0);
  }

  /** One last round before the book is closed, within a few seconds and whatever comes of it. */
  async last(): Promise<void> {
    this.#failures = 0;
    clearTimeout(this.#timer);
    await Promise.race([this.#round(), new Promise((done) => setTimeout(done, LAST))]);
  }

  #online = () => this.now();
  #offline = () => this.#tell({ phase: "offline", problem: null });

  #after(wait: number): void {
    clearTimeout(this.#timer);
    if (!this.#over) this.#timer = setTimeout(() => void this.#round(), wait);
  }

  async #round(): Promise<void> {
    if (this.#running) {
      this.#again = true;
      return;
    }
    this.#running = true;
    this.#again = false;
    try {
      this.#tell({ phase: "working", problem: null });
      this.#book.beginSync();
      await this.#carry();
      this.#failures = 0;
      if (!this.#over) this.#tell({ phase: "resting", problem: null });
      void this.#listen();
    } catch (failure) {
      this.#failed(problemOf(failure));
    } finally {
      this.#running = false;
      if (this.#again) this.#after(0);
    }
  }

  async #carry(): Promise<void> {
    for (;;) {
      if (this.#over) return;
      const request = this.#book.nextRequest() as Carried | null;
      if (!request) {
        this.#changed(); // A round may have told more than entries: what the server said of an erasure, say.
        return;
      }
      let status: number;
      let body: Uint8Array;
      try {
        const answer = await send(request, AbortSignal.timeout(PATIENCE));
        status = answer.status;
        body = new Uint8Array(await answer.arrayBuffer());
      } catch {
        if (!this.#over) this.#book.onOffline();
        throw { code: "server_away" } satisfies Problem;
      }
      if (this.#over) return;
      const progress = this.#book.onResponse(status, body) as { received: number; sent: number };
      if (progress.received > 0 || progress.sent > 0) this.#changed();
    }
  }

  #failed(problem: Problem): void {
    if (this.#over) return;
    this.#failures += 1;
    if (problem.code === "server_away") this.#tell({ phase: navigator.onLine ? "waiting" : "offline", problem: navigator.onLine ? problem : null });
    else this.#tell({ phase: "resting", problem });
    this.#changed();
    if (FINAL.has(problem.code)) return;
    const longest = Math.min(WAIT_MOST, WAIT_FIRST * 2 ** (this.#failures - 1));
    this.#after(longest / 2 + Math.random() * (longest / 2));
  }

  /** Holds one stream of news open: each line tells how far the log has come. */
  async #listen(): Promise<void> {
    if (this.#news || this.#over) return;
    const request = this.#book.eventsRequest() as Carried | null;
    if (!request) return;
    const news = new AbortController();
    this.#news = news;
    try {
      const answer = await send(request, news.signal);
      if (!answer.ok || !answer.body) throw new Error("no stream");
      for await (const line of lines(answer.body)) {
        if (this.#over) return;
        const told: unknown = line.startsWith("data:") ? JSON.parse(line.slice(5)) : null;
        const n = told !== null && typeof told === "object" && "n" in told ? Number(told.n) : 0;
        if (n > this.#book.headN()) this.#after(0);
      }
    } catch {
      // The stream ends when the network does; the round below finds out which.
    } finally {
      this.#news = null;
      if (!this.#over) this.#after(WAIT_FIRST + Math.random() * WAIT_FIRST);
    }
  }
}

function send(request: Carried, signal: AbortSignal): Promise<Response> {
  return fetch(request.url, {
    method: request.method,
    headers: request.headers,
    body: request.method === "GET" || request.body.length === 0 ? null : request.body,
    cache: "no-store",
    credentials: "omit",
    redirect: "error",
    signal,
  });
}

async function* lines(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const reader = stream.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const parts = (rest + value).split("\n");
    rest = parts.pop() ?? "";
    yield* parts;
  }
}
