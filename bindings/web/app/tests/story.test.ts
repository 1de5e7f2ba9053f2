// The stories that every language replays, in the browser: the app's own Worker, core and storage, asked directly.

import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import type { Calls, WorkerAnswer, WorkerEvent } from "../src/client";
import { DIST, Profile, Server } from "./field";

const stories = fileURLToPath(new URL("../../../../tests/stories", import.meta.url));
const worker = readdirSync(join(DIST, "assets")).find((name) => /^worker-.*\.js$/.test(name)) ?? "";

/** A step as the story has it; see the story's own `format`. */
type Step = Record<string, any> & { do: string };

/** A phone without screens: the Worker in an otherwise empty page. */
class Bare {
  readonly profile: Profile;

  private constructor(profile: Profile) {
    this.profile = profile;
  }

  static async open(server: Server): Promise<Bare> {
    const profile = await Profile.open();
    await profile.page.goto(`${server.url}/icon.svg`);
    await profile.page.evaluate(async (address) => {
      const worker = new Worker(address, { type: "module" });
      const waiting = new Map<number, (answer: WorkerAnswer) => void>();
      const phases: string[] = [];
      let next = 1;
      await new Promise<void>((opened) =>
        worker.addEventListener("message", ({ data }: MessageEvent<WorkerAnswer | WorkerEvent>) => {
          if (!("event" in data)) waiting.get(data.id)?.(data);
          else if (data.event === "opened") opened();
          else if (data.event === "sync") phases.push(data.sync.phase);
        }),
      );
      const call = (call: string, args: unknown[]) =>
        new Promise<WorkerAnswer>((done) => {
          waiting.set(next, done);
          worker.postMessage({ id: next++, call, args });
        });
      Object.assign(globalThis, { call, phases });
    }, `/assets/${worker}`);
    return new Bare(profile);
  }

  async ask<K extends keyof Calls>(call: K, ...args: Parameters<Calls[K]>): Promise<ReturnType<Calls[K]>> {
    const answer = await this.profile.page.evaluate(
      ([call, args]) => (globalThis as unknown as { call: (call: string, args: unknown[]) => Promise<WorkerAnswer> }).call(call, args),
      [call, args] as [string, unknown[]],
    );
    if ("error" in answer) throw new Error(`${call}: ${JSON.stringify(answer.error)}`);
    return answer.ok as ReturnType<Calls[K]>;
  }

  /** One whole round, begun after this was called; answers how it ended. */
  async sync(): Promise<string> {
    let phase = "";
    // A round may have been under way: the second one is ours for certain.
    for (let round = 0; round < 2; round += 1) {
      await this.profile.page.evaluate(() => ((globalThis as unknown as { phases: string[] }).phases.length = 0));
      await this.ask("syncNow");
      const ended = await this.profile.page.waitForFunction(() => {
        const { phases } = globalThis as unknown as { phases: string[] };
        const begun = phases.indexOf("working");
        return begun >= 0 && phases.slice(begun + 1).find((phase) => phase !== "working");
      });
      phase = String(await ended.jsonValue());
    }
    return phase;
  }
}

/** A story writes every field as text; a draft has whole numbers as such. */
const WHOLE = new Set(["trial_months"]);
const typed = (fields: Record<string, string>): Record<string, string | number> =>
  Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, WHOLE.has(name) ? Number(value) : value]));

async function play(story: { steps: Step[] }): Promise<void> {
  const server = await Server.start();
  const phones = new Map<string, Bare>();
  const kept = new Map<string, string>();
  let network = true;

  const phone = async (name: string): Promise<Bare> => {
    const known = phones.get(name) ?? (await Bare.open(server));
    phones.set(name, known);
    return known;
  };
  /** Names become what they stand for, in keys and in values. */
  const named = <T>(value: T): T =>
    JSON.parse(JSON.stringify(value).replace(/"\$(\w+)"/g, (_, name: string) => JSON.stringify(kept.get(name) ?? `$${name}`))) as T;

  try {
    for (const [n, raw] of story.steps.entries()) {
      const step = named(raw);
      const said = `step ${n + 1}: ${JSON.stringify(raw)}`;
      const at = typeof step.on === "string" ? await phone(step.on) : null;
      let answer: string | undefined;
      switch (step.do) {
        case "create": {
          const sheet = await at!.ask("create", step.book, step.name, step.label);
          const characters = sheet.text.slice(sheet.groups[0]?.length);
          await at!.ask("confirmRecovery", sheet.ask.map((place) => characters.charAt(place - 1)).join(""));
          break;
        }
        case "join":
          await at!.ask("join", step.link, step.name, step.label);
          break;
        case "invite": {
          const { id } = await at!.ask("invite", step.role, 7);
          await at!.sync();
          answer = (await at!.ask("invites")).find((invite) => invite.id === id)?.link ?? undefined;
          break;
        }
        case "add":
          answer = await at!.ask("add", { table: step.table, fields: typed(step.fields as Record<string, string>) });
          break;
        case "set":
          await at!.ask("set", { id: step.row, set: { table: step.table, fields: step.fields }, clear: step.clear });
          break;
        case "sign_up":
          answer = (await at!.ask("signUp", { contact: step.fields, visit: step.visit })).contact;
          break;
        case "tally":
          await at!.ask("tally", step.visit, step.kind, null, step.delta);
          break;
        case "resolve":
          await at!.ask("resolve", step.table, step.row, step.field, step.value);
          break;
        case "sync":
          expect(await at!.sync(), said).toBe(network ? "resting" : "waiting");
          break;
        case "offline":
          network = false;
          await server.down();
          break;
        case "online":
          network = true;
          await server.up();
          break;
        case "same": {
          const all = await Promise.all((step.on as string[]).map(phone));
          const [first, ...others] = await Promise.all(all.map(async (one) => [await one.ask("heads"), JSON.parse(await one.ask("exportJson"))]));
          for (const other of others) expect(other, said).toEqual(first);
          break;
        }
        case "check":
          await check(at!, step, said);
          break;
        default:
          throw new Error(`${said}: not known`);
      }
      if (step.as) {
        expect(answer, said).toBeTruthy();
        kept.set(step.as, answer ?? "");
      }
    }
  } finally {
    for (const { profile } of phones.values()) await profile.end();
    await server.end();
  }

  async function check(at: Bare, step: Step, said: string): Promise<void> {
    for (const [what, wanted] of Object.entries(step)) {
      if (what === "do" || what === "on") continue;
      if (what === "unsent") expect((await at.ask("status")).unsent, said).toBe(wanted);
      else if (what === "rows") {
        for (const [table, rows] of Object.entries(wanted as Record<string, Record<string, unknown>>)) {
          const there = await at.ask("rows", table as "contacts");
          for (const [name, fields] of Object.entries(rows)) {
            if (name === "count") expect(there.length, `${said}: ${table}`).toBe(fields);
            else expect(there.find((row) => row.fields.id === name)?.fields, `${said}: ${table}`).toMatchObject(fields as object);
          }
        }
      } else if (what === "summary") {
        const { visit, ...numbers } = wanted as { visit: string };
        expect(await at.ask("tableSummary", visit), said).toMatchObject(numbers);
      } else if (what === "conflicts") {
        const found = (await at.ask("conflicts")).map(({ table, id, field, answers }) => ({ table, row: id, field, answers: answers.map(({ value }) => value).sort() }));
        expect(found, said).toEqual(wanted);
      } else if (what === "search") {
        for (const [text, ids] of Object.entries(wanted as Record<string, string[]>)) {
          expect((await at.ask("search", text, 20)).map((hit) => hit.id), `${said}: ${text}`).toEqual(ids);
        }
      } else if (what === "offers") {
        for (const { visit, on, ...offer } of wanted as { visit: string | null; on: string }[]) {
          const campaign = await at.ask("offer", visit, on);
          const until = campaign ? await at.ask("freeUntil", campaign, on) : null;
          expect({ campaign, until }, said).toEqual(offer);
        }
      } else throw new Error(`${said}: ${what} is not known`);
    }
  }
}

test.each(readdirSync(stories).filter((name) => name.endsWith(".json")))("%s", async (name) => {
  await play(JSON.parse(readFileSync(join(stories, name), "utf8")) as { steps: Step[] });
});
