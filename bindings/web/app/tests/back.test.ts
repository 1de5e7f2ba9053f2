// The way back: from each screen to where one came from, by the arrow as by the browser's own step back; where that is not known
// any more, to the screen above.

import { afterAll, beforeAll, expect, test } from "vitest";
import { Profile, Server } from "./field";
import { button, command, go, inside, link, practise } from "./steps";

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

const PROMISE = "Find out about the parental pay";

/** The name of the screen that is shown. */
function titled(name: string) {
  return phone.page.getByRole("heading", { level: 1, name }).waitFor();
}

test("from a promise, to the card or the list that it was opened from", async () => {
  const { page } = phone;
  await go(page, "people");
  await link(page, /^Anna Lindqvist/).click();
  await link(page, PROMISE).click();
  await titled(PROMISE);
  await link(page, "Back").click();
  await titled("Anna Lindqvist");
  await link(page, PROMISE).click();
  await button(page, "Save").click();
  await titled("Anna Lindqvist");
  await link(page, PROMISE).click();
  await titled(PROMISE);
  await page.goBack();
  await titled("Anna Lindqvist");
  await link(page, "Back").click();
  await titled("People");

  await go(page, "due");
  await link(page, "All promises").click();
  await link(page, PROMISE).click();
  await titled(PROMISE);
  await link(page, "Back").click();
  await titled("All promises");
  await link(page, "Back").click();
  await titled("Due");
});

test("from a visit, to the season, the week or the table", async () => {
  const { page } = phone;
  await go(page, "week");
  await link(page, "Season").click();
  await page.locator("li.turn a").first().click();
  await page.getByText("Who comes").waitFor();
  await link(page, "Change").click();
  await titled("Change the visit");
  await button(page, "Done").click();
  await page.getByText("Who comes").waitFor();
  await link(page, "Back").click();
  await titled("Season");
  await link(page, "Back").click();
  await titled("Week");
  await link(page, /Canteen, Building B/).first().click();
  await page.getByText("Who comes").waitFor();
  await link(page, "Back").click();
  await titled("Week");

  await go(page, "table");
  await link(page, /Details/).click();
  await page.getByText("Who comes").waitFor();
  await page.goBack();
  await page.locator(".counter").first().waitFor();
});

test("from a visit that coverage asked for, to coverage", async () => {
  const { page } = phone;
  await command(page, "add", { table: "workplaces", fields: { name: "Shipyard", eligible: 30 } });
  await go(page, "week", "coverage");
  const plan = page.locator("article", { hasText: "Shipyard" }).getByRole("link", { name: "Plan a visit" });
  await plan.click();
  await titled("Add a visit");
  await link(page, "Back").click();
  await titled("Coverage");
  await plan.click();
  await expect.poll(() => page.getByLabel("Workplace").inputValue()).toBe("Shipyard");
  await button(page, "Done").click();
  await page.getByText("Who comes").waitFor();
  await link(page, "Back").click();
  await titled("Coverage");
});

test("from a card, to the list that led to it, and past the form that was done", async () => {
  const { page } = phone;
  await go(page, "due", "calls");
  await link(page, "Sofia Berg").click();
  await titled("Sofia Berg");
  await link(page, "Record a talk").click();
  await button(page, "Done").click();
  await titled("Sofia Berg");
  await link(page, "Back").click();
  await titled("Call list");
});

test("after the page was loaded again, to the screen above", async () => {
  const { page } = phone;
  await go(page, "people");
  await link(page, /^Anna Lindqvist/).click();
  await link(page, PROMISE).click();
  await titled(PROMISE);
  await page.reload();
  await inside(page);
  await titled(PROMISE);
  await link(page, "Back").click();
  await titled("All promises");
  await link(page, PROMISE).click();
  await titled(PROMISE);
  await link(page, "Back").click();
  await titled("All promises");
});
