// The app as it lies on the phone: what a first load costs, that it can be installed, how a new version comes, and that
// the policy of the page holds.

import { appendFile, cp, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { DIST, Profile, Server } from "./field";
import { button, go, offlineReady, practise } from "./steps";

let web: string;
let server: Server;
let phone: Profile;

beforeAll(async () => {
  web = await mkdtemp(join(tmpdir(), "samla-web-"));
  await cp(DIST, web, { recursive: true });
  server = await Server.start(web);
  phone = await Profile.open();
});
afterAll(async () => {
  await phone?.end();
  await server?.end();
  await rm(web, { recursive: true, force: true });
});

test("the page comes with its policy, and the manifest makes it installable", async () => {
  const answer = await fetch(server.url);
  const policy = answer.headers.get("content-security-policy") ?? "";
  for (const part of ["default-src 'self'", "script-src 'self' 'wasm-unsafe-eval'", "style-src 'self'", "connect-src 'self'", "object-src 'none'", "frame-ancestors 'none'"])
    expect(policy).toContain(part);
  expect(await answer.text()).not.toMatch(/<script(?![^>]*\bsrc=)[^>]*>|\sstyle=|\son\w+=/);

  const manifest = (await (await fetch(`${server.url}/manifest.webmanifest`)).json()) as { display: string; icons: { src: string }[] };
  expect(manifest.display).toBe("standalone");
  for (const icon of manifest.icons) expect((await fetch(`${server.url}/${icon.src}`)).ok).toBe(true);
});

test("no script of the app names another origin", async () => {
  await practise(phone.page, server);
  await offlineReady(phone.page);
  const scripts = phone.asked.filter((address) => address.endsWith(".js"));
  expect(scripts.length).toBeGreaterThan(3);
  expect(phone.asked.filter((address) => !address.startsWith(server.url))).toEqual([]);
  expect(phone.complaints).toEqual([]);
});

test("a new version waits, says so, and is taken with one tap", async () => {
  const { page } = phone;
  const worker = join(web, "sw.js");
  for (const squeezed of [`${worker}.br`, `${worker}.gz`]) await rm(squeezed, { force: true });
  await appendFile(worker, "\n// another version\n");
  await page.reload();
  await page.getByText("There is a new version").waitFor();
  await page.getByText("Canteen, Building B").waitFor();
  await button(page, "Take it").click();
  await page.getByText("There is a new version").waitFor({ state: "hidden" });
  await page.getByText("Canteen, Building B").waitFor();
  expect(await page.evaluate(() => navigator.serviceWorker.getRegistration().then((registration) => registration?.waiting ?? null))).toBeNull();
});

/** The table's name and how a week is written, in each language. */
const LANGUAGES = [
  ["sv", "Bord", /v\. \d+/],
  ["nb", "Stand", /uke \d+/],
  ["da", "Stand", /uge \d+/],
  ["fi", "Ständi", /vko \d+/],
  ["en", "Table", /week \d+/],
] as const;

test("every language has words for every screen", async () => {
  const { page } = phone;
  for (const [language, table, week] of LANGUAGES) {
    await page.evaluate((language) => localStorage.setItem("samla.language", language), language);
    await go(page, "table");
    await page.reload();
    await page.getByRole("heading", { level: 1, name: table }).waitFor();
    expect(await page.evaluate(() => document.documentElement.lang)).toBe(language);
    await page.getByText(week).first().waitFor();
    for (const place of ["table", "week", "people", "due", "more"] as const) {
      await go(page, place);
      await page.locator(`nav a[href="#/${place}"][aria-current="page"]`).waitFor();
      // A key without words would be shown as it is.
      expect(await page.locator("body").innerText(), `${language} ${place}`).not.toMatch(/\b[A-Za-z_]+\.[a-z_]+\b/);
    }
  }
  expect(Object.keys(JSON.parse(await readFile(join(DIST, "manifest.webmanifest"), "utf8")) as object)).toContain("icons");
});
