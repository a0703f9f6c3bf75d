/** A real project's issues, imported whole, drained by four clones: each is finished once, and after what it waits for. */
import { existsSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, test } from "vitest";
import { did, OWP, owp, ROOT, start } from "../helpers/command.ts";
import { bareHub, cloneOf, gitTry, tempDir } from "../helpers/git.ts";
import { portrait, readHistory } from "../helpers/history.ts";
import { judge, type Told } from "../helpers/judge.ts";
import { Random } from "../simulation/random.ts";

const REAL = join(ROOT, "../shared/data/beads-issues.jsonl");
const LIBRARY = pathToFileURL(join(dirname(OWP), "../dist/index.js")).href;
const WORKER = join(ROOT, "test/helpers/drain-worker.mjs");
const WORKERS = ["ada", "bob", "cyd", "dan"];
/** What each of them may have in progress; finishing these at once is one push. */
const AT_ONCE = 4;
const LIMIT_MS = 400_000;

interface Facts {
  tasks: number;
  /** Tasks that wait for others. */
  waiting: number;
}

/** Imports a file into a new hub and lets four clones drain it. */
async function drainFile(file: string): Promise<Facts> {
  const hub = bareHub();
  const clones = WORKERS.map(() => cloneOf(hub));
  const [first = ""] = clones;
  const before = clones.map(portrait);
  const began = Date.now();
  const told: Told[] = [];
  const registered = WORKERS.map((name) => [
    "worker",
    "register",
    name,
    "--capacity-points",
    "100",
    "--max-concurrent-tasks",
    `${AT_ONCE}`,
  ]);
  for (const args of [
    ["init", "--repo", "web"],
    ["import", file, "--from", "beads", "--all"],
    ...registered,
  ]) {
    const answer = await did(first, [...args, "--as", "max"]);
    told.push({
      agent: "max",
      said: args.join(" "),
      op: answer.op,
      ok: true,
      code: "ok",
      ...(answer.commit && { commit: answer.commit }),
    });
  }
  const again = await did(first, ["import", file, "--from", "beads", "--all", "--as", "max"]);
  expect(again.commit).toBeUndefined();
  const imported = Date.now();

  const workers = clones.map(
    (dir, index) =>
      start(process.execPath, [WORKER, LIBRARY, dir, WORKERS[index] ?? "", `${AT_ONCE}`], dir, {
        limitMs: LIMIT_MS,
      }).ended,
  );
  for (const { status, stdout, stderr } of await Promise.all(workers)) {
    expect([status, stderr]).toEqual([0, ""]);
    told.push(
      ...stdout
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as Told),
    );
  }
  const drained = Date.now();

  const commits = readHistory(hub);
  const { complaints, untold, claims, done } = judge(commits, told);
  expect({ complaints, untold }).toEqual({ complaints: [], untold: [] });
  expect([...done.keys()].sort()).toEqual(WORKERS);
  const tasks = [...(commits[1]?.files.entries() ?? [])].filter(([path]) => path.startsWith("tasks/"));
  expect(claims).toBe(tasks.length);
  const range = await owp(first, [
    "validate",
    "--range",
    `${commits[0]?.oid}..${commits.at(-1)?.oid}`,
    "--json",
  ]);
  expect(range.answer?.error ?? range.answer?.result).toMatchObject({ errors: 0 });
  expect((await did(first, ["validate"])).result).toMatchObject({ errors: 0 });
  expect(gitTry(hub, "fsck", "--strict", "--no-dangling")).toEqual({ status: 0, output: "" });
  expect(clones.map(portrait)).toEqual(before);
  const seconds = [imported - began, drained - imported, Date.now() - drained].map((ms) =>
    (ms / 1000).toFixed(1),
  );
  console.log(
    `${tasks.length} tasks: imported in ${seconds[0]} s, drained in ${seconds[1]} s, judged in ${seconds[2]} s`,
  );
  return { tasks: tasks.length, waiting: tasks.filter(([, text]) => text?.includes("blocked_by:")).length };
}

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

describe("import --all, and four clones that drain it (A25, A29, B31)", () => {
  test("a generated graph", { timeout: LIMIT_MS }, async () => {
    const file = join(tempDir(), "issues.jsonl");
    writeFileSync(file, generated(60, 9));
    const { tasks, waiting } = await drainFile(file);
    expect(tasks).toBe(60);
    expect(waiting).toBeGreaterThan(20);
  });

  const isThere = existsSync(REAL);
  if (!isThere) console.warn(`beads.test.ts: the real issues are skipped: ${REAL} is not there`);

  test.skipIf(!isThere)(
    "the 513 issues of a real project, 204 with dependencies",
    { timeout: LIMIT_MS },
    async () => {
      expect((await drainFile(REAL)).tasks).toBe(513);
    },
  );
});
