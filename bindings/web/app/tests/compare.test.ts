// Two colleagues compare whether the server has shown both the same, past that server.

import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { faults } from "./axe";
import { Profile, Server } from "./field";
import { button, command, go, inside, link, offlineReady, sent, together } from "./steps";

let server: Server;
let eva: Profile;
let karin: Profile;

beforeAll(async () => {
  server = await Server.start();
  [eva, karin] = await Promise.all([Profile.open(), Profile.open()]);
  await together(eva.page, karin.page, server);
});
afterAll(async () => {
  await eva?.end();
  await karin?.end();
  await server?.end();
});

/** The code that a phone shows, as it is read aloud. */
async function shown(page: Page): Promise<string> {
  await go(page, "more", "compare");
  return (await page.locator(".letters code").innerText()).trim();
}

async function type(page: Page, code: string): Promise<void> {
  await go(page, "more", "compare");
  await page.getByLabel("Or type or paste it").fill(code);
  await button(page, "Compare").click();
}

const add = (page: Page, name: string) => command(page, "add", { table: "contacts", fields: { given_name: name } });

test("who has the same history is told so, and a slip of the finger is told as one", async () => {
  for (const { page } of [eva, karin]) await sent(page);
  await expect.poll(async () => (await shown(eva.page)) === (await shown(karin.page)), { timeout: 30_000 }).toBe(true);
  const code = await shown(eva.page);
  expect(code).toMatch(/^samlac1( [a-z0-9]{4}){11} [a-z0-9]{2}$/);

  const { page } = karin;
  await go(page, "more", "sync");
  await link(page, "Compare with a colleague").click();
  await page.getByRole("img", { name: "This phone’s code" }).waitFor();
  await type(page, code.toUpperCase());
  await page.getByText("Both devices have the same history.").waitFor();
  expect(await faults(page)).toEqual([]);

  await type(page, code.slice(0, -1) + (code.endsWith("q") ? "p" : "q"));
  await page.getByText("something in it is mistyped or missing").waitFor();
  await page.getByText("Both devices have the same history.").waitFor({ state: "hidden" });
  expect(await faults(page)).toEqual([]);
  await type(page, server.url);
  await page.getByText("This is not a code to compare.").waitFor();
});

test("who has read further says so, and that is no alarm", async () => {
  const before = await shown(karin.page);
  await add(eva.page, "Anna");
  await sent(eva.page);
  await type(eva.page, before);
  await eva.page.getByText("The other device is behind, and has the same history that far.").waitFor();
  await expect.poll(async () => (await shown(eva.page)) === (await shown(karin.page)), { timeout: 30_000 }).toBe(true);
});

test("a server that has shown two histories is found out, without it", async () => {
  await offlineReady(karin.page);
  await eva.close();
  await server.down();
  const putBack = await server.backup();
  await server.up();
  for (const name of ["Bo", "Cilla"]) {
    await add(karin.page, name);
    await sent(karin.page);
  }
  await karin.close();

  // The same server shows the other phone another history.
  await server.down();
  await putBack();
  await server.up();
  await eva.launch();
  await eva.page.goto(server.url);
  await inside(eva.page);
  await add(eva.page, "David");
  await sent(eva.page);
  const other = await shown(eva.page);
  await server.down();

  await karin.launch();
  const { page } = karin;
  await page.goto(server.url);
  await inside(page);
  await type(page, other);
  const alarm = page.getByRole("alert").filter({ hasText: "The server has shown two different histories." });
  await alarm.waitFor();
  expect(await faults(page)).toEqual([]);
  await go(page, "more", "sync");
  await alarm.waitFor();
  await go(page, "people");
  await link(page, "Bo").waitFor();
  expect(await link(page, "David").count()).toBe(0);
});
