// What goes wrong is told in words that say what to do next, and nothing is lost.

import { existsSync } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import { join as path } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import type { Page } from "playwright-core";
import { faults } from "./axe";
import { Profile, Server, pause } from "./field";
import { button, createBook, go, inside, invite, join, keepSheet, link, practise, sent, shared } from "./steps";

let server: Server;
let phone: Profile;

beforeAll(async () => {
  server = await Server.start();
});
afterAll(async () => {
  await server?.end();
});
beforeEach(async () => {
  phone = await Profile.open();
});
afterEach(async () => {
  await phone?.end();
});

async function addPerson(name: string): Promise<void> {
  await go(phone.page, "people", "new");
  await phone.page.getByLabel("Given name").fill(name);
  await button(phone.page, "Done").click();
  await phone.page.getByText("What happened").waitFor();
}

/** Sets the clock that the core is handed so many days off. */
async function shiftClock(page: Page, days: number): Promise<void> {
  await page.workers()[0]?.evaluate((days) => {
    const Real = Date;
    globalThis.Date = class extends Real {
      constructor(...given: unknown[]) {
        if (given.length > 0) super(...(given as [number]));
        else super(Real.now() + days * 24 * 60 * 60 * 1000);
      }
    } as DateConstructor;
  }, days);
}

async function pasteLink(text: string): Promise<void> {
  const { page } = phone;
  await page.goto(server.url);
  await button(page, "Join with a link").click();
  await page.getByLabel("Invitation link").fill(text);
  await page.getByLabel("Your name").fill("Karin Vik");
  await button(page, "Join").click();
}

test("what is gone is told of at every address that leads to it", async () => {
  const { page } = phone;
  await practise(page, server);
  const addresses = [
    ["week", "visit"], ["week", "edit"], ["week", "repeat"], ["week", "campaign"], ["week", "workplace"],
    ["people", "card"], ["people", "edit"], ["people", "erase"], ["people", "talk"], ["people", "signup"], ["people", "membership"],
    ["people", "promise"],
    ["due", "promise"],
  ] as const;
  for (const [place, what] of addresses) {
    await go(page, "more");
    await page.getByRole("heading", { level: 1, name: "More" }).waitFor();
    await go(page, place, what, "0".repeat(32));
    await page.getByText("This is not, or no longer, in the register. Go back and choose again.").waitFor();
    await link(page, "Back").waitFor();
  }
  expect(await faults(page)).toEqual([]);
  expect(phone.complaints).toEqual([]);
});

test("a link that is no invitation", async () => {
  await pasteLink(`${server.url}/j#1.notalink`);
  await phone.page.getByText("This is not a whole invitation link").waitFor();
  expect(await phone.page.getByLabel("Your name").inputValue()).toBe("Karin Vik");
});

test("a link of another server", async () => {
  await pasteLink("https://samla.example/j#1.AAAA");
  await phone.page.getByText("This invitation belongs to another server").waitFor();
  expect(phone.asked.filter((address) => address.includes("samla.example"))).toEqual([]);
});

test("a link of a newer version", async () => {
  await pasteLink(`${server.url}/j#2.AAAA`);
  await phone.page.getByText("A newer version of Samla is needed").waitFor();
});

test("wrong characters of the recovery sheet, and then the right ones", async () => {
  const { page } = phone;
  await page.goto(server.url);
  await button(page, "Start a new register").click();
  await page.getByLabel("Name of the register").fill("Hamnklubben");
  await page.getByLabel("Your name").fill("Eva Lund");
  await button(page, "Start").click();
  await page.getByRole("heading", { name: "Recovery sheet" }).waitFor();
  await button(page, "I have kept it").click();
  // `b` is not one of the characters of a sheet.
  for (const box of await page.locator(".places input").all()) await box.fill("b");
  await button(page, "Open the register").click();
  await page.getByText("These are not the characters on the sheet").waitFor();
  await button(page, "Back").click();
  await keepSheet(page);
  await inside(page);
});

test("a recovery sheet that was not kept: after a reload it is asked for, and one can make another", async () => {
  const { page } = phone;
  await page.goto(server.url);
  await button(page, "Start a new register").click();
  await page.getByLabel("Name of the register").fill("Hamnklubben");
  await page.getByLabel("Your name").fill("Eva Lund");
  await button(page, "Start").click();
  await page.getByRole("heading", { name: "Recovery sheet" }).waitFor();
  await page.reload();
  await page.getByText("The sheet is no longer shown").waitFor();
  await button(page, "Make a new sheet").click();
  await page.getByRole("heading", { name: "Recovery sheet" }).waitFor();
  await keepSheet(page);
  await inside(page);
});

test("a recovery sheet is retired by its text, and never the last one", async () => {
  const { page } = phone;
  await page.goto(server.url);
  await button(page, "Start a new register").click();
  await page.getByLabel("Name of the register").fill("Hamnklubben");
  await page.getByLabel("Your name").fill("Eva Lund");
  await button(page, "Start").click();
  await page.getByRole("heading", { name: "Recovery sheet" }).waitFor();
  const first = await keepSheet(page);
  await inside(page);
  await sent(page);

  const dialog = page.getByRole("dialog");
  const retire = async (text: string): Promise<void> => {
    await go(page, "more", "sheet");
    await page.getByLabel("Text of the old sheet").fill(`samlar1${text}`);
    await button(page, "Retire this sheet, without a new one").click();
    await dialog.getByText("It cannot be undone").waitFor();
    expect(await faults(page)).toEqual([]);
    await dialog.getByRole("button", { name: "Retire" }).click();
    await dialog.waitFor({ state: "hidden" });
  };
  await retire(first);
  await page.getByText("This is the only recovery sheet").waitFor();

  await page.getByLabel("Text of the old sheet").fill("");
  await button(page, "Make a new sheet").click();
  await button(page, "I have kept it").waitFor(); // The screen before it has the same heading.
  const second = await keepSheet(page);
  await inside(page);
  await sent(page);
  await retire(first);
  await page.getByText("The sheet stops working with the next sharing").waitFor();
  expect(await page.getByLabel("Text of the old sheet").inputValue()).toBe("");
  expect(await faults(page)).toEqual([]);
  await sent(page);
  await retire(first);
  await page.getByText("This recovery sheet does not open any register here").waitFor();
  await retire(second);
  await page.getByText("This is the only recovery sheet").waitFor();
});

test("a server that is away, and back", async () => {
  const { page } = phone;
  await createBook(page, server, "Hamnklubben", "Eva Lund");
  await shared(page);
  await server.down();
  await addPerson("Anna");
  await page.getByText(/only here/).first().waitFor();
  await go(page, "more", "sync");
  await page.getByText("The server does not answer. Go on recording").waitFor();
  await server.up();
  await shared(page);
});

test("an invitation opened without a network is kept and used later", async () => {
  const eva = await Profile.open();
  try {
    await createBook(eva.page, server, "Hamnklubben", "Eva Lund");
    const invitation = await invite(eva.page);
    const { page } = phone;
    await page.goto(server.url);
    await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
    await server.down();
    await join(page, invitation, "Karin Vik");
    await page.getByText("The server does not answer").waitFor();
    await page.reload();
    await page.getByRole("heading", { name: "Joining" }).waitFor();
    await server.up();
    await inside(page);
  } finally {
    await eva.end();
  }
});

test("a link and a file let somebody in without a network", async () => {
  const eva = await Profile.open();
  try {
    await createBook(eva.page, server, "Hamnklubben", "Eva Lund");
    const invitation = await invite(eva.page);
    const [download] = await Promise.all([eva.page.waitForEvent("download"), button(eva.page, "A file to join without a network").click()]);
    const { page } = phone;
    await page.goto(server.url);
    await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
    await server.down();
    await page.goto(invitation);
    await page.getByText("The invitation is here").waitFor();
    await page.getByLabel("Your name").fill("Karin Vik");
    await page.getByText("I also have a file").click();
    await page.locator('input[type="file"]').setInputFiles(await download.path());
    await button(page, "Join").click();
    await inside(page);
    await addPerson("Anna");
    await server.up();
    await shared(page);
    await go(eva.page, "people");
    await link(eva.page, /^Anna/).waitFor({ timeout: 30_000 });
  } finally {
    await eva.end();
  }
});

test("an invitation whose last day has passed", async () => {
  const eva = await Profile.open();
  try {
    await createBook(eva.page, server, "Hamnklubben", "Eva Lund");
    // Made a month ago for a week, by the inviter's clock.
    await shiftClock(eva.page, -30);
    await join(phone.page, await invite(eva.page), "Karin Vik");
    await phone.page.getByText("This invitation has expired").waitFor();
  } finally {
    await eva.end();
  }
});

test("an invitation opened by one who practises, and by one who has a register", async () => {
  const eva = await Profile.open();
  try {
    await createBook(eva.page, server, "Hamnklubben", "Eva Lund");
    const invitation = await invite(eva.page);
    await practise(phone.page, server);
    await phone.page.goto("about:blank");
    await join(phone.page, `${invitation.slice(0, -4)}`, "Karin Vik");
    await phone.page.getByText("This is not a whole invitation link").waitFor();
    await button(phone.page, "Back").click();
    await phone.page.getByText("Canteen, Building B").waitFor();
    await phone.page.goto("about:blank");
    await join(phone.page, invitation, "Karin Vik");
    await inside(phone.page);
    await shared(phone.page);
    await phone.page.goto("about:blank");
    await phone.page.goto(invitation);
    await phone.page.getByText("There is a register here already").waitFor();
    expect(phone.page.url()).not.toContain("#1.");
  } finally {
    await eva.end();
  }
});

test("a register that the server no longer has", async () => {
  const own = await Server.start();
  const { page } = phone;
  try {
    await createBook(page, own, "Hamnklubben", "Eva Lund");
    await shared(page);
    await own.down();
    for (const name of await readdir(own.folder)) await rm(path(own.folder, name), { recursive: true });
    await own.up();
    await addPerson("Anna");
    await go(page, "more", "sync");
    await page.getByText("The server does not have this register").waitFor({ timeout: 30_000 });
    await go(page, "people");
    await link(page, /^Anna/).waitFor();
  } finally {
    await own.end();
  }
});

/** The profile's private files of the page's origin. */
async function privateFiles(folder: string): Promise<string[]> {
  const found: string[] = [];
  const walk = async (at: string) => {
    for (const entry of await readdir(at, { withFileTypes: true })) {
      const inner = path(at, entry.name);
      if (entry.isDirectory()) await walk(inner);
      else found.push(inner);
    }
  };
  const root = path(folder, "Default", "File System");
  if (existsSync(root)) await walk(root);
  return found;
}

test("a damaged copy is not opened and not thrown away unasked", async () => {
  const { page } = phone;
  await createBook(page, server, "Hamnklubben", "Eva Lund");
  await addPerson("Anna");
  await shared(page);
  await phone.close();
  const { open } = await import("node:fs/promises");
  let damaged = 0;
  for (const name of await privateFiles(phone.folder)) {
    const file = await open(name, "r+");
    try {
      const { size } = await file.stat();
      // The pool's own header stands before the database.
      if (size < 16_384) continue;
      await file.write(Buffer.alloc(size - 4096, 0xa5), 0, size - 4096, 4096);
      damaged += 1;
    } finally {
      await file.close();
    }
  }
  expect(damaged).toBeGreaterThan(0);

  await phone.launch();
  await phone.page.goto(server.url);
  await phone.page.getByText("The copy on this device is damaged").waitFor();
  await phone.page.reload();
  await phone.page.getByText("The copy on this device is damaged").waitFor();
  await button(phone.page, "Leave and erase").click();
  await button(phone.page, "Erase").click();
  await button(phone.page, "Join with a link").waitFor();
});

test("a key that is gone", async () => {
  const { page } = phone;
  await practise(page, server);
  await page.goto(`${server.url}/icon.svg`);
  await page.evaluate(
    () =>
      new Promise((done, failed) => {
        const opening = indexedDB.open("samla", 1);
        opening.onerror = failed;
        opening.onsuccess = () => {
          const transaction = opening.result.transaction("profile", "readwrite");
          transaction.objectStore("profile").delete("key:practice");
          transaction.oncomplete = done;
        };
      }),
  );
  await page.goto(server.url);
  await page.getByText("does not fit. Erase the copy").waitFor();
});

test("a clock that is a year off", async () => {
  const { page } = phone;
  await createBook(page, server, "Hamnklubben", "Eva Lund");
  await shared(page);
  await shiftClock(page, 365);
  await addPerson("Anna");
  await go(page, "more", "sync");
  await page.getByText("This phone’s clock is off").waitFor();
  await page.getByText("Nothing; all is shared").waitFor();
});

test("a core that traps is started again, and what was recorded is there", async () => {
  const { page } = phone;
  await practise(page, server);
  await button(page, /Talked$/).first().click();
  await button(page, "Undo").waitFor();
  // The page cannot make the core trap; ending its Worker is what the page does when it has.
  const worker = page.workers()[0];
  expect(worker).toBeDefined();
  await worker?.evaluate(() => {
    setTimeout(() => {
      throw new WebAssembly.RuntimeError("unreachable");
    });
  });
  await pause(500);
  await page.locator(".counter .n").first().waitFor({ timeout: 20_000 });
  await expect.poll(() => page.locator(".counter .n").first().innerText()).toBe("4");
  await button(page, /Talked$/).first().click();
  await expect.poll(() => page.locator(".counter .n").first().innerText()).toBe("5");
});
