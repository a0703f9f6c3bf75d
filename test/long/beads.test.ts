/** The 513 issues of a real project, 204 with dependencies, imported whole and drained by four clones. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ROOT } from "../helpers/command.ts";
import { drainFile } from "../helpers/drain.ts";

const REAL = join(ROOT, "../shared/data/beads-issues.jsonl");
const LIMIT_MS = 1_800_000;

const isThere = existsSync(REAL);
if (!isThere) console.warn(`beads.test.ts: the real issues are skipped: ${REAL} is not there`);

test.skipIf(!isThere)("import --all, and a drain (A25, A29, B31)", { timeout: LIMIT_MS }, async () => {
  const { tasks, waiting } = await drainFile(REAL, LIMIT_MS);
  expect({ tasks, waiting }).toEqual({ tasks: 513, waiting: 204 });
});
