import { defineConfig } from "vitest/config";

// Two projects: everything that runs in-process, then the end-to-end cases that start processes and git.
// `npx vitest run test/domain` narrows by path, `--project e2e` by project. e2e needs a built dist/.
// What takes minutes is in test/long: `npm run test:long`.
export default defineConfig({
  test: {
    pool: "forks",
    reporters: ["default"],
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: ["test/**/*.test.ts"],
          exclude: ["test/e2e/**", "test/long/**"],
          testTimeout: 20_000,
          hookTimeout: 60_000,
          maxWorkers: "100%",
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: "e2e",
          include: ["test/e2e/**/*.test.ts"],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
    ],
    passWithNoTests: true,
  },
});
