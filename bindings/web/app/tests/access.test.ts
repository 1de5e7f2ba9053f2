// Everybody can use it: no faults of access on any screen in any theme, nothing lost at 320 pixels or at twice the size
// of text, and everything reached by the keyboard alone.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Page } from "playwright-core";
import { faults } from "./axe";
import { Profile, Server, pause, type ProfileOptions } from "./field";
import { BEFORE, INSIDE, RECOVERY, type ScreenOf } from "./screens";
import { button, createBook, go, inside, invite, join, practise, theme } from "./steps";

const THEMES = ["light", "dark", "outdoor"] as const;

let server: Server;
beforeAll(async () => {
  server = await Server.start();
});
afterAll(async () => {
  await server?.end();
});

async function walk(profile: Profile, screens: ScreenOf[], look: (name: string, page: Page) => Promise<void>): Promise<void> {
  for (const screen of screens) {
    await screen.there(profile.page, server);
    await pause(150);
    await look(screen.name, profile.page);
  }
}

/** All screens, those before a register and those inside one. */
async function everywhere(options: ProfileOptions, look: (name: string, page: Page) => Promise<void>): Promise<void> {
  const before = await Profile.open(options);
  const within = await Profile.open(options);
  try {
    await walk(before, [...BEFORE, ...RECOVERY], look);
    await practise(within.page, server);
    await walk(within, INSIDE, look);
  } finally {
    await before.end();
    await within.end();
  }
}

test("axe finds nothing on any screen in any theme", async () => {
  const found: string[] = [];
  await everywhere({}, async (name, page) => {
    for (const look of THEMES) {
      await theme(page, look);
      // Sunlight asks for more: 7:1.
      const rules: Record<string, { enabled: boolean }> = look === "outdoor" ? { "color-contrast-enhanced": { enabled: true } } : {};
      found.push(...(await faults(page, rules)).map((fault) => `${look} ${name}: ${fault}`));
    }
    await theme(page, "light");
  });
  expect(found).toEqual([]);
});

test("axe finds nothing on a desk, where list and card stand side by side", async () => {
  const desk = await Profile.open({ viewport: { width: 1280, height: 800 } });
  const found: string[] = [];
  try {
    await practise(desk.page, server);
    await walk(desk, INSIDE, async (name, page) => {
      found.push(...(await faults(page)).map((fault) => `${name}: ${fault}`));
    });
  } finally {
    await desk.end();
  }
  expect(found).toEqual([]);
});

test("axe finds nothing where two share, where one waits, and where it cannot go on", async () => {
  const [eva, karin] = [await Profile.open(), await Profile.open()];
  const found: string[] = [];
  const look = async (name: string, page: Page) => {
    for (const one of THEMES) {
      await theme(page, one);
      found.push(...(await faults(page)).map((fault) => `${one} ${name}: ${fault}`));
    }
  };
  try {
    await createBook(eva.page, server, "Hamnklubben", "Eva Lund");
    await look("table without a visit", eva.page);
    await go(eva.page, "people");
    await look("nobody yet", eva.page);
    await go(eva.page, "more", "share");
    await look("share", eva.page);
    const invitation = await invite(eva.page);
    await look("invitation", eva.page);
    await go(eva.page, "more", "sync");
    await look("sharing", eva.page);
    const second = await eva.context.newPage();
    await second.goto(server.url);
    await second.getByText("Samla is open in another tab. Go on there").waitFor();
    await look("elsewhere", second);
    await second.close();

    await karin.page.goto(server.url);
    await button(karin.page, "Join with a link").waitFor();
    await karin.page.waitForFunction(() => navigator.serviceWorker.controller !== null);
    await server.down();
    await join(karin.page, invitation, "Karin Vik");
    await karin.page.getByText("The server does not answer").waitFor();
    await look("joining", karin.page);
    await server.up();
    await inside(karin.page);
    await go(karin.page, "more", "team");
    await karin.page.getByText("Eva Lund").waitFor();
    await look("team", karin.page);
    await go(karin.page, "more", "leave");
    await button(karin.page, "Erase").click();
    await karin.page.getByRole("dialog").waitFor();
    await look("asked before leaving", karin.page);
  } finally {
    await eva.end();
    await karin.end();
  }
  expect(found).toEqual([]);
});

/** What is cut off or pushed out of the page to the side. */
async function lost(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const out: string[] = [];
    const wide = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth > wide) out.push(`the page is ${document.documentElement.scrollWidth} wide`);
    for (const element of document.querySelectorAll<HTMLElement>("h1,h2,h3,p,a,button,label,input,select,textarea,strong,span,dt,dd,code")) {
      if (element.closest(".unseen, .skip") || element.matches(".unseen, .skip, option")) continue;
      const box = element.getBoundingClientRect();
      if (box.width === 0 || box.height === 0) continue;
      const said = `${element.tagName} ${element.className} “${element.textContent?.trim().slice(0, 30)}”`;
      if (box.right > wide + 1 || box.left < -1) out.push(`${said} stands out of the page`);
      const holder = element.parentElement?.closest("button, a, label, .sheet")?.getBoundingClientRect();
      if (holder && (box.right > holder.right + 1 || box.left < holder.left - 1 || box.bottom > holder.bottom + 1))
        out.push(`${said} stands out of what holds it`);
      const style = getComputedStyle(element);
      const cuts = style.overflowX !== "visible" || style.textOverflow === "ellipsis";
      if (cuts && !/INPUT|SELECT|TEXTAREA/.test(element.tagName) && element.scrollWidth > element.clientWidth + 1) out.push(`${said} is cut`);
    }
    return out;
  });
}

describe.each([
  ["320 pixels", { viewport: { width: 320, height: 640 } }],
  ["twice the size of text", { text: 32 }],
] as [string, ProfileOptions][])("%s", (_, options) => {
  test("loses nothing", async () => {
    const found: string[] = [];
    await everywhere(options, async (name, page) => {
      found.push(...(await lost(page)).map((fault) => `${name}: ${fault}`));
    });
    expect(found).toEqual([]);
  });
});

test("the size of text that the reader has set is the one that is used", async () => {
  const large = await Profile.open({ text: 32 });
  try {
    await large.page.goto(server.url);
    await large.page.getByRole("heading", { level: 1 }).waitFor();
    expect(await large.page.evaluate(() => getComputedStyle(document.body).fontSize)).toBe("32px");
  } finally {
    await large.end();
  }
});

/** Goes through a screen by the tab key: what was not reached, and the order of what was. */
async function tabbed(page: Page): Promise<{ missed: (string | null)[]; order: number[] }> {
  const all = await page.evaluate(() => {
    document.querySelectorAll<HTMLElement>("[data-reach]").forEach((one) => delete one.dataset.reach);
    const reach = [...document.querySelectorAll<HTMLElement>("a[href],button,input,select,textarea")].filter(
      (one) => !(one as HTMLButtonElement).disabled && one.getClientRects().length > 0 && one.checkVisibility(),
    );
    reach.forEach((one, n) => (one.dataset.reach = String(n)));
    (document.activeElement as HTMLElement | null)?.blur();
    // Radio buttons of one name are one stop: the checked one, else the first.
    const radios = reach.filter((one) => one instanceof HTMLInputElement).filter((one) => one.type === "radio");
    const stopOf = (group: HTMLInputElement[]) => group.find(({ checked }) => checked) ?? group[0];
    const passed = new Set<HTMLElement>(radios.filter((one) => stopOf(radios.filter(({ name }) => name === one.name)) !== one));
    return reach.filter((one) => !passed.has(one)).map((one) => one.dataset.reach ?? "");
  });
  const met = new Set<string>();
  const order: number[] = [];
  // Date and time fields are several stops each.
  for (let step = 0; step < all.length * 6 + 20 && met.size < all.length; step += 1) {
    await page.keyboard.press("Tab");
    const at = await page.evaluate(() => (document.activeElement as HTMLElement | null)?.dataset.reach);
    if (at !== undefined && !met.has(at)) {
      met.add(at);
      order.push(Number(at));
    }
  }
  const left = all.filter((one) => !met.has(one));
  const missed = await page.evaluate((left) => left.map((one) => document.querySelector(`[data-reach="${one}"]`)?.outerHTML ?? null), left);
  return { missed, order };
}

test("the keyboard alone reaches everything, in order", async () => {
  const desk = await Profile.open();
  const { page } = desk;
  try {
    await practise(page, server);
    await walk(desk, INSIDE, async (name) => {
      let { missed, order } = await tabbed(page);
      // What the page has taken away or drawn anew meanwhile could not be reached: once more.
      for (let again = 0; again < 2 && missed.includes(null); again += 1) {
        ({ missed, order } = await tabbed(page));
      }
      expect(missed, `${name}: not reached`).toEqual([]);
      const start = order.indexOf(Math.min(...order));
      const turned = [...order.slice(start), ...order.slice(0, start)];
      expect(turned, `${name}: out of order`).toEqual([...turned].sort((a, b) => a - b));
    });
  } finally {
    await desk.end();
  }
});

test("a sign-up by the keyboard alone", async () => {
  const phone = await Profile.open();
  const { page } = phone;
  try {
    await practise(page, server);
    await go(page, "table");
    const sign = page.getByRole("link", { name: "Sign up", exact: true });
    await sign.focus();
    await page.keyboard.press("Enter");
    await page.locator("input:focus").waitFor();
    await page.keyboard.type("Siri Lie");
    await page.keyboard.press("Tab");
    await page.keyboard.type("070-174 06 22");
    await page.keyboard.press("Enter");
    await page.getByText("Siri Lie signed up").waitFor();
    await button(page, "Undo").waitFor();
    await inside(page);
  } finally {
    await phone.end();
  }
});
