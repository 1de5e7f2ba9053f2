// Light, dark or outdoor. Without a choice the device's own light or dark is followed.

export const THEMES = ["light", "dark", "outdoor"] as const;
export type Theme = (typeof THEMES)[number];

const KEPT = "samla.theme";
const darkOutside = matchMedia("(prefers-color-scheme: dark)");

class Look {
  theme = $state<Theme>("light");

  begin(): void {
    this.#apply(this.#kept() ?? (darkOutside.matches ? "dark" : "light"));
    darkOutside.addEventListener("change", (outside) => {
      if (!this.#kept()) this.#apply(outside.matches ? "dark" : "light");
    });
  }

  choose(theme: Theme): void {
    localStorage.setItem(KEPT, theme);
    this.#apply(theme);
  }

  #kept(): Theme | undefined {
    return THEMES.find((theme) => theme === localStorage.getItem(KEPT));
  }

  #apply(theme: Theme): void {
    this.theme = theme;
    document.documentElement.dataset.theme = theme;
  }
}

export const look = new Look();
