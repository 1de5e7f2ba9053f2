import { defineConfig } from "vitest/config";

// The browser tests start real servers and real browsers on a small machine: one file at a time, with patience.
export default defineConfig({
  test: {
    include: ["app/tests/**/*.test.ts"],
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
