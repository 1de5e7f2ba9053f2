// Who may do what: a raid is told and taken back, a role is lowered, the key is renewed, and a register that nobody can
// administer any more is begun anew.

import { afterAll, beforeAll, expect, test } from "vitest";
import { faults } from "./axe";
import { Profile, Server } from "./field";
import { button, command, go, inside, keepSheet, link, shared, together } from "./steps";

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

test("who says of a new phone that it is not ours is led right to putting it out", async () => {
  const { page } = eva;
  await go(page, "due");
  await page.getByText("A new phone came in: Karin Ek").waitFor({ timeout: 30_000 });
  await link(page, "Not us").click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText("Karin Ek sees nothing new from now on").waitFor();
  expect(await faults(page)).toEqual([]);
  await button(page, "Cancel").click();
  await dialog.waitFor({ state: "hidden" });
  await page.locator("li.device", { hasText: "Karin Ek" }).getByRole("button", { name: "Put out" }).waitFor();
});

test("who removes much in a day is named, and all of it is brought back", async () => {
  const ids: string[] = [];
  for (let n = 10; n < 40; n += 1) ids.push(await command(eva.page, "add", { table: "contacts", fields: { given_name: `Number ${n}` } }));
  await shared(eva.page);
  await go(karin.page, "people");
  await link(karin.page, "Number 39").waitFor({ timeout: 30_000 });
  for (const id of ids.slice(0, 25)) await command(karin.page, "remove", "contacts", id);
  await shared(karin.page);

  const { page } = eva;
  await go(page, "people");
  await link(page, "Number 10").waitFor({ state: "hidden", timeout: 30_000 });
  await go(page, "due");
  await link(page, /^Karin Ek removed 25 of/).click();
  await page.getByText(/^Karin Ek removed 25 of/).waitFor({ timeout: 30_000 });
  expect(await faults(page)).toEqual([]);
  await button(page, "Bring all of it back").click();
  await page.getByText("25 rows brought back").waitFor();
  await page.getByText(/^Karin Ek removed/).waitFor({ state: "hidden" });
  await go(page, "people");
  await link(page, "Number 10").waitFor();
});

test("the key is renewed", async () => {
  const { page } = eva;
  await go(page, "more", "team");
  await button(page, "Renew").click();
  await page.getByText("The register begins anew under a new key").waitFor();
  expect(await faults(page)).toEqual([]);
  await page.getByRole("dialog").getByRole("button", { name: "Renew" }).click();
  await go(page, "more", "erasures");
  await page.getByRole("heading", { name: "New key" }).waitFor({ timeout: 30_000 });
  await page.getByText("Receipt: the server says").waitFor({ timeout: 30_000 });
});

test("what was written about somebody who is gone is shown to its author", async () => {
  const id = await command(eva.page, "add", { table: "contacts", fields: { given_name: "Gunnar" } });
  await go(karin.page, "people");
  await link(karin.page, "Gunnar").waitFor({ timeout: 30_000 });
  const people = await command<{ fields: { id: string; name: string } }[]>(karin.page, "rows", "people");
  const owner = people.find(({ fields }) => fields.name === "Eva Lund")?.fields.id;
  await server.down();
  await command(karin.page, "set", { id, set: { table: "contacts", fields: { note: "Called back", owner } }, clear: [] });
  await karin.close();
  await server.up();
  await command(eva.page, "remove", "contacts", id);
  await go(eva.page, "more", "team");
  await button(eva.page, "Renew").click();
  await eva.page.getByRole("dialog").getByRole("button", { name: "Renew" }).click();
  await expect.poll(() => command<{ epoch: number }>(eva.page, "status").then(({ epoch }) => epoch), { timeout: 40_000 }).toBe(2);

  await karin.launch();
  await karin.page.goto(server.url);
  await inside(karin.page);
  await go(karin.page, "due");
  const lost = karin.page.locator("section", { hasText: "Your edits that were not kept" });
  await lost.getByText("Gunnar").waitFor({ timeout: 40_000 });
  for (const words of ["Called back", "Eva Lund"]) await lost.getByText(words).waitFor();
  expect(await faults(karin.page)).toEqual([]);
  await lost.getByRole("button", { name: "I have seen it" }).click();
  await lost.waitFor({ state: "hidden" });
});

test("a role is lowered, and raised again", async () => {
  const { page } = eva;
  await go(page, "more", "team");
  const member = page.locator("li.device", { hasText: "Karin Ek" });
  await member.getByRole("button", { name: "Make reader" }).click();
  await page.getByText("Karin Ek is from now on: reader").waitFor();
  expect(await faults(page)).toEqual([]);
  await page.getByRole("dialog").getByRole("button", { name: "Make reader" }).click();
  await member.getByText("reader", { exact: false }).first().waitFor({ timeout: 30_000 });
  await member.getByRole("button", { name: "Make steward" }).waitFor({ timeout: 30_000 });
  await go(karin.page, "more");
  await karin.page.getByText("· reader").waitFor({ timeout: 40_000 });
  await member.getByRole("button", { name: "Make steward" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Make steward" }).click();
  await karin.page.getByText("· steward").waitFor({ timeout: 40_000 });
});

test("without any organiser, a new register takes over all that is here", async () => {
  await go(karin.page, "more", "team");
  await link(karin.page, "When no organiser is left").click();
  let { page } = karin;
  await page.getByLabel("Name of the register").fill("Hamnklubben anew");
  expect(await page.getByLabel("Your name").inputValue()).toBe("Karin Ek");
  expect(await faults(page)).toEqual([]);
  await button(page, "Begin the new register").click();
  await page.getByRole("dialog").getByRole("button", { name: "Begin the new register" }).click();
  await page.getByRole("heading", { name: "Recovery sheet" }).waitFor({ timeout: 30_000 });

  // A flat battery before the sheet is kept: the new register is there, and another sheet is made for it.
  await karin.kill();
  await karin.launch();
  page = karin.page;
  await page.goto(server.url);
  await page.getByRole("heading", { name: "Six characters back" }).waitFor();
  await button(page, "Make a new sheet").click({ timeout: 30_000 });
  await page.getByRole("heading", { name: "Recovery sheet" }).waitFor();
  await keepSheet(page);
  await inside(page);
  await go(page, "people");
  await link(page, "Number 10").waitFor();
  await shared(page);
  await page.reload();
  await inside(page);
  await go(page, "more");
  await page.getByText("Hamnklubben anew").waitFor();
  await page.getByText("· organiser").waitFor();

  // The old register goes on without this phone.
  await go(eva.page, "people");
  await link(eva.page, "Number 10").waitFor();
});
