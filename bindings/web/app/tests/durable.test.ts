// What was recorded is there afterwards: without a network, after a killed browser, in a second tab, on a full phone.

import { randomBytes } from "node:crypto";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Profile, Server } from "./field";
import { button, command, createBook, go, inside, link, offlineReady, practise } from "./steps";

let server: Server;
let phone: Profile;

beforeEach(async () => {
  server = await Server.start();
  phone = await Profile.open();
});
afterEach(async () => {
  await phone?.end();
  await server?.end();
});

test("the app opens offline from the first load", async () => {
  const { page } = phone;
  await practise(page, server);
  await offlineReady(page);
  await server.down();
  await page.reload();
  await inside(page);
  await page.getByText("Canteen, Building B").waitFor();
  // And again from nothing but the profile, at the address of an invitation too.
  await phone.close();
  await phone.launch();
  await phone.page.goto(`${server.url}/j`);
  await inside(phone.page);
});

test("a browser killed in the middle of a sign-up has kept it", async () => {
  const { page } = phone;
  await createBook(page, server, "Hamnklubben", "Eva Lund");
  await button(page, "Start a table now").click();
  await link(page, "Sign up").click();
  await page.getByLabel("Name", { exact: true }).pressSequentially("Anna Berg", { delay: 60 });
  await page.getByText("Kept on this phone").waitFor();
  type Rows = { fields: { family_name?: string } }[];
  await expect.poll(() => command<Rows>(page, "rows", "contacts").then(([row]) => row?.fields.family_name), { timeout: 20_000 }).toBe("Berg");
  await page.getByLabel("Phone", { exact: true }).pressSequentially("070");
  await phone.kill();

  await phone.launch();
  await phone.page.goto(server.url);
  await inside(phone.page);
  await link(phone.page, "Last ten entries").click();
  await phone.page.getByText("Anna Berg").waitFor();
  await go(phone.page, "people");
  await link(phone.page, /^Anna Berg/).waitFor();
});

test("a browser killed after one tap on Same person has kept the answer", async () => {
  const { page } = phone;
  await createBook(page, server, "Hamnklubben", "Eva Lund");
  const anna = await command(page, "add", { table: "contacts", fields: { given_name: "Anna", family_name: "Berg", phone: "070-174 06 05" } });
  await link(page, "Sign up").click();
  await page.getByLabel("Name", { exact: true }).pressSequentially("A Berg");
  await page.getByLabel("Phone", { exact: true }).pressSequentially("+46701740605");
  await page.getByText("Maybe you already met Anna Berg?").waitFor();
  await button(page, "Same person").click();
  await page.getByText("Now one person: Anna Berg").waitFor();
  await phone.kill();

  await phone.launch();
  await phone.page.goto(server.url);
  await inside(phone.page);
  await go(phone.page, "people", "card", anna);
  await phone.page.getByText("Written down 2 times").waitFor();
});

test("the very first key is durable", async () => {
  const { page } = phone;
  await createBook(page, server, "Hamnklubben", "Eva Lund");
  await link(page, "Sign up").click();
  await page.locator("input:focus").waitFor();
  await page.keyboard.type("Q");
  await page.getByText("Kept on this phone").waitFor();
  await phone.kill();

  await phone.launch();
  await phone.page.goto(server.url);
  await inside(phone.page);
  await go(phone.page, "people");
  await link(phone.page, /^Q/).waitFor();
});

test("a second tab is refused with words, and opens when the first is closed", async () => {
  const { page } = phone;
  await practise(page, server);
  const second = await phone.context.newPage();
  await second.goto(server.url);
  await second.getByText("Samla is open in another tab. Go on there").waitFor();
  // The first goes on as if nothing had been.
  await button(page, /Talked$/).first().click();
  await button(page, "Undo").waitFor();
  await page.close();
  await inside(second);
  await second.getByText("Canteen, Building B").waitFor();
  expect(await second.locator(".counter .n").first().innerText()).toBe("4");
});

test("a full phone says so and loses nothing", async () => {
  const { page } = phone;
  await createBook(page, server, "Hamnklubben", "Eva Lund");
  await go(page, "people", "new");
  await page.getByLabel("Given name").fill("Anna");
  await button(page, "Done").click();
  await page.getByText("What happened").waitFor();

  const devtools = await phone.context.newCDPSession(page);
  await devtools.send("Storage.overrideQuotaForOrigin", { origin: server.url, quotaSize: 0 });
  const full = page.getByText("The device has no room left");
  // The browser hands out room by the megabyte, so there is some left to fill, with words that do not shrink.
  const long = () => randomBytes(11_000).toString("base64");
  for (let tries = 0; tries < 80 && !(await full.isVisible()); tries += 1) {
    await go(page, "people", "new");
    await page.getByLabel("Given name").fill("Omar");
    for (const field of ["Department", "Job", "Note"]) await page.getByLabel(field).fill(long());
    await button(page, "Done").click();
    await full.or(page.getByText("What happened")).first().waitFor();
  }
  await full.waitFor();
  expect(await page.getByLabel("Given name").inputValue()).toBe("Omar");

  await devtools.send("Storage.overrideQuotaForOrigin", { origin: server.url });
  await button(page, "Done").click();
  await page.getByText("What happened").waitFor();
  await page.reload();
  await inside(page);
  await go(page, "people");
  await link(page, /^Anna/).waitFor();
  await link(page, /^Omar/).first().waitFor();
});
