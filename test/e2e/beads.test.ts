/** A queue brought from elsewhere, with its dependencies, drained by four clones. The whole of a real one: test/long. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { drainFile } from "../helpers/drain.ts";
import { tempDir } from "../helpers/git.ts";
import { Random } from "../simulation/random.ts";

const LIMIT_MS = 400_000;

/** Issues as Beads writes them: a third closed at the source, chains and stars of dependencies, an epic over them. */
function generated(issues: number, seed: number): string {
  const random = new Random(seed);
  const id = (index: number) => `gen-${index.toString(36)}`;
  const lines = Array.from({ length: issues }, (_, index) => {
    const before = index > 2 && random.chance(0.5) ? [random.int(index), index - 1] : [];
    return JSON.stringify({
      id: id(index),
      title: `Issue ${index}: "quoted" and: coloned`,
      description: `# Why\n\n- one\n- two: ${"x".repeat(random.int(200))}\n`,
      status: random.pick(["open", "closed", "in_progress"]),
      priority: random.int(5),
      issue_type: random.pick(["task", "bug", "feature", "epic"]),
      created_at: "2026-01-16T06:39:34.012345Z",
      updated_at: "2026-01-18T06:39:34.012345Z",
      labels: random.chance(0.3) ? ["core", "später"] : [],
      dependencies: [...new Set(before)].map((other) => ({
        issue_id: id(index),
        depends_on_id: id(other),
        type: "blocks",
      })),
    });
  });
  return `${lines.join("\n")}\n`;
}

test("import --all, and four clones that drain it (A25, A29, B31)", { timeout: LIMIT_MS }, async () => {
  const file = join(tempDir(), "issues.jsonl");
  writeFileSync(file, generated(60, 9));
  const { tasks, waiting } = await drainFile(file, LIMIT_MS);
  expect(tasks).toBe(60);
  expect(waiting).toBeGreaterThan(20);
});
