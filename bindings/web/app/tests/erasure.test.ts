// A person is erased: from the tap on one phone to the server's receipt, and gone from the other phone.

import { mkdir } from "node:fs/promises";
import { dirname, join as path } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Page } from "playwright-core";
import { faults } from "./axe";
import { Profile, Server } from "./field";
import { button, createBook, go, inside, invite, join, link, shared } from "./steps";

const folder = path(dirname(fileURLToPath(import.meta.url)), "../screenshots");

const ANNA = /^Anna Lindqvist/;

let server: Server;
let eva: Profile;
let karin: Profile;

beforeAll(async () => {
  await mkdir(folder, { recursive: true });
  server = await Server.start();
  [eva, karin] = await Promise.all([Profile.open(), Profile.open()]);
});
afterAll(async () => {
  await eva?.end();
  await karin?.end();
  await server?.end();
});

async function seen(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: path(folder, `erasure-${name}.png`), fullPage: true });
  expect(await faults(page), name).toEqual([]);
}

async function add(page: Page, first: string, last: string): Promise<void> {
  await go(page, "people", "new");
  await page.getByLabel("Given name").fill(first);
  await page.getByLabel("Family name").fill(last);
  await button(page, "Done").click();
}

test("from the tap to the receipt", async () => {
  const { page } = eva;
  await createBook(page, server, "Hamnklubben", "Eva Lund");
  const invitation = await invite(page);
  await join(karin.page, invitation, "Karin Ek");
  await inside(karin.page);
  await add(page, "Anna", "Lindqvist");
  await shared(page);
  await go(karin.page, "people");
  await link(karin.page, ANNA).waitFor();

  await go(page, "people");
  await link(page, ANNA).click();
  await link(page, "Erase this person").click();
  await page.getByText("This goes with Anna Lindqvist").waitFor();
  await seen(page, "preview");
  await button(page, "Erase").click();
  await page.getByText("It cannot be undone").waitFor();
  await seen(page, "ask");
  await page.getByRole("dialog").getByRole("button", { name: "Erase" }).click();

  await go(page, "more", "erasures");
  await page.getByText("Receipt: the server says that it deleted").waitFor({ timeout: 30_000 });
  await page.getByText("Check for the old log: it is gone").waitFor({ timeout: 30_000 });
  expect(await page.getByText("Anna").count()).toBe(0);
  await seen(page, "receipt");
  await go(page, "people");
  expect(await link(page, ANNA).count()).toBe(0);

  await go(karin.page, "people");
  await link(karin.page, ANNA).waitFor({ state: "detached", timeout: 30_000 });
  await go(page, "more", "erasures");
  await page.getByText("Phones that have not come along yet").waitFor({ state: "detached", timeout: 30_000 });
  await seen(page, "all-moved");
});

test("the screens of the team, files and the sheet", async () => {
  const { page } = eva;
  for (const screen of ["team", "files", "sheet", "sync"]) {
    await go(page, "more", screen);
    await page.getByRole("heading").first().waitFor();
    await seen(page, screen);
  }
});
