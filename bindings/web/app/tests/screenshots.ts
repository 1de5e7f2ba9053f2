// Writes every screen in every theme at 390 × 844 into app/screenshots, for a person to look at.

import { mkdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { test } from "vitest";
import { Profile, Server, pause } from "./field";
import { BEFORE, INSIDE, RECOVERY, type ScreenOf } from "./screens";
import { createBook, go, invite, practise, theme } from "./steps";

const folder = join(dirname(fileURLToPath(import.meta.url)), "../screenshots");
const THEMES = ["light", "dark", "outdoor"] as const;

async function shoot(profile: Profile, name: string): Promise<void> {
  for (const look of THEMES) {
    await theme(profile.page, look);
    await pause(50);
    await profile.page.screenshot({ path: join(folder, `${look}-${name}.png`) });
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
