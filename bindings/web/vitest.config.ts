import { defineConfig } from "vitest/config";

// The browser tests start real servers and real browsers on a small machine: one file at a time, with patience.
const browser = { fileParallelism: false, testTimeout: 180_000, hookTimeout: 120_000 };

export default defineConfig({
  test: {
    projects: [
      { test: { name: "unit", include: ["app/src/**/*.test.ts"] } },
      { test: { name: "browser", include: ["app/tests/*.test.ts"], ...browser } },
      { test: { name: "screenshots", include: ["app/tests/screenshots.ts"], ...browser, testTimeout: 600_000 } },
    ],
  },
});
