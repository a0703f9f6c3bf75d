import { defineConfig } from "vitest/config";

// The runs that take minutes: `npm run test:long`.
export default defineConfig({
  test: { pool: "forks", include: ["test/long/**/*.test.ts"], testTimeout: 1_800_000, maxWorkers: 1 },
});
