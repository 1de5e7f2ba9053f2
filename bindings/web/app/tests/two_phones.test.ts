// The way of one tap: two phones record without a network, a small server orders, both show it merged.

import { afterAll, beforeAll, expect, test } from "vitest";
import type { Page } from "playwright-core";
import { faults } from "./axe";
import { Profile, Server } from "./field";
import { button, command, createBook, go, inside, invite, join, link, offlineReady, shared } from "./steps";

let server: Server;
let eva: Profile;
let karin: Profile;

beforeAll(async () => {
  server = await Server.start();
  [eva, karin] = await Promise.all([Profile.open(), Profile.open()]);
});
afterAll(async () => {
  await eva?.end();
  await karin?.end();
  await server?.end();
});

async function counters(page: Page): Promise<number[]> {
  await go(page, "table");
  await page.locator(".counter .n").first().waitFor();
  return (await page.locator(".counter .n").allInnerTexts()).map(Number);
}

async function signUp(page: Page, name: string, phone: string): Promise<void> {
  await go(page, "table");
  await link(page, "Sign up").click();
  await page.getByLabel("Name", { exact: true }).pressSequentially(name);
  await page.getByLabel("Phone", { exact: true }).pressSequentially(phone);
  await button(page, "Done").click();
  await page.getByText(`${name} signed up`).waitFor();
}

async function names(page: Page): Promise<string[]> {
  await go(page, "people");
  await page.locator(".list .tap strong").first().waitFor();
  return (await page.locator(".list .tap strong").allInnerTexts()).sort();
}

test("two phones record offline and both show it merged", async () => {
  await createBook(eva.page, server, "Hamnklubben", "Eva Lund");
  const invitation = await invite(eva.page);
  expect(invitation).toContain(`${server.url}/j#1.`);

  await join(karin.page, invitation, "Karin Vik");
  await inside(karin.page);
  expect(karin.page.url()).not.toContain("#1.");

  // A table that both stand at.
  await go(eva.page, "table");
  await button(eva.page, "Start a table now").click();
  await eva.page.locator(".counter").first().waitFor();
  await shared(eva.page);
  await go(karin.page, "table");
  await karin.page.locator(".counter").first().waitFor();
  await shared(karin.page);
  await offlineReady(eva.page);
  await offlineReady(karin.page);

  await server.down();

  await button(eva.page, /Talked$/).first().click();
  await button(eva.page, /Talked$/).first().click();
  await signUp(eva.page, "Anna Berg", "070-174 06 05");
  await go(karin.page, "table");
  await button(karin.page, /Talked$/).first().click();
  await signUp(karin.page, "Omar Ali", "070-174 06 06");
  expect(await counters(eva.page)).toEqual([2, 0, 1]);
  expect(await counters(karin.page)).toEqual([1, 0, 1]);
  await eva.page.getByText(/Offline · \d+ only here/).waitFor();

  // A reload without a network: the page comes from the phone, and so does the register.
  await eva.page.reload();
  await inside(eva.page);
  expect(await counters(eva.page)).toEqual([2, 0, 1]);

  await server.up();
  for (const { page } of [eva, karin]) {
    await go(page, "more", "sync");
    await button(page, "Share now").click();
    await shared(page);
  }
  await go(eva.page, "table");
  await expect.poll(() => counters(eva.page), { timeout: 30_000 }).toEqual([3, 0, 2]);
  await expect.poll(() => counters(karin.page), { timeout: 30_000 }).toEqual([3, 0, 2]);
  expect(await names(eva.page)).toEqual(["Anna Berg", "Omar Ali"]);
  expect(await names(karin.page)).toEqual(["Anna Berg", "Omar Ali"]);
});

test("news arrives by itself", async () => {
  await go(karin.page, "people");
  await signUp(eva.page, "Ingrid Moe", "070-174 06 07");
  await link(karin.page, /^Ingrid Moe/).waitFor({ timeout: 15_000 });
});

test("a sign-up names who recruited: whoever writes it down, or a colleague", async () => {
  const { page } = eva;
  await go(page, "table");
  await link(page, "Sign up").click();
  await page.getByLabel("Name", { exact: true }).pressSequentially("Lars Holm");
  await button(page, "More").click();
  const recruiter = page.getByLabel("Recruiter");
  await expect.poll(() => recruiter.locator("option:checked").innerText()).toBe("Eva Lund");
  await recruiter.selectOption({ label: "Karin Vik" });
  await button(page, "Done").click();
  await page.getByText("Lars Holm signed up").waitFor();

  type Rows = { fields: { id: string; name?: string; given_name?: string; contact?: string; recruiter?: string } }[];
  const people = await command<Rows>(page, "rows", "people");
  const contacts = await command<Rows>(page, "rows", "contacts");
  const memberships = await command<Rows>(page, "rows", "memberships");
  const recruiterOf = (name: string) => {
    const contact = contacts.find(({ fields }) => fields.given_name === name)?.fields.id;
    const event = memberships.find(({ fields }) => fields.contact === contact)?.fields;
    return people.find(({ fields }) => fields.id === event?.recruiter)?.fields.name;
  };
  expect([recruiterOf("Lars"), recruiterOf("Ingrid")]).toEqual(["Karin Vik", "Eva Lund"]);
});

test("a colleague who is no steward is found and named as the one who recruited", async () => {
  const { page } = eva;
  await go(page, "table");
  await link(page, "Sign up").click();
  await page.getByLabel("Name", { exact: true }).pressSequentially("Nora Dahl");
  await button(page, "More").click();
  await page.getByLabel("Recruiter").selectOption({ label: "A colleague who is no steward" });
  await page.getByLabel("Which colleague").pressSequentially("Omar");
  await button(page, /^Omar Ali/).click();
  await button(page, "Done").click();
  await page.getByText("Nora Dahl signed up").waitFor();

  type Rows = { fields: { id: string; given_name?: string; contact?: string; recruiter?: string; a?: string; b?: string; kind?: string } }[];
  const contacts = await command<Rows>(page, "rows", "contacts");
  const called = (id?: string) => contacts.find(({ fields }) => fields.id === id)?.fields.given_name;
  const links = await command<Rows>(page, "rows", "links");
  const recruited = links.map(({ fields }) => fields).filter(({ kind }) => kind === "recruited");
  expect(recruited.map(({ a, b }) => [called(a), called(b)])).toEqual([["Nora", "Omar"]]);
  const memberships = await command<Rows>(page, "rows", "memberships");
  const event = memberships.find(({ fields }) => called(fields.contact) === "Nora")?.fields;
  expect(event).toBeDefined();
  expect(event?.recruiter ?? null).toBeNull();
});

test("an invitation that was used says so, and leaves nothing behind", async () => {
  const used = await invite(eva.page);
  const first = await Profile.open();
  const second = await Profile.open();
  try {
    await join(first.page, used, "Per Dahl");
    await inside(first.page);
    await join(second.page, used, "Liv Dahl");
    await second.page.getByText("This invitation has been used").waitFor();
    // A new link that is tapped takes the place of the used one; or all begins from the start.
    await go(eva.page, "people");
    await eva.page.getByLabel("Name, phone or workplace").waitFor();
    const fresh = await invite(eva.page);
    await second.page.goto("about:blank");
    await second.page.goto(fresh);
    await second.page.getByText("The invitation is here").waitFor();
    expect(await faults(second.page)).toEqual([]);
    await button(second.page, "Back").click();
    await button(second.page, "Use another link").click();
    await second.page.getByLabel("Invitation link").waitFor();
    await button(second.page, "Start over").click();
    await second.page.getByRole("dialog").getByRole("button", { name: "Erase" }).click();
    await button(second.page, "Join with a link").waitFor();
    await join(second.page, fresh, "Liv Dahl");
    await inside(second.page);
  } finally {
    await first.end();
    await second.end();
  }
});

test("two answers to one question are both shown, and one tap chooses", async () => {
  await go(eva.page, "people");
  const href = await link(eva.page, /^Anna Berg/).getAttribute("href");
  const id = href?.split("/").at(-1) ?? "";
  await server.down();
  for (const [profile, number] of [[eva, "070-174 06 15"], [karin, "070-174 06 16"]] as const) {
    await go(profile.page, "people", "edit", id);
    await profile.page.getByLabel("Phone", { exact: true }).fill(number);
    await button(profile.page, "Done").click();
    await profile.page.getByText("What happened").waitFor();
  }
  await server.up();
  for (const { page } of [eva, karin]) {
    await go(page, "more", "sync");
    await button(page, "Share now").click();
  }
  for (const { page } of [eva, karin]) {
    await go(page, "due");
    await page.getByText("1 thing with two answers").waitFor({ timeout: 30_000 });
    await page.locator("article", { hasText: "070-174 06 15" }).filter({ hasText: "070-174 06 16" }).waitFor();
  }
  expect(await faults(eva.page)).toEqual([]);
  await button(eva.page, /^070-174 06 15/).click();
  for (const { page } of [eva, karin]) await page.getByText("1 thing with two answers").waitFor({ state: "hidden", timeout: 30_000 });
  await go(karin.page, "people", "card", id);
  await link(karin.page, "070-174 06 15").waitFor();
});

test("nothing is asked of another origin, and nothing breaks the content security policy", () => {
  for (const profile of [eva, karin]) {
    const foreign = profile.asked.filter((address) => !address.startsWith(server.url) && !address.startsWith("blob:") && !address.startsWith("data:"));
    expect(foreign).toEqual([]);
    expect(profile.complaints).toEqual([]);
  }
});
