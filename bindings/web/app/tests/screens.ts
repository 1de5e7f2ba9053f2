// Every screen and the way there, so that pictures, contrast, large text and keyboard are tried on all of them.

import type { Page } from "playwright-core";
import type { Server } from "./field";
import { button, go, link } from "./steps";

export interface ScreenOf {
  name: string;
  /** Leads the page there, from wherever it is. */
  there: (page: Page, server: Server) => Promise<void>;
}

async function fresh(page: Page, server: Server): Promise<void> {
  await page.goto(server.url);
  await page.getByRole("heading", { level: 1 }).waitFor();
}

/** The screens before there is a register; for a profile that has none. */
export const BEFORE: ScreenOf[] = [
  { name: "start", there: fresh },
  { name: "create", there: async (page, server) => { await fresh(page, server); await button(page, "Start a new register").click(); } },
  { name: "join", there: async (page, server) => { await fresh(page, server); await button(page, "Join with a link").click(); } },
  { name: "practise", there: async (page, server) => { await fresh(page, server); await button(page, "Practise first").click(); } },
  { name: "recover", there: async (page, server) => { await fresh(page, server); await button(page, "Use a recovery sheet").click(); } },
];

/** The recovery sheet, in the order it is met; for a profile that has no register. */
export const RECOVERY: ScreenOf[] = [
  {
    name: "recovery-sheet",
    there: async (page, server) => {
      await page.goto(server.url);
      await button(page, "Start a new register").click();
      await page.getByLabel("Name of the register").fill("Hamnklubben");
      await page.getByLabel("Your name").fill("Eva Lund");
      await button(page, "Start").click();
      await page.getByRole("heading", { name: "Recovery sheet" }).waitFor();
    },
  },
  { name: "recovery-ask", there: (page) => button(page, "I have kept it").click() },
];

const place = (name: string, heading: string | RegExp, at: Parameters<typeof go>[1], ...rest: string[]): ScreenOf => ({
  name,
  there: async (page) => {
    await go(page, at, ...rest);
    await page.getByRole("heading", { level: 1, name: heading }).last().waitFor();
  },
});

async function firstContact(page: Page): Promise<string> {
  await go(page, "people");
  await page.getByLabel("Name, phone or workplace").fill("Anna");
  const href = await link(page, /^Anna Lindqvist/).getAttribute("href");
  await page.getByLabel("Name, phone or workplace").fill("");
  return href?.split("/").at(-1) ?? "";
}

async function firstVisit(page: Page): Promise<string> {
  await go(page, "table");
  return (await link(page, /Details/).getAttribute("href"))?.split("/").at(-1) ?? "";
}

/** The screens of an open register; for a profile that practises. */
export const INSIDE: ScreenOf[] = [
  place("table", "Table", "table"),
  {
    name: "table-undo",
    there: async (page) => {
      await go(page, "table");
      await button(page, /Talked$/).first().click();
      await button(page, "Undo").waitFor();
    },
  },
  place("signup", "Sign up", "table", "signup"),
  {
    name: "signup-recruiter",
    there: async (page) => {
      await go(page, "table", "signup");
      await button(page, "More").click();
      await page.getByLabel("Recruiter").selectOption({ label: "A colleague who is no steward" });
      await page.getByLabel("Which colleague").pressSequentially("a");
    },
  },
  place("entries", "Last ten entries", "table", "entries"),
  place("week", "Week", "week"),
  place("visit-new", "Add a visit", "week", "new"),
  { name: "visit", there: async (page) => { const id = await firstVisit(page); await go(page, "week", "visit", id); await page.getByText("Who comes").waitFor(); } },
  { name: "visit-edit", there: async (page) => { const id = await firstVisit(page); await go(page, "week", "edit", id); await page.getByText("Change the visit").waitFor(); } },
  { name: "visit-repeat", there: async (page) => { const id = await firstVisit(page); await go(page, "week", "repeat", id); await page.getByLabel("Repeats until").waitFor(); } },
  { name: "season", there: async (page) => { await go(page, "week", "season"); await page.getByText("Visits by week").first().waitFor(); } },
  place("coverage", "Coverage", "week", "coverage"),
  { name: "workplace", there: async (page) => { await go(page, "week", "coverage"); await link(page, "Northern depot").click(); await page.getByLabel("Could be members").waitFor(); } },
  place("workplaces-archived", "No longer visited", "week", "archived"),
  { name: "calendar", there: async (page) => { await go(page, "week", "calendar"); await page.getByText("Coming").waitFor(); } },
  place("campaign-new", "Add a campaign", "week", "campaign"),
  { name: "campaign", there: async (page) => { await go(page, "week", "season"); await link(page, /^Three months free/).click(); await button(page, "More").click(); await page.getByLabel("Thanks to the recruiter").waitFor(); } },
  place("campaigns-past", "Past campaigns", "week", "past"),
  place("people", "People", "people"),
  place("person-new", "Add a person", "people", "new"),
  { name: "person-new-more", there: async (page) => { await go(page, "people", "new"); await button(page, "More").click(); await page.getByLabel("Contact person").waitFor(); } },
  { name: "person", there: async (page) => { await go(page, "people", "card", await firstContact(page)); await page.getByText("What happened").waitFor(); } },
  { name: "person-edit", there: async (page) => { await go(page, "people", "edit", await firstContact(page)); await page.getByLabel("Given name").waitFor(); } },
  { name: "talk", there: async (page) => { await go(page, "people", "talk", await firstContact(page)); await page.getByLabel("How it ended").waitFor(); } },
  { name: "membership", there: async (page) => { await go(page, "people", "membership", await firstContact(page)); await page.getByLabel("From which day").waitFor(); } },
  { name: "person-signup", there: async (page) => { await go(page, "people", "signup", await firstContact(page)); await button(page, "More").click(); await page.getByLabel("Occasion").waitFor(); } },
  { name: "follow-up", there: async (page) => { await go(page, "people", "promise", await firstContact(page)); await page.getByLabel("By when").waitFor(); } },
  { name: "person-twice", there: async (page) => { await go(page, "people"); await page.getByLabel("Name, phone or workplace").fill("Sofia"); await link(page, /^Sofia Berg/).click(); await page.getByText("read as one person").waitFor(); } },
  place("due", "Due", "due"),
  { name: "calls", there: async (page) => { await go(page, "due", "calls"); await link(page, "Note the call").first().waitFor(); } },
  { name: "call", there: async (page) => { await go(page, "due", "calls"); await link(page, "Note the call").first().click(); await page.getByText("Did they answer?").waitFor(); } },
  { name: "promises", there: async (page) => { await go(page, "due", "promises"); await button(page, "Kept").first().waitFor(); } },
  { name: "promise", there: async (page) => { await go(page, "due", "promises"); await link(page, "Find out about the parental pay").click(); await button(page, "Not kept").waitFor(); } },
  place("hand-over", "Hand over", "due", "handover"),
  { name: "new-hires", there: async (page) => { await go(page, "due", "new"); await page.getByText(/^First day/).first().waitFor(); } },
  place("not-spoken-with", "Not spoken with", "due", "silent"),
  { name: "links", there: async (page) => { await go(page, "due", "links"); await button(page, "Take it back").first().waitFor(); } },
  place("more", "More", "more"),
  place("sync", "Sharing", "more", "sync"),
  place("compare", "Compare with a colleague", "more", "compare"),
  place("team", "Team and phones", "more", "team"),
  place("settings", "Language and look", "more", "settings"),
  place("export", "Export", "more", "export"),
  place("about", "About Samla", "more", "about"),
  place("leave", "Erase the practice register", "more", "leave"),
  {
    name: "signup-duplicate",
    there: async (page) => {
      await go(page, "table", "signup");
      await page.getByLabel("Name", { exact: true }).pressSequentially("Anna Lindqvist");
      await page.getByLabel("Phone", { exact: true }).fill("0701740605");
      await page.getByText("Maybe you already met").waitFor();
      await button(page, "More").click();
    },
  },
];
