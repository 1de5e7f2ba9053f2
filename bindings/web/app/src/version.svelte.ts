// The service worker keeps the whole app on the phone. A new version waits until the reader takes it.

import { registerSW } from "virtual:pwa-register";

/** How often an app that stays open looks for a new version, in milliseconds. */
const LOOKS = 60 * 60 * 1000;

class Version {
  waiting = $state(false);
  #take: (() => Promise<void>) | null = null;

  begin(): void {
    const update = registerSW({
      immediate: true,
      onNeedRefresh: () => {
        this.waiting = true;
      },
      onRegisteredSW: (_address, registration) => {
        if (registration) setInterval(() => void registration.update().catch(() => undefined), LOOKS);
      },
    });
    this.#take = () => update(true);
  }

  take(): void {
    void this.#take?.();
  }
}

export const version = new Version();
