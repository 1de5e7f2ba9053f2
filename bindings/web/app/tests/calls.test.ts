// A campaign and who signs up in it, the calls before free months end, and everything that was promised: who has it, what came of
// it, and what goes to another.

import { afterAll, beforeAll, expect, test } from "vitest";
import type { Page } from "playwright-core";
import { faults } from "./axe";
import { Profile, Server } from "./field";
import { button, command, dayFrom, go, link, shared, together } from "./steps";

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

/** The call of Anna on the list. */
async function anna(page: Page) {
  await go(page, "due", "calls");
  const article = page.locator("article", { hasText: "Anna Lindqvist" });
  await article.waitFor({ timeout: 30_000 });
  return article;
}

test("whoever signs up at a table of a campaign is on the call list", async () => {
  const { page } = eva;
  await go(page, "week", "season");
  await page.getByText("No campaign is running").waitFor();
  await link(page, "Add a campaign").click();
  await page.getByLabel("Name", { exact: true }).fill("First month free");
  await page.getByLabel("Free months", { exact: true }).fill("1");
  await page.getByLabel("Last day").fill(dayFrom(30));
  expect(await faults(page)).toEqual([]);
  await button(page, "Done").click();
  await link(page, /^First month free/).waitFor();

  await go(page, "week", "new");
  await page.getByLabel("Workplace").fill("Canteen");
  await expect.poll(() => page.getByLabel("Campaign").locator("option:checked").innerText()).toBe("First month free");
  await page.getByLabel("Part of the day").fill("Lunch");
  expect(await faults(page)).toEqual([]);
  await button(page, "Done").click();
  await page.getByText(/First month free · Free until/).waitFor();
  await page.getByText(/· Lunch/).waitFor();

  await go(page, "table");
  await link(page, "Sign up").click();
  await page.getByText(/First month free · Free until/).waitFor();
  await page.getByLabel("Name", { exact: true }).fill("Anna Lindqvist");
  await page.getByLabel("Phone", { exact: true }).fill("070-174 06 05");
  await button(page, "Done").click();
  await page.getByText("Anna Lindqvist signed up").waitFor();
  await (await anna(page)).getByText("First month free").waitFor();
  await shared(page);
});

test("where two campaigns run, a sign-up says which it takes", async () => {
  const { page } = eva;
  type Rows = { fields: { id: string; campaign?: string | null } }[];
  const rows = async (table: string) => (await command<Rows>(page, "rows", table)).map(({ fields }) => fields);
  const taken = async () => (await rows("memberships")).map(({ campaign }) => campaign ?? null);
  const [visit, first] = [(await rows("visits"))[0]?.id ?? "", (await rows("campaigns"))[0]?.id ?? ""];
  const put = (campaign: string | null) =>
    command(page, "set", { id: visit, set: { table: "visits", fields: campaign ? { campaign } : {} }, clear: campaign ? [] : ["campaign"] });
  const second = await command(page, "add", { table: "campaigns", fields: { name: "Half price", trial_months: 6, starts_on: dayFrom(-1) } });
  const later = await command(page, "add", { table: "campaigns", fields: { name: "Next year", starts_on: dayFrom(300) } });
  const campaign = page.getByLabel("Campaign", { exact: true });

  // The visit has one of its own; another is behind one more tap.
  await go(page, "table", "signup");
  await page.getByText(/First month free · Free until/).waitFor();
  expect(await campaign.count()).toBe(0);
  await button(page, "More").click();
  await expect.poll(() => campaign.locator("option:checked").innerText()).toBe("First month free");
  expect(await campaign.locator("option").allInnerTexts()).not.toContain("Next year");
  expect(await faults(page)).toEqual([]);
  await link(page, "Back").click();

  // It has none, and two run that day: the form asks.
  await put(null);
  await go(page, "table", "signup");
  await campaign.selectOption({ label: "Half price" });
  await page.getByText(/Half price · Free until/).waitFor();
  expect(await faults(page)).toEqual([]);
  await page.getByLabel("Name", { exact: true }).fill("Bodil Frost");
  await page.getByText("Kept on this phone").waitFor();
  await expect.poll(taken).toContain(second);
  await campaign.selectOption({ label: "First month free" });
  await expect.poll(taken).not.toContain(second);
  await campaign.selectOption({ label: "–" });
  await expect.poll(taken).toContain(null);
  await button(page, "Done").click();
  await page.getByText("Bodil Frost signed up").waitFor();
  await button(page, "Undo").click();
  await expect.poll(taken).toEqual([first]);

  await put(first);
  for (const gone of [second, later]) await command(page, "remove", "campaigns", gone);
  await shared(page);
});

test("dues are noted on the card, and taken back", async () => {
  const { page } = eva;
  await go(page, "people");
  await link(page, /^Anna Lindqvist/).click();
  await page.locator(".chip.lit", { hasText: "Trial" }).waitFor();
  await page.getByText(/^Free until/).waitFor();
  await link(page, "Pays or leaves").click();
  expect(await faults(page)).toEqual([]);
  await button(page, "Done").click();
  await page.locator(".chip.lit", { hasText: "Member" }).waitFor();
  expect(await faults(page)).toEqual([]);
  await button(page, "Undo").click();
  await page.locator(".chip.lit", { hasText: "Trial" }).waitFor();
  await shared(page);
});

test("that the office has confirmed dues is noted later, and taken back", async () => {
  const { page } = eva;
  const siri = await command(page, "add", { table: "contacts", fields: { given_name: "Siri", family_name: "Lie" } });
  await command(page, "add", { table: "memberships", fields: { contact: siri, kind: "paying", on: dayFrom(-3) } });
  await go(page, "people", "card", siri);
  await link(page, "Pays or leaves").click();
  await button(page, "Confirmed by the office").waitFor();
  expect(await faults(page)).toEqual([]);
  await button(page, "Confirmed by the office").click();
  await page.getByText(/^Confirmed by the office:/).waitFor();
  await button(page, "Undo").click();
  await page.getByText(/^Confirmed by the office:/).waitFor({ state: "hidden" });
  await command(page, "remove", "contacts", siri);
});

test("who takes a call has it, and a colleague is told so", async () => {
  const { page } = eva;
  await (await anna(page)).getByRole("button", { name: "I do it" }).click();
  await page.getByText("Eva Lund calls").waitFor();
  await shared(page);

  await anna(karin.page);
  await karin.page.getByText("Eva Lund calls").waitFor({ timeout: 30_000 });
  await button(karin.page, "I do it").click();
  await karin.page.getByRole("heading", { name: "Eva Lund has it already" }).waitFor();
  expect(await faults(karin.page)).toEqual([]);
  await button(karin.page, "Cancel").click();
});

test("a call is noted in one step and taken back in another", async () => {
  const { page } = karin;
  await (await anna(page)).getByRole("link", { name: "Note the call" }).click();
  await page.getByLabel("No answer").check();
  await page.getByLabel("What came of it").fill("The line was busy");
  await page.getByLabel("Call again on").fill(dayFrom(2));
  expect(await faults(page)).toEqual([]);
  await button(page, "Done").click();
  await page.getByText("The line was busy").waitFor();
  await page.getByText("Also: Eva Lund").first().waitFor();
  await button(page, "Undo").click();
  await page.getByText("The line was busy").waitFor({ state: "hidden" });

  await link(page, "Note the call").click();
  await page.getByLabel("No answer").check();
  await page.getByLabel("What came of it").fill("Rang for long");
  await button(page, "Done").click();
  await page.getByText("1 attempt").waitFor();
  await shared(page);
});

test("a call that is open goes on where its person is joined with another", async () => {
  const { page } = eva;
  type Rows = { fields: { id: string } }[];
  type Calls = { contact: string; trial_ends_on: string }[];
  const first = await command(page, "add", { table: "contacts", fields: { given_name: "Berit", family_name: "Moe" } });
  const campaign = (await command<Rows>(page, "rows", "campaigns"))[0]?.fields.id;
  const signed = { contact: { given_name: "Berit" }, visit: null, campaign, method: "form", recruiter: null, colleague: null };
  const { contact } = await command<{ contact: string }>(page, "signUp", signed);
  const calls = async () => command<Calls>(page, "callList", dayFrom(0), dayFrom(90), dayFrom(0));
  const ends = (await calls()).find((call) => call.contact === contact)?.trial_ends_on ?? "";

  await go(page, "due", "call", contact, ends);
  await page.getByLabel("Answered").check();
  await page.getByLabel("What came of it").fill("Rings back in May");
  await command(page, "linkSame", first, contact);
  expect((await calls()).map((call) => call.contact)).toContain(first);
  await page.getByRole("heading", { level: 1, name: "Berit Moe" }).waitFor();
  expect(await page.getByLabel("What came of it").inputValue()).toBe("Rings back in May");
  await button(page, "Done").click();
  await page.getByText("Call noted").waitFor();
  await page.getByText("Rings back in May").waitFor();
  await button(page, "Undo").click();
  await page.getByText("Rings back in May").waitFor({ state: "hidden" });
  // Opened at the contact that no longer stands for the person, too.
  await go(page, "due", "call", contact, ends);
  await page.getByRole("heading", { level: 1, name: "Berit Moe" }).waitFor();
  for (const id of [contact, first]) await command(page, "remove", "contacts", id);
});

test("who leaves says why, and two who called are told of each other", async () => {
  const { page } = eva;
  await anna(page);
  await page.getByText("Rang for long").waitFor({ timeout: 30_000 });
  await link(page, "Note the call").click();
  await page.getByLabel("Answered").check();
  await page.getByLabel("Do they stay?").selectOption("leaves");
  await page.getByLabel("Reason").fill("Moves away");
  await button(page, "Done").click();
  await page.getByRole("heading", { name: "Decided" }).waitFor();
  await page.locator("li", { hasText: "Anna Lindqvist" }).getByText("Leaves").waitFor();
  await page.getByText("Moves away").waitFor();
  expect(await faults(page)).toEqual([]);

  await go(page, "due");
  await page.getByText("1 person called twice").waitFor();
  await page.locator("article", { hasText: "Rang for long" }).filter({ hasText: "Karin Ek" }).waitFor();
  expect(await faults(page)).toEqual([]);
});

test("a reason that was given is offered to whoever notes the next one", async () => {
  const { page } = eva;
  const ulla = await command(page, "add", { table: "contacts", fields: { given_name: "Ulla", family_name: "Falk" } });
  const offered = () => page.locator("datalist option").evaluateAll((options) => options.map((one) => one.getAttribute("value")));
  await go(page, "people", "membership", ulla);
  await page.getByLabel("Membership", { exact: true }).selectOption("left");
  await expect.poll(offered).toEqual(["Moves away"]);
  expect(await faults(page)).toEqual([]);
  await page.getByLabel("Reason").fill("Too dear");
  await button(page, "Done").click();
  await page.locator(".chip:visible", { hasText: "Former member" }).first().waitFor();

  // Written in another way it is no other reason.
  await command(page, "add", { table: "memberships", fields: { contact: ulla, kind: "left", on: dayFrom(-1), reason: "too  DEAR" } });
  await go(page, "people", "membership", ulla);
  await page.getByLabel("Membership", { exact: true }).selectOption("left");
  await expect.poll(offered).toEqual(["Too dear", "Moves away"]);
  await command(page, "remove", "contacts", ulla);
});

test("a promise is dated, given to another, kept or not", async () => {
  const { page } = karin;
  await go(page, "people");
  await link(page, /^Anna Lindqvist/).click();
  await link(page, "Promise something").click();
  await page.getByLabel("What did you promise?").fill("Ask about the rota");
  await button(page, "Done").click();
  await link(page, "Ask about the rota").click();
  await page.getByLabel("What came of it").fill("The office answers on Friday");
  await page.getByLabel("By when").fill(dayFrom(20));
  await button(page, "Save").click();
  await page.getByRole("heading", { level: 1, name: "Anna Lindqvist" }).waitFor();
  await go(page, "due", "promises");
  await page.locator("li", { hasText: "Ask about the rota" }).getByText("Karin Ek").waitFor();
  expect(await faults(page)).toEqual([]);
  await shared(page);

  await go(eva.page, "due", "promises");
  await link(eva.page, "Ask about the rota").waitFor({ timeout: 30_000 });
  await link(eva.page, "Hand over").click();
  await eva.page.getByLabel("From", { exact: true }).selectOption({ label: "Karin Ek" });
  await eva.page.getByText(/things? (is|are) open/).waitFor();
  await eva.page.getByLabel("To", { exact: true }).selectOption({ label: "Eva Lund" });
  await button(eva.page, "Hand over").click();
  await eva.page.getByText("Everything of Karin Ek goes to Eva Lund").waitFor();
  expect(await faults(eva.page)).toEqual([]);
  await eva.page.getByRole("dialog").getByRole("button", { name: "Hand over" }).click();
  await eva.page.getByText("Promises handed over").waitFor();

  await go(eva.page, "due", "promises");
  await eva.page.getByLabel("Who does it").selectOption({ label: "Eva Lund" });
  await link(eva.page, "Ask about the rota").click();
  await button(eva.page, "Not kept").click();
  await link(eva.page, "Ask about the rota").waitFor({ state: "hidden" });
  await button(eva.page, "Undo").click();
  await link(eva.page, "Ask about the rota").waitFor();
});

test("a hand-over is taken back, with all as it was", async () => {
  const { page } = eva;
  type Rows = { fields: { id: string; name?: string; owner?: string; visit?: string; person?: string; state?: string } }[];
  const rows = async (table: string) => (await command<Rows>(page, "rows", table)).map(({ fields }) => fields);
  const people = await rows("people");
  const named = (id?: string | null) => people.find((one) => one.id === id)?.name;
  const other = people.find(({ name }) => name === "Karin Ek")?.id ?? "";
  const promise = await command(page, "add", { table: "follow_ups", fields: { what: "Send the form", kind: "promise", owner: other } });
  const tuva = await command(page, "add", { table: "contacts", fields: { given_name: "Tuva", owner: other } });
  const visit = await command(page, "add", { table: "visits", fields: { kind: "table", spot: "Gate", state: "planned", starts_at: `${dayFrom(3)}T11:30:00.000+01:00` } });
  await command(page, "answerShift", visit, other, "yes");
  const held = async () => ({
    promise: named((await rows("follow_ups")).find(({ id }) => id === promise)?.owner),
    tuva: named((await rows("contacts")).find(({ id }) => id === tuva)?.owner),
    turns: (await rows("shifts")).filter((one) => one.visit === visit).map(({ person, state }) => `${named(person)}: ${state}`).sort(),
  });
  const before = { promise: "Karin Ek", tuva: "Karin Ek", turns: ["Karin Ek: yes"] };
  expect(await held()).toEqual(before);

  await go(page, "due", "handover");
  await page.getByLabel("From", { exact: true }).selectOption({ label: "Karin Ek" });
  await page.getByLabel("To", { exact: true }).selectOption({ label: "Eva Lund" });
  await button(page, "Hand over").click();
  await page.getByRole("dialog").getByRole("button", { name: "Hand over" }).click();
  await page.getByText("Promises handed over").waitFor();
  expect(await held()).toEqual({ promise: "Eva Lund", tuva: "Eva Lund", turns: ["Eva Lund: asked", "Karin Ek: no"] });
  await page.getByText("Karin Ek → Eva Lund").waitFor();
  await button(page, "Undo").click();
  await page.getByText("Promises handed over").waitFor({ state: "hidden" });
  expect(await held()).toEqual(before);
  for (const [table, id] of [["follow_ups", promise], ["contacts", tuva], ["visits", visit]] as const) await command(page, "remove", table, id);
});

test("a new colleague waits to be met, and a silence shows", async () => {
  const { page } = eva;
  await command(page, "add", { table: "contacts", fields: { given_name: "Omar", family_name: "Haddad", hired_on: dayFrom(-1) } });
  await go(page, "due", "new");
  const omar = page.locator("li", { hasText: "Omar Haddad" });
  await omar.getByText("Nobody has met them yet").waitFor();
  expect(await faults(page)).toEqual([]);
  await go(page, "due");
  const welcome = page.locator("li", { hasText: "Welcome to the job" }).filter({ hasText: "Omar Haddad" });
  await welcome.getByRole("button", { name: "I do it" }).click();
  await link(page, "Welcome to the job").waitFor();

  await go(page, "due", "silent");
  await page.getByText("Everybody has been spoken with").waitFor();
  expect(await faults(page)).toEqual([]);
});

test("who keeps the relation and who told of a person stand on the form behind one more tap", async () => {
  const { page } = eva;
  await go(page, "people", "new");
  await page.getByLabel("Given name").fill("Tove");
  await button(page, "More").click();
  await page.getByLabel("Contact person").selectOption({ label: "Karin Ek" });
  await page.getByLabel("Where the details come from").selectOption("colleague");
  await page.getByText("They are to be told within a month").waitFor();
  expect(await faults(page)).toEqual([]);
  await button(page, "Done").click();
  await page.getByText(/^Contact person: Karin Ek/).waitFor();
});

test("each number that stands in a phone is called by a tap, and a long address stays on the screen", async () => {
  const { page } = eva;
  const email = `${"a-very-long-name-".repeat(4)}@exempel.se`;
  const siv = await command(page, "add", { table: "contacts", fields: { given_name: "Siv", phone: "+46 (0)70-174 06 12 / 070-174 06 13 home", email } });
  await go(page, "people", "card", siv);
  await link(page, "+46701740612").waitFor();
  const dialled = await page.locator('a[href^="tel:"]').evaluateAll((links) => links.map((one) => one.getAttribute("href")));
  expect(dialled).toEqual(["tel:+46701740612", "tel:0701740613"]);
  await link(page, email).waitFor();
  expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBe(0);
  const box = await link(page, email).boundingBox();
  expect((box?.x ?? 0) + (box?.width ?? 0)).toBeLessThanOrEqual(390);
  expect(await faults(page)).toEqual([]);
});
