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

  constructor() {
    addEventListener("hashchange", () => {
      this.#at = read();
    });
  }

  get screen(): Screen {
    return this.#at.screen;
  }

  get rest(): string[] {
    return this.#at.rest;
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

/** One step up, as the arrow at the top of a screen. Replaces, so that back does not lead down again. */
export function up(screen: Screen, ...rest: string[]): void {
  location.replace(to(screen, ...rest));
}

/** The invitation the page was opened with (`/j#1.…`), taken out of the address at once. */
export function takeInvitation(): string | null {
  if (location.pathname !== "/j") return null;
  const link = location.href;
  history.replaceState(null, "", "/");
  return link.includes("#") ? link : null;
}
