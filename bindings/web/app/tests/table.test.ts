// At the table: four taps to a sign-up, and a way back from everything.

import { afterAll, beforeAll, expect, test } from "vitest";
import { faults } from "./axe";
import { Profile, Server, pause } from "./field";
import { button, command, dayFrom, go, link, practise } from "./steps";

let server: Server;
let phone: Profile;

beforeAll(async () => {
  server = await Server.start();
  phone = await Profile.open();
  await practise(phone.page, server);
});
afterAll(async () => {
  await phone?.end();
  await server?.end();
});

const count = (n: number) => phone.page.locator(".counter .n").nth(n);

test("a sign-up takes at most four taps, the opening of the app among them", async () => {
  const { page } = phone;
  await page.evaluate(() => {
    const counted = window as unknown as { taps: number };
    counted.taps = 1; // the app's icon
    addEventListener("pointerdown", () => (counted.taps += 1), true);
  });
  await link(page, "Sign up").click();
  await page.locator("input:focus").waitFor();
  await page.keyboard.type("Liv Holm");
  await page.getByLabel("Phone", { exact: true }).click();
  await page.keyboard.type("070-174 06 21");
  await button(page, "Done").click();
  await page.getByText("Liv Holm signed up").waitFor();
  expect(await page.evaluate(() => (window as unknown as { taps: number }).taps)).toBeLessThanOrEqual(4);
  expect(await count(2).innerText()).toBe("1");
});

test("only what this phone counted can be taken back by the minus", async () => {
  const { page } = phone;
  // One signed up by name: the minus has nothing to take.
  expect(await button(page, "Take 1 back: Signed").isDisabled()).toBe(true);
  await button(page, /Signed/).first().click();
  await expect.poll(() => count(2).innerText()).toBe("2");
  await button(page, "Take 1 back: Signed").click();
  await expect.poll(() => count(2).innerText()).toBe("1");
  expect(await button(page, "Take 1 back: Signed").isDisabled()).toBe(true);
});

test("the undo bar takes a sign-up back, and the last ten entries bring it again", async () => {
  const { page } = phone;
  await link(page, "Sign up").click();
  await page.locator("input:focus").waitFor();
  await page.keyboard.type("Per Vang");
  await button(page, "Done").click();
  await page.getByText("Per Vang signed up").waitFor();
  await button(page, "Undo").click();
  await expect.poll(() => count(2).innerText()).toBe("1");
  await link(page, "Last ten entries").click();
  await button(page, "Bring back").first().click();
  await button(page, "Undo").first().waitFor();
  await go(page, "table");
  await expect.poll(() => count(2).innerText()).toBe("2");
  await go(page, "people");
  await link(page, /^Per Vang/).waitFor();
});

test("a long press takes one back, and so does the minus", async () => {
  const { page } = phone;
  await go(page, "table");
  const add = page.locator(".counter .add").first();
  await add.click();
  await add.click();
  await expect.poll(() => count(0).innerText()).toBe("5");
  await add.click({ delay: 700 });
  await expect.poll(() => count(0).innerText()).toBe("4");
  await button(page, "Take 1 back: Talked").click();
  await expect.poll(() => count(0).innerText()).toBe("3");
});

test("the buttons of the table are 56 pixels high and in reach of the thumb", async () => {
  const { page } = phone;
  await go(page, "table");
  const box = await link(page, "Sign up").boundingBox();
  expect(box?.height).toBeGreaterThanOrEqual(56);
  expect(box?.y).toBeGreaterThan((844 * 2) / 3);
  for (const counter of await page.locator(".counter").all()) expect((await counter.boundingBox())?.height).toBeGreaterThan(844 / 6);
});

test("a person met before is named under the field, and one tap joins the two", async () => {
  const { page } = phone;
  await go(page, "table", "signup");
  await page.getByLabel("Name", { exact: true }).pressSequentially("A Lindqvist");
  await page.getByLabel("Phone", { exact: true }).pressSequentially("+46701740605");
  const hint = page.getByText("Maybe you already met Anna Lindqvist?");
  await hint.waitFor();
  const [field, shown] = [await page.getByLabel("Phone", { exact: true }).boundingBox(), await hint.boundingBox()];
  expect((shown?.y ?? 0) >= (field?.y ?? 0) + (field?.height ?? 0)).toBe(true);
  type Rows = { fields: { kind: string; undone?: boolean | null } }[];
  const joined = async () => (await command<Rows>(page, "rows", "links")).filter(({ fields }) => fields.kind === "same_person" && !fields.undone).length;
  const before = await joined();
  await button(page, "Same person").click();
  await page.getByText("Now one person: Anna Lindqvist").waitFor();
  await hint.waitFor({ state: "hidden" });
  expect(await joined()).toBe(before + 1);
  expect(await faults(page)).toEqual([]);
  // A slip: the question stands again, and what was typed is still there.
  await button(page, "Undo").click();
  await hint.waitFor();
  expect(await joined()).toBe(before);
  expect(await page.getByLabel("Phone", { exact: true }).inputValue()).toBe("+46701740605");
  await button(page, "Same person").click();
  await page.getByText("Now one person: Anna Lindqvist").waitFor();
  await button(page, "Done").click();
  await page.locator(".counter").first().waitFor();
  await go(page, "people");
  await page.getByLabel("Name, phone or workplace").fill("Lindqvist");
  await pause(300);
  expect(await page.locator(".list .tap").count()).toBe(1);
});

test("whoever is in the register already signs up from their card, and is taken back", async () => {
  const { page } = phone;
  await go(page, "table");
  const signed = Number(await count(2).innerText());
  await go(page, "people");
  await link(page, /^Ingrid Solberg/).click();
  await page.locator(".chip.lit", { hasText: "Not in a union" }).waitFor();
  await link(page, "Pays or leaves").waitFor();
  await link(page, "Signs up").click();
  await page.getByText(/Three months free · Free until/).waitFor();
  await expect.poll(() => page.getByLabel("Visit").locator("option:checked").innerText()).toMatch(/Canteen, Building B$/);
  expect(await page.getByLabel("Phone", { exact: true }).inputValue()).toBe("070-174 06 07");
  await page.getByLabel("E-mail").fill("ingrid@exempel.se");
  await button(page, "More").click();
  await page.getByLabel("Occasion").selectOption("pay_negotiation");
  await page.getByLabel("Channel").selectOption("phone");
  await page.getByLabel("Recruiter").selectOption({ label: "Karin (made up)" });
  expect(await faults(page)).toEqual([]);
  await button(page, "Done").click();
  await page.locator(".chip.lit", { hasText: "Trial" }).waitFor();
  await page.getByText(/^Free until/).waitFor();
  await link(page, "ingrid@exempel.se").waitFor();
  await page.getByText(/Pay talks · Phone · Karin/).waitFor();
  expect(await link(page, "Signs up").count()).toBe(0);
  await page.getByText("Ingrid Solberg signed up").waitFor();
  await go(page, "table");
  await expect.poll(() => count(2).innerText()).toBe(String(signed + 1));
  await button(page, "Undo").click();
  await expect.poll(() => count(2).innerText()).toBe(String(signed));
  await go(page, "people");
  await link(page, /^Ingrid Solberg/).click();
  await page.locator(".chip.lit", { hasText: "Not in a union" }).waitFor();
  expect(await link(page, "ingrid@exempel.se").count()).toBe(0);
  expect(await page.getByText(/Pay talks · Phone/).count()).toBe(0);
});

test("a sign-up from a card takes no campaign where none is chosen, and lies on the day it was", async () => {
  const { page } = phone;
  await go(page, "people");
  await link(page, /^Emil Friis/).click();
  await page.locator(".chip.lit", { hasText: "Not known" }).waitFor();
  await link(page, "Signs up").click();
  await button(page, "More").click();
  await page.getByLabel("Day", { exact: true }).fill(dayFrom(-3));
  await page.getByLabel("Visit").waitFor({ state: "hidden" });
  await page.getByLabel("Campaign").selectOption({ label: "–" });
  await page.getByText(/Free until/).waitFor({ state: "hidden" });
  await button(page, "Done").click();
  await page.locator(".chip.lit", { hasText: "Trial" }).waitFor();
  type Rows = { fields: { contact: string; on: string; visit?: string | null; campaign?: string | null } }[];
  const emil = page.url().split("/").at(-1) ?? "";
  const events = (await command<Rows>(page, "rows", "memberships")).map(({ fields }) => fields).filter(({ contact }) => contact === emil);
  expect(events.map(({ on, visit, campaign }) => [on, visit ?? null, campaign ?? null])).toEqual([[dayFrom(-3), null, null]]);
  await button(page, "Undo").click();
  await link(page, "Signs up").waitFor();
});

test("a talk that was counted at the table and is named later is one", async () => {
  const { page } = phone;
  await go(page, "table");
  const counted = await count(0).innerText();
  await go(page, "people");
  await link(page, /^Piotr Nowak/).click();
  await link(page, "Record a talk").click();
  await page.getByLabel("Occasion").selectOption("table");
  await button(page, "Done").click();
  await link(page, "Record a talk").waitFor();
  type Rows = { fields: { contact?: string | null; visit?: string | null } }[];
  const piotr = page.url().split("/").at(-1) ?? "";
  const talks = (await command<Rows>(page, "rows", "talks")).map(({ fields }) => fields).filter(({ contact }) => contact === piotr);
  expect(talks.map(({ visit }) => typeof visit)).toEqual(["string"]);
  await go(page, "table");
  await expect.poll(() => count(0).innerText()).toBe(counted);
  await page.locator("a.where").click();
  await expect.poll(() => page.locator(".counts dd").first().innerText()).toBe(counted);
});

test("whoever adds a person is told who it may be, and led there", async () => {
  const { page } = phone;
  await go(page, "people", "new");
  await page.getByLabel("Given name").fill("O");
  await page.getByLabel("Phone", { exact: true }).fill("+46 70 174 06 06");
  await page.getByText("Maybe you already met Omar Haddad?").waitFor();
  expect(await faults(page)).toEqual([]);
  await link(page, "Omar Haddad").click();
  await page.getByRole("heading", { level: 1, name: "Omar Haddad" }).waitFor();
  await go(page, "table");
});

test("what is typed of somebody met before leaves what is known of them, and one tap takes all of it back", async () => {
  const { page } = phone;
  await go(page, "table", "signup");
  await page.getByLabel("Name", { exact: true }).pressSequentially("Omar H");
  await page.getByLabel("Phone", { exact: true }).pressSequentially("+46701740606");
  await page.getByText("Maybe you already met Omar Haddad?").waitFor();
  type Rows = { fields: { id: string; given_name?: string; family_name?: string; phone?: string | null } }[];
  const contacts = async () => (await command<Rows>(page, "rows", "contacts")).map(({ fields }) => fields);
  const phoneOf = async (family: string) => (await contacts()).find((one) => one.given_name === "Omar" && one.family_name === family)?.phone ?? null;
  const known = await phoneOf("Haddad");
  await button(page, "Same person").click();
  await page.getByText("Now one person: Omar Haddad").waitFor();
  // What is half typed, or emptied again, is written to what this form made, and to nothing else.
  await page.getByLabel("Phone", { exact: true }).fill("+4670");
  await expect.poll(() => phoneOf("H")).toBe("+4670");
  expect(await phoneOf("Haddad")).toBe(known);
  await page.getByLabel("Phone", { exact: true }).fill("");
  await expect.poll(() => phoneOf("H")).toBe(null);
  expect(await phoneOf("Haddad")).toBe(known);
  await button(page, "Done").click();
  await page.getByText("Omar H signed up").waitFor();
  const omar = async () => {
    await go(page, "people");
    await page.getByLabel("Name, phone or workplace").fill("Haddad");
    await link(page, /^Omar Haddad/).click();
    await page.locator('a[href^="tel:"]').waitFor();
  };
  await button(page, "Undo").click();
  await omar();
  await expect.poll(() => page.getByText("Written down 2 times").count()).toBe(0);
  await go(page, "table");
});

test("leaving the form without a word leaves no record", async () => {
  const { page } = phone;
  await go(page, "people");
  await page.getByLabel("Name, phone or workplace").fill("");
  await pause(200);
  const before = await page.locator(".list .tap").count();
  await go(page, "table", "signup");
  await page.getByLabel("Name", { exact: true }).pressSequentially("X");
  await page.getByText("Kept on this phone").waitFor();
  await page.getByLabel("Name", { exact: true }).fill("");
  await button(page, "Done").click();
  await page.locator(".counter").first().waitFor();
  await go(page, "people");
  await pause(300);
  expect(await page.locator(".list .tap").count()).toBe(before);
});
