// What the whole page knows: whether a book is open, what the Worker says of sharing, and one number that grows with
// every change, so that each screen asks its view again.

import { book, client, Failure, type Place, type Problem, type SyncState } from "./client";
import { go } from "./route.svelte";
import type { StatusView } from "./types";

type Phase = "starting" | "elsewhere" | "failed" | "start" | "open";

class State {
  phase = $state<Phase>("starting");
  place = $state<Place | null>(null);
  problem = $state.raw<Problem | null>(null);
  status = $state.raw<StatusView | null>(null);
  sync = $state.raw<SyncState>({ phase: "resting", problem: null });
  /** The link the page was opened with, until it is used. */
  invitation = $state.raw<string | null>(null);
  /** Grows with every change of the register, own or foreign. */
  version = $state(0);

  begin(): void {
    client.listen((event) => {
      switch (event.event) {
        case "opened":
          this.place = event.place;
          this.status = null;
          if (event.place === null) this.phase = "start";
          else void this.#open();
          break;
        case "elsewhere":
          this.phase = "elsewhere";
          break;
        case "failed":
          this.problem = event.error;
          this.phase = "failed";
          break;
        case "changed":
          this.version += 1;
          void this.#refresh();
          break;
        case "sync":
          this.sync = event.sync;
          void this.#refresh();
          break;
      }
    });
    client.start();
  }

  async #open(): Promise<void> {
    await this.#refresh();
    this.phase = "open";
    if (this.invitation && this.place === "book") this.#invited();
    // Without this a browser short of room may clear the register.
    void navigator.storage?.persist?.();
    this.version += 1;
  }

  /** The page was opened with an invitation, and there is a register: the one it leads back into, or one that is in its way. */
  #invited(): void {
    if (!needsInvitation(this.status)) {
      this.invitation = null;
      notice.show(new Failure({ code: "book_exists" }));
    } else if (this.status?.role && !this.status.removed_by) go("more", "sync");
  }

  async #refresh(): Promise<void> {
    if (this.place === null) return;
    try {
      this.status = await book.status();
    } catch (failure) {
      if (failure instanceof Failure && failure.code !== "interrupted") this.problem = failure;
    }
  }
}

export const app = new State();

/** Whether it takes another invitation for this copy to go on, or to get in at all. */
export function needsInvitation(status: StatusView | null): boolean {
  if (!status) return false;
  return status.joining || status.removed || status.alarm === "device_fork" || status.alarm === "epoch_unreadable";
}

/** A view of the register that asks itself again after each change. Read inside a component's markup or an effect. */
export function live<T>(ask: () => Promise<T>): { readonly value: T | undefined } {
  let value = $state.raw<T>();
  $effect(() => {
    void app.version;
    let wanted = true;
    ask().then(
      (answer) => {
        if (wanted) value = answer;
      },
      (failure) => {
        if (wanted) notice.show(failure);
      },
    );
    return () => {
      wanted = false;
    };
  });
  return {
    get value() {
      return value;
    },
  };
}

/** The one thing that went wrong last, shown in words until it is read. */
class Notice {
  problem = $state.raw<Problem | null>(null);

  show(failure: unknown): void {
    if (failure instanceof Failure && failure.code === "interrupted") return;
    this.problem = failure instanceof Failure ? failure : { code: "bug" };
  }

  clear(): void {
    this.problem = null;
  }
}

export const notice = new Notice();

/** Runs an act and shows what went wrong with it. Answers whether it was done. */
export async function attempt(act: () => Promise<unknown>): Promise<boolean> {
  try {
    await act();
    notice.clear();
    return true;
  } catch (failure) {
    notice.show(failure);
    return false;
  }
}

/** How long the undo bar stays, in milliseconds. */
const UNDO_STAYS = 8000;

class Undo {
  words = $state<string | null>(null);
  #act: (() => Promise<unknown>) | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  offer(words: string, act: () => Promise<unknown>): void {
    clearTimeout(this.#timer);
    this.words = words;
    this.#act = act;
    this.#timer = setTimeout(() => this.close(), UNDO_STAYS);
  }

  async take(): Promise<void> {
    const act = this.#act;
    this.close();
    if (act) await attempt(act);
  }

  close(): void {
    clearTimeout(this.#timer);
    this.words = null;
    this.#act = null;
  }
}

export const undo = new Undo();
