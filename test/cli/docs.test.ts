import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { renderDocs } from "../../scripts/docs.ts";
import { ERRORS } from "../../src/core/refusal.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const pages = await renderDocs();

test.each(Object.keys(pages))("%s is what the tables say (npm run docs)", (path) => {
  expect(readFileSync(join(ROOT, path), "utf8")).toBe(pages[path]);
});

test("every error code has its row", () => {
  for (const code of Object.keys(ERRORS)) expect(pages["docs/errors.md"]).toContain(`| \`${code}\` |`);
});
