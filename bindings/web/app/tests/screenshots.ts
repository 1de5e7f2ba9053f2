// Writes every screen in every theme at 390 × 844 into app/screenshots, for a person to look at.

import { mkdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { test } from "vitest";
import { Profile, Server, pause } from "./field";
import { BEFORE, INSIDE, RECOVERY, type ScreenOf } from "./screens";
import { button, command, createBook, go, inside, invite, join as joinBook, keepSheet, offlineReady, practise, sent, theme } from "./steps";

const folder = join(dirname(fileURLToPath(import.meta.url)), "../screenshots");
const THEMES = ["light", "dark", "outdoor"] as const;

async function shoot(profile: Profile, name: string, fullPage = false): Promise<void> {
  for (const look of THEMES) {
    await theme(profile.page, look);
    await pause(50);
    await profile.page.screenshot({ path: join(folder, `${look}-${name}.png`), fullPage });
  }
  await theme(profile.page, "light");
}

async function all(profile: Profile, server: Server, screens: ScreenOf[]): Promise<void> {
  for (const screen of screens) {
    await screen.there(profile.page, server);
    await pause(250);
    await shoot(profile, screen.name);
  }
}

test("every screen in every theme", async () => {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const server = await Server.start();
  const before = await Profile.open();
  const inside = await Profile.open();
  const sharing = await Profile.open();
  const desk = await Profile.open({ viewport: { width: 1280, height: 800 } });
  try {
    await all(before, server, [...BEFORE, ...RECOVERY]);
    await practise(inside.page, server);
    await all(inside, server, INSIDE);
    await createBook(sharing.page, server, "Hamnklubben", "Eva Lund");
    await shoot(sharing, "table-no-visit");
    await invite(sharing.page);
    await shoot(sharing, "share");
    await go(sharing.page, "more", "sync");
    await shoot(sharing, "sync-shared");
    await go(sharing.page, "more", "team");
    await shoot(sharing, "team-organiser");
    await go(sharing.page, "more", "anew");
    await shoot(sharing, "anew");
    await practise(desk.page, server);
    for (const screen of INSIDE.filter(({ name }) => ["table", "week", "person", "due"].includes(name))) {
      await screen.there(desk.page, server);
      await pause(250);
      await shoot(desk, `desk-${screen.name}`);
    }
  } finally {
    for (const profile of [before, inside, sharing, desk]) await profile.end();
    await server.end();
  }
});

/** A fresh invitation, wherever the page stands. */
async function another(profile: Profile): Promise<string> {
  await go(profile.page, "people");
  await profile.page.getByLabel("Name, phone or workplace").waitFor();
  return invite(profile.page);
}

async function open(profile: Profile, server: Server): Promise<void> {
  await profile.launch();
  await profile.page.goto(server.url);
}

const add = (profile: Profile, name: string) => command(profile.page, "add", { table: "contacts", fields: { given_name: name } });

test("the ways back in, in every theme", async () => {
  await mkdir(folder, { recursive: true });
  const server = await Server.start();
  const [eva, karin, liv] = [await Profile.open(), await Profile.open(), await Profile.open()];
  let twin: Profile | undefined;
  try {
    // The sheet on paper, and on the screen of whoever founds the register.
    await RECOVERY[0]?.there(eva.page, server);
    await eva.page.emulateMedia({ media: "print" });
    await shoot(eva, "recovery-sheet-printed", true);
    await eva.page.emulateMedia({ media: null });
    const sheet = `samlar1${await keepSheet(eva.page)}`;
    await inside(eva.page);
    await add(eva, "Anna");
    const used = await invite(eva.page);
    await joinBook(karin.page, used, "Karin Ek");
    await inside(karin.page);
    await offlineReady(karin.page);

    // Too late with an invitation: another one, or all from the start.
    await joinBook(liv.page, used, "Liv Dahl");
    await liv.page.getByText("This invitation has been used").waitFor();
    await shoot(liv, "joining-refused");
    await button(liv.page, "Use another link").click();
    await shoot(liv, "joining-other-link");
    await button(liv.page, "Start over").click();
    await shoot(liv, "joining-start-over");
    await liv.page.getByRole("dialog").getByRole("button", { name: "Erase" }).click();

    // By the sheet, first without the server.
    await button(liv.page, "Use a recovery sheet").click();
    await liv.page.getByLabel("Text of the sheet").fill(sheet);
    await liv.page.getByLabel("Your name").fill("Liv Dahl");
    await server.down();
    await button(liv.page, "Open the register").click();
    await liv.page.getByText("The server does not answer").waitFor();
    await shoot(liv, "recovering");
    await server.up();
    await button(liv.page, "Try again").click();
    await inside(liv.page);
    await sent(liv.page);
    await shoot(liv, "sync-recovered");

    // Put out, with something that was only there.
    await server.down();
    await add(liv, "Omar");
    await liv.close();
    await server.up();
    await go(eva.page, "more", "team");
    const member = eva.page.locator("li.device", { hasText: "Liv Dahl" });
    await member.getByRole("button", { name: "Put out" }).click({ timeout: 60_000 });
    await eva.page.getByRole("dialog").getByRole("button", { name: "Put out" }).click();
    await member.waitFor({ state: "detached", timeout: 60_000 });
    await open(liv, server);
    await liv.page.getByText("Some of what you recorded was only here").waitFor({ timeout: 60_000 });
    await shoot(liv, "removed");
    await shoot(liv, "removed-whole", true);
    await button(liv.page, "Erase").click();
    await shoot(liv, "removed-ask");

    // The same phone twice: the second to write has to come in anew.
    await sent(karin.page);
    await karin.close();
    twin = await karin.copy();
    await server.down();
    await open(twin, server);
    await inside(twin.page);
    await add(twin, "Tove");
    await twin.close();
    await server.up();
    await open(karin, server);
    await inside(karin.page);
    await add(karin, "Siri");
    await sent(karin.page);
    await open(twin, server);
    await inside(twin.page);
    await go(twin.page, "more", "sync");
    await twin.page.getByText("Another device writes").first().waitFor({ timeout: 60_000 });
    await shoot(twin, "rejoin");
    const invitation = await another(eva);
    await twin.page.goto("about:blank");
    await twin.page.goto(invitation);
    await twin.page.getByText("The invitation is here").waitFor();
    await shoot(twin, "rejoin-invited");
    await button(twin.page, "Come in again").click();
    await sent(twin.page);

    // The server is put back from a backup, and goes another way.
    for (const profile of [karin, twin]) await profile.close();
    await sent(eva.page);
    await server.down();
    const putBack = await server.backup();
    await server.up();
    await add(eva, "Ingrid");
    await sent(eva.page);
    await eva.close();
    await server.down();
    await putBack();
    await server.up();
    await open(karin, server);
    await inside(karin.page);
    await add(karin, "Per");
    await sent(karin.page);
    await open(eva, server);
    await inside(eva.page);
    await go(eva.page, "more", "sync");
    await button(eva.page, "Settle with the server").waitFor({ timeout: 60_000 });
    await shoot(eva, "settle");
    await button(eva.page, "Settle with the server").click();
    await shoot(eva, "settle-ask");
    await eva.page.getByRole("dialog").getByRole("button", { name: "Settle" }).click();
    await button(eva.page, "Settle with the server").waitFor({ state: "hidden", timeout: 60_000 });
    await sent(eva.page);
    await shoot(eva, "settled");
    await sent(karin.page);
    await karin.page.getByText("When it last began anew").waitFor({ timeout: 60_000 });
    await shoot(karin, "settled-for-others");
  } finally {
    for (const profile of [eva, karin, liv, twin]) await profile?.end();
    await server.end();
  }
});
