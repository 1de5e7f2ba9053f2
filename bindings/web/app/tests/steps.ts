// What people do, by the words on the screen.

import type { Page } from "playwright-core";
import type { Server } from "./field";

export function button(page: Page, name: string | RegExp) {
  return page.getByRole("button", { name, exact: typeof name === "string" });
}

export function link(page: Page, name: string | RegExp) {
  return page.getByRole("link", { name, exact: typeof name === "string" });
}

export async function go(page: Page, place: "table" | "week" | "people" | "due" | "more", ...rest: string[]): Promise<void> {
  await page.evaluate((hash) => (location.hash = hash), ["#", place, ...rest].join("/"));
}

/** Types the characters that are asked back, read off the sheet as shown. */
export async function keepSheet(page: Page): Promise<string> {
  const groups = await page.locator("ol.groups code").allTextContents();
  const text = groups.slice(1).join(""); // places count after the first group
  await button(page, "I have kept it").click();
  const boxes = page.locator(".places label");
  for (let n = 0; n < (await boxes.count()); n += 1) {
    const place = Number(/\d+/.exec(await boxes.nth(n).innerText())?.[0]);
    await boxes.nth(n).locator("input").fill(text.charAt(place - 1));
  }
  await button(page, "Open the register").click();
  return text;
}

export async function createBook(page: Page, server: Server, name: string, me: string): Promise<void> {
  await page.goto(server.url);
  await button(page, "Start a new register").click();
  await page.getByLabel("Name of the register").fill(name);
  await page.getByLabel("Your name").fill(me);
  await button(page, "Start").click();
  await page.getByRole("heading", { name: "Recovery sheet" }).waitFor();
  await keepSheet(page);
  await inside(page);
}

/** Waits until the register is open. */
export async function inside(page: Page): Promise<void> {
  await page.getByRole("navigation", { name: "Places" }).waitFor();
}

export async function practise(page: Page, server: Server): Promise<void> {
  await page.goto(server.url);
  await button(page, "Practise first").click();
  await page.getByLabel("Your name").fill("Eva");
  await button(page, "Begin to practise").click();
  await inside(page);
}

/** Makes an invitation and answers its link once the server has it. */
export async function invite(page: Page): Promise<string> {
  await go(page, "more", "share");
  await button(page, "Make the invitation").click();
  await page.getByText("Ready to use", { exact: true }).waitFor();
  return page.locator(".link code").innerText();
}

export async function join(page: Page, link: string, me: string): Promise<void> {
  await page.goto(link);
  await page.getByText("The invitation is here").waitFor();
  await page.getByLabel("Your name").fill(me);
  await button(page, "Join").click();
}

/** Waits until everything is shared, by the words at the top. */
export async function shared(page: Page): Promise<void> {
  await page.getByText(/^Shared /).first().waitFor({ timeout: 40_000 });
}

export async function theme(page: Page, name: "light" | "dark" | "outdoor"): Promise<void> {
  await page.evaluate((theme) => {
    localStorage.setItem("samla.theme", theme);
    document.documentElement.dataset.theme = theme;
  }, name);
}

/** Waits until the service worker holds the whole app. */
export async function offlineReady(page: Page): Promise<void> {
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null, undefined, { timeout: 30_000 });
}

/** Gives the register a command that no screen has yet, by the Worker's own road, and answers what it answered. */
export async function command<T = string>(page: Page, call: string, ...args: unknown[]): Promise<T> {
  const worker = page.workers()[0];
  if (!worker) throw new Error("the Worker is not there");
  return worker.evaluate(
    ([call, args]) =>
      new Promise<T>((done, failed) => {
        const road = self as unknown as { postMessage: (message: { id?: number; ok?: T; error?: { code: string } }) => void };
        const post = road.postMessage;
        road.postMessage = (message) => {
          if (message.id !== -1) return post.call(self, message);
          road.postMessage = post;
          if (message.error) failed(new Error(message.error.code));
          else done(message.ok as T);
        };
        self.dispatchEvent(new MessageEvent("message", { data: { id: -1, call, args } }));
      }),
    [call, args] as const,
  );
}

/** Shares now, and waits until nothing is only here. */
export async function sent(page: Page): Promise<void> {
  await go(page, "more", "sync");
  await button(page, "Share now").click();
  await page.getByText("Nothing; all is shared").waitFor({ timeout: 40_000 });
}

/** The day so many days from now, as ISO 8601. */
export function dayFrom(days: number): string {
  const at = new Date(Date.now() + days * 24 * 60 * 60 * 1000);
  return `${at.getFullYear()}-${String(at.getMonth() + 1).padStart(2, "0")}-${String(at.getDate()).padStart(2, "0")}`;
}

/** Two phones in one register: the first founded it, the second joined. */
export async function together(first: Page, second: Page, server: Server): Promise<void> {
  await createBook(first, server, "Hamnklubben", "Eva Lund");
  await join(second, await invite(first), "Karin Ek");
  await inside(second);
}
