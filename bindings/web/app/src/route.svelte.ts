// Where the reader is: `#/people/<id>` is the screen "people" with the rest ["<id>"]. An address never holds a name,
// a number or a link's secret.

export const SCREENS = ["table", "week", "people", "due", "more"] as const;
export type Screen = (typeof SCREENS)[number];

function read(): { screen: Screen; rest: string[] } {
  const [first, ...rest] = location.hash.replace(/^#\/?/, "").split("/").filter(Boolean);
  return { screen: SCREENS.find((screen) => screen === first) ?? "table", rest };
}

class Route {
  #at = $state.raw(read());
  /** Which entry of the browser's history this is. Each holds its own number, so that a step back is told from a step on. */
  #n = 0;
  /** The addresses of the entries, by their numbers; a page that is loaded again knows of none. */
  #trail: string[] = [];

  constructor() {
    this.#arrive();
    for (const event of ["popstate", "hashchange"]) addEventListener(event, () => this.#arrive());
  }

  get screen(): Screen {
    return this.#at.screen;
  }

  get rest(): string[] {
    return this.#at.rest;
  }

  /** Where the reader came from, if that is known. */
  get before(): string | undefined {
    return this.#trail[this.#n - 1];
  }

  /** Puts another address in the place of this one. */
  replace(address: string): void {
    history.replaceState(this.#n, "", address);
    this.#arrive();
  }

  #arrive(): void {
    const at = read();
    const here = to(at.screen, ...at.rest);
    if (here !== to(this.screen, ...this.rest)) this.#at = at;
    const numbered: unknown = history.state;
    if (typeof numbered === "number") this.#n = numbered;
    else {
      // A new entry, and what lay ahead of the last is gone; or a link to the very screen that it stands on.
      if (here !== this.#trail[this.#n]) {
        this.#n += 1;
        this.#trail.length = this.#n;
      }
      history.replaceState(this.#n, "");
    }
    this.#trail[this.#n] = here;
  }
}

export const route = new Route();

/** The address of a screen, for a link. */
export function to(screen: Screen, ...rest: string[]): string {
  return "#/" + [screen, ...rest].join("/");
}

export function go(screen: Screen, ...rest: string[]): void {
  location.hash = to(screen, ...rest);
}

/** One step up, as when a form is done: back, where the reader came from there; else in the place of this screen, so that
 *  back does not lead down again. */
export function up(screen: Screen, ...rest: string[]): void {
  const above = to(screen, ...rest);
  if (route.before === above) history.back();
  else route.replace(above);
}

/** Back to where the reader came from, as by the arrow at the top of a screen; to `above` where that is not known. */
export function leave(above: string): void {
  if (route.before === undefined) route.replace(above);
  else history.back();
}

/** The invitation the page was opened with (`/j#1.…`), taken out of the address at once. */
export function takeInvitation(): string | null {
  if (location.pathname !== "/j") return null;
  const link = location.href;
  history.replaceState(history.state, "", "/");
  return link.includes("#") ? link : null;
}
