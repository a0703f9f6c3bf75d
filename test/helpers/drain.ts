/** Issues of Beads imported whole and drained by four clones: each is finished once, and after what it waits for. */
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect } from "vitest";
import { did, OWP, owp, ROOT, start } from "./command.ts";
import { bareHub, cloneOf, gitTry } from "./git.ts";
import { portrait, readHistory } from "./history.ts";
import { judge, type Told } from "./judge.ts";

const LIBRARY = pathToFileURL(join(dirname(OWP), "../dist/index.js")).href;
const WORKER = join(ROOT, "test/helpers/drain-worker.mjs");
const WORKERS = ["ada", "bob", "cyd", "dan"];
/** What each of them may have in progress; finishing these at once is one push. */
const AT_ONCE = 4;

interface Facts {
  tasks: number;
  /** Tasks that wait for others. */
  waiting: number;
}

/** Imports a file into a new hub and lets four clones drain it; they have `limitMs` for that. */
export async function drainFile(file: string, limitMs: number): Promise<Facts> {
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
        limitMs,
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
