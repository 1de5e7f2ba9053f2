// The season: a visit that repeats, who comes and who cannot, a turn that goes to another, and what a calendar gets of it.

import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { faults } from "./axe";
import { Profile, Server } from "./field";
import { button, command, dayFrom, go, link, practise, shared, together } from "./steps";

let server: Server;
let eva: Profile;
let karin: Profile;
let visit: string;

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

test("a visit repeats, and its days are added", async () => {
  const { page } = eva;
  await go(page, "week", "new");
  await page.getByLabel("Workplace").fill("Northern depot");
  await page.getByLabel("Day", { exact: true }).fill(dayFrom(2));
  await button(page, "Done").click();
  await page.getByText("Who comes").waitFor();
  visit = page.url().split("/").at(-1) ?? "";
  await link(page, "Repeat the visit").click();
  await page.getByLabel("Repeats until").fill(dayFrom(17));
  await button(page, "Repeat it").click();
  const added = page.getByText("Added", { exact: true });
  await expect.poll(() => added.count()).toBe(2);
  expect(await faults(page)).toEqual([]);

  // A slip: the visit stands alone again, and no day of it is left out the next time.
  const visits = async () => (await command<unknown[]>(page, "rows", "visits")).length;
  expect(await visits()).toBe(3);
  await button(page, "Undo").click();
  await expect.poll(visits).toBe(1);
  await expect.poll(() => command<object | null>(page, "series", visit, dayFrom(0))).toBeNull();
  await button(page, "Repeat it").click();
  await expect.poll(() => added.count()).toBe(2);

  // Shorter again: what is left over waits for a decision.
  await page.getByLabel("Repeats until").fill(dayFrom(10));
  await button(page, "Repeat it").click();
  const over = page.getByText("1 planned visit no longer fits the rule");
  await over.waitFor();
  expect(await faults(page)).toEqual([]);
  await page.getByText(new RegExp(`until \\w+,? ${Number(dayFrom(10).slice(8))} `)).waitFor();
  await button(page, "Undo").click();
  await over.waitFor({ state: "hidden" });
  await expect.poll(() => added.count()).toBe(2);
  await button(page, "Repeat it").click();
  await over.waitFor();
  await button(page, "Remove").click();
  await over.waitFor({ state: "hidden" });
});

test("who is asked answers, and whoever cannot come leaves a gap that another fills", async () => {
  const { page } = eva;
  await go(page, "week", "visit", visit);
  await page.getByText("Nobody was asked").waitFor();
  const of = (name: string) => page.locator("li", { hasText: name });
  await page.getByLabel("Ask a colleague").selectOption({ label: "Karin Ek" });
  await page.getByText("No answer yet").waitFor();
  await button(page, "Undo").click();
  await page.getByText("Nobody was asked").waitFor();
  expect(await of("Karin Ek").count()).toBe(0);
  await page.getByLabel("Ask a colleague").selectOption({ label: "Karin Ek" });
  await page.getByText("No answer yet").waitFor();
  await shared(page);

  await go(karin.page, "week", "season");
  const turn = karin.page.locator("li.turn", { hasText: "Northern depot" });
  await turn.waitFor({ timeout: 30_000 });
  expect(await faults(karin.page)).toEqual([]);
  await turn.getByRole("button", { name: "I come" }).click();
  await turn.getByText(/^Comes/).waitFor();
  await shared(karin.page);

  // Eva takes the turn over: by a slip, after which both are as they were, then in earnest; and gives it back.
  await of("Karin Ek").getByText("Comes").waitFor({ timeout: 30_000 });
  await button(page, /^Take the turn/).click();
  await of("Karin Ek").getByText("Cannot come").waitFor();
  await page.getByText("Karin Ek → Eva Lund").waitFor();
  await button(page, "Undo").click();
  await of("Karin Ek").getByText("Comes").waitFor();
  await of("Eva Lund").waitFor({ state: "hidden" });
  await button(page, "I come").click();
  await of("Eva Lund").getByText("Comes").waitFor();
  await button(page, "Undo").click();
  await of("Eva Lund").waitFor({ state: "hidden" });
  await button(page, /^Take the turn/).click();
  await of("Eva Lund").getByText("Comes").waitFor();
  await of("Karin Ek").getByText("Cannot come").waitFor();
  expect(await faults(page)).toEqual([]);
  await page.getByLabel("Give my turn to").selectOption({ label: "Karin Ek" });
  await of("Karin Ek").getByText("Asked").waitFor();
  await shared(page);

  await turn.getByText("Asked").waitFor({ timeout: 30_000 });
  await turn.getByRole("button", { name: "I can’t come" }).click();
  await karin.page.locator("section", { hasText: "visits without anybody" }).getByText("None of those asked can come").waitFor();
});

test("what a colleague says by word of mouth is noted for them, and taken back", async () => {
  const { page } = eva;
  await command(page, "add", { table: "people", fields: { name: "Omar Haddad" } });
  await go(page, "week", "visit", visit);
  const of = (name: string) => page.locator("li", { hasText: name });
  const omar = of("Omar Haddad");
  await of("Karin Ek").getByText("Cannot come").waitFor({ timeout: 30_000 });
  await page.getByLabel("Ask a colleague").selectOption({ label: "Omar Haddad" });
  await omar.getByText("Asked").waitFor();
  // Karin has answered herself.
  expect(await of("Karin Ek").getByRole("button", { name: /^Says/ }).count()).toBe(0);
  expect(await faults(page)).toEqual([]);
  await omar.getByRole("button", { name: "Says no" }).click();
  await omar.getByText("Cannot come").waitFor();
  await page.getByText("None of those asked can come").waitFor();
  await button(page, "Undo").click();
  await omar.getByText("Asked").waitFor();
  await omar.getByRole("button", { name: "Says yes" }).click();
  await omar.getByText("Comes").waitFor();
  await page.getByText("None of those asked can come").waitFor({ state: "hidden" });
});

test("the weeks stand in a table, and go into a calendar", async () => {
  const { page } = eva;
  await go(page, "week", "season");
  await page.getByRole("table", { name: "Visits by week" }).waitFor();
  const counts = await page.locator("tbody tr").evaluateAll((rows) => rows.map((row) => Number(row.children[1]?.textContent)));
  expect(counts.reduce((sum, n) => sum + n, 0)).toBe(2);
  const [file] = await Promise.all([page.waitForEvent("download"), button(page, "All to a calendar").click()]);
  const calendar = await readFile(await file.path(), "utf8");
  expect(file.suggestedFilename()).toMatch(/\.ics$/);
  expect(calendar.match(/BEGIN:VEVENT/g)?.length).toBe(2);
  expect(calendar).toContain("Northern depot");
});

test("a visit that is added in another week lies in that week", async () => {
  const { page } = eva;
  await go(page, "week");
  await button(page, "The week after").click();
  await button(page, "The week after").click();
  await button(page, /^week \d+ .* Today$/).waitFor();
  expect(await faults(page)).toEqual([]);
  await link(page, "Add a visit").click();
  await expect.poll(() => page.getByLabel("Day", { exact: true }).inputValue()).toBe(dayFrom(14));
  await link(page, "Back").click();
  await button(page, /^week \d+ .* Today$/).click();
  await button(page, /^week \d+ .* Today$/).waitFor({ state: "hidden" });
});

test("a visit over midnight ends on the next day", async () => {
  const { page } = eva;
  await go(page, "week", "new");
  await page.getByLabel("From", { exact: true }).fill("22:00");
  await page.getByLabel("Until", { exact: true }).fill("01:00");
  await button(page, "Done").click();
  await page.getByText("Who comes").waitFor();
  const id = page.url().split("/").at(-1) ?? "";
  const { fields } = await command<{ fields: { starts_at: string; ends_at: string } }>(page, "row", "visits", id);
  expect(Date.parse(fields.ends_at) - Date.parse(fields.starts_at)).toBe(3 * 60 * 60 * 1000);
  await command(page, "remove", "visits", id);
});

test("a visit keeps its own hours on a phone in another time zone", async () => {
  const away = await Profile.open({ zone: "America/New_York" });
  try {
    const { page } = away;
    await practise(page, server);
    const on = dayFrom(2);
    const fields = { kind: "table", spot: "Gate", starts_at: `${on}T11:30:00.000+02:00`, ends_at: `${on}T13:00:00.000+02:00`, state: "planned" };
    const id = await command(page, "add", { table: "visits", fields });
    type Hours = { fields: { starts_at: string; ends_at: string; note: string } };
    const hours = async () => {
      const { starts_at, ends_at } = (await command<Hours>(page, "row", "visits", id)).fields;
      return [starts_at, ends_at];
    };
    const before = await hours();
    await go(page, "week", "visit", id);
    await page.getByText(/11:30–13:00/).waitFor();
    await link(page, "Change").click();
    await expect.poll(() => page.getByLabel("From", { exact: true }).inputValue()).toBe("11:30");
    expect(await page.getByLabel("Until", { exact: true }).inputValue()).toBe("13:00");
    expect(await page.getByLabel("Day", { exact: true }).inputValue()).toBe(on);
    await page.getByLabel("Note").fill("Bring the banner");
    await button(page, "Done").click();
    await page.getByText("Bring the banner").waitFor();
    expect(await hours()).toEqual(before);

    await link(page, "Change").click();
    await expect.poll(() => page.getByLabel("From", { exact: true }).inputValue()).toBe("11:30");
    await page.getByLabel("From", { exact: true }).fill("12:00");
    await button(page, "Done").click();
    await page.getByText(/12:00–13:30/).waitFor();
    const [starts, ends] = await hours();
    expect(starts).toMatch(new RegExp(`^${on}T12:00:00(\\.000)?\\+02:00$`));
    expect(ends).toMatch(new RegExp(`^${on}T13:30:00(\\.000)?\\+02:00$`));
  } finally {
    await away.end();
  }
});

test("a visit that begins later ends later, and no campaign ends before it begins", async () => {
  const { page } = eva;
  await go(page, "week", "new");
  await page.getByLabel("From", { exact: true }).fill("12:00");
  await expect.poll(() => page.getByLabel("Until", { exact: true }).inputValue()).toBe("13:30");
  const fields = { name: "Turned round", starts_on: dayFrom(-60), ends_on: dayFrom(-30) };
  const campaign = await command(page, "add", { table: "campaigns", fields });
  await go(page, "week", "campaign", String(campaign));
  await page.getByLabel("Last day").fill(dayFrom(-90));
  await button(page, "Save").click();
  await page.getByText("earlier than it begins", { exact: true }).waitFor();
  expect(await faults(page)).toEqual([]);
  await page.getByLabel("Last day").fill(dayFrom(-20));
  await button(page, "Save").click();
  await page.getByText("earlier than it begins").first().waitFor({ state: "hidden" });
  await command(page, "remove", "campaigns", campaign);
});

test("the employer’s calendar suggests a visit, and coverage says where nobody was", async () => {
  const { page } = eva;
  await go(page, "week", "calendar");
  await page.getByLabel("What").selectOption("induction");
  await page.getByLabel("Day", { exact: true }).fill(dayFrom(30));
  await page.getByLabel("Workplace").fill("Harbour office");
  await button(page, "Done").click();
  const suggested = page.locator("li.suggested", { hasText: "Harbour office" });
  await suggested.waitFor();
  expect(await faults(page)).toEqual([]);
  await suggested.getByRole("link", { name: "Plan a visit" }).click();
  await page.getByRole("heading", { name: "Add a visit" }).waitFor();
  expect(await page.getByLabel("Day", { exact: true }).inputValue()).toBe(dayFrom(30));
  expect(await page.getByLabel("Kind").inputValue()).toBe("induction");
  expect(await page.getByLabel("Workplace").inputValue()).toBe("Harbour office");
  await button(page, "Done").click();
  await page.getByText("Who comes").waitFor();
  await go(page, "week", "season");
  await page.getByRole("table", { name: "Visits by week" }).waitFor();
  expect(await suggested.count()).toBe(0);

  await go(page, "week", "coverage");
  await link(page, "Northern depot").click();
  await page.getByLabel("Could be members").fill("80");
  await page.getByLabel("Members by the office’s list").fill("25");
  expect(await faults(page)).toEqual([]);
  await button(page, "Save").click();
  const place = page.locator("article", { hasText: "Northern depot" });
  await place.getByText("overdue").waitFor();
  await place.getByText("55", { exact: true }).waitFor();
  await place.getByText(/Next visit/).waitFor();
  expect(await faults(page)).toEqual([]);

  await link(page, "Northern depot").click();
  await page.getByLabel("No longer visited").check();
  await button(page, "Save").click();
  await place.waitFor({ state: "hidden" });
  await button(page, "Undo").click();
  await place.waitFor();
});

test("past campaigns stand at the end of those that run, and can be changed", async () => {
  const { page } = eva;
  const spring = await command(page, "add", { table: "campaigns", fields: { name: "Last spring", starts_on: dayFrom(-90), ends_on: dayFrom(-30) } });
  await go(page, "week", "season");
  await page.getByText("No campaign is running").waitFor();
  expect(await link(page, /^Last spring/).count()).toBe(0);
  await link(page, /^Past campaigns/).click();
  await link(page, /^Last spring/).waitFor();
  expect(await faults(page)).toEqual([]);
  await link(page, /^Last spring/).click();
  await page.getByLabel("Note").fill("Lunch worked best");
  await button(page, "Save").click();
  await page.getByRole("heading", { level: 1, name: "Past campaigns" }).waitFor();
  type Campaign = { fields: { note: string } };
  expect((await command<Campaign>(page, "row", "campaigns", spring)).fields.note).toBe("Lunch worked best");
  await command(page, "remove", "campaigns", spring);
  await page.getByText("No campaign is over yet").waitFor();
});

test("a workplace that is no longer visited is found at the end of the list, and brought back", async () => {
  const { page } = eva;
  type Workplaces = { fields: { id: string; name: string } }[];
  const depot = (await command<Workplaces>(page, "rows", "workplaces")).find(({ fields }) => fields.name === "Northern depot")?.fields.id ?? "";
  await command(page, "set", { id: depot, set: { table: "workplaces", fields: { archived: true } }, clear: [] });
  await go(page, "week", "coverage");
  await link(page, /^No longer visited/).waitFor();
  const place = page.locator("article", { hasText: "Northern depot" });
  expect(await place.count()).toBe(0);
  await link(page, /^No longer visited/).click();
  await button(page, "Bring back Northern depot").waitFor();
  expect(await faults(page)).toEqual([]);
  await button(page, "Bring back Northern depot").click();
  await page.getByText("Every workplace is visited").waitFor();
  await button(page, "Undo").click();
  await link(page, "Northern depot").click();
  await page.getByLabel("No longer visited").uncheck();
  await button(page, "Save").click();
  await page.getByText("Every workplace is visited").waitFor();
  await link(page, "Back").click();
  await place.waitFor();
  expect(await link(page, /^No longer visited/).count()).toBe(0);
});

test("of many workplaces the first are shown, and the others on demand", async () => {
  const { page } = eva;
  for (let n = 0; n < 50; n += 1) await command(page, "add", { table: "workplaces", fields: { name: `Site ${n}`, eligible: 20 + n } });
  await go(page, "week", "coverage");
  await expect.poll(() => page.locator("article").count()).toBe(50);
  await button(page, "Show more").click();
  await expect.poll(() => page.locator("article").count()).toBeGreaterThan(50);
  await button(page, "Show more").waitFor({ state: "hidden" });
});
